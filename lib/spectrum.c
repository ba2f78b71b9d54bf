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

enum { SQUARINGS = 60, MOST_SWEEPS = 100, LOOK_EVERY = 8, MOST_LOOKS = 12 };

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
  double greatest = 0, check = 0;
  for (size_t i = 0; i < count; i++) {
    greatest = fmax(greatest, fabs((double)m[i]));
    check += 0 * (double)m[i];
  }
  return greatest + check;
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
  for (size_t i = 0; i < n * n; i++)
    spectrum->work[i] = (real)((double)m[i] / scale);
  for (size_t i = 0; i < n; i++) {
    spectrum->off[2 * i] = (double)clear_column(spectrum, n, i);
    spectrum->off[2 * i + 1] = i + 1 < n ? (double)clear_row(spectrum, n, i) : 0;
  }
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

/* The largest eigenvalue of a copy of the first `count` rows. */
static double largest(struct rnn_spectrum *spectrum, size_t count, const double *off)
{
  memcpy(spectrum->off, off, count * sizeof *off);
  memset(spectrum->diagonal, 0, count * sizeof *spectrum->diagonal);
  find_eigenvalues(count, spectrum->diagonal, spectrum->off);
  double greatest = 0;
  for (size_t i = 0; i < count; i++)
    greatest = fmax(greatest, spectrum->diagonal[i]);
  return greatest;
}

/* The two diagonals grow row by row from m alone (Golub, Kahan 1965, after Lanczos), and the largest value of the first
 * few rows soon is that of all. Where it is not, or the rows end early, all values are found. */
double rnn_spectrum_norm(struct rnn_spectrum *spectrum, size_t n, const real *m)
{
  double scale = greatest_of(n * n, m), off[2 * LOOK_EVERY * MOST_LOOKS], before = 0;
  real *v = spectrum->work, *u = spectrum->other, *start = spectrum->sum;
  size_t units = scale > 0 ? count_units(n, m) : 0;
  if (units > 0)
    find_units(n, units, m, spectrum->value);
  if (!(scale > 0) || units > 0)
    return units > 0 ? spectrum->value[0] : scale;
  for (size_t i = 0; i < n; i++)
    start[i] = (real)cos((double)(i * i));
  times_transposed(n, m, start, v);
  make_orthonormal(n, 0, NULL, v);
  for (size_t i = 0; i < LOOK_EVERY * MOST_LOOKS && i + 1 < n; i++) {
    times(n, m, v + i * n, u + i * n);
    off[2 * i] = make_orthonormal(n, i, u, u + i * n) / scale;
    times_transposed(n, m, u + i * n, v + (i + 1) * n);
    off[2 * i + 1] = make_orthonormal(n, i + 1, v, v + (i + 1) * n) / scale;
    if (off[2 * i] < 1e-12 || off[2 * i + 1] < 1e-12)
      break;
    if (i % LOOK_EVERY != LOOK_EVERY - 1)
      continue;
    double found = largest(spectrum, 2 * i + 2, off);
    if (fabs(found - before) <= 4 * DBL_EPSILON * found)
      return found * scale;
    before = found;
  }
  rnn_spectrum_values(spectrum, n, m, spectrum->value);
  return spectrum->value[0];
}

void rnn_spectrum_product(struct rnn_spectrum *spectrum, size_t n, const real *a, const real *b, real *c)
{
  rnn_gemm_pack(n, n, b, n, false, spectrum->packed);
  rnn_gemm(n, n, n, a, n, spectrum->packed, c, n, false);
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
    rnn_spectrum_product(spectrum, n, power, power, square);
    real *swapped = power;
    power = square;
    square = swapped;
    exponent *= 2;
  }
  return exp(logarithm);
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
