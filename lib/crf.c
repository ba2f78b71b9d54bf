/* Sums and maxima over all taggings of a sequence, lane by lane. */
#include "crf.h"

#include <math.h>

#include "memory.h"
#include "vector.h"

/* No scale and no target's share is less, so that the loss stays finite, and the gradient with |A| up to 40. */
static const real least = (real)1e-30, least_share = (real)1e-12;

enum rnn_status rnn_crf_create(struct rnn_crf **crf, const struct rnn_parameters *parameters, size_t column,
                               struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_crf *fresh = NULL;
  *crf = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "transitions", error));
  fresh->parameters = parameters;
  fresh->column = column;
  fresh->k = parameters->shape.column[column].k;
  fresh->first = parameters->shape.column[column].first;
  fresh->ld = parameters->shape.k;
  RNN_TRY(rnn_memory_new(&fresh->e, (fresh->k + 2) * fresh->k, sizeof *fresh->e, "transitions", error));
  *crf = fresh;
  fresh = NULL;
out:
  rnn_crf_free(fresh);
  return status;
}

void rnn_crf_free(struct rnn_crf *crf)
{
  if (crf == NULL)
    return;
  rnn_memory_free(crf->e);
  rnn_memory_free(crf);
}

void rnn_crf_pack(struct rnn_crf *crf)
{
  rnn_vector_exp((crf->k + 2) * crf->k, crf->parameters->value + crf->parameters->layout.a[crf->column], crf->e);
}

enum rnn_status rnn_crf_tape_create(struct rnn_crf_tape **tape, size_t k, size_t rows, bool training,
                                    struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_crf_tape *fresh = NULL;
  size_t count, kept;
  *tape = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "sums over taggings", error));
  fresh->k = k;
  if (!rnn_size_multiply(rows, k, &count))
    count = SIZE_MAX;
  kept = training ? 0 : count;
  RNN_TRY(rnn_memory_new(&fresh->free, count, sizeof(real), "sums over taggings", error));
  RNN_TRY(rnn_memory_new(&fresh->forced, count, sizeof(real), "sums over taggings", error));
  RNN_TRY(rnn_memory_new(&fresh->free_scale, rows, sizeof(real), "sums over taggings", error));
  RNN_TRY(rnn_memory_new(&fresh->forced_scale, rows, sizeof(real), "sums over taggings", error));
  RNN_TRY(rnn_memory_new(&fresh->work, 4 * k, sizeof(real), "sums over taggings", error));
  RNN_TRY(rnn_memory_new(&fresh->pairs, training ? k * k : 0, sizeof(real), "sums over taggings", error));
  RNN_TRY(rnn_memory_new(&fresh->before, kept, sizeof *fresh->before, "the best tags", error));
  RNN_TRY(rnn_memory_new(&fresh->best, training ? 0 : rows, sizeof *fresh->best, "the best tags", error));
  *tape = fresh;
  fresh = NULL;
out:
  rnn_crf_tape_free(fresh);
  return status;
}

void rnn_crf_tape_free(struct rnn_crf_tape *tape)
{
  if (tape == NULL)
    return;
  rnn_memory_free(tape->free);
  rnn_memory_free(tape->forced);
  rnn_memory_free(tape->free_scale);
  rnn_memory_free(tape->forced_scale);
  rnn_memory_free(tape->work);
  rnn_memory_free(tape->pairs);
  rnn_memory_free(tape->before);
  rnn_memory_free(tape->best);
  rnn_memory_free(tape);
}

/* Where y has a row of the chain's tags. */
static size_t place(const struct rnn_crf *crf, size_t row)
{
  return row * crf->ld + crf->first;
}

/* ---- sums forward ---- */

/* a [k] times y, or times y of the target alone, all others zero. */
static void weigh(size_t k, const real *y, int32_t target, real *a)
{
  if (target == RNN_ABSENT) {
    rnn_vector_multiply(k, y, a);
    return;
  }
  real kept = a[target] * (y[target] < least_share ? least_share : y[target]);
  rnn_vector_fill(k, 0, a);
  a[target] = kept;
}

/* Divides a [k] by its sum, which is answered. */
static real normalise(size_t k, real *a)
{
  real sum = 0;
  for (size_t j = 0; j < k; j++)
    sum += a[j];
  if (!(sum > least))
    sum = least;
  rnn_vector_scale(k, 1 / sum, a);
  return sum;
}

/* to[j] = sum_i from[i] e[i][j]; forced sums have but one term. */
static void follow(const struct rnn_crf *crf, const real *from, real *to)
{
  size_t k = crf->k;
  rnn_vector_fill(k, 0, to);
  for (size_t i = 0; i < k; i++)
    if (from[i] != 0)
      rnn_vector_add_scaled(k, from[i], crf->e + i * k, to);
}

/* log of the sum over the taggings of a lane, a [R][k] and scale [R] its parts; target NULL: over all taggings. */
static double sum_lane(const struct rnn_crf *crf, const struct rnn_batch *batch, size_t lane, const real *y,
                       const int32_t *target, real *a, real *scale)
{
  size_t k = crf->k, row = 0;
  const real *before = NULL;
  double log_sum = 0;
  for (size_t t = 0; t < batch->length[lane]; t++) {
    row = rnn_batch_row(batch, t, lane);
    if (t == 0)
      rnn_vector_copy(k, crf->e + k * k, a + row * k);
    else
      follow(crf, before, a + row * k);
    weigh(k, y + place(crf, row), target == NULL ? RNN_ABSENT : target[row], a + row * k);
    scale[row] = normalise(k, a + row * k);
    log_sum += log((double)scale[row]);
    before = a + row * k;
  }
  return log_sum + log(fmax((double)rnn_vector_dot(k, before, crf->e + (k + 1) * k), (double)least));
}

void rnn_crf_forward(const struct rnn_crf *crf, const struct rnn_batch *batch, const real *y, struct rnn_crf_tape *tape,
                     struct rnn_loss *loss)
{
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    double log_z = sum_lane(crf, batch, lane, y, NULL, tape->free, tape->free_scale);
    if (loss == NULL || !batch->targets)
      continue;
    loss->nats +=
        log_z - sum_lane(crf, batch, lane, y, rnn_batch_targets(batch, crf->column), tape->forced, tape->forced_scale);
    for (size_t t = 0; t < batch->length[lane]; t++)
      loss->terms += rnn_batch_targets(batch, crf->column)[rnn_batch_row(batch, t, lane)] != RNN_ABSENT;
  }
}

/* ---- sums backward ---- */

/* b [k] of the last step: how a tag ends, divided so that the products with a [k] sum to 1. */
static void begin_backward(const struct rnn_crf *crf, const real *a, real *b)
{
  const real *end = crf->e + (crf->k + 1) * crf->k;
  real sum = rnn_vector_dot(crf->k, a, end);
  rnn_vector_copy(crf->k, end, b);
  rnn_vector_scale(crf->k, 1 / (sum < least ? least : sum), b);
}

/* b from that of a step to that of the step before: b[i] = sum_j e[i][j] g[j]. */
static void step_back(const struct rnn_crf *crf, const real *g, real *b)
{
  for (size_t i = 0; i < crf->k; i++)
    b[i] = rnn_vector_dot(crf->k, crf->e + i * crf->k, g);
}

/* g = y b / scale, y of the target alone if there is one. */
static void arrive(size_t k, const real *y, int32_t target, real scale, const real *b, real *g)
{
  rnn_vector_copy(k, b, g);
  weigh(k, y, target, g);
  rnn_vector_scale(k, 1 / scale, g);
}

/* pairs [k][k] += sign from g': the expected transitions, but for their factor e. */
static void add_pairs(size_t k, real sign, const real *from, const real *g, real *pairs)
{
  for (size_t i = 0; i < k; i++)
    if (from[i] != 0)
      rnn_vector_add_scaled(k, sign * from[i], g, pairs + i * k);
}

static void backward_lane(const struct rnn_crf *crf, const struct rnn_batch *batch, size_t lane,
                          struct rnn_crf_tape *tape, real *y, real *da)
{
  size_t k = crf->k, steps = batch->length[lane], last = rnn_batch_row(batch, steps - 1, lane);
  real *b = tape->work, *forced_b = b + k, *g = b + 2 * k, *forced_g = b + 3 * k;
  begin_backward(crf, tape->free + last * k, b);
  begin_backward(crf, tape->forced + last * k, forced_b);
  for (size_t j = 0; j < k; j++)
    da[(k + 1) * k + j] += tape->free[last * k + j] * b[j] - tape->forced[last * k + j] * forced_b[j];
  for (size_t t = steps; t-- > 0;) {
    size_t row = rnn_batch_row(batch, t, lane);
    arrive(k, y + place(crf, row), RNN_ABSENT, tape->free_scale[row], b, g);
    arrive(k, y + place(crf, row), rnn_batch_targets(batch, crf->column)[row], tape->forced_scale[row], forced_b,
           forced_g);
    for (size_t j = 0; j < k; j++)
      y[place(crf, row) + j] = tape->free[row * k + j] * b[j] - tape->forced[row * k + j] * forced_b[j];
    if (t == 0) {
      rnn_vector_add(k, y + place(crf, row), da + k * k);
      break;
    }
    size_t before = rnn_batch_row(batch, t - 1, lane);
    add_pairs(k, 1, tape->free + before * k, g, tape->pairs);
    add_pairs(k, -1, tape->forced + before * k, forced_g, tape->pairs);
    step_back(crf, g, b);
    step_back(crf, forced_g, forced_b);
  }
}

void rnn_crf_backward(const struct rnn_crf *crf, const struct rnn_batch *batch, struct rnn_crf_tape *tape, real *y,
                      struct rnn_gradient *gradient)
{
  size_t pairs = crf->k * crf->k;
  real *da = gradient->dense + crf->parameters->layout.a[crf->column];
  rnn_vector_fill(pairs, 0, tape->pairs);
  for (size_t lane = 0; lane < batch->lanes; lane++)
    backward_lane(crf, batch, lane, tape, y, da);
  rnn_vector_multiply(pairs, crf->e, tape->pairs);
  rnn_vector_add(pairs, tape->pairs, da);
}

/* ---- the most probable tagging ---- */

/* The best way to each tag of a step, best [k], from those of the step before (NULL: there is none). */
static void step_best(const struct rnn_crf *crf, const real *y, const real *best_before, uint16_t *before, real *best)
{
  size_t k = crf->k;
  rnn_vector_copy(k, crf->e + k * k, best);
  for (size_t j = 0; j < k && best_before != NULL; j++) {
    best[j] = -1;
    for (size_t i = 0; i < k; i++) {
      real way = best_before[i] * crf->e[i * k + j];
      if (way > best[j]) {
        best[j] = way;
        before[j] = (uint16_t)i;
      }
    }
  }
  rnn_vector_multiply(k, y, best);
  real greatest = rnn_vector_maximum(k, best);
  rnn_vector_scale(k, 1 / (greatest > least ? greatest : least), best);
}

static void find_best(const struct rnn_crf *crf, const struct rnn_batch *batch, size_t lane, struct rnn_crf_tape *tape,
                      const real *y)
{
  size_t k = crf->k, steps = batch->length[lane];
  real *now = tape->work, *then = now + k;
  for (size_t t = 0; t < steps; t++) {
    size_t row = rnn_batch_row(batch, t, lane);
    real *swapped = then;
    then = now;
    now = swapped;
    step_best(crf, y + place(crf, row), t == 0 ? NULL : then, tape->before + row * k, now);
  }
  rnn_vector_multiply(k, crf->e + (k + 1) * k, now);
  size_t tag = rnn_vector_argmax(k, now);
  for (size_t t = steps; t-- > 0;) {
    size_t row = rnn_batch_row(batch, t, lane);
    tape->best[row] = (int32_t)tag;
    tag = t > 0 ? tape->before[row * k + tag] : 0;
  }
}

static void find_marginals(const struct rnn_crf *crf, const struct rnn_batch *batch, size_t lane,
                           struct rnn_crf_tape *tape, real *y)
{
  size_t k = crf->k, steps = batch->length[lane];
  real *b = tape->work, *g = b + k;
  begin_backward(crf, tape->free + rnn_batch_row(batch, steps - 1, lane) * k, b);
  for (size_t t = steps; t-- > 0;) {
    size_t row = rnn_batch_row(batch, t, lane);
    arrive(k, y + place(crf, row), RNN_ABSENT, tape->free_scale[row], b, g);
    for (size_t j = 0; j < k; j++)
      y[place(crf, row) + j] = tape->free[row * k + j] * b[j];
    step_back(crf, g, b);
  }
}

void rnn_crf_decode(const struct rnn_crf *crf, const struct rnn_batch *batch, struct rnn_crf_tape *tape, real *y,
                    struct rnn_loss *loss)
{
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    find_best(crf, batch, lane, tape, y);
    find_marginals(crf, batch, lane, tape, y);
  }
  for (size_t row = 0; row < batch->rows && loss != NULL && batch->targets; row++)
    loss->correct += tape->best[row] == rnn_batch_targets(batch, crf->column)[row];
}
