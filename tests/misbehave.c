/* Does on purpose what a switch of configure must catch; compiled with the flags of the library.
 * tests/switches.sh fails if the switch of a build lets it pass. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int shared;

static void *race(void *number)
{
  for (int i = 0; i < 1000; i++)
    shared += *(int *)number;
  return NULL;
}

static int two_threads(int number)
{
  pthread_t thread;
  if (pthread_create(&thread, NULL, race, &number) != 0)
    return 1;
  race(&number);
  pthread_join(thread, NULL);
  return shared == 0;
}

int main(int argc, char **argv)
{
  const char *what = argc > 1 ? argv[1] : "";
  int number = argc > 2 ? atoi(argv[2]) : 0; /* unknown to the compiler */
  if (strcmp(what, "debug") == 0)
    assert(number == 0);
  else if (strcmp(what, "asan") == 0) {
    char *block = malloc((size_t)number);
    if (block == NULL)
      return 1;
    memset(block, 'x', (size_t)number);
    printf("%d\n", ((volatile char *)block)[number]);
    free(block);
  } else if (strcmp(what, "ubsan") == 0)
    printf("%d\n", 0x7FFFFFFF + number);
  else if (strcmp(what, "tsan") == 0)
    return two_threads(number);
  else if (strcmp(what, "fortify") == 0) {
    char small[8];
    memset(small, 'x', (size_t)number);
    printf("%d\n", small[0]);
  }
  return 0;
}
