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
  char *temporary; /* likewise; NULL while the file has no name */
  char *previous;  /* what becomes of the file that is replaced; NULL: nothing */
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
    rnn_error_set(&output->failure, number == ENOMEM ? RNN_NO_MEMORY : RNN_WRITE_FAILED, "%s: %s", output->name,
                  strerror(number));
  output->failed = true;
  return rnn_error_set(error, output->failure.status, "%s", output->failure.text);
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
  free(output->previous);
  rnn_memory_free(output);
}

static enum rnn_status cannot_create(const struct rnn_output *output, int number, struct rnn_error *error)
{
  return rnn_error_set(error, number == ENOMEM ? RNN_NO_MEMORY : RNN_CANNOT_CREATE, "%s: %s", output->name,
                       strerror(number));
}

/* A name beside `target`, freed with free; NULL without memory. */
static char *temporary_name(const struct rnn_output *output, unsigned i)
{
  const char *slash = strrchr(output->target, '/');
  int directory = slash == NULL ? 0 : (int)(slash - output->target) + 1;
  char *name;
  return asprintf(&name, "%.*s.rnn-%ld-%u.tmp", directory, output->target, (long)getpid(), i) < 0 ? NULL : name;
}

static enum rnn_status no_name(struct rnn_error *error)
{
  return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: name of a file");
}

enum { PROC_NAME_BYTES = 32 };

static void proc_name(const struct rnn_output *output, char *name)
{
  snprintf(name, PROC_NAME_BYTES, "/proc/self/fd/%d", output->fd);
}

/* A file without a name, which is gone however the program ends; false where the file system or the lack of /proc does
 * not allow it. */
static bool create_unnamed(struct rnn_output *output)
{
  char *directory = temporary_name(output, 0), proc[PROC_NAME_BYTES];
  if (directory == NULL)
    return false;
  char *slash = strrchr(directory, '/');
  if (slash != NULL)
    slash[slash == directory] = '\0';
  output->fd = open(slash == NULL ? "." : directory, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
  free(directory);
  if (output->fd < 0)
    return false;
  proc_name(output, proc);
  if (access(proc, F_OK) == 0)
    return true;
  close(output->fd);
  output->fd = -1;
  return false;
}

static enum rnn_status create_named(struct rnn_output *output, struct rnn_error *error)
{
  int number = EEXIST;
  for (unsigned i = 0; i < MOST_TEMPORARIES && number == EEXIST; i++) {
    char *name = temporary_name(output, i);
    if (name == NULL)
      return no_name(error);
    output->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
    if (output->fd >= 0) {
      output->temporary = name;
      remember(NULL, name);
      return RNN_OK;
    }
    number = errno;
    free(name);
  }
  return cannot_create(output, number, error);
}

/* A new file in the directory of `target`, with the permissions of the one it will replace. */
static enum rnn_status create_temporary(struct rnn_output *output, const struct stat *old, struct rnn_error *error)
{
  enum rnn_status status = create_unnamed(output) ? RNN_OK : create_named(output, error);
  if (status == RNN_OK && old != NULL && fchmod(output->fd, old->st_mode & 0777) != 0)
    return cannot_create(output, errno, error);
  return status;
}

static enum rnn_status open_file(struct rnn_output *output, const char *name, struct rnn_error *error)
{
  struct stat old;
  bool exists = stat(name, &old) == 0;
  if (!exists && (errno != ENOENT || name[0] == '\0'))
    return cannot_create(output, errno, error);
  if (exists && S_ISDIR(old.st_mode))
    return cannot_create(output, EISDIR, error);
  if (exists && !S_ISREG(old.st_mode)) {
    output->fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->fd < 0 ? cannot_create(output, errno, error) : RNN_OK;
  }
  output->target = exists ? realpath(name, NULL) : strdup(name);
  if (output->target == NULL) /* where math sets no errno, gcc believes that strdup sets none either */
    return exists ? cannot_create(output, errno, error) : no_name(error);
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

enum rnn_status rnn_output_open_generation(struct rnn_output **output, const char *name, const char *temporary,
                                           const char *previous, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_output *fresh = NULL;
  *output = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "output", error));
  fresh->fd = -1;
  fresh->name = strdup(name);
  fresh->target = strdup(name);
  fresh->previous = strdup(previous);
  char *own = strdup(temporary);
  if (fresh->name == NULL || fresh->target == NULL || fresh->previous == NULL || own == NULL) {
    free(own);
    status = rnn_error_set(error, RNN_NO_MEMORY, "out of memory: name of a file");
    goto out;
  }
  fresh->fd = open(own, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0666);
  if (fresh->fd < 0) {
    status = cannot_create(fresh, errno, error);
    free(own);
    goto out;
  }
  fresh->temporary = own;
  remember(NULL, own);
  *output = fresh;
  fresh = NULL;
out:
  rnn_output_abandon(fresh);
  return status;
}

/* The file that will be replaced gets its second name, and keeps the first until then where there are such links. */
static int keep_previous(const struct rnn_output *output)
{
  if (output->previous == NULL || access(output->target, F_OK) != 0)
    return 0;
  if (unlink(output->previous) != 0 && errno != ENOENT)
    return -1;
  if (link(output->target, output->previous) == 0)
    return 0;
  return rename(output->target, output->previous);
}

static int sync_file(int fd)
{
  int answer;
  do
    answer = fsync(fd);
  while (answer != 0 && errno == EINTR);
  return answer;
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
  int answer = sync_file(fd);
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
  return copy < 0 || (close(copy) != 0 && errno != EINTR) ? -1 : 0;
}

/* Gives a file without a name that of the target; where there is one already, a temporary one, to be renamed. */
static int give_name(struct rnn_output *output)
{
  char proc[PROC_NAME_BYTES];
  proc_name(output, proc);
  if (linkat(AT_FDCWD, proc, AT_FDCWD, output->target, AT_SYMLINK_FOLLOW) == 0)
    return 0;
  for (unsigned i = 0; i < MOST_TEMPORARIES && errno == EEXIST; i++) {
    char *name = temporary_name(output, i);
    if (name == NULL)
      return -1;
    if (linkat(AT_FDCWD, proc, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
      output->temporary = name;
      remember(NULL, name);
      return 0;
    }
    int number = errno;
    free(name);
    errno = number;
  }
  return -1;
}

/* The file is whole and on disk: now it takes its place. */
static int take_place(struct rnn_output *output)
{
  if (output->temporary == NULL && give_name(output) != 0)
    return -1;
  if (output->temporary != NULL) {
    if (keep_previous(output) != 0 || rename(output->temporary, output->target) != 0)
      return -1;
    remember(output->temporary, NULL);
    free(output->temporary);
    output->temporary = NULL;
  }
  return sync_directory(output->target);
}

enum rnn_status rnn_output_finish(struct rnn_output *output, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_output_flush(output, error));
  if (output->target != NULL && sync_file(output->fd) != 0)
    RNN_TRY(fail(output, errno, error));
  if (close_copy(output->fd) != 0)
    RNN_TRY(fail(output, errno, error));
  if (output->target != NULL && take_place(output) != 0)
    RNN_TRY(fail(output, errno, error));
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
