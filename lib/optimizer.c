/* Optimizers: one loop over each block of parameters, and rows of the embedding that are stepped when they are needed.
 */
#include "optimizer.h"

#include <math.h>
#include <string.h>
#include <tgmath.h>

#include "kernel.h"
#include "memory.h"
#include "vector.h"

enum {
  BLOCK = 16,             /* elements whose loop the compiler unrolls into vectors */
  PIECE_ELEMENTS = 8192,  /* what one thread takes at a time; fixed, since the norm is summed by pieces */
  PAST = 1024,            /* updates that a row may lag behind */
  ROWS_AT_ONCE = 16       /* that one thread catches up: they lag behind by very different numbers of updates */
};

/* What an update was, so that it can be replayed. */
struct moment {
  real rate;       /* Adam: divided by 1 - beta1^t */
  real correction; /* Adam: 1 / (1 - beta2^t) */
  real shrink;     /* 1 - rate * weight_decay */
  real follow;     /* 1 - a of the average */
};

/* A part of the dense parameters, inside one tensor. */
struct piece {
  size_t begin, count;
  bool decays;
};

struct rnn_optimizer {
  enum rnn_optimizer_kind kind;
  real momentum, beta1, beta2, epsilon;
  double exact_beta1, exact_beta2, weight_decay, clip_norm, most_average;
  struct rnn_parameters *parameters;
  struct rnn_pool *pool;
  size_t count, rows, e; /* of all parameters; of the embedding */
  size_t pieces;
  struct piece *piece; /* [pieces] */
  double *square_sum;  /* [pieces + groups of rows] */
  /* what changes */
  uint64_t updates;
  double beta1_power, beta2_power; /* beta^updates */
  struct moment past[PAST];        /* of update u at u mod PAST; none older than the last multiple of PAST is needed */
  real *first;                     /* [count] momentum's v, Adam's m; NULL for SGD */
  real *second;                    /* [count] Adam's v; else NULL */
  real *average;                   /* [count] or NULL */
  uint64_t *row_updates;           /* [rows] how many updates each row has seen */
  unsigned char *row_met;          /* [rows] it has had a gradient: else its moments are zero */
};

static size_t rows_of_a_group(const struct rnn_optimizer *optimizer)
{
  return optimizer->e >= PIECE_ELEMENTS ? 1 : PIECE_ELEMENTS / optimizer->e;
}

static size_t groups_of(const struct rnn_optimizer *optimizer, size_t rows)
{
  if (rows == 0)
    return 0;
  size_t each = rows_of_a_group(optimizer);
  return (rows + each - 1) / each;
}

/* A vector (b, c, s_0) does not decay. */
static enum rnn_status cut_pieces(struct rnn_optimizer *optimizer, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_layout *layout = &optimizer->parameters->layout;
  size_t capacity = layout->tensors + layout->dense / PIECE_ELEMENTS + 1;
  RNN_TRY(rnn_memory_new(&optimizer->piece, capacity, sizeof *optimizer->piece, "an optimizer", error));
  for (size_t i = 0; i < layout->tensors; i++) {
    const struct rnn_tensor *tensor = &layout->tensor[i];
    size_t left = tensor->offset < layout->dense ? tensor->rows * tensor->columns : 0;
    for (size_t begin = tensor->offset; left > 0;) {
      size_t count = left < PIECE_ELEMENTS ? left : PIECE_ELEMENTS;
      optimizer->piece[optimizer->pieces++] =
          (struct piece){.begin = begin, .count = count, .decays = tensor->columns > 1};
      begin += count;
      left -= count;
    }
  }
  RNN_TRY(rnn_memory_new(&optimizer->square_sum, optimizer->pieces + groups_of(optimizer, optimizer->rows),
                         sizeof *optimizer->square_sum, "an optimizer", error));
out:
  return status;
}

static enum rnn_status make_state(struct rnn_optimizer *optimizer, bool average, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (optimizer->kind != RNN_SGD)
    RNN_TRY(rnn_memory_new(&optimizer->first, optimizer->count, sizeof(real), "an optimizer", error));
  if (optimizer->kind == RNN_ADAM)
    RNN_TRY(rnn_memory_new(&optimizer->second, optimizer->count, sizeof(real), "an optimizer", error));
  if (average)
    RNN_TRY(rnn_memory_new(&optimizer->average, optimizer->count, sizeof(real), "averaged parameters", error));
  RNN_TRY(
      rnn_memory_new(&optimizer->row_updates, optimizer->rows, sizeof *optimizer->row_updates, "an optimizer", error));
  RNN_TRY(rnn_memory_new(&optimizer->row_met, optimizer->rows, 1, "an optimizer", error));
out:
  return status;
}

enum rnn_status rnn_optimizer_create(struct rnn_optimizer **optimizer, const struct rnn_config *config,
                                     struct rnn_parameters *parameters, struct rnn_pool *pool, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_optimizer *fresh = NULL;
  *optimizer = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "an optimizer", error));
  fresh->kind = (enum rnn_optimizer_kind)config->optimizer;
  fresh->momentum = (real)config->momentum;
  fresh->beta1 = (real)(fresh->exact_beta1 = config->beta1);
  fresh->beta2 = (real)(fresh->exact_beta2 = config->beta2);
  fresh->epsilon = (real)config->epsilon;
  fresh->weight_decay = config->weight_decay;
  fresh->clip_norm = config->clip_norm;
  fresh->most_average = config->average;
  fresh->beta1_power = fresh->beta2_power = 1;
  fresh->parameters = parameters;
  fresh->pool = pool;
  fresh->count = parameters->layout.count;
  fresh->e = parameters->shape.e;
  fresh->rows = parameters->layout.sparse_rows;
  RNN_TRY(cut_pieces(fresh, error));
  RNN_TRY(make_state(fresh, config->average > 0, error));
  if (fresh->average != NULL)
    rnn_vector_copy(fresh->count, parameters->value, fresh->average);
  *optimizer = fresh;
  fresh = NULL;
out:
  rnn_optimizer_free(fresh);
  return status;
}

void rnn_optimizer_free(struct rnn_optimizer *optimizer)
{
  if (optimizer == NULL)
    return;
  rnn_memory_free(optimizer->piece);
  rnn_memory_free(optimizer->square_sum);
  rnn_memory_free(optimizer->first);
  rnn_memory_free(optimizer->second);
  rnn_memory_free(optimizer->average);
  rnn_memory_free(optimizer->row_updates);
  rnn_memory_free(optimizer->row_met);
  rnn_memory_free(optimizer);
}

/* --- the rules, over a few elements --- */

#define RULE static inline __attribute__((always_inline)) void

RULE step_sgd(size_t count, const struct moment *now, real shrink, real scale, const real *restrict g, real *restrict p)
{
  for (size_t i = 0; i < count; i++)
    p[i] = p[i] * shrink - now->rate * (scale * g[i]);
}

RULE step_momentum(size_t count, const struct moment *now, real shrink, real momentum, real scale,
                   const real *restrict g, real *restrict p, real *restrict v)
{
  for (size_t i = 0; i < count; i++) {
    v[i] = momentum * v[i] + scale * g[i];
    p[i] = p[i] * shrink - now->rate * v[i];
  }
}

RULE step_adam(size_t count, const struct moment *now, real shrink, const struct rnn_optimizer *rule, real scale,
               const real *restrict g, real *restrict p, real *restrict m, real *restrict v)
{
  const real beta1 = rule->beta1, beta2 = rule->beta2, epsilon = rule->epsilon, rate = now->rate;
  const real correction = now->correction;
  for (size_t i = 0; i < count; i++) {
    real gradient = scale * g[i];
    m[i] = beta1 * m[i] + (1 - beta1) * gradient;
    v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
    p[i] = p[i] * shrink - rate * m[i] / (sqrt(v[i] * correction) + epsilon);
  }
}

RULE step_average(size_t count, const struct moment *now, const real *restrict p, real *restrict q)
{
  for (size_t i = 0; i < count; i++)
    q[i] += now->follow * (p[i] - q[i]);
}

/* Elements at, at + 1, ... of the parameters by g [count]. */
RULE step_block(size_t count, struct rnn_optimizer *optimizer, const struct moment *now, bool decays, real scale,
                const real *g, size_t at)
{
  real *p = optimizer->parameters->value + at, shrink = decays ? now->shrink : 1;
  switch (optimizer->kind) {
  case RNN_SGD:
    step_sgd(count, now, shrink, scale, g, p);
    break;
  case RNN_MOMENTUM:
    step_momentum(count, now, shrink, optimizer->momentum, scale, g, p, optimizer->first + at);
    break;
  case RNN_ADAM:
    step_adam(count, now, shrink, optimizer, scale, g, p, optimizer->first + at, optimizer->second + at);
    break;
  }
  if (optimizer->average != NULL)
    step_average(count, now, p, optimizer->average + at);
}

/* Elements at ... at + count - 1, and what happens to them: the update `now`, by g [count]; or, with g = 0, all the
 * updates from `from` on. */
struct range {
  struct rnn_optimizer *optimizer;
  size_t at, count;
  const struct moment *now;
  bool decays;
  real scale;
  const real *g;
  uint64_t from;
};

RNN_WIDENED(step_elements, const struct range *, range)
{
  size_t i = 0;
  for (; i + BLOCK <= range->count; i += BLOCK)
    step_block(BLOCK, range->optimizer, range->now, range->decays, range->scale, range->g + i, range->at + i);
  step_block(range->count - i, range->optimizer, range->now, range->decays, range->scale, range->g + i, range->at + i);
}

RNN_WIDENED(replay_elements, const struct range *, range)
{
  static const real zero[BLOCK];
  struct rnn_optimizer *optimizer = range->optimizer;
  for (size_t i = 0; i < range->count; i += BLOCK)
    for (uint64_t update = range->from; update < optimizer->updates; update++) {
      const struct moment *then = &optimizer->past[update % PAST];
      if (range->count - i >= BLOCK)
        step_block(BLOCK, optimizer, then, true, 1, zero, range->at + i);
      else
        step_block(range->count - i, optimizer, then, true, 1, zero, range->at + i);
    }
}

/* --- rows that lag behind --- */

static void prepare_row(struct rnn_optimizer *optimizer, size_t row)
{
  uint64_t from = optimizer->row_updates[row];
  optimizer->row_updates[row] = optimizer->updates;
  bool still = optimizer->weight_decay == 0 &&
               (!optimizer->row_met[row] || (optimizer->kind == RNN_SGD && optimizer->average == NULL));
  size_t at = optimizer->parameters->layout.embedding + row * optimizer->e;
  if (from < optimizer->updates && !still)
    replay_elements(&(struct range){.optimizer = optimizer, .at = at, .count = optimizer->e, .from = from});
}

struct rows {
  struct rnn_optimizer *optimizer;
  const int32_t *row; /* NULL: all */
  size_t rows;
};

static void prepare_some(void *context, size_t part)
{
  const struct rows *rows = context;
  size_t begin = part * ROWS_AT_ONCE, left = rows->rows - begin;
  size_t end = begin + (left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE);
  for (size_t i = begin; i < end; i++)
    prepare_row(rows->optimizer, rows->row == NULL ? i : (size_t)rows->row[i]);
}

static bool any_behind(const struct rows *rows)
{
  const uint64_t *row_updates = rows->optimizer->row_updates;
  for (size_t i = 0; i < rows->rows; i++)
    if (row_updates[rows->row == NULL ? i : (size_t)rows->row[i]] < rows->optimizer->updates)
      return true;
  return false;
}

void rnn_optimizer_prepare(struct rnn_optimizer *optimizer, const int32_t *row, size_t rows)
{
  if (optimizer->rows == 0)
    return; /* one-hot or frames: there is no embedding */
  struct rows some = {optimizer, row, rows};
  if (!any_behind(&some))
    return;
  rnn_pool_run(optimizer->pool, (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE, prepare_some, &some);
}

void rnn_optimizer_prepare_all(struct rnn_optimizer *optimizer)
{
  rnn_optimizer_prepare(optimizer, NULL, optimizer->rows);
}

/* --- a step --- */

struct step {
  struct rnn_optimizer *optimizer;
  const struct rnn_gradient *gradient;
  const struct moment *now;
  real scale;
};

/* Rows of the gradient of group `group`: *begin of them, answers how many. */
static size_t rows_at(const struct step *step, size_t group, size_t *begin)
{
  size_t each = rows_of_a_group(step->optimizer);
  *begin = group * each;
  size_t left = step->gradient->rows - *begin;
  return left < each ? left : each;
}

static void sum_piece(void *context, size_t part)
{
  const struct step *step = context;
  struct rnn_optimizer *optimizer = step->optimizer;
  if (part < optimizer->pieces) {
    const struct piece *piece = &optimizer->piece[part];
    optimizer->square_sum[part] = rnn_vector_square_sum(piece->count, step->gradient->dense + piece->begin);
  } else {
    size_t begin, rows = rows_at(step, part - optimizer->pieces, &begin), e = optimizer->e;
    optimizer->square_sum[part] = rnn_vector_square_sum(rows * e, step->gradient->embedding + begin * e);
  }
}

static void step_piece(void *context, size_t part)
{
  const struct step *step = context;
  struct rnn_optimizer *optimizer = step->optimizer;
  struct range range = {.optimizer = optimizer, .now = step->now, .scale = step->scale};
  if (part < optimizer->pieces) {
    const struct piece *piece = &optimizer->piece[part];
    range.at = piece->begin;
    range.count = piece->count;
    range.decays = piece->decays;
    range.g = step->gradient->dense + piece->begin;
    step_elements(&range);
    return;
  }
  size_t begin, rows = rows_at(step, part - optimizer->pieces, &begin), e = optimizer->e;
  range.count = e;
  range.decays = true;
  for (size_t i = begin; i < begin + rows; i++) {
    size_t row = (size_t)step->gradient->row[i];
    optimizer->row_met[row] = 1;
    optimizer->row_updates[row] = optimizer->updates + 1;
    range.at = optimizer->parameters->layout.embedding + row * e;
    range.g = step->gradient->embedding + i * e;
    step_elements(&range);
  }
}

static struct moment moment_of(const struct rnn_optimizer *optimizer, double learning_rate)
{
  double t = (double)optimizer->updates + 1, average = (1 + t) / (10 + t);
  struct moment now = {.rate = (real)learning_rate,
                       .correction = 1,
                       .shrink = (real)(1 - learning_rate * optimizer->weight_decay),
                       .follow = (real)(1 - (average < optimizer->most_average ? average : optimizer->most_average))};
  if (optimizer->kind == RNN_ADAM) {
    now.rate = (real)(learning_rate / (1 - optimizer->beta1_power * optimizer->exact_beta1));
    now.correction = (real)(1 / (1 - optimizer->beta2_power * optimizer->exact_beta2));
  }
  return now;
}

struct rnn_update rnn_optimizer_step(struct rnn_optimizer *optimizer, const struct rnn_gradient *gradient, double terms,
                                     double learning_rate)
{
  struct step step = {.optimizer = optimizer, .gradient = gradient};
  size_t parts = optimizer->pieces + groups_of(optimizer, gradient->rows);
  if (!(terms > 0))
    return (struct rnn_update){.gradient_norm = 0};
  rnn_pool_run(optimizer->pool, parts, sum_piece, &step);
  double sum = 0;
  for (size_t i = 0; i < parts; i++)
    sum += optimizer->square_sum[i];
  struct rnn_update update = {.gradient_norm = sqrt(sum) / terms};
  if (!isfinite(update.gradient_norm))
    return update;
  update.clipped = optimizer->clip_norm > 0 && update.gradient_norm > optimizer->clip_norm;
  step.scale = (real)((update.clipped ? optimizer->clip_norm / update.gradient_norm : 1) / terms);
  if (optimizer->updates % PAST == 0)
    rnn_optimizer_prepare_all(optimizer);
  rnn_optimizer_prepare(optimizer, gradient->row, gradient->rows);
  struct moment *now = &optimizer->past[optimizer->updates % PAST];
  *now = moment_of(optimizer, learning_rate);
  step.now = now;
  rnn_pool_run(optimizer->pool, parts, step_piece, &step);
  optimizer->updates++;
  optimizer->beta1_power *= optimizer->exact_beta1;
  optimizer->beta2_power *= optimizer->exact_beta2;
  return update;
}

void rnn_optimizer_swap_average(struct rnn_optimizer *optimizer)
{
  real *p = optimizer->parameters->value, *q = optimizer->average;
  for (size_t i = 0; q != NULL && i < optimizer->count; i++) {
    real kept = p[i];
    p[i] = q[i];
    q[i] = kept;
  }
}

/* --- parts --- */

enum rnn_status rnn_optimizer_parts(struct rnn_optimizer *optimizer, const char *prefix, struct rnn_parts *parts,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t count = optimizer->count;
  RNN_TRY(rnn_parts_add_count(parts, prefix, "optimizer.updates", &optimizer->updates, error));
  RNN_TRY(rnn_parts_add_double(parts, prefix, "optimizer.beta1_power", &optimizer->beta1_power, error));
  RNN_TRY(rnn_parts_add_double(parts, prefix, "optimizer.beta2_power", &optimizer->beta2_power, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "parameters", RNN_PART_REAL, count, optimizer->parameters->value, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "optimizer.first", RNN_PART_REAL, count, optimizer->first, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "optimizer.second", RNN_PART_REAL, count, optimizer->second, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "optimizer.average", RNN_PART_REAL, count, optimizer->average, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "optimizer.row_met", RNN_PART_BYTE, optimizer->rows, optimizer->row_met, error));
out:
  return status;
}

static void clear(size_t count, real *x)
{
  if (x != NULL)
    rnn_vector_fill(count, 0, x);
}

void rnn_optimizer_restart(struct rnn_optimizer *optimizer)
{
  optimizer->updates = 0;
  optimizer->beta1_power = optimizer->beta2_power = 1;
  clear(optimizer->count, optimizer->first);
  clear(optimizer->count, optimizer->second);
  if (optimizer->average != NULL)
    rnn_vector_copy(optimizer->count, optimizer->parameters->value, optimizer->average);
  for (size_t row = 0; row < optimizer->rows; row++)
    optimizer->row_met[row] = 0;
  rnn_optimizer_resume(optimizer);
}

void rnn_optimizer_resume(struct rnn_optimizer *optimizer)
{
  for (size_t row = 0; row < optimizer->rows; row++)
    optimizer->row_updates[row] = optimizer->updates;
}
