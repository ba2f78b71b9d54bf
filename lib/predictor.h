/* Prediction: sequences in, the distribution y_t at each step (or at the end) out, batched and split over threads; the
 * answer to a sequence is the same bits whatever stands beside it. Long sequences go through in windows, in constant
 * memory. */
#ifndef RNN_PREDICTOR_H
#define RNN_PREDICTOR_H

#include "model.h"
#include "pool.h"
#include "runner.h"
#include "sequence.h"

struct rnn_predictor;

/* Batches of at most `most_lanes` sequences on the threads of `pool`; model and pool must outlive the predictor. */
enum rnn_status rnn_predictor_create(struct rnn_predictor **predictor, const struct rnn_model *model, size_t most_lanes,
                                     struct rnn_pool *pool, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_predictor_free(struct rnn_predictor *predictor); /* NULL is allowed */

/* The longest sequence that can be answered, in steps: SIZE_MAX unless the model is bidirectional. */
size_t rnn_predictor_longest(const struct rnn_predictor *predictor);

/* From now on RNN_CLASSIFY answers after every `steps` steps too, always from the first step on (config.max_steps is
 * not minded); 0: at the end alone. RNN_USAGE for a model of another task or a bidirectional one. */
enum rnn_status rnn_predictor_each(struct rnn_predictor *predictor, size_t steps,
                                   struct rnn_error *error) RNN_MUST_CHECK;

/* Sequences in the model's numbers; targets are not read. `answer` gets y [k] of step t of sequence[i] (RNN_CLASSIFY:
 * t = T-1 alone, of what config.max_steps leaves): from several threads, for one sequence
 * always from one and in order of t. A sequence of length 0 gets no call. RNN_DATA for one longer than
 * rnn_predictor_longest. Allocates nothing where count and lengths do not grow. */
enum rnn_status rnn_predictor_run(struct rnn_predictor *predictor, const struct rnn_sequence *sequence, size_t count,
                                  const struct rnn_answer *answer, struct rnn_error *error) RNN_MUST_CHECK;

/* The same for one part of a sequence that may not end: `before` steps of it went through the calls
 * before (0: it begins), and rnn_predictor_run through none of them. `part` has a length > 0; t counts from the first
 * step of all; config.max_steps is not minded. */
enum rnn_status rnn_predictor_run_part(struct rnn_predictor *predictor, const struct rnn_sequence *part, size_t before,
                                       const struct rnn_answer *answer, struct rnn_error *error) RNN_MUST_CHECK;

/* The state after the parts that have gone through rnn_predictor_run_part, in lane 0; valid until the next call. */
const struct rnn_state *rnn_predictor_state(const struct rnn_predictor *predictor);

/* The next part goes on, with before > 0, from lane 0 of this state. */
void rnn_predictor_resume(struct rnn_predictor *predictor, const struct rnn_state *state);

#endif
