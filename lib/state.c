/* The state between steps. */
#include "state.h"

#include <math.h>

#include "memory.h"
#include "vector.h"

static enum rnn_status make_pooled(struct rnn_state *state, const struct rnn_shape *shape, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  bool greatest = shape->pooling == RNN_POOL_MAX || shape->pooling == RNN_POOL_MEAN_MAX;
  size_t elements;
  if (!rnn_size_multiply(state->lanes, shape->directions * shape->d, &elements))
    elements = SIZE_MAX;
  state->last = shape->pooling == RNN_POOL_LAST;
  if (shape->pooling != RNN_POOL_MAX)
    RNN_TRY(rnn_memory_new(&state->sum, elements, sizeof *state->sum, "state", error));
  if (greatest)
    RNN_TRY(rnn_memory_new(&state->greatest, elements, sizeof *state->greatest, "state", error));
  RNN_TRY(rnn_memory_new(&state->weight, state->lanes, sizeof *state->weight, "state", error));
  RNN_TRY(rnn_memory_new(&state->peak, state->lanes, sizeof *state->peak, "state", error));
out:
  return status;
}

enum rnn_status rnn_state_create(struct rnn_state **state, const struct rnn_shape *shape, size_t lanes,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_state *fresh = NULL;
  size_t elements, memory;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "state", error));
  *fresh = (struct rnn_state){.lanes = lanes,
                              .layers = shape->layers,
                              .directions = shape->directions,
                              .d = shape->d,
                              .second = shape->cell->second_state,
                              .frame_shape = shape->frame};
  if (!rnn_size_multiply(shape->layers * shape->directions, lanes, &elements) ||
      !rnn_size_multiply(elements, shape->d, &elements))
    elements = SIZE_MAX;
  if (shape->task == RNN_CLASSIFY)
    RNN_TRY(make_pooled(fresh, shape, error));
  RNN_TRY(rnn_memory_new(&fresh->s, elements, sizeof *fresh->s, "state", error));
  if (fresh->second)
    RNN_TRY(rnn_memory_new(&fresh->c, elements, sizeof *fresh->c, "second state", error));
  memory = rnn_frame_memory(&shape->frame);
  RNN_TRY(rnn_memory_new(&fresh->frame, memory > 0 ? lanes : 0, memory * sizeof *fresh->frame, "state", error));
  *state = fresh;
  fresh = NULL;
out:
  rnn_state_free(fresh);
  return status;
}

void rnn_state_free(struct rnn_state *state)
{
  if (state == NULL)
    return;
  rnn_memory_free(state->s);
  rnn_memory_free(state->c);
  rnn_memory_free(state->sum);
  rnn_memory_free(state->greatest);
  rnn_memory_free(state->weight);
  rnn_memory_free(state->peak);
  rnn_memory_free(state->frame);
  rnn_memory_free(state);
}

static size_t begin(const struct rnn_state *state, size_t layer, size_t direction)
{
  return (layer * state->directions + direction) * state->lanes * state->d;
}

real *rnn_state_s(const struct rnn_state *state, size_t layer, size_t direction)
{
  return state->s + begin(state, layer, direction);
}

real *rnn_state_c(const struct rnn_state *state, size_t layer, size_t direction)
{
  return state->second ? state->c + begin(state, layer, direction) : NULL;
}

void rnn_state_start_direction(struct rnn_state *state, const struct rnn_parameters *parameters, size_t layer,
                               size_t direction, size_t first, size_t count)
{
  size_t d = state->d, s0 = parameters->layout.layer[layer][direction].s0;
  real *s = rnn_state_s(state, layer, direction) + first * d;
  if (s0 == SIZE_MAX)
    rnn_vector_fill(count * d, 0, s);
  else
    for (size_t lane = 0; lane < count; lane++)
      rnn_vector_copy(d, parameters->value + s0, s + lane * d);
  if (state->second)
    rnn_vector_fill(count * d, 0, rnn_state_c(state, layer, direction) + first * d);
}

void rnn_state_start(struct rnn_state *state, const struct rnn_parameters *parameters, size_t first, size_t count)
{
  for (size_t layer = 0; layer < state->layers; layer++)
    for (size_t direction = 0; direction < state->directions; direction++)
      rnn_state_start_direction(state, parameters, layer, direction, first, count);
  size_t wide = state->directions * state->d;
  if (state->sum != NULL)
    rnn_vector_fill(count * wide, 0, state->sum + first * wide);
  if (state->greatest != NULL)
    rnn_vector_fill(count * wide, (real)-INFINITY, state->greatest + first * wide);
  for (size_t lane = first; state->weight != NULL && lane < first + count; lane++) {
    state->weight[lane] = 0;
    state->peak[lane] = -INFINITY;
  }
  for (size_t lane = first; state->frame != NULL && lane < first + count; lane++)
    rnn_frame_start(&state->frame_shape, state->frame + lane * rnn_frame_memory(&state->frame_shape));
}

/* Elements [to_at, to_at + count) from those at from_at; NULL is nothing to copy. */
static void copy_reals(size_t count, const real *from, size_t from_at, real *to, size_t to_at)
{
  if (to != NULL)
    rnn_vector_copy(count, from + from_at, to + to_at);
}

/* What is pooled in `count` lanes. */
static void copy_pooled(struct rnn_state *to, size_t to_lane, const struct rnn_state *from, size_t from_lane,
                        size_t count)
{
  size_t wide = to->directions * to->d;
  copy_reals(count * wide, from->sum, from_lane * wide, to->sum, to_lane * wide);
  copy_reals(count * wide, from->greatest, from_lane * wide, to->greatest, to_lane * wide);
  for (size_t i = 0; to->weight != NULL && i < count; i++) {
    to->weight[to_lane + i] = from->weight[from_lane + i];
    to->peak[to_lane + i] = from->peak[from_lane + i];
  }
}

enum rnn_status rnn_state_parts(struct rnn_state *state, const char *prefix, struct rnn_parts *parts,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t count = state->layers * state->directions * state->lanes * state->d;
  size_t pooled = state->lanes * state->directions * state->d;
  RNN_TRY(rnn_parts_add(parts, prefix, "s", RNN_PART_REAL, count, state->s, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "c", RNN_PART_REAL, count, state->c, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "sum", RNN_PART_REAL, pooled, state->sum, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "greatest", RNN_PART_REAL, pooled, state->greatest, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "weight", RNN_PART_DOUBLE, state->lanes, state->weight, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "peak", RNN_PART_DOUBLE, state->lanes, state->peak, error));
  RNN_TRY(rnn_parts_add(parts, prefix, "frame", RNN_PART_REAL, state->lanes * rnn_frame_memory(&state->frame_shape),
                        state->frame, error));
out:
  return status;
}

void rnn_state_copy_lane(struct rnn_state *to, size_t to_lane, const struct rnn_state *from, size_t from_lane)
{
  size_t d = to->d;
  for (size_t layer = 0; layer < to->layers; layer++)
    for (size_t direction = 0; direction < to->directions; direction++) {
      rnn_vector_copy(d, rnn_state_s(from, layer, direction) + from_lane * d,
                      rnn_state_s(to, layer, direction) + to_lane * d);
      if (to->second)
        rnn_vector_copy(d, rnn_state_c(from, layer, direction) + from_lane * d,
                        rnn_state_c(to, layer, direction) + to_lane * d);
    }
  size_t memory = rnn_frame_memory(&to->frame_shape);
  copy_reals(memory, from->frame, from_lane * memory, to->frame, to_lane * memory);
  copy_pooled(to, to_lane, from, from_lane, 1);
}
