/* From a frame to x_t. */
#include "frame.h"

#include <math.h>

#include "memory.h"
#include "mirror.h"
#include "vector.h"

/* The memory of a lane: first what joints or pictures need, then the pose of the last frame and of the one before. */
enum { SEEN, SIZE, FIRST, CENTRE = FIRST + 3, OF_JOINTS = CENTRE + 3 };

static const real most_deviations = 8; /* a glitch of a camera is no reason to saturate every unit */

enum rnn_status rnn_frame_shape_init(struct rnn_frame_shape *shape, const struct rnn_config *config, size_t width,
                                     struct rnn_error *error)
{
  size_t group = config->joints == RNN_AUTO ? 0 : (size_t)config->joints;
  if (group > 0 && width % group != 0)
    return rnn_error_set(error, RNN_BAD_CONFIG, "joints: %zu numbers a frame are no joints of %zu numbers", width,
                         group);
  if (group > 0 && !rnn_mirror_fits((enum rnn_mirror)config->mirror, width / group))
    return rnn_error_set(error, RNN_BAD_CONFIG,
                         "mirror: kinect has 20 or 25 joints, mediapipe 33, coco 17; here are %zu", width / group);
  *shape = (struct rnn_frame_shape){.width = width,
                                    .group = group,
                                    .joints = group > 0 ? width / group : 0,
                                    .pose = width,
                                    .orders = config->motion == RNN_AUTO ? 1 : 1 + (size_t)config->motion,
                                    .standardised = config->standardise == 1};
  if (group > 0)
    shape->pose = 3 * shape->joints + 3;
  return RNN_OK;
}

enum rnn_status rnn_frame_shape_add_picture(struct rnn_frame_shape *shape, struct rnn_picture_size size,
                                            struct rnn_error *error)
{
  if (size.columns == 0)
    return RNN_OK;
  if (shape->group > 0 || shape->width != rnn_picture_pixels(size))
    return rnn_error_set(error, RNN_BAD_CONFIG, "%s: a picture of %zux%zu has %zu greys, and no joints",
                         shape->group > 0 ? "joints" : "frames", size.columns, size.rows, rnn_picture_pixels(size));
  shape->picture = size;
  shape->pose = rnn_picture_numbers(size);
  return RNN_OK;
}

static size_t memory_of_pose(const struct rnn_frame_shape *shape)
{
  return shape->group > 0 ? OF_JOINTS : shape->picture.columns > 0 ? rnn_picture_memory(shape->picture) : 0;
}

size_t rnn_frame_memory(const struct rnn_frame_shape *shape)
{
  return shape->width == 0 ? 0 : memory_of_pose(shape) + (shape->orders - 1) * shape->pose;
}

void rnn_frame_start(const struct rnn_frame_shape *shape, real *memory)
{
  rnn_vector_fill(rnn_frame_memory(shape), (real)NAN, memory);
  if (shape->group > 0)
    memory[SEEN] = memory[SIZE] = 0;
}

bool rnn_frame_sees(const struct rnn_frame_shape *shape, const float *frame, size_t j)
{
  const float *joint = frame + j * shape->group;
  bool sure = shape->group == 3 || joint[3] > 0;
  return sure && isfinite(joint[0]) && isfinite(joint[1]) && isfinite(joint[2]);
}

/* The mean of the joints that are seen, and their root mean square distance from it; false if there is none. */
static bool find_body(const struct rnn_frame_shape *shape, const float *frame, real centre[3], real *size)
{
  double sum[3] = {0, 0, 0}, square = 0;
  size_t seen = 0;
  for (size_t j = 0; j < shape->joints; j++) {
    bool sees = rnn_frame_sees(shape, frame, j);
    seen += sees;
    for (size_t i = 0; sees && i < 3; i++)
      sum[i] += (double)frame[j * shape->group + i];
  }
  for (size_t i = 0; seen > 0 && i < 3; i++)
    centre[i] = (real)(sum[i] /= (double)seen);
  for (size_t j = 0; j < shape->joints; j++)
    for (size_t i = 0; i < 3 && rnn_frame_sees(shape, frame, j); i++) {
      double away = (double)frame[j * shape->group + i] - sum[i];
      square += away * away;
    }
  *size = seen > 0 ? (real)sqrt(square / (double)seen) : 0;
  return seen > 0;
}

double rnn_frame_size(const struct rnn_frame_shape *shape, const float *frame)
{
  real centre[3], size;
  find_body(shape, frame, centre, &size);
  return (double)size;
}

/* The body of this frame and those before; *size is that of the sequence so far, 1 as long as there is none. */
static bool follow_body(const struct rnn_frame_shape *shape, const float *frame, real *memory, real *size)
{
  real now;
  bool seen = find_body(shape, frame, memory + CENTRE, &now);
  if (seen && isnan(memory[FIRST]))
    rnn_vector_copy(3, memory + CENTRE, memory + FIRST);
  if (now > 0) {
    memory[SEEN] += 1;
    memory[SIZE] += (now - memory[SIZE]) / memory[SEEN];
  }
  *size = memory[SIZE] > 0 ? memory[SIZE] : 1;
  return seen;
}

static void read_joints(const struct rnn_frame_shape *shape, const float *frame, real *memory, real *pose)
{
  real size;
  bool seen = follow_body(shape, frame, memory, &size);
  for (size_t j = 0; j < shape->joints; j++) {
    bool sees = rnn_frame_sees(shape, frame, j);
    for (size_t i = 0; i < 3; i++)
      pose[3 * j + i] = sees ? ((real)frame[j * shape->group + i] - memory[CENTRE + i]) / size : (real)NAN;
  }
  for (size_t i = 0; i < 3; i++)
    pose[3 * shape->joints + i] = seen ? (memory[CENTRE + i] - memory[FIRST + i]) / size : (real)NAN;
}

/* The differences of a number, x[0], with those of the two frames before; it moves on what is remembered of it. */
static void differ(const struct rnn_frame_shape *shape, size_t i, real *before, real *x)
{
  real now = x[i], last = before[i];
  x[shape->pose + i] = now - last;
  before[i] = now;
  if (shape->orders > 2) {
    x[2 * shape->pose + i] = now - 2 * last + before[shape->pose + i];
    before[shape->pose + i] = last;
  }
}

static void standardise(const struct rnn_frame_shape *shape, const struct rnn_frame_scale *scale, real *x)
{
  for (size_t i = 0; i < rnn_frame_inputs(shape); i++) {
    real away = shape->standardised ? (x[i] - scale->mean[i]) / scale->deviation[i] : x[i];
    if (shape->standardised)
      away = away > most_deviations ? most_deviations : away < -most_deviations ? -most_deviations : away;
    x[i] = isnan(away) ? 0 : away;
  }
}

void rnn_frame_read(const struct rnn_frame_shape *shape, const struct rnn_frame_scale *scale, const float *frame,
                    real *memory, real *x)
{
  if (shape->group > 0)
    read_joints(shape, frame, memory, x);
  else if (shape->picture.columns > 0)
    rnn_picture_measure(shape->picture, frame, memory, x);
  else
    for (size_t i = 0; i < shape->width; i++)
      x[i] = (real)frame[i];
  for (size_t i = 0; shape->orders > 1 && i < shape->pose; i++)
    differ(shape, i, memory + memory_of_pose(shape), x);
  if (scale != NULL)
    standardise(shape, scale, x);
}

enum rnn_status rnn_frame_scale_create(struct rnn_frame_scale *scale, const struct rnn_frame_shape *shape,
                                       struct rnn_error *error)
{
  enum rnn_status status;
  size_t n = shape->standardised ? rnn_frame_inputs(shape) : 0;
  *scale = (struct rnn_frame_scale){.mean = NULL};
  RNN_TRY(rnn_memory_new(&scale->mean, n, sizeof *scale->mean, "means of frames", error));
  RNN_TRY(rnn_memory_new(&scale->deviation, n, sizeof *scale->deviation, "deviations of frames", error));
  rnn_vector_fill(n, 1, scale->deviation);
out:
  return status;
}

void rnn_frame_scale_clear(struct rnn_frame_scale *scale)
{
  rnn_memory_free(scale->mean);
  rnn_memory_free(scale->deviation);
  *scale = (struct rnn_frame_scale){.mean = NULL};
}
