/* Every number of 16 bits goes to float and back, and a float goes to the nearest of them. */
#include "half.h"

#include <criterion/criterion.h>
#include <math.h>

static float to_float(uint16_t half)
{
  float value;
  rnn_half_to_float(1, &half, &value);
  return value;
}

static uint16_t from_float(float value)
{
  uint16_t half;
  rnn_half_from_float(1, &value, &half);
  return half;
}

/* The value as IEEE 754 defines it. */
static double defined(uint16_t half)
{
  int exponent = half >> 10 & 31, mantissa = half & 1023;
  double magnitude = exponent == 0 ? ldexp(mantissa, -24) : ldexp(1024 + mantissa, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

Test(half, every_number_of_16_bits_goes_to_float_and_back)
{
  for (unsigned half = 0; half < 1 << 16; half++) {
    float value = to_float((uint16_t)half);
    if ((half & 0x7c00) == 0x7c00) {
      cr_assert_not(isfinite(value), "%04x", half);
      continue;
    }
    cr_assert_eq((double)value, defined((uint16_t)half), "%04x: %g", half, (double)value);
    cr_assert_eq(from_float(value), half, "%04x", half);
  }
}

/* Between neighbours a float goes to the nearer, from the middle to the even one. */
Test(half, a_float_goes_to_the_nearest)
{
  for (unsigned low = 0; low < 0x7bff; low++) {
    double a = defined((uint16_t)low), b = defined((uint16_t)(low + 1)), middle = (a + b) / 2;
    unsigned even = low % 2 == 0 ? low : low + 1;
    cr_assert_eq(from_float((float)middle), even, "%04x", low);
    cr_assert_eq(from_float(nextafterf((float)middle, 0)), low, "%04x", low);
    cr_assert_eq(from_float(nextafterf((float)middle, INFINITY)), low + 1, "%04x", low);
    cr_assert_eq(from_float(-(float)middle), even | 0x8000, "%04x", low);
  }
}

Test(half, what_is_too_large_becomes_the_largest)
{
  static const float large[] = {65504, 65519, 65520, 1e6f, 3e38f};
  for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
    cr_assert_eq(to_float(from_float(large[i])), 65504);
    cr_assert_eq(to_float(from_float(-large[i])), -65504);
  }
  cr_assert_eq(from_float(1e-30f), 0);
  cr_assert_eq(from_float(-1e-30f), 0x8000);
}
