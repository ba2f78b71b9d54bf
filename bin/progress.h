/* The line that tells how far long work has come: on a terminal, or where --progress asks for it. */
#ifndef RNN_PROGRESS_H
#define RNN_PROGRESS_H

#include "options.h"

struct rnn_progress {
  enum { RNN_SHOW_NOTHING, RNN_SHOW_BAR, RNN_SHOW_LINES, RNN_SHOW_JSON } show;
  double begun_sec, shown_sec;
  bool on_screen; /* a bar stands in the last line of the terminal */
};

/* How far training is. */
struct rnn_progress_values {
  uint32_t epoch, epochs;
  uint64_t update;
  uint64_t steps;   /* read since the start */
  double share;     /* of all work, 0 ... 1 */
  double nats;      /* mean loss a target */
  double limit_sec; /* the work ends then at the latest; 0: no limit */
};

void rnn_progress_begin(struct rnn_progress *progress, const struct rnn_options *options);

/* Shows the values if it is time to: some times a second on a terminal, once a second elsewhere. */
void rnn_progress_show(struct rnn_progress *progress, const struct rnn_progress_values *values);

void rnn_progress_clear(struct rnn_progress *progress); /* takes the bar away, before anything else is printed */

double rnn_progress_seconds(const struct rnn_progress *progress); /* since the beginning */

#endif
