/* Singular values, spectral radius, growth: what a square matrix does to the length of a vector. Row-major, `n` rows of
 * n elements without holes. */
#ifndef RNN_SPECTRUM_H
#define RNN_SPECTRUM_H

#include <stddef.h>

#include "error.h"
#include "real.h"

/* Memory for matrices of up to n x n; one thread at a time. */
struct rnn_spectrum;

enum rnn_status rnn_spectrum_create(struct rnn_spectrum **spectrum, size_t n, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_spectrum_free(struct rnn_spectrum *spectrum); /* NULL is allowed */

/* value [n] = the singular values of m, largest first, to about 1e-15 of the largest: reflections bring m to two
 * diagonals B (Golub, Kahan 1965), whose singular values are the positive eigenvalues of [0 B; B^T 0], a matrix of
 * three diagonals once its rows are shuffled; implicit QR finds those (Francis 1961). Of diagonals, n or n / 2
 * apart, they are found unit by unit. A matrix with an element that is
 * not finite has NAN for all. */
void rnn_spectrum_values(struct rnn_spectrum *spectrum, size_t n, const real *m, double *value);

/* The largest singular value alone, to the same accuracy. Columns from `dense` on (n, or n / 2) have elements on the
 * diagonal and n / 2 above it alone. `direction` [n], or NULL: a guess of its right singular
 * vector, of any length, which makes it quicker (0: none); becomes that vector, if it was found on the way. */
double rnn_spectrum_norm(struct rnn_spectrum *spectrum, size_t n, size_t dense, const real *m, real *direction);

/* y = m^T x: the guess for the product of a matrix before and m, from the direction of that matrix. */
void rnn_spectrum_turn_back(size_t n, const real *m, const real *x, real *y);

/* The largest absolute eigenvalue: lim ||m^k||^(1/k) (Gelfand 1941), by squaring m sixty times over. */
double rnn_spectrum_radius(struct rnn_spectrum *spectrum, size_t n, const real *m);

/* c = a b, all n x n; c is neither a nor b. Of b, columns from `dense` on are as above. */
void rnn_spectrum_product(struct rnn_spectrum *spectrum, size_t n, size_t dense, const real *a, const real *b, real *c);

/* One step of the growth of `count` directions (Benettin et al. 1980): q [count][n], orthonormal rows, becomes m q,
 * orthonormal again (Gram, Schmidt); log_growth [count] grows by the logarithm of what each had grown by, in order. A
 * direction that vanishes altogether has -INFINITY from there on. */
void rnn_spectrum_grow(struct rnn_spectrum *spectrum, size_t n, const real *m, size_t count, real *q,
                       double *log_growth);

#endif
