/* Forward: x through the layers to y = softmax(V s + c). */
#include "network.h"

#include "memory.h"
#include "vector.h"

enum rnn_status rnn_network_create(struct rnn_network **network, const struct rnn_parameters *parameters, bool training,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_shape *shape = &parameters->shape;
  struct rnn_network *fresh = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "network", error));
  fresh->parameters = parameters;
  fresh->training = training;
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++)
      RNN_TRY(rnn_layer_init(&fresh->layer[layer][direction], parameters, layer, direction, training, error));
  RNN_TRY(rnn_readout_init(&fresh->readout, parameters, training, error));
  for (size_t c = 0; c < shape->columns && shape->crf; c++)
    RNN_TRY(rnn_crf_create(&fresh->crf[c], parameters, c, error));
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
  rnn_readout_clear(&network->readout);
  for (size_t c = 0; c < RNN_MOST_COLUMNS; c++)
    rnn_crf_free(network->crf[c]);
  rnn_memory_free(network);
}

const struct rnn_parameters *rnn_network_parameters(const struct rnn_network *network)
{
  return network->parameters;
}

static void pack_layer(void *context, size_t part)
{
  struct rnn_network *network = context;
  size_t directions = network->parameters->shape.directions;
  rnn_layer_pack(&network->layer[part / directions][part % directions]);
}

void rnn_network_pack_layers(struct rnn_network *network)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  rnn_pool_run(network->pool, shape->layers * shape->directions, pack_layer, network);
  network->packings++;
}

static void pack_chains(struct rnn_network *network)
{
  for (size_t c = 0; c < RNN_MOST_COLUMNS && network->crf[c] != NULL; c++)
    rnn_crf_pack(network->crf[c]);
}

void rnn_network_pack(struct rnn_network *network)
{
  rnn_network_pack_layers(network);
  rnn_readout_pack(&network->readout);
  pack_chains(network);
}

void rnn_network_pack_one(struct rnn_network *network, size_t at)
{
  const struct rnn_parameters *parameters = network->parameters;
  const struct rnn_shape *shape = &parameters->shape;
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++)
      rnn_layer_pack_one(&network->layer[layer][direction], parameters->value + at);
  rnn_readout_pack_one(&network->readout, at);
  pack_chains(network);
  network->packings++;
}

/* x [count][e]: the symbols' vectors. */
static void read_embedding(const struct rnn_parameters *parameters, const struct rnn_lexicon *lexicon, size_t count,
                           const int32_t *symbol, real *x)
{
  size_t e = parameters->shape.e;
  for (size_t i = 0; i < count; i++)
    rnn_parameters_embed(parameters, lexicon, symbol[i], x + i * e);
}

/* U x + b of the symbols that are new to the fold. */
static void fold_inputs(const struct rnn_network *network, const struct rnn_batch *batch, const struct rnn_tape *tape)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const struct rnn_fold *fold = tape->fold;
  for (size_t i = 0; i < 2; i++) {
    const struct rnn_fold_part *part = &fold->part[i];
    read_embedding(network->parameters, batch->lexicon, part->count, part->symbol, tape->x);
    for (size_t direction = 0; direction < shape->directions; direction++)
      rnn_layer_project(&network->layer[0][direction], part->count, tape->x,
                        fold->row[direction] + part->row * fold->stacked);
  }
}

/* x_t of all rows, and what is to be remembered of each lane's frames. */
static void read_frames(const struct rnn_parameters *parameters, const struct rnn_batch *batch, struct rnn_state *state,
                        real *x)
{
  const struct rnn_frame_shape *shape = &parameters->shape.frame;
  size_t n = parameters->shape.n, memory = rnn_frame_memory(shape);
  for (size_t lane = 0; lane < batch->lanes; lane++)
    for (size_t t = 0; t < batch->length[lane]; t++) {
      size_t row = rnn_batch_row(batch, t, lane);
      rnn_frame_read(shape, &parameters->frame, batch->frame + row * shape->width,
                     memory == 0 ? NULL : state->frame + lane * memory, x + row * n);
    }
}

/* tape->x: x_t of the frames, or the rows of the embedding of the distinct symbols. */
static void read_inputs(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                        struct rnn_tape *tape)
{
  const struct rnn_parameters *parameters = network->parameters;
  size_t n = parameters->shape.n, e = parameters->shape.e;
  if (parameters->shape.frames)
    read_frames(parameters, batch, state, tape->x);
  else if (e > 0)
    read_embedding(parameters, batch->lexicon, batch->distinct, batch->distinct_symbol, tape->x);
  if (tape->moved != NULL)
    rnn_vector_add(batch->distinct * e, tape->moved, tape->x);
  if (tape->dropout == NULL)
    return;
  rnn_dropout_draw(tape->dropout, batch);
  if (tape->dropout->symbol != NULL)
    rnn_vector_multiply(batch->distinct * e, tape->dropout->symbol, tape->x);
  if (tape->dropout->input[0] != NULL)
    rnn_dropout_rows(batch, n, tape->dropout->input[0], tape->x, tape->x);
}

const real *rnn_network_input(const struct rnn_network *network, const struct rnn_batch *batch,
                              const struct rnn_tape *tape, size_t layer)
{
  if (layer == 0)
    return tape->x;
  const struct rnn_dropout *dropout = tape->dropout;
  if (dropout == NULL || dropout->input[layer] == NULL)
    return tape->up[layer - 1];
  const struct rnn_shape *shape = &network->parameters->shape;
  rnn_dropout_rows(batch, shape->directions * shape->d, dropout->input[layer], tape->up[layer - 1], dropout->rows);
  return dropout->rows;
}

const real *rnn_network_output_states(const struct rnn_network *network, const struct rnn_batch *batch,
                                      const struct rnn_tape *tape)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const struct rnn_dropout *dropout = tape->dropout;
  bool classify = shape->task == RNN_CLASSIFY;
  const real *read = classify ? tape->pooled : tape->up[shape->layers - 1];
  if (dropout == NULL || dropout->output == NULL)
    return read;
  if (classify) {
    rnn_vector_copy(batch->lanes * shape->pooled, read, dropout->rows);
    rnn_vector_multiply(batch->lanes * shape->pooled, dropout->output, dropout->rows);
  } else
    rnn_dropout_rows(batch, shape->pooled, dropout->output, read, dropout->rows);
  return dropout->rows;
}

struct rnn_layer_run rnn_network_run(const struct rnn_network *network, const struct rnn_batch *batch,
                                     struct rnn_tape *tape, size_t layer, size_t direction)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  struct rnn_layer_run run = {.batch = batch,
                              .tape = &tape->layer[layer][direction],
                              .input = RNN_INPUT_ROWS,
                              .z = tape->z,
                              .dz = tape->dz,
                              .out = tape->out[layer] + direction * shape->d,
                              .ld_out = shape->directions * shape->d,
                              .scale = layer == 0 ? tape->scale : NULL};
  if (layer == 0 && !shape->frames)
    run.input = shape->e == 0 ? RNN_INPUT_ONE_HOT : tape->fold == NULL ? RNN_INPUT_EMBEDDED : RNN_INPUT_FOLDED;
  if (run.input == RNN_INPUT_FOLDED) {
    run.folded = tape->fold->row[direction];
    run.place = tape->fold->place;
  }
  return run;
}

/* The layer's directions, and what they hand up. */
static void forward_layer(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                          struct rnn_tape *tape, size_t layer)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  const real *x = rnn_network_input(network, batch, tape, layer);
  size_t count = batch->rows * shape->directions * shape->d;
  for (size_t direction = 0; direction < shape->directions; direction++) {
    if (direction == 1)
      rnn_state_start_direction(state, network->parameters, layer, direction, 0, batch->lanes);
    struct rnn_layer_run run = rnn_network_run(network, batch, tape, layer, direction);
    run.x = x;
    run.s = rnn_state_s(state, layer, direction);
    run.c = rnn_state_c(state, layer, direction);
    rnn_layer_forward(&network->layer[layer][direction], &run);
  }
  if (tape->up[layer] != tape->out[layer])
    rnn_vector_copy(count, tape->out[layer], tape->up[layer]);
  if (shape->residual && layer > 0)
    rnn_vector_add(count, tape->up[layer - 1], tape->up[layer]);
}

/* Tags of a column that are a chain, once y is what the softmax makes of them. */
static void forward_chain(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                          size_t column, struct rnn_loss *loss)
{
  double before = loss == NULL ? 0 : loss->nats, weight = rnn_objective_of_chain(tape->objective, column);
  rnn_crf_forward(network->crf[column], batch, tape->y, tape->crf[column], loss);
  if (weight != 1 && loss != NULL)
    loss->nats = before + weight * (loss->nats - before);
  if (!tape->training)
    rnn_crf_decode(network->crf[column], batch, tape->crf[column], tape->y, loss);
}

/* y, once the layers have run. */
static void forward_output(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                           struct rnn_tape *tape, struct rnn_loss *loss)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  bool classify = shape->task == RNN_CLASSIFY;
  if (classify)
    rnn_pooling_read(batch, state, tape);
  const real *s = rnn_network_output_states(network, batch, tape);
  if (tape->candidates != NULL)
    rnn_candidates_forward(tape->candidates, network->parameters, batch->rows, s, batch->target, tape->y, loss);
  else
    rnn_readout_forward(&network->readout, classify ? batch->lanes : batch->rows, s, tape->objective,
                        batch->targets && loss != NULL && !shape->crf ? batch->target : NULL, tape->y, loss);
  for (size_t c = 0; c < shape->columns && shape->crf; c++)
    forward_chain(network, batch, tape, c, loss == NULL ? NULL : loss + c);
}

static void forward_layers(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                           struct rnn_tape *tape, size_t first)
{
  const struct rnn_shape *shape = &network->parameters->shape;
  for (size_t layer = first; layer < shape->layers; layer++)
    forward_layer(network, batch, state, tape, layer);
  if (shape->task == RNN_CLASSIFY)
    rnn_pooling_take(network->parameters, batch, state, tape);
}

void rnn_network_forward(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                         struct rnn_tape *tape, bool outputs, struct rnn_loss *loss)
{
  if (tape->fold != NULL)
    fold_inputs(network, batch, tape);
  else
    read_inputs(network, batch, state, tape);
  forward_layers(network, batch, state, tape, 0);
  if (outputs)
    forward_output(network, batch, state, tape, loss);
}

void rnn_network_forward_from(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                              struct rnn_tape *tape, size_t first, struct rnn_loss *loss)
{
  forward_layers(network, batch, state, tape, first);
  forward_output(network, batch, state, tape, loss);
}
