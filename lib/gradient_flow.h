/* Where the gradient of a loss goes in time. For a network with recurrent state s_k, of any cell, layer and direction,
 *
 *   dL/dW = sum_t sum_k dL_t/ds_k d+s_k/dW
 *
 * is taken apart: into ||dL_t/ds_k|| for every t and k, and into the parts of dL/dW, dL/dU, dL/db that come from each
 * distance t-k. The part of distance 0 is the explicit one, the rest is implicit (Pascanu, Mikolov, Bengio 2013), and
 * the parts of distances below tau are what truncation to tau terms leaves. All of it is exact: back-propagation
 * through time is run for each L_t alone. (Of a chain, output: crf, L_t is the part of L that enters at t.) */
#ifndef RNN_GRADIENT_FLOW_H
#define RNN_GRADIENT_FLOW_H

#include "bptt.h"
#include "model.h"

/* A network with room for `lanes` copies of one sequence of up to `steps` steps, whose backward pass keeps dL/ds. */
struct rnn_probe {
  const struct rnn_model *model;
  struct rnn_network *network;
  struct rnn_batch *batch;
  struct rnn_state *state;
  struct rnn_tape *tape;
  struct rnn_gradient *gradient; /* of the last run */
  struct rnn_sequence *view;     /* [lanes] */
  real *dz;                      /* [steps][k] dL/dz_t, of tags that are a chain */
  size_t lanes, steps;           /* at most */
};

enum { RNN_PROBE_LANES = 64 }; /* more are no faster */

/* The model must outlive the probe. Lanes: at most so many, fewer where the steps are so many that they would take too
 * much memory. */
enum rnn_status rnn_probe_create(struct rnn_probe **probe, const struct rnn_model *model, size_t lanes, size_t steps,
                                 struct rnn_error *error) RNN_MUST_CHECK;
void rnn_probe_free(struct rnn_probe *probe); /* NULL is allowed */

/* Forward and back over one sequence with targets (`target` of RNN_COMPLETE too), in so many lanes, <= probe->lanes.
 * Answers the sum of their L in *nats. */
enum rnn_status rnn_probe_run(struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t lanes, double *nats,
                              struct rnn_error *error) RNN_MUST_CHECK;

/* Forward alone; targets play no part. y is in the tape. */
enum rnn_status rnn_probe_forward(struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t lanes,
                                  struct rnn_error *error) RNN_MUST_CHECK;

/* After rnn_probe_forward, and with dL/dz of any L in the tape's y: back (rnn_bptt_inside). */
void rnn_probe_back(struct rnn_probe *probe);

/* The most probable class of step t (of RNN_CLASSIFY: of the whole), but for `unknown`; of tags that are a chain, that
 * of the most probable tagging, as rnn-tag gives it. Forward alone. */
enum rnn_status rnn_probe_decide(struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t t,
                                 int32_t unknown, int32_t *decision, struct rnn_error *error) RNN_MUST_CHECK;

/* The steps t of a sequence that have a loss L_t, the last one first, term [length], and how many: the last step alone
 * for RNN_CLASSIFY. The loss L of tags that are a chain is no sum of L_t; in its place stands what enters the network
 * at t, all of dL/dz_t, which every step has. */
size_t rnn_probe_terms(const struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t *term);

/* Forward and back (rnn_bptt_inside) with lane i of the batch for L_term[i] alone, term falling; terms <= probe->lanes.
 * In one direction lane i ends at term[i]. */
enum rnn_status rnn_probe_run_terms(struct rnn_probe *probe, const struct rnn_sequence *sequence, const size_t *term,
                                    size_t terms, struct rnn_error *error) RNN_MUST_CHECK;

/* x_t of a row of the batch as a layer has read it, [width]; NULL for one-hot input and an absent symbol. */
const real *rnn_probe_input(const struct rnn_probe *probe, size_t layer, size_t row);

/* One row of the tape as one lane of a cell's step; ds, dc, da, dh, dw are left to the caller. */
struct rnn_cell_step rnn_probe_step(const struct rnn_probe *probe, size_t layer, size_t direction, size_t row);

/* ||dL_t/ds_k||, and with a second state ||dL_t/d(s_k, c_k)||; distance = steps of the direction from k to t, which for
 * a loss of the whole sequence is the direction's last step. In a stack of two directions it may be below zero. */
struct rnn_flow_point {
  uint32_t sequence, t, k;
  uint8_t layer, direction;
  int32_t distance;
  double ds, dstate;
};

enum rnn_flow_matrix { RNN_FLOW_W, RNN_FLOW_U, RNN_FLOW_B, RNN_FLOW_MATRICES };

/* What distance `distance` gives to the gradient of one matrix of one direction of one layer: share = (part . whole) /
 * (whole . whole), so that the shares of all distances add up to 1; size = ||part|| / ||whole||. NAN where the whole is
 * zero or there is no such matrix. */
struct rnn_flow_part {
  int32_t distance;
  uint8_t layer, direction;
  double share[RNN_FLOW_MATRICES], size[RNN_FLOW_MATRICES];
};

/* The gradient of distances below tau beside the whole, over all W, U, b: its cosine with it, and ||whole - truncated||
 * /
 * ||whole||; the same for W alone, and for the windows of tau steps that training with bptt = tau goes through, whose
 * state is carried (NAN where there are none: labels of sequences, two directions). */
struct rnn_flow_truncation {
  size_t tau;
  double cosine, error, cosine_w, error_w, window_cosine, window_error;
};

struct rnn_flow {
  struct rnn_flow_point *point;
  size_t points, capacity_points;
  struct rnn_flow_part *part;
  size_t parts, capacity_parts;
  struct rnn_flow_truncation *truncation; /* tau = 1, 2, ... longest distance + 1 */
  size_t truncations;
  double nats, norm;     /* L and ||dL/d(W, U, b)|| of all sequences */
  double explicit_share; /* of that, the share (as above) of distance 0 */
  double worst;          /* the largest ||sum of parts - BPTT|| / ||BPTT|| of a matrix: rounding, nothing else */
};

/* Takes the gradient of sequences (with targets) apart; of training in windows only if `windows`. `most_bytes`: memory
 * for the parts of as many distances as fit at a time; less only takes longer. RNN_DATA where no sequence has a loss.
 * Released with rnn_flow_clear, whatever the answer. */
enum rnn_status rnn_flow_find(struct rnn_flow *flow, const struct rnn_model *model, const struct rnn_sequence *sequence,
                              size_t sequences, bool windows, size_t most_bytes,
                              struct rnn_error *error) RNN_MUST_CHECK;
void rnn_flow_clear(struct rnn_flow *flow);

/* The least tau whose truncated gradient is nearer to the whole than `error`, relative to it; 0 where only all of it
 * is. */
size_t rnn_flow_tau(const struct rnn_flow *flow, double error);

#endif
