/* Cells: what happens at one step, for all lanes of a batch. Each cell is one file with its equations, and one row in
 * the table of cell.c; nothing else names a cell.
 *
 * A layer computes the products with U and W, a cell computes the rest; an element-wise cell has no W, but vectors that
 * its state is multiplied by element by element, which it does itself. For B lanes at step t:
 *
 *   a [B][G d]         pre-activation U x_t + b, and + W s_{t-1} unless the cell keeps that apart;
 *                      G gates of d elements each, stacked as PyTorch stacks them
 *   h [B][G d]         W s_{t-1}, only for a cell that keeps it apart (GRU: its reset gate multiplies the product)
 *   s_previous, s [B][d]   hidden state before and after the step
 *   c_previous, c [B][d]   second state before and after the step (LSTM), NULL for cells without one
 *
 * The tape keeps all of these for backward. A gated cell leaves its activated gates in `a`. */
#ifndef RNN_CELL_H
#define RNN_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "real.h"

/* One step of B lanes. Rows of a, h, da, dh lie G d apart, those of s lie ld_s apart, all others d apart. */
struct rnn_cell_step {
  size_t lanes; /* B */
  size_t d;
  enum rnn_activation activation; /* f, for a cell that leaves the choice */
  const real *w;                  /* [vectors d], of an element-wise cell */
  real *a, *h;
  const real *s_previous, *c_previous;
  real *s, *c; /* out of forward, read by backward; in forward c may be c_previous itself */
  size_t ld_s; /* distance between rows of s (a direction's part of a layer's output) */
  /* backward alone */
  real *ds; /* [B][d] in: dL/ds_t; out, for a `direct` cell: the part of dL/ds_{t-1} that does not go through W */
  real *dc; /* [B][d] in: dL/dc_t from step t+1; out: dL/dc_{t-1} */
  real *da; /* [B][G d] out: dL/da_t */
  real *dw; /* [vectors d] grows by the gradient of w, lane after lane */
  real *dh; /* [B][G d] out: dL/d(W s_{t-1}), for a cell that keeps it apart */
};

struct rnn_cell {
  const char *name;
  const char *equations; /* one line, for rnn-inspect and the manual */
  size_t gates;          /* G */
  const char *letters;   /* [G] the name of each gate, in their order, and */
  const char *squashed;  /* [G] how the tape's a keeps it: 'l' logistic(a), 't' tanh(a), '-' as it is */
  bool second_state;     /* has c */
  bool apart;            /* keeps W s_{t-1} apart from U x_t + b */
  bool direct;           /* s_{t-1} reaches s_t also past W: backward writes ds */
  bool activation;       /* f is the user's choice */
  bool elementwise;      /* no W; direct */
  size_t vectors;        /* [d] each, that stand in the place of W; they start at 0 unless there is but one */
  void (*forward)(const struct rnn_cell_step *step);
  void (*backward)(const struct rnn_cell_step *step);
  void (*initial_bias)(size_t d, real *b); /* b [G d], already zero; NULL: stays zero */
};

extern const struct rnn_cell *const rnn_cells[];        /* ends with NULL */
const struct rnn_cell *rnn_cell_find(const char *name); /* NULL where there is none */

#endif
