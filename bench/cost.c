/* What a command costs as a whole process: cost [-n RUNS] COMMAND [ARGUMENT...]
 *
 * Runs it RUNS times (5) with its output thrown away and prints the medians: CPU seconds TAB wall seconds TAB peak
 * memory in kB. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_RUNS = 99 };

static double wall_sec(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double seconds(struct timeval time)
{
  return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *value, int count)
{
  qsort(value, (size_t)count, sizeof *value, by_size);
  return value[count / 2];
}

static int run(char **command, struct rusage *usage)
{
  pid_t child = fork();
  if (child == 0) {
    int nothing = open("/dev/null", O_WRONLY);
    dup2(nothing, STDOUT_FILENO);
    execvp(command[0], command);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || wait4(child, &status, 0, usage) < 0)
    return 71;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}

int main(int argc, char **argv)
{
  static double cpu[MOST_RUNS], wall[MOST_RUNS], memory[MOST_RUNS];
  int runs = 5;
  char **command = argv + 1;
  if (argc > 3 && strcmp(argv[1], "-n") == 0) {
    runs = atoi(argv[2]);
    command = argv + 3;
  }
  if (*command == NULL || runs < 1 || runs > MOST_RUNS) {
    fprintf(stderr, "usage: cost [-n RUNS] COMMAND [ARGUMENT...]\n");
    return 64;
  }
  for (int i = 0; i < runs; i++) {
    struct rusage usage;
    double begin = wall_sec();
    int code = run(command, &usage);
    if (code != 0) {
      fprintf(stderr, "cost: %s ended with %d\n", command[0], code);
      return code;
    }
    wall[i] = wall_sec() - begin;
    cpu[i] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    memory[i] = (double)usage.ru_maxrss;
  }
  printf("%.4f\t%.4f\t%.0f\n", median(cpu, runs), median(wall, runs), median(memory, runs));
  return 0;
}
