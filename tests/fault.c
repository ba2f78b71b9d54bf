/* Stands in front of the calls of libc that read and write files. */
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static struct {
  bool armed, forever;
  char path[256];
  enum fault_call call;
  int what;
  long at, every;
  long count[FAULT_CALLS];
  void (*tell)(const struct fault_event *event);
} plan;

static const char *const names[] = {"open", "read", "write", "fsync", "close", "rename", "link", "unlink"};

void fault_arm(const char *path, enum fault_call call, int what, long at, bool forever)
{
  void (*tell)(const struct fault_event *event) = plan.tell;
  memset(&plan, 0, sizeof plan);
  snprintf(plan.path, sizeof plan.path, "%s", path);
  plan.call = call;
  plan.what = what;
  plan.at = at;
  plan.forever = forever;
  plan.every = 1;
  plan.tell = tell;
  plan.armed = true;
}

void fault_disarm(void)
{
  plan.armed = false;
}

long fault_count(enum fault_call call)
{
  return plan.count[call];
}

void fault_tell(void (*tell)(const struct fault_event *event))
{
  plan.tell = tell;
}

/* From the environment, where this file is preloaded. */
__attribute__((constructor)) static void read_environment(void)
{
  const char *text = getenv("RNN_FAULT"), *path = getenv("RNN_FAULT_PATH");
  char call[16] = "", what[16] = "", tail = '\0';
  long at = 0, every = 1;
  if (text == NULL || sscanf(text, "%15[^:]:%15[^:]:%ld%c%ld", call, what, &at, &tail, &every) < 3)
    return;
  for (int i = 0; i < FAULT_CALLS; i++)
    if (strcmp(call, names[i]) == 0) {
      int number = strcmp(what, "short") == 0  ? FAULT_SHORT
                   : strcmp(what, "term") == 0 ? FAULT_TERM
                   : strcmp(what, "kill") == 0 ? FAULT_KILL
                                               : atoi(what);
      fault_arm(path == NULL ? "" : path, (enum fault_call)i, number, at, tail != '\0');
      plan.every = every;
    }
}

/* The path of a descriptor; "" if there is none. */
static const char *path_of(int fd, char *path, size_t size)
{
  char link[32];
  int kept = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  path[length < 0 ? 0 : length] = '\0';
  errno = kept;
  return path;
}

static bool counts(const char *path)
{
  return plan.armed && strstr(path, plan.path) != NULL;
}

/* True if this call fails, with errno set, or FAULT_SHORT in *what. */
static bool fails(enum fault_call call, int *what)
{
  long number = ++plan.count[call];
  *what = 0;
  if (call != plan.call || plan.at == 0 || number < plan.at)
    return false;
  if (plan.forever ? (number - plan.at) % plan.every != 0 : number != plan.at)
    return false;
  *what = plan.what;
  if (plan.what == FAULT_KILL)
    raise(SIGKILL);
  if (plan.what == FAULT_TERM)
    raise(SIGTERM);
  if (plan.what <= 0)
    return false;
  errno = plan.what;
  return true;
}

static void tell(const struct fault_event *event)
{
  if (plan.tell != NULL && plan.armed) {
    plan.armed = false; /* what the listener does is not counted */
    plan.tell(event);
    plan.armed = true;
  }
}

int __open_2(const char *path, int flags); /* what open is where its arguments are checked */

#define REAL(name) ((__typeof__(&name))real_call(#name))

static void *real_call(const char *name)
{
  return dlsym(RTLD_NEXT, name);
}

static int open_file(const char *path, int flags, mode_t mode, int (*real)(const char *, int, ...))
{
  int what;
  bool counted = counts(path) && (flags & (O_WRONLY | O_RDWR | O_CREAT | O_DIRECTORY)) != 0;
  if (counted && fails(FAULT_OPEN, &what))
    return -1;
  int fd = real(path, flags, mode);
  if (fd >= 0 && counted && (flags & O_TRUNC))
    tell(&(struct fault_event){.call = FAULT_OPEN, .path = path, .truncates = true});
  return fd;
}

static mode_t mode_of(int flags, va_list arguments)
{
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file(path, flags, mode, REAL(open));
}

int __open_2(const char *path, int flags)
{
  return open_file(path, flags, 0, REAL(open));
}

int open64(const char *path, int flags, ...)
{
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file(path, flags, mode, REAL(open));
}

ssize_t read(int fd, void *bytes, size_t size)
{
  char path[512];
  int what = 0;
  if (plan.armed && counts(path_of(fd, path, sizeof path)) && fails(FAULT_READ, &what))
    return -1;
  return REAL(read)(fd, bytes, what == FAULT_SHORT && size > 0 ? 1 : size);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
  char path[512] = "";
  int what = 0;
  bool counted = plan.armed && fd != STDERR_FILENO && counts(path_of(fd, path, sizeof path));
  if (counted && fails(FAULT_WRITE, &what))
    return -1;
  ssize_t sent = REAL(write)(fd, bytes, what == FAULT_SHORT ? (size + 1) / 2 : size);
  if (counted && sent > 0)
    tell(&(struct fault_event){.call = FAULT_WRITE, .path = path, .bytes = bytes, .size = (size_t)sent});
  return sent;
}

int fsync(int fd)
{
  char path[512] = "";
  int what;
  bool counted = plan.armed && counts(path_of(fd, path, sizeof path));
  if (counted && fails(FAULT_FSYNC, &what))
    return -1;
  int answer = REAL(fsync)(fd);
  if (counted && answer == 0)
    tell(&(struct fault_event){.call = FAULT_FSYNC, .path = path});
  return answer;
}

/* A close that fails has closed all the same. */
int close(int fd)
{
  char path[512] = "";
  int what;
  bool failed = plan.armed && counts(path_of(fd, path, sizeof path)) && fails(FAULT_CLOSE, &what);
  int number = errno, answer = REAL(close)(fd);
  if (failed)
    errno = number;
  return failed ? -1 : answer;
}

int rename(const char *from, const char *to)
{
  int what;
  bool counted = counts(from) || counts(to);
  if (counted && fails(FAULT_RENAME, &what))
    return -1;
  int answer = REAL(rename)(from, to);
  if (counted && answer == 0)
    tell(&(struct fault_event){.call = FAULT_RENAME, .path = from, .other = to});
  return answer;
}

int link(const char *from, const char *to)
{
  int what;
  bool counted = counts(from) || counts(to);
  if (counted && fails(FAULT_LINK, &what))
    return -1;
  int answer = REAL(link)(from, to);
  if (counted && answer == 0)
    tell(&(struct fault_event){.call = FAULT_LINK, .path = from, .other = to});
  return answer;
}

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
  int what;
  if (counts(to) && fails(FAULT_LINK, &what))
    return -1;
  return REAL(linkat)(from_directory, from, to_directory, to, flags);
}

int unlink(const char *path)
{
  int what;
  bool counted = counts(path);
  if (counted && fails(FAULT_UNLINK, &what))
    return -1;
  int answer = REAL(unlink)(path);
  if (counted && answer == 0)
    tell(&(struct fault_event){.call = FAULT_UNLINK, .path = path});
  return answer;
}
