/* Back-propagation through time, exact within the batch that forward has run:
 *
 *   dL/dW = sum_t dL_t/ds_t sum_{k<=t} (prod_{j=k+1..t} ds_j/ds_{j-1}) d+s_k/dW
 *
 * as one sweep from the last step to the first (Werbos 1990). Truncation is the caller's: a batch of tau steps whose
 * state is carried and whose gradient stops at its first step. */
#ifndef RNN_BPTT_H
#define RNN_BPTT_H

#include "network.h"
#include "parameters.h"

/* After rnn_network_forward on the same batch and tape (training ones, with targets): writes dL/d(parameters) into
 * `gradient` (which it zeroes first), L the sum over all targets of the batch. With carried = true the batch goes on
 * from an earlier one: its first state is a constant, the learned s_0 gets no gradient (but a reverse direction, which
 * is never carried, gives one to its own). tape->y becomes dL/dz. The gradient needs room for the distinct symbols of
 * the batch, and tape->dx becomes those of their vectors. */
void rnn_bptt(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape, bool carried,
              struct rnn_gradient *gradient);

/* For those who look inside, after a forward with or without targets: tape->y is dL/dz already, of any L; dL/ds, dL/dc
 * and dL/da of all steps are left in the tape (rnn_tape_keep_inside), and no products are made of them. Of `gradient`,
 * what belongs to U, W, b and x is undefined. */
void rnn_bptt_inside(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_tape *tape,
                     struct rnn_gradient *gradient);

#endif
