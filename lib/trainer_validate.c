/* Validation: groups of sequences of like length, shared out to workers, summed in order. */
#include "trainer_validate.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "runner.h"
#include "trainer_source.h"

enum { MOST_LANES = 32 };

struct worker {
  struct rnn_runner runner;
  enum rnn_status status;
  struct rnn_error error;
};

struct rnn_validation {
  const struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_source source;
  size_t count;
  struct rnn_sequence *sequence; /* [count] longest first */
  size_t groups;
  size_t *group; /* [groups+1] where each begins in `sequence` */
  size_t columns;
  struct rnn_loss *loss; /* [groups][columns] */
  struct worker *worker; /* [threads] */
  atomic_size_t next_group;
};

static int longer_first(const void *left, const void *right)
{
  const struct rnn_sequence *a = left, *b = right;
  if (a->length != b->length)
    return a->length > b->length ? -1 : 1;
  return (a->index > b->index) - (a->index < b->index);
}

static void sort_sequences(struct rnn_validation *validation, const struct rnn_corpus *corpus)
{
  for (size_t i = 0; i < corpus->count; i++)
    if (corpus->begin[i + 1] > corpus->begin[i])
      validation->sequence[validation->count++] = rnn_source_view(&validation->source, i, 0, SIZE_MAX);
  if (validation->count > 1)
    qsort(validation->sequence, validation->count, sizeof *validation->sequence, longer_first);
}

enum rnn_status rnn_validation_create(struct rnn_validation **validation, const struct rnn_model *model,
                                      const struct rnn_corpus *corpus, const struct rnn_network *network,
                                      struct rnn_pool *pool, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_validation *fresh = NULL;
  size_t threads = rnn_pool_threads(pool);
  *validation = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "validation", error));
  fresh->model = model;
  fresh->pool = pool;
  fresh->source = rnn_source_of(model, corpus);
  RNN_TRY(rnn_memory_new(&fresh->sequence, corpus->count, sizeof *fresh->sequence, "validation", error));
  RNN_TRY(rnn_memory_new(&fresh->group, corpus->count + 1, sizeof *fresh->group, "validation", error));
  fresh->columns = model->parameters->shape.columns;
  RNN_TRY(rnn_memory_new(&fresh->loss, corpus->count, fresh->columns * sizeof *fresh->loss, "validation", error));
  RNN_TRY(rnn_memory_new(&fresh->worker, threads, sizeof *fresh->worker, "validation", error));
  for (size_t i = 0; i < threads; i++)
    RNN_TRY(rnn_runner_init(&fresh->worker[i].runner, network, MOST_LANES, error));
  sort_sequences(fresh, corpus);
  if (fresh->count > 0 && fresh->sequence[0].length > rnn_runner_longest(network))
    RNN_TRY(rnn_error_set(error, RNN_DATA, "validation: a sequence of %zu steps, this bidirectional network takes %zu",
                          fresh->sequence[0].length, rnn_runner_longest(network)));
  for (size_t begin = 0; begin < fresh->count;) {
    fresh->group[fresh->groups++] = begin;
    begin += rnn_runner_lanes(&fresh->worker[0].runner, &fresh->sequence[begin], fresh->count - begin);
  }
  fresh->group[fresh->groups] = fresh->count;
  *validation = fresh;
  fresh = NULL;
out:
  rnn_validation_free(fresh);
  return status;
}

void rnn_validation_free(struct rnn_validation *validation)
{
  if (validation == NULL)
    return;
  for (size_t i = 0; validation->worker != NULL && i < rnn_pool_threads(validation->pool); i++)
    rnn_runner_clear(&validation->worker[i].runner);
  rnn_memory_free(validation->sequence);
  rnn_memory_free(validation->group);
  rnn_memory_free(validation->loss);
  rnn_memory_free(validation->worker);
  rnn_memory_free(validation);
}

static void run_worker(void *context, size_t part)
{
  struct rnn_validation *validation = context;
  struct worker *worker = &validation->worker[part];
  worker->status = RNN_OK;
  for (size_t i; worker->status == RNN_OK && (i = atomic_fetch_add(&validation->next_group, 1)) < validation->groups;) {
    size_t begin = validation->group[i], lanes = validation->group[i + 1] - begin;
    worker->runner.loss = validation->loss + i * validation->columns;
    memset(worker->runner.loss, 0, validation->columns * sizeof *validation->loss);
    rnn_state_start(worker->runner.state, validation->model->parameters, 0, lanes);
    worker->status = rnn_runner_run(&worker->runner, &validation->sequence[begin], lanes, NULL, &worker->error);
  }
}

enum rnn_status rnn_validation_run(struct rnn_validation *validation, struct rnn_loss *loss, struct rnn_error *error)
{
  size_t threads = rnn_pool_threads(validation->pool);
  atomic_store(&validation->next_group, 0);
  rnn_pool_run(validation->pool, threads, run_worker, validation);
  memset(loss, 0, validation->columns * sizeof *loss);
  for (size_t i = 0; i < threads; i++)
    if (validation->worker[i].status != RNN_OK) {
      if (error != NULL)
        *error = validation->worker[i].error;
      return validation->worker[i].status;
    }
  for (size_t i = 0; i < validation->groups; i++)
    for (size_t c = 0; c < validation->columns; c++) {
      const struct rnn_loss *more = &validation->loss[i * validation->columns + c];
      loss[c].nats += more->nats;
      loss[c].terms += more->terms;
      loss[c].correct += more->correct;
    }
  return RNN_OK;
}
