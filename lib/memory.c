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

/* A block is aligned inside a larger one, whose address stands before it. From calloc, which knows when memory is fresh
 * from the system and zero already: large blocks cost what is used of them. */
static void *allocate(size_t count, size_t size_bytes)
{
  enum { ALIGNMENT = RNN_MEMORY_ALIGNMENT_BYTES };
  size_t bytes;
  if (!rnn_size_multiply(count, size_bytes, &bytes) || bytes > SIZE_MAX - 3 * ALIGNMENT)
    return NULL;
  size_t whole = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  atomic_fetch_add(&allocations, 1);
  char *outer = calloc(1, whole + ALIGNMENT + sizeof outer);
  if (outer == NULL)
    return NULL;
  uintptr_t begin = (uintptr_t)outer + sizeof outer;
  char *block = outer + sizeof outer + (ALIGNMENT - begin % ALIGNMENT) % ALIGNMENT;
  memcpy(block - sizeof outer, &outer, sizeof outer);
  return block;
}

void rnn_memory_free(void *pointer)
{
  char *outer;
  if (pointer == NULL)
    return;
  memcpy(&outer, (char *)pointer - sizeof outer, sizeof outer);
  free(outer);
}

enum rnn_status rnn_memory_new(void *block, size_t count, size_t size_bytes, const char *what, struct rnn_error *error)
{
  void *fresh = count > 0 ? allocate(count, size_bytes) : NULL;
  memcpy(block, &fresh, sizeof fresh);
  if (count > 0 && fresh == NULL)
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: %s (%zu times %zu bytes)", what, count, size_bytes);
  return RNN_OK;
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
  rnn_memory_free(old);
  memcpy(block, &fresh, sizeof fresh);
  *capacity = grown;
  return RNN_OK;
}
