/* Singular values and growth against what is known of a matrix. In double. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "network_case.h"
#include "spectrum.h"

enum { MOST = 70 };

static struct rnn_error error;
static struct rnn_spectrum *spectrum;
static real m[MOST * MOST], left[MOST * MOST], right[MOST * MOST], product[MOST * MOST];
static double value[MOST];

static void set_up(void)
{
  cr_assert_eq(rnn_spectrum_create(&spectrum, MOST, &error), RNN_OK);
}

static void tear_down(void)
{
  rnn_spectrum_free(spectrum);
}

TestSuite(spectrum, .init = set_up, .fini = tear_down);

/* q = an orthogonal matrix: rows of noise, each freed of those before. */
static void make_orthogonal(size_t n, uint64_t seed, real *q)
{
  case_random(seed, 0, n * n, q);
  for (size_t i = 0; i < n; i++) {
    double square = 0;
    for (int pass = 0; pass < 2; pass++)
      for (size_t j = 0; j < i; j++) {
        double shadow = 0;
        for (size_t c = 0; c < n; c++)
          shadow += q[i * n + c] * q[j * n + c];
        for (size_t c = 0; c < n; c++)
          q[i * n + c] -= shadow * q[j * n + c];
      }
    for (size_t c = 0; c < n; c++)
      square += q[i * n + c] * q[i * n + c];
    for (size_t c = 0; c < n; c++)
      q[i * n + c] /= sqrt(square);
  }
}

/* m = left diag(wanted) right. */
static void make_matrix(size_t n, const double *wanted)
{
  make_orthogonal(n, n, left);
  make_orthogonal(n, n + 1, right);
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < n; c++)
      product[i * n + c] = wanted[i] * right[i * n + c];
  rnn_spectrum_product(spectrum, n, n, left, product, m);
}

Test(spectrum, values_are_those_the_matrix_was_made_of)
{
  static const size_t sizes[] = {1, 2, 3, 5, 16, 17, 33, 64, MOST};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    double wanted[MOST];
    size_t n = sizes[i];
    for (size_t j = 0; j < n; j++)
      wanted[j] = j + 1 == n && n > 2 ? 0 : 3 * pow(0.7, (double)(j / 2)); /* pairs that are equal, and a zero */
    make_matrix(n, wanted);
    rnn_spectrum_values(spectrum, n, m, value);
    for (size_t j = 0; j < n; j++)
      cr_assert_float_eq(value[j], wanted[j], 1e-14 * 3, "%zu: value %zu is %.17g, not %.17g", n, j, value[j],
                         wanted[j]);
    cr_assert_float_eq(rnn_spectrum_norm(spectrum, n, n, m, NULL), wanted[0], 1e-14 * 3);
  }
}

Test(spectrum, the_largest_alone_is_the_first_of_all)
{
  for (size_t n = 1; n <= MOST; n += 3) {
    case_random(n, 1, n * n, m);
    rnn_spectrum_values(spectrum, n, m, value);
    cr_assert_float_eq(rnn_spectrum_norm(spectrum, n, n, m, NULL), value[0], 4e-15 * value[0], "%zu", n);
  }
}

/* A guess, right or wrong, changes how soon the largest is found, not what it is; and it becomes the direction. */
Test(spectrum, a_guess_does_not_decide)
{
  enum { N = 60 };
  double wanted[N], square = 0;
  real guess[N], image[N];
  for (size_t i = 0; i < N; i++)
    wanted[i] = 2 * pow(0.8, (double)i);
  make_matrix(N, wanted);
  for (size_t which = 0; which < N; which += 7) { /* the first is right */
    memcpy(guess, right + which * N, sizeof guess);
    cr_assert_float_eq(rnn_spectrum_norm(spectrum, N, N, m, guess), 2, 1e-14, "%zu", which);
    double shadow = 0;
    for (size_t i = 0; i < N; i++)
      shadow += guess[i] * right[i];
    cr_assert_float_eq(fabs(shadow), 1, 1e-7);
  }
  rnn_spectrum_turn_back(N, m, left, image); /* whatever it is multiplied by */
  for (size_t i = 0; i < N; i++)
    for (size_t row = 0; row < N; row++)
      image[i] -= m[row * N + i] * left[row];
  for (size_t i = 0; i < N; i++)
    square += image[i] * image[i];
  cr_assert_lt(square, 1e-20);
}

/* A product with the columns of a second state, which have two elements each. */
Test(spectrum, product_with_columns_of_units)
{
  enum { D = 9, N = 2 * D };
  case_random(5, 0, N * N, left);
  case_random(6, 0, N * N, right);
  for (size_t i = 0; i < N * N; i++)
    if (i % N >= D && i / N % D != i % N % D)
      right[i] = 0;
  rnn_spectrum_product(spectrum, N, N, left, right, m);
  rnn_spectrum_product(spectrum, N, D, left, right, product);
  for (size_t i = 0; i < N * N; i++)
    cr_assert_float_eq(product[i], m[i], 1e-14);
  cr_assert_float_eq(rnn_spectrum_norm(spectrum, N, D, right, NULL), rnn_spectrum_norm(spectrum, N, N, right, NULL),
                     1e-14);
}

/* Units of two rows that do not know of each other: the same values as once a rotation has mixed them. */
Test(spectrum, units_alone_have_the_values_of_units_mixed)
{
  enum { D = 15, N = 2 * D };
  double mixed[N];
  case_random(3, 0, N * N, m);
  for (size_t i = 0; i < N * N; i++)
    if (i / N % D != i % N % D)
      m[i] = 0;
  make_orthogonal(N, 4, left);
  rnn_spectrum_product(spectrum, N, N, left, m, product);
  rnn_spectrum_values(spectrum, N, m, value);
  rnn_spectrum_values(spectrum, N, product, mixed);
  for (size_t i = 0; i < N; i++)
    cr_assert_float_eq(value[i], mixed[i], 1e-14 * value[0], "%zu", i);
  cr_assert_eq(rnn_spectrum_norm(spectrum, N, N, m, NULL), value[0]);
}

Test(spectrum, odd_matrices)
{
  memset(m, 0, sizeof m);
  rnn_spectrum_values(spectrum, 5, m, value);
  for (size_t i = 0; i < 5; i++)
    cr_assert_eq(value[i], 0);
  cr_assert_eq(rnn_spectrum_norm(spectrum, 5, 5, m, NULL), 0);
  cr_assert_eq(rnn_spectrum_radius(spectrum, 5, m), 0);
  for (size_t i = 0; i < 5; i++)
    m[i * 5 + i] = i < 3 ? -1e-150 : 1e-150; /* a diagonal, and very small */
  rnn_spectrum_values(spectrum, 5, m, value);
  for (size_t i = 0; i < 5; i++)
    cr_assert_float_eq(value[i], 1e-150, 1e-164);
  m[7] = NAN;
  rnn_spectrum_values(spectrum, 5, m, value);
  cr_assert(isnan(value[0]) && isnan(value[4]));
  cr_assert(isnan(rnn_spectrum_norm(spectrum, 5, 5, m, NULL)));
}

Test(spectrum, radius_of_rotations_and_of_what_dies_out)
{
  const real turn[] = {0, -2, 0, 2, 0, 0, 0, 0, 1.5}; /* eigenvalues 2i, -2i, 1.5 */
  cr_assert_float_eq(rnn_spectrum_radius(spectrum, 3, turn), 2, 1e-12);
  const real leans[] = {0.5, 100, 0, 0.5}; /* grows at first; its eigenvalues are 0.5, twice */
  cr_assert_float_eq(rnn_spectrum_radius(spectrum, 2, leans), 0.5, 1e-9);
  const real dies[] = {0, 1, 0, 0};
  cr_assert_eq(rnn_spectrum_radius(spectrum, 2, dies), 0);
}

Test(spectrum, growth_is_the_logarithm_of_the_eigenvalues)
{
  double growth[3] = {0, 0, 0};
  real q[3 * 4];
  const real a[] = {3, 1, 0, 0, 0, -2, 1, 0, 0, 0, 0.5, 1, 0, 0, 0, 0.1};
  case_random(1, 2, 12, q);
  for (int i = 0; i < 40; i++)
    rnn_spectrum_grow(spectrum, 4, a, 3, q, growth);
  memset(growth, 0, sizeof growth);
  for (int i = 0; i < 40; i++)
    rnn_spectrum_grow(spectrum, 4, a, 3, q, growth);
  cr_assert_float_eq(growth[0] / 40, log(3), 1e-6);
  cr_assert_float_eq(growth[1] / 40, log(2), 1e-6);
  cr_assert_float_eq(growth[2] / 40, log(0.5), 1e-6);
}
