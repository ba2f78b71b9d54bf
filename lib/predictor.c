/* Sequences of like length into batches, batches onto threads. */
#include "predictor.h"

#include <stdatomic.h>

#include "memory.h"
#include "predictor_wide.h"

enum {
  LEAST_LANES = 8,     /* a smaller batch is not worth a thread of its own */
  GROUPS_A_THREAD = 2, /* so that one that ends early takes over from the others */
};

struct worker {
  struct rnn_runner runner;
  struct rnn_predictor_wide wide;
  enum rnn_status status;
  struct rnn_error error;
};

struct rnn_predictor {
  const struct rnn_model *model;
  size_t most_lanes;
  struct rnn_pool *pool;
  struct rnn_network *network;
  struct worker *worker; /* [threads] */
  size_t threads, each;
  /* of one run */
  struct rnn_sequence *sorted; /* [count] longest first */
  size_t *origin;              /* [count] its place in the caller's array */
  size_t *group;               /* [groups+1] where each group begins in `sorted` */
  size_t capacity_sorted, capacity_origin, capacity_group, groups;
  const struct rnn_sequence *given;
  const struct rnn_answer *answer;
  atomic_size_t next_group;
};

/* The workers' wide paths. */
static enum rnn_status make_wide(struct rnn_predictor *predictor, bool running, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < predictor->threads; i++) {
    struct worker *worker = &predictor->worker[i];
    rnn_predictor_wide_clear(&worker->wide);
    RNN_TRY(rnn_predictor_wide_init(&worker->wide, predictor->model->wide, running, predictor->most_lanes, error));
  }
out:
  return status;
}

enum rnn_status rnn_predictor_create(struct rnn_predictor **predictor, const struct rnn_model *model, size_t most_lanes,
                                     struct rnn_pool *pool, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_predictor *fresh = NULL;
  *predictor = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a predictor", error));
  fresh->model = model;
  fresh->most_lanes = most_lanes;
  fresh->pool = pool;
  RNN_TRY(rnn_network_create(&fresh->network, model->parameters, false, error));
  RNN_TRY(rnn_memory_new(&fresh->worker, rnn_pool_threads(pool), sizeof *fresh->worker, "workers", error));
  for (; fresh->threads < rnn_pool_threads(pool); fresh->threads++)
    RNN_TRY(rnn_runner_init(&fresh->worker[fresh->threads].runner, fresh->network, most_lanes, error));
  RNN_TRY(make_wide(fresh, false, error));
  *predictor = fresh;
  fresh = NULL;
out:
  rnn_predictor_free(fresh);
  return status;
}

void rnn_predictor_free(struct rnn_predictor *predictor)
{
  if (predictor == NULL)
    return;
  if (predictor->worker != NULL)
    for (size_t i = 0; i < rnn_pool_threads(predictor->pool); i++) {
      rnn_runner_clear(&predictor->worker[i].runner);
      rnn_predictor_wide_clear(&predictor->worker[i].wide);
    }
  rnn_memory_free(predictor->worker);
  rnn_network_free(predictor->network);
  rnn_memory_free(predictor->sorted);
  rnn_memory_free(predictor->origin);
  rnn_memory_free(predictor->group);
  rnn_memory_free(predictor);
}

size_t rnn_predictor_longest(const struct rnn_predictor *predictor)
{
  return rnn_runner_longest(predictor->network);
}

enum rnn_status rnn_predictor_each(struct rnn_predictor *predictor, size_t steps, struct rnn_error *error)
{
  const struct rnn_shape *shape = &predictor->model->parameters->shape;
  if (steps > 0 && (shape->task != RNN_CLASSIFY || shape->directions > 1))
    return rnn_error_set(error, RNN_USAGE, "running labels need a classification model that reads in one direction");
  predictor->each = steps;
  for (size_t i = 0; i < predictor->threads; i++)
    predictor->worker[i].runner.each = steps;
  return make_wide(predictor, steps > 0, error);
}

/* Longest first; among equals as given. */
static bool stands_before(const struct rnn_sequence *given, size_t i, size_t j)
{
  return given[i].length != given[j].length ? given[i].length > given[j].length : i < j;
}

/* Lets the item at `root` of the heap sink: the one to stand last is on top. */
static void sift_down(const struct rnn_sequence *given, size_t *item, size_t root, size_t count)
{
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && stands_before(given, item[child], item[child + 1]))
      child++;
    if (!stands_before(given, item[root], item[child]))
      return;
    size_t kept = item[root];
    item[root] = item[child];
    item[child] = kept;
  }
}

/* Heap sort: in place, where qsort may allocate. */
static void sort_items(const struct rnn_sequence *given, size_t *item, size_t count)
{
  for (size_t root = count / 2; root-- > 0;)
    sift_down(given, item, root, count);
  for (size_t end = count; end > 1; end--) {
    size_t last = item[0];
    item[0] = item[end - 1];
    item[end - 1] = last;
    sift_down(given, item, 0, end - 1);
  }
}

static enum rnn_status sort_sequences(struct rnn_predictor *predictor, const struct rnn_sequence *sequence,
                                      size_t count, size_t *kept, struct rnn_error *error)
{
  enum rnn_status status;
  size_t filled = 0;
  RNN_TRY(rnn_memory_grow(&predictor->sorted, &predictor->capacity_sorted, count, sizeof *predictor->sorted,
                          "sorted sequences", error));
  RNN_TRY(rnn_memory_grow(&predictor->origin, &predictor->capacity_origin, count, sizeof *predictor->origin,
                          "sorted sequences", error));
  for (size_t i = 0; i < count; i++)
    if (sequence[i].length > 0)
      predictor->origin[filled++] = i;
  sort_items(sequence, predictor->origin, filled);
  for (size_t j = 0; j < filled; j++) {
    const struct rnn_sequence *given = &sequence[predictor->origin[j]];
    predictor->sorted[j] = predictor->each > 0 ? *given : rnn_model_reads(predictor->model, given);
  }
  *kept = filled;
out:
  return status;
}

/* How many of the next `count` sequences make a group of at least `share` steps, if there are so many. */
static size_t lanes_of_share(const struct rnn_sequence *sequence, size_t count, size_t share)
{
  size_t lanes = 0;
  for (size_t steps = 0; lanes < count && (steps < share || lanes < LEAST_LANES); lanes++)
    steps += sequence[lanes].length;
  return lanes;
}

/* Cuts the sorted sequences into groups of about as many steps, small enough that every thread gets some. */
static enum rnn_status cut_groups(struct rnn_predictor *predictor, size_t count, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_sequence *sorted = predictor->sorted;
  size_t steps = 0, share = SIZE_MAX;
  for (size_t i = 0; i < count; i++)
    steps += sorted[i].length;
  if (predictor->threads > 1)
    share = steps / (GROUPS_A_THREAD * predictor->threads) + 1;
  predictor->groups = 0;
  RNN_TRY(rnn_memory_grow(&predictor->group, &predictor->capacity_group, count + 1, sizeof *predictor->group,
                          "groups of sequences", error));
  for (size_t begin = 0; begin < count;) {
    predictor->group[predictor->groups++] = begin;
    begin += rnn_runner_lanes(&predictor->worker[0].runner, &sorted[begin],
                              lanes_of_share(&sorted[begin], count - begin, share));
  }
  predictor->group[predictor->groups] = count;
out:
  return status;
}

struct group_answer {
  const struct rnn_predictor *predictor;
  struct rnn_predictor_wide *wide;
  const size_t *origin; /* of the lanes of this group */
};

static void take_lane(void *context, size_t lane, size_t t, size_t k, const real *y)
{
  const struct group_answer *group = context;
  const struct rnn_predictor *predictor = group->predictor;
  size_t i = group->origin[lane];
  const struct rnn_sequence *sequence = &predictor->given[i];
  if (predictor->model->task == RNN_CLASSIFY && predictor->each == 0)
    t = sequence->length - 1; /* the answer is about all of it, of whatever steps it was found */
  if (!group->wide->running)
    rnn_predictor_wide_start(group->wide);
  y = rnn_predictor_wide_answer(group->wide, lane, sequence->symbol, 0, t + 1, y);
  predictor->answer->take(predictor->answer->context, i, t, k, y);
}

static void decide_lane(void *context, size_t lane, size_t t, size_t column, int32_t tag, real probability)
{
  const struct group_answer *group = context;
  const struct rnn_predictor *predictor = group->predictor;
  if (predictor->answer->decide != NULL)
    predictor->answer->decide(predictor->answer->context, group->origin[lane], t, column, tag, probability);
}

static void run_worker(void *context, size_t part)
{
  struct rnn_predictor *predictor = context;
  struct worker *worker = &predictor->worker[part];
  worker->status = RNN_OK;
  while (worker->status == RNN_OK) {
    size_t number = atomic_fetch_add(&predictor->next_group, 1);
    if (number >= predictor->groups)
      break;
    size_t begin = predictor->group[number], lanes = predictor->group[number + 1] - begin;
    struct group_answer group = {.predictor = predictor, .wide = &worker->wide, .origin = predictor->origin + begin};
    struct rnn_answer answer = {.take = take_lane, .decide = decide_lane, .context = &group};
    rnn_state_start(worker->runner.state, predictor->model->parameters, 0, lanes);
    rnn_predictor_wide_start(&worker->wide);
    worker->status = rnn_runner_run(&worker->runner, predictor->sorted + begin, lanes, &answer, &worker->error);
  }
}

enum rnn_status rnn_predictor_run(struct rnn_predictor *predictor, const struct rnn_sequence *sequence, size_t count,
                                  const struct rnn_answer *answer, struct rnn_error *error)
{
  enum rnn_status status;
  size_t kept;
  RNN_TRY(sort_sequences(predictor, sequence, count, &kept, error));
  RNN_TRY(cut_groups(predictor, kept, error));
  predictor->given = sequence;
  predictor->answer = answer;
  atomic_store(&predictor->next_group, 0);
  rnn_pool_run(predictor->pool, predictor->threads, run_worker, predictor);
  for (size_t i = 0; i < predictor->threads; i++)
    if (predictor->worker[i].status != RNN_OK) {
      if (error != NULL)
        *error = predictor->worker[i].error;
      return predictor->worker[i].status;
    }
out:
  return status;
}

struct part_answer {
  const struct rnn_answer *answer;
  struct rnn_predictor_wide *wide;
  const struct rnn_sequence *part;
  size_t before;
};

static void take_part(void *context, size_t lane, size_t t, size_t k, const real *y)
{
  const struct part_answer *part = context;
  y = rnn_predictor_wide_answer(part->wide, lane, part->part->symbol, part->before, t + 1, y);
  part->answer->take(part->answer->context, lane, t, k, y);
}

enum rnn_status rnn_predictor_run_part(struct rnn_predictor *predictor, const struct rnn_sequence *part, size_t before,
                                       const struct rnn_answer *answer, struct rnn_error *error)
{
  struct rnn_runner *runner = &predictor->worker[0].runner;
  struct rnn_predictor_wide *wide = &predictor->worker[0].wide;
  struct part_answer own = {.answer = answer, .wide = wide, .part = part, .before = before};
  struct rnn_answer receiver = {.take = take_part, .context = &own};
  if (before == 0) {
    rnn_state_start(runner->state, predictor->model->parameters, 0, 1);
    rnn_predictor_wide_start(wide);
  }
  runner->before = before;
  enum rnn_status status = rnn_runner_run(runner, part, 1, &receiver, error);
  runner->before = 0;
  return status;
}

const struct rnn_state *rnn_predictor_state(const struct rnn_predictor *predictor)
{
  return predictor->worker[0].runner.state;
}

void rnn_predictor_resume(struct rnn_predictor *predictor, const struct rnn_state *state)
{
  rnn_state_copy_lane(predictor->worker[0].runner.state, 0, state, 0);
}
