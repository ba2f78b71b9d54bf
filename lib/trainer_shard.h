/* A fixed part of each batch: its own lanes, tape, state and gradient, so that shards run side by side on threads and
 * their sums are the same on any number of them. */
#ifndef RNN_TRAINER_SHARD_H
#define RNN_TRAINER_SHARD_H

#include "adversary.h"
#include "bptt.h"
#include "pool.h"
#include "trainer_plan.h"
#include "trainer_source.h"

enum { RNN_SHARD_LANES = 16, RNN_MOST_SHARDS = 8 };

/* Into how many shards a batch of so many lanes is cut: one for each RNN_SHARD_LANES, RNN_MOST_SHARDS at most. */
size_t rnn_shard_count(size_t lanes);

struct rnn_shard {
  const struct rnn_source *source;
  const struct rnn_config *config;
  size_t lanes;              /* of the present batch; 0: nothing to do */
  struct rnn_segment *lane;  /* [lanes] longest first */
  struct rnn_sequence *view; /* [lanes] the present window of each */
  int32_t *symbol;           /* symbols after word dropout, or NULL */
  float *frame;              /* frames as rnn_augment_sequence changed them, or NULL */
  int32_t *tag;              /* and their tags, or NULL */
  struct rnn_batch *batch;
  struct rnn_tape *tape;
  struct rnn_state *state; /* after the last window */
  struct rnn_gradient *gradient;
  struct rnn_adversary adversary;
  bool ready;           /* the present window has lanes left */
  struct rnn_loss loss; /* of the present window, all columns together */
  enum rnn_status status;
  struct rnn_error error;
};

/* True if training goes over some of the classes: there are more than config.sampled_softmax. */
bool rnn_shard_samples(const struct rnn_config *config, const struct rnn_shape *shape);

/* Room for the shards of any batch of `plan`; source and config must outlive it. */
enum rnn_status rnn_shard_init(struct rnn_shard *shard, const struct rnn_source *source,
                               const struct rnn_config *config, struct rnn_plan *plan,
                               struct rnn_error *error) RNN_MUST_CHECK;
void rnn_shard_clear(struct rnn_shard *shard); /* releases what it owns; a zeroed shard is allowed */

/* Takes its lanes from the i-th batch of the epoch: each `shards`-th from lane number `number` on; none if number >=
 * shards. */
void rnn_shard_take(struct rnn_shard *shard, const struct rnn_plan *plan, size_t i, size_t number, size_t shards);

/* Fills the batch with steps [begin, begin + steps) of each lane, those that are that long. What is left out of it is a
 * function of the epoch and of the number of the update alone. */
void rnn_shard_fill(struct rnn_shard *shard, uint32_t epoch, uint64_t update, size_t begin, size_t steps);

/* Forward and, where there are targets, backward: leaves loss, gradient and the state after the window. The first
 * window starts from s_0; later ones are carried. */
void rnn_shard_run(struct rnn_shard *shard, const struct rnn_network *network, bool carried);

/* *sum = the gradients of shards 0, 1, ... added in this order; those that are not ready or have no target are left
 * out. Answers the gradient to use: that of the only shard, or sum. */
struct rnn_gradient *rnn_shard_reduce(struct rnn_shard *shard, size_t shards, struct rnn_gradient *sum,
                                      struct rnn_pool *pool);

#endif
