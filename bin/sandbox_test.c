/* A sandbox that holds nothing looks like one that does, until what is forbidden is tried. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"

/* Each attempt answers -1 and errno where it was refused. Outside of a sandbox none of them answers EPERM or EACCES. */

static int read_another_file(void)
{
  int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -1 : close(fd);
}

static int list_a_directory(void)
{
  int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? -1 : close(fd);
}

static int write_another_file(void)
{
  int fd = open("/dev/zero", O_WRONLY | O_CLOEXEC);
  return fd < 0 ? -1 : close(fd);
}

static int make_a_file(void)
{
  char name[64];
  snprintf(name, sizeof name, "/tmp/.rnn-sandbox-%ld", (long)getpid());
  int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return -1;
  unlink(name);
  return close(fd);
}

static int change_a_file(void)
{
  return chmod("/dev/null/none", 0600);
}

static int make_a_socket(void)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return fd < 0 ? -1 : close(fd);
}

static int make_a_local_socket(void)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return fd < 0 ? -1 : close(fd);
}

static int start_a_process(void)
{
  pid_t child = fork();
  if (child == 0)
    _exit(0);
  return child < 0 ? -1 : (int)waitpid(child, NULL, 0);
}

static int run_a_program(void)
{
  char *const nothing[] = {NULL};
  return execve("", nothing, nothing);
}

static int signal_another_process(void)
{
  return kill(getppid(), 0);
}

static int make_code(void)
{
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page == MAP_FAILED ? -1 : munmap(page, 4096);
}

static int make_data_code(void)
{
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int answer = mprotect(page, 4096, PROT_READ | PROT_EXEC), number = errno;
  munmap(page, 4096);
  errno = number;
  return answer;
}

static int type_into_the_terminal(void)
{
  return ioctl(-1, TIOCSTI, "");
}

static int change_the_directory(void)
{
  return chdir("/");
}

static const struct attempt {
  const char *what;
  int (*try)(void);
  bool of_writers; /* a program that writes files may do this somewhere */
} attempts[] = {
    {"read another file", read_another_file, false},
    {"list a directory", list_a_directory, false},
    {"write another file", write_another_file, false},
    {"make a file", make_a_file, true},
    {"change the mode of a file", change_a_file, false},
    {"make a socket", make_a_socket, false},
    {"make a local socket", make_a_local_socket, false},
    {"start a process", start_a_process, false},
    {"run a program", run_a_program, false},
    {"signal another process", signal_another_process, false},
    {"make code", make_code, false},
    {"make data code", make_data_code, false},
    {"type into the terminal", type_into_the_terminal, false},
    {"change the directory", change_the_directory, false},
};

struct trial {
  const struct rnn_sandbox *sandbox;
  const char *where;
  size_t let_through;
};

static void *try_everything(void *context)
{
  struct trial *trial = context;
  for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
    if (attempts[i].of_writers && trial->sandbox->writes)
      continue;
    errno = 0;
    int answer = attempts[i].try();
    int number = errno;
    bool refused = answer < 0 && (number == EPERM || number == EACCES);
    trial->let_through += !refused;
    printf("%s\t%s\t%s\t%s\n", trial->where, attempts[i].what, refused ? "refused" : "LET THROUGH",
           answer < 0 ? strerror(number) : "");
  }
  return NULL;
}

enum rnn_status rnn_sandbox_test(const struct rnn_sandbox *sandbox, struct rnn_error *error)
{
  struct trial here = {sandbox, "first thread", 0}, there = {sandbox, "another thread", 0};
  pthread_t thread;
  try_everything(&here);
  int failed = pthread_create(&thread, NULL, try_everything, &there);
  if (failed != 0)
    return rnn_error_set(error, RNN_BUG, "the sandbox lets no thread start: %s", strerror(failed));
  pthread_join(thread, NULL);
  if (here.let_through + there.let_through > 0)
    return rnn_error_set(error, RNN_BUG, "the sandbox let %zu attempts through", here.let_through + there.let_through);
  return RNN_OK;
}
