/* The course of a training: updates, epochs, validation, and the way back from a loss that is not finite. */
#include "trainer.h"

#include <math.h>
#include <stdio.h>

#include "memory.h"
#include "network.h"
#include "optimizer.h"
#include "schedule.h"
#include "trainer_course.h"
#include "trainer_plan.h"
#include "trainer_shard.h"
#include "trainer_source.h"
#include "trainer_validate.h"
#include "vector.h"

enum { MOST_RETRIES = 3, SNAPSHOT_UPDATES = 1000 };

static const double most_nats = 1e4; /* a target: a loss above counts as not finite, nothing leads back from there */

/* A good state to go back to: the end of the best epoch, or where there is none the last snapshot. The optimizer begins
 * anew there, for its moments led to what was not finite; so there is one copy of the parameters, and none of them. */
struct snapshot {
  struct rnn_course course;
  real *parameters;
  struct rnn_state *state[RNN_MOST_SHARDS];
};

struct rnn_trainer {
  struct rnn_model *model;
  const struct rnn_config *config;
  struct rnn_pool *pool;
  struct rnn_source source;
  struct rnn_objective objective;
  struct rnn_plan *plan;
  struct rnn_network *network;
  struct rnn_optimizer *optimizer;
  struct rnn_validation *validation; /* NULL: none */
  size_t shards;                     /* of a full batch */
  struct rnn_shard shard[RNN_MOST_SHARDS];
  struct rnn_gradient *sum;
  uint64_t total_updates;
  struct rnn_course course;
  struct snapshot good;
  uint64_t has_best;            /* 1: `good` is the end of course.best_epoch, by validation */
  struct rnn_parts now, before; /* of the present state, and of `good`: the same parts, but for all parameters */
  double rate_factor;           /* 1, 1/2, 1/4 after the retries */
  uint64_t retries;
  bool done; /* the parameters to keep are in the model */
};

/* --- making --- */

static enum rnn_status make_shards(struct rnn_trainer *trainer, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_parameters *parameters = trainer->model->parameters;
  size_t rows = 0, n = parameters->layout.sparse_rows;
  trainer->shards = rnn_shard_count(trainer->plan->most_lanes);
  for (size_t i = 0; i < trainer->shards; i++) {
    RNN_TRY(rnn_shard_init(&trainer->shard[i], &trainer->source, trainer->config, trainer->plan, error));
    trainer->shard[i].tape->objective = &trainer->objective;
    RNN_TRY(rnn_state_create(&trainer->good.state[i], &parameters->shape, trainer->shard[i].state->lanes, error));
    rows += trainer->shard[i].gradient->capacity_rows;
  }
  RNN_TRY(rnn_gradient_create(&trainer->sum, &parameters->layout, parameters->shape.e, rows < n ? rows : n, error));
out:
  return status;
}

static enum rnn_status make_parts(struct rnn_trainer *trainer, const struct rnn_corpus *train,
                                  const struct rnn_corpus *valid, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_parameters *parameters = trainer->model->parameters;
  trainer->source = rnn_source_of(trainer->model, train);
  RNN_TRY(rnn_objective_init(&trainer->objective, trainer->config, train, parameters->shape.column,
                             parameters->shape.columns, error));
  RNN_TRY(rnn_plan_create(&trainer->plan, trainer->config, train, error));
  RNN_TRY(make_shards(trainer, error));
  RNN_TRY(rnn_network_create(&trainer->network, parameters, true, error));
  trainer->network->pool = trainer->pool;
  RNN_TRY(rnn_optimizer_create(&trainer->optimizer, trainer->config, parameters, trainer->pool, error));
  RNN_TRY(rnn_memory_new(&trainer->good.parameters, parameters->layout.count, sizeof(real), "good parameters", error));
  if (valid != NULL)
    RNN_TRY(rnn_validation_create(&trainer->validation, trainer->model, valid, trainer->network, trainer->pool, error));
out:
  return status;
}

/* The two lists of what goes to the snapshot and back. */
static enum rnn_status list_parts(struct rnn_trainer *trainer, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct snapshot *good = &trainer->good;
  char prefix[32];
  RNN_TRY(rnn_course_parts(&trainer->course, "now", &trainer->now, error));
  RNN_TRY(rnn_course_parts(&good->course, "good", &trainer->before, error));
  for (size_t i = 0; i < trainer->shards; i++) {
    snprintf(prefix, sizeof prefix, "now.state%zu", i);
    RNN_TRY(rnn_state_parts(trainer->shard[i].state, prefix, &trainer->now, error));
    snprintf(prefix, sizeof prefix, "good.state%zu", i);
    RNN_TRY(rnn_state_parts(good->state[i], prefix, &trainer->before, error));
  }
out:
  return status;
}

static bool has_targets(const struct rnn_corpus *corpus)
{
  size_t count;
  const int32_t *target = rnn_corpus_targets(corpus, &count);
  if (corpus->task == RNN_COMPLETE)
    return rnn_corpus_steps(corpus) > 0;
  for (size_t i = 0; i < count; i++)
    if (target[i] != RNN_ABSENT)
      return true;
  return false;
}

enum rnn_status rnn_trainer_create(struct rnn_trainer **trainer, struct rnn_model *model,
                                   const struct rnn_corpus *train, const struct rnn_corpus *valid,
                                   struct rnn_pool *pool, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_trainer *fresh = NULL;
  *trainer = NULL;
  if (!has_targets(train))
    return rnn_error_set(error, RNN_DATA, "nothing to learn: no step or sequence has a label that the model knows");
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a training", error));
  fresh->model = model;
  fresh->config = &model->config;
  fresh->pool = pool;
  fresh->rate_factor = 1;
  fresh->course = (struct rnn_course){.plateau = 1};
  RNN_TRY(make_parts(fresh, train, valid, error));
  RNN_TRY(list_parts(fresh, error));
  rnn_plan_epoch(fresh->plan, 0);
  fresh->total_updates = rnn_plan_updates(fresh->plan) * (uint64_t)fresh->config->epochs;
  *trainer = fresh;
  fresh = NULL;
out:
  rnn_trainer_free(fresh);
  return status;
}

void rnn_trainer_free(struct rnn_trainer *trainer)
{
  if (trainer == NULL)
    return;
  for (size_t i = 0; i < RNN_MOST_SHARDS; i++) {
    rnn_shard_clear(&trainer->shard[i]);
    rnn_state_free(trainer->good.state[i]);
  }
  rnn_memory_free(trainer->good.parameters);
  rnn_validation_free(trainer->validation);
  rnn_optimizer_free(trainer->optimizer);
  rnn_network_free(trainer->network);
  rnn_gradient_free(trainer->sum);
  rnn_plan_free(trainer->plan);
  rnn_objective_clear(&trainer->objective);
  rnn_memory_free(trainer);
}

/* --- the way back --- */

static void keep_parameters(struct rnn_trainer *trainer)
{
  const struct rnn_parameters *parameters = trainer->model->parameters;
  rnn_vector_copy(parameters->layout.count, parameters->value, trainer->good.parameters);
}

static void take_snapshot(struct rnn_trainer *trainer)
{
  rnn_optimizer_prepare_all(trainer->optimizer);
  keep_parameters(trainer);
  rnn_parts_copy(&trainer->now, &trainer->before);
}

static void take_lanes(struct rnn_trainer *trainer)
{
  size_t lanes;
  rnn_plan_batch(trainer->plan, (size_t)trainer->course.turn, &lanes);
  for (size_t i = 0; i < trainer->shards; i++)
    rnn_shard_take(&trainer->shard[i], trainer->plan, (size_t)trainer->course.turn, i, rnn_shard_count(lanes));
}

/* What follows from the parts, after they were overwritten. */
static void take_up(struct rnn_trainer *trainer)
{
  rnn_optimizer_resume(trainer->optimizer);
  rnn_network_pack(trainer->network);
  if (trainer->course.ended)
    return;
  rnn_plan_epoch(trainer->plan, (uint32_t)trainer->course.epoch);
  if (trainer->course.turn < trainer->plan->batches)
    take_lanes(trainer);
}

static void go_back(struct rnn_trainer *trainer)
{
  struct rnn_parameters *parameters = trainer->model->parameters;
  rnn_parts_copy(&trainer->before, &trainer->now);
  rnn_vector_copy(parameters->layout.count, trainer->good.parameters, parameters->value);
  rnn_optimizer_restart(trainer->optimizer);
  trainer->model->epochs = (size_t)trainer->course.epoch;
  take_up(trainer);
}

/* The parameters to keep, into the model. */
static void settle(struct rnn_trainer *trainer)
{
  struct rnn_parameters *parameters = trainer->model->parameters;
  rnn_optimizer_prepare_all(trainer->optimizer);
  if (trainer->has_best)
    rnn_vector_copy(parameters->layout.count, trainer->good.parameters, parameters->value);
  else
    rnn_optimizer_swap_average(trainer->optimizer);
  trainer->model->best_epoch = (uint32_t)(trainer->has_best ? trainer->course.best_epoch : trainer->model->epochs);
  trainer->done = true;
}

static enum rnn_status handle_divergence(struct rnn_trainer *trainer, struct rnn_report *report,
                                         struct rnn_error *error)
{
  uint32_t epoch = (uint32_t)trainer->course.epoch + 1;
  uint64_t update = trainer->course.updates + 1;
  double learning_rate = trainer->course.learning_rate;
  go_back(trainer);
  trainer->retries++;
  trainer->rate_factor /= 2;
  report->event = RNN_EVENT_BACK;
  report->retries = (unsigned)trainer->retries;
  if (trainer->retries < MOST_RETRIES)
    return RNN_OK;
  settle(trainer);
  return rnn_error_set(
      error, RNN_DIVERGED,
      "training diverged: at learning rate %g the loss was not finite (epoch %u, update %llu), for the "
      "third time",
      learning_rate, epoch, (unsigned long long)update);
}

/* --- an update --- */

struct job {
  struct rnn_trainer *trainer;
  size_t begin, steps; /* the window */
};

static void fill_shard(void *context, size_t i)
{
  const struct job *job = context;
  const struct rnn_course *course = &job->trainer->course;
  rnn_shard_fill(&job->trainer->shard[i], (uint32_t)course->epoch, course->updates, job->begin, job->steps);
}

static void run_shard(void *context, size_t i)
{
  const struct job *job = context;
  rnn_shard_run(&job->trainer->shard[i], job->trainer->network, job->begin > 0);
}

/* Forward and backward through the present window, on all shards; *loss is their sum. */
static enum rnn_status run_window(struct rnn_trainer *trainer, struct rnn_loss *loss, struct rnn_error *error)
{
  struct job job = {.trainer = trainer,
                    .begin = trainer->course.window == 0 ? 0 : (size_t)trainer->course.window * trainer->plan->tau,
                    .steps = trainer->plan->tau};
  *loss = (struct rnn_loss){0};
  if (trainer->course.window == 0)
    take_lanes(trainer);
  rnn_pool_run(trainer->pool, trainer->shards, fill_shard, &job);
  for (size_t i = 0; i < trainer->shards; i++) {
    const struct rnn_shard *shard = &trainer->shard[i];
    if (shard->status != RNN_OK) {
      if (error != NULL)
        *error = shard->error;
      return shard->status;
    }
    if (shard->ready)
      rnn_optimizer_prepare(trainer->optimizer, shard->gradient->row, shard->gradient->rows);
  }
  rnn_pool_run(trainer->pool, trainer->shards, run_shard, &job);
  for (size_t i = 0; i < trainer->shards; i++) {
    const struct rnn_shard *shard = &trainer->shard[i];
    loss->nats += shard->loss.nats;
    loss->terms += shard->loss.terms;
    loss->correct += shard->loss.correct;
    trainer->course.steps += shard->ready ? shard->batch->rows : 0;
  }
  return RNN_OK;
}

static void advance(struct rnn_trainer *trainer)
{
  struct rnn_course *course = &trainer->course;
  course->window++;
  if (course->window == rnn_plan_windows(trainer->plan, (size_t)course->turn)) {
    course->window = 0;
    course->turn++;
  }
}

/* Steps along the gradient of the window; false if that or the loss was not finite. */
static bool make_update(struct rnn_trainer *trainer, const struct rnn_loss *loss)
{
  struct rnn_course *course = &trainer->course;
  course->learning_rate =
      trainer->rate_factor * rnn_schedule_rate(trainer->config, course->updates, trainer->total_updates,
                                               (uint32_t)course->epoch, course->plateau);
  if (!(loss->nats / (double)loss->terms <= most_nats))
    return false;
  struct rnn_gradient *gradient = rnn_shard_reduce(trainer->shard, trainer->shards, trainer->sum, trainer->pool);
  struct rnn_update update =
      rnn_optimizer_step(trainer->optimizer, gradient, (double)loss->terms, course->learning_rate);
  if (!isfinite(update.gradient_norm))
    return false;
  if (rnn_shard_samples(trainer->config, &trainer->model->parameters->shape))
    rnn_network_pack_layers(trainer->network);
  else
    rnn_network_pack(trainer->network);
  course->nats += loss->nats;
  course->terms += loss->terms;
  course->updates++;
  course->epoch_updates++;
  course->norm_sum += update.gradient_norm;
  course->clipped += update.clipped;
  return true;
}

/* --- an epoch --- */

static double mean(double sum, uint64_t count)
{
  return count == 0 ? NAN : sum / (double)count;
}

static enum rnn_status validate(struct rnn_trainer *trainer, struct rnn_epoch *epoch, struct rnn_error *error)
{
  struct rnn_loss loss[RNN_MOST_COLUMNS];
  epoch->valid_nats = epoch->valid_accuracy = NAN;
  if (trainer->validation == NULL)
    return RNN_OK;
  rnn_optimizer_prepare_all(trainer->optimizer);
  rnn_optimizer_swap_average(trainer->optimizer);
  rnn_network_pack(trainer->network);
  enum rnn_status status = rnn_validation_run(trainer->validation, loss, error);
  if (status == RNN_OK) {
    epoch->valid_nats = mean(loss->nats, loss->terms);
    epoch->valid_accuracy = mean((double)loss->correct, loss->terms);
  }
  return status;
}

/* What the loss of the epoch means for the best parameters, the rate and the end. The averaged parameters, which were
 * validated, are still in place of the present ones. */
static void judge(struct rnn_trainer *trainer, const struct rnn_epoch *epoch, bool *best)
{
  struct rnn_course *course = &trainer->course;
  const struct rnn_model *model = trainer->model;
  const struct rnn_epoch *before = course->best_epoch == 0 ? NULL : &model->history[course->best_epoch - 1];
  *best = rnn_epoch_is_better(model->task, epoch, before);
  if (*best) {
    course->best_epoch = epoch->epoch;
    course->since_best = 0;
    if (trainer->validation != NULL) {
      keep_parameters(trainer);
      trainer->has_best = 1;
    }
    return;
  }
  course->since_best++;
  course->plateau *= trainer->config->decay;
  if (trainer->validation != NULL && trainer->config->patience > 0 &&
      course->since_best >= (uint64_t)trainer->config->patience)
    course->ended = true;
}

static enum rnn_status end_epoch(struct rnn_trainer *trainer, struct rnn_report *report, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_course *course = &trainer->course;
  struct rnn_epoch epoch = {.epoch = (uint32_t)course->epoch + 1,
                            .updates = course->updates,
                            .train_nats = mean(course->nats, course->terms),
                            .learning_rate = course->learning_rate,
                            .gradient_norm = mean(course->norm_sum, course->epoch_updates),
                            .clipped = mean((double)course->clipped, course->epoch_updates)};
  RNN_TRY(validate(trainer, &epoch, error));
  judge(trainer, &epoch, &report->best);
  if (trainer->validation != NULL) {
    rnn_optimizer_swap_average(trainer->optimizer);
    rnn_network_pack(trainer->network);
  }
  RNN_TRY(rnn_model_add_epoch(trainer->model, &epoch, error));
  report->event = RNN_EVENT_EPOCH;
  report->epoch_end = epoch;
  course->epoch++;
  course->turn = course->window = 0;
  course->epoch_updates = course->clipped = course->terms = 0;
  course->nats = course->norm_sum = 0;
  course->ended = course->ended || course->epoch >= (uint64_t)trainer->config->epochs;
  report->last = course->ended;
  if (report->best && trainer->has_best)
    rnn_parts_copy(&trainer->now, &trainer->before);
  if (!course->ended)
    rnn_plan_epoch(trainer->plan, (uint32_t)course->epoch);
out:
  return status;
}

static void fill_report(const struct rnn_trainer *trainer, struct rnn_report *report)
{
  const struct rnn_course *course = &trainer->course;
  double batches = (double)trainer->plan->batches;
  *report = (struct rnn_report){.epoch = (uint32_t)course->epoch + 1,
                                .update = course->updates,
                                .updates = trainer->total_updates,
                                .share = (double)course->turn / batches,
                                .nats = mean(course->nats, course->terms),
                                .learning_rate = course->learning_rate,
                                .steps = course->steps,
                                .retries = (unsigned)trainer->retries};
  if (course->window > 0)
    report->share += (double)course->window / (double)rnn_plan_windows(trainer->plan, (size_t)course->turn) / batches;
}

enum rnn_status rnn_trainer_step(struct rnn_trainer *trainer, struct rnn_report *report, struct rnn_error *error)
{
  struct rnn_course *course = &trainer->course;
  rnn_vector_flush_to_zero();
  if (course->ended)
    rnn_trainer_finish(trainer);
  if (!trainer->done && !trainer->has_best && course->epoch_updates % SNAPSHOT_UPDATES == 0)
    take_snapshot(trainer);
  while (!trainer->done && course->turn < trainer->plan->batches) {
    struct rnn_loss loss;
    enum rnn_status status = run_window(trainer, &loss, error);
    if (status != RNN_OK)
      return status;
    bool finite = loss.terms == 0 || make_update(trainer, &loss);
    if (finite)
      advance(trainer);
    fill_report(trainer, report);
    if (!finite)
      return handle_divergence(trainer, report, error);
    if (loss.terms > 0) {
      report->event = RNN_EVENT_UPDATE;
      return RNN_OK;
    }
  }
  fill_report(trainer, report);
  if (!trainer->done)
    return end_epoch(trainer, report, error);
  report->event = RNN_EVENT_DONE;
  return RNN_OK;
}

void rnn_trainer_finish(struct rnn_trainer *trainer)
{
  if (!trainer->done)
    settle(trainer);
}

/* --- parts --- */

enum rnn_status rnn_trainer_parts(struct rnn_trainer *trainer, struct rnn_parts *parts, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t count = trainer->model->parameters->layout.count;
  rnn_optimizer_prepare_all(trainer->optimizer);
  *parts = trainer->now;
  RNN_TRY(rnn_optimizer_parts(trainer->optimizer, "now", parts, error));
  for (size_t i = 0; i < trainer->before.count; i++) {
    if (parts->count == RNN_MOST_PARTS)
      return rnn_error_set(error, RNN_BUG, "a training has too many parts");
    parts->part[parts->count++] = trainer->before.part[i];
  }
  RNN_TRY(rnn_parts_add(parts, "good", "parameters", RNN_PART_REAL, count, trainer->good.parameters, error));
  RNN_TRY(rnn_parts_add_count(parts, "best", "there", &trainer->has_best, error));
  RNN_TRY(rnn_parts_add_count(parts, "divergence", "retries", &trainer->retries, error));
  RNN_TRY(rnn_parts_add_double(parts, "divergence", "rate_factor", &trainer->rate_factor, error));
out:
  return status;
}

enum rnn_status rnn_trainer_resume(struct rnn_trainer *trainer, struct rnn_error *error)
{
  const struct rnn_course *course = &trainer->course;
  uint64_t epochs = (uint64_t)trainer->config->epochs;
  if (!rnn_course_fits(&trainer->good.course, trainer->plan, epochs) ||
      !rnn_course_fits(course, trainer->plan, epochs) || course->epoch != trainer->model->epochs ||
      trainer->has_best > (trainer->validation != NULL) || trainer->good.course.epoch > course->epoch ||
      trainer->retries >= MOST_RETRIES)
    return rnn_error_set(error, RNN_DATA, "no training can stand where it says");
  take_up(trainer);
  return RNN_OK;
}
