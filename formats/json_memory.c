/* Blocks in a ring, so that those of work that is given up can be found. */
#include "json_memory.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct block {
  struct block *next, *before;
  max_align_t bytes[];
};

/* One piece of work: its blocks, and where to go when memory runs out. */
struct work {
  struct block ring;
  jmp_buf out;
};

static _Thread_local struct work *working; /* NULL: none, and a failed allocation is answered as usual */

static void unlink_block(struct block *block)
{
  block->next->before = block->before;
  block->before->next = block->next;
}

void *rnn_json_allocate(size_t size_bytes)
{
  struct block *block = size_bytes > SIZE_MAX - sizeof *block ? NULL : malloc(sizeof *block + size_bytes);
  if (block == NULL) {
    if (working != NULL)
      longjmp(working->out, 1);
    return NULL;
  }
  struct block *ring = working == NULL ? NULL : &working->ring;
  block->next = block->before = block;
  if (ring != NULL) {
    block->next = ring;
    block->before = ring->before;
    ring->before->next = block;
    ring->before = block;
  }
  return block->bytes;
}

void rnn_json_release(void *bytes)
{
  if (bytes == NULL)
    return;
  struct block *block = (struct block *)((char *)bytes - offsetof(struct block, bytes));
  unlink_block(block);
  free(block);
}

bool rnn_json_try(void (*work)(void *context), void *context)
{
  struct work own = {.ring = {&own.ring, &own.ring}};
  bool done = setjmp(own.out) == 0;
  if (done) {
    working = &own;
    work(context);
  }
  working = NULL;
  while (!done && own.ring.next != &own.ring)
    rnn_json_release(own.ring.next->bytes);
  unlink_block(&own.ring); /* what was made stays */
  return done;
}
