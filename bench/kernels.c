/* How fast the kernels are, as TSV on standard output:
 *
 *   product             C = A B with B packed; m rows, n columns, sums of k
 *   product_transposed  C = A^T B with k rows: gradients of weights
 *   tanh ... pack       the functions of vector.h over n elements, and the packing of a k x n matrix
 *
 * `rate` is GFLOP/s for products, ns an element for the others. `share` is the part of the peak of fused multiply-adds,
 * which is measured beside each product on the same processor. `openblas` is the rate of sgemm on the same operands,
 * if built with it (-DWITH_OPENBLAS ... -lopenblas; run with OPENBLAS_NUM_THREADS=1).
 *
 * usage: kernels [KERNEL]      times are those of the thread, the best of some repetitions */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernel.h"
#include "memory.h"
#include "vector.h"

#ifdef WITH_OPENBLAS
#include <cblas.h>
#endif
#if defined __x86_64__
#include <immintrin.h>
#endif

enum { REPETITIONS = 9, MOST_ELEMENTS = 1 << 22, CHAINS = 12, PEAK_STEPS = 4096 };

static const double shortest_sec = 1e-3;

struct operands {
  const struct rnn_kernel *kernel;
  size_t m, n, k;
  real *a, *b, *c, *packed;
};

static double now_sec(void)
{
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Seconds of one call: the best of the repetitions, each long enough for the clock. */
static double measure(void (*run)(const struct operands *operands), const struct operands *operands)
{
  double best_sec = 1e30;
  size_t calls = 1;
  run(operands);
  for (int repetition = 0; repetition < REPETITIONS;) {
    double begin_sec = now_sec();
    for (size_t i = 0; i < calls; i++)
      run(operands);
    double taken_sec = now_sec() - begin_sec, each_sec = taken_sec / (double)calls;
    if (taken_sec < shortest_sec) {
      calls *= 2;
      continue;
    }
    best_sec = each_sec < best_sec ? each_sec : best_sec;
    repetition++;
  }
  return best_sec;
}

#if defined __x86_64__ && !defined RNN_DOUBLE
#define PEAK(name, features, bits, type)                                                                               \
  __attribute__((target(features))) static void name(const struct operands *o)                                         \
  {                                                                                                                    \
    type chain[CHAINS], factor = _mm##bits##_set1_ps(o->a[0]);                                                         \
    for (int i = 0; i < CHAINS; i++)                                                                                   \
      chain[i] = factor;                                                                                               \
    for (int step = 0; step < PEAK_STEPS; step++)                                                                      \
      _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) chain[i] =                                             \
          _mm##bits##_fmadd_ps(chain[i], factor, factor);                                                              \
    for (int i = 1; i < CHAINS; i++)                                                                                   \
      chain[0] = _mm##bits##_add_ps(chain[0], chain[i]);                                                               \
    _mm##bits##_storeu_ps(o->c, chain[0]);                                                                             \
  }
PEAK(peak_avx512, "avx512f", 512, __m512)
PEAK(peak_avx2, "avx2,fma", 256, __m256)
#endif

/* GFLOP/s, or 0 where it is not known. */
static double measure_peak(const struct operands *o)
{
#if defined __x86_64__ && !defined RNN_DOUBLE
  double gigaflop = 2e-9 * PEAK_STEPS * CHAINS * (double)o->kernel->lanes;
  if (strcmp(o->kernel->name, "avx512") == 0)
    return gigaflop / measure(peak_avx512, o);
  if (strcmp(o->kernel->name, "avx2") == 0)
    return gigaflop / measure(peak_avx2, o);
#endif
  (void)o;
  return 0;
}

/* --- products ------------------------------------------------------------------------------------------------------
 */

static void run_product(const struct operands *o)
{
  o->kernel->product(o->m, o->n, o->k, o->a, o->k, o->packed, o->c, o->n, false);
}

static void run_product_transposed(const struct operands *o)
{
  o->kernel->product_transposed(o->m, o->n, o->k, o->a, o->m, o->b, o->n, o->c, o->n, false);
}

static void run_pack(const struct operands *o)
{
  o->kernel->pack(o->k, o->n, o->b, o->n, false, o->packed);
}

static void run_pack_transposed(const struct operands *o)
{
  o->kernel->pack(o->k, o->n, o->b, o->k, true, o->packed);
}

#ifdef WITH_OPENBLAS
static void run_openblas(const struct operands *o)
{
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)o->m, (int)o->n, (int)o->k, 1, o->a, (int)o->k, o->b,
              (int)o->n, 0, o->c, (int)o->n);
}

static void run_openblas_transposed(const struct operands *o)
{
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)o->m, (int)o->n, (int)o->k, 1, o->a, (int)o->m, o->b,
              (int)o->n, 0, o->c, (int)o->n);
}
#endif

static void print_product(const char *what, const struct operands *o, bool transposed)
{
  const double gigaflop = 2e-9 * (double)o->m * (double)o->n * (double)o->k;
  double peak = measure_peak(o), rate = gigaflop / measure(transposed ? run_product_transposed : run_product, o);
  printf("%s\t%s\t%zu\t%zu\t%zu\t%.1f\t%.3f", what, o->kernel->name, o->m, o->n, o->k, rate,
         peak > 0 ? rate / peak : 0);
#ifdef WITH_OPENBLAS
  printf("\t%.1f", gigaflop / measure(transposed ? run_openblas_transposed : run_openblas, o));
#endif
  printf("\n");
  fflush(stdout);
}

static void measure_products(struct operands o)
{
  static const size_t rows[] = {1, 2, 4, 8, 16, 32, 64, 2048};
  static const size_t sizes[][2] = {{64, 64},    {128, 128},  {256, 256}, {512, 128}, {768, 256},
                                    {1024, 256}, {1024, 512}, {65, 256},  {17, 128},  {2, 128}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
      o.m = rows[j], o.n = sizes[i][0], o.k = sizes[i][1];
      run_pack(&o);
      print_product("product", &o, false);
    }
  static const size_t gradients[][3] = {{64, 64, 2048},   {128, 128, 2048},  {256, 256, 2048},
                                        {512, 128, 2048}, {1024, 256, 2048}, {1024, 256, 4096},
                                        {17, 128, 2048},  {65, 256, 2048},   {2, 128, 64}};
  for (size_t i = 0; i < sizeof gradients / sizeof *gradients; i++) {
    o.m = gradients[i][0], o.n = gradients[i][1], o.k = gradients[i][2];
    print_product("product_transposed", &o, true);
  }
}

/* --- the rest ------------------------------------------------------------------------------------------------------
 */

#define RUN(name, ...)                                                                                                 \
  static void run_##name(const struct operands *o)                                                                     \
  {                                                                                                                    \
    o->kernel->name(o->n, __VA_ARGS__);                                                                                \
  }
RUN(tanh, o->a, o->c)
RUN(logistic, o->a, o->c)
RUN(exp, o->a, o->c)
RUN(log, o->a, o->c)
RUN(relu, o->a, o->c)
RUN(tanh_gradient, o->a, o->c)
RUN(add_scaled, 0, o->a, o->c)
RUN(multiply, o->b, o->c)
RUN(dot, o->a, o->b)
RUN(square_sum, o->a)
RUN(argmax, o->a)
RUN(all_finite, o->a)
RUN(softmax, o->a, o->c)

static void print_elements(const char *what, const struct operands *o, size_t elements,
                           void (*run)(const struct operands *))
{
  printf("%s\t%s\t1\t%zu\t%zu\t%.3f\t\n", what, o->kernel->name, o->n, o->k, measure(run, o) / (double)elements * 1e9);
  fflush(stdout);
}

static void measure_functions(struct operands o)
{
  static const struct {
    const char *name;
    void (*run)(const struct operands *o);
  } functions[] = {{"tanh", run_tanh},
                   {"logistic", run_logistic},
                   {"exp", run_exp},
                   {"log", run_log},
                   {"relu", run_relu},
                   {"tanh_gradient", run_tanh_gradient},
                   {"add_scaled", run_add_scaled},
                   {"multiply", run_multiply},
                   {"dot", run_dot},
                   {"square_sum", run_square_sum},
                   {"argmax", run_argmax},
                   {"all_finite", run_all_finite},
                   {"softmax", run_softmax}};
  static const size_t counts[] = {17, 256, 8192};
  o.k = 1;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    for (size_t j = 0; j < sizeof counts / sizeof *counts; j++) {
      o.n = counts[j];
      print_elements(functions[i].name, &o, o.n, functions[i].run);
    }
  o.n = 1024, o.k = 256;
  print_elements("pack", &o, o.n * o.k, run_pack);
  print_elements("pack_transposed", &o, o.n * o.k, run_pack_transposed);
}

int main(int argc, char **argv)
{
  struct rnn_error error = {.status = RNN_OK};
  struct operands o = {.kernel = argc > 1 ? rnn_kernel_find(argv[1]) : rnn_kernel()};
  if (o.kernel == NULL) {
    fprintf(stderr, "kernels: no kernel \"%s\" on this processor\n", argv[1]);
    return RNN_USAGE;
  }
  real **operand[] = {&o.a, &o.b, &o.c, &o.packed};
  for (size_t i = 0; i < 4; i++) {
    if (rnn_memory_new(operand[i], MOST_ELEMENTS, sizeof(real), "operands", &error) != RNN_OK) {
      fprintf(stderr, "kernels: %s\n", error.text);
      return (int)error.status;
    }
    for (size_t j = 0; j < MOST_ELEMENTS; j++)
      (*operand[i])[j] = (real)((j * 7919 + i) % 1000) / 500 - (real)0.99;
  }
  rnn_vector_flush_to_zero();
  printf("what\tkernel\tm\tn\tk\trate\tshare\topenblas\n");
  measure_products(o);
  measure_functions(o);
  for (size_t i = 0; i < 4; i++)
    rnn_memory_free(*operand[i]);
  return 0;
}
