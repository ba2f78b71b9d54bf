/* From the states of all steps to the one vector p that a sequence is classified by (RNN_CLASSIFY). With s_t what the
 * top layer hands up at step t, over t = 1 ... T, and both directions side by side:
 *
 *   last       p = s_T, of the backward direction s_1
 *   mean       p = 1/T sum_t s_t
 *   max        p[j] = max_t s_t[j]                                    (Collobert, Weston 2008)
 *   mean-max   p = the two side by side
 *   attention  p = sum_t alpha_t s_t,  alpha = softmax over t of q s_t   (Yang et al. 2016, without a hidden layer)
 *
 * Sums grow step by step, in order, in the state of the lane: in windows they get the bits of the whole, and at any
 * step p is that of the steps so far. */
#ifndef RNN_POOLING_H
#define RNN_POOLING_H

#include "tape.h"

/* Takes the rows of the batch, what the top layer hands up, into the lanes of the state. */
void rnn_pooling_take(const struct rnn_parameters *parameters, const struct rnn_batch *batch, struct rnn_state *state,
                      struct rnn_tape *tape);

/* tape->pooled = p of every lane of the batch, from all steps that the state has taken. */
void rnn_pooling_read(const struct rnn_batch *batch, const struct rnn_state *state, struct rnn_tape *tape);

/* dL/ds of the rows of this batch, into the gradient of what the top layer hands up, from tape->dpooled; dq is added to
 * *gradient. Steps of windows before count as constants. */
void rnn_pooling_backward(const struct rnn_parameters *parameters, const struct rnn_batch *batch, struct rnn_tape *tape,
                          struct rnn_gradient *gradient);

#endif
