/* Softmax and cross-entropy: y = softmax(z), L_t = -log y_t[true class], L = sum over t of L_t, in nats. */
#ifndef RNN_LOSS_H
#define RNN_LOSS_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "real.h"
#include "sequence.h"
#include "shape.h"

struct rnn_loss {
  double nats;    /* sum of L_t */
  size_t terms;   /* how many targets counted */
  size_t correct; /* argmax y_t = target */
};

/* What training makes of L_t, c being the true class, of whatever column:
 *
 *   L_t = -weight[c] sum_j q_j log y_t[j]      q = (1 - smoothing) onehot(c) + smoothing / k
 *
 * Smoothing: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2016. */
struct rnn_objective {
  double *weight; /* [k], of all columns; owned; NULL: all 1 */
  double smoothing;
  double others; /* weight of chains of tags of the columns after the first (else `weight` has it); 0: 1 */
};

/* As config.class_weights, label_smoothing and other_columns say, for a corpus in the numbers of the classes of these
 * columns. */
enum rnn_status rnn_objective_init(struct rnn_objective *objective, const struct rnn_config *config,
                                   const struct rnn_corpus *corpus, const struct rnn_column *column, size_t columns,
                                   struct rnn_error *error) RNN_MUST_CHECK;
double rnn_objective_of_chain(const struct rnn_objective *objective, size_t column); /* its weight; NULL: 1 */
void rnn_objective_clear(struct rnn_objective *objective); /* releases what it owns; zeroed is allowed */

/* Of one column: its logits in z [rows][ld] become y (in place); the loss of rows whose target, counted from the
 * column's first class, is >= 0 is added to *loss; target may be NULL. objective NULL: the cross-entropy as it is. */
void rnn_loss_forward(const struct rnn_objective *objective, size_t rows, const struct rnn_column *column, size_t ld,
                      real *z, const int32_t *target, struct rnn_loss *loss);

/* dL/dz = y - onehot(target), or what the objective makes of it, in place of y; rows without target get zeros. */
void rnn_loss_backward(const struct rnn_objective *objective, size_t rows, const struct rnn_column *column, size_t ld,
                       real *y, const int32_t *target);

/* Of all columns together. */
struct rnn_loss rnn_loss_sum(const struct rnn_loss *loss, size_t columns);

#endif
