/* Element-wise functions and reductions by the kernel in use. */
#include "vector.h"

#include <string.h>

#include "kernel.h"

#if defined __SSE__
#include <xmmintrin.h>
#endif

void rnn_vector_tanh(size_t count, const real *x, real *y)
{
  rnn_kernel()->tanh(count, x, y);
}

void rnn_vector_logistic(size_t count, const real *x, real *y)
{
  rnn_kernel()->logistic(count, x, y);
}

void rnn_vector_relu(size_t count, const real *x, real *y)
{
  rnn_kernel()->relu(count, x, y);
}

void rnn_vector_exp(size_t count, const real *x, real *y)
{
  rnn_kernel()->exp(count, x, y);
}

void rnn_vector_log(size_t count, const real *x, real *y)
{
  rnn_kernel()->log(count, x, y);
}

void rnn_vector_tanh_gradient(size_t count, const real *s, real *ds)
{
  rnn_kernel()->tanh_gradient(count, s, ds);
}

void rnn_vector_logistic_gradient(size_t count, const real *s, real *ds)
{
  rnn_kernel()->logistic_gradient(count, s, ds);
}

void rnn_vector_relu_gradient(size_t count, const real *s, real *ds)
{
  rnn_kernel()->relu_gradient(count, s, ds);
}

void rnn_vector_fill(size_t count, real value, real *y)
{
  rnn_kernel()->fill(count, value, y);
}

void rnn_vector_copy(size_t count, const real *x, real *y)
{
  if (count > 0)
    memcpy(y, x, count * sizeof *y);
}

void rnn_vector_scale(size_t count, real factor, real *y)
{
  rnn_kernel()->scale(count, factor, y);
}

void rnn_vector_add(size_t count, const real *x, real *y)
{
  rnn_kernel()->add(count, x, y);
}

void rnn_vector_add_scaled(size_t count, real factor, const real *x, real *y)
{
  rnn_kernel()->add_scaled(count, factor, x, y);
}

void rnn_vector_multiply(size_t count, const real *x, real *y)
{
  rnn_kernel()->multiply(count, x, y);
}

real rnn_vector_dot(size_t count, const real *x, const real *y)
{
  return rnn_kernel()->dot(count, x, y);
}

double rnn_vector_square_sum(size_t count, const real *x)
{
  return rnn_kernel()->square_sum(count, x);
}

real rnn_vector_maximum(size_t count, const real *x)
{
  return rnn_kernel()->maximum(count, x);
}

size_t rnn_vector_argmax(size_t count, const real *x)
{
  return rnn_kernel()->argmax(count, x);
}

int rnn_vector_all_finite(size_t count, const real *x)
{
  return rnn_kernel()->all_finite(count, x);
}

real rnn_vector_softmax(size_t count, const real *z, real *y)
{
  return rnn_kernel()->softmax(count, z, y);
}

void rnn_vector_flush_to_zero(void)
{
#if defined __SSE__
  _mm_setcsr(_mm_getcsr() | 0x8040); /* flush-to-zero, denormals-are-zero */
#elif defined __aarch64__
  unsigned long control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" : : "r"(control | 1ul << 24)); /* both */
#endif
}
