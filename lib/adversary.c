/* Where the vectors of symbols are moved to. */
#include "adversary.h"

#include <tgmath.h>

#include "memory.h"
#include "vector.h"

enum rnn_status rnn_adversary_init(struct rnn_adversary *adversary, double share, const struct rnn_shape *shape,
                                   size_t lanes, size_t distinct, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  *adversary = (struct rnn_adversary){.share = share};
  if (share == 0)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(&adversary->r, distinct, shape->e * sizeof *adversary->r, "moved vectors", error));
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

void rnn_adversary_move(struct rnn_adversary *adversary, size_t count, const real *x, const real *g)
{
  double length = sqrt(rnn_vector_square_sum(count, x)), slope = sqrt(rnn_vector_square_sum(count, g));
  rnn_vector_copy(count, g, adversary->r);
  rnn_vector_scale(count, slope > 0 ? (real)(adversary->share * length / slope) : 0, adversary->r);
}
