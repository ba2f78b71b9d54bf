/* What is learned of frames before the network is: whether their numbers are joints, and their means and deviations. */
#ifndef RNN_FRAME_LEARN_H
#define RNN_FRAME_LEARN_H

#include "frame.h"
#include "sequence.h"

/* Numbers a joint, 4 or 3, or 0. Four, where the fourth of each group is a confidence, within [0, 1] in all frames, and
 * the third is not; three, where most points of a frame have another one at an almost constant distance, as bones have;
 * both only of at least five joints. */
size_t rnn_frame_guess_joints(const struct rnn_corpus *corpus);

/* Means and deviations of all x_t of the corpus, of what is not missing. What never differs gets the deviation 1. */
enum rnn_status rnn_frame_learn(struct rnn_frame_scale *scale, const struct rnn_frame_shape *shape,
                                const struct rnn_corpus *corpus, struct rnn_error *error) RNN_MUST_CHECK;

#endif
