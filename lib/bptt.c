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

/* The same through the mask of what V has read: s is that after the mask, ds of what the top layer hands up. */
static void backward_top(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                         struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const real *s = rnn_network_output_states(network, batch, tape);
  const real *mask = tape->dropout == NULL ? NULL : tape->dropout->output;
  size_t wide = shape->directions * shape->d;
  real *dtop = tape->dout[shape->layers - 1];
  if (shape->task == RNN_CLASSIFY) {
    backward_outputs(network, batch->lanes, s, batch->target, tape->y, tape->dfinal_s, gradient);
    if (mask != NULL)
      rnn_vector_multiply(batch->lanes * wide, mask, tape->dfinal_s);
  } else {
    backward_outputs(network, batch->rows, s, batch->target, tape->y, dtop, gradient);
    if (mask != NULL)
      rnn_dropout_rows(batch, wide, mask, dtop, dtop);
  }
}

/* ds of the top layer's last states: what the classifier says, the direction's columns. */
static void start_from_final_states(const struct rnn_shape *shape, const struct rnn_tape *tape, size_t lanes,
                                    size_t direction)
{
  size_t d = shape->d;
  for (size_t lane = 0; lane < lanes; lane++)
    rnn_vector_copy(d, tape->dfinal_s + (lane * shape->directions + direction) * d, tape->ds + lane * d);
}

static void backward_direction(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                               size_t layer, size_t direction, const real *x, bool carried,
                               struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const struct rnn_layer_view *view = &network->parameters->layout.layer[layer][direction];
  bool from_final_states = shape->task == RNN_CLASSIFY && layer == shape->layers - 1;
  struct rnn_layer_run run = rnn_network_run(network, batch, tape, layer, direction);
  run.x = x;
  run.ds = tape->ds;
  run.dc = tape->dc;
  run.dx = layer > 0 ? tape->dout[layer - 1] : shape->e > 0 ? gradient->embedding : NULL;
  run.add_dx = direction > 0;
  run.du = gradient->dense + view->u;
  run.dw = view->w == SIZE_MAX ? NULL : gradient->dense + view->w;
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

/* dL/d(up of the layer below) grows by what a residual network hands past the layer. */
static void add_residual(const struct rnn_shape *shape, const struct rnn_batch *batch, struct rnn_tape *tape,
                         size_t layer)
{
  size_t d = shape->d, wide = shape->directions * d;
  if (shape->task != RNN_CLASSIFY || layer < shape->layers - 1) {
    rnn_vector_add(batch->rows * wide, tape->dout[layer], tape->dout[layer - 1]);
    return;
  }
  for (size_t direction = 0; direction < shape->directions; direction++)
    for (size_t lane = 0; lane < batch->lanes; lane++)
      rnn_vector_add(d, tape->dfinal_s + lane * wide + direction * d,
                     tape->dout[layer - 1] + rnn_network_final_row(batch, lane, direction) * wide + direction * d);
}

static void backward_layer(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                           size_t layer, bool carried, struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const struct rnn_dropout *dropout = tape->dropout;
  const real *x = rnn_network_input(network, batch, tape, layer);
  for (size_t direction = 0; direction < shape->directions; direction++)
    backward_direction(network, batch, tape, layer, direction, x, carried, gradient);
  if (layer == 0 && dropout != NULL && dropout->symbol != NULL)
    rnn_vector_multiply(batch->distinct * shape->e, dropout->symbol, gradient->embedding);
  if (layer > 0 && dropout != NULL && dropout->input[layer] != NULL)
    rnn_dropout_rows(batch, shape->directions * shape->d, dropout->input[layer], tape->dout[layer - 1],
                     tape->dout[layer - 1]);
  if (layer > 0 && shape->residual)
    add_residual(shape, batch, tape, layer);
}

void rnn_bptt(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape, bool carried,
              struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  rnn_gradient_zero(gradient);
  if (shape->e > 0) {
    gradient->rows = batch->distinct;
    for (size_t i = 0; i < batch->distinct; i++)
      gradient->row_storage[i] = batch->distinct_symbol[i];
  }
  backward_top(network, batch, tape, gradient);
  for (size_t layer = shape->layers; layer-- > 0;)
    backward_layer(network, batch, tape, layer, carried, gradient);
}
