/* Prefixes into groups, groups onto threads; in a group the living hypotheses of all prefixes are lanes of one batch.
 */
#include "completion.h"

#include <stdatomic.h>

#include "memory.h"
#include "runner.h"

enum { LANES = 64 }; /* living hypotheses side by side */

struct worker {
  const struct rnn_completer *completer;
  struct rnn_runner runner;
  struct rnn_state *spare;   /* where lanes are put in a new order */
  struct rnn_sequence *step; /* [most_lanes] what each lane reads next */
  int32_t *symbol;           /* [most_lanes] one symbol each */
  size_t *from;              /* [most_lanes] the lane of its parent */
  size_t *order;             /* [together] prefixes of the group, longest first */
  struct rnn_beam **beam_of; /* [most_lanes] */
  enum rnn_status status;
  struct rnn_error error;
};

struct rnn_completer {
  const struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_completion_settings settings;
  struct rnn_network *network;
  size_t width, together; /* prefixes in a group */
  struct worker *worker;  /* [threads] */
  /* of one run */
  const struct rnn_sequence *prefix;
  size_t count;
  struct rnn_beam *beam; /* one per prefix */
  size_t beams, capacity_beams;
  atomic_size_t next_prefix;
};

static enum rnn_status check_settings(const struct rnn_completion_settings *settings, struct rnn_error *error)
{
  size_t width = settings->top > settings->beam ? settings->top : settings->beam, nodes;
  if (settings->top == 0 || settings->most_steps == 0 || !(settings->temperature > 0.0))
    return rnn_error_set(error, RNN_USAGE, "completions need a number, a length and a temperature above 0");
  if (!rnn_size_multiply(width, settings->most_steps, &nodes) || nodes >= UINT32_MAX)
    return rnn_error_set(error, RNN_USAGE, "%zu hypotheses of %zu symbols are too many", width, settings->most_steps);
  return RNN_OK;
}

static enum rnn_status init_worker(struct worker *worker, const struct rnn_completer *completer,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  size_t lanes = completer->together * completer->width;
  worker->completer = completer;
  RNN_TRY(rnn_runner_init(&worker->runner, completer->network, lanes, error));
  RNN_TRY(rnn_state_create(&worker->spare, &completer->model->parameters->shape, lanes, error));
  RNN_TRY(rnn_memory_new(&worker->step, lanes, sizeof *worker->step, "lanes", error));
  RNN_TRY(rnn_memory_new(&worker->symbol, lanes, sizeof *worker->symbol, "lanes", error));
  RNN_TRY(rnn_memory_new(&worker->from, lanes, sizeof *worker->from, "lanes", error));
  RNN_TRY(rnn_memory_new(&worker->beam_of, lanes, sizeof *worker->beam_of, "lanes", error));
  RNN_TRY(rnn_memory_new(&worker->order, completer->together, sizeof *worker->order, "prefixes", error));
out:
  return status;
}

static void clear_worker(struct worker *worker)
{
  rnn_runner_clear(&worker->runner);
  rnn_state_free(worker->spare);
  rnn_memory_free(worker->step);
  rnn_memory_free(worker->symbol);
  rnn_memory_free(worker->from);
  rnn_memory_free(worker->beam_of);
  rnn_memory_free(worker->order);
}

enum rnn_status rnn_completer_create(struct rnn_completer **completer, const struct rnn_model *model,
                                     const struct rnn_completion_settings *settings, struct rnn_pool *pool,
                                     struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_completer *fresh = NULL;
  *completer = NULL;
  RNN_TRY(check_settings(settings, error));
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a completer", error));
  fresh->model = model;
  fresh->pool = pool;
  fresh->settings = *settings;
  fresh->width = settings->sample || settings->beam < settings->top ? settings->top : settings->beam;
  fresh->together = fresh->width < LANES ? LANES / fresh->width : 1;
  RNN_TRY(rnn_network_create(&fresh->network, model->parameters, false, error));
  RNN_TRY(rnn_memory_new(&fresh->worker, rnn_pool_threads(pool), sizeof *fresh->worker, "workers", error));
  for (size_t i = 0; i < rnn_pool_threads(pool); i++)
    RNN_TRY(init_worker(&fresh->worker[i], fresh, error));
  *completer = fresh;
  fresh = NULL;
out:
  rnn_completer_free(fresh);
  return status;
}

void rnn_completer_free(struct rnn_completer *completer)
{
  if (completer == NULL)
    return;
  for (size_t i = 0; completer->worker != NULL && i < rnn_pool_threads(completer->pool); i++)
    clear_worker(&completer->worker[i]);
  for (size_t i = 0; i < completer->beams; i++)
    rnn_beam_clear(&completer->beam[i]);
  rnn_memory_free(completer->worker);
  rnn_memory_free(completer->beam);
  rnn_network_free(completer->network);
  rnn_memory_free(completer);
}

static void take_lane(void *context, size_t lane, size_t t, size_t k, const real *y)
{
  (void)t;
  struct worker *worker = context;
  rnn_beam_take(worker->beam_of[lane], lane, k, y);
}

/* The state of every lane before the last symbol of its prefix; worker->step then holds the last symbols. */
static enum rnn_status read_prefixes(struct worker *worker, size_t first, size_t count, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_completer *completer = worker->completer;
  size_t longer = 0;
  for (size_t i = 0; i < count; i++) { /* by insertion: a group is small */
    size_t place = i;
    for (; place > 0 && completer->prefix[worker->order[place - 1]].length < completer->prefix[first + i].length;
         place--)
      worker->order[place] = worker->order[place - 1];
    worker->order[place] = first + i;
  }
  rnn_state_start(worker->runner.state, completer->model->parameters, 0, count);
  for (size_t lane = 0; lane < count; lane++) {
    struct rnn_sequence *step = &worker->step[lane];
    *step = completer->prefix[worker->order[lane]];
    step->length--;
    longer += step->length > 0;
  }
  RNN_TRY(rnn_runner_run(&worker->runner, worker->step, longer, NULL, error));
  for (size_t lane = 0; lane < count; lane++) {
    struct rnn_sequence *step = &worker->step[lane];
    step->symbol += step->length;
    step->length = 1;
    worker->beam_of[lane] = &completer->beam[worker->order[lane]];
    rnn_beam_start(worker->beam_of[lane], step->index, lane);
  }
out:
  return status;
}

/* Gives every living hypothesis of the group a lane with its parent's state and its last symbol to read; answers how
 * many there are. */
static size_t place_lanes(struct worker *worker, size_t first, size_t count)
{
  size_t lanes = 0;
  bool moved = false;
  for (size_t i = first; i < first + count; i++) {
    struct rnn_beam *beam = &worker->completer->beam[i];
    for (size_t h = 0; h < beam->lives; h++, lanes++) {
      moved = moved || beam->living[h].lane != lanes;
      worker->from[lanes] = beam->living[h].lane;
      worker->beam_of[lanes] = beam;
      worker->symbol[lanes] = rnn_beam_last(beam, h);
      worker->step[lanes] = (struct rnn_sequence){.length = 1, .symbol = &worker->symbol[lanes], .label = RNN_ABSENT};
      beam->living[h].lane = lanes;
    }
  }
  if (!moved)
    return lanes;
  for (size_t lane = 0; lane < lanes; lane++)
    rnn_state_copy_lane(worker->spare, lane, worker->runner.state, worker->from[lane]);
  struct rnn_state *old = worker->runner.state;
  worker->runner.state = worker->spare;
  worker->spare = old;
  return lanes;
}

static enum rnn_status complete_group(struct worker *worker, size_t first, size_t count, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_completer *completer = worker->completer;
  struct rnn_answer answer = {.take = take_lane, .context = worker};
  RNN_TRY(read_prefixes(worker, first, count, error));
  size_t lanes = count;
  for (size_t step = 0; step < completer->settings.most_steps && lanes > 0; step++) {
    RNN_TRY(rnn_runner_run(&worker->runner, worker->step, lanes, &answer, error));
    for (size_t i = first; i < first + count; i++)
      RNN_TRY(rnn_beam_advance(&completer->beam[i], error));
    lanes = place_lanes(worker, first, count);
  }
  for (size_t i = first; i < first + count; i++)
    RNN_TRY(rnn_beam_finish(&completer->beam[i], error));
out:
  return status;
}

static void run_worker(void *context, size_t part)
{
  struct rnn_completer *completer = context;
  struct worker *worker = &completer->worker[part];
  worker->status = RNN_OK;
  while (worker->status == RNN_OK) {
    size_t first = atomic_fetch_add(&completer->next_prefix, completer->together);
    if (first >= completer->count)
      break;
    size_t left = completer->count - first;
    worker->status =
        complete_group(worker, first, left < completer->together ? left : completer->together, &worker->error);
  }
}

static enum rnn_status make_beams(struct rnn_completer *completer, size_t count, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(
      rnn_memory_grow(&completer->beam, &completer->capacity_beams, count, sizeof *completer->beam, "beams", error));
  while (completer->beams < count)
    RNN_TRY(rnn_beam_init(&completer->beam[completer->beams++], &completer->settings, rnn_model_stop(completer->model),
                          rnn_model_unknown(completer->model), error));
out:
  return status;
}

enum rnn_status rnn_completer_run(struct rnn_completer *completer, const struct rnn_sequence *prefix, size_t count,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(make_beams(completer, count, error));
  completer->prefix = prefix;
  completer->count = count;
  atomic_store(&completer->next_prefix, 0);
  rnn_pool_run(completer->pool, rnn_pool_threads(completer->pool), run_worker, completer);
  for (size_t i = 0; i < rnn_pool_threads(completer->pool); i++)
    if (completer->worker[i].status != RNN_OK) {
      if (error != NULL)
        *error = completer->worker[i].error;
      return completer->worker[i].status;
    }
out:
  return status;
}

const struct rnn_completion *rnn_completer_result(const struct rnn_completer *completer, size_t i, size_t *count)
{
  *count = completer->beam[i].dones;
  return completer->beam[i].completion;
}
