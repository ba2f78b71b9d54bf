/* The network, forward: a batch in, the distributions y out. Const while it runs: any number of threads may share it,
 * each with its own batch, state and tape. */
#ifndef RNN_NETWORK_H
#define RNN_NETWORK_H

#include "pool.h"
#include "pooling.h"
#include "readout.h"

struct rnn_network {
  const struct rnn_parameters *parameters;
  bool training;
  struct rnn_pool *pool; /* whose threads pack; NULL: the caller */
  size_t packings; /* how often the layers' weights were packed: what is kept of other weights is void */
  struct rnn_layer layer[RNN_MOST_LAYERS][2]; /* [layer][direction] */
  struct rnn_readout readout;
  struct rnn_crf *crf[RNN_MOST_COLUMNS]; /* of each column; NULL: the tags are no chain */
};

/* `training` also packs what backward needs. The parameters must outlive the network. */
enum rnn_status rnn_network_create(struct rnn_network **network, const struct rnn_parameters *parameters, bool training,
                                   struct rnn_error *error) RNN_MUST_CHECK;
void rnn_network_free(struct rnn_network *network); /* NULL is allowed */
const struct rnn_parameters *rnn_network_parameters(const struct rnn_network *network);

/* Packs again after the parameters have changed: once per update. */
void rnn_network_pack(struct rnn_network *network);

/* The same without V, for tapes with candidates, which do not read that. */
void rnn_network_pack_layers(struct rnn_network *network);

/* The same, for forward alone, after the parameter `at` has changed. */
void rnn_network_pack_one(struct rnn_network *network, size_t at);

/* Runs the batch from `state` (lane b of the batch = lane b of the state), leaving in `state` the state after each
 * lane's last step; a reverse direction always starts from s_0 at each lane's last step, and leaves its state at step
 * 0. Leaves y in tape->y: [R][k] for RNN_COMPLETE and RNN_TAG, [B][k] for RNN_CLASSIFY (from all that the state has
 * pooled). Adds to loss [columns] where the batch has targets. `loss` may be NULL. With `outputs` false, no y is
 * computed. Of tags that are a chain, y are the marginals and tape->crf[column]->best the tags, counted from the first
 * of the column, but in training y is softmax(V s + c). */
void rnn_network_forward(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                         struct rnn_tape *tape, bool outputs, struct rnn_loss *loss);

/* The same of the layers from `first` on, and of the output, after a whole run of the same batch on a training tape:
 * what is below them stands. */
void rnn_network_forward_from(const struct rnn_network *network, const struct rnn_batch *batch, struct rnn_state *state,
                              struct rnn_tape *tape, size_t first, struct rnn_loss *loss);

/* What a layer reads: x, or what the layer below hands up, after dropout. Valid until the next call. */
const real *rnn_network_input(const struct rnn_network *network, const struct rnn_batch *batch,
                              const struct rnn_tape *tape, size_t layer);

/* What V reads, after dropout: [R][directions d], or [B][pooled] of RNN_CLASSIFY. Valid until the next call. */
const real *rnn_network_output_states(const struct rnn_network *network, const struct rnn_batch *batch,
                                      const struct rnn_tape *tape);

/* The run of one direction of one layer over the batch: its output and tape, without input, states and gradients. */
struct rnn_layer_run rnn_network_run(const struct rnn_network *network, const struct rnn_batch *batch,
                                     struct rnn_tape *tape, size_t layer, size_t direction);

#endif
