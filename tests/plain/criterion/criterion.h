/* Stands in the place of Criterion where there is none, as for other processors (tests/processors.sh): what test_gemm.c
 * and test_vector.c use of it. Each test is a process; main runs all and says which failed. */
#ifndef PLAIN_CRITERION_H
#define PLAIN_CRITERION_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct plain_settings {
  void (*init)(void), (*fini)(void);
  double timeout;
};

struct plain_test {
  const char *suite, *name;
  void (*run)(void);
  struct plain_test *next;
};

static struct plain_test *plain_first;
static struct plain_settings plain_suite;

#define Test(suite_name, test_name, ...)                                                                               \
  static void suite_name##_##test_name(void);                                                                          \
  __attribute__((constructor)) static void add_##suite_name##_##test_name(void)                                        \
  {                                                                                                                    \
    static struct plain_test test = {#suite_name, #test_name, suite_name##_##test_name, NULL};                         \
    test.next = plain_first;                                                                                           \
    plain_first = &test;                                                                                               \
  }                                                                                                                    \
  static void suite_name##_##test_name(void)

#define TestSuite(suite_name, ...)                                                                                     \
  __attribute__((constructor)) static void suite_of_##suite_name(void)                                                 \
  {                                                                                                                    \
    plain_suite = (struct plain_settings){__VA_ARGS__};                                                                \
  }

#define cr_assert(condition, ...)                                                                                      \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                                  \
      __VA_OPT__(fprintf(stderr, __VA_ARGS__); fputc('\n', stderr);)                                                   \
      exit(1);                                                                                                         \
    }                                                                                                                  \
  } while (0)
#define cr_assert_eq(x, y, ...)            cr_assert((x) == (y)__VA_OPT__(, ) __VA_ARGS__)
#define cr_assert_neq(x, y, ...)           cr_assert((x) != (y)__VA_OPT__(, ) __VA_ARGS__)
#define cr_assert_leq(x, y, ...)           cr_assert((x) <= (y)__VA_OPT__(, ) __VA_ARGS__)
#define cr_assert_geq(x, y, ...)           cr_assert((x) >= (y)__VA_OPT__(, ) __VA_ARGS__)
#define cr_assert_str_eq(x, y, ...)        cr_assert(strcmp(x, y) == 0 __VA_OPT__(, ) __VA_ARGS__)
#define cr_assert_arr_eq(x, y, bytes, ...) cr_assert(memcmp(x, y, bytes) == 0 __VA_OPT__(, ) __VA_ARGS__)

static int plain_run(const struct plain_test *test)
{
  int ended = 0;
  pid_t child = fork();
  if (child == 0) {
    if (plain_suite.init != NULL)
      plain_suite.init();
    test->run();
    if (plain_suite.fini != NULL)
      plain_suite.fini();
    exit(0);
  }
  if (child < 0 || waitpid(child, &ended, 0) < 0 || ended != 0) {
    printf("failed: %s %s\n", test->suite, test->name);
    return 1;
  }
  printf("passed: %s %s\n", test->suite, test->name);
  return 0;
}

int main(void)
{
  int failed = 0;
  setvbuf(stdout, NULL, _IONBF, 0);
  for (const struct plain_test *test = plain_first; test != NULL; test = test->next)
    failed |= plain_run(test);
  return failed;
}

#endif
