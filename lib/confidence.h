/* How far the probabilities of answers can be trusted: how often answers of about the same probability are right. */
#ifndef RNN_CONFIDENCE_H
#define RNN_CONFIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Groups of answers by probability p: a 32nd of -log2(1 - p) each, so that the surest are told apart best. */
enum { RNN_CONFIDENCE_GROUPS = 32 * 30 };

struct rnn_confidence {
  struct {
    uint64_t answers, right;
    double probability; /* sum of p */
  } group[RNN_CONFIDENCE_GROUPS];
};

/* An answer of probability p (NAN, for none at all, counts as 0). */
void rnn_confidence_add(struct rnn_confidence *confidence, double p, bool right);

/* The expected calibration error: the gap between mean probability and share of right answers in each twentieth of
 * [0, 1], weighed by its answers (Naeini, Cooper, Hauskrecht 2015). NAN without answers. */
double rnn_confidence_error(const struct rnn_confidence *confidence);

/* Of answers whose probability is at least least_probability: their share of all, and how many of them are right. */
struct rnn_coverage {
  double least_probability, coverage, accuracy;
};

/* The surest answers, at least `share` of all, as few groups of them as will do; NAN without answers. */
struct rnn_coverage rnn_confidence_cover(const struct rnn_confidence *confidence, double share);

#endif
