/* Numbers in rising order. */
#include "sorted.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 200, DRAWS = 300 };

static int rising(const void *left, const void *right)
{
  int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
  return (a > b) - (a < b);
}

/* Of `kinds` numbers each, the greatest and the least of all among them. */
static size_t draw(uint64_t *state, uint32_t kinds, int32_t *number)
{
  static const int32_t ends[] = {INT32_MIN, INT32_MAX, -1, 0};
  size_t count = (*state = *state * 6364136223846793005 + 1442695040888963407) >> 33;
  count %= MOST;
  for (size_t i = 0; i < count; i++) {
    *state = *state * 6364136223846793005 + 1442695040888963407;
    uint32_t drawn = (uint32_t)(*state >> 33) % kinds;
    number[i] = drawn < 4 ? ends[drawn] : (int32_t)(drawn * 2654435761u);
  }
  return count;
}

Test(sorted, sorts_as_qsort_does)
{
  uint64_t state = 1;
  for (size_t i = 0; i < DRAWS; i++) {
    int32_t number[MOST], wanted[MOST];
    size_t count = draw(&state, i % 2 == 0 ? 9 : 1000000, number);
    memcpy(wanted, number, sizeof wanted);
    qsort(wanted, count, sizeof *wanted, rising);
    rnn_sorted_sort(number, count);
    cr_assert_eq(memcmp(number, wanted, count * sizeof *number), 0);
  }
}

Test(sorted, each_is_kept_once)
{
  uint64_t state = 2;
  for (size_t i = 0; i < DRAWS; i++) {
    int32_t number[MOST], before[MOST];
    size_t count = draw(&state, 9, number);
    memcpy(before, number, sizeof before);
    size_t kept = rnn_sorted_unique(number, count);
    for (size_t j = 1; j < kept; j++)
      cr_assert_lt(number[j - 1], number[j]);
    for (size_t j = 0; j < count; j++)
      cr_assert_lt(rnn_sorted_find(number, kept, before[j]), kept);
    for (size_t j = 0; j < kept; j++)
      cr_assert_eq(rnn_sorted_find(number, kept, number[j]), j);
  }
}

Test(sorted, what_is_not_there_is_not_found)
{
  static const int32_t number[] = {INT32_MIN, -3, 0, 7, INT32_MAX};
  static const int32_t strange[] = {INT32_MIN + 1, -4, -2, 6, 8, INT32_MAX - 1};
  for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
    cr_assert_eq(rnn_sorted_find(number, 5, strange[i]), 5);
  for (size_t i = 0; i < 5; i++)
    cr_assert_eq(rnn_sorted_find(number, 5, number[i]), i);
  cr_assert_eq(rnn_sorted_find(NULL, 0, 1), 0);
  rnn_sorted_sort(NULL, 0);
}
