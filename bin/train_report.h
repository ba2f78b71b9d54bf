/* What rnn-train tells on its way: progress, a line for each epoch, the log. */
#ifndef RNN_TRAIN_REPORT_H
#define RNN_TRAIN_REPORT_H

#include <stdio.h>

#include "progress.h"
#include "temperature.h"
#include "trainer.h"
#include "wide_fit.h"

struct rnn_train_report {
  const struct rnn_options *options;
  const struct rnn_config *config; /* of the model */
  bool valid;                      /* there is validation */
  struct rnn_progress progress;
  const char *log_name;
  FILE *log; /* NULL: none */
};

/* `log`: the file of --log, or NULL. RNN_CANNOT_CREATE. */
enum rnn_status rnn_train_report_open(struct rnn_train_report *report, const struct rnn_options *options,
                                      const char *log, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_train_report_close(struct rnn_train_report *report);

void rnn_train_report_begin(struct rnn_train_report *report, const struct rnn_config *config, bool valid);

/* Writes the log of the epochs that an earlier run made, after rnn_train_report_begin. */
enum rnn_status rnn_train_report_repeat(struct rnn_train_report *report, const struct rnn_model *model,
                                        struct rnn_error *error) RNN_MUST_CHECK;

/* After each step of the trainer. RNN_WRITE_FAILED of the log. */
enum rnn_status rnn_train_report_tell(struct rnn_train_report *report, const struct rnn_report *step,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* After the wide path was made; report->texts = 0: without a measure. */
void rnn_train_report_wide(const struct rnn_train_report *report, const struct rnn_wide *wide,
                           const struct rnn_wide_report *measure);

/* After the network was scaled by a temperature. */
void rnn_train_report_temperature(const struct rnn_train_report *report, const struct rnn_temperature *found);

#endif
