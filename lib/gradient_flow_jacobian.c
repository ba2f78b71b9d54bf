/* Jacobians by the cells' own backward steps. */
#include "gradient_flow_jacobian.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "random.h"
#include "spectrum.h"
#include "vector.h"

enum { DIRECTIONS = 4, SETTLE = 10, BLOCK = 8 };

struct rnn_jacobian {
  size_t width, stacked, d;
  real *ds, *dc; /* [d] */
  real *da, *dh; /* [G d] */
  real *dw;      /* [vectors d] */
  real *block;   /* all of the above */
};

size_t rnn_jacobian_width(const struct rnn_shape *shape)
{
  return shape->d * (shape->cell->second_state ? 2 : 1);
}

enum rnn_status rnn_jacobian_create(struct rnn_jacobian **jacobian, const struct rnn_shape *shape,
                                    struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_jacobian *fresh = NULL;
  size_t width = rnn_jacobian_width(shape), d = shape->d, stacked = shape->cell->gates * d;
  *jacobian = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a Jacobian", error));
  *fresh = (struct rnn_jacobian){.width = width, .stacked = stacked, .d = d};
  RNN_TRY(
      rnn_memory_new(&fresh->block, 2 * stacked + (2 + shape->cell->vectors) * d, sizeof(real), "a Jacobian", error));
  fresh->ds = fresh->block;
  fresh->dc = fresh->ds + d;
  fresh->da = fresh->dc + d;
  fresh->dh = fresh->da + stacked;
  fresh->dw = fresh->dh + stacked;
  *jacobian = fresh;
  fresh = NULL;
out:
  rnn_jacobian_free(fresh);
  return status;
}

void rnn_jacobian_free(struct rnn_jacobian *jacobian)
{
  if (jacobian == NULL)
    return;
  rnn_memory_free(jacobian->block);
  rnn_memory_free(jacobian);
}

/* The cell's backward step knows units only one by one: what it makes of dL/ds_t = (1, ..., 1) holds, unit by unit,
 * what it makes of each unit vector. A unit's row is then the few rows of W of its gates, and what goes past W. */
void rnn_jacobian_find(struct rnn_jacobian *jacobian, const struct rnn_probe *probe, size_t layer, size_t direction,
                       size_t row, real *j)
{
  const struct rnn_cell *cell = probe->network->layer[layer][direction].cell;
  const struct rnn_parameters *parameters = probe->model->parameters;
  size_t offset = parameters->layout.layer[layer][direction].w;
  const real *w = offset == SIZE_MAX ? NULL : parameters->value + offset; /* NULL: the cell has none */
  struct rnn_cell_step step = rnn_probe_step(probe, layer, direction, row);
  size_t width = jacobian->width, d = jacobian->d;
  step.ds = jacobian->ds;
  step.dc = cell->second_state ? jacobian->dc : NULL;
  step.da = jacobian->da;
  step.dh = cell->apart ? jacobian->dh : jacobian->da;
  step.dw = jacobian->dw;
  rnn_vector_fill(width * width, 0, j);
  for (size_t state = 0; state < width / d; state++) {
    rnn_vector_fill(d, state == 0, jacobian->ds);
    rnn_vector_fill(d, state == 1, jacobian->dc);
    cell->backward(&step);
    for (size_t p = 0; p < d; p++) {
      real *to = j + (state * d + p) * width;
      for (size_t gate = 0; gate < cell->gates && !cell->elementwise; gate++)
        rnn_vector_add_scaled(d, step.dh[gate * d + p], w + (gate * d + p) * d, to);
      to[p] += cell->direct ? jacobian->ds[p] : 0;
      if (cell->second_state)
        to[d + p] = jacobian->dc[p];
    }
  }
}

/* ---- saturation ---- */

static bool is_flat(char squashed, double value)
{
  const double share = 0.1;
  if (squashed == 'l')
    return value * (1 - value) < share / 4;
  return squashed == 't' && 1 - value * value < share;
}

static double saturated(const struct rnn_probe *probe, size_t layer, size_t direction, size_t row)
{
  const struct rnn_shape *shape = &probe->model->parameters->shape;
  struct rnn_cell_step step = rnn_probe_step(probe, layer, direction, row);
  size_t d = shape->d, flat = 0, units = 0;
  if (shape->cell->activation) {
    static const char squashed[] = {[RNN_TANH] = 't', [RNN_LOGISTIC] = 'l', [RNN_RELU] = '-'};
    for (size_t j = 0; j < d; j++)
      flat += shape->activation == RNN_RELU ? step.s[j] <= 0 : is_flat(squashed[shape->activation], (double)step.s[j]);
    return (double)flat / (double)d;
  }
  for (size_t gate = 0; gate < shape->cell->gates; gate++)
    if (shape->cell->squashed[gate] != '-')
      for (size_t j = 0; j < d; j++, units++)
        flat += is_flat(shape->cell->squashed[gate], (double)step.a[gate * d + j]);
  return units == 0 ? NAN : (double)flat / (double)units;
}

/* ---- a sequence of them ---- */

/* What each thread's part of the steps needs. */
struct worker {
  struct rnn_jacobian *jacobian;
  struct rnn_spectrum *spectrum;
  real *guess; /* [width] */
};

struct walk {
  struct rnn_jacobians *found;
  const struct rnn_probe *probe;
  size_t layer, direction, parts;
  real *j; /* [steps][width][width] of a stretch of steps, */
  size_t first, count, capacity;
  struct worker *worker; /* [parts] */
  real *product, *next;  /* [width][width] ds_end/ds_k, scaled, */
  double logarithm;      /* by exp of this */
  real *guess, *turned;  /* [width] the direction that it keeps most of, for the next one */
  real *q;               /* [DIRECTIONS][width] */
  double growth[DIRECTIONS];
};

static size_t row_of(const struct walk *walk, size_t i)
{
  return rnn_batch_row(walk->probe->batch, walk->direction == 1 ? walk->found->steps - 1 - i : i, 0);
}

/* The Jacobian of a step and what is asked of it; `guess` goes from step to step. */
static void work_step(const struct walk *walk, const struct worker *worker, size_t i, real *guess)
{
  struct rnn_jacobians *found = walk->found;
  size_t width = found->width, d = walk->probe->model->parameters->shape.d, step = walk->first + i;
  size_t row = row_of(walk, step);
  real *j = walk->j + i * width * width;
  rnn_jacobian_find(worker->jacobian, walk->probe, walk->layer, walk->direction, row, j);
  if (found->value != NULL)
    rnn_spectrum_values(worker->spectrum, width, j, found->value + step * width);
  found->norm[step] =
      found->value != NULL ? found->value[step * width] : rnn_spectrum_norm(worker->spectrum, width, d, j, guess);
  found->saturated[step] = saturated(walk->probe, walk->layer, walk->direction, row);
}

/* Each parts-th block of steps of the stretch: what one step tells the next does not depend on the threads. */
static void work_steps(void *context, size_t part)
{
  struct walk *walk = context;
  struct worker *worker = &walk->worker[part];
  for (size_t first = part * BLOCK; first < walk->count; first += walk->parts * BLOCK) {
    rnn_vector_fill(walk->found->width, 0, worker->guess);
    for (size_t i = first; i < walk->count && i < first + BLOCK; i++)
      work_step(walk, worker, i, worker->guess);
  }
}

static void find_stretch(struct walk *walk, size_t first, size_t end, struct rnn_pool *pool)
{
  walk->first = first;
  walk->count = end - first;
  rnn_pool_run(pool, walk->parts, work_steps, walk);
}

/* ds_end/ds_k from ds_end/ds_{k+1}: one more factor, and its norm, for the steps of the stretch from the last on. */
static void multiply_stretch(struct walk *walk)
{
  struct rnn_jacobians *found = walk->found;
  struct rnn_spectrum *spectrum = walk->worker[0].spectrum;
  size_t width = found->width;
  for (size_t i = walk->count; i-- > 0;) {
    size_t step = walk->first + i;
    if (step > found->end || step == 0)
      continue;
    const real *j = walk->j + i * width * width;
    rnn_spectrum_turn_back(width, j, walk->guess, walk->turned);
    rnn_spectrum_product(spectrum, width, walk->probe->model->parameters->shape.d, walk->product, j, walk->next);
    double size = rnn_spectrum_norm(spectrum, width, width, walk->next, walk->turned);
    found->product[step - 1] = size * exp(walk->logarithm);
    found->bound[step - 1] = found->bound[step] * found->norm[step];
    real *swapped = walk->product;
    walk->product = walk->next;
    walk->next = swapped;
    swapped = walk->guess;
    walk->guess = walk->turned;
    walk->turned = swapped;
    if (size > 0 && (size < 1e-100 || size > 1e100)) {
      for (size_t at = 0; at < width * width; at++)
        walk->product[at] = (real)((double)walk->product[at] / size);
      walk->logarithm += log(size);
    }
  }
}

static void grow_stretch(struct walk *walk)
{
  struct rnn_jacobians *found = walk->found;
  size_t width = found->width, count = width < DIRECTIONS ? width : DIRECTIONS, settled = found->steps / SETTLE;
  for (size_t i = 0; i < walk->count; i++) {
    if (walk->first + i == settled)
      memset(walk->growth, 0, sizeof walk->growth);
    rnn_spectrum_grow(walk->worker[0].spectrum, width, walk->j + i * width * width, count, walk->q, walk->growth);
  }
}

static enum rnn_status start_walk(struct walk *walk, size_t threads, uint64_t seed, struct rnn_error *error)
{
  enum { MOST_BYTES = 64 << 20 };
  enum rnn_status status;
  struct rnn_jacobians *found = walk->found;
  size_t width = found->width, square;
  struct rnn_random random;
  if (!rnn_size_multiply(width, width, &square))
    square = SIZE_MAX;
  walk->parts = threads;
  walk->capacity = MOST_BYTES / sizeof(real) / square;
  walk->capacity = walk->capacity < 1 ? 1 : walk->capacity > found->steps ? found->steps : walk->capacity;
  RNN_TRY(rnn_memory_new(&walk->j, square, walk->capacity * sizeof *walk->j, "Jacobians", error));
  RNN_TRY(rnn_memory_new(&walk->product, square, sizeof *walk->product, "a product of Jacobians", error));
  RNN_TRY(rnn_memory_new(&walk->next, square, sizeof *walk->next, "a product of Jacobians", error));
  RNN_TRY(rnn_memory_new(&walk->guess, width, sizeof *walk->guess, "directions", error));
  RNN_TRY(rnn_memory_new(&walk->turned, width, sizeof *walk->turned, "directions", error));
  RNN_TRY(rnn_memory_new(&walk->q, width, DIRECTIONS * sizeof *walk->q, "directions", error));
  RNN_TRY(rnn_memory_new(&walk->worker, threads, sizeof *walk->worker, "Jacobians", error));
  for (size_t part = 0; part < threads; part++) {
    RNN_TRY(rnn_jacobian_create(&walk->worker[part].jacobian, &walk->probe->model->parameters->shape, error));
    RNN_TRY(rnn_spectrum_create(&walk->worker[part].spectrum, width, error));
    RNN_TRY(rnn_memory_new(&walk->worker[part].guess, width, sizeof(real), "directions", error));
  }
  for (size_t i = 0; i < width; i++)
    walk->product[i * width + i] = 1;
  rnn_random_init(&random, seed, RNN_PURPOSE_SAMPLE, 0, walk->layer * 2 + walk->direction);
  for (size_t i = 0; i < DIRECTIONS * width; i++)
    walk->q[i] = (real)rnn_random_normal(&random);
out:
  return status;
}

static void end_walk(struct walk *walk)
{
  for (size_t part = 0; part < walk->parts && walk->worker != NULL; part++) {
    rnn_jacobian_free(walk->worker[part].jacobian);
    rnn_spectrum_free(walk->worker[part].spectrum);
    rnn_memory_free(walk->worker[part].guess);
  }
  rnn_memory_free(walk->worker);
  rnn_memory_free(walk->j);
  rnn_memory_free(walk->product);
  rnn_memory_free(walk->next);
  rnn_memory_free(walk->guess);
  rnn_memory_free(walk->turned);
  rnn_memory_free(walk->q);
}

/* The products go from the end to the start, growth from the start to the end; where not all Jacobians fit into memory
 * those of a stretch are found twice. */
static void walk_both_ways(struct walk *walk, struct rnn_pool *pool)
{
  struct rnn_jacobians *found = walk->found;
  size_t stretches = (found->steps + walk->capacity - 1) / walk->capacity;
  for (size_t i = stretches; i-- > 0;) {
    size_t first = i * walk->capacity, end = first + walk->capacity;
    find_stretch(walk, first, end < found->steps ? end : found->steps, pool);
    multiply_stretch(walk);
  }
  for (size_t i = 0; i < stretches; i++) {
    size_t first = i * walk->capacity, end = first + walk->capacity;
    if (stretches > 1)
      find_stretch(walk, first, end < found->steps ? end : found->steps, pool);
    grow_stretch(walk);
  }
  found->lyapunov = walk->growth[0] / (double)(found->steps - found->steps / SETTLE);
}

enum rnn_status rnn_jacobians_find(struct rnn_jacobians *jacobians, const struct rnn_probe *probe, size_t layer,
                                   size_t direction, size_t end, bool values, uint64_t seed, struct rnn_pool *pool,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  struct walk walk = {.found = jacobians, .probe = probe, .layer = layer, .direction = direction};
  size_t width = rnn_jacobian_width(&probe->model->parameters->shape), steps = probe->batch->length[0];
  *jacobians = (struct rnn_jacobians){.width = width, .steps = steps, .end = end};
  if (end >= steps)
    return rnn_error_set(error, RNN_USAGE, "there is no step %zu, only 0 to %zu", end, steps - 1);
  if (values)
    RNN_TRY(rnn_memory_new(&jacobians->value, steps, width * sizeof(double), "singular values", error));
  RNN_TRY(rnn_memory_new(&jacobians->norm, steps, sizeof(double), "singular values", error));
  RNN_TRY(rnn_memory_new(&jacobians->saturated, steps, sizeof(double), "singular values", error));
  RNN_TRY(rnn_memory_new(&jacobians->product, end + 1, sizeof(double), "products of Jacobians", error));
  RNN_TRY(rnn_memory_new(&jacobians->bound, end + 1, sizeof(double), "products of Jacobians", error));
  jacobians->product[end] = jacobians->bound[end] = 1;
  RNN_TRY(start_walk(&walk, rnn_pool_threads(pool), seed, error));
  walk_both_ways(&walk, pool);
out:
  end_walk(&walk);
  return status;
}

void rnn_jacobians_clear(struct rnn_jacobians *jacobians)
{
  rnn_memory_free(jacobians->value);
  rnn_memory_free(jacobians->norm);
  rnn_memory_free(jacobians->saturated);
  rnn_memory_free(jacobians->product);
  rnn_memory_free(jacobians->bound);
  memset(jacobians, 0, sizeof *jacobians);
}

/* ---- the weights ---- */

enum rnn_status rnn_recurrence_find(struct rnn_recurrence *recurrence, const struct rnn_parameters *parameters,
                                    size_t layer, size_t direction, size_t gate, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_shape *shape = &parameters->shape;
  struct rnn_spectrum *spectrum = NULL;
  size_t d = shape->d;
  *recurrence = (struct rnn_recurrence){.lambda = NAN, .radius = NAN};
  if (shape->cell->elementwise && gate >= shape->cell->vectors)
    return RNN_OK;
  const real *w = parameters->value + parameters->layout.layer[layer][direction].w;
  if (shape->cell->elementwise) {
    double greatest = 0;
    for (size_t j = 0; j < d; j++)
      greatest = fmax(greatest, fabs((double)w[gate * d + j]));
    *recurrence = (struct rnn_recurrence){.lambda = greatest, .radius = greatest};
    return RNN_OK;
  }
  RNN_TRY(rnn_spectrum_create(&spectrum, d, error));
  recurrence->lambda = rnn_spectrum_norm(spectrum, d, d, w + gate * d * d, NULL);
  recurrence->radius = rnn_spectrum_radius(spectrum, d, w + gate * d * d);
out:
  rnn_spectrum_free(spectrum);
  return status;
}

double rnn_recurrence_gamma(const struct rnn_shape *shape)
{
  if (!shape->cell->activation)
    return NAN;
  return shape->activation == RNN_LOGISTIC ? 0.25 : 1;
}
