/* Temporary files. */
#include "train_spool.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/magic.h>
#include <sys/vfs.h>
#endif

#include "number.h"

enum { MEBIBYTE = 1 << 20, MOST_MEBIBYTES = 256 };

static bool is_memory(int descriptor)
{
#ifdef __linux__
  struct statfs facts;
  return fstatfs(descriptor, &facts) == 0 && (facts.f_type == TMPFS_MAGIC || facts.f_type == RAMFS_MAGIC);
#else
  (void)descriptor;
  return false;
#endif
}

static int open_unnamed(const char *directory)
{
  char path[PATH_MAX];
#ifdef O_TMPFILE
  int unnamed = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
  if (unnamed >= 0)
    return unnamed;
#endif
  int length = snprintf(path, sizeof path, "%s/rnn-train-XXXXXX", directory);
  if (length < 0 || (size_t)length >= sizeof path)
    return -1;
  int descriptor = mkostemp(path, O_CLOEXEC);
  if (descriptor >= 0)
    unlink(path);
  return descriptor;
}

void rnn_train_open_spool(struct rnn_spool *spool)
{
  const char *directory = getenv("TMPDIR"), *most = getenv("RNN_SPOOL");
  int64_t mebibytes = MOST_MEBIBYTES;
  *spool = (struct rnn_spool){.files = 0};
  if (directory == NULL || directory[0] == '\0')
    directory = "/var/tmp";
  if (most != NULL && most[0] != '\0' && !rnn_number_parse_integer(most, strlen(most), &mebibytes))
    return; /* none */
  if (mebibytes < 0 || mebibytes > INT32_MAX || (uint64_t)mebibytes > SIZE_MAX / MEBIBYTE)
    return;
  spool->most_bytes = (size_t)mebibytes * MEBIBYTE;
  while (spool->files < RNN_SPOOL_FILES) {
    int descriptor = open_unnamed(directory);
    if (descriptor < 0)
      return;
    if (is_memory(descriptor)) {
      close(descriptor);
      return;
    }
    spool->file[spool->files++] = (struct rnn_spool_file){.descriptor = descriptor};
  }
}

void rnn_train_close_spool(struct rnn_spool *spool)
{
  while (spool->files > 0)
    close(spool->file[--spool->files].descriptor);
}
