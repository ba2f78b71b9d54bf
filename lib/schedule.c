/* The learning rate at each update. */
#include "schedule.h"

#include <math.h>

/* Share of the updates after the warm-up that are done, 0 ... 1. */
static double progress(const struct rnn_config *config, uint64_t update, uint64_t total)
{
  uint64_t warmup = (uint64_t)config->warmup_updates;
  if (update <= warmup)
    return 0;
  return update >= total ? 1 : (double)(update - warmup) / (double)(total - warmup);
}

double rnn_schedule_rate(const struct rnn_config *config, uint64_t update, uint64_t total, uint32_t epoch,
                         double plateau)
{
  if (update < (uint64_t)config->warmup_updates)
    return config->learning_rate * (double)(update + 1) / (double)config->warmup_updates;
  switch ((enum rnn_schedule_kind)config->schedule) {
  case RNN_CONSTANT:
    break;
  case RNN_LINEAR:
    return config->learning_rate * (1 - progress(config, update, total));
  case RNN_COSINE:
    return config->learning_rate * 0.5 * (1 + cos(3.141592653589793 * progress(config, update, total)));
  case RNN_EXPONENTIAL:
    return config->learning_rate * pow(config->decay, epoch);
  case RNN_PLATEAU:
    return config->learning_rate * plateau;
  }
  return config->learning_rate;
}
