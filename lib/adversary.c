/* Where the vectors of symbols are moved to. */
#include "adversary.h"

#include <tgmath.h>

#include "memory.h"
#include "vector.h"

enum rnn_status rnn_adversary_init(struct rnn_adversary *adversary, double share, const struct rnn_shape *shape,
                                   size_t lanes, size_t rows, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  *adversary = (struct rnn_adversary){.share = share};
  if (share == 0)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(&adversary->r, rows, shape->e * sizeof *adversary->r, "moved vectors", error));
  RNN_TRY(rnn_state_create(&adversary->state, shape, lanes, error));
out:
  return status;
}

void rnn_adversary_clear(struct rnn_adversary *adversary)
{
  rnn_memory_free(adversary->r);
  rnn_state_free(adversary->state);
  *adversary = (struct rnn_adversary){.share = 0};
}

/* Where the vectors of step t of a lane begin; RNN_ABSENT: it has none. */
static int32_t place_of(const struct rnn_batch *batch, size_t lane, size_t t)
{
  return batch->row_distinct[rnn_batch_row(batch, t, lane)];
}

/* |m| of one lane. */
static double lane_length(const struct rnn_batch *batch, size_t lane, size_t e, const real *m)
{
  double sum = 0;
  for (size_t t = 0; t < batch->length[lane]; t++)
    if (place_of(batch, lane, t) != RNN_ABSENT)
      sum += rnn_vector_square_sum(e, m + (size_t)place_of(batch, lane, t) * e);
  return sqrt(sum);
}

void rnn_adversary_move(struct rnn_adversary *adversary, const struct rnn_batch *batch, size_t e, const real *x,
                        const real *g)
{
  rnn_vector_copy(batch->distinct * e, g, adversary->r);
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    double slope = lane_length(batch, lane, e, g);
    real scale = slope > 0 ? (real)(adversary->share * lane_length(batch, lane, e, x) / slope) : 0;
    for (size_t t = 0; t < batch->length[lane]; t++)
      if (place_of(batch, lane, t) != RNN_ABSENT)
        rnn_vector_scale(e, scale, adversary->r + (size_t)place_of(batch, lane, t) * e);
  }
}
