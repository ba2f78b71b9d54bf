/* The wide path of one worker of a predictor. */
#ifndef RNN_PREDICTOR_WIDE_H
#define RNN_PREDICTOR_WIDE_H

#include "wide.h"

struct rnn_predictor_wide {
  const struct rnn_wide *wide; /* NULL: none, answers are those of the network */
  bool running;                /* answers are given on the way, too: each lane has a reader; else they share one */
  size_t readers;
  struct rnn_wide_reader *reader; /* [readers] */
  real *y;                        /* [k] */
};

/* For texts in so many lanes; `wide` (NULL: none) must outlive it. */
enum rnn_status rnn_predictor_wide_init(struct rnn_predictor_wide *path, const struct rnn_wide *wide, bool running,
                                        size_t lanes, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_predictor_wide_clear(struct rnn_predictor_wide *path); /* releases what it owns; zeroed is allowed */

/* New texts begin in all lanes. */
void rnn_predictor_wide_start(struct rnn_predictor_wide *path);

/* y of both paths [k] after the first `steps` steps of the text in this lane, from that of the network; `symbol` holds
 * those from step `from` on, and what stands before it was read. Valid until the next call. */
const real *rnn_predictor_wide_answer(struct rnn_predictor_wide *path, size_t lane, const int32_t *symbol, size_t from,
                                      size_t steps, const real *network);

#endif
