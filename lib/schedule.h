/* The learning rate at each update. */
#ifndef RNN_SCHEDULE_H
#define RNN_SCHEDULE_H

#include "config.h"

/* `update` counts from 0, of `total`; `epoch` from 0; `plateau` is the product of the cuts made so far. The rate rises
 * linearly to config.learning_rate over the first config.warmup_updates updates; then, with p the share of the other
 * updates that is done: constant; linear, 1 - p; cosine, (1 + cos(pi p)) / 2 (Loshchilov, Hutter 2017); exponential,
 * decay^epoch; plateau. */
double rnn_schedule_rate(const struct rnn_config *config, uint64_t update, uint64_t total, uint32_t epoch,
                         double plateau);

#endif
