/* The Jacobian of one step, ds_t/ds_{t-1}, and what a sequence of them does to a gradient.
 *
 * For the Elman cell it is diag(f'(a_t)) W, so that ||ds_t/ds_{t-1}|| <= gamma lambda with gamma = max |f'| (1/4 for
 * logistic, 1 for tanh and relu) and lambda = ||W||, the largest singular value (Pascanu, Mikolov, Bengio 2013). For
 * any cell it is found exactly, row after row, from what the cell's backward step makes of the unit vectors; with a
 * second state it is that of the pair, d(s_t, c_t)/d(s_{t-1}, c_{t-1}), of 2 d rows. Everywhere t-1 is the step before
 * in the order of the direction. */
#ifndef RNN_GRADIENT_FLOW_JACOBIAN_H
#define RNN_GRADIENT_FLOW_JACOBIAN_H

#include "gradient_flow.h"
#include "pool.h"

/* Rows of a Jacobian: d, or 2 d with a second state. */
size_t rnn_jacobian_width(const struct rnn_shape *shape);

/* One direction of one layer along one sequence. Steps in the order of the direction, i = 0 ... steps - 1. */
struct rnn_jacobians {
  size_t width, steps;
  double *norm;  /* [steps] ||ds_i/ds_{i-1}|| */
  double *value; /* [steps][width] singular values of ds_i/ds_{i-1}, largest first; NULL unless asked for */
  double
      *saturated;  /* [steps] share of units (of a gated cell: of gates) whose slope is below a tenth of its greatest */
  double *product; /* [end + 1] ||ds_end/ds_k||, k = 0 ... end; 1 for k = end */
  double *bound;   /* [end + 1] the product of the norms ||ds_i/ds_{i-1}||, i = k+1 ... end: never less */
  size_t end;      /* the last step of the products */
  double lyapunov; /* largest exponent: mean logarithm of growth a step, by QR; the first tenth of the steps, in which
                      the directions settle, is left out. -INFINITY: gone altogether */
};

/* After rnn_probe_run: of the sequence now in the probe. `end` is a step of the direction. `values`: all singular
 * values, which take longer than the largest alone, the norm. The steps are spread over
 * the threads of the pool; their number changes nothing. Released with rnn_jacobians_clear, whatever the answer. */
enum rnn_status rnn_jacobians_find(struct rnn_jacobians *jacobians, const struct rnn_probe *probe, size_t layer,
                                   size_t direction, size_t end, bool values, uint64_t seed, struct rnn_pool *pool,
                                   struct rnn_error *error) RNN_MUST_CHECK;
void rnn_jacobians_clear(struct rnn_jacobians *jacobians);

/* Memory for one Jacobian at a time. */
struct rnn_jacobian;
enum rnn_status rnn_jacobian_create(struct rnn_jacobian **jacobian, const struct rnn_shape *shape,
                                    struct rnn_error *error) RNN_MUST_CHECK;
void rnn_jacobian_free(struct rnn_jacobian *jacobian); /* NULL is allowed */

/* j [width][width] = d state / d state before of the step of a row of the probe's batch. */
void rnn_jacobian_find(struct rnn_jacobian *jacobian, const struct rnn_probe *probe, size_t layer, size_t direction,
                       size_t row, real *j);

/* W of one gate, or the vector that stands in its place as a diagonal; NAN for what a cell without W has not. */
struct rnn_recurrence {
  double lambda; /* ||W|| */
  double radius; /* largest absolute eigenvalue */
};
enum rnn_status rnn_recurrence_find(struct rnn_recurrence *recurrence, const struct rnn_parameters *parameters,
                                    size_t layer, size_t direction, size_t gate,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* gamma of the cell's f; NAN for a gated cell, for which (gamma lambda)^(t-k) bounds nothing. */
double rnn_recurrence_gamma(const struct rnn_shape *shape);

#endif
