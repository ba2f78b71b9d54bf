/* Forward: x through the layers to y = softmax(V s + c). */
#include "network.h"

#include "gemm.h"
#include "memory.h"
#include "vector.h"

enum rnn_status rnn_network_create(struct rnn_network **network, const struct rnn_parameters *parameters, bool training,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_shape *shape = &parameters->shape;
  size_t wide = shape->directions * shape->d;
  struct rnn_network *fresh = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "network", error));
  fresh->parameters = parameters;
  fresh->training = training;
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++)
      RNN_TRY(rnn_layer_init(&fresh->layer[layer][direction], parameters, layer, direction, training, error));
  RNN_TRY(rnn_memory_new(&fresh->packed_vt, rnn_gemm_packed_count(wide, shape->k), sizeof(real), "packed V", error));
  if (training)
    RNN_TRY(rnn_memory_new(&fresh->packed_v, rnn_gemm_packed_count(shape->k, wide), sizeof(real), "packed V", error));
  rnn_network_pack(fresh);
  *network = fresh;
  fresh = NULL;
out:
  rnn_network_free(fresh);
  return status;
}

void rnn_network_free(struct rnn_network *network)
{
  if (network == NULL)
    return;
  for (size_t layer = 0; layer < RNN_MOST_LAYERS; layer++)
    for (size_t direction = 0; direction < 2; direction++)
      rnn_layer_clear(&network->layer[layer][direction]);
  rnn_memory_free(network->packed_vt);
  rnn_memory_free(network->packed_v);
  rnn_memory_free(network);
}

const struct rnn_parameters *rnn_network_parameters(const struct rnn_network *network)
{
  return network->parameters;
}

void rnn_network_pack(struct rnn_network *network)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const real *v = network->parameters->value + network->parameters->layout.v;
  size_t wide = shape->directions * shape->d;
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++)
      rnn_layer_pack(&network->layer[layer][direction]);
  rnn_gemm_pack(wide, shape->k, v, wide, true, network->packed_vt);
  if (network->packed_v != NULL)
    rnn_gemm_pack(shape->k, wide, v, wide, false, network->packed_v);
}

/* tape->x: the frames as reals, or the rows of the embedding of the distinct symbols. */
static void read_inputs(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape)
{
  const struct rnn_parameters *parameters = network->parameters;
  size_t n = parameters->shape.n, e = parameters->shape.e;
  if (parameters->shape.frames)
    for (size_t i = 0; i < batch->rows * n; i++)
      tape->x[i] = (real)batch->frame[i];
  else if (e > 0)
    for (size_t i = 0; i < batch->distinct; i++)
      rnn_vector_copy(e, parameters->value + parameters->layout.embedding + (size_t)batch->distinct_symbol[i] * e,
                      tape->x + i * e);
}

struct rnn_layer_run rnn_network_run(const struct rnn_network *network, const struct rnn_batch *batch,
                                     struct rnn_tape *tape, size_t layer, size_t direction)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  struct rnn_layer_run run = {.batch = batch,
                              .tape = &tape->layer[layer][direction],
                              .input = RNN_INPUT_ROWS,
                              .x = layer > 0 ? tape->out[layer - 1] : tape->x,
                              .z = tape->z,
                              .dz = tape->dz,
                              .out = tape->out[layer] + direction * shape->d,
                              .ld_out = shape->directions * shape->d};
  if (layer == 0 && !shape->frames)
    run.input = shape->e > 0 ? RNN_INPUT_EMBEDDED : RNN_INPUT_ONE_HOT;
  return run;
}

/* y = softmax(V s + c) for `rows` rows of s. */
static void write_outputs(const struct rnn_network *network, size_t rows, const real *s, const int32_t *target, real *y,
                          struct rnn_loss *loss)
{
  const struct rnn_parameters *parameters = network->parameters;
  size_t k = parameters->shape.k, wide = parameters->shape.directions * parameters->shape.d;
  for (size_t row = 0; row < rows; row++)
    rnn_vector_copy(k, parameters->value + parameters->layout.c, y + row * k);
  rnn_gemm(rows, k, wide, s, wide, network->packed_vt, y, k, true);
  rnn_loss_forward(rows, k, y, target, loss);
}

/* The states of the top layer's directions side by side. */
static void read_final_states(const struct rnn_shape *shape, const struct rnn_state *state, size_t lanes, real *final_s)
{
  size_t d = shape->d;
  for (size_t direction = 0; direction < shape->directions; direction++) {
    const real *s = rnn_state_s(state, shape->layers - 1, direction);
    for (size_t lane = 0; lane < lanes; lane++)
      rnn_vector_copy(d, s + lane * d, final_s + (lane * shape->directions + direction) * d);
  }
}

void rnn_network_forward(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                         struct rnn_tape *tape, bool outputs, struct rnn_loss *loss)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  read_inputs(network, batch, tape);
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      if (direction == 1)
        rnn_state_start_direction(state, network->parameters, layer, direction, 0, batch->lanes);
      struct rnn_layer_run run = rnn_network_run(network, batch, tape, layer, direction);
      run.s = rnn_state_s(state, layer, direction);
      run.c = rnn_state_c(state, layer, direction);
      rnn_layer_forward(&network->layer[layer][direction], &run);
    }
  if (!outputs)
    return;
  const int32_t *target = batch->targets && loss != NULL ? batch->target : NULL;
  if (shape->task == RNN_CLASSIFY) {
    read_final_states(shape, state, batch->lanes, tape->final_s);
    write_outputs(network, batch->lanes, tape->final_s, target, tape->y, loss);
  } else
    write_outputs(network, batch->rows, tape->out[shape->layers - 1], target, tape->y, loss);
}
