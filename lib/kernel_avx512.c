/* The kernels in vectors of 64 bytes, for AVX-512 (F, VL, DQ, BW). */
#define VECTOR_BYTES 64
#define FUSED        true
#define THIRTY_TWO_REGISTERS

#include <immintrin.h>

#include "kernel_vector.h"

#ifdef RNN_DOUBLE
#define OF_REALS(name) name##_pd
typedef __mmask8 lane_mask;
#else
#define OF_REALS(name) name##_ps
typedef __mmask16 lane_mask;
#endif

/* a b + c, rounded once */
ALWAYS_INLINE vector multiply_add(vector a, vector b, vector c)
{
  return OF_REALS(_mm512_fmadd)(a, b, c);
}

/* In both, a NaN in b stays. */
ALWAYS_INLINE vector minimum(vector a, vector b)
{
  return OF_REALS(_mm512_min)(a, b);
}

ALWAYS_INLINE vector maximum(vector a, vector b)
{
  return OF_REALS(_mm512_max)(a, b);
}

/* The first `count` lanes set, 1 <= count <= LANES. */
ALWAYS_INLINE lane_mask first_lanes(size_t count)
{
  return (lane_mask)((1u << count) - 1);
}

ALWAYS_INLINE vector load_part(const real *x, size_t count, vector rest)
{
  return OF_REALS(_mm512_mask_loadu)(rest, first_lanes(count), x);
}

ALWAYS_INLINE void store_part(real *y, size_t count, vector value)
{
  OF_REALS(_mm512_mask_storeu)(y, first_lanes(count), value);
}

#ifndef RNN_DOUBLE
ALWAYS_INLINE vector scale_by_power(vector x, vector n)
{
  return _mm512_scalef_ps(x, n);
}
#endif

#include "kernel_functions.h"
#include "kernel_products.h"

const struct rnn_kernel rnn_kernel_avx512 = KERNEL("avx512");
