/* dL/d(every parameter) by back-propagation through time against central differences.
 *
 * The difference is (L(p+h) - L(p-h)) / 2h at h = 3e-5, whose error is of the order h^2 + 1e-16 L/h; errors are taken
 * relative to the larger of the two gradients but to no less than 1e-4 max(1, L). Where they differ by more than 1e-7,
 * that of the fourth order, (8 (L(p+h) - L(p-h)) - (L(p+2h) - L(p-2h))) / 12h, is taken at h = 5e-4. Where that
 * differs too, a corner of relu may lie within 2h: smaller steps are tried, and if the parameter lies on a corner
 * itself (one-sided differences that disagree), any slope between the two sides is right. Each move runs the layers
 * from that of the parameter on, of a parameter of the output layer that alone. */
#ifndef RNN_GRADIENT_FLOW_CHECK_H
#define RNN_GRADIENT_FLOW_CHECK_H

#include "model.h"
#include "pool.h"

/* What was found about one tensor. */
struct rnn_check_finding {
  uint64_t parameters;             /* that the sequences have to do with: of the embedding, rows that occur */
  uint64_t checked;                /* of those, */
  uint64_t corners;                /* of those, that lie on a corner of relu */
  double error, analytic, numeric; /* the worst relative error (0 where none was checked), its two gradients */
  size_t row, column;              /* and where it is */
};

/* How far a gradient may be from its difference, in the double build. */
extern const double rnn_check_most_error;

/* finding [tensors of the model's layout], of the sum of the losses of sequences with targets. most: so many parameters
 * of each tensor, spread evenly; 0: all, or as many as about 2 10^12 products allow. The same for any number of
 * threads.
 */
enum rnn_status rnn_check_find(struct rnn_check_finding *finding, const struct rnn_model *model,
                               const struct rnn_sequence *sequence, size_t sequences, size_t most,
                               struct rnn_pool *pool, struct rnn_error *error) RNN_MUST_CHECK;

#endif
