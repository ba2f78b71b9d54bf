/* The state between steps. */
#include "state.h"

#include "memory.h"
#include "vector.h"

enum rnn_status rnn_state_create(struct rnn_state **state, const struct rnn_shape *shape, size_t lanes,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_state *fresh = NULL;
  size_t elements;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "state", error));
  *fresh = (struct rnn_state){.lanes = lanes,
                              .layers = shape->layers,
                              .directions = shape->directions,
                              .d = shape->d,
                              .second = shape->cell->second_state};
  if (!rnn_size_multiply(shape->layers * shape->directions, lanes, &elements) ||
      !rnn_size_multiply(elements, shape->d, &elements))
    elements = SIZE_MAX;
  RNN_TRY(rnn_memory_new(&fresh->s, elements, sizeof *fresh->s, "state", error));
  if (fresh->second)
    RNN_TRY(rnn_memory_new(&fresh->c, elements, sizeof *fresh->c, "second state", error));
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
}
