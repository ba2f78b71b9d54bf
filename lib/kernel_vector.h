/* Part of a kernel file: the vector of VECTOR_BYTES and how it goes to and from memory. Included once, after the file
 * has defined VECTOR_BYTES. */
#include <stdint.h>
#include <string.h>

#include "kernel.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline, unused))

#ifdef RNN_DOUBLE
typedef int64_t lane_integer;
typedef uint64_t lane_unsigned;
#else
typedef int32_t lane_integer;
typedef uint32_t lane_unsigned;
#endif

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
typedef lane_integer integers __attribute__((vector_size(VECTOR_BYTES)));
typedef lane_unsigned unsigneds __attribute__((vector_size(VECTOR_BYTES)));
typedef real vector_in_memory __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

enum { LANES = VECTOR_BYTES / sizeof(real) };

ALWAYS_INLINE vector splat(real value)
{
  return value - (vector){0};
}

ALWAYS_INLINE vector load(const real *x)
{
  return *(const vector_in_memory *)x;
}

ALWAYS_INLINE void store(real *y, vector value)
{
  *(vector_in_memory *)y = value;
}

/* Lane by lane: a where the mask is set, else b. */
ALWAYS_INLINE vector choose(integers mask, vector a, vector b)
{
  return (vector)(((integers)a & mask) | ((integers)b & ~mask));
}

#ifndef RNN_DOUBLE
/* 2^n for whole -126 <= n <= 127; garbage for others. */
ALWAYS_INLINE vector power_of_two(vector n)
{
  return (vector)(((unsigneds)(n + 0x1.8p23f) + 127) << 23);
}

/* x 2^n for whole -252 <= n <= 254: in two factors, so that results below FLT_MIN are rounded once. */
ALWAYS_INLINE vector scale_in_two(vector x, vector n)
{
  vector half = n * 0.5f + 0x1.8p23f - 0x1.8p23f;
  return x * power_of_two(half) * power_of_two(n - half);
}
#endif

/* Keeps the compiler from loading a value anew for each use. */
ALWAYS_INLINE vector in_register(vector value)
{
#if defined __x86_64__
  __asm__("" : "+v"(value));
#elif defined __aarch64__
  __asm__("" : "+w"(value));
#endif
  return value;
}
