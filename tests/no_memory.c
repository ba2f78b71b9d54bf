/* Preloaded: memory runs out on purpose. RNN_NO_MEMORY=N[+] fails the N-th allocation of the program and its libraries,
 * with + all after it too. RNN_NO_MEMORY_REPORT=FILE is given "allocations live": how many were made, and how many
 * blocks are left when the program ends. What is allocated after the program's own exit handlers is neither counted nor
 * fails: the counting of coverage writes its files there. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long made, live;
static long at;
static bool forever, ready, ending;
static int report = -1; /* open from the start: a sandbox may come */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

__attribute__((constructor)) static void read_environment(void)
{
  const char *text = getenv("RNN_NO_MEMORY"), *path = getenv("RNN_NO_MEMORY_REPORT");
  int file = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file >= 0) {
    report = fcntl(file, F_DUPFD_CLOEXEC, 100);
    close(file);
  }
  if (text != NULL)
    at = strtol(text, NULL, 10);
  forever = text != NULL && strchr(text, '+') != NULL;
  ready = true;
}

__attribute__((destructor)) static void write_report(void)
{
  char line[64];
  ready = false;
  int length = snprintf(line, sizeof line, "%ld %ld\n", atomic_load(&made), atomic_load(&live));
  if (report >= 0 && write(report, line, (size_t)length) != length)
    _exit(70);
}

static int (*program)(int, char **, char **);

static void end(void)
{
  ending = true;
}

/* A handler registered here runs before the destructors of the program; one of our constructor would run after them. */
static int run_program(int argc, char **argv, char **environment)
{
  if (atexit(end) != 0)
    _exit(70);
  return program(argc, argv, environment);
}

/* The C library's entry, called by the program's first instructions. */
int __libc_start_main(int (*function)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*loader_fini)(void), void *stack_end);
int __libc_start_main(int (*function)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*loader_fini)(void), void *stack_end)
{
  void *symbol = dlsym(RTLD_NEXT, "__libc_start_main");
  __typeof__(&__libc_start_main) start;
  if (symbol == NULL)
    _exit(70);
  memcpy(&start, &symbol, sizeof start);
  program = function;
  return start(run_program, argc, argv, init, fini, loader_fini, stack_end);
}

/* True if this allocation is to fail. */
static bool fails(void)
{
  if (!ready || ending)
    return false;
  long number = atomic_fetch_add(&made, 1) + 1;
  if (at == 0 || (forever ? number < at : number != at))
    return false;
  errno = ENOMEM;
  return true;
}

static void *count(void *block)
{
  if (block != NULL && ready)
    atomic_fetch_add(&live, 1);
  return block;
}

void *malloc(size_t size)
{
  return fails() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t number, size_t size)
{
  return fails() ? NULL : count(__libc_calloc(number, size));
}

void *realloc(void *block, size_t size)
{
  if (fails())
    return NULL;
  void *grown = __libc_realloc(block, size);
  return block == NULL ? count(grown) : grown;
}

void free(void *block)
{
  if (block != NULL && ready)
    atomic_fetch_sub(&live, 1);
  __libc_free(block);
}
