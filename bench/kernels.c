/* How fast the kernels are, as TSV on standard output:
 *
 *   product             C = A B with B packed; m rows, n columns, sums of k
 *   product_transposed  C = A^T B with k rows: gradients of weights
 *   tanh ... pack       the functions of vector.h over n elements, and the packing of a k x n matrix
 *
 * `rate` is GFLOP/s for products, ns an element for the others. `share` is the part of the peak of fused multiply-adds.
 * `openblas` and `onednn` are the rates of their sgemm on the same operands, if built with them (-DWITH_OPENBLAS
 * -lopenblas, -DWITH_ONEDNN -ldnnl; run with OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1), else "-". All that stands in a
 * line is measured in turns, window by window; times are those of the thread, the median of the windows.
 *
 * usage: kernels [KERNEL] */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernel.h"
#include "memory.h"
#include "vector.h"

#ifdef WITH_OPENBLAS
#include <cblas.h>
#endif
#ifdef WITH_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif
#if defined __x86_64__
#include <immintrin.h>
#endif

enum { WINDOWS = 9, MOST_RUNS = 4, MOST_ELEMENTS = 1 << 22, CHAINS = 12, PEAK_STEPS = 4096 };

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

typedef void run_function(const struct operands *operands);

/* How many calls take long enough for the clock. */
static size_t count_calls(run_function *run, const struct operands *operands)
{
  for (size_t calls = 1;; calls *= 2) {
    double begin_sec = now_sec();
    for (size_t i = 0; i < calls; i++)
      run(operands);
    if (now_sec() - begin_sec >= shortest_sec)
      return calls;
  }
}

static double median(double *value)
{
  for (size_t i = 1; i < WINDOWS; i++)
    for (size_t j = i; j > 0 && value[j] < value[j - 1]; j--) {
      double kept = value[j];
      value[j] = value[j - 1];
      value[j - 1] = kept;
    }
  return value[WINDOWS / 2];
}

/* Seconds of one call of each, NULL left out: windows in turns, the median. */
static void measure_together(run_function *const run[MOST_RUNS], const struct operands *operands, double sec[MOST_RUNS])
{
  double window[MOST_RUNS][WINDOWS];
  size_t calls[MOST_RUNS] = {0};
  for (size_t r = 0; r < MOST_RUNS; r++)
    calls[r] = run[r] == NULL ? 0 : count_calls(run[r], operands);
  for (size_t w = 0; w < WINDOWS; w++)
    for (size_t r = 0; r < MOST_RUNS; r++) {
      double begin_sec = now_sec();
      for (size_t i = 0; i < calls[r]; i++)
        run[r](operands);
      window[r][w] = calls[r] == 0 ? 0 : (now_sec() - begin_sec) / (double)calls[r];
    }
  for (size_t r = 0; r < MOST_RUNS; r++)
    sec[r] = median(window[r]);
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

/* What runs at the peak of this kernel; NULL where that is not known. */
static run_function *peak_of(const struct operands *o)
{
#if defined __x86_64__ && !defined RNN_DOUBLE
  if (strcmp(o->kernel->name, "avx512") == 0)
    return peak_avx512;
  if (strcmp(o->kernel->name, "avx2") == 0)
    return peak_avx2;
#endif
  (void)o;
  return NULL;
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

#ifdef WITH_ONEDNN
static void run_onednn(const struct operands *o)
{
  dnnl_sgemm('N', 'N', (dnnl_dim_t)o->m, (dnnl_dim_t)o->n, (dnnl_dim_t)o->k, 1, o->a, (dnnl_dim_t)o->k, o->b,
             (dnnl_dim_t)o->n, 0, o->c, (dnnl_dim_t)o->n);
}

static void run_onednn_transposed(const struct operands *o)
{
  dnnl_sgemm('T', 'N', (dnnl_dim_t)o->m, (dnnl_dim_t)o->n, (dnnl_dim_t)o->k, 1, o->a, (dnnl_dim_t)o->m, o->b,
             (dnnl_dim_t)o->n, 0, o->c, (dnnl_dim_t)o->n);
}
#endif

static void print_rate(double work, double sec)
{
  if (sec > 0)
    printf("\t%.1f", work / sec);
  else
    printf("\t-");
}

static void print_product(const char *what, const struct operands *o, bool transposed)
{
  const double gigaflop = 2e-9 * (double)o->m * (double)o->n * (double)o->k;
  const double at_peak = 2e-9 * PEAK_STEPS * CHAINS * (double)o->kernel->lanes;
  run_function *run[MOST_RUNS] = {transposed ? run_product_transposed : run_product, peak_of(o)};
  double sec[MOST_RUNS];
#ifdef WITH_OPENBLAS
  run[2] = transposed ? run_openblas_transposed : run_openblas;
#endif
#ifdef WITH_ONEDNN
  run[3] = transposed ? run_onednn_transposed : run_onednn;
#endif
  measure_together(run, o, sec);
  printf("%s\t%s\t%zu\t%zu\t%zu", what, o->kernel->name, o->m, o->n, o->k);
  print_rate(gigaflop, sec[0]);
  if (sec[1] > 0)
    printf("\t%.3f", gigaflop / sec[0] / (at_peak / sec[1]));
  else
    printf("\t-");
  print_rate(gigaflop, sec[2]);
  print_rate(gigaflop, sec[3]);
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

static void print_elements(const char *what, const struct operands *o, size_t elements, run_function *function)
{
  run_function *run[MOST_RUNS] = {function};
  double sec[MOST_RUNS];
  measure_together(run, o, sec);
  printf("%s\t%s\t1\t%zu\t%zu\t%.3f\t-\t-\t-\n", what, o->kernel->name, o->n, o->k, sec[0] / (double)elements * 1e9);
  fflush(stdout);
}

static void measure_functions(struct operands o)
{
  static const struct {
    const char *name;
    run_function *run;
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
  printf("what\tkernel\tm\tn\tk\trate\tshare\topenblas\tonednn\n");
  measure_products(o);
  measure_functions(o);
  for (size_t i = 0; i < 4; i++)
    rnn_memory_free(*operand[i]);
  return 0;
}
