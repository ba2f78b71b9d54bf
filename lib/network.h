/* The network, forward: a batch in, the distributions y out. Const while it runs: any number of threads may share it,
 * each with its own batch, state and tape. */
#ifndef RNN_NETWORK_H
#define RNN_NETWORK_H

#include "loss.h"
#include "tape.h"

struct rnn_network; /* parameters packed for the products */

/* `training` also packs what backward needs. The parameters must outlive the network. */
enum rnn_status rnn_network_create(struct rnn_network **network, const struct rnn_parameters *parameters, bool training,
                                   struct rnn_error *error) RNN_MUST_CHECK;
void rnn_network_free(struct rnn_network *network);
const struct rnn_parameters *rnn_network_parameters(const struct rnn_network *network);

/* Packs again after the parameters have changed: once per update. */
void rnn_network_pack(struct rnn_network *network);

/* Runs the batch from `state` (lane b of the batch = lane b of the state), leaving in `state` the state after each
 * lane's last step (the forward direction's; a reverse direction starts from s_0 at each lane's last step). Leaves y in
 * tape->y: [R][k] for RNN_COMPLETE and RNN_TAG, [B][k] for RNN_CLASSIFY (at each lane's last step; a reverse direction
 * gives its state at step 0). Adds to *loss where the batch has targets. `loss` may be NULL. With `outputs` false, no y
 * is computed. */
void rnn_network_forward(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                         struct rnn_tape *tape, bool outputs, struct rnn_loss *loss);

#endif
