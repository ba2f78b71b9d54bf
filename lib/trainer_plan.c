/* The order of an epoch. */
#include "trainer_plan.h"

#include <string.h>

#include "memory.h"
#include "random.h"

enum { MOST_NEIGHBOURHOOD = 32 }; /* batches that are sorted together */

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

enum rnn_status rnn_plan_create(struct rnn_plan **plan, const struct rnn_config *config,
                                const struct rnn_corpus *corpus, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_plan *fresh = NULL;
  *plan = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "the order of an epoch", error));
  fresh->corpus = corpus;
  fresh->seed = config->seed;
  fresh->most_lanes = (size_t)config->batch;
  fresh->tau = config->bptt == RNN_FULL ? SIZE_MAX : (size_t)config->bptt;
  fresh->most_steps = corpus->task == RNN_CLASSIFY && config->max_steps > 0 ? (size_t)config->max_steps : SIZE_MAX;
  size_t most = corpus->count + fresh->most_lanes;
  RNN_TRY(rnn_memory_new(&fresh->segment, most, sizeof *fresh->segment, "the order of an epoch", error));
  RNN_TRY(rnn_memory_new(&fresh->order, most, sizeof *fresh->order, "the order of an epoch", error));
  RNN_TRY(rnn_memory_new(&fresh->scratch, most, sizeof *fresh->scratch, "the order of an epoch", error));
  RNN_TRY(
      rnn_memory_new(&fresh->turn, most / fresh->most_lanes + 1, sizeof *fresh->turn, "the order of an epoch", error));
  *plan = fresh;
  fresh = NULL;
out:
  rnn_plan_free(fresh);
  return status;
}

void rnn_plan_free(struct rnn_plan *plan)
{
  if (plan == NULL)
    return;
  rnn_memory_free(plan->segment);
  rnn_memory_free(plan->order);
  rnn_memory_free(plan->scratch);
  rnn_memory_free(plan->turn);
  rnn_memory_free(plan);
}

/* All that is read of sequence i. */
static struct rnn_segment whole(const struct rnn_plan *plan, size_t i)
{
  size_t length = plan->corpus->begin[i + 1] - plan->corpus->begin[i];
  return (struct rnn_segment){.sequence = i, .length = smaller(length, plan->most_steps)};
}

/* Sequences that have to be cut for there to be enough of them: how many and how long. */
struct cut {
  size_t sequences, steps;
};

static struct cut find_cut(const struct rnn_plan *plan)
{
  struct cut cut = {0};
  if (plan->corpus->task != RNN_COMPLETE)
    return cut;
  for (size_t i = 0; i < plan->corpus->count; i++) {
    size_t length = whole(plan, i).length;
    cut.sequences += length > plan->tau;
    cut.steps += length > plan->tau ? length : 0;
  }
  return cut.sequences < plan->most_lanes ? cut : (struct cut){0};
}

/* One piece each, and the lanes that are left shared out by length; no piece shorter than tau. */
static size_t count_pieces(const struct rnn_plan *plan, const struct cut *cut, size_t length)
{
  size_t pieces = 1 + (plan->most_lanes - cut->sequences) * length / cut->steps;
  return smaller(pieces, length / plan->tau);
}

static void add_pieces(struct rnn_plan *plan, const struct cut *cut, struct rnn_segment long_one, uint32_t epoch)
{
  size_t pieces = count_pieces(plan, cut, long_one.length), each = long_one.length / pieces;
  struct rnn_random random;
  rnn_random_init(&random, plan->seed, RNN_PURPOSE_OFFSET, epoch, long_one.sequence);
  size_t offset = (size_t)rnn_random_below(&random, plan->tau), begin = 0;
  for (size_t i = 1; i <= pieces; i++) {
    size_t end = i < pieces ? i * each + offset : long_one.length;
    plan->segment[plan->segments++] =
        (struct rnn_segment){.sequence = long_one.sequence, .begin = begin, .length = end - begin};
    begin = end;
  }
}

/* True if there was something to cut. */
static bool make_segments(struct rnn_plan *plan, uint32_t epoch)
{
  struct cut cut = find_cut(plan);
  plan->segments = 0;
  for (size_t i = 0; i < plan->corpus->count; i++) {
    struct rnn_segment segment = whole(plan, i);
    if (cut.sequences > 0 && segment.length > plan->tau)
      add_pieces(plan, &cut, segment, epoch);
    else if (segment.length > 0)
      plan->segment[plan->segments++] = segment;
  }
  return cut.sequences > 0;
}

static void merge(const struct rnn_segment *segment, const size_t *from, size_t middle, size_t count, size_t *to)
{
  size_t left = 0, right = middle;
  for (size_t i = 0; i < count; i++)
    if (right == count || (left < middle && segment[from[left]].length >= segment[from[right]].length))
      to[i] = from[left++];
    else
      to[i] = from[right++];
}

/* Longest first; equals stay as they are. Merge sort from the bottom, since qsort may allocate. */
static void sort_by_length(const struct rnn_plan *plan, size_t *item, size_t count)
{
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t begin = 0; begin < count; begin += 2 * width) {
      size_t both = smaller(2 * width, count - begin);
      merge(plan->segment, item + begin, smaller(width, both), both, plan->scratch + begin);
    }
    memcpy(item, plan->scratch, count * sizeof *item);
  }
}

void rnn_plan_epoch(struct rnn_plan *plan, uint32_t epoch)
{
  bool cut = make_segments(plan, epoch); /* then the pieces are to lie side by side */
  plan->batches = (plan->segments + plan->most_lanes - 1) / plan->most_lanes;
  for (size_t i = 0; i < plan->segments; i++)
    plan->order[i] = i;
  for (size_t i = 0; i < plan->batches; i++)
    plan->turn[i] = i;
  struct rnn_random random;
  rnn_random_init(&random, plan->seed, RNN_PURPOSE_SHUFFLE, epoch, 0);
  rnn_random_shuffle(&random, plan->order, plan->segments);
  rnn_random_shuffle(&random, plan->turn, plan->batches);
  size_t near = (cut ? plan->batches : smaller(plan->batches / 8 + 1, MOST_NEIGHBOURHOOD)) * plan->most_lanes;
  for (size_t begin = 0; begin < plan->segments; begin += near)
    sort_by_length(plan, plan->order + begin, smaller(near, plan->segments - begin));
}

const size_t *rnn_plan_batch(const struct rnn_plan *plan, size_t i, size_t *lanes)
{
  size_t begin = plan->turn[i] * plan->most_lanes;
  *lanes = smaller(plan->most_lanes, plan->segments - begin);
  return plan->order + begin;
}

/* How many windows a segment takes. */
static size_t windows_of(const struct rnn_plan *plan, size_t segment)
{
  size_t length = plan->segment[segment].length;
  return length / plan->tau + (length % plan->tau != 0);
}

size_t rnn_plan_windows(const struct rnn_plan *plan, size_t i)
{
  size_t lanes;
  return windows_of(plan, *rnn_plan_batch(plan, i, &lanes));
}

uint64_t rnn_plan_updates(const struct rnn_plan *plan)
{
  uint64_t updates = 0;
  for (size_t i = 0; i < plan->batches; i++) {
    size_t lanes;
    const size_t *segment = rnn_plan_batch(plan, i, &lanes);
    if (plan->corpus->task != RNN_CLASSIFY)
      updates += windows_of(plan, segment[0]);
    else
      for (size_t lane = 0; lane < lanes; lane++)
        updates += lane == 0 || windows_of(plan, segment[lane]) != windows_of(plan, segment[lane - 1]);
  }
  return updates;
}

size_t rnn_plan_most_steps(const struct rnn_plan *plan)
{
  size_t longest = 0;
  for (size_t i = 0; i < plan->corpus->count; i++)
    if (whole(plan, i).length > longest)
      longest = whole(plan, i).length;
  return smaller(longest, plan->tau);
}

size_t rnn_plan_most_rows(struct rnn_plan *plan, size_t lanes)
{
  size_t steps = rnn_plan_most_steps(plan), rows = 0;
  if (plan->tau != SIZE_MAX)
    return lanes * steps;
  for (size_t i = 0; i < plan->corpus->count; i++)
    plan->segment[i] = whole(plan, i);
  for (size_t i = 0; i < plan->corpus->count; i++)
    plan->order[i] = i;
  sort_by_length(plan, plan->order, plan->corpus->count);
  for (size_t filled = 0; filled < lanes && filled < plan->corpus->count; filled++)
    rows += plan->segment[plan->order[filled]].length;
  return rows;
}
