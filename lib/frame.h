/* What happens to a frame before the network reads it: numbers in, x_t out. Part of a model, so that prediction repeats
 * it exactly; it has no parameters that a gradient would move.
 *
 * Of joints (x, y, z, and perhaps a confidence, of each point of a body) the pose is where each joint stands from the
 * mean of all, in units of the body's size (root mean square of these distances, its mean over the sequence so far),
 * and where that mean has moved to since it was first seen. Of a picture the pose is what is measured of it
 * (picture.h). Of other numbers the pose is the numbers. x_t is the pose, and its first and second differences in time
 * as `motion` has it, each number less its mean and divided by its deviation in the training data. A joint of
 * confidence 0, or with a number that is not finite, is missing: what depends on it is NaN until the end and then 0,
 * its mean; nothing is guessed.
 *
 * Only what went before is looked at, and what is needed of it lies in the memory of the lane (state.h): windows have
 * the bits of the whole. */
#ifndef RNN_FRAME_H
#define RNN_FRAME_H

#include "config.h"
#include "picture.h"
#include "real.h"

struct rnn_frame_shape {
  size_t width;  /* numbers a frame; 0: x_t is a symbol */
  size_t group;  /* numbers a joint: 3, or 4 with a confidence; 0: the numbers are no joints */
  size_t joints; /* width / group */
  size_t pose;   /* numbers of a pose: 3 a joint and 3 of their mean; those of a picture; or width */
  size_t orders; /* 1: the pose; 2: velocity too; 3: acceleration too */
  bool standardised;
  struct rnn_picture_size picture; /* of whose greys the numbers are; 0 x 0: of none */
};

/* Means and deviations of x_t over the training data. */
struct rnn_frame_scale {
  real *mean, *deviation; /* [n] or NULL; a deviation is above 0 */
};

/* From the resolved config; what is RNN_AUTO there counts as none. RNN_BAD_CONFIG where the width is no multiple. */
enum rnn_status rnn_frame_shape_init(struct rnn_frame_shape *shape, const struct rnn_config *config, size_t width,
                                     struct rnn_error *error) RNN_MUST_CHECK;

/* The numbers are the greys of pictures of this size; 0 x 0 changes nothing. RNN_BAD_CONFIG where they are not so many,
 * or joints. */
enum rnn_status rnn_frame_shape_add_picture(struct rnn_frame_shape *shape, struct rnn_picture_size size,
                                            struct rnn_error *error) RNN_MUST_CHECK;

/* n, the numbers of x_t. */
static inline size_t rnn_frame_inputs(const struct rnn_frame_shape *shape)
{
  return shape->orders * shape->pose;
}

/* How many reals a lane remembers; 0: none. */
size_t rnn_frame_memory(const struct rnn_frame_shape *shape);
void rnn_frame_start(const struct rnn_frame_shape *shape, real *memory); /* before the first frame of a sequence */

/* One frame [width] to x [n], after those that went through the same memory. With `scale` NULL x is not standardised,
 * and NaN where something is missing. */
void rnn_frame_read(const struct rnn_frame_shape *shape, const struct rnn_frame_scale *scale, const float *frame,
                    real *memory, real *x);

/* Mean 0 and deviation 1 where the shape is standardised, else nothing. */
enum rnn_status rnn_frame_scale_create(struct rnn_frame_scale *scale, const struct rnn_frame_shape *shape,
                                       struct rnn_error *error) RNN_MUST_CHECK;
void rnn_frame_scale_clear(struct rnn_frame_scale *scale); /* a zeroed scale is allowed */

/* True if joint j of the frame was seen. */
bool rnn_frame_sees(const struct rnn_frame_shape *shape, const float *frame, size_t j);

/* The size of the body in one frame, in the unit of its joints; 0 where none is seen. */
double rnn_frame_size(const struct rnn_frame_shape *shape, const float *frame);

#endif
