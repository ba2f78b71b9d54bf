/* What comes next: completions of a prefix by a model of RNN_COMPLETE. */
#ifndef RNN_COMPLETION_H
#define RNN_COMPLETION_H

#include "model.h"

struct rnn_completion {
  int32_t *symbol; /* [length] what follows the prefix, without the stop symbol */
  size_t length;
  double log_probability; /* nats, of all that follows, the stop symbol included where it came */
  bool stopped;           /* the stop symbol came within the limit */
};

struct rnn_completer;

struct rnn_completion_settings {
  size_t top;         /* how many completions, best first; beam width is at least this */
  size_t beam;        /* width of the beam; 1: greedy */
  size_t most_steps;  /* longest completion */
  bool sample;        /* draw instead of search */
  double temperature; /* > 0, for sampling */
  int32_t stop;       /* RNN_ABSENT, or a further symbol that ends a completion */
  uint64_t seed;
};

enum rnn_status rnn_completer_create(struct rnn_completer **completer, const struct rnn_model *model,
                                     const struct rnn_completion_settings *settings,
                                     struct rnn_error *error) RNN_MUST_CHECK;
void rnn_completer_free(struct rnn_completer *completer);

/* The completions of one prefix (length >= 1), best first, ties by symbol number; *count <= top. They belong to the
 * completer and live until its next call. The unknown symbol is never produced. */
enum rnn_status rnn_completer_run(struct rnn_completer *completer, const struct rnn_sequence *prefix,
                                  const struct rnn_completion **completion, size_t *count,
                                  struct rnn_error *error) RNN_MUST_CHECK;

#endif
