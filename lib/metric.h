/* Counting how often the answer was right: confusion matrix, accuracy, precision, recall, F1, entity F1. */
#ifndef RNN_METRIC_H
#define RNN_METRIC_H

#include "error.h"
#include "vocabulary.h"

struct rnn_metric; /* a confusion matrix [k+1][k+1] (the last row and column: labels the model does not know) and the
                      log-loss */

enum rnn_status rnn_metric_create(struct rnn_metric **metric, size_t k, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_metric_free(struct rnn_metric *metric);

/* gold and predicted in 0 ... k-1 or RNN_ABSENT; nats = -log y[gold], 0 where gold is unknown. */
void rnn_metric_add(struct rnn_metric *metric, int32_t gold, int32_t predicted, double nats);
void rnn_metric_merge(struct rnn_metric *metric, const struct rnn_metric *more);

uint64_t rnn_metric_count(const struct rnn_metric *metric);
uint64_t rnn_metric_cell(const struct rnn_metric *metric, size_t gold, size_t predicted);
double rnn_metric_accuracy(const struct rnn_metric *metric); /* NAN where nothing was counted */
double rnn_metric_mean_nats(const struct rnn_metric *metric);
/* NAN where undefined (nothing predicted, nothing there). */
double rnn_metric_precision(const struct rnn_metric *metric, size_t label);
double rnn_metric_recall(const struct rnn_metric *metric, size_t label);
double rnn_metric_f1(const struct rnn_metric *metric, size_t label);
double rnn_metric_macro_f1(const struct rnn_metric *metric); /* over labels that are there; an undefined F1 counts 0 */

/* Entities of BIO tags, as conlleval counts them: an entity is right when its type, first and last step are. */
struct rnn_entities {
  uint64_t gold, predicted, correct;
};
/* gold, predicted: tag strings of one sequence [length]. */
void rnn_entities_add(struct rnn_entities *entities, const char *const *gold, const char *const *predicted,
                      size_t length);
double rnn_entities_f1(const struct rnn_entities *entities); /* NAN where there is none */

#endif
