/* Which unit follows what: its correlation, over all steps, with the place of the step and with the indicator of each
 * token, tag and label ("is it this one"). */
#ifndef RNN_GRADIENT_FLOW_UNITS_H
#define RNN_GRADIENT_FLOW_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* A thing with a number of values: tokens, tags, labels. */
struct rnn_followed {
  const int32_t *value; /* [steps] 0 ... values - 1, or -1 for none */
  size_t values;
};

struct rnn_unit {
  size_t unit;
  double mean, deviation, correlation; /* the strongest there is; 0 for a unit that never moves */
  int followed;                        /* -1: the place of the step; else which of the things, */
  int32_t value;                       /* and which value of it */
};

/* unit [d], strongest first, from s [steps][d]. place [steps]: of each step in its sequence. Values met fewer than
 * `fewest` times count for nothing. */
enum rnn_status rnn_units_rank(struct rnn_unit *unit, size_t d, const double *s, size_t steps, const double *place,
                               const struct rnn_followed *followed, size_t things, size_t fewest,
                               struct rnn_error *error) RNN_MUST_CHECK;

#endif
