/* Matrix products with packed right-hand sides: C = A B.
 *
 * Every element of C is one chain of fused multiply-adds over k = 0, 1, ..., K-1 in this order, whatever the tile, the
 * kernel or the number of rows: the row of a sequence has the same bits alone, in any batch and on any thread.
 * Kernels: "avx512", "avx2", "portable", chosen once when first used; RNN_KERNEL=name in the environment forces one.
 * Matrices are row-major; ld is the distance in elements from one row to the next. */
#ifndef RNN_GEMM_H
#define RNN_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "real.h"

/* Elements that a packed K x N matrix takes (panels of columns, the last one padded with zeros). */
size_t rnn_gemm_packed_count(size_t k, size_t n);

/* packed = B [K][N] at ldb; with `transposed`, B is stored as [N][K] at ldb. `packed` is 64-byte aligned. */
void rnn_gemm_pack(size_t k, size_t n, const real *b, size_t ldb, bool transposed, real *packed);

/* Where in `packed` the element B [row][column] is. */
size_t rnn_gemm_place(size_t k, size_t n, size_t row, size_t column);

/* C [M][N] = A [M][K] B, or C += A B with `accumulate`. M = 1 is as welcome as M = 100,000. N and K may be 0. */
void rnn_gemm(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *packed, real *c, size_t ldc,
              bool accumulate);

/* C [M][N] = A^T B or C += A^T B, with A [K][M] and B [K][N]: gradients of weights, summed over all steps (K rows) at
 * once. Summed over k in order within fixed blocks of rows (a constant of gemm.c), the blocks in order. */
void rnn_gemm_transposed(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b, size_t ldb, real *c,
                         size_t ldc, bool accumulate);

const char *rnn_gemm_kernel(void); /* the name of the kernel in use */

#endif
