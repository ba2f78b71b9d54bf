/* Spectra of square matrices. The inner loops run along rows, so that they are vectors. */
#include "spectrum.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "gemm.h"
#include "memory.h"
#include "vector.h"

struct rnn_spectrum {
  real *work, *other;     /* [n][n] */
  real *vector, *sum;     /* [n] */
  real *packed;           /* [n][n] ready for products */
  real *block;            /* all of the above */
  double *off, *diagonal; /* [2n] of the matrix of three diagonals */
  double *value;          /* [n] */
};

enum { SQUARINGS = 60, MOST_SWEEPS = 100, MOST_TURNS = 60, LOOK_EVERY = 4, ROWS_WORTH = 3 };

enum rnn_status rnn_spectrum_create(struct rnn_spectrum **spectrum, size_t n, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_spectrum *fresh = NULL;
  size_t count, packed = rnn_gemm_packed_count(n, n);
  *spectrum = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a spectrum", error));
  if (!rnn_size_multiply(2 * n + 2, n, &count) || !rnn_size_add(count, packed, &count))
    count = SIZE_MAX;
  RNN_TRY(rnn_memory_new(&fresh->block, count, sizeof *fresh->block, "a spectrum", error));
  RNN_TRY(rnn_memory_new(&fresh->off, n, 5 * sizeof *fresh->off, "a spectrum", error));
  fresh->packed = fresh->block;
  fresh->work = fresh->packed + packed;
  fresh->other = fresh->work + n * n;
  fresh->vector = fresh->other + n * n;
  fresh->sum = fresh->vector + n;
  fresh->diagonal = fresh->off + 2 * n;
  fresh->value = fresh->diagonal + 2 * n;
  *spectrum = fresh;
  fresh = NULL;
out:
  rnn_spectrum_free(fresh);
  return status;
}

void rnn_spectrum_free(struct rnn_spectrum *spectrum)
{
  if (spectrum == NULL)
    return;
  rnn_memory_free(spectrum->block);
  rnn_memory_free(spectrum->off);
  rnn_memory_free(spectrum);
}

static double norm(size_t n, const real *x)
{
  return sqrt(rnn_vector_square_sum(n, x));
}

/* v becomes the vector of the reflection I - beta v v^T that turns it into (alpha, 0, ..., 0) (Householder 1958). */
static real reflect(size_t n, real *v, real *alpha)
{
  real length = (real)norm(n, v);
  *alpha = v[0] > 0 ? -length : length;
  if (length == 0)
    return 0;
  v[0] -= *alpha;
  real square = rnn_vector_dot(n, v, v);
  return square == 0 ? 0 : 2 / square;
}

/* Column i of work, from row i down, to one element, which is answered. */
static real clear_column(struct rnn_spectrum *spectrum, size_t n, size_t i)
{
  real *work = spectrum->work, *v = spectrum->vector, *sum = spectrum->sum, alpha;
  for (size_t row = i; row < n; row++)
    v[row - i] = work[row * n + i];
  real beta = reflect(n - i, v, &alpha);
  if (beta == 0 || i + 1 == n)
    return alpha;
  memset(sum, 0, (n - i - 1) * sizeof *sum);
  for (size_t row = i; row < n; row++)
    rnn_vector_add_scaled(n - i - 1, v[row - i], work + row * n + i + 1, sum);
  for (size_t row = i; row < n; row++)
    rnn_vector_add_scaled(n - i - 1, -beta * v[row - i], sum, work + row * n + i + 1);
  return alpha;
}

/* Row i of work, from column i + 1 on, likewise. */
static real clear_row(struct rnn_spectrum *spectrum, size_t n, size_t i)
{
  real *work = spectrum->work, *v = spectrum->vector, alpha;
  size_t count = n - i - 1;
  memcpy(v, work + i * n + i + 1, count * sizeof *v);
  real beta = reflect(count, v, &alpha);
  if (beta == 0)
    return alpha;
  for (size_t row = i + 1; row < n; row++) {
    real *x = work + row * n + i + 1;
    rnn_vector_add_scaled(count, -beta * rnn_vector_dot(count, x, v), v, x);
  }
  return alpha;
}

/* The two diagonals of B, element by element from its corner on, into `off`: m / scale between reflections. */
static void make_bidiagonal(struct rnn_spectrum *spectrum, size_t n, const real *m, double scale)
{
  for (size_t i = 0; i < n * n; i++)
    spectrum->work[i] = (real)((double)m[i] / scale);
  for (size_t i = 0; i < n; i++) {
    spectrum->off[2 * i] = (double)clear_column(spectrum, n, i);
    spectrum->off[2 * i + 1] = i + 1 < n ? (double)clear_row(spectrum, n, i) : 0;
  }
}

/* One sweep of implicit QR over rows low ... high, which hang together, with Wilkinson's shift. */
static void sweep_rows(double *diagonal, double *off, size_t low, size_t high)
{
  double g = (diagonal[low + 1] - diagonal[low]) / (2 * off[low]), sine = 1, cosine = 1, shift = 0;
  g = diagonal[high] - diagonal[low] + off[low] / (g + copysign(hypot(g, 1), g));
  for (size_t i = high; i-- > low;) {
    double f = sine * off[i], b = cosine * off[i], r = sqrt(f * f + g * g);
    off[i + 1] = r;
    if (r == 0) {
      diagonal[i + 1] -= shift;
      off[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = diagonal[i + 1] - shift;
    r = (diagonal[i] - g) * sine + 2 * cosine * b;
    shift = sine * r;
    diagonal[i + 1] = g + shift;
    g = cosine * r - b;
  }
  diagonal[low] -= shift;
  off[low] = g;
  off[high] = 0;
}

/* The eigenvalues of the symmetric matrix with these two diagonals, into `diagonal`; its elements are about 1. */
static void find_eigenvalues(size_t count, double *diagonal, double *off)
{
  off[count - 1] = 0;
  for (size_t low = 0; low < count; low++)
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      size_t high = low;
      while (high + 1 < count &&
             fabs(off[high]) > DBL_EPSILON * fmax(1, fabs(diagonal[high]) + fabs(diagonal[high + 1])))
        high++;
      if (high == low)
        break;
      sweep_rows(diagonal, off, low, high);
    }
}

static void sort_down(size_t n, double *x)
{
  for (size_t gap = n / 2; gap > 0; gap /= 2)
    for (size_t i = gap; i < n; i++) {
      double moving = x[i];
      size_t j = i;
      for (; j >= gap && x[j - gap] < moving; j -= gap)
        x[j] = x[j - gap];
      x[j] = moving;
    }
}

/* The largest absolute element; NAN if one is not finite. */
static double greatest_of(size_t count, const real *m)
{
  enum { AT_ONCE = 8 };
  double greatest[AT_ONCE] = {0}, check[AT_ONCE] = {0}, most = 0;
  for (size_t i = 0; i + AT_ONCE <= count; i += AT_ONCE)
    for (size_t j = 0; j < AT_ONCE; j++) {
      double size = fabs((double)m[i + j]);
      greatest[j] = size > greatest[j] ? size : greatest[j];
      check[j] += 0 * size;
    }
  for (size_t i = count / AT_ONCE * AT_ONCE, j = 0; i < count; i++, j++) {
    greatest[j] = fmax(greatest[j], fabs((double)m[i]));
    check[j] += 0 * (double)m[i];
  }
  for (size_t j = 0; j < AT_ONCE; j++)
    most = fmax(most, greatest[j]) + check[j];
  return most;
}

/* All elements are zero but those on diagonals d apart. */
static bool are_units(size_t n, size_t d, const real *m)
{
  for (size_t row = 0; row < n; row++)
    for (size_t column = 0; column < n; column++)
      if (row % d != column % d && m[row * n + column] != 0)
        return false;
  return true;
}

/* How many units there are, of one row or two, that do not know of each other; 0: they do. */
static size_t count_units(size_t n, const real *m)
{
  if (are_units(n, n, m))
    return n;
  return n % 2 == 0 && are_units(n, n / 2, m) ? n / 2 : 0;
}

/* The two singular values of a unit's [a b; c e] are the sum and the difference of half the lengths of its turning and
 * its mirroring part. */
static void find_units(size_t n, size_t d, const real *m, double *value)
{
  for (size_t i = 0; i < d; i++) {
    double a = (double)m[i * n + i];
    if (d == n) {
      value[i] = fabs(a);
      continue;
    }
    double b = (double)m[i * n + i + d], c = (double)m[(i + d) * n + i], e = (double)m[(i + d) * n + i + d];
    double turning = hypot(a + e, c - b), mirroring = hypot(a - e, b + c);
    value[i] = (turning + mirroring) / 2;
    value[i + d] = fabs(turning - mirroring) / 2;
  }
  sort_down(n, value);
}

void rnn_spectrum_values(struct rnn_spectrum *spectrum, size_t n, const real *m, double *value)
{
  double scale = greatest_of(n * n, m);
  size_t units = scale > 0 ? count_units(n, m) : 0;
  for (size_t i = 0; i < n; i++)
    value[i] = isnan(scale) ? NAN : 0;
  if (units > 0)
    find_units(n, units, m, value);
  if (!(scale > 0) || units > 0)
    return;
  make_bidiagonal(spectrum, n, m, scale);
  memset(spectrum->diagonal, 0, 2 * n * sizeof *spectrum->diagonal);
  find_eigenvalues(2 * n, spectrum->diagonal, spectrum->off);
  sort_down(2 * n, spectrum->diagonal);
  for (size_t i = 0; i < n; i++)
    value[i] = fmax(spectrum->diagonal[i], 0) * scale;
}

/* x, less its shadows on `count` orthonormal rows of q, over again so that rounding leaves none; then of length 1.
 * Answers the length it had. */
static double make_orthonormal(size_t n, size_t count, const real *q, real *x)
{
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < count; i++)
      rnn_vector_add_scaled(n, -rnn_vector_dot(n, x, q + i * n), q + i * n, x);
  double length = norm(n, x);
  rnn_vector_scale(n, length > 0 ? (real)(1 / length) : 0, x);
  return length;
}

static void times(size_t n, const real *m, const real *x, real *y)
{
  for (size_t i = 0; i < n; i++)
    y[i] = rnn_vector_dot(n, m + i * n, x);
}

static void times_transposed(size_t n, const real *m, const real *x, real *y)
{
  rnn_vector_fill(n, 0, y);
  for (size_t i = 0; i < n; i++)
    rnn_vector_add_scaled(n, x[i], m + i * n, y);
}

/* y = m^T m x, past each row of m once. */
static void times_both(size_t n, size_t dense, const real *m, const real *x, real *y)
{
  rnn_vector_fill(n, 0, y);
  for (size_t i = 0; i < n; i++) {
    const real *row = m + i * n;
    size_t own = dense + i % dense; /* the one element beyond */
    real image = rnn_vector_dot(dense, row, x) + (dense < n ? row[own] * x[own] : 0);
    rnn_vector_add_scaled(dense, image, row, y);
    if (dense < n)
      y[own] += image * row[own];
  }
}

/* A symmetric matrix of three diagonals; off[i] stands between rows i and i + 1. */
struct tridiagonal {
  size_t rows;
  double *diagonal, *off;
};

/* Its largest eigenvalue, by Laguerre's method from above all of them, from where it falls to the largest (Parlett
 * 1964): with p the characteristic polynomial, g = p'/p and h = -(p'/p)', from the quotients q of its recurrence and
 * their derivatives. */
static double largest(const struct tridiagonal *t)
{
  double x = 0, rows = (double)t->rows;
  for (size_t i = 0; i < t->rows; i++)
    x = fmax(x, t->diagonal[i] + (i > 0 ? fabs(t->off[i - 1]) : 0) + (i + 1 < t->rows ? fabs(t->off[i]) : 0));
  for (int turn = 0; turn < MOST_TURNS; turn++) {
    double q = x - t->diagonal[0], first = 1, second = 0, g = 1 / q, h = g * g;
    for (size_t i = 1; i < t->rows && q > 0; i++) {
      double share = t->off[i - 1] / q, square = share * share;
      second = square * (second - 2 * first * first / q);
      first = 1 + square * first;
      q = x - t->diagonal[i] - share * t->off[i - 1];
      g += first / q;
      h += first / q * (first / q) - second / q;
    }
    double step = rows / (g + sqrt(fmax(0, (rows - 1) * (rows * h - g * g))));
    if (!(q > 0) || !(step > DBL_EPSILON * x))
      break;
    x -= step;
  }
  return x;
}

/* v = basis times the eigenvector of this value, the largest, which grows from its last element to its first. */
static void find_direction(size_t n, const real *basis, const struct tridiagonal *t, double value, real *v)
{
  double after = 0, here = 1;
  rnn_vector_fill(n, 0, v);
  for (size_t i = t->rows; i-- > 0;) {
    rnn_vector_add_scaled(n, (real)here, basis + i * n, v);
    if (i == 0)
      break;
    double before = ((value - t->diagonal[i]) * here - (i + 1 < t->rows ? t->off[i] * after : 0)) / t->off[i - 1];
    after = here;
    here = before;
  }
  make_orthonormal(n, 0, NULL, v);
}

/* A vector that has a part in every direction, and most of it in that of the guess. */
static void find_start(size_t n, const real *m, const real *guess, real *some, real *v)
{
  const real part = (real)0.01;
  for (size_t i = 0; i < n; i++)
    some[i] = (real)cos((double)(i * i));
  times_transposed(n, m, some, v);
  make_orthonormal(n, 0, NULL, v);
  if (guess == NULL || !(rnn_vector_square_sum(n, guess) > 0))
    return;
  rnn_vector_scale(n, part, v);
  rnn_vector_add_scaled(n, (real)(1 / norm(n, guess)), guess, v);
  make_orthonormal(n, 0, NULL, v);
}

/* The largest value by way of all of m: B^T B has three diagonals too. */
static double norm_by_reflections(struct rnn_spectrum *spectrum, size_t n, const real *m, double scale)
{
  struct tridiagonal t = {.rows = n, .diagonal = spectrum->diagonal, .off = spectrum->diagonal + n};
  const double *b = spectrum->off;
  make_bidiagonal(spectrum, n, m, scale);
  for (size_t i = 0; i < n; i++) {
    t.diagonal[i] = b[2 * i] * b[2 * i] + (i > 0 ? b[2 * i - 1] * b[2 * i - 1] : 0);
    t.off[i] = b[2 * i] * b[2 * i + 1];
  }
  return sqrt(largest(&t)) * scale;
}

/* The largest value is the root of the largest eigenvalue of m^T m, of which three diagonals grow row by row (Lanczos
 * 1950): the largest of the first few rows soon is that of all. Where many values are all but the largest it is not;
 * then all of m is taken. */
double rnn_spectrum_norm(struct rnn_spectrum *spectrum, size_t n, size_t dense, const real *m, real *direction)
{
  double scale = greatest_of(n * n, m), square = scale * scale, before = 0;
  struct tridiagonal t = {.rows = 0, .diagonal = spectrum->diagonal, .off = spectrum->diagonal + n};
  real *v = spectrum->work;
  size_t units = scale > 0 ? count_units(n, m) : 0;
  if (units > 0)
    find_units(n, units, m, spectrum->value);
  if (!(scale > 0) || units > 0)
    return units > 0 ? spectrum->value[0] : scale;
  find_start(n, m, direction, spectrum->sum, v);
  for (size_t i = 0; i < n / ROWS_WORTH; i++) {
    real *next = v + (i + 1) * n;
    times_both(n, dense, m, v + i * n, next);
    t.diagonal[i] = (double)rnn_vector_dot(n, next, v + i * n) / square;
    t.off[i] = make_orthonormal(n, i + 1, v, next) / square;
    t.rows = i + 1;
    if (!(t.off[i] > 1e-12))
      break;
    if (t.rows % LOOK_EVERY != 0)
      continue;
    double found = largest(&t);
    if (fabs(found - before) <= 16 * DBL_EPSILON * found) {
      if (direction != NULL)
        find_direction(n, v, &t, found, direction);
      return sqrt(found) * scale;
    }
    before = found;
  }
  return norm_by_reflections(spectrum, n, m, scale);
}

void rnn_spectrum_product(struct rnn_spectrum *spectrum, size_t n, size_t dense, const real *a, const real *b, real *c)
{
  rnn_gemm_pack(n, dense, b, n, false, spectrum->packed);
  rnn_gemm(n, dense, n, a, n, spectrum->packed, c, n, false);
  for (size_t row = 0; row < n; row++)
    for (size_t p = dense; p < n; p++)
      c[row * n + p] = a[row * n + p - dense] * b[(p - dense) * n + p] + a[row * n + p] * b[p * n + p];
}

double rnn_spectrum_radius(struct rnn_spectrum *spectrum, size_t n, const real *m)
{
  real *power = spectrum->work, *square = spectrum->other;
  double logarithm = 0, exponent = 1;
  memcpy(power, m, n * n * sizeof *power);
  for (int i = 0; i <= SQUARINGS; i++) {
    double scale = greatest_of(n * n, power);
    if (!(scale > 0))
      return scale;
    logarithm += log(scale) / exponent;
    if (i == SQUARINGS)
      break;
    for (size_t j = 0; j < n * n; j++)
      power[j] = (real)((double)power[j] / scale);
    rnn_spectrum_product(spectrum, n, n, power, power, square);
    real *swapped = power;
    power = square;
    square = swapped;
    exponent *= 2;
  }
  return exp(logarithm);
}

void rnn_spectrum_turn_back(size_t n, const real *m, const real *x, real *y)
{
  times_transposed(n, m, x, y);
}

void rnn_spectrum_grow(struct rnn_spectrum *spectrum, size_t n, const real *m, size_t count, real *q,
                       double *log_growth)
{
  real *grown = spectrum->vector;
  for (size_t i = 0; i < count; i++) {
    times(n, m, q + i * n, grown);
    log_growth[i] += log(make_orthonormal(n, i, q, grown));
    rnn_vector_copy(n, grown, q + i * n);
  }
}
