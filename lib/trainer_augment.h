/* Frames as they might have been: while training, each sequence of frames is changed anew in each epoch, a function of
 * (seed, epoch, number of the sequence) alone. The same action may be done faster or slower, in one part more than in
 * another (config.time_warp), be filmed with frames lost (frame_dropout), seen from another side (rotation, of joints
 * about the vertical axis y), from nearer, farther or beside (viewpoint, of pictures) or in a mirror (mirror), and be
 * measured with noise (frame_noise). */
#ifndef RNN_TRAINER_AUGMENT_H
#define RNN_TRAINER_AUGMENT_H

#include "config.h"
#include "parameters.h"
#include "sequence.h"

/* The most steps that a sequence of so many can become. */
size_t rnn_augment_most_steps(const struct rnn_config *config, size_t steps);

/* Changes the whole sequence `view`, whose number in the corpus is view->index: its frames come to lie in `frame`
 * [rnn_augment_most_steps][width], its tags, if it has any, in `target` [rnn_augment_most_steps]. */
void rnn_augment_sequence(const struct rnn_config *config, const struct rnn_parameters *parameters, uint32_t epoch,
                          struct rnn_sequence *view, float *frame, int32_t *target);

#endif
