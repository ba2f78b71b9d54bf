/* What each step of a text has to do with z, the answer of the n-grams beside a network (wide.h): the weight of an
 * n-gram is shared evenly by the places where it is met, and there by the steps that it spans (the marks before the
 * first and after the last symbol have none). The shares of all steps and the bias add up to z. */
#ifndef RNN_GRADIENT_FLOW_GRAMS_H
#define RNN_GRADIENT_FLOW_GRAMS_H

#include "wide.h"

/* share [steps][classes] of a text of these symbols. */
enum rnn_status rnn_gram_shares_find(const struct rnn_wide *wide, const int32_t *symbol, size_t steps, double *share,
                                     struct rnn_error *error) RNN_MUST_CHECK;

/* log p of a class, where y are the network's probabilities and z the n-grams' answer, both [classes]; dz [classes], or
 * NULL: the gradient of log p by the network's logits, g ([j = class] - p_j). p [classes] is p. */
double rnn_gram_mix(const struct rnn_wide *wide, const real *y, const double *z, size_t class, double *p, double *dz);

#endif
