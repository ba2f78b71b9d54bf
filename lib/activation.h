/* The functions f that a user may choose for s_t = f(a_t), and their derivatives by the value s:
 *
 *   tanh' = 1 - s^2     logistic' = s (1 - s)     relu' = [s > 0] */
#ifndef RNN_ACTIVATION_H
#define RNN_ACTIVATION_H

#include <stddef.h>

#include "config.h"
#include "real.h"

void rnn_activation_forward(enum rnn_activation activation, size_t count, const real *a, real *s);   /* s may be a */
void rnn_activation_backward(enum rnn_activation activation, size_t count, const real *s, real *ds); /* ds *= f'(a) */

#endif
