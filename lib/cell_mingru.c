/* The minimal gated recurrent unit (Feng, Tung, Ahmed, Bengio, Hajimirsadeghi 2024), in its linear form: gate and
 * candidate see x_t alone, so nothing of the recurrence is left but a mean with moving weights; gates z, n in this
 * order, a = U x_t + b:
 *
 *   z = logistic(a_z)          n = a_n
 *   s_t = (1 - z) s_{t-1} + z n
 *
 *   dz = ds_t (n - s_{t-1})    da_z = dz z (1 - z)    da_n = ds_t z    ds_{t-1} = ds_t (1 - z)
 */
#include "cell.h"
#include "kernel.h"
#include "vector.h"

RNN_WIDENED(mingru_forward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    real *z = step->a + lane * 2 * d;
    const real *n = z + d, *s_previous = step->s_previous + lane * d;
    real *s = step->s + lane * step->ld_s;
    rnn_vector_logistic(d, z, z);
    for (size_t j = 0; j < d; j++)
      s[j] = (1 - z[j]) * s_previous[j] + z[j] * n[j];
  }
}

RNN_WIDENED(mingru_backward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    const real *z = step->a + lane * 2 * d, *n = z + d, *s_previous = step->s_previous + lane * d;
    real *ds = step->ds + lane * d, *da_z = step->da + lane * 2 * d, *da_n = da_z + d;
    for (size_t j = 0; j < d; j++) {
      da_z[j] = ds[j] * (n[j] - s_previous[j]) * z[j] * (1 - z[j]);
      da_n[j] = ds[j] * z[j];
      ds[j] = ds[j] * (1 - z[j]);
    }
  }
}

const struct rnn_cell rnn_cell_mingru = {.name = "mingru",
                                         .equations = "z = logistic(U x_t + b), n = U x_t + b, "
                                                      "s_t = (1 - z) s_{t-1} + z n",
                                         .gates = 2,
                                         .letters = "zn",
                                         .squashed = "l-",
                                         .direct = true,
                                         .elementwise = true,
                                         .forward = mingru_forward,
                                         .backward = mingru_backward};
