/* The kernels in vectors of 32 bytes, for AVX2 and FMA. */
#define VECTOR_BYTES 32
#define FUSED        true

#include <immintrin.h>

#include "kernel_vector.h"

#ifdef RNN_DOUBLE
#define OF_REALS(name) name##_pd
#else
#define OF_REALS(name) name##_ps
#endif

/* a b + c, rounded once */
ALWAYS_INLINE vector multiply_add(vector a, vector b, vector c)
{
  return OF_REALS(_mm256_fmadd)(a, b, c);
}

/* In both, a NaN in b stays. */
ALWAYS_INLINE vector minimum(vector a, vector b)
{
  return OF_REALS(_mm256_min)(a, b);
}

ALWAYS_INLINE vector maximum(vector a, vector b)
{
  return OF_REALS(_mm256_max)(a, b);
}

/* The first `count` lanes set, 1 <= count <= LANES. */
ALWAYS_INLINE integers first_lanes(size_t count)
{
  static const lane_integer lanes[2 * LANES] = {
      -1, -1, -1, -1,
#ifndef RNN_DOUBLE
      -1, -1, -1, -1,
#endif
  };
  integers mask;
  memcpy(&mask, lanes + LANES - count, sizeof mask);
  return mask;
}

ALWAYS_INLINE vector load_part(const real *x, size_t count, vector rest)
{
  integers mask = first_lanes(count);
  return choose(mask, OF_REALS(_mm256_maskload)(x, (__m256i)mask), rest);
}

ALWAYS_INLINE void store_part(real *y, size_t count, vector value)
{
  OF_REALS(_mm256_maskstore)(y, (__m256i)first_lanes(count), value);
}

#ifndef RNN_DOUBLE
ALWAYS_INLINE vector scale_by_power(vector x, vector n)
{
  return scale_in_two(x, n);
}
#endif

#include "kernel_functions.h"
#include "kernel_products.h"

const struct rnn_kernel rnn_kernel_avx2 = KERNEL("avx2");
