/* One direction of one layer, over a whole batch:
 *
 *   a_t = U x_t + W s_{t-1} + b        s_t = f(a_t), or what the cell makes of a_t
 *
 * Rows are those of the batch (batch.h): row (t, lane) of a matrix belongs to that lane's step t. Vectors lie as rows,
 * so U x_t of all rows is the product x U^T. The reverse direction runs from each lane's last step to its first;
 * everywhere below "previous" and "t-1" mean the step before in the order of the direction. */
#ifndef RNN_LAYER_H
#define RNN_LAYER_H

#include "batch.h"
#include "parameters.h"

/* The weights of one direction of one layer, ready for the products. */
struct rnn_layer {
  const struct rnn_cell *cell;
  enum rnn_activation activation;
  bool reverse;
  size_t width;                /* of x_t */
  size_t d;                    /* of s_t */
  size_t stacked;              /* G d, of a_t */
  const real *u;               /* [G d][width], in the parameters, as w and b */
  const real *w;               /* [G d][d], or the vectors of an element-wise cell, or NULL */
  const real *b;               /* [G d] */
  real *ut;                    /* [width][G d] U^T of a small U, for one-hot x_t in prediction; else NULL */
  real *packed_ut, *packed_wt; /* U^T and W^T, for forward */
  real *packed_u, *packed_w;   /* U and W, for backward; NULL unless training; those of W NULL without W */
};

/* What forward leaves for backward. Without `kept` (prediction) `a` is there, h has the rows of one step, the rest is
 * NULL. */
struct rnn_tape_layer {
  bool kept;
  real *a;          /* [R][G d] a_t, or the activated gates of a gated cell */
  real *h;          /* [R][G d] W s_{t-1} for a cell that keeps it apart, else NULL */
  real *previous;   /* [R][d] s_{t-1} of each row */
  real *c;          /* [R][d] second state, or NULL */
  real *c_previous; /* [R][d] or NULL */
  real *da, *dh;    /* [R][G d] gradients; dh NULL unless apart */
  real *ds, *dc;    /* [R][d] dL/ds_t and dL/dc_t of each row, kept for those who look inside; else NULL */
};

/* What x_t is: a row of its own (a frame, or the output of the layer below); a row of the embedding, one for each
 * distinct symbol of the batch; the same with U x + b in `folded` already (prediction alone); or a one-hot vector,
 * never written down, which selects a column of U. */
enum rnn_layer_input { RNN_INPUT_ROWS, RNN_INPUT_EMBEDDED, RNN_INPUT_FOLDED, RNN_INPUT_ONE_HOT };

/* One run over one batch. Everything belongs to the caller. */
struct rnn_layer_run {
  const struct rnn_batch *batch;
  struct rnn_tape_layer *tape;
  enum rnn_layer_input input;
  const real *x;        /* [R][width] of RNN_INPUT_ROWS, [D][width] of RNN_INPUT_EMBEDDED */
  real *z;              /* [D][G d] scratch: U x + b of the distinct symbols; not for RNN_INPUT_ROWS */
  const real *folded;   /* U x + b of RNN_INPUT_FOLDED: [G d] each, */
  const int32_t *place; /* [D] that of the i-th distinct symbol is in row place[i] */
  const real *scale;    /* [B] what each lane's U x_t is multiplied by; NULL: nothing */
  real *s;              /* [B][d] in: before each lane's first step; out: after its last */
  real *c;              /* [B][d] likewise, or NULL */
  real *out;            /* s_t of each row, ld_out apart */
  size_t ld_out;
  /* backward alone */
  const real *dout;   /* dL/ds_t of each row from above, ld_out apart; NULL: zero */
  real *ds;           /* [B][d] in: dL/ds after each lane's last step, from elsewhere; out: dL/ds_0 of each lane */
  real *dc;           /* [B][d] in: zero; out: dL/dc_0; NULL without a second state */
  real *dz;           /* [D][G d] scratch */
  real *dx;           /* gradient of x, rows as x has them; NULL: not wanted */
  bool add_dx;        /* add to dx what is there already */
  real *du, *dw, *db; /* gradients of U, W (or w), b, which are added to; without du, W and b have none either */
};

enum rnn_status rnn_layer_init(struct rnn_layer *layer, const struct rnn_parameters *parameters, size_t index,
                               size_t direction, bool training, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_layer_clear(struct rnn_layer *layer); /* releases what it owns; a zeroed layer is allowed */
void rnn_layer_pack(struct rnn_layer *layer);  /* after the parameters have changed */

/* The same, for forward alone, after one of them has changed: `value`, anywhere in the parameters. */
void rnn_layer_pack_one(struct rnn_layer *layer, const real *value);

/* z [rows][G d] = U x + b of the rows of x [rows][width]. A row has the same bits alone and among others. */
void rnn_layer_project(const struct rnn_layer *layer, size_t rows, const real *x, real *z);

/* Allocates nothing, as does backward. */
void rnn_layer_forward(const struct rnn_layer *layer, const struct rnn_layer_run *run);

/* After forward with the same batch, tape and x: one sweep in the reverse order of forward (Werbos 1990). */
void rnn_layer_backward(const struct rnn_layer *layer, const struct rnn_layer_run *run);

#endif
