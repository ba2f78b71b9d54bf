/* A few worker threads that sleep until there is work: the parts of a job are independent, so who does which does not
 * matter to the result. Each worker has flush-to-zero set. */
#ifndef RNN_POOL_H
#define RNN_POOL_H

#include <stddef.h>

#include "error.h"

struct rnn_pool;

/* `threads` counts the caller: 1 makes no thread at all. Released with rnn_pool_free. */
enum rnn_status rnn_pool_create(struct rnn_pool **pool, size_t threads, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_pool_free(struct rnn_pool *pool); /* NULL is allowed */
size_t rnn_pool_threads(const struct rnn_pool *pool);

/* Calls work(context, part) for part = 0 ... parts-1, each once, on the caller and the workers; returns when all are
 * done. Without a pool (NULL) the caller does it all. */
void rnn_pool_run(struct rnn_pool *pool, size_t parts, void (*work)(void *context, size_t part), void *context);

#endif
