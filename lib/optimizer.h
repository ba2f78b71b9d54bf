/* One update: parameters += a step along the gradient.
 *
 * The gradient of the sum over the targets is divided by their number, then clipped by global norm (Pascanu, Mikolov,
 * Bengio 2013), giving g. With p a parameter and h the learning rate, at update t:
 *
 *   decay     p = p - h weight_decay p         matrices alone, not b, c, s_0 (Loshchilov, Hutter 2019)
 *   SGD       p = p - h g
 *   momentum  v = momentum v + g               p = p - h v                    (Polyak 1964)
 *   Adam      m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g^2  (Kingma, Ba 2015)
 *             p = p - h / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
 *   average   q = q + (1 - a) (p - q)          a = min(config.average, (1 + t) / (10 + t))
 *
 * Rows of the embedding that saw no gradient are left alone and replayed when they are next needed, to the same bits as
 * if every row had been stepped each time. */
#ifndef RNN_OPTIMIZER_H
#define RNN_OPTIMIZER_H

#include "parameters.h"
#include "part.h"
#include "pool.h"

struct rnn_optimizer;

/* Of `parameters`, which it changes; they and `pool` must outlive it. The result does not depend on the pool. */
enum rnn_status rnn_optimizer_create(struct rnn_optimizer **optimizer, const struct rnn_config *config,
                                     struct rnn_parameters *parameters, struct rnn_pool *pool,
                                     struct rnn_error *error) RNN_MUST_CHECK;
void rnn_optimizer_free(struct rnn_optimizer *optimizer); /* NULL is allowed */

/* Brings these rows of the embedding (rising numbers) up to date; before a forward pass reads them. */
void rnn_optimizer_prepare(struct rnn_optimizer *optimizer, const int32_t *row, size_t rows);
void rnn_optimizer_prepare_all(struct rnn_optimizer *optimizer); /* before validating or writing a model */

struct rnn_update {
  double gradient_norm; /* of the mean gradient, before clipping; not finite if anything was not */
  bool clipped;
};

/* gradient is of the sum over `terms` targets. Does nothing to the parameters if the norm is not finite or terms is 0.
 */
struct rnn_update rnn_optimizer_step(struct rnn_optimizer *optimizer, const struct rnn_gradient *gradient, double terms,
                                     double learning_rate);

/* Puts the averaged parameters in the place of the present ones, and back; nothing without config.average. Only after
 * rnn_optimizer_prepare_all, and back before the next step. */
void rnn_optimizer_swap_average(struct rnn_optimizer *optimizer);

/* All that changes, the parameters with it, as parts; only after rnn_optimizer_prepare_all. When the parts have been
 * overwritten with those of another state of the same config and shape, rnn_optimizer_resume goes on from there. */
enum rnn_status rnn_optimizer_parts(struct rnn_optimizer *optimizer, const char *prefix, struct rnn_parts *parts,
                                    struct rnn_error *error) RNN_MUST_CHECK;
void rnn_optimizer_resume(struct rnn_optimizer *optimizer);

/* Begins anew from the present parameters: as one just made for them. */
void rnn_optimizer_restart(struct rnn_optimizer *optimizer);

#endif
