/* The two sides of bodies. */
#include "mirror.h"

/* Joints from `left` on, every `stride`-th, change places with those from `right` on. */
struct side {
  size_t left, right, count, stride;
};

static const struct {
  size_t joints;
  enum rnn_mirror mirror;
  struct side side[4]; /* ends with count 0 */
} bodies[] = {{20, RNN_MIRROR_KINECT, {{4, 8, 4, 1}, {12, 16, 4, 1}}},
              {25, RNN_MIRROR_KINECT, {{4, 8, 4, 1}, {12, 16, 4, 1}, {21, 23, 2, 1}}},
              {33, RNN_MIRROR_MEDIAPIPE, {{1, 4, 3, 1}, {7, 8, 13, 2}}},
              {17, RNN_MIRROR_COCO, {{1, 2, 8, 2}}}};

enum { BODIES = sizeof bodies / sizeof bodies[0] };

static const struct side *sides_of(enum rnn_mirror mirror, size_t joints)
{
  for (size_t i = 0; i < BODIES; i++)
    if (bodies[i].mirror == mirror && bodies[i].joints == joints)
      return bodies[i].side;
  return NULL;
}

bool rnn_mirror_fits(enum rnn_mirror mirror, size_t joints)
{
  return mirror == RNN_MIRROR_NONE || mirror == RNN_MIRROR_X || sides_of(mirror, joints) != NULL;
}

static void exchange(size_t group, float *one, float *other)
{
  for (size_t i = 0; i < group; i++) {
    float kept = one[i];
    one[i] = other[i];
    other[i] = kept;
  }
}

void rnn_mirror_frame(enum rnn_mirror mirror, size_t joints, size_t group, float *frame)
{
  for (size_t j = 0; j < joints; j++)
    frame[j * group] = -frame[j * group];
  for (const struct side *side = sides_of(mirror, joints); side != NULL && side->count > 0; side++)
    for (size_t i = 0; i < side->count; i++)
      exchange(group, frame + (side->left + i * side->stride) * group,
               frame + (side->right + i * side->stride) * group);
}
