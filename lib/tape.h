/* What forward leaves for backward: activations of one batch. Sized before the first step. */
#ifndef RNN_TAPE_H
#define RNN_TAPE_H

#include "batch.h"
#include "state.h"

/* One direction of one layer; rows as in the batch. */
struct rnn_tape_layer {
  real *a;          /* [R][G d] activated gates */
  real *h;          /* [R][G d] W s_{t-1} for cells that keep it apart, else NULL */
  real *previous;   /* [R][d] s_{t-1} of each row */
  real *c;          /* [R][d] or NULL */
  real *c_previous; /* [R][d] or NULL */
  real *da, *dh;    /* [R][G d], training only; dh NULL unless apart */
};

struct rnn_tape {
  size_t capacity_lanes, capacity_steps, capacity_rows, capacity_distinct;
  bool training;
  struct rnn_tape_layer layer[RNN_MOST_LAYERS][2];
  real *out[RNN_MOST_LAYERS];  /* [R][directions d] output of each layer */
  real *dout[RNN_MOST_LAYERS]; /* its gradient; training only */
  real *x;                     /* [D][e] embedding of the distinct symbols, or [R][n] frames as reals */
  real *z;                     /* [D][G d] U x of the distinct symbols, one direction at a time */
  real *dz;                    /* [D][G d] */
  real *final_s;               /* [B][directions d] last state of each lane, RNN_CLASSIFY */
  real *y;                     /* [R or B][k] logits, then softmax, then dL/dz */
  real *ds, *ds_direct, *dc;   /* [B][d] gradients that go from step to step */
  real *scratch;
};

/* Memory for any batch of at most so many lanes, steps and rows; `training` makes room for the gradients. */
enum rnn_status rnn_tape_create(struct rnn_tape **tape, const struct rnn_shape *shape, size_t lanes, size_t steps,
                                size_t rows, bool training, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_tape_free(struct rnn_tape *tape);

#endif
