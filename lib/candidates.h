/* The output layer over some of the classes, for training with very many: sampled softmax (Bengio, Senecal 2008;
 * Jean et al. 2015).
 *
 * A window draws classes, the same for all its rows, each draw from p_j = log((r + 2) / (r + 1)) / log(k + 1), with r
 * the rank of class j by frequency (Zipf's law); a class is drawn with probability q_j = 1 - (1 - p_j)^draws. With S
 * those drawn, the softmax of a row whose true class is c goes over c and S without c:
 *
 *   L_t = log(exp z_c + sum_{j in S, j != c} exp(z_j) / q_j) - z_c
 *
 * whose sum over S is, on average, that over all classes. Predictions and validation use all classes. */
#ifndef RNN_CANDIDATES_H
#define RNN_CANDIDATES_H

#include "loss.h"
#include "parameters.h"
#include "random.h"

struct rnn_candidates {
  uint64_t seed, update; /* the caller sets these three before each forward pass */
  uint32_t epoch;
  /* of the present window */
  size_t count;     /* C classes: the drawn ones and the targets */
  int32_t *class;   /* [C] rising */
  real *c, *offset; /* [C] of each its c, and -log q_j, or for a mere target what takes it out of the sum */
  real *v, *dv;     /* [C][pooled] of each its row of V, and the gradient of that */
  int32_t *target;  /* [rows] places in `class`, or RNN_ABSENT */
  real *packed_vt, *packed_v;
  /* for good */
  size_t k, draws, frequent, pooled, capacity; /* C <= capacity */
  int32_t *place;                              /* [k] class -> 0 ... C-1; RNN_ABSENT for all between windows */
};

/* For windows of at most so many rows, of a network for RNN_COMPLETE. Classes are by falling frequency but for those
 * past `frequent` (the stop and the unknown symbol), which count as the most frequent. */
enum rnn_status rnn_candidates_create(struct rnn_candidates **candidates, const struct rnn_shape *shape, size_t draws,
                                      size_t frequent, size_t rows, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_candidates_free(struct rnn_candidates *candidates); /* NULL is allowed */

/* The most candidates that a window of so many rows can have. */
size_t rnn_candidates_most(size_t k, size_t draws, size_t rows);

/* q_j of a class. */
double rnn_candidates_share(const struct rnn_candidates *candidates, size_t class);

/* As rnn_readout_forward and backward, y [rows][C]; forward draws. */
void rnn_candidates_forward(struct rnn_candidates *candidates, const struct rnn_parameters *parameters, size_t rows,
                            const real *s, const int32_t *target, real *y, struct rnn_loss *loss);
void rnn_candidates_backward(struct rnn_candidates *candidates, const struct rnn_parameters *parameters, size_t rows,
                             const real *s, real *y, real *ds, struct rnn_gradient *gradient);

#endif
