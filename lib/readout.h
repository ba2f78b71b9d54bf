/* The output layer: y = softmax(V s + c), forward and backward. */
#ifndef RNN_READOUT_H
#define RNN_READOUT_H

#include "loss.h"
#include "parameters.h"

struct rnn_readout {
  const struct rnn_parameters *parameters;
  real *packed_vt; /* V^T, for forward */
  real *packed_v;  /* V, for backward; NULL unless training */
};

/* The parameters must outlive it. It must be packed before use. */
enum rnn_status rnn_readout_init(struct rnn_readout *readout, const struct rnn_parameters *parameters, bool training,
                                 struct rnn_error *error) RNN_MUST_CHECK;
void rnn_readout_clear(struct rnn_readout *readout); /* releases what it owns; a zeroed readout is allowed */
void rnn_readout_pack(struct rnn_readout *readout);  /* after the parameters have changed */

/* The same, for forward alone, after the parameter `at` has changed. */
void rnn_readout_pack_one(struct rnn_readout *readout, size_t at);

/* y [rows][k] = softmax(V s + c) for s [rows][pooled], of each column apart; objective, target [columns][rows] and
 * loss [columns] as in rnn_loss_forward. */
void rnn_readout_forward(const struct rnn_readout *readout, size_t rows, const real *s,
                         const struct rnn_objective *objective, const int32_t *target, real *y, struct rnn_loss *loss);

/* dL/dz, as rnn_loss_backward, in place of y (target NULL: y is dL/dz already); dV += dz^T s, dc += sum of dz; ds
 * [rows][pooled] = dz V. */
void rnn_readout_backward(const struct rnn_readout *readout, size_t rows, const real *s,
                          const struct rnn_objective *objective, const int32_t *target, real *y, real *ds,
                          struct rnn_gradient *gradient);

#endif
