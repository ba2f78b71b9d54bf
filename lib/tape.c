/* The tape is one block, cut into matrices: laid out once to learn its size, once more to place them. */
#include "tape.h"

#include "memory.h"

enum { ALIGNMENT = RNN_MEMORY_ALIGNMENT_BYTES / sizeof(real) };

struct cutter {
  real *block; /* NULL: only count */
  size_t used;
  bool overflow;
};

/* The next rows x columns of the block. */
static real *cut(struct cutter *cutter, size_t rows, size_t columns)
{
  size_t count, end, begin = cutter->used;
  if (!rnn_size_multiply(rows, columns, &count) || !rnn_size_add(begin, count, &end) ||
      !rnn_size_add(end, ALIGNMENT - 1, &end)) {
    cutter->overflow = true;
    return NULL;
  }
  cutter->used = end / ALIGNMENT * ALIGNMENT;
  return cutter->block == NULL ? NULL : cutter->block + begin;
}

static void cut_layer(struct cutter *cutter, struct rnn_tape *tape, const struct rnn_shape *shape, size_t layer,
                      size_t direction)
{
  struct rnn_tape_layer *l = &tape->layer[layer][direction];
  size_t rows = tape->capacity_rows, d = shape->d, stacked = shape->cell->gates * d;
  *l = (struct rnn_tape_layer){.kept = true};
  l->a = cut(cutter, rows, stacked);
  l->previous = cut(cutter, rows, d);
  l->da = cut(cutter, rows, stacked);
  if (shape->cell->apart) {
    l->h = cut(cutter, rows, stacked);
    l->dh = cut(cutter, rows, stacked);
  }
  if (shape->cell->second_state) {
    l->c = cut(cutter, rows, d);
    l->c_previous = cut(cutter, rows, d);
  }
}

static void cut_training(struct cutter *cutter, struct rnn_tape *tape, const struct rnn_shape *shape)
{
  size_t rows = tape->capacity_rows, lanes = tape->capacity_lanes, d = shape->d, wide = shape->directions * d;
  real *dout[2] = {cut(cutter, rows, wide), cut(cutter, shape->layers > 1 ? rows : 0, wide)};
  for (size_t layer = 0; layer < shape->layers; layer++) {
    tape->out[layer] = cut(cutter, rows, wide);
    tape->up[layer] = shape->residual && layer > 0 ? cut(cutter, rows, wide) : tape->out[layer];
    tape->dout[layer] = dout[layer % 2];
    for (size_t direction = 0; direction < shape->directions; direction++)
      cut_layer(cutter, tape, shape, layer, direction);
  }
  tape->dz = cut(cutter, tape->capacity_distinct, shape->cell->gates * d);
  tape->dx = cut(cutter, tape->capacity_distinct, shape->e);
  tape->dpooled = cut(cutter, shape->task == RNN_CLASSIFY ? lanes : 0, shape->pooled);
  tape->score = shape->pooling == RNN_POOL_ATTENTION ? cut(cutter, rows, 1) : NULL;
  tape->ds = cut(cutter, lanes, d);
  tape->dc = shape->cell->second_state ? cut(cutter, lanes, d) : NULL;
}

static void cut_prediction(struct cutter *cutter, struct rnn_tape *tape, const struct rnn_shape *shape)
{
  size_t rows = tape->capacity_rows, lanes = tape->capacity_lanes, d = shape->d, wide = shape->directions * d;
  size_t stacked = shape->cell->gates * d;
  struct rnn_tape_layer shared = {.a = cut(cutter, rows, stacked)};
  if (shape->cell->apart)
    shared.h = cut(cutter, lanes, stacked);
  real *out[2] = {cut(cutter, rows, wide), cut(cutter, shape->layers > 1 ? rows : 0, wide)};
  for (size_t layer = 0; layer < shape->layers; layer++) {
    tape->out[layer] = tape->up[layer] = out[layer % 2];
    for (size_t direction = 0; direction < shape->directions; direction++)
      tape->layer[layer][direction] = shared;
  }
}

static void cut_all(struct cutter *cutter, struct rnn_tape *tape, const struct rnn_shape *shape)
{
  bool classify = shape->task == RNN_CLASSIFY;
  size_t rows = tape->capacity_rows, lanes = tape->capacity_lanes;
  if (shape->frames)
    tape->x = cut(cutter, rows, shape->n);
  else {
    tape->x = cut(cutter, tape->capacity_distinct, shape->e);
    tape->z = cut(cutter, tape->capacity_distinct, shape->cell->gates * shape->d);
  }
  tape->pooled = cut(cutter, classify ? lanes : 0, shape->pooled);
  tape->y = cut(cutter, classify ? lanes : rows, shape->k);
  if (tape->training)
    cut_training(cutter, tape, shape);
  else
    cut_prediction(cutter, tape, shape);
}

/* What is not made of reals. */
static enum rnn_status make_pooling(struct rnn_tape *tape, const struct rnn_shape *shape, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t lanes = tape->capacity_lanes;
  if (shape->pooling == RNN_POOL_MAX || shape->pooling == RNN_POOL_MEAN_MAX)
    RNN_TRY(rnn_memory_new(&tape->greatest_step, lanes * shape->directions * shape->d, sizeof *tape->greatest_step,
                           "activations of a batch", error));
  RNN_TRY(rnn_memory_new(&tape->weight, lanes, sizeof *tape->weight, "activations of a batch", error));
  RNN_TRY(rnn_memory_new(&tape->peak, lanes, sizeof *tape->peak, "activations of a batch", error));
out:
  return status;
}

enum rnn_status rnn_tape_create(struct rnn_tape **tape, const struct rnn_shape *shape, size_t lanes, size_t steps,
                                size_t rows, bool training, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_tape *fresh = NULL;
  struct cutter cutter = {.block = NULL};
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "tape", error));
  fresh->capacity_lanes = lanes;
  fresh->capacity_steps = steps;
  fresh->capacity_rows = rows;
  fresh->capacity_distinct = shape->frames ? 0 : rows < shape->n || shape->features > 0 ? rows : shape->n;
  fresh->training = training;
  cut_all(&cutter, fresh, shape);
  RNN_TRY(rnn_memory_new(&fresh->block, cutter.overflow ? SIZE_MAX : cutter.used, sizeof *fresh->block,
                         "activations of a batch", error));
  cutter = (struct cutter){.block = fresh->block};
  cut_all(&cutter, fresh, shape);
  for (size_t c = 0; c < shape->columns && shape->crf; c++)
    RNN_TRY(rnn_crf_tape_create(&fresh->crf[c], shape->column[c].k, rows, training, error));
  if (training && shape->task == RNN_CLASSIFY)
    RNN_TRY(make_pooling(fresh, shape, error));
  *tape = fresh;
  fresh = NULL;
out:
  rnn_tape_free(fresh);
  return status;
}

void rnn_tape_free(struct rnn_tape *tape)
{
  if (tape == NULL)
    return;
  for (size_t c = 0; c < RNN_MOST_COLUMNS; c++)
    rnn_crf_tape_free(tape->crf[c]);
  rnn_dropout_free(tape->dropout);
  rnn_candidates_free(tape->candidates);
  rnn_memory_free(tape->block);
  rnn_memory_free(tape->greatest_step);
  rnn_memory_free(tape->weight);
  rnn_memory_free(tape->peak);
  rnn_memory_free(tape->inside);
  rnn_memory_free(tape);
}

enum rnn_status rnn_tape_add_dropout(struct rnn_tape *tape, const struct rnn_shape *shape,
                                     struct rnn_dropout_shares share, struct rnn_error *error)
{
  return rnn_dropout_create(&tape->dropout, shape, share, tape->capacity_lanes, tape->capacity_rows,
                            tape->capacity_distinct, error);
}

enum rnn_status rnn_tape_keep_inside(struct rnn_tape *tape, const struct rnn_shape *shape, struct rnn_error *error)
{
  enum rnn_status status;
  size_t states = 1 + shape->cell->second_state, each, count;
  if (!rnn_size_multiply(tape->capacity_rows, shape->d, &each) ||
      !rnn_size_multiply(each, shape->layers * shape->directions * states, &count))
    count = SIZE_MAX;
  RNN_TRY(rnn_memory_new(&tape->inside, count, sizeof *tape->inside, "gradients of the states", error));
  real *next = tape->inside;
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      struct rnn_tape_layer *l = &tape->layer[layer][direction];
      l->ds = next;
      next += each;
      if (shape->cell->second_state) {
        l->dc = next;
        next += each;
      }
    }
out:
  return status;
}

enum rnn_status rnn_tape_add_candidates(struct rnn_tape *tape, const struct rnn_shape *shape, size_t draws,
                                        size_t frequent, uint64_t seed, struct rnn_error *error)
{
  enum rnn_status status = rnn_candidates_create(&tape->candidates, shape, draws, frequent, tape->capacity_rows, error);
  if (status == RNN_OK)
    tape->candidates->seed = seed;
  return status;
}
