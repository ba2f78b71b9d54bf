/* Float to binary16 and back, in integers: no rounding mode or flush-to-zero of the thread has a say. */
#include "half.h"

#include <string.h>

enum {
  MANTISSA_BITS = 10,
  DROPPED_BITS = 23 - MANTISSA_BITS,
  BIAS_STEP = 127 - 15,         /* between the exponents' biases */
  LEAST_NORMAL = 1 + BIAS_STEP, /* exponent of a float, biased, that binary16 has as a normal number */
  MOST_FINITE = 0x7bff          /* 65504 */
};

/* m / 2^dropped, to the nearest, ties to even. */
static uint32_t shift_to_nearest(uint32_t m, uint32_t dropped)
{
  uint32_t half = 1u << (dropped - 1), odd = m >> dropped & 1;
  return (m + half - 1 + odd) >> dropped;
}

static uint16_t from_float(float value)
{
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t sign = bits >> 16 & 0x8000, exponent = bits >> 23 & 0xff, magnitude;
  if (exponent >= LEAST_NORMAL) /* a mantissa that rounds up to 2 carries into the exponent, as it should */
    magnitude = shift_to_nearest((bits & 0x7fffffff) - ((uint32_t)BIAS_STEP << 23), DROPPED_BITS);
  else if (exponent + MANTISSA_BITS + 1 >= LEAST_NORMAL) /* subnormal, or rounds up to one */
    magnitude = shift_to_nearest((bits & 0x7fffff) | 0x800000, DROPPED_BITS + LEAST_NORMAL - exponent);
  else
    magnitude = 0;
  return (uint16_t)(sign | (magnitude < MOST_FINITE ? magnitude : MOST_FINITE));
}

void rnn_half_from_float(size_t count, const float *value, uint16_t *half)
{
  for (size_t i = 0; i < count; i++)
    half[i] = from_float(value[i]);
}

static float to_float(uint16_t half)
{
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> MANTISSA_BITS & 0x1f, mantissa = half & 0x3ff;
  float subnormal = (float)(int32_t)mantissa * 0x1p-24f, value;
  uint32_t bits = exponent == 0x1f ? 0x7f800000 | mantissa << DROPPED_BITS
                                   : (exponent + BIAS_STEP) << 23 | mantissa << DROPPED_BITS;
  if (exponent == 0)
    memcpy(&bits, &subnormal, sizeof bits);
  bits |= sign;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void rnn_half_to_float(size_t count, const uint16_t *half, float *value)
{
  for (size_t i = 0; i < count; i++)
    value[i] = to_float(half[i]);
}
