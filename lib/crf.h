/* A chain over the tags of a sequence (Lafferty, McCallum, Pereira 2001; on top of a bidirectional network: Huang, Xu,
 * Yu 2015): with z_t the logits and A[i][j] how well tag j follows tag i, A[k][j] how well it begins and A[k+1][i] how
 * well tag i ends,
 *
 *   score(tags) = sum_t z_t[tag_t] + sum_t A[tag_{t-1}][tag_t] + A[k][tag_0] + A[k+1][tag_{T-1}]
 *   p(tags) = exp(score(tags)) / Z      L = -log p(tags)
 *
 * Z and the marginals come from sums forward and backward (Rabiner 1989), scaled to 1 at each step, on softmax(z_t),
 * which changes no p. Where some targets are absent, L is -log of the sum of p over all taggings that have the others.
 */
#ifndef RNN_CRF_H
#define RNN_CRF_H

#include "batch.h"
#include "loss.h"
#include "parameters.h"

/* exp(A), const while it runs. */
struct rnn_crf {
  const struct rnn_parameters *parameters;
  size_t column, k; /* its tags, and how many they are */
  size_t first, ld; /* where they begin in a row of y, and how far rows stand apart */
  real *e;          /* [k+2][k] */
};

/* Room for the sums of a batch. */
struct rnn_crf_tape {
  size_t k;
  real *free, *forced;             /* [R][k] sums forward over all taggings, and over those that have the targets */
  real *free_scale, *forced_scale; /* [R] what they were divided by */
  real *work;                      /* [4][k] */
  real *pairs;                     /* [k][k] training only */
  uint16_t *before;                /* [R][k] the best tag before; prediction only */
  int32_t *best;                   /* [R] the tags of the most probable tagging; prediction only */
};

/* Over the tags of one column of parameters with output.A, which must outlive it; to be packed before use. */
enum rnn_status rnn_crf_create(struct rnn_crf **crf, const struct rnn_parameters *parameters, size_t column,
                               struct rnn_error *error) RNN_MUST_CHECK;
void rnn_crf_free(struct rnn_crf *crf); /* NULL is allowed */
void rnn_crf_pack(struct rnn_crf *crf); /* after the parameters have changed */

enum rnn_status rnn_crf_tape_create(struct rnn_crf_tape **tape, size_t k, size_t rows, bool training,
                                    struct rnn_error *error) RNN_MUST_CHECK;
void rnn_crf_tape_free(struct rnn_crf_tape *tape); /* NULL is allowed */

/* Adds the loss of whole sequences, y [R][ld] = softmax(z), to *loss (but for `correct`); NULL, or a batch without
 * targets: no loss. */
void rnn_crf_forward(const struct rnn_crf *crf, const struct rnn_batch *batch, const real *y, struct rnn_crf_tape *tape,
                     struct rnn_loss *loss);

/* After forward with targets: y becomes dL/dz, gradient grows by dL/dA. */
void rnn_crf_backward(const struct rnn_crf *crf, const struct rnn_batch *batch, struct rnn_crf_tape *tape, real *y,
                      struct rnn_gradient *gradient);

/* After forward: tape->best are the tags of the most probable tagging (Viterbi 1967), y becomes the marginals p(tag_t).
 * Tags that are right are added to loss->correct, unless that is NULL. */
void rnn_crf_decode(const struct rnn_crf *crf, const struct rnn_batch *batch, struct rnn_crf_tape *tape, real *y,
                    struct rnn_loss *loss);

#endif
