/* One update: parameters += a step along the gradient.
 *
 * SGD; momentum (Polyak 1964): v = momentum v + g, p -= rate v; Adam (Kingma, Ba 2015) with bias correction; decoupled
 * weight decay (Loshchilov, Hutter 2019). Gradients are divided by the number of targets of the batch, then clipped by
 * global norm (Pascanu, Mikolov, Bengio 2013), then applied. Rows of the embedding that saw no gradient are left alone
 * and replayed when they are next needed, to the same bits as if every row had been stepped each time. */
#ifndef RNN_OPTIMIZER_H
#define RNN_OPTIMIZER_H

#include "parameters.h"

struct rnn_optimizer;

enum rnn_status rnn_optimizer_create(struct rnn_optimizer **optimizer, const struct rnn_config *config,
                                     struct rnn_parameters *parameters, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_optimizer_free(struct rnn_optimizer *optimizer);

/* Brings these rows of the embedding (rising numbers) up to date; before a forward pass reads them. */
void rnn_optimizer_prepare(struct rnn_optimizer *optimizer, const int32_t *row, size_t rows);
void rnn_optimizer_prepare_all(struct rnn_optimizer *optimizer); /* before validating or writing a model */

struct rnn_update {
  double gradient_norm; /* of the mean gradient, before clipping; not finite if anything was not */
  bool clipped;
};

/* gradient is of the sum over `terms` targets. Does nothing to the parameters if the norm is not finite. */
struct rnn_update rnn_optimizer_step(struct rnn_optimizer *optimizer, struct rnn_gradient *gradient, double terms,
                                     double learning_rate);

/* All that changes, for checkpoints and for going back to a good state: copies to and from a snapshot of the same
 * config. */
enum rnn_status rnn_optimizer_clone(const struct rnn_optimizer *optimizer, struct rnn_parameters *parameters,
                                    struct rnn_optimizer **clone, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_optimizer_copy(struct rnn_optimizer *to, const struct rnn_optimizer *from); /* not the parameters */

#endif
