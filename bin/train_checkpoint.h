/* When rnn-train saves where it stands, and how it goes on from there. */
#ifndef RNN_TRAIN_CHECKPOINT_H
#define RNN_TRAIN_CHECKPOINT_H

#include "checkpoint.h"
#include "options.h"
#include "trainer.h"

struct rnn_train_checkpoint {
  const struct rnn_options *options;
  struct rnn_trainer *trainer;
  struct rnn_model *model;
  struct rnn_checkpoint *checkpoint; /* NULL: none was asked for */
  uint64_t every_updates;            /* 0: by the clock */
  double every_sec;
  uint64_t saved_update; /* when it was saved last */
  double saved_sec;
  double begun_sec, before_sec; /* of this run; how long the runs before have trained */
  double trained_sec;           /* before_sec and this run, when it was saved */
};

/* --checkpoint-every: a number of updates or a duration; false for neither. */
bool rnn_train_checkpoint_parse(const char *text, uint64_t *updates, double *seconds);

/* Opens `path` (NULL: none), before the first update, and goes on from what was saved there. *resumed tells. */
enum rnn_status rnn_train_checkpoint_begin(struct rnn_train_checkpoint *checkpoint, const char *path,
                                           uint64_t valid_digest, bool *resumed, struct rnn_error *error);

/* After a step: saves if it is time to. A save that fails is told, and training goes on. */
void rnn_train_checkpoint_tell(struct rnn_train_checkpoint *checkpoint, const struct rnn_report *report);

/* Saves for the last time; nothing without a checkpoint. */
enum rnn_status rnn_train_checkpoint_save(struct rnn_train_checkpoint *checkpoint, struct rnn_error *error);

/* Seconds of training, those of the runs before included. */
double rnn_train_checkpoint_seconds(const struct rnn_train_checkpoint *checkpoint);

void rnn_train_checkpoint_close(struct rnn_train_checkpoint *checkpoint);

#endif
