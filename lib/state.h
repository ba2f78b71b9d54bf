/* The state that goes from step to step: s (and c) of every lane, layer and direction, and what is pooled so far. */
#ifndef RNN_STATE_H
#define RNN_STATE_H

#include "parameters.h"
#include "part.h"

struct rnn_state {
  size_t lanes, layers, directions, d;
  bool second;
  real *s; /* [layers][directions][lanes][d] */
  real *c; /* the same, or NULL */
  /* of RNN_CLASSIFY (pooling.h), NULL where the pooling does without */
  bool last;             /* sum is no sum, but the last states */
  real *sum, *greatest;  /* [lanes][directions d] */
  double *weight, *peak; /* [lanes] what sum is divided by; of attention, the greatest score */
  struct rnn_frame_shape frame_shape;
  real *frame; /* [lanes][rnn_frame_memory] of the frames before, or NULL */
};

enum rnn_status rnn_state_create(struct rnn_state **state, const struct rnn_shape *shape, size_t lanes,
                                 struct rnn_error *error) RNN_MUST_CHECK;
void rnn_state_free(struct rnn_state *state); /* NULL is allowed */

/* s_0 in lanes [first, first + count): zero or the learned start; nothing pooled. */
void rnn_state_start(struct rnn_state *state, const struct rnn_parameters *parameters, size_t first, size_t count);

void rnn_state_start_direction(struct rnn_state *state, const struct rnn_parameters *parameters, size_t layer,
                               size_t direction, size_t first, size_t count); /* one layer's direction alone */

real *rnn_state_s(const struct rnn_state *state, size_t layer, size_t direction); /* [lanes][d] */
real *rnn_state_c(const struct rnn_state *state, size_t layer, size_t direction); /* [lanes][d] or NULL */

/* All that a state holds, as parts. */
enum rnn_status rnn_state_parts(struct rnn_state *state, const char *prefix, struct rnn_parts *parts,
                                struct rnn_error *error) RNN_MUST_CHECK;

/* Copies one lane to another (beams, reordered batches); not onto itself. */
void rnn_state_copy_lane(struct rnn_state *to, size_t to_lane, const struct rnn_state *from, size_t from_lane);

#endif
