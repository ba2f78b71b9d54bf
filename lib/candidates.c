/* Sampled softmax. */
#include "candidates.h"

#include <math.h>

#include "gemm.h"
#include "memory.h"
#include "sequence.h"
#include "vector.h"

static const real out_of_the_sum = (real)-1e30;

size_t rnn_candidates_most(size_t k, size_t draws, size_t rows)
{
  size_t most = draws + rows;
  return most < draws || most > k ? k : most;
}

enum rnn_status rnn_candidates_create(struct rnn_candidates **candidates, const struct rnn_shape *shape, size_t draws,
                                      size_t frequent, size_t rows, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_candidates *fresh = NULL;
  size_t most = rnn_candidates_most(shape->k, draws, rows), pooled = shape->pooled, elements;
  *candidates = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "candidates", error));
  fresh->k = shape->k;
  fresh->draws = draws;
  fresh->pooled = pooled;
  fresh->capacity = most;
  fresh->frequent = frequent;
  if (!rnn_size_multiply(most, pooled, &elements))
    elements = SIZE_MAX;
  RNN_TRY(rnn_memory_new(&fresh->class, most, sizeof *fresh->class, "candidates", error));
  RNN_TRY(rnn_memory_new(&fresh->c, most, sizeof(real), "candidates", error));
  RNN_TRY(rnn_memory_new(&fresh->offset, most, sizeof(real), "candidates", error));
  RNN_TRY(rnn_memory_new(&fresh->v, elements, sizeof(real), "rows of V", error));
  RNN_TRY(rnn_memory_new(&fresh->dv, elements, sizeof(real), "rows of V", error));
  RNN_TRY(rnn_memory_new(&fresh->target, rows, sizeof *fresh->target, "candidates", error));
  RNN_TRY(rnn_memory_new(&fresh->packed_vt, rnn_gemm_packed_count(pooled, most), sizeof(real), "packed V", error));
  RNN_TRY(rnn_memory_new(&fresh->packed_v, rnn_gemm_packed_count(most, pooled), sizeof(real), "packed V", error));
  RNN_TRY(rnn_memory_new(&fresh->place, shape->k, sizeof *fresh->place, "candidates", error));
  for (size_t j = 0; j < shape->k; j++)
    fresh->place[j] = RNN_ABSENT;
  *candidates = fresh;
  fresh = NULL;
out:
  rnn_candidates_free(fresh);
  return status;
}

void rnn_candidates_free(struct rnn_candidates *candidates)
{
  if (candidates == NULL)
    return;
  rnn_memory_free(candidates->class);
  rnn_memory_free(candidates->c);
  rnn_memory_free(candidates->offset);
  rnn_memory_free(candidates->v);
  rnn_memory_free(candidates->dv);
  rnn_memory_free(candidates->target);
  rnn_memory_free(candidates->packed_vt);
  rnn_memory_free(candidates->packed_v);
  rnn_memory_free(candidates->place);
  rnn_memory_free(candidates);
}

double rnn_candidates_share(const struct rnn_candidates *candidates, size_t class)
{
  size_t rank = (class + candidates->k - candidates->frequent) % candidates->k;
  double p = log(((double)rank + 2) / ((double)rank + 1)) / log((double)candidates->k + 1);
  return -expm1((double)candidates->draws * log1p(-p));
}

enum { DRAWN = 1, TARGET = 2 };

/* Marks in place[] what is drawn and what is a target. */
static void draw(struct rnn_candidates *candidates, size_t rows, const int32_t *target)
{
  struct rnn_random random;
  size_t k = candidates->k;
  rnn_random_init(&random, candidates->seed, RNN_PURPOSE_CANDIDATE, candidates->epoch, candidates->update);
  for (size_t row = 0; row < rows; row++)
    if (target[row] >= 0)
      candidates->place[target[row]] = TARGET;
  for (size_t i = 0; i < candidates->draws; i++) {
    size_t rank = (size_t)(exp(rnn_random_uniform(&random) * log((double)k + 1)) - 1);
    candidates->place[((rank < k ? rank : k - 1) + candidates->frequent) % k] = DRAWN;
  }
}

/* The marks become places of the classes in rising order. */
static void collect(struct rnn_candidates *candidates, const struct rnn_parameters *parameters)
{
  size_t pooled = candidates->pooled, count = 0;
  const real *v = parameters->value + parameters->layout.v, *c = parameters->value + parameters->layout.c;
  for (size_t j = 0; j < candidates->k; j++) {
    if (candidates->place[j] == RNN_ABSENT)
      continue;
    bool drawn = candidates->place[j] == DRAWN;
    candidates->offset[count] = drawn ? (real)-log(rnn_candidates_share(candidates, j)) : out_of_the_sum;
    candidates->class[count] = (int32_t)j;
    candidates->c[count] = c[j];
    rnn_vector_copy(pooled, v + j * pooled, candidates->v + count * pooled);
    candidates->place[j] = (int32_t)count++;
  }
  candidates->count = count;
  rnn_gemm_pack(pooled, count, candidates->v, pooled, true, candidates->packed_vt);
  rnn_gemm_pack(count, pooled, candidates->v, pooled, false, candidates->packed_v);
}

void rnn_candidates_forward(struct rnn_candidates *candidates, const struct rnn_parameters *parameters, size_t rows,
                            const real *s, const int32_t *target, real *y, struct rnn_loss *loss)
{
  draw(candidates, rows, target);
  collect(candidates, parameters);
  size_t count = candidates->count, pooled = candidates->pooled;
  for (size_t row = 0; row < rows; row++)
    rnn_vector_copy(count, candidates->c, y + row * count);
  rnn_gemm(rows, count, pooled, s, pooled, candidates->packed_vt, y, count, true);
  for (size_t row = 0; row < rows; row++) {
    int32_t place = candidates->target[row] = target[row] < 0 ? RNN_ABSENT : candidates->place[target[row]];
    real z_true = place == RNN_ABSENT ? 0 : y[row * count + (size_t)place];
    rnn_vector_add(count, candidates->offset, y + row * count);
    if (place != RNN_ABSENT)
      y[row * count + (size_t)place] = z_true;
  }
  for (size_t i = 0; i < count; i++)
    candidates->place[candidates->class[i]] = RNN_ABSENT;
  rnn_loss_forward(NULL, rows, &(struct rnn_column){.k = count}, count, y, candidates->target, loss);
}

void rnn_candidates_backward(struct rnn_candidates *candidates, const struct rnn_parameters *parameters, size_t rows,
                             const real *s, real *y, real *ds, struct rnn_gradient *gradient)
{
  size_t count = candidates->count, pooled = candidates->pooled;
  real *dv = gradient->dense + parameters->layout.v, *dc = gradient->dense + parameters->layout.c;
  rnn_loss_backward(NULL, rows, &(struct rnn_column){.k = count}, count, y, candidates->target);
  rnn_gemm_transposed(count, pooled, rows, y, count, s, pooled, candidates->dv, pooled, false);
  rnn_vector_fill(count, 0, candidates->c);
  for (size_t row = 0; row < rows; row++)
    rnn_vector_add(count, y + row * count, candidates->c);
  for (size_t i = 0; i < count; i++) {
    size_t j = (size_t)candidates->class[i];
    rnn_vector_add(pooled, candidates->dv + i * pooled, dv + j * pooled);
    dc[j] += candidates->c[i];
  }
  rnn_gemm(rows, pooled, count, y, count, candidates->packed_v, ds, pooled, false);
}
