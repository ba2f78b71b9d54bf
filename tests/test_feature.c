/* Words by their spelling. */
#include "feature.h"

#include <criterion/criterion.h>
#include <string.h>

#include "lexicon.h"

static struct rnn_error error;

static size_t keys_of(const char *word, int32_t *key)
{
  return rnn_feature_keys(word, strlen(word), key);
}

/* How many keys two words share. */
static size_t shared(const char *a, const char *b)
{
  int32_t key[RNN_MOST_FEATURES], other[RNN_MOST_FEATURES];
  size_t keys = keys_of(a, key), others = keys_of(b, other), both = 0;
  for (size_t i = 0; i < keys; i++)
    for (size_t j = 0; j < others; j++)
      both += key[i] == other[j];
  return both;
}

/* Files hold keys: they are the same on every machine and for ever. */
Test(feature, keys_are_fixed)
{
  int32_t key[RNN_MOST_FEATURES];
  cr_assert_eq(keys_of("I", key), 5);
  cr_assert_eq(key[0], 1033691455);
  cr_assert_eq(key[4], 2031588964);
}

Test(feature, keys_rise_and_are_few)
{
  static const char *const words[] = {"",
                                      "a",
                                      "aaaa",
                                      "Donaudampfschifffahrtsgesellschaft",
                                      "\xC3\x84rger",
                                      "\xFF\xFF",
                                      "3-4",
                                      "123456789012345678901234567890123456789012345678901234567890"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    int32_t key[RNN_MOST_FEATURES];
    size_t keys = keys_of(words[i], key);
    cr_assert(keys >= 3 && keys <= RNN_MOST_FEATURES, "%s: %zu", words[i], keys);
    cr_assert_geq(key[0], 0);
    for (size_t j = 1; j < keys; j++)
      cr_assert_lt(key[j - 1], key[j], "%s", words[i]);
  }
}

Test(feature, words_share_what_is_spelled_alike)
{
  cr_assert_eq(shared("dog", "DOG"), 8, "all but the two shapes");
  cr_assert_eq(shared("dog", "cup"), 2, "the shapes");
  cr_assert_eq(shared("walking", "talking"), 2 + 5 + 4, "shapes, ends, pieces");
  cr_assert_eq(shared("\xC3\x84rger", "\xC3\xA4rger"), 14, "not the two shapes: capitals of any script");
  cr_assert_eq(shared("12", "34"), 2, "shapes of digits");
  cr_assert_eq(shared("aX-", "b"), 0);
}

static struct rnn_features *learn(const char *const *word, const uint64_t *times, size_t words)
{
  struct rnn_vocabulary *counted;
  struct rnn_features *features;
  int32_t number;
  cr_assert_eq(rnn_vocabulary_create(&counted, &error), RNN_OK);
  for (size_t i = 0; i < words; i++) {
    cr_assert_eq(rnn_vocabulary_add(counted, word[i], strlen(word[i]), &number, &error), RNN_OK);
    rnn_vocabulary_add_frequency(counted, number, times[i]);
  }
  cr_assert_eq(rnn_features_create(&features, counted, &error), RNN_OK, "%s", error.text);
  rnn_vocabulary_free(counted);
  return features;
}

Test(feature, those_of_two_words_met_are_kept)
{
  static const char *const words[] = {"dog", "cup", "dig"};
  int32_t row[RNN_MOST_FEATURES];
  struct rnn_features *features = learn(words, (uint64_t[]){9, 1, 0}, 3);
  cr_assert_eq(features->count, 2, "the shapes alone; `dig` was not met");
  cr_assert_eq(rnn_features_find(features, "dig", 3, row), 2);
  cr_assert(row[0] == 0 && row[1] == 1);
  cr_assert_eq(rnn_features_find(features, "Dog!", 4, row), 0);
  rnn_features_free(features);
  features = learn(words, (uint64_t[]){1, 0, 0}, 3);
  cr_assert_eq(features->count, 0);
  cr_assert_eq(rnn_features_find(features, "dog", 3, row), 0);
  rnn_features_free(features);
}

Test(lexicon, words_and_strangers)
{
  static const char *const words[] = {"dog", "dogs"};
  struct rnn_features *features = learn(words, (uint64_t[]){1, 1}, 2);
  struct rnn_lexicon *lexicon;
  int32_t symbol;
  cr_assert_eq(rnn_lexicon_create(&lexicon, features, 3, RNN_ABSENT, &error), RNN_OK);
  cr_assert(rnn_lexicon_has(lexicon, 2) && !rnn_lexicon_has(lexicon, 3) && !rnn_lexicon_has(lexicon, RNN_ABSENT));
  cr_assert_eq(rnn_lexicon_word(lexicon, 1).count, 0, "not yet");
  cr_assert_eq(rnn_lexicon_add(lexicon, 1, "dog", 3, &symbol, &error), RNN_OK);
  cr_assert_eq(symbol, 1);
  cr_assert_eq(rnn_lexicon_word(lexicon, 1).own, 1);
  size_t count = rnn_lexicon_word(lexicon, 1).count;
  cr_assert_gt(count, 0);
  for (int turn = 0; turn < 2; turn++) {
    for (int32_t i = 0; i < 2; i++) {
      cr_assert_eq(rnn_lexicon_add(lexicon, RNN_ABSENT, "dog", 3, &symbol, &error), RNN_OK);
      cr_assert_eq(symbol, 3 + i);
    }
    struct rnn_word stranger = rnn_lexicon_word(lexicon, 4), masked = rnn_lexicon_word(lexicon, 1 | RNN_MASKED);
    cr_assert(stranger.own == RNN_ABSENT && stranger.count == count);
    cr_assert(masked.own == RNN_ABSENT && masked.count == count);
    cr_assert_arr_eq(stranger.row, masked.row, count * sizeof(int32_t));
    rnn_lexicon_forget_strangers(lexicon);
    cr_assert(!rnn_lexicon_has(lexicon, 3));
    cr_assert_eq(rnn_lexicon_word(lexicon, 1).count, count);
  }
  rnn_lexicon_free(lexicon);
  rnn_features_free(features);
}
