/* Counting how often the answer was right: confusion matrix, accuracy, precision, recall, F1, entity F1. */
#ifndef RNN_METRIC_H
#define RNN_METRIC_H

#include "error.h"
#include "vocabulary.h"

/* A confusion matrix [k+1][k+1], the last row and column for labels the model does not know, and the log-loss. */
struct rnn_metric;

enum rnn_status rnn_metric_create(struct rnn_metric **metric, size_t k, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_metric_free(struct rnn_metric *metric); /* NULL is allowed */

/* gold and predicted in 0 ... k-1 or RNN_ABSENT; nats = -log y[gold], 0 where gold is unknown. An unknown gold label is
 * always a mistake. */
void rnn_metric_add(struct rnn_metric *metric, int32_t gold, int32_t predicted, double nats);
void rnn_metric_merge(struct rnn_metric *metric, const struct rnn_metric *more); /* of the same k */

uint64_t rnn_metric_count(const struct rnn_metric *metric);
uint64_t rnn_metric_cell(const struct rnn_metric *metric, size_t gold, size_t predicted); /* k: unknown */
double rnn_metric_accuracy(const struct rnn_metric *metric);  /* NAN where nothing was counted */
double rnn_metric_mean_nats(const struct rnn_metric *metric); /* over known gold labels; NAN where there are none */
/* Of one label, TP / (TP + FP), TP / (TP + FN) and 2 TP / (2 TP + FP + FN); NAN where that is 0 / 0. */
double rnn_metric_precision(const struct rnn_metric *metric, size_t label);
double rnn_metric_recall(const struct rnn_metric *metric, size_t label);
double rnn_metric_f1(const struct rnn_metric *metric, size_t label);
double
rnn_metric_macro_f1(const struct rnn_metric *metric); /* mean over labels that are in the gold; NAN without any */

/* Entities of BIO tags ("B-loc", "I-loc", "O"; E and S of BIOES too), as the CoNLL evaluation counts them: an I that
 * follows no entity of its type begins one; an entity is right when its type, first and last step are (Tjong Kim Sang,
 * Buchholz 2000). */
struct rnn_entities {
  uint64_t gold, predicted, correct;
};
/* gold, predicted: tags of one sequence [length]; NULL counts as "O". */
void rnn_entities_add(struct rnn_entities *entities, const char *const *gold, const char *const *predicted,
                      size_t length);
double rnn_entities_precision(const struct rnn_entities *entities); /* NAN where nothing was predicted */
double rnn_entities_recall(const struct rnn_entities *entities);    /* NAN where there is none */
double rnn_entities_f1(const struct rnn_entities *entities);        /* NAN where there is neither */

#endif
