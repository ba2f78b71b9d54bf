/* What forward leaves for backward: activations of one batch. Sized before the first step. */
#ifndef RNN_TAPE_H
#define RNN_TAPE_H

#include "layer.h"
#include "state.h"

/* For prediction (training = false) the layers share one `a` and two `out`, and nothing is kept for backward. */
struct rnn_tape {
  size_t capacity_lanes, capacity_steps, capacity_rows, capacity_distinct;
  bool training;
  struct rnn_tape_layer layer[RNN_MOST_LAYERS][2];
  real *out[RNN_MOST_LAYERS];  /* [R][directions d] output of each layer */
  real *dout[RNN_MOST_LAYERS]; /* its gradient, two blocks taken in turn; training only */
  real *x;                     /* [D][e] embedding of the distinct symbols, or [R][n] frames as reals, or NULL */
  real *z;                     /* [D][G d] U x + b of the distinct symbols, one direction at a time */
  real *dz;                    /* [D][G d] */
  real *final_s;               /* [B][directions d] last state of each lane of the top layer, RNN_CLASSIFY */
  real *dfinal_s;              /* its gradient; training only */
  real *y;                     /* [R or B][k] logits, then softmax, then dL/dz */
  real *ds, *dc;               /* [B][d] gradients that go from step to step; training only */
  real *block;                 /* all of the above */
};

/* Memory for any batch of at most so many lanes, steps and rows; `training` makes room for the gradients. */
enum rnn_status rnn_tape_create(struct rnn_tape **tape, const struct rnn_shape *shape, size_t lanes, size_t steps,
                                size_t rows, bool training, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_tape_free(struct rnn_tape *tape); /* NULL is allowed */

#endif
