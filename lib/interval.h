/* How far a ratio may be off: its interval over samples of the records as large as these, drawn with repetition
 * (Efron 1979), each record as often as Poisson(1) says, so that one pass will do (Chamandy et al. 2012). */
#ifndef RNN_INTERVAL_H
#define RNN_INTERVAL_H

#include <stdint.h>

enum { RNN_INTERVAL_SAMPLES = 400 };

struct rnn_interval {
  uint64_t records;
  double part[RNN_INTERVAL_SAMPLES], whole[RNN_INTERVAL_SAMPLES]; /* of the ratio, in each sample */
};

/* The next record: what it adds to both. */
void rnn_interval_add(struct rnn_interval *interval, double part, double whole);

/* In 95 of 100 samples the ratio lies from low to high; both NAN where all records together have no whole. */
void rnn_interval_find(const struct rnn_interval *interval, double *low, double *high);

#endif
