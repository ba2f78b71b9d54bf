/* Softmax and cross-entropy: y = softmax(z), L_t = -log y_t[true class], L = sum over t of L_t, in nats. */
#ifndef RNN_LOSS_H
#define RNN_LOSS_H

#include <stddef.h>
#include <stdint.h>

#include "real.h"

struct rnn_loss {
  double nats;    /* sum of L_t */
  size_t terms;   /* how many targets counted */
  size_t correct; /* argmax y_t = target */
};

/* z [rows][k] logits become y (in place); the loss of rows whose target is >= 0 is added to *loss; target may be NULL.
 */
void rnn_loss_forward(size_t rows, size_t k, real *z, const int32_t *target, struct rnn_loss *loss);

/* dL/dz = y - onehot(target), in place of y; rows without target get zeros. */
void rnn_loss_backward(size_t rows, size_t k, real *y, const int32_t *target);

#endif
