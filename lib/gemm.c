/* Matrix products by the kernel in use. */
#include "gemm.h"

#include <stdint.h>

#include "kernel.h"

size_t rnn_gemm_packed_count(size_t k, size_t n)
{
  size_t lanes = rnn_kernel()->lanes, padded, count;
  if (__builtin_add_overflow(n, lanes - 1, &padded) || __builtin_mul_overflow(padded / lanes * lanes, k, &count))
    return SIZE_MAX;
  return count;
}

void rnn_gemm_pack(size_t k, size_t n, const real *b, size_t ldb, bool transposed, real *packed)
{
  rnn_kernel()->pack(k, n, b, ldb, transposed, packed);
}

size_t rnn_gemm_place(size_t k, size_t n, size_t row, size_t column)
{
  return rnn_kernel()->place(k, n, row, column);
}

void rnn_gemm(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *packed, real *c, size_t ldc,
              bool accumulate)
{
  rnn_kernel()->product(m, n, k, a, lda, packed, c, ldc, accumulate);
}

void rnn_gemm_transposed(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b, size_t ldb, real *c,
                         size_t ldc, bool accumulate)
{
  rnn_kernel()->product_transposed(m, n, k, a, lda, b, ldb, c, ldc, accumulate);
}

const char *rnn_gemm_kernel(void)
{
  return rnn_kernel()->name;
}
