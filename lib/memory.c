/* Allocation with checked sizes. */
#include "memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_size_t allocations;

size_t rnn_memory_allocations(void)
{
  return atomic_load(&allocations);
}

void rnn_memory_free(void *pointer)
{
  free(pointer);
}

static void *allocate(size_t count, size_t size_bytes)
{
  size_t bytes;
  if (!rnn_size_multiply(count, size_bytes, &bytes) || bytes > SIZE_MAX - RNN_MEMORY_ALIGNMENT_BYTES)
    return NULL;
  size_t whole = (bytes + RNN_MEMORY_ALIGNMENT_BYTES - 1) / RNN_MEMORY_ALIGNMENT_BYTES * RNN_MEMORY_ALIGNMENT_BYTES;
  atomic_fetch_add(&allocations, 1);
  return aligned_alloc(RNN_MEMORY_ALIGNMENT_BYTES, whole);
}

enum rnn_status rnn_memory_reserve(void *block, size_t count, size_t size_bytes, const char *what,
                                   struct rnn_error *error)
{
  void *fresh = count > 0 ? allocate(count, size_bytes) : NULL;
  memcpy(block, &fresh, sizeof fresh);
  if (count > 0 && fresh == NULL)
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: %s (%zu times %zu bytes)", what, count, size_bytes);
  return RNN_OK;
}

enum rnn_status rnn_memory_new(void *block, size_t count, size_t size_bytes, const char *what, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_reserve(block, count, size_bytes, what, error);
  void *fresh;
  memcpy(&fresh, block, sizeof fresh);
  if (fresh != NULL)
    memset(fresh, 0, count * size_bytes);
  return status;
}

enum rnn_status rnn_memory_grow(void *block, size_t *capacity, size_t wanted, size_t size_bytes, const char *what,
                                struct rnn_error *error)
{
  if (wanted <= *capacity)
    return RNN_OK;
  size_t grown = *capacity < 16 ? 16 : *capacity;
  while (grown < wanted && grown <= SIZE_MAX / 2)
    grown += grown / 2;
  if (grown < wanted)
    grown = wanted;
  void *old, *fresh = allocate(grown, size_bytes);
  if (fresh == NULL)
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: %s (%zu times %zu bytes)", what, grown, size_bytes);
  memcpy(&old, block, sizeof old);
  if (*capacity > 0)
    memcpy(fresh, old, *capacity * size_bytes);
  memset((char *)fresh + *capacity * size_bytes, 0, (grown - *capacity) * size_bytes);
  free(old);
  memcpy(block, &fresh, sizeof fresh);
  *capacity = grown;
  return RNN_OK;
}
