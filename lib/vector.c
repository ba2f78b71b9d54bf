/* Element-wise functions and reductions, plain. */
#include "vector.h"

#include <math.h>
#include <string.h>

#if defined __SSE__
#include <xmmintrin.h>
#endif

#define EACH for (size_t i = 0; i < count; i++)

void rnn_vector_tanh(size_t count, const real *x, real *y)
{
  EACH y[i] = (real)tanh((double)x[i]);
}

void rnn_vector_logistic(size_t count, const real *x, real *y)
{
  EACH y[i] = (real)(1.0 / (1.0 + exp(-(double)x[i])));
}

void rnn_vector_relu(size_t count, const real *x, real *y)
{
  EACH y[i] = x[i] > 0 ? x[i] : 0;
}

void rnn_vector_exp(size_t count, const real *x, real *y)
{
  EACH y[i] = (real)exp((double)x[i]);
}

void rnn_vector_log(size_t count, const real *x, real *y)
{
  EACH y[i] = (real)log((double)x[i]);
}

void rnn_vector_tanh_gradient(size_t count, const real *s, real *ds)
{
  EACH ds[i] *= 1 - s[i] * s[i];
}

void rnn_vector_logistic_gradient(size_t count, const real *s, real *ds)
{
  EACH ds[i] *= s[i] * (1 - s[i]);
}

void rnn_vector_relu_gradient(size_t count, const real *s, real *ds)
{
  EACH ds[i] = s[i] > 0 ? ds[i] : 0;
}

void rnn_vector_fill(size_t count, real value, real *y)
{
  EACH y[i] = value;
}

void rnn_vector_copy(size_t count, const real *x, real *y)
{
  if (count > 0)
    memcpy(y, x, count * sizeof *y);
}

void rnn_vector_scale(size_t count, real factor, real *y)
{
  EACH y[i] *= factor;
}

void rnn_vector_add(size_t count, const real *x, real *y)
{
  EACH y[i] += x[i];
}

void rnn_vector_add_scaled(size_t count, real factor, const real *x, real *y)
{
  EACH y[i] += factor * x[i];
}

void rnn_vector_multiply(size_t count, const real *x, real *y)
{
  EACH y[i] *= x[i];
}

real rnn_vector_dot(size_t count, const real *x, const real *y)
{
  real sum = 0;
  EACH sum += x[i] * y[i];
  return sum;
}

double rnn_vector_square_sum(size_t count, const real *x)
{
  double sum = 0;
  EACH sum += (double)x[i] * (double)x[i];
  return sum;
}

real rnn_vector_maximum(size_t count, const real *x)
{
  real most = x[0];
  EACH most = x[i] > most ? x[i] : most;
  return most;
}

size_t rnn_vector_argmax(size_t count, const real *x)
{
  size_t best = 0;
  EACH best = x[i] > x[best] ? i : best;
  return best;
}

int rnn_vector_all_finite(size_t count, const real *x)
{
  EACH if (!isfinite(x[i])) return 0;
  return 1;
}

real rnn_vector_softmax(size_t count, const real *z, real *y)
{
  real most = rnn_vector_maximum(count, z), sum = 0;
  EACH y[i] = (real)exp((double)(z[i] - most));
  EACH sum += y[i];
  EACH y[i] /= sum;
  return most + (real)log((double)sum);
}

void rnn_vector_flush_to_zero(void)
{
#if defined __SSE__
  _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
}
