/* Mapped files. */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

enum { PIECE_BYTES = 1 << 26 }; /* a file grows by so much */

/* The file that `block` lies in; of NULL, one that is free. */
static struct rnn_spool_file *find(struct rnn_spool *spool, const void *block)
{
  for (size_t i = 0; spool != NULL && i < spool->files; i++)
    if (spool->file[i].block == block)
      return &spool->file[i];
  return NULL;
}

/* Takes room on the disk: to write into a hole of a mapped file that the disk has no room for is fatal. */
static int reserve(int descriptor, size_t begin, size_t end)
{
  static const char zeros[1 << 16];
#ifdef __linux__
  if (fallocate(descriptor, 0, (off_t)begin, (off_t)(end - begin)) == 0)
    return 0;
  if (errno != EOPNOTSUPP && errno != ENOSYS && errno != ENODEV && errno != EINTR)
    return errno;
#endif
  while (begin < end) {
    size_t part = end - begin < sizeof zeros ? end - begin : sizeof zeros;
    ssize_t written = pwrite(descriptor, zeros, part, (off_t)begin);
    if (written < 0 && errno != EINTR)
      return errno;
    begin += written < 0 ? 0 : (size_t)written;
  }
  return 0;
}

/* Gives the disk back. */
static void leave(const struct rnn_spool_file *file)
{
#ifdef __linux__
  (void)!fallocate(file->descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)file->size_bytes);
#else
  (void)!ftruncate(file->descriptor, 0);
#endif
}

static void *map_more(const struct rnn_spool_file *file, size_t size_bytes)
{
#ifdef __linux__
  if (file->block != NULL)
    return mremap(file->block, file->size_bytes, size_bytes, MREMAP_MAYMOVE);
#endif
  return mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file->descriptor, 0);
}

/* Makes the file so large that it holds `bytes`, and maps it. */
static enum rnn_status enlarge(struct rnn_spool_file *file, size_t bytes, const char *what, struct rnn_error *error)
{
  size_t grown;
  if (!rnn_size_add(bytes, PIECE_BYTES - 1, &grown))
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: %s (%zu bytes)", what, bytes);
  grown = grown / PIECE_BYTES * PIECE_BYTES;
  int failed = reserve(file->descriptor, file->size_bytes, grown);
  if (failed != 0)
    return rnn_error_set(error, RNN_NO_MEMORY, "no room in the temporary directory for %s (%zu bytes): %s", what, grown,
                         strerror(failed));
  void *mapped = map_more(file, grown);
  if (mapped == MAP_FAILED)
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: %s (%zu bytes mapped): %s", what, grown,
                         strerror(errno));
#ifndef __linux__
  if (file->block != NULL)
    munmap(file->block, file->size_bytes);
#endif
  file->block = mapped;
  file->size_bytes = grown;
  return RNN_OK;
}

enum rnn_status rnn_spool_grow(struct rnn_spool *spool, void *block, size_t *capacity, size_t wanted, size_t size_bytes,
                               const char *what, struct rnn_error *error)
{
  void *old;
  size_t bytes;
  memcpy(&old, block, sizeof old);
  if (wanted <= *capacity)
    return RNN_OK;
  struct rnn_spool_file *file = old == NULL ? NULL : find(spool, old);
  bool spooled = file != NULL;
  if (!rnn_size_multiply(wanted, size_bytes, &bytes))
    bytes = SIZE_MAX;
  if (!spooled && (spool == NULL || bytes <= spool->most_bytes || (file = find(spool, NULL)) == NULL))
    return rnn_memory_grow(block, capacity, wanted, size_bytes, what, error);
  enum rnn_status status = enlarge(file, bytes, what, error);
  if (status != RNN_OK)
    return status;
  if (!spooled && old != NULL) {
    memcpy(file->block, old, *capacity * size_bytes);
    rnn_memory_free(old);
  }
  *capacity = file->size_bytes / size_bytes;
  memcpy(block, &file->block, sizeof file->block);
  return RNN_OK;
}

void rnn_spool_settle(struct rnn_spool *spool)
{
  for (size_t i = 0; i < spool->files; i++)
    if (spool->file[i].block != NULL)
      madvise(spool->file[i].block, spool->file[i].size_bytes, MADV_RANDOM);
}

void rnn_spool_free(struct rnn_spool *spool, void *block)
{
  struct rnn_spool_file *file = block == NULL ? NULL : find(spool, block);
  if (file == NULL) {
    rnn_memory_free(block);
    return;
  }
  munmap(file->block, file->size_bytes);
  leave(file); /* or the end of the program does */
  file->block = NULL;
  file->size_bytes = 0;
}
