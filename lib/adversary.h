/* Adversarial training: the gradient is taken where the symbols' vectors have been moved against the network, so that
 * what it learns holds in their neighbourhood too.
 *
 *   g = dL(x)/dx      r = share |x| g / |g|      the gradient of an update is that of L(x + r)
 *
 * x are the vectors of one sequence's symbols, step after step, and |.| the length of that one long vector (Goodfellow,
 * Shlens, Szegedy 2015; of words: Miyato, Dai, Goodfellow 2017, who standardise the vectors instead of taking a share
 * of their length, and add L(x)). A symbol that occurs twice is moved twice: the batch tells its rows apart. */
#ifndef RNN_ADVERSARY_H
#define RNN_ADVERSARY_H

#include "state.h"
#include "tape.h"

struct rnn_adversary {
  double share;            /* 0: none, and the rest is not there */
  real *r;                 /* [D][e] owned; D = R */
  struct rnn_state *state; /* owned: that which the window begins with, for the second time */
};

/* For windows of a tape of this shape with at most so many lanes and rows. */
enum rnn_status rnn_adversary_init(struct rnn_adversary *adversary, double share, const struct rnn_shape *shape,
                                   size_t lanes, size_t rows, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_adversary_clear(struct rnn_adversary *adversary); /* releases what it owns; zeroed is allowed */

/* r from x and g [D][e] of a batch that tells its rows apart; 0 where all of g is. */
void rnn_adversary_move(struct rnn_adversary *adversary, const struct rnn_batch *batch, size_t e, const real *x,
                        const real *g);

#endif
