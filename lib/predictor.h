/* Prediction: sequences in, the distribution y_t at each step (or at the end) out, batched and split over threads; the
 * answer to a sequence is the same bits whatever stands beside it. Long sequences go through in windows, in constant
 * memory. */
#ifndef RNN_PREDICTOR_H
#define RNN_PREDICTOR_H

#include "model.h"
#include "pool.h"
#include "sequence.h"

struct rnn_predictor;

enum rnn_status rnn_predictor_create(struct rnn_predictor **predictor, const struct rnn_model *model, size_t most_lanes,
                                     struct rnn_pool *pool, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_predictor_free(struct rnn_predictor *predictor);

/* Where the answers go: y [k] of step t of sequence i (for RNN_CLASSIFY t = T-1 alone). Called from several threads,
 * for one sequence always from one and in order of t. A sequence of length 0 gets no call. */
struct rnn_answer {
  void (*take)(void *context, size_t i, size_t t, size_t k, const real *y);
  void *context;
};

/* Sequences in the model's numbers; targets are not read. RNN_DATA for a sequence too long for a bidirectional model.
 */
enum rnn_status rnn_predictor_run(struct rnn_predictor *predictor, const struct rnn_sequence *sequence, size_t count,
                                  const struct rnn_answer *answer, struct rnn_error *error) RNN_MUST_CHECK;

#endif
