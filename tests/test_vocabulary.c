/* Vocabularies: numbers in the order of arrival, strings of any bytes, the order of a model's vocabulary. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "vocabulary.h"

static struct rnn_error error;

static int32_t add(struct rnn_vocabulary *vocabulary, const char *bytes, size_t length_bytes)
{
  int32_t number = -7;
  cr_assert_eq(rnn_vocabulary_add(vocabulary, bytes, length_bytes, &number, &error), RNN_OK, "%s", error.text);
  return number;
}

static struct rnn_vocabulary *create(void)
{
  struct rnn_vocabulary *vocabulary;
  cr_assert_eq(rnn_vocabulary_create(&vocabulary, &error), RNN_OK);
  return vocabulary;
}

Test(vocabulary, numbers_follow_arrival)
{
  struct rnn_vocabulary *vocabulary = create();
  char text[32];
  cr_assert_eq(rnn_vocabulary_find(vocabulary, "0", 1), RNN_ABSENT);
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < 20000; i++)
      cr_assert_eq(add(vocabulary, text, (size_t)snprintf(text, sizeof text, "%d", i * 7)), i);
  cr_assert_eq(rnn_vocabulary_count(vocabulary), 20000);
  for (int i = 0; i < 20000; i++) {
    size_t length = (size_t)snprintf(text, sizeof text, "%d", i * 7), got;
    cr_assert_eq(rnn_vocabulary_find(vocabulary, text, length), i);
    const char *string = rnn_vocabulary_string(vocabulary, i, &got);
    cr_assert(got == length && memcmp(string, text, length + 1) == 0, "the string and a NUL after it");
  }
  cr_assert_eq(rnn_vocabulary_find(vocabulary, "1", 1), RNN_ABSENT);
  rnn_vocabulary_free(vocabulary);
}

Test(vocabulary, any_bytes)
{
  struct rnn_vocabulary *vocabulary = create();
  cr_assert_eq(add(vocabulary, "a\0b", 3), 0);
  cr_assert_eq(add(vocabulary, "a\0c", 3), 1);
  cr_assert_eq(add(vocabulary, "a", 1), 2);
  cr_assert_eq(add(vocabulary, "", 0), 3);
  cr_assert_eq(add(vocabulary, "\0", 1), 4);
  cr_assert_eq(add(vocabulary, "a\0b", 3), 0);
  cr_assert_eq(rnn_vocabulary_find(vocabulary, "", 0), 3);
  rnn_vocabulary_free(vocabulary);
}

static void expect(const struct rnn_vocabulary *vocabulary, int32_t number, const char *text, uint64_t frequency)
{
  size_t length;
  const char *string = rnn_vocabulary_string(vocabulary, number, &length);
  cr_assert(length == strlen(text) && memcmp(string, text, length) == 0, "number %d is %s", number, string);
  cr_assert_eq(rnn_vocabulary_frequency(vocabulary, number), frequency);
}

Test(vocabulary, sorted)
{
  static const char *const word[] = {"b", "rare", "a", "often", "ab", "\xFF"};
  static const uint64_t frequency[] = {2, 1, 2, 9, 2, 2};
  struct rnn_vocabulary *vocabulary = create(), *sorted;
  int32_t map[6];
  for (int32_t i = 0; i < 6; i++)
    rnn_vocabulary_add_frequency(vocabulary, add(vocabulary, word[i], strlen(word[i])), frequency[i]);

  cr_assert_eq(rnn_vocabulary_sorted(vocabulary, 2, 0, &sorted, map, &error), RNN_OK);
  cr_assert_eq(rnn_vocabulary_count(sorted), 5);
  expect(sorted, 0, "often", 9);
  expect(sorted, 1, "a", 2);
  expect(sorted, 2, "ab", 2);
  expect(sorted, 3, "b", 2);
  expect(sorted, 4, "\xFF", 2);
  static const int32_t by_frequency[] = {3, RNN_ABSENT, 1, 0, 2, 4};
  cr_assert_arr_eq(map, by_frequency, sizeof map);
  rnn_vocabulary_free(sorted);

  cr_assert_eq(rnn_vocabulary_sorted(vocabulary, 0, 1, &sorted, NULL, &error), RNN_OK);
  static const char *const by_bytes[] = {"a", "ab", "b", "often", "rare", "\xFF"};
  for (int32_t i = 0; i < 6; i++)
    expect(sorted, i, by_bytes[i], i == 3 ? 9 : i == 4 ? 1 : 2);
  rnn_vocabulary_free(sorted);
  rnn_vocabulary_free(vocabulary);
}

Test(vocabulary, sorted_from_nothing)
{
  struct rnn_vocabulary *vocabulary = create(), *sorted;
  cr_assert_eq(rnn_vocabulary_sorted(vocabulary, 1, 0, &sorted, NULL, &error), RNN_OK);
  cr_assert_eq(rnn_vocabulary_count(sorted), 0);
  rnn_vocabulary_free(sorted);
  rnn_vocabulary_free(vocabulary);
}
