/* What comes next: completions of prefixes by a model of RNN_COMPLETE, by beam search or by drawing. Many prefixes go
 * side by side; the completions of one are the same whatever stands beside it. */
#ifndef RNN_COMPLETION_H
#define RNN_COMPLETION_H

#include "beam.h"
#include "model.h"
#include "pool.h"

struct rnn_completer;

/* Model and pool must outlive the completer. RNN_USAGE for settings out of range. */
enum rnn_status rnn_completer_create(struct rnn_completer **completer, const struct rnn_model *model,
                                     const struct rnn_completion_settings *settings, struct rnn_pool *pool,
                                     struct rnn_error *error) RNN_MUST_CHECK;
void rnn_completer_free(struct rnn_completer *completer); /* NULL is allowed */

/* Completes `count` prefixes, each of length >= 1. The unknown symbol is never produced. */
enum rnn_status rnn_completer_run(struct rnn_completer *completer, const struct rnn_sequence *prefix, size_t count,
                                  struct rnn_error *error) RNN_MUST_CHECK;

/* The completions [*count] of prefix i of the last run, *count <= top: best first, ties by symbol number; drawn ones in
 * the order drawn. They belong to the completer and live until its next run. */
const struct rnn_completion *rnn_completer_result(const struct rnn_completer *completer, size_t i, size_t *count);

#endif
