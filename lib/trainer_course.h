/* Where a training stands. With the parameters, the optimizer, the shards' states and the best parameters this is all
 * that changes from update to update. */
#ifndef RNN_TRAINER_COURSE_H
#define RNN_TRAINER_COURSE_H

#include "part.h"
#include "trainer_plan.h"

struct rnn_course {
  uint64_t epoch;        /* from 0 */
  uint64_t turn, window; /* the next window is this one, of this batch of the epoch */
  uint64_t updates, steps;
  double learning_rate; /* of the last update */
  double plateau;       /* product of the cuts */
  /* of this epoch */
  double nats; /* loss, of so many terms */
  uint64_t terms, epoch_updates, clipped;
  double norm_sum;
  /* of the epochs before */
  uint64_t best_epoch, since_best; /* from 1; 0: none */
  uint64_t ended; /* 1: epochs or patience are used up */
};

/* All of it, as parts. */
enum rnn_status rnn_course_parts(struct rnn_course *course, const char *prefix, struct rnn_parts *parts,
                                 struct rnn_error *error) RNN_MUST_CHECK;

/* True if a training that is planned so can stand there. Makes the batches of the epoch of `course`. */
bool rnn_course_fits(const struct rnn_course *course, struct rnn_plan *plan, uint64_t epochs);

#endif
