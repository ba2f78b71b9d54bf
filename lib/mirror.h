/* A body in a mirror: x of each joint changes its sign, and the joints of the left and the right side change places.
 * Which those are depends on who found the joints. */
#ifndef RNN_MIRROR_H
#define RNN_MIRROR_H

#include "config.h"

/* Is a body of so many joints one of this kind? RNN_MIRROR_X is any. */
bool rnn_mirror_fits(enum rnn_mirror mirror, size_t joints);

/* One frame [joints][group], whose joints fit, in place. */
void rnn_mirror_frame(enum rnn_mirror mirror, size_t joints, size_t group, float *frame);

#endif
