/* Sequences through a network, window by window. */
#include "runner.h"

#include "memory.h"

enum { WINDOW_STEPS = 256 };

/* Bytes that one row takes in a tape. */
static size_t row_bytes(const struct rnn_shape *shape)
{
  const struct rnn_cell *cell = shape->cell;
  size_t gates = cell->gates * shape->d;
  size_t direction = gates * (cell->apart ? 2 : 1) + shape->d * (cell->second_state ? 4 : 2);
  size_t reals = shape->layers * shape->directions * direction + gates + (shape->frames ? shape->n : shape->e);
  if (shape->task != RNN_CLASSIFY)
    reals += shape->k * (shape->crf ? 4 : 1);
  return reals * sizeof(real);
}

static const struct rnn_shape *shape_of(const struct rnn_network *network)
{
  return &rnn_network_parameters(network)->shape;
}

size_t rnn_runner_longest(const struct rnn_network *network)
{
  const struct rnn_shape *shape = shape_of(network);
  return shape->directions == 1 && !shape->crf ? SIZE_MAX : RNN_RUNNER_MOST_BYTES / row_bytes(shape);
}

/* A fold for the batches of the tape; one that has room for them stays. */
static enum rnn_status make_fold(struct rnn_runner *runner, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t distinct = runner->tape->capacity_distinct;
  if (runner->fold == NULL || runner->fold->distinct < distinct) {
    rnn_fold_free(runner->fold);
    runner->fold = NULL;
    RNN_TRY(rnn_fold_create(&runner->fold, shape_of(runner->network), distinct, error));
  }
  runner->tape->fold = runner->fold;
out:
  return status;
}

/* Batch and tape for so many steps and rows, in place of the old ones. */
static enum rnn_status make_room(struct rnn_runner *runner, size_t steps, size_t rows, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = shape_of(runner->network);
  rnn_batch_free(runner->batch);
  rnn_tape_free(runner->tape);
  runner->batch = NULL;
  runner->tape = NULL;
  RNN_TRY(rnn_batch_create(&runner->batch, runner->most_lanes, steps, rows, shape->frames ? 0 : shape->n,
                           shape->frame.width, error));
  RNN_TRY(rnn_batch_add_columns(runner->batch, shape->column, shape->columns, error));
  RNN_TRY(rnn_tape_create(&runner->tape, shape, runner->most_lanes, steps, rows, false, error));
  if (shape->e > 0)
    RNN_TRY(make_fold(runner, error));
  runner->most_steps = steps;
  runner->most_rows = rows;
out:
  return status;
}

enum rnn_status rnn_runner_init(struct rnn_runner *runner, const struct rnn_network *network, size_t most_lanes,
                                struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = shape_of(network);
  size_t rows = RNN_RUNNER_BYTES / row_bytes(shape);
  if (rows < most_lanes)
    rows = most_lanes;
  *runner =
      (struct rnn_runner){.network = network, .whole = shape->directions > 1 || shape->crf, .most_lanes = most_lanes};
  RNN_TRY(make_room(runner, runner->whole || rows < WINDOW_STEPS ? rows : WINDOW_STEPS, rows, error));
  RNN_TRY(rnn_state_create(&runner->state, shape, most_lanes, error));
  RNN_TRY(rnn_memory_new(&runner->window, most_lanes, sizeof *runner->window, "windows", error));
out:
  return status;
}

void rnn_runner_clear(struct rnn_runner *runner)
{
  rnn_batch_free(runner->batch);
  rnn_state_free(runner->state);
  rnn_tape_free(runner->tape);
  rnn_fold_free(runner->fold);
  rnn_memory_free(runner->window);
  *runner = (struct rnn_runner){0};
}

size_t rnn_runner_lanes(const struct rnn_runner *runner, const struct rnn_sequence *sequence, size_t count)
{
  size_t lanes = 0, rows = 0;
  while (lanes < count && lanes < runner->most_lanes) {
    rows += sequence[lanes].length;
    if (runner->whole && lanes > 0 && rows > runner->most_rows)
      break;
    lanes++;
  }
  return lanes;
}

/* How many steps the next window from step `from` on has, for `lanes` lanes. */
static size_t window_steps(const struct rnn_runner *runner, size_t from, size_t lanes)
{
  if (runner->whole)
    return runner->most_steps;
  size_t steps = runner->most_rows / lanes;
  if (steps > runner->most_steps)
    steps = runner->most_steps;
  size_t to_answer = runner->each == 0 ? steps : runner->each - (runner->before + from) % runner->each;
  return steps < to_answer ? steps : to_answer;
}

static void answer_steps(const struct rnn_runner *runner, size_t from, const struct rnn_answer *answer)
{
  const struct rnn_batch *batch = runner->batch;
  const struct rnn_shape *shape = shape_of(runner->network);
  for (size_t t = 0; t < batch->steps; t++)
    for (size_t lane = 0; lane < batch->lanes_at[t]; lane++) {
      size_t row = rnn_batch_row(batch, t, lane), step = runner->before + from + t;
      const real *y = runner->tape->y + row * shape->k;
      answer->take(answer->context, lane, step, shape->k, y);
      for (size_t c = 0; c < shape->columns && shape->crf && answer->decide != NULL; c++) {
        size_t tag = shape->column[c].first + (size_t)runner->tape->crf[c]->best[row];
        answer->decide(answer->context, lane, step, c, (int32_t)tag, y[tag]);
      }
    }
}

static bool is_due(const struct rnn_runner *runner, size_t end)
{
  return runner->each > 0 && (runner->before + end) % runner->each == 0;
}

/* y of the lanes whose sequence ends in this window, or of all where a running answer is due at its end. */
static void answer_ends(const struct rnn_runner *runner, const struct rnn_sequence *sequence, size_t from,
                        const struct rnn_answer *answer)
{
  const struct rnn_batch *batch = runner->batch;
  size_t k = shape_of(runner->network)->k;
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    size_t end = from + batch->length[lane];
    if (end == sequence[lane].length || is_due(runner, end))
      answer->take(answer->context, lane, runner->before + end - 1, k, runner->tape->y + lane * k);
  }
}

/* The rows of the embedding that are read for the first time, checked if the model was not. */
static enum rnn_status find_new_symbols(struct rnn_runner *runner, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_fold *fold = runner->fold;
  if (fold == NULL)
    return RNN_OK;
  rnn_fold_find(fold, runner->batch, runner->network->packings);
  for (size_t i = 0; i < 2; i++)
    RNN_TRY(rnn_parameters_check_rows(rnn_network_parameters(runner->network), fold->part[i].symbol,
                                      fold->part[i].count, error));
out:
  if (status != RNN_OK)
    rnn_fold_forget(fold);
  return status;
}

/* One window from step `from` on of the first `lanes` sequences, which are all longer than that. */
static enum rnn_status run_window(struct rnn_runner *runner, const struct rnn_sequence *sequence, size_t lanes,
                                  size_t from, size_t steps, const struct rnn_answer *answer, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = shape_of(runner->network);
  bool ends = sequence[lanes - 1].length <= from + steps || is_due(runner, from + steps);
  bool targets = runner->loss != NULL;
  bool outputs = (answer != NULL || targets) && (shape->task != RNN_CLASSIFY || ends);
  for (size_t lane = 0; lane < lanes; lane++)
    runner->window[lane] = rnn_sequence_part(&sequence[lane], from, steps, shape->frame.width, shape->columns);
  RNN_TRY(rnn_batch_fill(runner->batch, shape->task, runner->window, lanes, targets, error));
  RNN_TRY(find_new_symbols(runner, error));
  rnn_network_forward(runner->network, runner->batch, runner->state, runner->tape, outputs, runner->loss);
  if (answer == NULL || !outputs)
    return RNN_OK;
  if (shape->task == RNN_CLASSIFY)
    answer_ends(runner, sequence, from, answer);
  else
    answer_steps(runner, from, answer);
out:
  return status;
}

/* Room for whole sequences. */
static enum rnn_status fit(struct rnn_runner *runner, const struct rnn_sequence *sequence, size_t count,
                           struct rnn_error *error)
{
  size_t rows = 0, longest = rnn_runner_longest(runner->network);
  for (size_t i = 0; i < count; i++)
    rows += sequence[i].length;
  if (sequence[0].length > longest)
    return rnn_error_set(error, RNN_DATA, "%zu steps: this model, which needs them all at once, takes at most %zu",
                         sequence[0].length, longest);
  if (rows <= runner->most_rows)
    return RNN_OK;
  size_t room = rows + rows / 4 < longest ? rows + rows / 4 : rows; /* lengths that grow little by little */
  return make_room(runner, room, room, error);
}

enum rnn_status rnn_runner_run(struct rnn_runner *runner, const struct rnn_sequence *sequence, size_t count,
                               const struct rnn_answer *answer, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (count > 0 && runner->whole)
    RNN_TRY(fit(runner, sequence, count, error));
  for (size_t from = 0, lanes = count; lanes > 0;) {
    size_t steps = window_steps(runner, from, lanes);
    RNN_TRY(run_window(runner, sequence, lanes, from, steps, answer, error));
    from += steps;
    while (lanes > 0 && sequence[lanes - 1].length <= from)
      lanes--;
  }
out:
  return status;
}
