/* Shards, and how their gradients become one. */
#include "trainer_shard.h"

#include <string.h>

#include "memory.h"
#include "pool.h"
#include "random.h"
#include "trainer_augment.h"
#include "vector.h"

enum { PIECE_ELEMENTS = 8192 }; /* of a gradient: what one thread adds up at a time */

size_t rnn_shard_count(size_t lanes)
{
  size_t shards = (lanes + RNN_SHARD_LANES - 1) / RNN_SHARD_LANES;
  return shards < RNN_MOST_SHARDS ? shards : RNN_MOST_SHARDS;
}

/* The most lanes that a shard of a batch of at most `batch` lanes can have. */
static size_t most_lanes(size_t batch)
{
  size_t of_many = (batch + RNN_MOST_SHARDS - 1) / RNN_MOST_SHARDS;
  if (of_many > RNN_SHARD_LANES)
    return of_many;
  return batch < RNN_SHARD_LANES ? batch : RNN_SHARD_LANES;
}

bool rnn_shard_samples(const struct rnn_config *config, const struct rnn_shape *shape)
{
  return shape->task == RNN_COMPLETE && config->sampled_softmax > 0 && (size_t)config->sampled_softmax < shape->k;
}

enum rnn_status rnn_shard_init(struct rnn_shard *shard, const struct rnn_source *source,
                               const struct rnn_config *config, struct rnn_plan *plan, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_parameters *parameters = source->model->parameters;
  const struct rnn_shape *shape = &parameters->shape;
  size_t symbols = shape->frames ? 0 : shape->n, frame_width = shape->frame.width;
  size_t lanes = most_lanes(plan->most_lanes), steps = rnn_plan_most_steps(plan),
         rows = rnn_plan_most_rows(plan, lanes);
  bool sampled = rnn_shard_samples(config, shape);
  struct rnn_shape room = *shape; /* of the tape */
  if (sampled)
    room.k = rnn_candidates_most(shape->k, (size_t)config->sampled_softmax, rows);
  *shard = (struct rnn_shard){.source = source, .config = config};
  RNN_TRY(rnn_memory_new(&shard->lane, lanes, sizeof *shard->lane, "a batch", error));
  RNN_TRY(rnn_memory_new(&shard->view, lanes, sizeof *shard->view, "a batch", error));
  if (config->word_dropout > 0)
    RNN_TRY(rnn_memory_new(&shard->symbol, rows, sizeof *shard->symbol, "a batch", error));
  if (shape->frames && rnn_config_changes_frames(config)) {
    rows = rnn_augment_most_steps(config, rows) + lanes;
    steps = rnn_augment_most_steps(config, steps);
    RNN_TRY(rnn_memory_new(&shard->frame, rows, frame_width * sizeof *shard->frame, "a batch", error));
    RNN_TRY(rnn_memory_new(&shard->tag, rows, shape->columns * sizeof *shard->tag, "a batch", error));
  }
  RNN_TRY(rnn_batch_create(&shard->batch, lanes, steps, rows, symbols, frame_width, error));
  RNN_TRY(rnn_batch_add_columns(shard->batch, shape->column, shape->columns, error));
  if (config->adversarial > 0) {
    RNN_TRY(rnn_batch_tell_apart(shard->batch, error));
    room.n = rows;
  }
  RNN_TRY(rnn_tape_create(&shard->tape, &room, lanes, steps, rows, true, error));
  RNN_TRY(rnn_tape_add_dropout(shard->tape, shape,
                               (struct rnn_dropout_shares){.input = config->dropout_input,
                                                           .layer = config->dropout_layer,
                                                           .output = config->dropout_output,
                                                           .seed = config->seed},
                               error));
  if (sampled)
    RNN_TRY(rnn_tape_add_candidates(shard->tape, shape, (size_t)config->sampled_softmax,
                                    (size_t)rnn_model_stop(source->model), config->seed, error));
  RNN_TRY(rnn_state_create(&shard->state, shape, lanes, error));
  RNN_TRY(rnn_adversary_init(&shard->adversary, config->adversarial, shape, lanes, rows, error));
  RNN_TRY(rnn_gradient_create(&shard->gradient, &parameters->layout, shape->e,
                              rows < symbols || shape->features > 0 ? rows : symbols, error));
out:
  return status;
}

void rnn_shard_clear(struct rnn_shard *shard)
{
  rnn_memory_free(shard->lane);
  rnn_memory_free(shard->view);
  rnn_memory_free(shard->symbol);
  rnn_memory_free(shard->frame);
  rnn_memory_free(shard->tag);
  rnn_batch_free(shard->batch);
  rnn_tape_free(shard->tape);
  rnn_state_free(shard->state);
  rnn_gradient_free(shard->gradient);
  rnn_adversary_clear(&shard->adversary);
  *shard = (struct rnn_shard){.lanes = 0};
}

void rnn_shard_take(struct rnn_shard *shard, const struct rnn_plan *plan, size_t i, size_t number, size_t shards)
{
  size_t lanes;
  const size_t *segment = rnn_plan_batch(plan, i, &lanes);
  shard->lanes = 0;
  for (size_t lane = number; number < shards && lane < lanes; lane += shards)
    shard->lane[shard->lanes++] = plan->segment[segment[lane]];
}

/* Replaces each symbol by the unknown one, a word with features by what its spelling says alone, with probability
 * config.word_dropout. Each step of a sequence has a number of
 * its own, whatever window it comes in. */
static void drop_words(struct rnn_shard *shard, uint32_t epoch, uint64_t first_step, struct rnn_sequence *view,
                       int32_t *symbol)
{
  struct rnn_random random;
  rnn_random_init(&random, shard->config->seed, RNN_PURPOSE_WORD_DROPOUT, epoch, view->index);
  rnn_random_skip(&random, first_step);
  int32_t unknown = rnn_model_unknown(shard->source->model);
  double below = shard->config->word_dropout * 0x1p32;
  for (size_t t = 0; t < view->length; t++) {
    int32_t met = view->symbol[rnn_sequence_place(view, t)];
    symbol[t] = (double)rnn_random_next(&random) >= below    ? met
                : view->lexicon == NULL || met == RNN_ABSENT ? unknown
                                                             : met | RNN_MASKED;
  }
  view->symbol = symbol;
  view->gap = 0;
}

void rnn_shard_fill(struct rnn_shard *shard, uint32_t epoch, uint64_t update, size_t begin, size_t steps)
{
  size_t lanes = 0, rows = 0;
  for (; lanes < shard->lanes && shard->lane[lanes].length > begin; lanes++) {
    const struct rnn_segment *segment = &shard->lane[lanes];
    size_t left = segment->length - begin;
    struct rnn_sequence *view = &shard->view[lanes];
    *view = rnn_source_view(shard->source, segment->sequence, segment->begin + begin, left < steps ? left : steps);
    size_t first = rnn_source_step(shard->source, view);
    if (shard->symbol != NULL)
      drop_words(shard, epoch, first - shard->source->corpus->begin[segment->sequence], view, shard->symbol + rows);
    if (shard->frame != NULL)
      rnn_augment_sequence(shard->config, shard->source->model->parameters, epoch, view,
                           shard->frame + rows * shard->source->corpus->frame_width,
                           shard->tag + rows * shard->source->model->parameters->shape.columns);
    view->index = first; /* of windows, even of those of one sequence, no two begin there */
    rows += view->length;
  }
  if (shard->tape->dropout != NULL) {
    shard->tape->dropout->epoch = epoch;
    shard->tape->dropout->update = (uint32_t)update;
  }
  if (shard->tape->candidates != NULL) {
    shard->tape->candidates->epoch = epoch;
    shard->tape->candidates->update = update;
  }
  shard->ready = lanes > 0;
  shard->loss = (struct rnn_loss){0};
  shard->status = RNN_OK;
  if (shard->ready)
    shard->status = rnn_batch_fill(shard->batch, shard->source->corpus->task, shard->view, lanes, true, &shard->error);
  if (shard->ready && shard->status == RNN_OK && shard->source->model->parameters->layout.sparse_rows > 0)
    rnn_gradient_meet(shard->gradient, shard->batch);
}

static bool has_target(const struct rnn_batch *batch, enum rnn_task task)
{
  size_t targets = task == RNN_CLASSIFY ? batch->lanes : batch->columns * batch->rows;
  for (size_t i = 0; i < targets; i++)
    if (batch->target[i] != RNN_ABSENT)
      return true;
  return false;
}

/* The same window with its symbols' vectors moved, from the state it began with; the loss stays that of the first time.
 */
static void run_against(struct rnn_shard *shard, const struct rnn_network *network, bool carried)
{
  struct rnn_adversary *adversary = &shard->adversary;
  struct rnn_tape *tape = shard->tape;
  const struct rnn_shape *shape = &rnn_network_parameters(network)->shape;
  struct rnn_loss ignored[RNN_MOST_COLUMNS] = {{.nats = 0}};
  rnn_adversary_move(adversary, shard->batch, shape->e, tape->x, tape->dx);
  tape->moved = adversary->r;
  rnn_network_forward(network, shard->batch, adversary->state, tape, true, ignored);
  rnn_bptt(network, shard->batch, tape, carried, shard->gradient);
  tape->moved = NULL;
}

void rnn_shard_run(struct rnn_shard *shard, const struct rnn_network *network, bool carried)
{
  if (!shard->ready || shard->status != RNN_OK)
    return;
  if (!carried)
    rnn_state_start(shard->state, rnn_network_parameters(network), 0, shard->lanes);
  bool targets = has_target(shard->batch, shard->source->corpus->task), against = targets && shard->adversary.share > 0;
  for (size_t lane = 0; lane < shard->lanes && against; lane++)
    rnn_state_copy_lane(shard->adversary.state, lane, shard->state, lane);
  struct rnn_loss loss[RNN_MOST_COLUMNS] = {{.nats = 0}};
  rnn_network_forward(network, shard->batch, shard->state, shard->tape, targets, loss);
  shard->loss = rnn_loss_sum(loss, rnn_network_parameters(network)->shape.columns);
  if (targets)
    rnn_bptt(network, shard->batch, shard->tape, carried, shard->gradient);
  if (against)
    run_against(shard, network, carried);
}

/* --- one gradient from many --- */

struct reduction {
  const struct rnn_gradient *from[RNN_MOST_SHARDS];
  size_t shards;
  struct rnn_gradient *sum;
  size_t pieces, rows_of_a_group;
};

/* The rows met in any shard, rising. */
static void unite_rows(struct reduction *reduction)
{
  size_t at[RNN_MOST_SHARDS] = {0};
  struct rnn_gradient *sum = reduction->sum;
  sum->rows = 0;
  for (;;) {
    int32_t least = INT32_MAX;
    for (size_t i = 0; i < reduction->shards; i++)
      if (at[i] < reduction->from[i]->rows && reduction->from[i]->row[at[i]] < least)
        least = reduction->from[i]->row[at[i]];
    if (least == INT32_MAX)
      break;
    sum->row_storage[sum->rows++] = least;
    for (size_t i = 0; i < reduction->shards; i++)
      at[i] += at[i] < reduction->from[i]->rows && reduction->from[i]->row[at[i]] == least;
  }
  sum->row = sum->row_storage;
}

/* The place of the first of the rising rows that is not below `row`. */
static size_t find_row(const struct rnn_gradient *gradient, int32_t row)
{
  size_t low = 0, high = gradient->rows;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (gradient->row[middle] < row)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void add_rows(const struct reduction *reduction, size_t begin, size_t end)
{
  struct rnn_gradient *sum = reduction->sum;
  rnn_vector_fill((end - begin) * sum->e, 0, sum->embedding + begin * sum->e);
  for (size_t i = 0; i < reduction->shards; i++) {
    const struct rnn_gradient *from = reduction->from[i];
    size_t at = find_row(from, sum->row[begin]);
    for (size_t row = begin; row < end && at < from->rows; row++)
      if (from->row[at] == sum->row[row])
        rnn_vector_add(sum->e, from->embedding + at++ * sum->e, sum->embedding + row * sum->e);
  }
}

static void reduce_part(void *context, size_t part)
{
  const struct reduction *reduction = context;
  struct rnn_gradient *sum = reduction->sum;
  if (part < reduction->pieces) {
    size_t begin = part * PIECE_ELEMENTS, left = sum->dense_count - begin;
    size_t count = left < PIECE_ELEMENTS ? left : PIECE_ELEMENTS;
    rnn_vector_copy(count, reduction->from[0]->dense + begin, sum->dense + begin);
    for (size_t i = 1; i < reduction->shards; i++)
      rnn_vector_add(count, reduction->from[i]->dense + begin, sum->dense + begin);
  } else {
    size_t begin = (part - reduction->pieces) * reduction->rows_of_a_group, left = sum->rows - begin;
    add_rows(reduction, begin, begin + (left < reduction->rows_of_a_group ? left : reduction->rows_of_a_group));
  }
}

struct rnn_gradient *rnn_shard_reduce(struct rnn_shard *shard, size_t shards, struct rnn_gradient *sum,
                                      struct rnn_pool *pool)
{
  struct reduction reduction = {.sum = sum, .pieces = (sum->dense_count + PIECE_ELEMENTS - 1) / PIECE_ELEMENTS};
  struct rnn_gradient *only = shard[0].gradient;
  for (size_t i = 0; i < shards; i++)
    if (shard[i].ready && shard[i].loss.terms > 0) {
      only = shard[i].gradient;
      reduction.from[reduction.shards++] = only;
    }
  if (reduction.shards <= 1)
    return only;
  unite_rows(&reduction);
  reduction.rows_of_a_group = sum->e == 0 || sum->e > PIECE_ELEMENTS ? 1 : PIECE_ELEMENTS / sum->e;
  size_t groups = (sum->rows + reduction.rows_of_a_group - 1) / reduction.rows_of_a_group;
  rnn_pool_run(pool, reduction.pieces + groups, reduce_part, &reduction);
  return sum;
}
