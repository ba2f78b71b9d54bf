/* Checkpoints in files: locked, written whole, the one before kept. */
#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkpoint_private.h"
#include "container.h"
#include "input.h"
#include "input_limits.h"
#include "memory.h"
#include "output.h"

struct rnn_checkpoint {
  char *path, *fresh, *previous, *lock;
  int lock_fd;
  struct rnn_identity identity;
  struct rnn_error damage; /* of FILE */
};

static enum rnn_status out_of_memory(struct rnn_error *error)
{
  return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: a checkpoint");
}

/* A link is followed now, so that what it points to is replaced, not the link. */
static enum rnn_status make_names(struct rnn_checkpoint *checkpoint, const char *path, struct rnn_error *error)
{
  struct stat facts;
  if (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode))
    return rnn_error_set(error, RNN_CANNOT_CREATE, "%s: %s", path,
                         S_ISDIR(facts.st_mode) ? strerror(EISDIR) : "not a regular file");
  bool link = lstat(path, &facts) == 0 && S_ISLNK(facts.st_mode);
  checkpoint->path = link ? realpath(path, NULL) : strdup(path);
  if (link && checkpoint->path == NULL && errno != ENOMEM)
    return rnn_error_set(error, RNN_CANNOT_CREATE, "%s: %s", path, strerror(errno));
  if (checkpoint->path == NULL || asprintf(&checkpoint->fresh, "%s.new", checkpoint->path) < 0)
    return out_of_memory(error);
  if (asprintf(&checkpoint->previous, "%s.previous", checkpoint->path) < 0)
    return out_of_memory(error);
  if (asprintf(&checkpoint->lock, "%s.lock", checkpoint->path) < 0)
    return out_of_memory(error);
  return RNN_OK;
}

/* True if the file that is locked is still the one of that name: whoever had the lock may have removed it. */
static bool lock_is_there(const struct rnn_checkpoint *checkpoint)
{
  struct stat locked, named;
  return fstat(checkpoint->lock_fd, &locked) == 0 && stat(checkpoint->lock, &named) == 0 &&
         locked.st_ino == named.st_ino && locked.st_dev == named.st_dev;
}

static enum rnn_status take_lock(struct rnn_checkpoint *checkpoint, struct rnn_error *error)
{
  for (;;) {
    checkpoint->lock_fd = open(checkpoint->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0666);
    if (checkpoint->lock_fd < 0 && errno == EINTR)
      continue;
    if (checkpoint->lock_fd < 0)
      return rnn_error_set(error, RNN_CANNOT_CREATE, "%s: %s", checkpoint->lock, strerror(errno));
    int answer;
    do
      answer = flock(checkpoint->lock_fd, LOCK_EX | LOCK_NB);
    while (answer != 0 && errno == EINTR);
    if (answer != 0 && errno == EWOULDBLOCK)
      return rnn_error_set(error, RNN_CANNOT_CREATE, "%s: another run is using it (%s is locked)", checkpoint->path,
                           checkpoint->lock);
    if (answer != 0)
      return rnn_error_set(error, RNN_CANNOT_CREATE, "%s: cannot be locked: %s", checkpoint->lock, strerror(errno));
    if (lock_is_there(checkpoint))
      return RNN_OK;
    close(checkpoint->lock_fd);
    checkpoint->lock_fd = -1;
  }
}

static void release(struct rnn_checkpoint *checkpoint)
{
  if (checkpoint->lock_fd >= 0)
    close(checkpoint->lock_fd);
  free(checkpoint->path);
  free(checkpoint->fresh);
  free(checkpoint->previous);
  free(checkpoint->lock);
  rnn_identity_clear(&checkpoint->identity);
  rnn_memory_free(checkpoint);
}

enum rnn_status rnn_checkpoint_open(struct rnn_checkpoint **checkpoint, const char *path, const struct rnn_model *model,
                                    uint64_t valid_digest, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_checkpoint *fresh = NULL;
  *checkpoint = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a checkpoint", error));
  fresh->lock_fd = -1;
  RNN_TRY(make_names(fresh, path, error));
  RNN_TRY(rnn_identity_take(&fresh->identity, model, valid_digest, error));
  RNN_TRY(take_lock(fresh, error));
  unlink(fresh->fresh); /* of a run that was killed while it saved */
  *checkpoint = fresh;
  fresh = NULL;
out:
  if (fresh != NULL)
    release(fresh);
  return status;
}

void rnn_checkpoint_close(struct rnn_checkpoint *checkpoint)
{
  if (checkpoint == NULL)
    return;
  unlink(checkpoint->lock); /* while it is still locked */
  release(checkpoint);
}

/* ---- loading ---- */

static bool is_there(const char *path)
{
  struct stat facts;
  return stat(path, &facts) == 0;
}

static enum rnn_status load_file(const struct rnn_checkpoint *checkpoint, const char *path, struct rnn_model *model,
                                 const struct rnn_parts *parts, bool *whole, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_input *raw = NULL;
  char *block = NULL;
  size_t size = 0;
  *whole = true;
  RNN_TRY(rnn_input_open_raw(&raw, path, error));
  status = rnn_container_read_alone(raw, "a checkpoint", RNN_LIMIT_CHECKPOINT_BYTES, &block, &size, error);
  *whole = status != RNN_DATA;
  if (status != RNN_OK)
    goto out;
  status = rnn_checkpoint_decode(&checkpoint->identity, block, size, model, parts, whole, error);
  if (status != RNN_OK)
    rnn_error_prefix(error, "%s", path);
out:
  rnn_input_close(raw);
  rnn_memory_free(block);
  return status;
}

enum rnn_status rnn_checkpoint_load(struct rnn_checkpoint *checkpoint, struct rnn_model *model,
                                    const struct rnn_parts *parts, enum rnn_generation *generation, const char **damage,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  bool whole = true, last = is_there(checkpoint->path);
  *damage = NULL;
  *generation = RNN_GENERATION_LAST;
  if (last) {
    status = load_file(checkpoint, checkpoint->path, model, parts, &whole, &checkpoint->damage);
    if (status == RNN_OK || whole)
      goto out;
    *damage = checkpoint->damage.text;
  }
  *generation = RNN_GENERATION_PREVIOUS;
  if (is_there(checkpoint->previous))
    return load_file(checkpoint, checkpoint->previous, model, parts, &whole, error);
  if (!last) {
    *generation = RNN_GENERATION_NONE;
    return RNN_OK;
  }
out:
  if (status != RNN_OK && error != NULL)
    *error = checkpoint->damage;
  return status;
}

/* ---- saving ---- */

enum rnn_status rnn_checkpoint_save(struct rnn_checkpoint *checkpoint, const struct rnn_model *model,
                                    const struct rnn_parts *parts, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_output *output = NULL;
  char *block = NULL;
  size_t size;
  RNN_TRY(rnn_checkpoint_encode(&checkpoint->identity, model, parts, &block, &size, error));
  RNN_TRY(rnn_output_open_generation(&output, checkpoint->path, checkpoint->fresh, checkpoint->previous, error));
  RNN_TRY(rnn_container_write_alone(output, block, size, error));
out:
  rnn_memory_free(block);
  return status;
}
