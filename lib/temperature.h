/* Probabilities that are as often right as they say: temperature scaling (Guo, Pleiss, Sun, Weinberger 2017). Of a
 * trained network the logits are divided by the T under which validation data are most probable,
 *
 *   y_t = softmax((V s_t + c) / T),     of a chain of tags p(tags) ~ exp(score(tags) / T)
 *
 * which changes no answer, only how sure it is. V, c and A are divided themselves: the model computes what it did, and
 * a reader of models need not know. */
#ifndef RNN_TEMPERATURE_H
#define RNN_TEMPERATURE_H

#include "model.h"
#include "pool.h"

struct rnn_temperature {
  double temperature; /* T; of several columns of tags each has its own */
  double nats;        /* a target of the validation data, after */
};

/* Finds T, found [columns], of a tagger or classifier, within 0.1 ... 10, and scales the model, which is without a wide
 * path (that has shares of its own, wide_fit.h); `valid` is in its numbers and has targets. With few targets T stays
 * near 1. The answer does not depend on the number of threads. */
enum rnn_status rnn_temperature_fit(struct rnn_model *model, const struct rnn_corpus *valid, struct rnn_pool *pool,
                                    struct rnn_temperature *found, struct rnn_error *error) RNN_MUST_CHECK;

#endif
