/* The Elman cell (Elman 1990), the network of the lecture:
 *
 *   a_t = U x_t + W s_{t-1} + b        s_t = f(a_t)        f = tanh, logistic or relu
 *
 *   dL/da_t = dL/ds_t f'(a_t)          tanh' = 1 - s^2     logistic' = s (1 - s)     relu' = [s > 0]
 */
#include "activation.h"
#include "cell.h"
#include "vector.h"

static void elman_forward(const struct rnn_cell_step *step)
{
  size_t d = step->d;
  for (size_t lane = 0; lane < step->lanes; lane++)
    rnn_activation_forward(step->activation, d, step->a + lane * d, step->s + lane * step->ld_s);
}

static void elman_backward(const struct rnn_cell_step *step)
{
  size_t d = step->d;
  rnn_vector_copy(step->lanes * d, step->ds, step->da);
  for (size_t lane = 0; lane < step->lanes; lane++)
    rnn_activation_backward(step->activation, d, step->s + lane * step->ld_s, step->da + lane * d);
}

const struct rnn_cell rnn_cell_elman = {.name = "elman",
                                        .equations = "s_t = f(U x_t + W s_{t-1} + b)",
                                        .gates = 1,
                                        .letters = "a",
                                        .squashed = "-",
                                        .activation = true,
                                        .forward = elman_forward,
                                        .backward = elman_backward};
