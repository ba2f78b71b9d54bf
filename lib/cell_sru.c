/* The simple recurrent unit (Lei, Zhang, Wang, Dai, Artzi 2018). Its state c meets weights element by element only, so
 * all that is a matrix product is one product for all steps; gates u, f, r, h in this order, a = U x_t + b, and the
 * vectors w_f, w_r:
 *
 *   f = logistic(a_f + w_f c_{t-1})     c_t = f c_{t-1} + (1 - f) a_u
 *   r = logistic(a_r + w_r c_{t-1})     s_t = r c_t + (1 - r) a_h
 *
 * a_h stands for the paper's x_t past the recurrence, in the form it has where x_t is not as wide as s_t.
 *
 *   dr = ds_t (c_t - a_h)         da_r = dr r (1 - r)     da_h = ds_t (1 - r)     dc_t += ds_t r
 *   df = dc_t (c_{t-1} - a_u)     da_f = df f (1 - f)     da_u = dc_t (1 - f)
 *   dc_{t-1} = dc_t f + da_f w_f + da_r w_r               dw_f += da_f c_{t-1}    dw_r += da_r c_{t-1}
 *
 * s_{t-1} plays no part. */
#include "cell.h"
#include "kernel.h"
#include "vector.h"

RNN_WIDENED(sru_forward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    real *u = step->a + lane * 4 * d, *f = u + d, *r = f + d, *h = r + d;
    const real *c_previous = step->c_previous + lane * d, *w_f = step->w, *w_r = w_f + d;
    real *c = step->c + lane * d, *s = step->s + lane * step->ld_s;
    for (size_t j = 0; j < d; j++)
      f[j] += w_f[j] * c_previous[j];
    for (size_t j = 0; j < d; j++)
      r[j] += w_r[j] * c_previous[j];
    rnn_vector_logistic(2 * d, f, f);
    for (size_t j = 0; j < d; j++)
      c[j] = f[j] * c_previous[j] + (1 - f[j]) * u[j];
    for (size_t j = 0; j < d; j++)
      s[j] = r[j] * c[j] + (1 - r[j]) * h[j];
  }
}

RNN_WIDENED(sru_backward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  const real *w_f = step->w, *w_r = w_f + d;
  real *dw_f = step->dw, *dw_r = dw_f + d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    const real *u = step->a + lane * 4 * d, *f = u + d, *r = f + d, *h = r + d;
    const real *c_previous = step->c_previous + lane * d, *c = step->c + lane * d;
    real *ds = step->ds + lane * d, *dc = step->dc + lane * d;
    real *da_u = step->da + lane * 4 * d, *da_f = da_u + d, *da_r = da_f + d, *da_h = da_r + d;
    for (size_t j = 0; j < d; j++) {
      da_r[j] = ds[j] * (c[j] - h[j]) * r[j] * (1 - r[j]);
      da_h[j] = ds[j] * (1 - r[j]);
      dc[j] += ds[j] * r[j];
    }
    for (size_t j = 0; j < d; j++) {
      da_f[j] = dc[j] * (c_previous[j] - u[j]) * f[j] * (1 - f[j]);
      da_u[j] = dc[j] * (1 - f[j]);
    }
    for (size_t j = 0; j < d; j++) {
      dw_f[j] += da_f[j] * c_previous[j];
      dw_r[j] += da_r[j] * c_previous[j];
      dc[j] = dc[j] * f[j] + da_f[j] * w_f[j] + da_r[j] * w_r[j];
    }
    rnn_vector_fill(d, 0, ds);
  }
}

const struct rnn_cell rnn_cell_sru = {
    .name = "sru",
    .equations = "f, r = logistic(U x_t + w c_{t-1} + b), u, h = U x_t + b, c_t = f c_{t-1} + (1 - f) u, "
                 "s_t = r c_t + (1 - r) h",
    .gates = 4,
    .letters = "ufrh",
    .squashed = "-ll-",
    .second_state = true,
    .direct = true,
    .elementwise = true,
    .vectors = 2,
    .forward = sru_forward,
    .backward = sru_backward};
