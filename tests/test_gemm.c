/* Products: every element is one chain over k, so the law of gemm.h can be tested by the bit. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gemm.h"
#include "kernel.h"
#include "memory.h"
#include "random.h"

enum { MOST_M = 70, MOST_N = 200, MOST_K = 600, MOST_LD = 620, CANARY = 0x5A };

static const char *const names[] = {"portable", "avx2", "avx512"};

#define EACH_KERNEL                                                                                                    \
  for (size_t which = 0; which < sizeof names / sizeof *names; which++)                                                \
    if ((kernel = rnn_kernel_find(names[which])) != NULL)

static const struct rnn_kernel *kernel;
static struct rnn_random random_numbers;
static real *a, *b, *packed, *c, *expected, *alone, *before;

static real *new_reals(size_t count)
{
  struct rnn_error error;
  real *block;
  cr_assert_eq(rnn_memory_new(&block, count, sizeof *block, "test", &error), RNN_OK);
  return block;
}

static void draw(real *x)
{
  for (size_t i = 0; i < MOST_LD * MOST_LD; i++)
    x[i] = (real)(int32_t)rnn_random_next(&random_numbers) * (real)0x1p-31;
}

/* Numbers that C holds before a product, and around it. */
static void start(real *x)
{
  memcpy(x, before, sizeof(real) * MOST_LD * MOST_LD);
}

static void set_up(void)
{
  rnn_random_init(&random_numbers, 1, RNN_PURPOSE_TEST, 0, 0);
  a = new_reals(MOST_LD * MOST_LD);
  b = new_reals(MOST_LD * MOST_LD);
  packed = new_reals(MOST_LD * MOST_LD);
  c = new_reals(MOST_LD * MOST_LD);
  expected = new_reals(MOST_LD * MOST_LD);
  alone = new_reals(MOST_LD * MOST_LD);
  before = new_reals(MOST_LD * MOST_LD);
  draw(a);
  draw(b);
  draw(before);
}

static void tear_down(void)
{
  real *blocks[] = {a, b, packed, c, expected, alone, before};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    rnn_memory_free(blocks[i]);
}

TestSuite(gemm, .init = set_up, .fini = tear_down);

static size_t below(size_t bound)
{
  return (size_t)rnn_random_below(&random_numbers, bound);
}

static real multiply_add(real x, real y, real sum)
{
  if (!kernel->fused)
    return x * y + sum;
#ifdef RNN_DOUBLE
  return fma(x, y, sum);
#else
  return fmaf(x, y, sum);
#endif
}

struct shape {
  size_t m, n, k, lda, ldb, ldc;
  bool transposed, accumulate;
};

static struct shape draw_shape(void)
{
  struct shape s = {.m = 1 + below(MOST_M), .n = 1 + below(MOST_N), .k = below(301)};
  if (below(10) == 0)
    s.k = 400 + below(MOST_K - 400); /* past a block of k */
  s.lda = s.k + below(20), s.ldc = s.n + below(20);
  s.transposed = below(2) == 0, s.accumulate = below(2) == 0;
  s.ldb = (s.transposed ? s.k : s.n) + below(20);
  return s;
}

static void expect_chains(const struct shape *s)
{
  for (size_t i = 0; i < s->m; i++)
    for (size_t j = 0; j < s->n; j++) {
      real sum = s->accumulate ? expected[i * s->ldc + j] : 0;
      for (size_t k = 0; k < s->k; k++)
        sum = multiply_add(a[i * s->lda + k], s->transposed ? b[j * s->ldb + k] : b[k * s->ldb + j], sum);
      expected[i * s->ldc + j] = sum;
    }
}

static void expect_same(const struct shape *s, const real *got, const char *what)
{
  cr_assert(memcmp(got, expected, sizeof(real) * MOST_LD * MOST_LD) == 0,
            "%s, %s: m %zu n %zu k %zu lda %zu ldb %zu ldc %zu%s%s", kernel->name, what, s->m, s->n, s->k, s->lda,
            s->ldb, s->ldc, s->transposed ? " transposed" : "", s->accumulate ? " accumulated" : "");
}

/* Also: a row alone has the bits it has in a batch, and nothing outside C is written. */
Test(gemm, is_one_chain_for_each_element, .timeout = 300)
{
  for (int round = 0; round < 120; round++)
    EACH_KERNEL
    {
      struct shape s = draw_shape();
      start(c);
      start(expected);
      start(alone);
      kernel->pack(s.k, s.n, b, s.ldb, s.transposed, packed);
      kernel->product(s.m, s.n, s.k, a, s.lda, packed, c, s.ldc, s.accumulate);
      expect_chains(&s);
      expect_same(&s, c, "batch");
      for (size_t row = 0; row < s.m; row++)
        kernel->product(1, s.n, s.k, a + row * s.lda, s.lda, packed, alone + row * s.ldc, s.ldc, s.accumulate);
      expect_same(&s, alone, "alone");
    }
}

/* Every height of a batch cuts the rows into other tiles: the bits stay. */
Test(gemm, gives_a_row_the_same_bits_in_any_batch, .timeout = 300)
{
  const struct shape s = {.n = 97, .k = 83, .lda = 83, .ldb = 97, .ldc = 97};
  const size_t most = 400; /* past a block of rows */
  EACH_KERNEL
  {
    kernel->pack(s.k, s.n, b, s.ldb, false, packed);
    for (size_t row = 0; row < most; row++)
      kernel->product(1, s.n, s.k, a + row * s.lda, s.lda, packed, expected + row * s.ldc, s.ldc, false);
    for (size_t m = 1; m <= most; m += m < 30 ? 1 : 13)
      for (size_t first = 0; first + m <= most; first += m) {
        kernel->product(m, s.n, s.k, a + first * s.lda, s.lda, packed, c, s.ldc, false);
        cr_assert(memcmp(c, expected + first * s.ldc, m * s.n * sizeof *c) == 0, "%s: %zu rows from %zu", kernel->name,
                  m, first);
      }
  }
}

static void expect_blocks(const struct shape *s)
{
  for (size_t i = 0; i < s->m; i++)
    for (size_t j = 0; j < s->n; j++) {
      real whole = s->accumulate ? expected[i * s->ldc + j] : 0;
      for (size_t first = 0; first < s->k; first += RNN_GRADIENT_STEPS) {
        real sum = 0;
        for (size_t k = first; k < s->k && k < first + RNN_GRADIENT_STEPS; k++)
          sum = multiply_add(a[k * s->lda + i], b[k * s->ldb + j], sum);
        whole = first == 0 && !s->accumulate ? sum : whole + sum;
      }
      expected[i * s->ldc + j] = whole;
    }
}

Test(gemm, transposed_sums_in_blocks, .timeout = 300)
{
  for (int round = 0; round < 100; round++)
    EACH_KERNEL
    {
      struct shape s = draw_shape();
      s.m = 1 + below(220); /* past a block of rows of C */
      s.n = 1 + below(100);
      s.lda = below(4) == 0 ? 4096 / sizeof(real) : s.m + below(20); /* rows a page apart are copied */
      if (s.lda * s.k > MOST_LD * MOST_LD)
        continue;
      s.ldb = s.n + below(20), s.ldc = s.n + below(20);
      start(c);
      start(expected);
      kernel->product_transposed(s.m, s.n, s.k, a, s.lda, b, s.ldb, c, s.ldc, s.accumulate);
      expect_blocks(&s);
      expect_same(&s, c, "transposed product");
    }
}

/* --- page ends: not a byte past an operand is touched --------------------------------------------------------------
 */

enum { PAGES_BYTES = 4 << 20 };

/* Readable bytes between two pages that are not. */
static char *guarded(void)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *whole = mmap(NULL, PAGES_BYTES + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  cr_assert_neq(whole, MAP_FAILED);
  cr_assert_eq(mprotect(whole + page, PAGES_BYTES, PROT_READ | PROT_WRITE), 0);
  return whole + page;
}

/* The last, or the first, `count` reals of such bytes, filled from `from`. */
static real *at_edge(char *bytes, bool last, size_t count, const real *from)
{
  real *place = (real *)(last ? bytes + PAGES_BYTES - count * sizeof(real) : bytes);
  if (from != NULL)
    memcpy(place, from, count * sizeof *place);
  return place;
}

static size_t extent(size_t rows, size_t columns, size_t ld)
{
  return rows == 0 ? 0 : (rows - 1) * ld + columns;
}

Test(gemm, touches_nothing_past_its_operands, .timeout = 300)
{
  char *of_a = guarded(), *of_b = guarded(), *of_c = guarded(), *of_packed = guarded();
  for (int round = 0; round < 200; round++)
    EACH_KERNEL
    {
      struct shape s = draw_shape();
      bool last = round % 2 == 0;
      size_t padded = (s.n + kernel->lanes - 1) / kernel->lanes * kernel->lanes;
      real *x = at_edge(of_a, last, extent(s.m, s.k, s.lda), a), *z = at_edge(of_c, last, extent(s.m, s.n, s.ldc), c);
      real *y = at_edge(of_b, last, s.transposed ? extent(s.n, s.k, s.ldb) : extent(s.k, s.n, s.ldb), b);
      real *p = at_edge(of_packed, last, s.k * padded, NULL);
      kernel->pack(s.k, s.n, y, s.ldb, s.transposed, p);
      kernel->product(s.m, s.n, s.k, x, s.lda, p, z, s.ldc, s.accumulate);
      kernel->product(1, s.n, s.k, x, s.lda, p, z, s.ldc, s.accumulate);
      s.lda = s.m + below(20), s.ldb = s.n + below(20);
      x = at_edge(of_a, last, extent(s.k, s.m, s.lda), a);
      y = at_edge(of_b, last, extent(s.k, s.n, s.ldb), b);
      kernel->product_transposed(s.m, s.n, s.k, x, s.lda, y, s.ldb, z, s.ldc, s.accumulate);
    }
}

Test(gemm, takes_empty_matrices)
{
  EACH_KERNEL
  {
    real x[4] = {1, 2, 3, 4}, kept[4] = {1, 2, 3, 4}, zero[4] = {0};
    kernel->pack(0, 2, b, 2, false, packed);
    kernel->pack(2, 0, b, 2, false, packed);
    kernel->product(2, 2, 0, a, 0, packed, x, 2, true);
    kernel->product(0, 2, 2, a, 2, packed, x, 2, false);
    kernel->product(2, 0, 2, a, 2, packed, x, 2, false);
    kernel->product_transposed(2, 2, 0, a, 2, b, 2, x, 2, true);
    kernel->product_transposed(0, 2, 2, a, 2, b, 2, x, 2, false);
    kernel->product_transposed(2, 0, 2, a, 2, b, 2, x, 2, false);
    cr_assert_arr_eq(x, kept, sizeof x);
    kernel->product(2, 2, 0, a, 0, packed, x, 2, false);
    cr_assert_arr_eq(x, zero, sizeof x);
    memcpy(x, kept, sizeof x);
    kernel->product_transposed(2, 2, 0, a, 2, b, 2, x, 2, false);
    cr_assert_arr_eq(x, zero, sizeof x);
  }
}

Test(gemm, packs_within_the_count)
{
  for (size_t k = 0; k < 40; k += 3)
    for (size_t n = 0; n < 150; n++) {
      size_t count = rnn_gemm_packed_count(k, n);
      cr_assert_geq(count, k * n);
      cr_assert_leq(count, k * (n + 15));
      memset(packed, CANARY, (count + 16) * sizeof *packed);
      rnn_gemm_pack(k, n, b, n, false, packed);
      rnn_gemm_pack(k, n, b, k, true, packed);
      const unsigned char *after = (const unsigned char *)(packed + count);
      for (size_t i = 0; i < 16 * sizeof *packed; i++)
        cr_assert_eq(after[i], CANARY, "k %zu n %zu", k, n);
    }
  cr_assert_eq(rnn_gemm_packed_count(SIZE_MAX / 2, 3), SIZE_MAX);
  cr_assert_eq(rnn_gemm_packed_count(3, SIZE_MAX - 1), SIZE_MAX);
}

Test(gemm, says_where_an_element_is)
{
  EACH_KERNEL
  for (size_t n = 1; n < 90; n++) {
    const size_t k = 7;
    kernel->pack(k, n, b, n, false, packed);
    for (size_t row = 0; row < k; row++)
      for (size_t column = 0; column < n; column++)
        cr_assert_eq(packed[kernel->place(k, n, row, column)], b[row * n + column], "%zu: %zu,%zu", n, row, column);
  }
}

/* The functions of gemm.h are those of the kernel in use; each test is a process of its own and chooses anew. */
static void expect_kernel(const char *asked, const char *name)
{
  setenv("RNN_KERNEL", asked, 1);
  cr_assert_str_eq(rnn_gemm_kernel(), name);
  kernel = rnn_kernel();
  const size_t m = 5, n = 37, k = 29;
  cr_assert_eq(rnn_gemm_packed_count(k, n), (n + kernel->lanes - 1) / kernel->lanes * kernel->lanes * k);
  rnn_gemm_pack(k, n, b, n, false, packed);
  rnn_gemm(m, n, k, a, k, packed, c, n, false);
  kernel->product(m, n, k, a, k, packed, expected, n, false);
  cr_assert_arr_eq(c, expected, m * n * sizeof *c);
  rnn_gemm_transposed(m, n, k, a, m, b, n, c, n, true);
  kernel->product_transposed(m, n, k, a, m, b, n, expected, n, true);
  cr_assert_arr_eq(c, expected, m * n * sizeof *c);
}

Test(gemm, runs_the_kernel_asked_for)
{
  expect_kernel("portable", "portable");
}

Test(gemm, runs_avx2_if_asked_for)
{
  if (rnn_kernel_find("avx2") != NULL)
    expect_kernel("avx2", "avx2");
}

Test(gemm, runs_the_best_kernel_if_the_name_is_unknown)
{
  expect_kernel("abacus", rnn_kernel_find(NULL)->name);
}
