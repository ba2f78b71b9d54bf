/* Models with random parameters and given strings, and random sequences, for the tests of prediction. */
#ifndef PREDICT_CASE_H
#define PREDICT_CASE_H

#include "model.h"
#include "pool.h"

struct predict_case {
  enum rnn_task task;
  const char *cell; /* NULL: elman */
  bool bidirectional, learned_start, one_hot, unknown;
  int layers;                 /* 0: 1 */
  size_t frame_width;         /* 0: symbols */
  size_t d;                   /* 0: 19 */
  double scale;               /* of the parameters; 0: 1 */
  const char *const *symbols; /* NULL-terminated; NULL: a ... g */
  const char *const *labels;  /* NULL: x, y, z */
  struct rnn_text text;
  bool wide; /* n-grams beside the network */
};

/* Models, sequences and pools live until the test ends. */
struct rnn_model *predict_model(const struct predict_case *what);

/* `count` sequences of these lengths; some symbols are RNN_ABSENT. */
struct rnn_sequence *predict_sequences(const struct rnn_model *model, const size_t *length, size_t count);

struct rnn_pool *predict_pool(size_t threads);

/* Calls release(thing) when the test ends, the last one kept first. */
void predict_keep(void *thing, void (*release)(void *thing));

#endif
