/* What differs from processor to processor: one table of functions for each set of instructions, all made from the
 * same source (kernel_products.h, kernel_functions.h). vector.c and gemm.c call the table chosen here. */
#ifndef RNN_KERNEL_H
#define RNN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "real.h"

/* rnn_gemm_transposed sums so many steps from zero before it adds them to C. */
enum { RNN_GRADIENT_STEPS = 128 };

struct rnn_kernel {
  const char *name;
  bool fused;   /* a b + c is rounded once */
  bool wide;    /* vectors of 32 bytes and more */
  size_t lanes; /* reals in a vector: packed matrices are padded to a multiple of it */

  /* As in gemm.h. */
  void (*pack)(size_t k, size_t n, const real *b, size_t ldb, bool transposed, real *packed);
  size_t (*place)(size_t k, size_t n, size_t row, size_t column);
  void (*product)(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *packed, real *c, size_t ldc,
                  bool accumulate);
  void (*product_transposed)(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b, size_t ldb,
                             real *c, size_t ldc, bool accumulate);

  /* As in vector.h. */
  void (*tanh)(size_t count, const real *x, real *y);
  void (*logistic)(size_t count, const real *x, real *y);
  void (*relu)(size_t count, const real *x, real *y);
  void (*exp)(size_t count, const real *x, real *y);
  void (*log)(size_t count, const real *x, real *y);
  void (*tanh_gradient)(size_t count, const real *s, real *ds);
  void (*logistic_gradient)(size_t count, const real *s, real *ds);
  void (*relu_gradient)(size_t count, const real *s, real *ds);
  void (*fill)(size_t count, real value, real *y);
  void (*scale)(size_t count, real factor, real *y);
  void (*add)(size_t count, const real *x, real *y);
  void (*add_scaled)(size_t count, real factor, const real *x, real *y);
  void (*multiply)(size_t count, const real *x, real *y);
  real (*dot)(size_t count, const real *x, const real *y);
  double (*square_sum)(size_t count, const real *x);
  real (*maximum)(size_t count, const real *x);
  size_t (*argmax)(size_t count, const real *x);
  int (*all_finite)(size_t count, const real *x);
  real (*softmax)(size_t count, const real *z, real *y);
};

/* The table in use: that of RNN_KERNEL in the environment if this processor can run it, else the best. */
const struct rnn_kernel *rnn_kernel(void);

/* By name; NULL where there is none or the processor cannot run it. */
const struct rnn_kernel *rnn_kernel_find(const char *name);

/* Plain loops over elements, which the compiler vectorises, once for every processor and once for wide vectors:
 *
 *   RNN_WIDENED(name, type, argument)
 *   {
 *     ...
 *   }
 *
 * defines static void name(type argument). The bits are the same in both: nothing is contracted. */
#if defined __x86_64__
#define RNN_WIDENED(name, type, argument)                                                                              \
  static inline __attribute__((always_inline)) void name##_loops(type argument);                                       \
  static __attribute__((target("avx2"))) void name##_wide(type argument)                                               \
  {                                                                                                                    \
    name##_loops(argument);                                                                                            \
  }                                                                                                                    \
  static void name(type argument)                                                                                      \
  {                                                                                                                    \
    if (rnn_kernel()->wide)                                                                                            \
      name##_wide(argument);                                                                                           \
    else                                                                                                               \
      name##_loops(argument);                                                                                          \
  }                                                                                                                    \
  static inline void name##_loops(type argument)
#else
#define RNN_WIDENED(name, type, argument) static void name(type argument)
#endif

/* Before such a loop: what it writes is not what another round of it reads. */
#if defined __clang__
#define RNN_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define RNN_INDEPENDENT _Pragma("GCC ivdep")
#endif

extern const struct rnn_kernel rnn_kernel_portable;
#if defined __x86_64__
extern const struct rnn_kernel rnn_kernel_avx2, rnn_kernel_avx512;
#endif

#endif
