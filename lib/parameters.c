/* The block of parameters, its random start, and its gradient. */
#include "parameters.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "random.h"
#include "vector.h"

enum rnn_status rnn_parameters_create(struct rnn_parameters **parameters, const struct rnn_shape *shape,
                                      struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_parameters *fresh = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "parameters", error));
  fresh->shape = *shape;
  RNN_TRY(rnn_shape_layout(shape, &fresh->layout, error));
  RNN_TRY(rnn_memory_new(&fresh->value, fresh->layout.count, sizeof *fresh->value, "parameters", error));
  fresh->block = fresh->value;
  RNN_TRY(rnn_frame_scale_create(&fresh->frame, &shape->frame, error));
  *parameters = fresh;
  fresh = NULL;
out:
  rnn_parameters_free(fresh);
  return status;
}

void rnn_parameters_free(struct rnn_parameters *parameters)
{
  if (parameters == NULL)
    return;
  rnn_memory_free(parameters->block);
  rnn_frame_scale_clear(&parameters->frame);
  rnn_memory_free(parameters);
}

void rnn_parameters_copy(const struct rnn_parameters *from, struct rnn_parameters *to)
{
  size_t n = from->frame.mean == NULL ? 0 : from->shape.n;
  rnn_vector_copy(from->layout.count, from->value, to->value);
  rnn_vector_copy(n, from->frame.mean, to->frame.mean);
  rnn_vector_copy(n, from->frame.deviation, to->frame.deviation);
}

enum rnn_status rnn_parameters_check_rows(const struct rnn_parameters *parameters, const int32_t *row, size_t rows,
                                          struct rnn_error *error)
{
  size_t e = parameters->shape.e;
  if (!parameters->unchecked || e == 0)
    return RNN_OK;
  for (size_t i = 0; i < rows; i++) {
    size_t first = (size_t)row[i] * e;
    const real *value = parameters->value + parameters->layout.embedding + first;
    if (rnn_vector_all_finite(e, value))
      continue;
    while (isfinite(*value)) {
      value++;
      first++;
    }
    return rnn_error_set(error, RNN_DATA, "the model: tensor 'embedding': element %zu is not finite", first);
  }
  return RNN_OK;
}

void rnn_parameters_embed(const struct rnn_parameters *parameters, const struct rnn_lexicon *lexicon, int32_t symbol,
                          real *x)
{
  size_t e = parameters->shape.e;
  const real *embedding = parameters->value + parameters->layout.embedding;
  if (lexicon == NULL) {
    rnn_vector_copy(e, embedding + (size_t)symbol * e, x);
    return;
  }
  struct rnn_word word = rnn_lexicon_word(lexicon, symbol);
  if (word.own == RNN_ABSENT)
    rnn_vector_fill(e, 0, x);
  else
    rnn_vector_copy(e, embedding + (size_t)word.own * e, x);
  for (size_t i = 0; i < word.count; i++)
    rnn_vector_add(e, parameters->value + parameters->layout.features + (size_t)word.row[i] * e, x);
}

int rnn_parameters_find(const struct rnn_parameters *parameters, const char *name)
{
  for (size_t i = 0; i < parameters->layout.tensors; i++)
    if (strcmp(parameters->layout.tensor[i].name, name) == 0)
      return (int)i;
  return -1;
}

static void fill_uniform(struct rnn_random *random, size_t rows, size_t columns, double gain, real *m)
{
  double limit = gain * sqrt(6.0 / ((double)rows + (double)columns));
  for (size_t i = 0; i < rows * columns; i++)
    m[i] = (real)(limit * (2.0 * rnn_random_uniform(random) - 1.0));
}

static void fill_normal(struct rnn_random *random, size_t count, double deviation, real *m)
{
  for (size_t i = 0; i < count; i++)
    m[i] = (real)(deviation * rnn_random_normal(random));
}

/* In double and in one order on every machine, unlike rnn_vector_dot; in four chains for speed. */
static double dot(size_t count, const real *x, const real *y)
{
  double sum[4] = {0, 0, 0, 0};
  for (size_t i = 0; i < count; i++)
    sum[i % 4] += (double)x[i] * (double)y[i];
  return sum[0] + sum[1] + (sum[2] + sum[3]);
}

/* Makes the rows of m [d][d] orthonormal, row after row (Gram, Schmidt), twice over so that rounding leaves no trace.
 */
static void orthonormalise(size_t d, real *m)
{
  for (size_t i = 0; i < d; i++) {
    real *row = m + i * d;
    for (int pass = 0; pass < 2; pass++) {
      for (size_t j = 0; j < i; j++) {
        double shadow = dot(d, row, m + j * d);
        for (size_t column = 0; column < d; column++)
          row[column] = (real)((double)row[column] - shadow * (double)m[j * d + column]);
      }
      rnn_vector_scale(d, (real)(1.0 / sqrt(dot(d, row, row))), row);
    }
  }
}

static void fill_recurrent(struct rnn_random *random, enum rnn_initial initial, size_t d, double gain, real *w)
{
  switch (initial) {
  case RNN_INITIAL_UNIFORM:
    fill_uniform(random, d, d, gain, w);
    break;
  case RNN_INITIAL_ORTHOGONAL:
    fill_normal(random, d * d, 1.0, w);
    orthonormalise(d, w);
    rnn_vector_scale(d * d, (real)gain, w);
    break;
  case RNN_INITIAL_IDENTITY:
    for (size_t i = 0; i < d; i++)
      w[i * d + i] = (real)gain;
    break;
  }
}

/* The diagonal of W that a vector is. */
static void fill_diagonal(struct rnn_random *random, enum rnn_initial initial, size_t d, double gain, real *w)
{
  for (size_t j = 0; j < d; j++)
    w[j] = (real)(initial == RNN_INITIAL_IDENTITY ? gain : gain * rnn_random_uniform(random));
}

static void randomise_layer(struct rnn_parameters *parameters, const struct rnn_layer_view *view, size_t index,
                            const struct rnn_config *config)
{
  const struct rnn_shape *shape = &parameters->shape;
  size_t d = shape->d;
  struct rnn_random u, w;
  rnn_random_init(&u, config->seed, RNN_PURPOSE_INITIAL, 0, 2 * index);
  rnn_random_init(&w, config->seed, RNN_PURPOSE_INITIAL, 0, 2 * index + 1);
  for (size_t gate = 0; gate < shape->cell->gates; gate++) {
    fill_uniform(&u, d, view->width, 1.0, parameters->value + view->u + gate * d * view->width);
    if (!shape->cell->elementwise)
      fill_recurrent(&w, (enum rnn_initial)config->initial, d, config->initial_gain,
                     parameters->value + view->w + gate * d * d);
  }
  if (shape->cell->vectors == 1)
    fill_diagonal(&w, (enum rnn_initial)config->initial, d, config->initial_gain, parameters->value + view->w);
  if (shape->cell->initial_bias != NULL)
    shape->cell->initial_bias(d, parameters->value + view->b);
}

void rnn_parameters_randomise(struct rnn_parameters *parameters, const struct rnn_config *config)
{
  const struct rnn_shape *shape = &parameters->shape;
  const struct rnn_layout *layout = &parameters->layout;
  enum { OUTPUT = 2 * 2 * RNN_MOST_LAYERS, EMBEDDING }; /* after two streams a layer's direction */
  struct rnn_random random;
  rnn_vector_fill(layout->count, 0, parameters->value);
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++)
      randomise_layer(parameters, &layout->layer[layer][direction], 2 * layer + direction, config);
  rnn_random_init(&random, config->seed, RNN_PURPOSE_INITIAL, 0, OUTPUT);
  for (size_t c = 0; c < shape->columns; c++)
    fill_uniform(&random, shape->column[c].k, shape->pooled, 1.0,
                 parameters->value + layout->v + shape->column[c].first * shape->pooled);
  rnn_random_init(&random, config->seed, RNN_PURPOSE_INITIAL, 0, EMBEDDING);
  if (shape->e > 0) /* tied: in place of V */
    fill_normal(&random, shape->n * shape->e, 1.0 / sqrt((double)shape->e), parameters->value + layout->embedding);
}

enum rnn_status rnn_gradient_create(struct rnn_gradient **gradient, const struct rnn_layout *layout, size_t e,
                                    size_t most_symbols, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_gradient *fresh = NULL;
  size_t elements = 0, most_rows = most_symbols;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "gradient", error));
  fresh->dense_count = layout->dense;
  fresh->e = e;
  if (layout->feature_rows > 0) {
    if (!rnn_size_multiply(most_rows, RNN_MOST_FEATURES + 1, &most_rows) || most_rows > layout->sparse_rows)
      most_rows = layout->sparse_rows;
    fresh->sparse_rows = layout->sparse_rows;
    fresh->n = layout->sparse_rows - layout->feature_rows;
    RNN_TRY(rnn_memory_new(&fresh->met, fresh->sparse_rows / 64 + 1, sizeof *fresh->met, "gradient", error));
    RNN_TRY(rnn_memory_new(&fresh->place, fresh->sparse_rows, sizeof *fresh->place, "gradient", error));
  }
  fresh->capacity_rows = e > 0 ? most_rows : 0;
  if (!rnn_size_multiply(fresh->capacity_rows, e, &elements))
    elements = SIZE_MAX;
  RNN_TRY(rnn_memory_new(&fresh->dense, layout->dense, sizeof *fresh->dense, "gradient", error));
  RNN_TRY(rnn_memory_new(&fresh->embedding, elements, sizeof *fresh->embedding, "gradient of the embedding", error));
  RNN_TRY(rnn_memory_new(&fresh->row_storage, fresh->capacity_rows, sizeof *fresh->row_storage, "gradient", error));
  fresh->row = fresh->row_storage;
  *gradient = fresh;
  fresh = NULL;
out:
  rnn_gradient_free(fresh);
  return status;
}

void rnn_gradient_free(struct rnn_gradient *gradient)
{
  if (gradient == NULL)
    return;
  rnn_memory_free(gradient->dense);
  rnn_memory_free(gradient->embedding);
  rnn_memory_free(gradient->row_storage);
  rnn_memory_free(gradient->met);
  rnn_memory_free(gradient->place);
  rnn_memory_free(gradient);
}

void rnn_gradient_zero(struct rnn_gradient *gradient)
{
  rnn_vector_fill(gradient->dense_count, 0, gradient->dense);
  gradient->rows = 0;
}

static void meet(struct rnn_gradient *gradient, size_t row)
{
  gradient->met[row / 64] |= UINT64_C(1) << (row % 64);
}

/* The bits of `met` give the rows in rising order without sorting. */
static void meet_words(struct rnn_gradient *gradient, const struct rnn_batch *batch)
{
  for (size_t i = 0; i < batch->distinct; i++) {
    struct rnn_word word = rnn_lexicon_word(batch->lexicon, batch->distinct_symbol[i]);
    if (word.own != RNN_ABSENT)
      meet(gradient, (size_t)word.own);
    for (size_t j = 0; j < word.count; j++)
      meet(gradient, gradient->n + (size_t)word.row[j]);
  }
  gradient->rows = 0;
  for (size_t i = 0; i <= gradient->sparse_rows / 64; i++) {
    for (uint64_t bits = gradient->met[i]; bits != 0; bits &= bits - 1) {
      int32_t row = (int32_t)(i * 64) + __builtin_ctzll(bits);
      gradient->place[row] = (int32_t)gradient->rows;
      gradient->row_storage[gradient->rows++] = row;
    }
    gradient->met[i] = 0;
  }
}

/* Of distinct symbols that are rows themselves: equal ones stand side by side. */
static bool begins_row(const struct rnn_batch *batch, size_t i)
{
  return i == 0 || batch->distinct_symbol[i] != batch->distinct_symbol[i - 1];
}

void rnn_gradient_meet(struct rnn_gradient *gradient, const struct rnn_batch *batch)
{
  gradient->row = gradient->row_storage;
  if (gradient->sparse_rows > 0 && batch->lexicon != NULL) {
    meet_words(gradient, batch);
    return;
  }
  gradient->rows = 0;
  for (size_t i = 0; i < batch->distinct; i++)
    if (begins_row(batch, i))
      gradient->row_storage[gradient->rows++] = batch->distinct_symbol[i];
}

void rnn_gradient_tie(struct rnn_gradient *gradient, size_t v)
{
  for (size_t i = 0; i < gradient->rows; i++)
    rnn_vector_add(gradient->e, gradient->embedding + i * gradient->e,
                   gradient->dense + v + (size_t)gradient->row[i] * gradient->e);
  gradient->rows = 0;
}

static void spread_symbols(struct rnn_gradient *gradient, const struct rnn_batch *batch, const real *dx)
{
  size_t e = gradient->e, rows = 0;
  for (size_t i = 0; i < batch->distinct; i++, dx += e)
    if (begins_row(batch, i))
      rnn_vector_copy(e, dx, gradient->embedding + rows++ * e);
    else
      rnn_vector_add(e, dx, gradient->embedding + (rows - 1) * e);
}

void rnn_gradient_spread(struct rnn_gradient *gradient, const struct rnn_batch *batch, const real *dx)
{
  size_t e = gradient->e;
  if (gradient->sparse_rows == 0 || batch->lexicon == NULL) {
    spread_symbols(gradient, batch, dx);
    return;
  }
  rnn_vector_fill(gradient->rows * e, 0, gradient->embedding);
  for (size_t i = 0; i < batch->distinct; i++, dx += e) {
    struct rnn_word word = rnn_lexicon_word(batch->lexicon, batch->distinct_symbol[i]);
    if (word.own != RNN_ABSENT)
      rnn_vector_add(e, dx, gradient->embedding + (size_t)gradient->place[word.own] * e);
    for (size_t j = 0; j < word.count; j++)
      rnn_vector_add(e, dx, gradient->embedding + (size_t)gradient->place[gradient->n + (size_t)word.row[j]] * e);
  }
}
