/* Functions of vectors: accuracy against libm in double, and the law that place and length change no bit. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "random.h"
#include "vector.h"

enum { BLOCK = 4096, MOST = 200 };

static const char *const names[] = {"portable", "avx2", "avx512"};

#define EACH_KERNEL                                                                                                    \
  for (size_t which = 0; which < sizeof names / sizeof *names; which++)                                                \
    if ((kernel = rnn_kernel_find(names[which])) != NULL)

static const struct rnn_kernel *kernel;

static double logistic(double x)
{
  double e = exp(-fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

enum { TANH, LOGISTIC, EXP, LOG, FUNCTIONS };

static const struct {
  const char *name;
  double (*exact)(double x);
  double most_ulp; /* as vector.c says */
} functions[FUNCTIONS] = {{"tanh", tanh, 3}, {"logistic", logistic, 2.5}, {"exp", exp, 1.25}, {"log", log, 1}};

static void run(int function, size_t count, const real *x, real *y)
{
  void (*const in_kernel[FUNCTIONS])(size_t, const real *, real *) = {kernel->tanh, kernel->logistic, kernel->exp,
                                                                      kernel->log};
  in_kernel[function](count, x, y);
}

static bool same_bits(const real *x, const real *y, size_t count)
{
  return memcmp(x, y, count * sizeof *x) == 0;
}

#ifdef RNN_DOUBLE
#define REAL_EPSILON DBL_EPSILON
#else
#define REAL_EPSILON FLT_EPSILON
#endif

static void draw(real *x, size_t count, double deviation)
{
  static struct rnn_random random_numbers;
  if (random_numbers.key[0] == 0)
    rnn_random_init(&random_numbers, 1, RNN_PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < count; i++)
    x[i] = (real)(deviation * rnn_random_normal(&random_numbers));
}

#ifndef RNN_DOUBLE

/* Distance from the exact value, in units of the last place of a float there. */
static double ulp_error(float got, double exact)
{
  if (isnan(exact))
    return isnan(got) ? 0 : INFINITY;
  float nearest = (float)exact;
  if (isinf(nearest))
    return got == nearest ? 0 : isfinite(got) && fabsf(got) == FLT_MAX ? 1 : INFINITY;
  int exponent;
  frexp(exact, &exponent);
  double ulp = ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
  return fabs((double)got - exact) / ulp;
}

static float float_of(uint32_t bits)
{
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static void measure(int function, uint64_t stride)
{
  double worst[3] = {0};
  float worst_x[3] = {0}, x[BLOCK], y[BLOCK];
  double exact[BLOCK];
  for (uint64_t bits = 0; bits <= UINT32_MAX;) {
    size_t count = 0;
    for (; count < BLOCK && bits <= UINT32_MAX; count++, bits += stride) {
      x[count] = float_of((uint32_t)bits);
      exact[count] = functions[function].exact((double)x[count]);
    }
    EACH_KERNEL
    {
      run(function, count, x, y);
      for (size_t i = 0; i < count; i++) {
        double error = ulp_error(y[i], exact[i]);
        if (!(error <= worst[which])) {
          worst[which] = error;
          worst_x[which] = x[i];
        }
      }
    }
  }
  EACH_KERNEL
  {
    cr_assert(worst[which] <= functions[function].most_ulp, "%s %s: %.3f ulp at %a", kernel->name,
              functions[function].name, worst[which], (double)worst_x[which]);
  }
}

#ifndef STRIDE
#define STRIDE 101
#endif

/* Every STRIDEth float of all, or with RNN_LONG every one. */
static uint64_t stride(void)
{
  return getenv("RNN_LONG") != NULL ? 1 : STRIDE;
}

Test(vector, tanh_is_accurate, .timeout = 3600)
{
  measure(TANH, stride());
}

Test(vector, logistic_is_accurate, .timeout = 3600)
{
  measure(LOGISTIC, stride());
}

Test(vector, exp_is_accurate, .timeout = 3600)
{
  measure(EXP, stride());
}

Test(vector, log_is_accurate, .timeout = 3600)
{
  measure(LOG, stride());
}

#else

Test(vector, doubles_go_through_libm)
{
  real x[MOST], y[MOST];
  draw(x, MOST, 8);
  EACH_KERNEL for (int f = 0; f < FUNCTIONS; f++)
  {
    run(f, MOST, x, y);
    for (size_t i = 0; i < MOST; i++) {
      double exact = functions[f].exact(x[i]);
      cr_assert(isnan(exact) ? isnan(y[i]) : y[i] == exact, "%s %s(%g)", kernel->name, functions[f].name, x[i]);
    }
  }
}

#endif

Test(vector, knows_the_ends_of_the_line)
{
  const real inf = (real)INFINITY, x[] = {inf, -inf, (real)NAN, 0, (real)-0.0};
  const double wanted[FUNCTIONS][5] = {{1, -1, NAN, 0, -0.0},
                                       {1, 0, NAN, 0.5, 0.5},
                                       {INFINITY, 0, NAN, 1, 1},
                                       {INFINITY, NAN, NAN, -INFINITY, -INFINITY}};
  EACH_KERNEL for (int f = 0; f < FUNCTIONS; f++)
  {
    real y[5];
    run(f, 5, x, y);
    for (int i = 0; i < 5; i++)
      cr_assert(isnan(wanted[f][i]) ? isnan(y[i]) : y[i] == wanted[f][i] && !signbit(y[i]) == !signbit(wanted[f][i]),
                "%s %s(%g) = %g", kernel->name, functions[f].name, (double)x[i], (double)y[i]);
  }
}

/* Also under a sanitizer that minds how integers overflow: log takes the bits of its argument apart. */
Test(vector, log_of_what_is_below_zero_is_no_number)
{
#ifdef RNN_DOUBLE
  const real x[] = {-1, -DBL_MAX, -DBL_MIN, -DBL_TRUE_MIN, (real)-INFINITY, -(real)NAN};
#else
  const real x[] = {-1, -FLT_MAX, -FLT_MIN, -FLT_TRUE_MIN, (real)-INFINITY, -(real)NAN};
#endif
  EACH_KERNEL for (size_t i = 0; i < sizeof x / sizeof *x; i++)
  {
    real y;
    kernel->log(1, &x[i], &y);
    cr_assert(isnan(y), "%s log(%g) = %g", kernel->name, (double)x[i], (double)y);
  }
}

/* --- place and length ----------------------------------------------------------------------------------------------
 */

static void run_tanh_gradient(size_t count, const real *x, real *y)
{
  kernel->tanh_gradient(count, x, y);
}
static void run_logistic_gradient(size_t count, const real *x, real *y)
{
  kernel->logistic_gradient(count, x, y);
}
static void run_relu_gradient(size_t count, const real *x, real *y)
{
  kernel->relu_gradient(count, x, y);
}
static void run_relu(size_t count, const real *x, real *y)
{
  kernel->relu(count, x, y);
}
static void run_tanh(size_t count, const real *x, real *y)
{
  kernel->tanh(count, x, y);
}
static void run_logistic(size_t count, const real *x, real *y)
{
  kernel->logistic(count, x, y);
}
static void run_exp(size_t count, const real *x, real *y)
{
  kernel->exp(count, x, y);
}
static void run_log(size_t count, const real *x, real *y)
{
  kernel->log(count, x, y);
}
static void run_fill(size_t count, const real *x, real *y)
{
  (void)x;
  kernel->fill(count, (real)1.25, y);
}
static void run_scale(size_t count, const real *x, real *y)
{
  (void)x;
  kernel->scale(count, (real)1.1, y);
}
static void run_add(size_t count, const real *x, real *y)
{
  kernel->add(count, x, y);
}
static void run_add_scaled(size_t count, const real *x, real *y)
{
  kernel->add_scaled(count, (real)1.1, x, y);
}
static void run_multiply(size_t count, const real *x, real *y)
{
  kernel->multiply(count, x, y);
}

static double exact_relu(double x, double y)
{
  (void)y;
  return x > 0 ? x : 0;
}
static double exact_tanh_gradient(double x, double y)
{
  return y * (1 - x * x);
}
static double exact_logistic_gradient(double x, double y)
{
  return y * x * (1 - x);
}
static double exact_relu_gradient(double x, double y)
{
  return x > 0 ? y : 0;
}
static double exact_fill(double x, double y)
{
  (void)x;
  (void)y;
  return 1.25;
}
static double exact_scale(double x, double y)
{
  (void)x;
  return (double)(real)1.1 * y;
}
static double exact_add(double x, double y)
{
  return x + y;
}
static double exact_add_scaled(double x, double y)
{
  return y + (double)(real)1.1 * x;
}
static double exact_multiply(double x, double y)
{
  return x * y;
}

static const struct {
  const char *name;
  void (*run)(size_t count, const real *x, real *y);
  double (*exact)(double x, double y);
} each[] = {{"tanh", run_tanh, NULL},
            {"logistic", run_logistic, NULL},
            {"exp", run_exp, NULL},
            {"log", run_log, NULL},
            {"relu", run_relu, exact_relu},
            {"tanh_gradient", run_tanh_gradient, exact_tanh_gradient},
            {"logistic_gradient", run_logistic_gradient, exact_logistic_gradient},
            {"relu_gradient", run_relu_gradient, exact_relu_gradient},
            {"fill", run_fill, exact_fill},
            {"scale", run_scale, exact_scale},
            {"add", run_add, exact_add},
            {"add_scaled", run_add_scaled, exact_add_scaled},
            {"multiply", run_multiply, exact_multiply}};

enum { EACH_FUNCTIONS = sizeof each / sizeof *each };

/* An element alone, and anywhere in arrays of any length, misaligned as may be, has the same bits; nothing before or
 * after the array is written. */
Test(vector, place_and_length_change_no_bit)
{
  real x[MOST], y[MOST], alone[MOST], got[MOST + 16];
  draw(x, MOST, 3);
  draw(y, MOST, 4);
  EACH_KERNEL for (size_t f = 0; f < EACH_FUNCTIONS; f++)
  {
    memcpy(alone, y, sizeof alone);
    for (size_t i = 0; i < MOST; i++)
      each[f].run(1, x + i, alone + i);
    for (size_t first = 0; first < 20; first++)
      for (size_t count = 0; first + count <= MOST; count += count < 70 ? 1 : 29) {
        memset(got, 0x5A, sizeof got);
        memcpy(got + first, y + first, count * sizeof *y);
        each[f].run(count, x + first, got + first);
        cr_assert(same_bits(got + first, alone + first, count), "%s %s: %zu from %zu", kernel->name, each[f].name,
                  count, first);
        for (size_t i = 0; i < sizeof got; i++)
          cr_assert(((unsigned char *)got)[i] == 0x5A || (i >= first * sizeof *y && i < (first + count) * sizeof *y),
                    "%s %s: byte %zu written, %zu from %zu", kernel->name, each[f].name, i, count, first);
      }
  }
}

Test(vector, works_in_place)
{
  real x[MOST], apart[MOST], in_place[MOST];
  draw(x, MOST, 3);
  EACH_KERNEL for (int f = 0; f < FUNCTIONS; f++)
  {
    memcpy(in_place, x, sizeof x);
    run(f, MOST, x, apart);
    run(f, MOST, in_place, in_place);
    cr_assert(same_bits(apart, in_place, MOST), "%s %s", kernel->name, functions[f].name);
  }
}

Test(vector, simple_functions_compute_what_they_say)
{
  real x[MOST], y[MOST], got[MOST];
  draw(x, MOST, 1);
  draw(y, MOST, 1);
  x[3] = 0;
  EACH_KERNEL for (size_t f = 0; f < EACH_FUNCTIONS; f++)
  {
    if (each[f].exact == NULL)
      continue;
    memcpy(got, y, sizeof got);
    each[f].run(MOST, x, got);
    for (size_t i = 0; i < MOST; i++)
      cr_assert(fabs((double)got[i] - each[f].exact((double)x[i], (double)y[i])) <= 4 * (double)REAL_EPSILON, "%s %s",
                kernel->name, each[f].name);
  }
}

/* --- sums and searches ---------------------------------------------------------------------------------------------
 */

Test(vector, sums_are_right_and_the_same_for_wide_kernels)
{
  real x[MOST], y[MOST];
  draw(x, MOST, 1);
  draw(y, MOST, 1);
  const struct rnn_kernel *wide[] = {rnn_kernel_find("avx2"), rnn_kernel_find("avx512")};
  for (size_t count = 0; count <= MOST; count++) {
    double dot = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
      dot += (double)x[i] * (double)y[i];
      squares += (double)x[i] * (double)x[i];
    }
    EACH_KERNEL
    {
      cr_assert(fabs((double)kernel->dot(count, x, y) - dot) <= 400 * (double)REAL_EPSILON);
      cr_assert(fabs(kernel->square_sum(count, x) - squares) <= 1e-12);
    }
    if (wide[0] != NULL && wide[1] != NULL) {
      cr_assert(wide[0]->dot(count, x, y) == wide[1]->dot(count, x, y));
      cr_assert(wide[0]->square_sum(count, x) == wide[1]->square_sum(count, x));
    }
  }
}

Test(vector, wide_kernels_agree_by_the_bit)
{
  const struct rnn_kernel *wide[] = {rnn_kernel_find("avx2"), rnn_kernel_find("avx512")};
  if (wide[0] == NULL || wide[1] == NULL)
    return;
  real x[MOST], y[MOST], got[2][MOST];
  draw(x, MOST, 6);
  draw(y, MOST, 6);
  for (size_t f = 0; f < EACH_FUNCTIONS; f++) {
    for (int i = 0; i < 2; i++) {
      kernel = wide[i];
      memcpy(got[i], y, sizeof y);
      each[f].run(MOST, x, got[i]);
    }
    cr_assert(same_bits(got[0], got[1], MOST), "%s", each[f].name);
  }
}

Test(vector, the_first_maximum_counts)
{
  real x[MOST];
  EACH_KERNEL for (size_t count = 1; count <= MOST; count++) for (size_t first = 0; first < count; first++)
  {
    for (size_t i = 0; i < count; i++)
      x[i] = (real)(i % 7) - 9;
    x[first] = x[(first + count) / 2] = x[count - 1] = -1;
    cr_assert_eq(kernel->argmax(count, x), first, "%s: %zu of %zu", kernel->name, first, count);
    cr_assert_eq(kernel->maximum(count, x), (real)-1);
  }
  EACH_KERNEL
  {
    x[0] = x[1] = x[2] = (real)-INFINITY;
    cr_assert_eq(kernel->argmax(3, x), 0);
    x[2] = -5;
    cr_assert_eq(kernel->argmax(3, x), 2);
    x[0] = x[1] = x[2] = (real)NAN;
    cr_assert_eq(kernel->argmax(3, x), 0);
  }
}

Test(vector, finds_what_is_not_finite)
{
  const real strange[] = {(real)INFINITY, (real)-INFINITY, (real)NAN};
  real x[MOST];
  draw(x, MOST, 1);
  EACH_KERNEL for (size_t count = 1; count <= 70; count++)
  {
    cr_assert_eq(kernel->all_finite(count, x), 1);
    for (size_t i = 0; i < count; i++)
      for (int s = 0; s < 3; s++) {
        real kept = x[i];
        x[i] = strange[s];
        cr_assert_eq(kernel->all_finite(count, x), 0, "%s: %zu of %zu", kernel->name, i, count);
        cr_assert_eq(kernel->all_finite(i, x), 1, "reads past the end");
        x[i] = kept;
      }
  }
  EACH_KERNEL cr_assert_eq(kernel->all_finite(0, x), 1);
}

Test(vector, softmax_is_a_distribution)
{
  real z[MOST], y[MOST + 1];
  draw(z, MOST, 5);
  EACH_KERNEL for (size_t count = 1; count <= MOST; count++)
  {
    y[count] = 77;
    double log_sum = (double)kernel->softmax(count, z, y), sum = 0, exact = 0;
    for (size_t i = 0; i < count; i++)
      exact += exp((double)z[i]);
    cr_assert(fabs(log_sum - log(exact)) <= 16 * (double)REAL_EPSILON, "%s %zu", kernel->name, count);
    for (size_t i = 0; i < count; i++) {
      double wanted = exp((double)z[i]) / exact;
      cr_assert(fabs((double)y[i] - wanted) <= 40 * (double)REAL_EPSILON * wanted, "%s %zu: %zu", kernel->name, count,
                i);
      sum += (double)y[i];
    }
    cr_assert(fabs(sum - 1) <= 40 * (double)REAL_EPSILON);
    cr_assert_eq(y[count], (real)77);
  }
}

Test(vector, softmax_takes_large_logits)
{
  EACH_KERNEL
  {
    real z[3] = {3000, 3000, -3000}, y[3];
    cr_assert(fabs((double)kernel->softmax(3, z, y) - (3000 + log(2))) < 3000 * 2 * (double)REAL_EPSILON);
    cr_assert(y[0] == (real)0.5 && y[1] == (real)0.5 && y[2] == 0);
    z[1] = (real)NAN;
    cr_assert(isnan(kernel->softmax(3, z, y)));
  }
}

/* The functions of vector.h are those of the kernel in use. */
Test(vector, the_public_functions_reach_the_kernel)
{
  real x[5], y[5], z[5];
  kernel = rnn_kernel();
  draw(x, 5, 1);
  draw(y, 5, 1);
  void (*const public[])(size_t, const real *, real *) = {rnn_vector_tanh,
                                                          rnn_vector_logistic,
                                                          rnn_vector_exp,
                                                          rnn_vector_log,
                                                          rnn_vector_relu,
                                                          rnn_vector_tanh_gradient,
                                                          rnn_vector_logistic_gradient,
                                                          rnn_vector_relu_gradient,
                                                          rnn_vector_add,
                                                          rnn_vector_multiply,
                                                          rnn_vector_copy};
  void (*const inner[])(size_t, const real *, real *) = {
      kernel->tanh,          kernel->logistic,          kernel->exp,           kernel->log, kernel->relu,
      kernel->tanh_gradient, kernel->logistic_gradient, kernel->relu_gradient, kernel->add, kernel->multiply,
      rnn_vector_copy};
  for (size_t f = 0; f < sizeof public / sizeof *public; f++) {
    memcpy(z, y, sizeof z);
    public[f](5, x, y);
    inner[f](5, x, z);
    cr_assert(same_bits(y, z, 5), "%zu", f);
  }
  cr_assert(same_bits(x, y, 5), "copy");
  rnn_vector_fill(5, 3, y);
  rnn_vector_scale(5, 2, y);
  rnn_vector_add_scaled(5, 2, y, y);
  cr_assert_eq(rnn_vector_dot(5, y, y), (real)(5 * 18 * 18));
  cr_assert_eq(rnn_vector_square_sum(5, y), 5.0 * 18 * 18);
  y[4] = 19;
  cr_assert_eq(rnn_vector_maximum(5, y), (real)19);
  cr_assert_eq(rnn_vector_argmax(5, y), 4);
  cr_assert_eq(rnn_vector_all_finite(5, y), 1);
  cr_assert(fabs((double)rnn_vector_softmax(5, x, y) - (double)kernel->softmax(5, x, z)) == 0);
  cr_assert(same_bits(y, z, 5));
}

#if !defined RNN_DOUBLE && (defined __x86_64__ || defined __aarch64__)
Test(vector, flushes_to_zero)
{
  volatile float smallest = FLT_MIN, half = 0.5f, denormal = 0x1p-140f, much = 0x1p100f;
  cr_assert(smallest * half > 0);
  rnn_vector_flush_to_zero();
  cr_assert_eq(smallest * half, 0);
  cr_assert_eq(denormal * much, 0);
}
#endif
