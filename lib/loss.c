/* Softmax and cross-entropy. */
#include "loss.h"

#include "vector.h"

void rnn_loss_forward(size_t rows, size_t k, real *z, const int32_t *target, struct rnn_loss *loss)
{
  for (size_t row = 0; row < rows; row++) {
    real *y = z + row * k; /* the logits until softmax has been here */
    if (target == NULL || target[row] < 0) {
      rnn_vector_softmax(k, y, y);
      continue;
    }
    size_t true_class = (size_t)target[row];
    double z_true = (double)y[true_class];
    loss->nats += (double)rnn_vector_softmax(k, y, y) - z_true;
    loss->terms++;
    if (rnn_vector_argmax(k, y) == true_class)
      loss->correct++;
  }
}

void rnn_loss_backward(size_t rows, size_t k, real *y, const int32_t *target)
{
  for (size_t row = 0; row < rows; row++) {
    if (target[row] < 0)
      rnn_vector_fill(k, 0, y + row * k);
    else
      y[row * k + (size_t)target[row]] -= 1;
  }
}
