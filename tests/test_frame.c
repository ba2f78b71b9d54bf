/* What frames become: against the definition, with joints that are missing, learned and changed. */
#include "frame.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "corpus_case.h"
#include "frame_learn.h"
#include "memory.h"
#include "mirror.h"
#include "random.h"
#include "trainer_augment.h"

static struct rnn_error error;

enum { JOINTS = 6, MOST_STEPS = 64, MOST_INPUTS = 3 * (3 * JOINTS + 3), MOST_MEMORY = 128 };

static const double tolerance = sizeof(real) == sizeof(float) ? 2e-5 : 1e-12;

static struct rnn_frame_shape shape_of(int64_t joints, int motion, bool standardised, size_t width)
{
  struct rnn_config config = {.joints = joints, .motion = motion, .standardise = standardised};
  struct rnn_frame_shape shape;
  cr_assert_eq(rnn_frame_shape_init(&shape, &config, width, &error), RNN_OK, "%s", error.text);
  cr_assert(rnn_frame_memory(&shape) <= MOST_MEMORY);
  return shape;
}

static void draw_frames(uint64_t seed, size_t count, float *frame)
{
  struct rnn_random random;
  rnn_random_init(&random, seed, RNN_PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < count; i++)
    frame[i] = (float)rnn_random_normal(&random);
}

/* ---- the definition ---- */

/* The pose of step t by the words of frame.h; NAN where something is missing. */
static void reference_pose(const float *frame, size_t group, size_t t, double *pose)
{
  double size = 0, first[3] = {NAN, NAN, NAN}, centre[3] = {NAN, NAN, NAN};
  size_t sizes = 0, width = group * JOINTS;
  for (size_t s = 0; s <= t; s++) {
    double sum[3] = {0}, square = 0;
    size_t seen = 0;
    for (size_t j = 0; j < JOINTS; j++)
      if (group == 3 || frame[s * width + j * group + 3] > 0) {
        seen++;
        for (size_t i = 0; i < 3; i++)
          sum[i] += (double)frame[s * width + j * group + i];
      }
    for (size_t i = 0; i < 3; i++)
      centre[i] = seen > 0 ? sum[i] / (double)seen : (double)NAN;
    for (size_t i = 0; i < 3; i++)
      first[i] = isnan(first[i]) ? centre[i] : first[i];
    for (size_t j = 0; j < JOINTS; j++)
      for (size_t i = 0; i < 3 && (group == 3 || frame[s * width + j * group + 3] > 0); i++)
        square += pow((double)frame[s * width + j * group + i] - centre[i], 2);
    if (square > 0) {
      size += sqrt(square / (double)seen);
      sizes++;
    }
  }
  double unit = sizes > 0 ? size / (double)sizes : 1;
  for (size_t j = 0; j < JOINTS; j++)
    for (size_t i = 0; i < 3; i++) {
      bool seen = group == 3 || frame[t * width + j * group + 3] > 0;
      pose[3 * j + i] = seen ? ((double)frame[t * width + j * group + i] - centre[i]) / unit : (double)NAN;
    }
  for (size_t i = 0; i < 3; i++)
    pose[3 * JOINTS + i] = (centre[i] - first[i]) / unit;
}

static double number_or_zero(double x)
{
  return isnan(x) ? 0 : x;
}

static void check_definition(size_t group)
{
  enum { STEPS = 7, POSE = 3 * JOINTS + 3 };
  float frame[STEPS * 4 * JOINTS];
  real memory[MOST_MEMORY], x[MOST_INPUTS];
  double pose[STEPS][POSE];
  struct rnn_frame_shape shape = shape_of((int64_t)group, RNN_MOTION_ACCELERATION, false, group * JOINTS);
  struct rnn_frame_scale scale = {NULL, NULL};
  cr_assert_eq(rnn_frame_inputs(&shape), 3 * POSE);
  draw_frames(group, STEPS * group * JOINTS, frame); /* half of the confidences are below 0 */
  for (size_t j = 0; j < JOINTS && group == 4; j++)
    frame[2 * 4 * JOINTS + 4 * j + 3] = 0; /* nothing is seen at step 2 */
  rnn_frame_start(&shape, memory);
  for (size_t t = 0; t < STEPS; t++) {
    reference_pose(frame, group, t, pose[t]);
    rnn_frame_read(&shape, &scale, frame + t * group * JOINTS, memory, x);
    for (size_t i = 0; i < POSE; i++) {
      double velocity = t < 1 ? (double)NAN : pose[t][i] - pose[t - 1][i];
      double acceleration = t < 2 ? (double)NAN : velocity - (pose[t - 1][i] - pose[t - 2][i]);
      cr_assert_float_eq((double)x[i], number_or_zero(pose[t][i]), tolerance, "pose %zu of step %zu", i, t);
      cr_assert_float_eq((double)x[POSE + i], number_or_zero(velocity), tolerance, "velocity %zu of step %zu", i, t);
      cr_assert_float_eq((double)x[2 * POSE + i], number_or_zero(acceleration), tolerance, "%zu of step %zu", i, t);
    }
  }
}

Test(frame, joints_against_the_definition)
{
  check_definition(3);
  check_definition(4);
}

Test(frame, a_body_that_stands_elsewhere_or_is_larger_is_the_same)
{
  enum { STEPS = 5, WIDTH = 3 * JOINTS };
  float frame[STEPS * WIDTH], other[STEPS * WIDTH];
  real memory[2][MOST_MEMORY], x[2][MOST_INPUTS];
  struct rnn_frame_shape shape = shape_of(3, RNN_MOTION_ACCELERATION, false, WIDTH);
  draw_frames(9, STEPS * WIDTH, frame);
  for (size_t i = 0; i < STEPS * WIDTH; i++)
    other[i] = 2.5F * frame[i] + (i % 3 == 0 ? 4 : -1);
  rnn_frame_start(&shape, memory[0]);
  rnn_frame_start(&shape, memory[1]);
  for (size_t t = 0; t < STEPS; t++) {
    rnn_frame_read(&shape, NULL, frame + t * WIDTH, memory[0], x[0]);
    rnn_frame_read(&shape, NULL, other + t * WIDTH, memory[1], x[1]);
    for (size_t i = 0; i < rnn_frame_inputs(&shape); i++)
      cr_assert(isnan(x[0][i]) ? isnan(x[1][i]) : fabs((double)x[0][i] - (double)x[1][i]) < 1e-4, "%zu at %zu", i, t);
  }
}

Test(frame, other_numbers_are_left_as_they_are)
{
  real memory[MOST_MEMORY], x[MOST_INPUTS];
  struct rnn_frame_scale scale = {NULL, NULL};
  struct rnn_frame_shape shape = shape_of(0, RNN_MOTION_VELOCITY, false, 2);
  rnn_frame_start(&shape, memory);
  rnn_frame_read(&shape, &scale, (float[]){1, 2}, memory, x);
  cr_assert(x[0] == 1 && x[1] == 2 && x[2] == 0 && x[3] == 0);
  rnn_frame_read(&shape, &scale, (float[]){4, -2}, memory, x);
  cr_assert(x[0] == 4 && x[1] == -2 && x[2] == 3 && x[3] == -4);
  shape = shape_of(RNN_AUTO, RNN_AUTO, false, 2);
  cr_assert(rnn_frame_inputs(&shape) == 2 && rnn_frame_memory(&shape) == 0);
}

Test(frame, joints_of_a_width_that_is_none_are_refused)
{
  struct rnn_config config = {.joints = 4};
  struct rnn_frame_shape shape;
  cr_assert_eq(rnn_frame_shape_init(&shape, &config, 10, &error), RNN_BAD_CONFIG);
  cr_assert_str_eq(error.text, "joints: 10 numbers a frame are no joints of 4 numbers");
}

/* ---- what is learned ---- */

static void add_sequence(struct rnn_corpus *corpus, const float *frame, size_t length)
{
  struct rnn_sequence sequence = {.length = length, .frame = frame, .label = 0};
  cr_assert_eq(rnn_corpus_add(corpus, &sequence, &error), RNN_OK);
}

Test(frame, what_was_learned_makes_mean_0_and_deviation_1)
{
  enum { STEPS = 40, WIDTH = 4 * JOINTS };
  float frame[STEPS * WIDTH];
  real memory[MOST_MEMORY], x[MOST_INPUTS];
  double sum[MOST_INPUTS] = {0}, square[MOST_INPUTS] = {0}, count[MOST_INPUTS] = {0};
  struct rnn_frame_shape shape = shape_of(4, RNN_MOTION_VELOCITY, true, WIDTH);
  struct rnn_frame_scale scale;
  struct rnn_corpus corpus;
  draw_frames(3, STEPS * WIDTH, frame);
  rnn_corpus_init(&corpus, RNN_CLASSIFY, WIDTH);
  add_sequence(&corpus, frame, 30);
  add_sequence(&corpus, frame + 30 * WIDTH, 10);
  cr_assert_eq(rnn_frame_scale_create(&scale, &shape, &error), RNN_OK);
  cr_assert_eq(rnn_frame_learn(&scale, &shape, &corpus, &error), RNN_OK);
  for (size_t t = 0; t < STEPS; t++) {
    if (t == 0 || t == 30)
      rnn_frame_start(&shape, memory);
    rnn_frame_read(&shape, &scale, frame + t * WIDTH, memory, x);
    for (size_t i = 0; i < rnn_frame_inputs(&shape); i++) {
      sum[i] += (double)x[i]; /* what is missing is 0 and changes neither sum */
      square[i] += (double)x[i] * (double)x[i];
      count[i] += x[i] != 0;
    }
  }
  for (size_t i = 0; i < rnn_frame_inputs(&shape); i++) {
    cr_assert_float_eq(sum[i] / count[i], 0, 1e-5, "mean of %zu: %g", i, sum[i] / count[i]);
    cr_assert_float_eq(square[i] / count[i], 1, 1e-4, "deviation of %zu: %g", i, square[i] / count[i]);
  }
  rnn_frame_scale_clear(&scale);
  rnn_corpus_clear(&corpus);
}

Test(frame, numbers_that_never_differ_and_huge_ones_stay_finite)
{
  float frame[] = {7, 3e37F, 7, -3e37F, 7, 3e37F};
  real memory[MOST_MEMORY], x[MOST_INPUTS];
  struct rnn_frame_shape shape = shape_of(0, RNN_MOTION_ACCELERATION, true, 2);
  struct rnn_frame_scale scale;
  struct rnn_corpus corpus;
  rnn_corpus_init(&corpus, RNN_CLASSIFY, 2);
  add_sequence(&corpus, frame, 3);
  cr_assert_eq(rnn_frame_scale_create(&scale, &shape, &error), RNN_OK);
  cr_assert_eq(rnn_frame_learn(&scale, &shape, &corpus, &error), RNN_OK);
  rnn_frame_start(&shape, memory);
  for (size_t t = 0; t < 3; t++) {
    rnn_frame_read(&shape, &scale, frame + 2 * t, memory, x);
    for (size_t i = 0; i < rnn_frame_inputs(&shape); i++)
      cr_assert(isfinite(x[i]) && isfinite(scale.mean[i]) && scale.deviation[i] > 0);
    cr_assert_eq(x[0], 0);
  }
  rnn_frame_scale_clear(&scale);
  rnn_corpus_clear(&corpus);
}

/* A chain of points that turns as one at each joint; with a confidence, or noise in the place of bones. */
static size_t guess(size_t group, bool bones)
{
  enum { STEPS = 20, SEQUENCES = 3 };
  struct rnn_corpus corpus;
  struct rnn_random random;
  float frame[STEPS * 4 * JOINTS];
  rnn_random_init(&random, 5, RNN_PURPOSE_TEST, 0, 0);
  rnn_corpus_init(&corpus, RNN_CLASSIFY, group * JOINTS);
  for (size_t s = 0; s < SEQUENCES; s++) {
    for (size_t t = 0; t < STEPS; t++) {
      double x = (double)t, y = 0, angle = 0;
      for (size_t j = 0; j < JOINTS; j++) {
        float *joint = frame + (t * JOINTS + j) * group;
        angle += sin(0.3 * (double)(t * (j + 1)));
        x += bones ? cos(angle) : rnn_random_normal(&random);
        y += bones ? sin(angle) : rnn_random_normal(&random);
        joint[0] = (float)x;
        joint[1] = (float)y;
        joint[2] = 2;
        if (group == 4)
          joint[3] = (float)rnn_random_uniform(&random);
      }
    }
    add_sequence(&corpus, frame, STEPS);
  }
  size_t joints = rnn_frame_guess_joints(&corpus);
  rnn_corpus_clear(&corpus);
  return joints;
}

Test(frame, joints_are_known_by_their_bones_or_their_confidence)
{
  cr_assert_eq(guess(3, true), 3);
  cr_assert_eq(guess(3, false), 0);
  cr_assert_eq(guess(4, true), 4);
}

/* ---- changes while training ---- */

struct change {
  struct rnn_config config;
  struct rnn_parameters *parameters;
  float frame[MOST_STEPS * 4 * JOINTS];
  int32_t tag[MOST_STEPS];
  struct rnn_sequence changed;
};

static void change_init(struct change *it, int64_t joints)
{
  struct rnn_shape shape;
  memset(it, 0, sizeof *it);
  rnn_config_init(&it->config);
  it->config.joints = joints;
  it->config.time_warp = it->config.frame_dropout = it->config.frame_noise = it->config.rotation = 0;
  snprintf(it->config.cell, sizeof it->config.cell, "elman");
  it->config.state = it->config.layers = 1;
  it->config.bidirectional = 0;
  it->config.embedding = 0;
  cr_assert_eq(rnn_shape_init(&shape, &it->config, RNN_TAG, true, joints > 0 ? (size_t)joints * JOINTS : 2, 2, &error),
               RNN_OK, "%s", error.text);
  cr_assert_eq(rnn_parameters_create(&it->parameters, &shape, &error), RNN_OK);
}

static void change(struct change *it, uint32_t epoch, uint64_t index, const float *frame, const int32_t *tag,
                   size_t length)
{
  it->changed = (struct rnn_sequence){.length = length, .frame = frame, .target = tag, .index = index};
  cr_assert(rnn_augment_most_steps(&it->config, length) <= MOST_STEPS);
  rnn_augment_sequence(&it->config, it->parameters, epoch, &it->changed, it->frame, it->tag);
}

Test(augment, time_runs_on_and_ends_where_it_ended)
{
  enum { LENGTH = 20 };
  struct change it;
  float frame[2 * LENGTH];
  int32_t tag[LENGTH];
  size_t least = LENGTH, most = LENGTH;
  change_init(&it, 0);
  it.config.time_warp = 1;
  for (size_t t = 0; t < LENGTH; t++) {
    frame[2 * t] = (float)t;
    frame[2 * t + 1] = -(float)t;
    tag[t] = (int32_t)t;
  }
  for (uint32_t epoch = 0; epoch < 100; epoch++) {
    change(&it, epoch, 3, frame, tag, LENGTH);
    size_t length = it.changed.length;
    cr_assert(length <= rnn_augment_most_steps(&it.config, LENGTH));
    least = length < least ? length : least;
    most = length > most ? length : most;
    cr_assert(it.frame[0] == 0 && it.frame[2 * (length - 1)] == LENGTH - 1);
    for (size_t t = 0; t < length; t++) {
      cr_assert_eq(it.frame[2 * t], -it.frame[2 * t + 1]);
      cr_assert(t == 0 || it.frame[2 * t] >= it.frame[2 * t - 2], "time does not run back");
      cr_assert_eq(it.tag[t], (int32_t)(it.frame[2 * t] + 0.5F), "a step keeps its tag");
    }
  }
  cr_assert(least < 12 && most > 35, "from half to twice as long: %zu to %zu", least, most);
  rnn_parameters_free(it.parameters);
}

/* ---- pictures ---- */

enum { SIDE = 12, GREYS = SIDE * SIDE };

static const struct rnn_picture_size picture_size = {SIDE, SIDE};

Test(picture_frame, is_measured_as_part_of_the_model)
{
  struct rnn_config config;
  struct rnn_frame_shape shape;
  float grey[GREYS];
  real memory[2 + GREYS + 64], x[64];
  rnn_config_init(&config);
  cr_assert_eq(rnn_frame_shape_init(&shape, &config, GREYS, &error), RNN_OK);
  cr_assert_eq(rnn_frame_shape_add_picture(&shape, (struct rnn_picture_size){SIDE, 2 * SIDE}, &error), RNN_BAD_CONFIG);
  cr_assert_str_eq(error.text, "frames: a picture of 12x24 has 288 greys, and no joints");
  cr_assert_eq(rnn_frame_shape_add_picture(&shape, picture_size, &error), RNN_OK);
  size_t n = rnn_frame_inputs(&shape);
  cr_assert(n == rnn_picture_numbers(picture_size) && n <= 64 && rnn_frame_memory(&shape) <= 2 + GREYS + 64);
  rnn_frame_start(&shape, memory);
  for (int t = 0; t < 2; t++) {
    for (size_t i = 0; i < GREYS; i++)
      grey[i] = (float)(i * (size_t)(t + 2) % 97);
    rnn_frame_read(&shape, NULL, grey, memory, x);
    for (size_t i = 0; i < n; i++)
      cr_assert(isfinite(x[i]), "%d %zu", t, i);
    cr_assert_eq(x[n - 5] > 0, t > 0, "nothing moves in the first");
  }
}

static void change_init_picture(struct change *it)
{
  struct rnn_shape shape;
  change_init(it, 0);
  rnn_parameters_free(it->parameters);
  cr_assert_eq(rnn_shape_init(&shape, &it->config, RNN_TAG, true, GREYS, 2, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(rnn_shape_add_picture(&shape, picture_size, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(shape.n, rnn_picture_numbers(picture_size));
  cr_assert_eq(rnn_parameters_create(&it->parameters, &shape, &error), RNN_OK);
}

Test(augment, pictures_are_seen_from_elsewhere_the_whole_sequence_alike)
{
  struct change it;
  float frame[2 * GREYS], first[2 * GREYS];
  size_t alike = 0, still = 0;
  change_init_picture(&it);
  it.config.viewpoint = 0.2;
  for (size_t i = 0; i < GREYS; i++)
    frame[i] = frame[GREYS + i] = (float)(i % SIDE * 3 + i / SIDE * 5);
  for (uint32_t epoch = 0; epoch < 20; epoch++) {
    change(&it, epoch, 3, frame, NULL, 2);
    cr_assert(it.changed.length == 2 && memcmp(it.frame, it.frame + GREYS, GREYS * sizeof(float)) == 0);
    for (size_t i = 0; i < GREYS; i++)
      cr_assert(it.frame[i] >= frame[0] && it.frame[i] <= frame[GREYS - 1], "%g", (double)it.frame[i]);
    if (epoch == 0)
      memcpy(first, it.frame, sizeof first);
    alike += memcmp(first, it.frame, sizeof first) == 0;
    still += memcmp(frame, it.frame, sizeof frame) == 0;
  }
  cr_assert(still > 4 && still < 16, "half are as they were: %zu", still);
  cr_assert(alike == 1 || alike == still, "each of the others has a view of its own");
  rnn_parameters_free(it.parameters);
}

Test(augment, half_of_the_pictures_are_seen_in_a_mirror)
{
  struct change it;
  float frame[GREYS];
  size_t mirrored = 0, plain = 0;
  change_init_picture(&it);
  it.config.viewpoint = 0;
  it.config.mirror = RNN_MIRROR_X;
  draw_frames(2, GREYS, frame);
  for (uint32_t epoch = 0; epoch < 40; epoch++) {
    bool same = true, other = true;
    change(&it, epoch, 5, frame, NULL, 1);
    for (size_t i = 0; i < GREYS; i++) {
      same &= it.frame[i] == frame[i];
      other &= it.frame[i] == frame[i / SIDE * SIDE + SIDE - 1 - i % SIDE];
    }
    cr_assert(same != other);
    mirrored += other;
    plain += same;
  }
  cr_assert(mirrored > 10 && plain > 10, "%zu and %zu", mirrored, plain);
  rnn_parameters_free(it.parameters);
}

Test(augment, a_turn_keeps_all_distances_and_heights)
{
  struct change it;
  float frame[3 * JOINTS];
  change_init(&it, 3);
  it.config.rotation = 90;
  draw_frames(4, 3 * JOINTS, frame);
  change(&it, 1, 1, frame, NULL, 1);
  cr_assert_neq(it.frame[0], frame[0]);
  for (size_t j = 0; j < JOINTS; j++) {
    cr_assert_eq(it.frame[3 * j + 1], frame[3 * j + 1]);
    cr_assert_float_eq(hypotf(it.frame[3 * j], it.frame[3 * j + 2]), hypotf(frame[3 * j], frame[3 * j + 2]), 1e-5);
  }
  rnn_parameters_free(it.parameters);
}

Test(augment, in_a_mirror_the_sides_change_places)
{
  static const struct {
    enum rnn_mirror mirror;
    size_t joints, left, right, middle;
  } bodies[] = {
      {RNN_MIRROR_X, 4, 3, 3, 1},          {RNN_MIRROR_KINECT, 20, 7, 11, 3},     {RNN_MIRROR_KINECT, 25, 22, 24, 20},
      {RNN_MIRROR_MEDIAPIPE, 33, 1, 4, 0}, {RNN_MIRROR_MEDIAPIPE, 33, 31, 32, 0}, {RNN_MIRROR_COCO, 17, 15, 16, 0}};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    float frame[3 * 33], mirrored[3 * 33];
    size_t numbers = 3 * bodies[i].joints, left = 3 * bodies[i].left, right = 3 * bodies[i].right;
    cr_assert(rnn_mirror_fits(bodies[i].mirror, bodies[i].joints));
    for (size_t j = 0; j < numbers; j++)
      mirrored[j] = frame[j] = 1 + (float)j;
    rnn_mirror_frame(bodies[i].mirror, bodies[i].joints, 3, mirrored);
    cr_assert(mirrored[left] == -frame[right] && mirrored[left + 1] == frame[right + 1]);
    cr_assert(mirrored[right] == -frame[left] && mirrored[right + 2] == frame[left + 2]);
    cr_assert(mirrored[3 * bodies[i].middle] == -frame[3 * bodies[i].middle]);
    rnn_mirror_frame(bodies[i].mirror, bodies[i].joints, 3, mirrored);
    cr_assert(memcmp(mirrored, frame, numbers * sizeof *frame) == 0, "twice is nothing");
  }
  cr_assert(!rnn_mirror_fits(RNN_MIRROR_KINECT, 33) && !rnn_mirror_fits(RNN_MIRROR_COCO, 20));
}

Test(augment, half_of_the_sequences_are_seen_in_a_mirror)
{
  struct change it;
  float frame[3 * JOINTS];
  size_t mirrored = 0;
  change_init(&it, 3);
  it.config.mirror = RNN_MIRROR_X;
  draw_frames(4, 3 * JOINTS, frame);
  for (uint32_t epoch = 0; epoch < 200; epoch++) {
    change(&it, epoch, 1, frame, NULL, 1);
    cr_assert_eq(it.frame[1], frame[1]);
    mirrored += it.frame[0] == -frame[0];
    cr_assert(it.frame[0] == frame[0] || it.frame[0] == -frame[0]);
  }
  cr_assert(mirrored > 70 && mirrored < 130, "%zu of 200", mirrored);
  rnn_parameters_free(it.parameters);
}

Test(augment, a_missing_joint_is_not_mixed_and_no_noise_makes_it_seen)
{
  struct change it;
  float frame[4 * 4 * JOINTS];
  change_init(&it, 4);
  it.config.time_warp = 2;
  it.config.frame_noise = 0.1;
  for (size_t i = 0; i < 4 * 4 * JOINTS; i++)
    frame[i] = i % 4 == 3 && i / (4 * JOINTS) % 2 == 0 ? 0 : (float)(1 + i / (4 * JOINTS));
  for (uint32_t epoch = 0; epoch < 20; epoch++) {
    change(&it, epoch, 1, frame, NULL, 4);
    for (size_t i = 3; i < it.changed.length * 4 * JOINTS; i += 4)
      cr_assert(it.frame[i] == 0 || it.frame[i] == 2 || it.frame[i] == 4, "%g", (double)it.frame[i]);
  }
  rnn_parameters_free(it.parameters);
}

Test(augment, the_two_ends_of_a_long_sequence_follow_one_another)
{
  enum { LENGTH = 20, MOST = 7 };
  struct change ends, together;
  float frame[2 * LENGTH];
  change_init(&ends, 0);
  change_init(&together, 0);
  ends.config.time_warp = together.config.time_warp = 1;
  draw_frames(6, 2 * LENGTH, frame);
  struct rnn_sequence whole = {.length = LENGTH, .frame = frame, .index = 2};
  ends.changed = rnn_sequence_kept(&whole, MOST, RNN_KEPT_ENDS, 2);
  rnn_augment_sequence(&ends.config, ends.parameters, 0, &ends.changed, ends.frame, ends.tag);
  memmove(frame + 2 * 4, frame + 2 * (LENGTH - 3), 2 * 3 * sizeof *frame);
  change(&together, 0, 2, frame, NULL, MOST);
  cr_assert_eq(ends.changed.length, together.changed.length);
  cr_assert(memcmp(ends.frame, together.frame, 2 * together.changed.length * sizeof *frame) == 0);
  cr_assert_eq(rnn_sequence_place(&ends.changed, MOST - 1), MOST - 1, "what was changed lies side by side");
  rnn_parameters_free(ends.parameters);
  rnn_parameters_free(together.parameters);
}

Test(augment, frames_are_left_out_but_never_all)
{
  struct change it;
  float frame[2 * 30];
  size_t kept = 0;
  change_init(&it, 0);
  it.config.frame_dropout = 0.5;
  draw_frames(4, 2 * 30, frame);
  for (uint32_t epoch = 0; epoch < 200; epoch++) {
    change(&it, epoch, 1, frame, NULL, 30);
    kept += it.changed.length;
  }
  cr_assert(kept > 200 * 14 && kept < 200 * 17, "about half: %zu of 6000", kept);
  it.config.frame_dropout = 0.95;
  change(&it, 1, 1, frame, NULL, 1);
  cr_assert_eq(it.changed.length, 1);
  rnn_parameters_free(it.parameters);
}

Test(augment, is_a_function_of_seed_epoch_and_sequence)
{
  static struct change a, b;
  float frame[3 * JOINTS * 20];
  change_init(&a, 3);
  draw_frames(4, 3 * JOINTS * 20, frame);
  a.config.time_warp = a.config.frame_dropout = a.config.frame_noise = 0.5;
  a.config.rotation = 30;
  b = a;
  change(&a, 2, 3, frame, NULL, 20);
  change(&b, 1, 3, frame, NULL, 20);
  cr_assert(memcmp(a.frame, b.frame, sizeof(float) * 3 * JOINTS) != 0);
  change(&b, 2, 4, frame, NULL, 20);
  cr_assert(memcmp(a.frame, b.frame, sizeof(float) * 3 * JOINTS) != 0);
  change(&b, 2, 3, frame, NULL, 20);
  cr_assert_eq(a.changed.length, b.changed.length);
  cr_assert(memcmp(a.frame, b.frame, a.changed.length * 3 * JOINTS * sizeof(float)) == 0);
  rnn_parameters_free(a.parameters);
}
