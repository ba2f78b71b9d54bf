/* Pooling, step by step. */
#include "pooling.h"

#include <math.h>

#include "vector.h"

static size_t wide_of(const struct rnn_shape *shape)
{
  return shape->directions * shape->d;
}

static const real *top_of(const struct rnn_shape *shape, const struct rnn_tape *tape)
{
  return tape->up[shape->layers - 1];
}

/* The row of a direction's last step of a lane. */
static size_t final_row(const struct rnn_batch *batch, size_t lane, size_t direction)
{
  return rnn_batch_row(batch, direction == 1 ? 0 : batch->length[lane] - 1, lane);
}

/* ---- forward ---- */

static void take_last(const struct rnn_shape *shape, const struct rnn_batch *batch, const real *s, real *last)
{
  size_t d = shape->d, wide = wide_of(shape);
  for (size_t lane = 0; lane < batch->lanes; lane++)
    for (size_t direction = 0; direction < shape->directions; direction++)
      rnn_vector_copy(d, s + final_row(batch, lane, direction) * wide + direction * d,
                      last + lane * wide + direction * d);
}

static void take_sum(const struct rnn_batch *batch, size_t wide, const real *s, real *sum)
{
  for (size_t t = 0; t < batch->steps; t++)
    rnn_vector_add(batch->lanes_at[t] * wide, s + batch->row_begin[t] * wide, sum);
}

/* greatest [B][wide]; row [B][wide] of the first step of this batch that has it, -1 where an earlier window has; may be
 * NULL. */
static void take_greatest(const struct rnn_batch *batch, size_t wide, const real *s, real *greatest, int32_t *row)
{
  for (size_t i = 0; row != NULL && i < batch->lanes * wide; i++)
    row[i] = -1;
  for (size_t t = 0; t < batch->steps; t++) {
    const real *now = s + batch->row_begin[t] * wide;
    size_t count = batch->lanes_at[t] * wide;
    if (row != NULL)
      for (size_t i = 0; i < count; i++)
        row[i] = now[i] > greatest[i] ? (int32_t)t : row[i];
    for (size_t i = 0; i < count; i++)
      greatest[i] = now[i] > greatest[i] ? now[i] : greatest[i];
  }
}

/* The sums of softmax as they grow: weight = sum_t exp(q s_t - peak), peak the greatest q s_t so far. */
static void take_attention(const struct rnn_batch *batch, size_t wide, const real *q, const real *s,
                           struct rnn_state *state, real *score)
{
  for (size_t t = 0; t < batch->steps; t++)
    for (size_t lane = 0; lane < batch->lanes_at[t]; lane++) {
      size_t row = rnn_batch_row(batch, t, lane);
      real *sum = state->sum + lane * wide, e = rnn_vector_dot(wide, q, s + row * wide);
      if (score != NULL)
        score[row] = e;
      if ((double)e > state->peak[lane]) {
        double shrink = exp(state->peak[lane] - (double)e);
        rnn_vector_scale(wide, (real)shrink, sum);
        state->weight[lane] *= shrink;
        state->peak[lane] = (double)e;
      }
      double weight = exp((double)e - state->peak[lane]);
      rnn_vector_add_scaled(wide, (real)weight, s + row * wide, sum);
      state->weight[lane] += weight;
    }
}

void rnn_pooling_take(const struct rnn_parameters *parameters, const struct rnn_batch *batch, struct rnn_state *state,
                      struct rnn_tape *tape)
{
  const struct rnn_shape *shape = &parameters->shape;
  const real *s = top_of(shape, tape);
  size_t wide = wide_of(shape);
  switch (shape->pooling) {
  case RNN_POOL_LAST:
    take_last(shape, batch, s, state->sum);
    break;
  case RNN_POOL_ATTENTION:
    take_attention(batch, wide, parameters->value + parameters->layout.q, s, state, tape->score);
    return;
  case RNN_POOL_MEAN_MAX:
    take_greatest(batch, wide, s, state->greatest, tape->greatest_step);
    take_sum(batch, wide, s, state->sum);
    break;
  case RNN_POOL_MEAN:
    take_sum(batch, wide, s, state->sum);
    break;
  case RNN_POOL_MAX:
    take_greatest(batch, wide, s, state->greatest, tape->greatest_step);
    break;
  }
  for (size_t lane = 0; lane < batch->lanes; lane++)
    state->weight[lane] += (double)batch->length[lane];
}

void rnn_pooling_read(const struct rnn_batch *batch, const struct rnn_state *state, struct rnn_tape *tape)
{
  size_t wide = state->directions * state->d;
  size_t sums = state->sum == NULL ? 0 : wide, columns = sums + (state->greatest == NULL ? 0 : wide);
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    real *p = tape->pooled + lane * columns;
    if (sums > 0)
      rnn_vector_copy(wide, state->sum + lane * wide, p);
    if (sums > 0 && !state->last)
      rnn_vector_scale(wide, (real)(1 / state->weight[lane]), p);
    if (columns > sums)
      rnn_vector_copy(wide, state->greatest + lane * wide, p + sums);
    if (tape->training) {
      tape->weight[lane] = state->weight[lane];
      tape->peak[lane] = state->peak[lane];
    }
  }
}

/* ---- backward: dp [B] lie `columns` apart ---- */

static void give_last(const struct rnn_shape *shape, const struct rnn_batch *batch, const real *dp, real *ds)
{
  size_t d = shape->d, wide = wide_of(shape);
  for (size_t lane = 0; lane < batch->lanes; lane++)
    for (size_t direction = 0; direction < shape->directions; direction++)
      rnn_vector_copy(d, dp + lane * wide + direction * d,
                      ds + final_row(batch, lane, direction) * wide + direction * d);
}

/* ds_t += dp / T. */
static void give_mean(const struct rnn_batch *batch, const struct rnn_tape *tape, size_t wide, size_t columns,
                      const real *dp, real *ds)
{
  for (size_t lane = 0; lane < batch->lanes; lane++)
    for (size_t t = 0; t < batch->length[lane]; t++)
      rnn_vector_add_scaled(wide, (real)(1 / tape->weight[lane]), dp + lane * columns,
                            ds + rnn_batch_row(batch, t, lane) * wide);
}

static void give_greatest(const struct rnn_batch *batch, const struct rnn_tape *tape, size_t wide, size_t columns,
                          const real *dp, real *ds)
{
  for (size_t lane = 0; lane < batch->lanes; lane++)
    for (size_t j = 0; j < wide; j++) {
      int32_t t = tape->greatest_step[lane * wide + j];
      if (t >= 0)
        ds[rnn_batch_row(batch, (size_t)t, lane) * wide + j] += dp[lane * columns + j];
    }
}

/* ds_t = alpha_t dp + de_t q, with de_t = alpha_t (dp s_t - dp p);  dq += sum_t de_t s_t. */
static void give_attention(const struct rnn_batch *batch, const struct rnn_tape *tape, size_t wide, const real *q,
                           const real *s, real *ds, real *dq)
{
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    const real *dp = tape->dpooled + lane * wide;
    real share = rnn_vector_dot(wide, dp, tape->pooled + lane * wide);
    for (size_t t = 0; t < batch->length[lane]; t++) {
      size_t row = rnn_batch_row(batch, t, lane);
      real alpha = (real)(exp((double)tape->score[row] - tape->peak[lane]) / tape->weight[lane]);
      real de = alpha * (rnn_vector_dot(wide, dp, s + row * wide) - share);
      rnn_vector_add_scaled(wide, alpha, dp, ds + row * wide);
      rnn_vector_add_scaled(wide, de, q, ds + row * wide);
      rnn_vector_add_scaled(wide, de, s + row * wide, dq);
    }
  }
}

void rnn_pooling_backward(const struct rnn_parameters *parameters, const struct rnn_batch *batch, struct rnn_tape *tape,
                          struct rnn_gradient *gradient)
{
  const struct rnn_shape *shape = &parameters->shape;
  const real *dp = tape->dpooled;
  real *ds = tape->dout[shape->layers - 1];
  size_t wide = wide_of(shape);
  rnn_vector_fill(batch->rows * wide, 0, ds);
  switch (shape->pooling) {
  case RNN_POOL_LAST:
    give_last(shape, batch, dp, ds);
    break;
  case RNN_POOL_MEAN:
    give_mean(batch, tape, wide, wide, dp, ds);
    break;
  case RNN_POOL_MAX:
    give_greatest(batch, tape, wide, wide, dp, ds);
    break;
  case RNN_POOL_MEAN_MAX:
    give_mean(batch, tape, wide, 2 * wide, dp, ds);
    give_greatest(batch, tape, wide, 2 * wide, dp + wide, ds);
    break;
  case RNN_POOL_ATTENTION:
    give_attention(batch, tape, wide, parameters->value + parameters->layout.q, top_of(shape, tape), ds,
                   gradient->dense + parameters->layout.q);
    break;
  }
}
