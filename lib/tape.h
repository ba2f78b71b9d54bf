/* What forward leaves for backward: activations of one batch. Sized before the first step. */
#ifndef RNN_TAPE_H
#define RNN_TAPE_H

#include "candidates.h"
#include "crf.h"
#include "dropout.h"
#include "fold.h"
#include "layer.h"
#include "state.h"

/* For prediction (training = false) the layers share one `a` and two `out`, and nothing is kept for backward. */
struct rnn_tape {
  size_t capacity_lanes, capacity_steps, capacity_rows, capacity_distinct;
  bool training;
  struct rnn_tape_layer layer[RNN_MOST_LAYERS][2];
  real *out[RNN_MOST_LAYERS];  /* [R][directions d] states of each layer */
  real *up[RNN_MOST_LAYERS];   /* [R][directions d] what it hands up: out, or with a residual network the sum of out and
                                  what it read */
  real *dout[RNN_MOST_LAYERS]; /* the gradient of up, two blocks taken in turn; training only */
  real *x;                     /* [D][e] embedding of the distinct symbols, or [R][n] what frames became, or NULL */
  real *z;                     /* [D][G d] U x + b of the distinct symbols, one direction at a time */
  real *dz;                    /* [D][G d] */
  real *pooled;                /* [B][pooled] what the lanes are classified by (pooling.h), RNN_CLASSIFY */
  real *dpooled;               /* its gradient; training only */
  real *dx;                    /* [D][e] gradients of the distinct symbols' vectors; training only */
  real *score;                 /* [R] q s_t of attention; training only, as are the next three */
  int32_t *greatest_step;      /* [B][directions d] of max: the step of this batch that has it, or -1 */
  double *weight, *peak;       /* [B] those of the state that `pooled` was read from */
  real *y;                     /* [R or B][k] logits, then softmax, then dL/dz */
  real *ds, *dc;               /* [B][d] gradients that go from step to step; training only */
  real *block;                 /* all matrices above */
  real *inside;                /* what rnn_tape_keep_inside has added */
  struct rnn_crf_tape *crf[RNN_MOST_COLUMNS]; /* of each column; owned; NULL: the tags are no chain */
  struct rnn_dropout *dropout;                /* owned; NULL: none */
  const real *moved;                          /* [D][e] not owned: added to the symbols' vectors; NULL: nothing */
  const real *scale;     /* [B] not owned: a factor of each lane's U x_t, unknown to backward; NULL: none */
  struct rnn_fold *fold; /* not owned, prediction alone: knows the batch (rnn_fold_find); NULL: x is read anew */
  const struct rnn_objective *objective; /* not owned, training alone; NULL: the loss as it is */
  struct rnn_candidates *candidates;     /* owned, training only: y is over these, [R][C]; NULL: over all classes */
};

/* Memory for any batch of at most so many lanes, steps and rows, and distinct symbols as n and the rows allow;
 * `training` makes room for the gradients. */
enum rnn_status rnn_tape_create(struct rnn_tape **tape, const struct rnn_shape *shape, size_t lanes, size_t steps,
                                size_t rows, bool training, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_tape_free(struct rnn_tape *tape); /* NULL is allowed */

/* From now on forward draws masks and leaves units out, and backward with it; once, for a training tape. The caller
 * sets tape->dropout->epoch and update before each forward pass, unless tape->dropout is NULL: all shares are 0. */
enum rnn_status rnn_tape_add_dropout(struct rnn_tape *tape, const struct rnn_shape *shape,
                                     struct rnn_dropout_shares share, struct rnn_error *error) RNN_MUST_CHECK;

/* From now on forward computes y of some of the classes, and backward with it; once, for a training tape, which then
 * may have been made for a shape of rnn_candidates_most classes. `frequent` as in rnn_candidates_create; the caller
 * sets tape->candidates->epoch and update before each forward pass. */
enum rnn_status rnn_tape_add_candidates(struct rnn_tape *tape, const struct rnn_shape *shape, size_t draws,
                                        size_t frequent, uint64_t seed, struct rnn_error *error) RNN_MUST_CHECK;

/* From now on backward keeps dL/ds_t and dL/dc_t of every step in the layers' ds and dc; once, for a training tape. */
enum rnn_status rnn_tape_keep_inside(struct rnn_tape *tape, const struct rnn_shape *shape,
                                     struct rnn_error *error) RNN_MUST_CHECK;

#endif
