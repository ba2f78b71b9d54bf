/* Back-propagation through time: from the losses through V into the top layer, and down the layers, each swept from its
 * last step to its first (layer.c). */
#include "bptt.h"

#include "vector.h"

static void add_rows(size_t rows, size_t columns, const real *m, real *sum)
{
  for (size_t row = 0; row < rows; row++)
    rnn_vector_add(columns, m + row * columns, sum);
}

/* From the losses, or with target = NULL from dL/dz in tape->y, to the gradient of what the top layer hands up. */
static void backward_top(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                         const int32_t *target, struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  bool classify = shape->task == RNN_CLASSIFY;
  const real *s = rnn_network_output_states(network, batch, tape);
  const real *mask = tape->dropout == NULL ? NULL : tape->dropout->output;
  real *dtop = tape->dout[shape->layers - 1], *ds = classify ? tape->dpooled : dtop;
  if (tape->candidates != NULL)
    rnn_candidates_backward(tape->candidates, network->parameters, batch->rows, s, tape->y, ds, gradient);
  else
    rnn_readout_backward(&network->readout, classify ? batch->lanes : batch->rows, s, tape->objective, target, tape->y,
                         ds, gradient);
  if (mask != NULL && classify)
    rnn_vector_multiply(batch->lanes * shape->pooled, mask, ds);
  else if (mask != NULL)
    rnn_dropout_rows(batch, shape->pooled, mask, ds, ds);
  if (classify)
    rnn_pooling_backward(network->parameters, batch, tape, gradient);
}

/* The run backward, with no gradient yet from later steps. */
static struct rnn_layer_run start_direction(const struct rnn_network *network, const struct rnn_batch *batch,
                                            struct rnn_tape *tape, size_t layer, size_t direction)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  struct rnn_layer_run run = rnn_network_run(network, batch, tape, layer, direction);
  run.ds = tape->ds;
  run.dc = tape->dc;
  run.dout = tape->dout[layer] + direction * shape->d;
  rnn_vector_fill(batch->lanes * shape->d, 0, run.ds);
  if (shape->cell->second_state)
    rnn_vector_fill(batch->lanes * shape->d, 0, run.dc);
  return run;
}

/* What a residual layer hands down past itself. */
static void pass_by(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                    size_t layer)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  if (shape->residual)
    rnn_vector_add(batch->rows * shape->directions * shape->d, tape->dout[layer], tape->dout[layer - 1]);
}

static void backward_direction(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                               size_t layer, size_t direction, const real *x, bool carried,
                               struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const struct rnn_layer_view *view = &network->parameters->layout.layer[layer][direction];
  struct rnn_layer_run run = start_direction(network, batch, tape, layer, direction);
  run.x = x;
  run.dx = layer > 0 ? tape->dout[layer - 1] : shape->e > 0 ? tape->dx : NULL;
  run.add_dx = direction > 0;
  run.du = gradient->dense + view->u;
  run.dw = view->w == SIZE_MAX ? NULL : gradient->dense + view->w;
  run.db = gradient->dense + view->b;
  rnn_layer_backward(&network->layer[layer][direction], &run);
  if (view->s0 != SIZE_MAX && (!carried || direction == 1))
    add_rows(batch->lanes, shape->d, run.ds, gradient->dense + view->s0);
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
    rnn_vector_multiply(batch->distinct * shape->e, dropout->symbol, tape->dx);
  if (layer == 0 && shape->e > 0)
    rnn_gradient_spread(gradient, batch, tape->dx);
  if (layer > 0 && dropout != NULL && dropout->input[layer] != NULL)
    rnn_dropout_rows(batch, shape->directions * shape->d, dropout->input[layer], tape->dout[layer - 1],
                     tape->dout[layer - 1]);
  if (layer > 0)
    pass_by(network, batch, tape, layer);
}

/* Tags of a column that are a chain: dL/dz in place of y, and dL/dA. */
static void backward_chain(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                           size_t column, struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const struct rnn_column *of = &shape->column[column];
  real weight = (real)rnn_objective_of_chain(tape->objective, column);
  rnn_crf_backward(network->crf[column], batch, tape->crf[column], tape->y, gradient);
  if (weight == 1)
    return;
  for (size_t row = 0; row < batch->rows; row++)
    rnn_vector_scale(of->k, weight, tape->y + row * shape->k + of->first);
  rnn_vector_scale((of->k + 2) * of->k, weight, gradient->dense + network->parameters->layout.a[column]);
}

void rnn_bptt(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape, bool carried,
              struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  rnn_gradient_zero(gradient);
  if (shape->e > 0)
    rnn_gradient_meet(gradient, batch);
  for (size_t c = 0; c < shape->columns && shape->crf; c++)
    backward_chain(network, batch, tape, c, gradient);
  backward_top(network, batch, tape, shape->crf ? NULL : batch->target, gradient);
  for (size_t layer = shape->layers; layer-- > 0;)
    backward_layer(network, batch, tape, layer, carried, gradient);
  if (shape->tied)
    rnn_gradient_tie(gradient, network->parameters->layout.v);
}

void rnn_bptt_inside(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                     struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  rnn_gradient_zero(gradient);
  backward_top(network, batch, tape, NULL, gradient);
  for (size_t layer = shape->layers; layer-- > 0;) {
    for (size_t direction = 0; direction < shape->directions; direction++) {
      struct rnn_layer_run run = start_direction(network, batch, tape, layer, direction);
      const struct rnn_layer_view *view = &network->parameters->layout.layer[layer][direction];
      run.dw = view->w == SIZE_MAX ? NULL : gradient->dense + view->w;
      run.dx = layer > 0 ? tape->dout[layer - 1] : NULL;
      run.add_dx = direction > 0;
      rnn_layer_backward(&network->layer[layer][direction], &run);
    }
    if (layer > 0)
      pass_by(network, batch, tape, layer);
  }
}
