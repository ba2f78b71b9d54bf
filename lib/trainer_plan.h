/* Which sequences are read together, and when: a function of the corpus, the config and the number of the epoch. */
#ifndef RNN_TRAINER_PLAN_H
#define RNN_TRAINER_PLAN_H

#include "config.h"
#include "sequence.h"

/* Steps [begin, begin + length) of a sequence of the corpus, read from s_0 on as if they were a sequence. */
struct rnn_segment {
  size_t sequence, begin, length;
};

/* Batches of one epoch. */
struct rnn_plan {
  const struct rnn_corpus *corpus;
  uint64_t seed;
  size_t most_lanes;           /* config.batch */
  size_t tau;                  /* steps of a window; SIZE_MAX for bptt = full */
  size_t most_steps;           /* of a labelled sequence, its last ones */
  size_t segments;             /* of this epoch */
  struct rnn_segment *segment; /* [segments] */
  size_t *order;               /* [segments] batch b is most_lanes of these from b * most_lanes on, longest first */
  size_t *scratch;             /* [segments] */
  size_t batches;
  size_t *turn; /* [batches] the batch that is read as the i-th */
};

/* A plan without batches yet; the corpus must outlive it. Sized for any epoch. */
enum rnn_status rnn_plan_create(struct rnn_plan **plan, const struct rnn_config *config,
                                const struct rnn_corpus *corpus, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_plan_free(struct rnn_plan *plan); /* NULL is allowed */

/* Makes the batches of an epoch. The segments are shuffled; neighbourhoods of some batches are sorted by length and cut
 * into batches; the batches are shuffled. A segment is a sequence (of RNN_CLASSIFY what config.max_steps leaves of it);
 * but where a corpus for RNN_COMPLETE has fewer sequences longer than tau than a batch has lanes, these are cut into so
 * many consecutive pieces that they fill a batch, at places that move by less than tau from epoch to epoch. */
void rnn_plan_epoch(struct rnn_plan *plan, uint32_t epoch);

/* The segments of the i-th batch, as numbers, longest first; *lanes of them. */
const size_t *rnn_plan_batch(const struct rnn_plan *plan, size_t i, size_t *lanes);

/* How many windows of at most tau steps the i-th batch takes. */
size_t rnn_plan_windows(const struct rnn_plan *plan, size_t i);

/* How many updates the epoch makes if every target counts: one a window (of RNN_CLASSIFY: in which a segment ends). */
uint64_t rnn_plan_updates(const struct rnn_plan *plan);

/* The most steps that a window can have, and the most rows with so many lanes, in any epoch. rnn_plan_most_rows uses
 * the room of the batches: make them afterwards. */
size_t rnn_plan_most_steps(const struct rnn_plan *plan);
size_t rnn_plan_most_rows(struct rnn_plan *plan, size_t lanes);

#endif
