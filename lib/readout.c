/* The output layer. */
#include "readout.h"

#include "gemm.h"
#include "memory.h"
#include "vector.h"

enum rnn_status rnn_readout_init(struct rnn_readout *readout, const struct rnn_parameters *parameters, bool training,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_shape *shape = &parameters->shape;
  *readout = (struct rnn_readout){.parameters = parameters};
  RNN_TRY(rnn_memory_new(&readout->packed_vt, rnn_gemm_packed_count(shape->pooled, shape->k), sizeof(real), "packed V",
                         error));
  if (training)
    RNN_TRY(rnn_memory_new(&readout->packed_v, rnn_gemm_packed_count(shape->k, shape->pooled), sizeof(real), "packed V",
                           error));
out:
  return status;
}

void rnn_readout_clear(struct rnn_readout *readout)
{
  rnn_memory_free(readout->packed_vt);
  rnn_memory_free(readout->packed_v);
  *readout = (struct rnn_readout){.parameters = NULL};
}

void rnn_readout_pack(struct rnn_readout *readout)
{
  size_t k = readout->parameters->shape.k, pooled = readout->parameters->shape.pooled;
  const real *v = readout->parameters->value + readout->parameters->layout.v;
  rnn_gemm_pack(pooled, k, v, pooled, true, readout->packed_vt);
  if (readout->packed_v != NULL)
    rnn_gemm_pack(k, pooled, v, pooled, false, readout->packed_v);
}

void rnn_readout_pack_one(struct rnn_readout *readout, size_t at)
{
  const struct rnn_parameters *parameters = readout->parameters;
  size_t k = parameters->shape.k, pooled = parameters->shape.pooled, in_v = at - parameters->layout.v;
  if (in_v < k * pooled)
    readout->packed_vt[rnn_gemm_place(pooled, k, in_v % pooled, in_v / pooled)] = parameters->value[at];
}

void rnn_readout_forward(const struct rnn_readout *readout, size_t rows, const real *s,
                         const struct rnn_objective *objective, const int32_t *target, real *y, struct rnn_loss *loss)
{
  size_t k = readout->parameters->shape.k, pooled = readout->parameters->shape.pooled;
  for (size_t row = 0; row < rows; row++)
    rnn_vector_copy(k, readout->parameters->value + readout->parameters->layout.c, y + row * k);
  rnn_gemm(rows, k, pooled, s, pooled, readout->packed_vt, y, k, true);
  for (size_t c = 0; c < readout->parameters->shape.columns; c++)
    rnn_loss_forward(objective, rows, &readout->parameters->shape.column[c], k, y,
                     target == NULL ? NULL : target + c * rows, loss == NULL ? NULL : loss + c);
}

void rnn_readout_backward(const struct rnn_readout *readout, size_t rows, const real *s,
                          const struct rnn_objective *objective, const int32_t *target, real *y, real *ds,
                          struct rnn_gradient *gradient)
{
  const struct rnn_layout *layout = &readout->parameters->layout;
  size_t k = readout->parameters->shape.k, pooled = readout->parameters->shape.pooled;
  real *dc = gradient->dense + layout->c;
  for (size_t c = 0; c < readout->parameters->shape.columns && target != NULL; c++)
    rnn_loss_backward(objective, rows, &readout->parameters->shape.column[c], k, y, target + c * rows);
  rnn_gemm_transposed(k, pooled, rows, y, k, s, pooled, gradient->dense + layout->v, pooled, true);
  for (size_t row = 0; row < rows; row++)
    rnn_vector_add(k, y + row * k, dc);
  rnn_gemm(rows, pooled, k, y, k, readout->packed_v, ds, pooled, false);
}
