/* Buffered output that remembers its first failure. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"

enum { BUFFER_BYTES = 64 << 10, MOST_TEMPORARIES = 1000, MOST_REMOVED = 8 };

/* Names of the temporary files there are, for a handler of signals. */
static char *volatile temporaries[MOST_REMOVED];

struct rnn_output {
  char *name;      /* for messages */
  char *target;    /* what finish renames to; NULL where bytes go straight to fd */
  char *temporary; /* likewise */
  int fd;
  bool failed;
  struct rnn_error failure;
  size_t used;
  char buffer[BUFFER_BYTES];
};

/* Puts `name` where `old` stands (NULL: where there is room). */
static void remember(const char *old, char *name)
{
  for (size_t i = 0; i < MOST_REMOVED; i++)
    if (temporaries[i] == old) {
      temporaries[i] = name;
      return;
    }
}

void rnn_output_remove_temporaries(void)
{
  for (size_t i = 0; i < MOST_REMOVED; i++)
    if (temporaries[i] != NULL)
      unlink(temporaries[i]);
}

static enum rnn_status fail(struct rnn_output *output, int number, struct rnn_error *error)
{
  if (!output->failed)
    rnn_error_set(&output->failure, RNN_WRITE_FAILED, "%s: %s", output->name, strerror(number));
  output->failed = true;
  return rnn_error_set(error, RNN_WRITE_FAILED, "%s", output->failure.text);
}

static enum rnn_status send(struct rnn_output *output, const char *bytes, size_t length_bytes, struct rnn_error *error)
{
  while (length_bytes > 0) {
    ssize_t sent = write(output->fd, bytes, length_bytes);
    if (sent > 0) {
      bytes += sent;
      length_bytes -= (size_t)sent;
    } else if (sent == 0) {
      return fail(output, EIO, error);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      struct pollfd ready = {.fd = output->fd, .events = POLLOUT};
      if (poll(&ready, 1, -1) < 0 && errno != EINTR)
        return fail(output, errno, error);
    } else if (errno != EINTR) {
      return fail(output, errno, error);
    }
  }
  return RNN_OK;
}

enum rnn_status rnn_output_flush(struct rnn_output *output, struct rnn_error *error)
{
  if (output->failed)
    return fail(output, 0, error);
  size_t used = output->used;
  output->used = 0;
  return send(output, output->buffer, used, error);
}

enum rnn_status rnn_output_write(struct rnn_output *output, const void *bytes, size_t length_bytes,
                                 struct rnn_error *error)
{
  if (length_bytes > BUFFER_BYTES - output->used || output->failed) {
    enum rnn_status status = rnn_output_flush(output, error);
    if (status != RNN_OK)
      return status;
  }
  if (length_bytes >= BUFFER_BYTES)
    return send(output, bytes, length_bytes, error);
  if (length_bytes > 0)
    memcpy(output->buffer + output->used, bytes, length_bytes);
  output->used += length_bytes;
  return RNN_OK;
}

static enum rnn_status __attribute__((format(printf, 4, 0)))
print_long(struct rnn_output *output, size_t length_bytes, struct rnn_error *error, const char *format,
           va_list arguments)
{
  char *text;
  enum rnn_status status = rnn_memory_new(&text, length_bytes + 1, 1, "text to print", error);
  if (status != RNN_OK)
    return status;
  vsnprintf(text, length_bytes + 1, format, arguments);
  status = rnn_output_write(output, text, length_bytes, error);
  rnn_memory_free(text);
  return status;
}

enum rnn_status rnn_output_print(struct rnn_output *output, struct rnn_error *error, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(output->buffer + output->used, BUFFER_BYTES - output->used, format, arguments);
  va_end(arguments);
  if (length < 0)
    return fail(output, errno, error);
  if (output->failed)
    return fail(output, 0, error);
  if ((size_t)length < BUFFER_BYTES - output->used) {
    output->used += (size_t)length;
    return RNN_OK;
  }
  va_start(arguments, format);
  enum rnn_status status = print_long(output, (size_t)length, error, format, arguments);
  va_end(arguments);
  return status;
}

static void release(struct rnn_output *output)
{
  free(output->name);
  free(output->target);
  free(output->temporary);
  rnn_memory_free(output);
}

static enum rnn_status cannot_create(const struct rnn_output *output, int number, struct rnn_error *error)
{
  return rnn_error_set(error, RNN_CANNOT_CREATE, "%s: %s", output->name, strerror(number));
}

/* A new file beside `target`, with the permissions of the one it will replace. */
static enum rnn_status create_temporary(struct rnn_output *output, const struct stat *old, struct rnn_error *error)
{
  const char *slash = strrchr(output->target, '/');
  int directory = slash == NULL ? 0 : (int)(slash - output->target) + 1;
  for (unsigned i = 0; i < MOST_TEMPORARIES; i++) {
    free(output->temporary);
    output->temporary = NULL;
    char *name;
    if (asprintf(&name, "%.*s.rnn-%ld-%u.tmp", directory, output->target, (long)getpid(), i) < 0)
      return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: name of a file");
    output->temporary = name;
    output->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
    if (output->fd >= 0) {
      remember(NULL, name);
      if (old != NULL && fchmod(output->fd, old->st_mode & 0777) != 0)
        return cannot_create(output, errno, error);
      return RNN_OK;
    }
    if (errno != EEXIST)
      break;
  }
  int number = errno;
  free(output->temporary);
  output->temporary = NULL;
  return cannot_create(output, number, error);
}

static enum rnn_status open_file(struct rnn_output *output, const char *name, struct rnn_error *error)
{
  struct stat old;
  bool exists = stat(name, &old) == 0;
  if (!exists && errno != ENOENT)
    return cannot_create(output, errno, error);
  if (exists && S_ISDIR(old.st_mode))
    return cannot_create(output, EISDIR, error);
  if (exists && !S_ISREG(old.st_mode)) {
    output->fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->fd < 0 ? cannot_create(output, errno, error) : RNN_OK;
  }
  output->target = exists ? realpath(name, NULL) : strdup(name);
  if (output->target == NULL)
    return cannot_create(output, errno, error);
  return create_temporary(output, exists ? &old : NULL, error);
}

enum rnn_status rnn_output_open(struct rnn_output **output, const char *name, bool binary, bool force,
                                struct rnn_error *error)
{
  bool standard = name == NULL || strcmp(name, "-") == 0;
  struct rnn_output *fresh = NULL;
  enum rnn_status status;
  *output = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "output", error));
  fresh->fd = STDOUT_FILENO;
  fresh->name = strdup(standard ? "(stdout)" : name);
  if (fresh->name == NULL) {
    status = rnn_error_set(error, RNN_NO_MEMORY, "out of memory: name of a file");
    goto out;
  }
  if (!standard)
    RNN_TRY(open_file(fresh, name, error));
  else if (fcntl(fresh->fd, F_GETFD) < 0)
    RNN_TRY(fail(fresh, errno, error));
  if (binary && !force && isatty(fresh->fd))
    status =
        rnn_error_set(error, RNN_USAGE, "%s: binary output to a terminal: use a pipe, -o FILE, or -f", fresh->name);
out:
  if (status == RNN_OK)
    *output = fresh;
  else if (fresh != NULL)
    rnn_output_abandon(fresh);
  return status;
}

static int sync_directory(const char *path)
{
  char *copy = strdup(path);
  if (copy == NULL)
    return -1;
  char *slash = strrchr(copy, '/');
  if (slash != NULL)
    slash[slash == copy] = '\0'; /* "/name" lies in "/" */
  int fd = open(slash == NULL ? "." : copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  free(copy);
  if (fd < 0)
    return errno == EACCES ? 0 : -1; /* a directory may be written without being readable */
  int answer = fsync(fd);
  if (answer != 0 && (errno == EINVAL || errno == EROFS))
    answer = 0; /* a file system without directories to sync */
  int number = errno;
  close(fd);
  errno = number;
  return answer;
}

/* Some file systems tell of a failed write only when a descriptor is closed. */
static int close_copy(int fd)
{
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  return copy < 0 ? -1 : close(copy);
}

enum rnn_status rnn_output_finish(struct rnn_output *output, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_output_flush(output, error));
  if (output->temporary != NULL && fsync(output->fd) != 0)
    RNN_TRY(fail(output, errno, error));
  if (close_copy(output->fd) != 0)
    RNN_TRY(fail(output, errno, error));
  if (output->temporary != NULL) {
    if (rename(output->temporary, output->target) != 0)
      RNN_TRY(fail(output, errno, error));
    remember(output->temporary, NULL);
    free(output->temporary);
    output->temporary = NULL;
    if (sync_directory(output->target) != 0)
      RNN_TRY(fail(output, errno, error));
  }
out:
  rnn_output_abandon(output);
  return status;
}

void rnn_output_abandon(struct rnn_output *output)
{
  if (output == NULL)
    return;
  if (output->temporary != NULL) {
    unlink(output->temporary);
    remember(output->temporary, NULL);
  }
  if (output->fd > STDERR_FILENO)
    close(output->fd);
  release(output);
}
