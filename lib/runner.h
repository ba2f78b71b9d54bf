/* One worker's share of a network: a batch, the state that goes from step to step, and a tape. A network that reads in
 * one direction takes a sequence of any length in windows whose state is carried, in constant memory and with the bits
 * of the whole; one that reads in both directions, or whose tags are a chain,
 * needs the whole sequence at once. */
#ifndef RNN_RUNNER_H
#define RNN_RUNNER_H

#include "network.h"

/* Memory of a tape at the start, and the most that one long sequence of a bidirectional network may make it. */
#define RNN_RUNNER_BYTES      ((size_t)2 << 20)
#define RNN_RUNNER_MOST_BYTES ((size_t)256 << 20)

/* Where the answers go: y [k] of step t of sequence i, valid during the call. */
struct rnn_answer {
  void (*take)(void *context, size_t i, size_t t, size_t k, const real *y);
  void *context;
  /* Of tags that are a chain, after `take`: of each column the one of the most probable tagging, numbered as in y. May
   * be NULL. */
  void (*decide)(void *context, size_t i, size_t t, size_t column, int32_t tag, real probability);
};

struct rnn_runner {
  const struct rnn_network *network;
  bool whole;                               /* both directions, or a chain: no windows */
  size_t most_lanes, most_steps, most_rows; /* what batch and tape have room for */
  struct rnn_batch *batch;
  struct rnn_state *state; /* [most_lanes]; the caller starts its lanes */
  struct rnn_tape *tape;
  struct rnn_fold *fold;       /* what the tape has of it, or NULL; outlives a tape */
  struct rnn_sequence *window; /* [most_lanes] what of each sequence is in the batch */
  struct rnn_loss *loss;       /* NULL at first; else [columns]: the sequences have targets, whose loss is added here */
  size_t each;                 /* 0 at first; else RNN_CLASSIFY answers each step t with (t + 1) % each = 0, too */
  size_t before;               /* 0 at first; steps that all sequences have behind them: t goes on from there */
};

/* Memory for at most `most_lanes` sequences side by side; the network must outlive the runner. */
enum rnn_status rnn_runner_init(struct rnn_runner *runner, const struct rnn_network *network, size_t most_lanes,
                                struct rnn_error *error) RNN_MUST_CHECK;
void rnn_runner_clear(struct rnn_runner *runner); /* releases what it owns; also after a failed init */

/* The longest sequence this network can take: SIZE_MAX in one direction. */
size_t rnn_runner_longest(const struct rnn_network *network);

/* How many of `count` sequences, longest first, may go together. At least 1. */
size_t rnn_runner_lanes(const struct rnn_runner *runner, const struct rnn_sequence *sequence, size_t count);

/* Runs sequences (longest first, none of length 0, as many as rnn_runner_lanes allows) from the state of lanes
 * 0 ... count-1, and leaves there the state after the last step of each. `answer` gets y of every step, in order of t;
 * for RNN_CLASSIFY of the last step, and as `each` says. NULL: no y is computed. Allocates only where `whole` and a
 * sequence is longer than any before; RNN_DATA past rnn_runner_longest. */
enum rnn_status rnn_runner_run(struct rnn_runner *runner, const struct rnn_sequence *sequence, size_t count,
                               const struct rnn_answer *answer, struct rnn_error *error) RNN_MUST_CHECK;

#endif
