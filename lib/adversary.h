/* Adversarial training: the gradient is taken where the symbols' vectors have been moved against the network, so that
 * what it learns holds in their neighbourhood too.
 *
 *   g = dL(x)/dx      r = share |x| g / |g|      the gradient of an update is that of L(x + r)
 *
 * x are the vectors of the distinct symbols of one shard, all of them together, and |.| the length of that one long
 * vector (Goodfellow, Shlens, Szegedy 2015; of words: Miyato, Dai, Goodfellow 2017, who take each sequence alone,
 * standardise the vectors instead of dividing by their length, and add L(x)). */
#ifndef RNN_ADVERSARY_H
#define RNN_ADVERSARY_H

#include "state.h"
#include "tape.h"

struct rnn_adversary {
  double share;            /* 0: none, and the rest is not there */
  real *r;                 /* [D][e] owned */
  struct rnn_state *state; /* owned: that which the window begins with, for the second time */
};

/* For windows of a tape of this shape with at most so many lanes and distinct symbols. */
enum rnn_status rnn_adversary_init(struct rnn_adversary *adversary, double share, const struct rnn_shape *shape,
                                   size_t lanes, size_t distinct, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_adversary_clear(struct rnn_adversary *adversary); /* releases what it owns; zeroed is allowed */

/* r from x and g [count], which may be anything if both lengths are 0. */
void rnn_adversary_move(struct rnn_adversary *adversary, size_t count, const real *x, const real *g);

#endif
