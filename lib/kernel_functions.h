/* Part of a kernel file: functions of each element, and sums over all.
 *
 * Each element goes through the same vector code, the last few in a vector filled up with zeros. A sum runs in
 * SUM_LANES partial sums, element i in number i mod SUM_LANES, which are added in a fixed tree: its order depends on
 * the length alone, not on the width of the vectors. */

#include <float.h>
#include <math.h>

enum { SUM_BYTES = 64, SUM_VECTORS = SUM_BYTES / VECTOR_BYTES, SUM_LANES = SUM_VECTORS * LANES };

ALWAYS_INLINE void map(size_t count, const real *x, real *y, vector (*f)(vector x))
{
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    store(y + i, f(load(x + i)));
  if (i < count)
    store_part(y + i, count - i, f(load_part(x + i, count - i, splat(0))));
}

/* y = f(x, y, factor) */
ALWAYS_INLINE void map_two(size_t count, const real *x, real *y, real factor,
                           vector (*f)(vector x, vector y, vector factor))
{
  const vector factors = splat(factor);
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    store(y + i, f(load(x + i), load(y + i), factors));
  if (i < count)
    store_part(y + i, count - i,
               f(load_part(x + i, count - i, splat(0)), load_part(y + i, count - i, splat(0)), factors));
}

#ifndef RNN_DOUBLE

/* ln 2 in two parts; the first has 9 bits, so that its product with an exponent is exact. */
#define LN2_HIGH 0x1.63p-1f
#define LN2_LOW  -0x1.bd0106p-13f

/* exp(x) = 2^n exp(r), |r| <= ln(2)/2. */
struct reduced {
  vector n, r;
};

ALWAYS_INLINE struct reduced reduce(vector x)
{
  const vector shift = splat(0x1.8p23f); /* adding it rounds to a whole number, which stands in the lowest bits */
  vector shifted = multiply_add(x, splat(0x1.715476p0f), shift), n = shifted - shift;
  vector r = multiply_add(n, splat(-LN2_HIGH), x);
  r = multiply_add(n, splat(-LN2_LOW), r);
  return (struct reduced){n, r};
}

/* exp(r) - 1 for |r| <= ln(2)/2: r + r^2 p(r), minimax with a relative error of 1.3e-8. */
ALWAYS_INLINE vector exp_minus_one(vector r)
{
  vector p = multiply_add(r, splat(1.3882522471249104e-3f), splat(8.366520516574383e-3f));
  p = multiply_add(p, r, splat(4.166720062494278e-2f));
  p = multiply_add(p, r, splat(1.6666543483734131e-1f));
  p = multiply_add(p, r, splat(4.999999701976776e-1f));
  return multiply_add(p, r * r, r);
}

ALWAYS_INLINE vector exp_of(vector x)
{
  struct reduced of = reduce(minimum(splat(89), maximum(splat(-105), x)));
  return scale_by_power(exp_minus_one(of.r) + 1, of.n);
}

/* tanh(x) = e / (e + 2) with e = exp(2|x|) - 1 = 2^n (exp(r) - 1) + (2^n - 1), and the sign of x. Past 9.02 it rounds
 * to 1. */
ALWAYS_INLINE vector tanh_of(vector x)
{
  const integers sign = (integers)splat(-0.0f);
  vector size = (vector)((integers)x & ~sign);
  struct reduced of = reduce(minimum(splat(20), size + size));
  vector power = power_of_two(of.n), e = multiply_add(power, exp_minus_one(of.r), power - 1);
  return (vector)((integers)(e / (e + 2)) | ((integers)x & sign));
}

/* 1 / (1 + exp(-x)), by exp(-|x|) so that small results keep their digits. */
ALWAYS_INLINE vector logistic_of(vector x)
{
  const integers sign = (integers)splat(-0.0f);
  vector e = exp_of((vector)((integers)x | sign));
  return choose(x < 0, e, splat(1)) / (e + 1);
}

/* log(x) = e ln 2 + log(m) with sqrt(1/2) <= m < sqrt(2), log(1+f) = f - f^2/2 + f^3 p(f), p minimax of degree 8. */
ALWAYS_INLINE vector log_of(vector x)
{
  const int32_t sqrt_half = 0x3f3504f3;
  integers small = x < FLT_MIN;
  vector scaled = choose(small, x * 0x1p23f, x);
  integers bits = (integers)((unsigneds)scaled - (uint32_t)sqrt_half); /* of negative x it goes round */
  vector exponent = __builtin_convertvector((bits >> 23) - (small & 23), vector);
  vector f = (vector)((bits & 0x7fffff) + sqrt_half) - 1;
  vector square = f * f;
  vector p = multiply_add(f, splat(6.746648997068405e-2f), splat(-1.1675655096769333e-1f));
  p = multiply_add(p, f, splat(1.1888160556554794e-1f));
  p = multiply_add(p, f, splat(-1.240558847784996e-1f));
  p = multiply_add(p, f, splat(1.4219552278518677e-1f));
  p = multiply_add(p, f, splat(-1.666799634695053e-1f));
  p = multiply_add(p, f, splat(2.000211924314499e-1f));
  p = multiply_add(p, f, splat(-2.5000008940696716e-1f));
  p = multiply_add(p, f, splat(3.333331346511841e-1f));
  vector rest = multiply_add(square * f, p, exponent * LN2_LOW);
  rest = multiply_add(square, splat(-0.5f), rest);
  vector result = multiply_add(exponent, splat(LN2_HIGH), f + rest);
  result = choose(x == 0, splat(-INFINITY), result);
  result = choose(x < 0, splat(NAN), result);
  return choose(x < INFINITY, result, x); /* inf and nan stay */
}

#define MAP_FUNCTION(name)                                                                                             \
  static void name##_all(size_t count, const real *x, real *y)                                                         \
  {                                                                                                                    \
    map(count, x, y, name##_of);                                                                                       \
  }

#else /* the build that proves gradients: libm */

ALWAYS_INLINE double logistic(double x)
{
  double e = exp(-fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

#define MAP_FUNCTION(name)                                                                                             \
  static void name##_all(size_t count, const real *x, real *y)                                                         \
  {                                                                                                                    \
    for (size_t i = 0; i < count; i++)                                                                                 \
      y[i] = name(x[i]);                                                                                               \
  }

#endif

MAP_FUNCTION(tanh)
MAP_FUNCTION(logistic)
MAP_FUNCTION(exp)
MAP_FUNCTION(log)

ALWAYS_INLINE vector relu_of(vector x)
{
  return maximum(splat(0), x);
}

static void relu_all(size_t count, const real *x, real *y)
{
  map(count, x, y, relu_of);
}

ALWAYS_INLINE vector tanh_gradient_of(vector s, vector ds, vector factor)
{
  (void)factor;
  return ds * multiply_add(-s, s, splat(1));
}

ALWAYS_INLINE vector logistic_gradient_of(vector s, vector ds, vector factor)
{
  (void)factor;
  return ds * (s * (1 - s));
}

ALWAYS_INLINE vector relu_gradient_of(vector s, vector ds, vector factor)
{
  (void)factor;
  return choose(s > 0, ds, splat(0));
}

ALWAYS_INLINE vector add_of(vector x, vector y, vector factor)
{
  (void)factor;
  return y + x;
}

ALWAYS_INLINE vector add_scaled_of(vector x, vector y, vector factor)
{
  return multiply_add(factor, x, y);
}

ALWAYS_INLINE vector multiply_of(vector x, vector y, vector factor)
{
  (void)factor;
  return y * x;
}

ALWAYS_INLINE vector scale_of(vector x, vector y, vector factor)
{
  (void)y;
  return factor * x;
}

static void tanh_gradient_all(size_t count, const real *s, real *ds)
{
  map_two(count, s, ds, 0, tanh_gradient_of);
}

static void logistic_gradient_all(size_t count, const real *s, real *ds)
{
  map_two(count, s, ds, 0, logistic_gradient_of);
}

static void relu_gradient_all(size_t count, const real *s, real *ds)
{
  map_two(count, s, ds, 0, relu_gradient_of);
}

static void fill_all(size_t count, real value, real *y)
{
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    store(y + i, splat(value));
  if (i < count)
    store_part(y + i, count - i, splat(value));
}

static void scale_all(size_t count, real factor, real *y)
{
  map_two(count, y, y, factor, scale_of);
}

static void add_all(size_t count, const real *x, real *y)
{
  map_two(count, x, y, 0, add_of);
}

static void add_scaled_all(size_t count, real factor, const real *x, real *y)
{
  map_two(count, x, y, factor, add_scaled_of);
}

static void multiply_all(size_t count, const real *x, real *y)
{
  map_two(count, x, y, 0, multiply_of);
}

/* The vector at x[i], of which elements at and past `count` are those of `rest`. */
ALWAYS_INLINE vector load_some(size_t count, const real *x, size_t i, vector rest)
{
  if (i + LANES <= count)
    return load(x + i);
  return i < count ? load_part(x + i, count - i, rest) : rest;
}

/* Adds lane and lane + width/2 until one is left. */
ALWAYS_INLINE real sum_of_lanes(const vector sum[SUM_VECTORS])
{
  real lane[SUM_LANES];
  for (size_t j = 0; j < SUM_VECTORS; j++)
    store(lane + j * LANES, sum[j]);
  for (size_t width = SUM_LANES / 2; width > 0; width /= 2)
    for (size_t i = 0; i < width; i++)
      lane[i] += lane[i + width];
  return lane[0];
}

static real dot_all(size_t count, const real *x, const real *y)
{
  vector sum[SUM_VECTORS] = {{0}};
  size_t i = 0;
  for (; i + SUM_LANES <= count; i += SUM_LANES)
#pragma GCC unroll 8
    for (size_t j = 0; j < SUM_VECTORS; j++)
      sum[j] = multiply_add(load(x + i + j * LANES), load(y + i + j * LANES), sum[j]);
#pragma GCC unroll 8
  for (size_t j = 0; j < SUM_VECTORS; j++)
    sum[j] = multiply_add(load_some(count, x, i + j * LANES, splat(0)), load_some(count, y, i + j * LANES, splat(0)),
                          sum[j]);
  return sum_of_lanes(sum);
}

static real maximum_all(size_t count, const real *x)
{
  const vector least = splat((real)-INFINITY);
  vector most = least;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    most = maximum(load(x + i), most);
  most = maximum(load_some(count, x, i, least), most);
  real result = most[0];
  for (size_t lane = 1; lane < LANES; lane++)
    result = most[lane] > result ? most[lane] : result;
  return result;
}

/* Each lane keeps its first maximum and how many vectors stood before it. */
static size_t argmax_all(size_t count, const real *x)
{
  const vector least = splat((real)-INFINITY);
  vector most = least;
  integers before = {0}, now = {0};
  for (size_t i = 0; i < count; i += LANES, now += 1) {
    vector next = load_some(count, x, i, least);
    integers greater = next > most;
    most = choose(greater, next, most);
    before = (now & greater) | (before & ~greater);
  }
  size_t best = 0, best_place = (size_t)before[0] * LANES;
  for (size_t lane = 1; lane < LANES; lane++) {
    size_t place = (size_t)before[lane] * LANES + lane;
    if (most[lane] > most[best] || (most[lane] == most[best] && place < best_place)) {
      best = lane;
      best_place = place;
    }
  }
  return best_place;
}

static int all_finite_all(size_t count, const real *x)
{
  integers finite = ~(integers){0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    finite &= load(x + i) - load(x + i) == 0;
  if (i < count) {
    vector last = load_part(x + i, count - i, splat(0));
    finite &= last - last == 0;
  }
  for (size_t lane = 0; lane < LANES; lane++)
    if (finite[lane] == 0)
      return 0;
  return 1;
}

#ifdef RNN_DOUBLE

static double square_sum_all(size_t count, const real *x)
{
  return dot_all(count, x, x);
}

static double exp_and_sum(size_t count, const real *z, double most, real *y)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += y[i] = exp(z[i] - most);
  return sum;
}

#else

typedef float half_in_memory __attribute__((vector_size(VECTOR_BYTES / 2), aligned(sizeof(float)), may_alias));
typedef double doubles __attribute__((vector_size(VECTOR_BYTES)));

/* SUM_LANES partial sums of doubles; the last elements by way of a copy filled up with zeros. */
static double square_sum_all(size_t count, const real *x)
{
  enum { HALF = LANES / 2, SUMS = 2 * SUM_VECTORS };
  doubles sum[SUMS] = {{0}};
  real last[SUM_LANES] = {0};
  for (size_t i = 0; i < count; i += SUM_LANES) {
    const real *from = x + i;
    if (count - i < SUM_LANES)
      from = memcpy(last, from, (count - i) * sizeof *last);
#pragma GCC unroll 8
    for (size_t j = 0; j < SUMS; j++) {
      doubles part = __builtin_convertvector(*(const half_in_memory *)(from + j * HALF), doubles);
      sum[j] += part * part;
    }
  }
  double lane[SUM_LANES];
  memcpy(lane, sum, sizeof lane);
  for (size_t width = SUM_LANES / 2; width > 0; width /= 2)
    for (size_t i = 0; i < width; i++)
      lane[i] += lane[i + width];
  return lane[0];
}

/* y = exp(z - most), its sum. */
static real exp_and_sum(size_t count, const real *z, real most, real *y)
{
  vector sum[SUM_VECTORS] = {{0}};
  size_t i = 0;
  for (; i + SUM_LANES <= count; i += SUM_LANES)
#pragma GCC unroll 8
    for (size_t j = 0; j < SUM_VECTORS; j++) {
      vector e = exp_of(load(z + i + j * LANES) - most);
      store(y + i + j * LANES, e);
      sum[j] += e;
    }
#pragma GCC unroll 8
  for (size_t j = 0; j < SUM_VECTORS; j++) {
    size_t at = i + j * LANES;
    vector e = exp_of(load_some(count, z, at, splat(-INFINITY)) - most);
    if (at + LANES <= count)
      store(y + at, e);
    else if (at < count)
      store_part(y + at, count - at, e);
    sum[j] += e;
  }
  return sum_of_lanes(sum);
}

#endif

static real softmax_all(size_t count, const real *z, real *y)
{
  const real most = maximum_all(count, z), sum = exp_and_sum(count, z, most, y);
  scale_all(count, 1 / sum, y);
  return most + (real)log((double)sum);
}

#define KERNEL(the_name)                                                                                               \
  {                                                                                                                    \
    .name = the_name, .fused = FUSED, .wide = VECTOR_BYTES >= 32, .lanes = LANES, .pack = pack, .place = place,        \
    .product = product, .product_transposed = product_transposed, .tanh = tanh_all, .logistic = logistic_all,          \
    .relu = relu_all, .exp = exp_all, .log = log_all, .tanh_gradient = tanh_gradient_all,                              \
    .logistic_gradient = logistic_gradient_all, .relu_gradient = relu_gradient_all, .fill = fill_all,                  \
    .scale = scale_all, .add = add_all, .add_scaled = add_scaled_all, .multiply = multiply_all, .dot = dot_all,        \
    .square_sum = square_sum_all, .maximum = maximum_all, .argmax = argmax_all, .all_finite = all_finite_all,          \
    .softmax = softmax_all                                                                                             \
  }
