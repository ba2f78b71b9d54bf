/* Back-propagation through time: from the losses through V into the top layer, and down the layers, each swept from its
 * last step to its first (layer.c). */
#include "bptt.h"

#include "gemm.h"
#include "vector.h"

static void add_rows(size_t rows, size_t columns, const real *m, real *sum)
{
  for (size_t row = 0; row < rows; row++)
    rnn_vector_add(columns, m + row * columns, sum);
}

/* dL/dz = y - onehot(target);  dV += dz^T s, dc += sum of dz, ds = dz V. */
static void backward_outputs(const struct rnn_network *network, size_t rows, const real *s, const int32_t *target,
                             real *y, real *ds, struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const struct rnn_layout *layout = &network->parameters->layout;
  size_t k = shape->k, wide = shape->directions * shape->d;
  rnn_loss_backward(rows, k, y, target);
  rnn_gemm_transposed(k, wide, rows, y, k, s, wide, gradient->dense + layout->v, wide, true);
  add_rows(rows, k, y, gradient->dense + layout->c);
  rnn_gemm(rows, wide, k, y, k, network->packed_v, ds, wide, false);
}

/* ds of the top layer's last states: what the classifier says, the direction's columns. */
static void start_from_final_states(const struct rnn_shape *shape, const struct rnn_tape *tape, size_t lanes,
                                    size_t direction)
{
  size_t d = shape->d;
  for (size_t lane = 0; lane < lanes; lane++)
    rnn_vector_copy(d, tape->dfinal_s + (lane * shape->directions + direction) * d, tape->ds + lane * d);
}

static void backward_layer(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                           size_t layer, size_t direction, bool carried, struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const struct rnn_layer_view *view = &network->parameters->layout.layer[layer][direction];
  bool from_final_states = shape->task == RNN_CLASSIFY && layer == shape->layers - 1;
  struct rnn_layer_run run = rnn_network_run(network, batch, tape, layer, direction);
  run.ds = tape->ds;
  run.dc = tape->dc;
  run.dx = layer > 0 ? tape->dout[layer - 1] : shape->e > 0 ? gradient->embedding : NULL;
  run.add_dx = direction > 0;
  run.du = gradient->dense + view->u;
  run.dw = gradient->dense + view->w;
  run.db = gradient->dense + view->b;
  rnn_vector_fill(batch->lanes * shape->d, 0, run.ds);
  if (shape->cell->second_state)
    rnn_vector_fill(batch->lanes * shape->d, 0, run.dc);
  if (from_final_states)
    start_from_final_states(shape, tape, batch->lanes, direction);
  else
    run.dout = tape->dout[layer] + direction * shape->d;
  rnn_layer_backward(&network->layer[layer][direction], &run);
  if (view->s0 != SIZE_MAX && (!carried || direction == 1))
    add_rows(batch->lanes, shape->d, run.ds, gradient->dense + view->s0);
}

void rnn_bptt(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape, bool carried,
              struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  size_t top = shape->layers - 1;
  rnn_gradient_zero(gradient);
  if (shape->e > 0) {
    gradient->rows = batch->distinct;
    for (size_t i = 0; i < batch->distinct; i++)
      gradient->row_storage[i] = batch->distinct_symbol[i];
  }
  if (shape->task == RNN_CLASSIFY)
    backward_outputs(network, batch->lanes, tape->final_s, batch->target, tape->y, tape->dfinal_s, gradient);
  else
    backward_outputs(network, batch->rows, tape->out[top], batch->target, tape->y, tape->dout[top], gradient);
  for (size_t layer = shape->layers; layer-- > 0;)
    for (size_t direction = 0; direction < shape->directions; direction++)
      backward_layer(network, batch, tape, layer, direction, carried, gradient);
}
