/* The kernels in vectors of 16 bytes, which any processor has or the compiler makes up. */
#define VECTOR_BYTES 16
#if defined __aarch64__
#define THIRTY_TWO_REGISTERS
#define FUSED true
#include <arm_neon.h>
#else
#define FUSED false
#endif

#include "kernel_vector.h"

/* a b + c; rounded once on ARM, twice where only AVX2 could do better */
ALWAYS_INLINE vector multiply_add(vector a, vector b, vector c)
{
#if !defined __aarch64__
  return a * b + c;
#elif defined RNN_DOUBLE
  return vfmaq_f64(c, a, b);
#else
  return vfmaq_f32(c, a, b);
#endif
}

ALWAYS_INLINE vector minimum(vector a, vector b)
{
  return choose(a < b, a, b);
}

ALWAYS_INLINE vector maximum(vector a, vector b)
{
  return choose(a > b, a, b);
}

ALWAYS_INLINE vector load_part(const real *x, size_t count, vector rest)
{
  for (size_t i = 0; i < LANES; i++)
    if (i < count)
      rest[i] = x[i];
  return rest;
}

ALWAYS_INLINE void store_part(real *y, size_t count, vector value)
{
  for (size_t i = 0; i < LANES; i++)
    if (i < count)
      y[i] = value[i];
}

#ifndef RNN_DOUBLE
ALWAYS_INLINE vector scale_by_power(vector x, vector n)
{
  return scale_in_two(x, n);
}
#endif

#include "kernel_functions.h"
#include "kernel_products.h"

const struct rnn_kernel rnn_kernel_portable = KERNEL("portable");
