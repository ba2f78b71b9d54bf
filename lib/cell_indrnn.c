/* The independently recurrent network (Li, Li, Cook, Zhu, Gao 2018): the Elman cell with a diagonal W, so that each
 * unit hears of the past through itself alone and how long it remembers is one number, w:
 *
 *   a_t = U x_t + w s_{t-1} + b     s_t = f(a_t)
 *
 *   da_t = ds_t f'(a_t)             ds_{t-1} = da_t w        dw += da_t s_{t-1}
 */
#include "activation.h"
#include "cell.h"
#include "kernel.h"
#include "vector.h"

RNN_WIDENED(indrnn_forward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++) {
    real *a = step->a + lane * d;
    const real *s_previous = step->s_previous + lane * d, *w = step->w;
    for (size_t j = 0; j < d; j++)
      a[j] += w[j] * s_previous[j];
    rnn_activation_forward(step->activation, d, a, step->s + lane * step->ld_s);
  }
}

RNN_WIDENED(indrnn_backward, const struct rnn_cell_step *, step)
{
  size_t d = step->d;
  const real *w = step->w;
  real *dw = step->dw;
  rnn_vector_copy(step->lanes * d, step->ds, step->da);
  for (size_t lane = 0; lane < step->lanes; lane++) {
    const real *s_previous = step->s_previous + lane * d;
    real *da = step->da + lane * d, *ds = step->ds + lane * d;
    rnn_activation_backward(step->activation, d, step->s + lane * step->ld_s, da);
    for (size_t j = 0; j < d; j++)
      dw[j] += da[j] * s_previous[j];
    for (size_t j = 0; j < d; j++)
      ds[j] = da[j] * w[j];
  }
}

const struct rnn_cell rnn_cell_indrnn = {.name = "indrnn",
                                         .equations = "s_t = f(U x_t + w s_{t-1} + b)",
                                         .gates = 1,
                                         .letters = "a",
                                         .squashed = "-",
                                         .direct = true,
                                         .activation = true,
                                         .elementwise = true,
                                         .vectors = 1,
                                         .forward = indrnn_forward,
                                         .backward = indrnn_backward};
