/* Memory whose size was multiplied with care. All sizes are counts of elements; a product that overflows is
 * RNN_NO_MEMORY, never a small block. Everything is released with rnn_memory_free. */
#ifndef RNN_MEMORY_H
#define RNN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

enum { RNN_MEMORY_ALIGNMENT_BYTES = 64 };

/* Zeroed, 64-byte aligned; *block is NULL on failure and for count = 0. `what` names the block in the message. Memory
 * of a large block that is never written costs nothing. */
enum rnn_status rnn_memory_new(void *block, size_t count, size_t size_bytes, const char *what,
                               struct rnn_error *error) RNN_MUST_CHECK;

/* Grows *block (a pointer to a pointer) geometrically so that it holds at least `wanted` elements; *capacity is
 * updated; old elements are kept, new ones are zero. On failure the block stays as it was. */
enum rnn_status rnn_memory_grow(void *block, size_t *capacity, size_t wanted, size_t size_bytes, const char *what,
                                struct rnn_error *error) RNN_MUST_CHECK;

void rnn_memory_free(void *pointer); /* NULL is allowed */

/* *product = a * b, *sum = a + b; false on overflow. */
static inline bool rnn_size_multiply(size_t a, size_t b, size_t *product)
{
  return !__builtin_mul_overflow(a, b, product);
}
static inline bool rnn_size_add(size_t a, size_t b, size_t *sum)
{
  return !__builtin_add_overflow(a, b, sum);
}

/* How many allocations were made since the program began: a test proves that the steady loop makes none. */
size_t rnn_memory_allocations(void);

#endif
