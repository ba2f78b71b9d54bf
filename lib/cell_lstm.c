/* Long short-term memory (Hochreiter, Schmidhuber 1997; with the forget gate of Gers et al. 2000); gates i, f, g, o in
 * this order, a = U x_t + W s_{t-1} + b:
 *
 *   i = logistic(a_i)          f = logistic(a_f)          g = tanh(a_g)          o = logistic(a_o)
 *   c_t = f c_{t-1} + i g      s_t = o tanh(c_t)
 *
 *   do = ds_t tanh(c_t)        dc_t += ds_t o (1 - tanh(c_t)^2)
 *   df = dc_t c_{t-1}          di = dc_t g                dg = dc_t i
 *   dc_{t-1} = dc_t f          da_i = di i (1 - i), da_f = df f (1 - f), da_g = dg (1 - g^2), da_o = do o (1 - o)
 *
 * The forget gate begins open: its bias is 1 (Jozefowicz et al. 2015). */
#include "cell.h"
#include "kernel.h"
#include "vector.h"

RNN_WIDENED(lstm_forward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    real *i = step->a + lane * 4 * d, *f = i + d, *g = f + d, *o = g + d;
    const real *c_previous = step->c_previous + lane * d;
    real *c = step->c + lane * d, *s = step->s + lane * step->ld_s;
    rnn_vector_logistic(2 * d, i, i);
    rnn_vector_tanh(d, g, g);
    rnn_vector_logistic(d, o, o);
    for (size_t j = 0; j < d; j++)
      c[j] = f[j] * c_previous[j] + i[j] * g[j];
    rnn_vector_tanh(d, c, s);
    rnn_vector_multiply(d, o, s);
  }
}

RNN_WIDENED(lstm_backward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    const real *i = step->a + lane * 4 * d, *f = i + d, *g = f + d, *o = g + d;
    const real *c_previous = step->c_previous + lane * d, *ds = step->ds + lane * d;
    real *dc = step->dc + lane * d, *da_i = step->da + lane * 4 * d;
    real *da_f = da_i + d, *da_g = da_f + d, *da_o = da_g + d;
    rnn_vector_tanh(d, step->c + lane * d, da_o);
    RNN_INDEPENDENT
    for (size_t j = 0; j < d; j++) {
      real tanh_c = da_o[j];
      real dc_t = dc[j] + ds[j] * o[j] * (1 - tanh_c * tanh_c);
      da_o[j] = ds[j] * tanh_c * o[j] * (1 - o[j]);
      da_i[j] = dc_t * g[j] * i[j] * (1 - i[j]);
      da_f[j] = dc_t * c_previous[j] * f[j] * (1 - f[j]);
      da_g[j] = dc_t * i[j] * (1 - g[j] * g[j]);
      dc[j] = dc_t * f[j];
    }
  }
}

static void lstm_initial_bias(size_t d, real *b)
{
  rnn_vector_fill(d, 1, b + d);
}

const struct rnn_cell rnn_cell_lstm = {
    .name = "lstm",
    .equations = "i, f, o = logistic(U x_t + W s_{t-1} + b), g = tanh(U x_t + W s_{t-1} + b), "
                 "c_t = f c_{t-1} + i g, s_t = o tanh(c_t)",
    .gates = 4,
    .letters = "ifgo",
    .squashed = "lltl",
    .second_state = true,
    .forward = lstm_forward,
    .backward = lstm_backward,
    .initial_bias = lstm_initial_bias};
