/* Vocabularies: numbers in the order of arrival, strings of any bytes, the order of a model's vocabulary. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "memory.h"
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

Test(vocabulary, room_is_made_once)
{
  struct rnn_vocabulary *vocabulary = create();
  char text[32];
  cr_assert_eq(rnn_vocabulary_reserve(vocabulary, 20000, 5 * 20000, &error), RNN_OK);
  size_t before = rnn_memory_allocations();
  for (int i = 0; i < 20000; i++)
    cr_assert_eq(add(vocabulary, text, (size_t)snprintf(text, sizeof text, "%05d", i)), i);
  cr_assert_eq(rnn_memory_allocations(), before);
  cr_assert_eq(rnn_vocabulary_find(vocabulary, "04711", 5), 4711);
  cr_assert_eq(rnn_vocabulary_reserve(vocabulary, SIZE_MAX, 1, &error), RNN_NO_MEMORY);
  cr_assert_str_eq(error.text, "more than 2147483639 different strings");
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

/* ---- keys chosen to collide ---- */

enum { KEYS = 20000, KEY_BYTES = 32 };

/* All of one hash without a seed: bytes 16 to 23 are those of XXH3's secret at 16, so what follows is multiplied by 0.
 */
static void make_colliding(char *key, uint64_t number)
{
  static const unsigned char secret[8] = {0xDE, 0xD4, 0x6D, 0xE9, 0x83, 0x90, 0x97, 0xDB};
  memset(key, 'a', KEY_BYTES);
  memcpy(key + 16, secret, sizeof secret);
  memcpy(key + 24, &number, sizeof number);
}

static void make_random(char *key, uint64_t number)
{
  for (size_t i = 0; i < KEY_BYTES; i += 8) {
    uint64_t hash = XXH64(&number, sizeof number, i);
    memcpy(key + i, &hash, sizeof hash);
  }
}

/* CPU seconds to add all keys, at best of three. */
static double seconds_to_add(void (*make)(char *, uint64_t))
{
  double best = 1e9;
  for (int turn = 0; turn < 3; turn++) {
    struct rnn_vocabulary *vocabulary = create();
    char key[KEY_BYTES];
    clock_t begin = clock();
    for (uint64_t i = 0; i < KEYS; i++) {
      make(key, i);
      add(vocabulary, key, KEY_BYTES);
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    best = seconds < best ? seconds : best;
    cr_assert_eq(rnn_vocabulary_count(vocabulary), KEYS);
    rnn_vocabulary_free(vocabulary);
  }
  return best;
}

Test(vocabulary, keys_that_collide_cost_at_most_twice_as_much_as_random_ones)
{
  char one[KEY_BYTES], other[KEY_BYTES];
  make_colliding(one, 1);
  make_colliding(other, 2);
  cr_assert_eq(XXH3_64bits(one, KEY_BYTES), XXH3_64bits(other, KEY_BYTES), "they collide where there is no seed");
  double random = seconds_to_add(make_random), colliding = seconds_to_add(make_colliding);
  cr_assert_leq(colliding, 2 * random, "%g s for colliding keys, %g s for random ones", colliding, random);
}
