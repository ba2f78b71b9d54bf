/* The tensor of explicit derivatives at one step,
 *
 *   d+s_k[p] / dW[q][r] = f'(a_k[p]) s_{k-1}[r] if p = q, else 0          (Elman)
 *
 * of d x G d x d elements, where s_{k-1} counts as a constant. For any cell with a W it is found as what the cell's
 * backward step makes of the p-th unit vector, times s_{k-1}: zero unless q is p's own row of one of the gates. */
#ifndef RNN_GRADIENT_FLOW_TENSOR_H
#define RNN_GRADIENT_FLOW_TENSOR_H

#include "gradient_flow.h"

struct rnn_tensor_view {
  size_t d, rows;      /* p < d, q < rows = G d, r < d */
  size_t step;         /* k */
  double *slope;       /* [d][rows] ds_k[p]/d(W s_{k-1})[q] */
  double *before;      /* [d] s_{k-1} */
  uint64_t zeros;      /* of d x rows x d elements */
  uint64_t structural; /* of these, whose p and q belong to different units */
};

/* The element [p][q][r]. */
static inline double rnn_tensor_element(const struct rnn_tensor_view *tensor, size_t p, size_t q, size_t r)
{
  return tensor->slope[p * tensor->rows + q] * tensor->before[r] + 0.0; /* never -0 */
}

/* After rnn_probe_run or _forward on one sequence: of its step k. RNN_DATA for a cell without W. Released with
 * rnn_tensor_clear, whatever the answer. */
enum rnn_status rnn_tensor_find(struct rnn_tensor_view *tensor, const struct rnn_probe *probe, size_t layer,
                                size_t direction, size_t k, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_tensor_clear(struct rnn_tensor_view *tensor);

/* Beside differences: difference [d] of s_k[0 ... d-1] by W[q][r], from one step of the layer with W[q][r] moved up and
 * down, all else as it is in the probe. `stepper` holds what that needs. */
struct rnn_stepper;
enum rnn_status rnn_stepper_create(struct rnn_stepper **stepper, const struct rnn_probe *probe, size_t layer,
                                   size_t direction, size_t k, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_stepper_free(struct rnn_stepper *stepper); /* NULL is allowed */
void rnn_stepper_difference(struct rnn_stepper *stepper, size_t q, size_t r, double *difference);

#endif
