/* Matrix products, plain. */
#include "gemm.h"

size_t rnn_gemm_packed_count(size_t k, size_t n)
{
  return k * n;
}

void rnn_gemm_pack(size_t k, size_t n, const real *b, size_t ldb, bool transposed, real *packed)
{
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < n; j++)
      packed[i * n + j] = transposed ? b[j * ldb + i] : b[i * ldb + j];
}

void rnn_gemm(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *packed, real *c, size_t ldc,
              bool accumulate)
{
  for (size_t row = 0; row < m; row++) {
    real *restrict out = c + row * ldc;
    for (size_t j = 0; !accumulate && j < n; j++)
      out[j] = 0;
    for (size_t i = 0; i < k; i++)
      for (size_t j = 0; j < n; j++)
        out[j] += a[row * lda + i] * packed[i * n + j];
  }
}

void rnn_gemm_transposed(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b, size_t ldb, real *c,
                         size_t ldc, bool accumulate)
{
  for (size_t row = 0; row < m; row++) {
    real *restrict out = c + row * ldc;
    for (size_t j = 0; !accumulate && j < n; j++)
      out[j] = 0;
    for (size_t i = 0; i < k; i++)
      for (size_t j = 0; j < n; j++)
        out[j] += a[i * lda + row] * b[i * ldb + j];
  }
}

const char *rnn_gemm_kernel(void)
{
  return "portable";
}
