/* Element-wise functions and small reductions over arrays of reals, vectorised for the processor at hand.
 *
 * The law of this file: the result for an element depends on that element alone, never on its place in the array or the
 * array's length (a tail goes through the same vector code); a reduction sums in one fixed order that depends on the
 * length only. So a row's bits are the same in every batch. Accuracy in float: tanh, logistic, exp, log within the ulp
 * stated in vector.c and tested against the double functions of libm; in the double build libm itself is used. Arrays
 * may be unaligned. `y` may equal `x` unless said. */
#ifndef RNN_VECTOR_H
#define RNN_VECTOR_H

#include <stddef.h>

#include "real.h"

void rnn_vector_tanh(size_t count, const real *x, real *y);
void rnn_vector_logistic(size_t count, const real *x, real *y);
void rnn_vector_relu(size_t count, const real *x, real *y);
void rnn_vector_exp(size_t count, const real *x, real *y);
void rnn_vector_log(size_t count, const real *x, real *y);

/* Derivatives by the value s = f(a): ds[i] becomes ds[i] * f'(a[i]); relu' is s > 0. */
void rnn_vector_tanh_gradient(size_t count, const real *s, real *ds);
void rnn_vector_logistic_gradient(size_t count, const real *s, real *ds);
void rnn_vector_relu_gradient(size_t count, const real *s, real *ds);

void rnn_vector_fill(size_t count, real value, real *y);
void rnn_vector_copy(size_t count, const real *x, real *y); /* no overlap */
void rnn_vector_scale(size_t count, real factor, real *y);
void rnn_vector_add(size_t count, const real *x, real *y);                     /* y += x */
void rnn_vector_add_scaled(size_t count, real factor, const real *x, real *y); /* y += factor x */
void rnn_vector_multiply(size_t count, const real *x, real *y);                /* y *= x */
real rnn_vector_dot(size_t count, const real *x, const real *y);
double rnn_vector_square_sum(size_t count, const real *x); /* summed in double */
real rnn_vector_maximum(size_t count, const real *x);      /* count > 0 */
size_t rnn_vector_argmax(size_t count, const real *x);     /* the lowest index among equals; count > 0 */
int rnn_vector_all_finite(size_t count, const real *x);    /* 1 or 0 */

/* y = softmax(z), z and y [count]; returns log(sum exp(z)), so that -log y[c] = returned - z[c]. */
real rnn_vector_softmax(size_t count, const real *z, real *y);

/* Sets flush-to-zero and denormals-are-zero in the calling thread. Each thread calls it once. */
void rnn_vector_flush_to_zero(void);

#endif
