/* Changes to a sequence of frames. */
#include "trainer_augment.h"

#include <math.h>
#include <string.h>

#include "mirror.h"
#include "random.h"

size_t rnn_augment_most_steps(const struct rnn_config *config, size_t steps)
{
  return config->time_warp > 0 ? (size_t)ceil((double)steps * (1 + config->time_warp)) + 1 : steps;
}

/* Between -1 and 1. */
static double draw(struct rnn_random *random)
{
  return 2 * rnn_random_uniform(random) - 1;
}

/* ---- time ---- */

/* How time runs: new step t of `steps` is at this place between the old ones. */
struct time {
  size_t steps;
  double last;  /* old step */
  double swing; /* how much faster, then slower, in the course of it */
};

static struct time draw_time(const struct rnn_config *config, struct rnn_random *random, size_t length)
{
  struct time time = {.steps = length, .last = (double)length - 1};
  if (config->time_warp > 0) {
    time.steps = (size_t)fmax(1, round((double)length * exp(log1p(config->time_warp) * draw(random))));
    time.swing = fmin(config->time_warp, 0.9) * draw(random);
  }
  return time;
}

static double place_of(const struct time *time, size_t t)
{
  const double turn = 6.283185307179586;
  if (time->steps < 2)
    return 0;
  double share = (double)t / (double)(time->steps - 1);
  double place = (share + time->swing * sin(turn * share) / turn) * time->last;
  return fmin(fmax(place, 0), time->last);
}

/* True if nothing is missing of what belongs together: a joint, or a number. */
static bool sees(const struct rnn_frame_shape *shape, const float *frame, size_t j)
{
  return shape->group > 0 ? rnn_frame_sees(shape, frame, j) : isfinite(frame[j]);
}

/* A place between two frames: *a of it, and *b with its share; both are the frame itself where the share is 0. */
static float find_frames(const struct rnn_sequence *from, size_t width, double place, const float **a, const float **b)
{
  size_t before = (size_t)place;
  float share = (float)(place - (double)before);
  *a = from->frame + rnn_sequence_place(from, before) * width;
  *b = share > 0 ? from->frame + rnn_sequence_place(from, before + 1) * width : *a;
  return share;
}

/* Between two frames; the nearer one of what cannot be mixed, since one of them misses it. */
static void mix(const struct rnn_frame_shape *shape, const struct rnn_sequence *from, double place, float *to)
{
  size_t width = shape->width, group = shape->group > 0 ? shape->group : 1;
  const float *a, *b;
  float share = find_frames(from, width, place, &a, &b);
  const float *nearer = share < 0.5F ? a : b;
  for (size_t j = 0; j < width / group; j++) {
    bool both = sees(shape, a, j) && sees(shape, b, j);
    for (size_t i = j * group; i < (j + 1) * group; i++)
      to[i] = both ? a[i] + share * (b[i] - a[i]) : nearer[i];
  }
}

/* ---- space ---- */

static void turn_joints(const struct rnn_frame_shape *shape, double angle, float *frame)
{
  float c = (float)cos(angle), s = (float)sin(angle);
  for (size_t j = 0; j < shape->joints; j++) {
    float *joint = frame + j * shape->group, x = joint[0], z = joint[2];
    joint[0] = c * x + s * z;
    joint[2] = c * z - s * x;
  }
}

/* Half of the times it is as it was filmed: what is moved lies between pixels, and is not quite as sharp. */
static struct rnn_picture_view draw_view(const struct rnn_config *config, struct rnn_random *random)
{
  struct rnn_picture_view view = {.scale = 1};
  view.mirrored = config->mirror != RNN_MIRROR_NONE && draw(random) < 0;
  if (config->viewpoint > 0 && draw(random) < 0) {
    double farther = config->viewpoint * draw(random);
    view.scale = farther >= 0 ? 1 + farther : 1 / (1 - farther);
    view.right = config->viewpoint / 2 * draw(random);
    view.down = config->viewpoint / 2 * draw(random);
  }
  return view;
}

/* Between two pictures, as the view has it. */
static void look(const struct rnn_frame_shape *shape, struct rnn_picture_view view, const struct rnn_sequence *from,
                 double place, float *to)
{
  const float *a, *b;
  float share = find_frames(from, shape->width, place, &a, &b);
  memset(to, 0, shape->width * sizeof *to);
  rnn_picture_add_view(shape->picture, view, 1 - share, a, to);
  if (share > 0)
    rnn_picture_add_view(shape->picture, view, share, b, to);
}

/* Of joints, in sizes of the body; of pictures, in greys; of other numbers, in their deviations. */
static void add_noise(const struct rnn_config *config, const struct rnn_parameters *parameters,
                      struct rnn_random *random, float *frame)
{
  const struct rnn_frame_shape *shape = &parameters->shape.frame;
  bool plain = shape->group == 0 && shape->picture.columns == 0;
  double size = shape->group > 0 ? rnn_frame_size(shape, frame) : 1;
  for (size_t i = 0; i < shape->width; i++) {
    if (shape->group == 4 && i % 4 == 3)
      continue;
    double unit = plain && shape->standardised ? (double)parameters->frame.deviation[i] : size;
    frame[i] += (float)(config->frame_noise * unit * rnn_random_normal(random));
  }
}

/* ---- a sequence ---- */

/* What happens to all frames of a sequence alike. */
struct change {
  struct time time;
  double angle;                 /* in radians */
  struct rnn_picture_view view; /* of pictures; of joints only whether it is mirrored */
};

static struct change draw_change(const struct rnn_config *config, struct rnn_random *random, size_t length)
{
  const double degree = 0.017453292519943295;
  struct change change = {.time = draw_time(config, random, length)};
  change.angle = config->rotation * degree * draw(random);
  change.view = draw_view(config, random);
  return change;
}

/* What is seen at a place between the frames of a sequence. */
static void read_frame(const struct rnn_config *config, const struct rnn_frame_shape *shape,
                       const struct change *change, const struct rnn_sequence *from, double place, float *to)
{
  if (shape->picture.columns > 0) {
    look(shape, change->view, from, place, to);
    return;
  }
  mix(shape, from, place, to);
  if (change->view.mirrored)
    rnn_mirror_frame((enum rnn_mirror)config->mirror, shape->joints, shape->group, to);
  if (config->rotation > 0)
    turn_joints(shape, change->angle, to);
}

void rnn_augment_sequence(const struct rnn_config *config, const struct rnn_parameters *parameters, uint32_t epoch,
                          struct rnn_sequence *view, float *frame, int32_t *target)
{
  const struct rnn_frame_shape *shape = &parameters->shape.frame;
  struct rnn_random random;
  rnn_random_init(&random, config->seed, RNN_PURPOSE_AUGMENT, epoch, view->index);
  struct change change = draw_change(config, &random, view->length);
  size_t kept = 0, columns = parameters->shape.columns;
  for (size_t t = 0; t < change.time.steps; t++) {
    double place = place_of(&change.time, t);
    float *to = frame + kept * shape->width;
    if (config->frame_dropout > 0 && rnn_random_uniform(&random) < config->frame_dropout && t > 0)
      continue;
    read_frame(config, shape, &change, view, place, to);
    if (config->frame_noise > 0)
      add_noise(config, parameters, &random, to);
    for (size_t c = 0; c < columns && view->target != NULL; c++)
      target[kept * columns + c] = view->target[(size_t)(place + 0.5) * columns + c];
    kept++;
  }
  view->length = kept;
  view->frame = frame;
  view->gap = 0;
  view->target = view->target != NULL ? target : NULL;
}
