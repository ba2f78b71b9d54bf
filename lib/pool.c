/* A pool of sleeping threads: one mutex, two conditions; parts are coarse, so each is taken under the mutex. Who waits
 * looks on for some microseconds before it sleeps: an update is half a dozen jobs, and to be woken for each takes longer
 * than the time between them. */
#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "memory.h"
#include "vector.h"

enum { LOOKS = 1000 }; /* before sleeping, 20 to 50 microseconds */

struct rnn_pool {
  _Atomic size_t begun, done; /* jobs, so far; changed under the mutex, looked at without */
  pthread_mutex_t mutex;
  pthread_cond_t work_is_there, work_is_done;
  void (*work)(void *context, size_t part);
  void *context;
  size_t parts, taken, finished;
  bool leaving;
  size_t workers; /* without the caller */
  pthread_t *worker;
};

/* Looks, awake, whether *jobs is no longer what it was. */
static void look(_Atomic size_t *jobs, size_t was)
{
  for (int i = 0; i < LOOKS && atomic_load_explicit(jobs, memory_order_relaxed) == was; i++) {
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#endif
  }
}

/* Takes parts until none is left; the mutex is held on entry and on return. */
static void run_parts(struct rnn_pool *pool)
{
  while (pool->taken < pool->parts) {
    size_t part = pool->taken++;
    void (*work)(void *context, size_t part) = pool->work;
    void *context = pool->context;
    pthread_mutex_unlock(&pool->mutex);
    work(context, part);
    pthread_mutex_lock(&pool->mutex);
    if (++pool->finished == pool->parts) {
      pool->done++;
      pthread_cond_signal(&pool->work_is_done);
    }
  }
}

static void *worker_main(void *argument)
{
  struct rnn_pool *pool = argument;
  rnn_vector_flush_to_zero();
  pthread_mutex_lock(&pool->mutex);
  while (!pool->leaving) {
    run_parts(pool);
    size_t begun = pool->begun;
    pthread_mutex_unlock(&pool->mutex);
    look(&pool->begun, begun);
    pthread_mutex_lock(&pool->mutex);
    if (!pool->leaving && pool->begun == begun)
      pthread_cond_wait(&pool->work_is_there, &pool->mutex);
  }
  pthread_mutex_unlock(&pool->mutex);
  return NULL;
}

/* Signals stay with the thread that made the pool. */
static int start_worker(struct rnn_pool *pool)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&pool->worker[pool->workers], NULL, worker_main, pool);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failed == 0)
    pool->workers++;
  return failed;
}

enum rnn_status rnn_pool_create(struct rnn_pool **pool, size_t threads, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_pool *fresh = NULL;
  *pool = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "threads", error));
  pthread_mutex_init(&fresh->mutex, NULL);
  pthread_cond_init(&fresh->work_is_there, NULL);
  pthread_cond_init(&fresh->work_is_done, NULL);
  size_t workers = threads > 1 ? threads - 1 : 0;
  RNN_TRY(rnn_memory_new(&fresh->worker, workers, sizeof *fresh->worker, "threads", error));
  while (fresh->workers < workers) {
    int failed = start_worker(fresh);
    if (failed != 0) {
      status = rnn_error_set(error, RNN_NO_MEMORY, "cannot start thread %zu of %zu: %s", fresh->workers + 2, threads,
                             strerror(failed));
      goto out;
    }
  }
  *pool = fresh;
  fresh = NULL;
out:
  rnn_pool_free(fresh);
  return status;
}

void rnn_pool_free(struct rnn_pool *pool)
{
  if (pool == NULL)
    return;
  pthread_mutex_lock(&pool->mutex);
  pool->leaving = true;
  pool->begun++;
  pthread_cond_broadcast(&pool->work_is_there);
  pthread_mutex_unlock(&pool->mutex);
  for (size_t i = 0; i < pool->workers; i++)
    pthread_join(pool->worker[i], NULL);
  pthread_cond_destroy(&pool->work_is_done);
  pthread_cond_destroy(&pool->work_is_there);
  pthread_mutex_destroy(&pool->mutex);
  rnn_memory_free(pool->worker);
  rnn_memory_free(pool);
}

size_t rnn_pool_threads(const struct rnn_pool *pool)
{
  return pool->workers + 1;
}

void rnn_pool_run(struct rnn_pool *pool, size_t parts, void (*work)(void *context, size_t part), void *context)
{
  if (pool == NULL || pool->workers == 0 || parts < 2) {
    for (size_t part = 0; part < parts; part++)
      work(context, part);
    return;
  }
  pthread_mutex_lock(&pool->mutex);
  pool->work = work;
  pool->context = context;
  pool->parts = parts;
  pool->taken = pool->finished = 0;
  size_t done = pool->done;
  pool->begun++;
  pthread_cond_broadcast(&pool->work_is_there);
  run_parts(pool);
  if (pool->finished < pool->parts) {
    pthread_mutex_unlock(&pool->mutex);
    look(&pool->done, done);
    pthread_mutex_lock(&pool->mutex);
  }
  while (pool->finished < pool->parts)
    pthread_cond_wait(&pool->work_is_done, &pool->mutex);
  pool->parts = pool->taken = pool->finished = 0;
  pthread_mutex_unlock(&pool->mutex);
}
