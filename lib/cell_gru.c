/* The gated recurrent unit (Cho et al. 2014), its reset gate after the product, so that one product serves all gates;
 * gates r, z, n in this order, h = W s_{t-1}:
 *
 *   r = logistic(a_r + h_r)    z = logistic(a_z + h_z)    n = tanh(a_n + r h_n)       a = U x_t + b
 *   s_t = (1 - z) n + z s_{t-1}
 *
 *   dn = ds_t (1 - z)          da_n = dn (1 - n^2)        dh_n = da_n r
 *   dr = da_n h_n              da_r = dr r (1 - r)        dh_r = da_r
 *   dz = ds_t (s_{t-1} - n)    da_z = dz z (1 - z)        dh_z = da_z
 *   dL/ds_{t-1} = z ds_t + W^T dh
 */
#include "cell.h"
#include "kernel.h"
#include "vector.h"

RNN_WIDENED(gru_forward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    real *r = step->a + lane * 3 * d, *z = r + d, *n = z + d;
    const real *h = step->h + lane * 3 * d, *h_n = h + 2 * d;
    const real *s_previous = step->s_previous + lane * d;
    real *s = step->s + lane * step->ld_s;
    rnn_vector_add(2 * d, h, r);
    rnn_vector_logistic(2 * d, r, r);
    for (size_t j = 0; j < d; j++)
      n[j] += r[j] * h_n[j];
    rnn_vector_tanh(d, n, n);
    for (size_t j = 0; j < d; j++)
      s[j] = (1 - z[j]) * n[j] + z[j] * s_previous[j];
  }
}

RNN_WIDENED(gru_backward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    const real *r = step->a + lane * 3 * d, *z = r + d, *n = z + d;
    const real *h_n = step->h + lane * 3 * d + 2 * d, *s_previous = step->s_previous + lane * d;
    real *ds = step->ds + lane * d, *da_r = step->da + lane * 3 * d, *da_z = da_r + d;
    real *da_n = da_z + d, *dh_r = step->dh + lane * 3 * d, *dh_z = dh_r + d;
    real *dh_n = dh_z + d;
    RNN_INDEPENDENT
    for (size_t j = 0; j < d; j++) {
      real da = ds[j] * (1 - z[j]) * (1 - n[j] * n[j]);
      da_n[j] = da;
      dh_n[j] = da * r[j];
      da_r[j] = dh_r[j] = da * h_n[j] * r[j] * (1 - r[j]);
      da_z[j] = dh_z[j] = ds[j] * (s_previous[j] - n[j]) * z[j] * (1 - z[j]);
      ds[j] *= z[j];
    }
  }
}

const struct rnn_cell rnn_cell_gru = {
    .name = "gru",
    .equations = "r, z = logistic(U x_t + W s_{t-1} + b), n = tanh(U x_t + b + r (W s_{t-1})), "
                 "s_t = (1 - z) n + z s_{t-1}",
    .gates = 3,
    .letters = "rzn",
    .squashed = "llt",
    .apart = true,
    .direct = true,
    .forward = gru_forward,
    .backward = gru_backward};
