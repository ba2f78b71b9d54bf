/* Reading, counting and numbering the n-grams of a corpus. */
#include "wide_table.h"

#include <string.h>

#include "memory.h"
#include "sorted.h"

enum { MOST_FREQUENCY = 1024, LEAST_FREQUENCY = 2 };

void rnn_wide_table_clear(struct rnn_wide_table *table)
{
  rnn_memory_free(table->begin);
  rnn_memory_free(table->label);
  rnn_memory_free(table->entry);
  *table = (struct rnn_wide_table){.texts = 0};
}

/* ---- counting ---- */

static enum rnn_status add_text(struct rnn_wide_table *table, const struct rnn_wide *wide,
                                const struct rnn_sequence *sequence, struct rnn_error *error)
{
  size_t begin = table->begin[table->texts], end = begin, most;
  if (!rnn_size_multiply(sequence->length + 1, wide->longest, &most) || !rnn_size_add(begin, most, &most))
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: n-grams of %zu steps", sequence->length);
  enum rnn_status status = rnn_memory_grow(&table->entry, &table->capacity_entries, most, sizeof *table->entry,
                                           "n-grams of the corpus", error);
  if (status != RNN_OK)
    return status;
  struct rnn_grams grams;
  rnn_grams_start(&grams);
  for (size_t t = 0; t < sequence->length; t++)
    end += rnn_grams_next(&grams, wide, sequence->symbol[t], table->entry + end);
  end += rnn_grams_end(&grams, table->entry + end);
  table->label[table->texts++] = sequence->label;
  table->begin[table->texts] = begin + rnn_sorted_unique(table->entry + begin, end - begin);
  return RNN_OK;
}

enum rnn_status rnn_wide_table_read(struct rnn_wide_table *table, const struct rnn_wide *wide,
                                    const struct rnn_corpus *corpus, struct rnn_error *error)
{
  enum rnn_status status;
  *table = (struct rnn_wide_table){.texts = 0};
  RNN_TRY(rnn_memory_new(&table->begin, corpus->count + 1, sizeof *table->begin, "n-grams of the corpus", error));
  RNN_TRY(rnn_memory_new(&table->label, corpus->count, sizeof *table->label, "n-grams of the corpus", error));
  for (size_t i = 0; i < corpus->count && table->begin[table->texts] < RNN_WIDE_MOST_ENTRIES; i++) {
    struct rnn_sequence sequence = rnn_corpus_sequence(corpus, i);
    if (sequence.label >= 0)
      RNN_TRY(add_text(table, wide, &sequence, error));
  }
out:
  return status;
}

/* Rising, by the digits of the base 2^11 (`other` [count] is room). Three digits: the result is in `other`. */
static void sort_keys(int32_t *key, int32_t *other, size_t count)
{
  enum { DIGITS = 3, DIGIT_BITS = 11, BASE = 1 << DIGIT_BITS };
  for (int digit = 0; digit < DIGITS; digit++) {
    size_t begin[BASE + 1] = {0};
    for (size_t i = 0; i < count; i++)
      begin[(key[i] >> digit * DIGIT_BITS & (BASE - 1)) + 1]++;
    for (size_t value = 0; value < BASE; value++)
      begin[value + 1] += begin[value];
    for (size_t i = 0; i < count; i++)
      other[begin[key[i] >> digit * DIGIT_BITS & (BASE - 1)]++] = key[i];
    int32_t *swapped = key;
    key = other;
    other = swapped;
  }
}

/* Keeps one of each run of equal keys that is long enough: of `least` and more, or longer where these would be more
 * than `most`. Answers how many. */
static size_t keep_frequent(int32_t *key, size_t count, size_t most)
{
  size_t of_frequency[MOST_FREQUENCY + 1] = {0}, kept = 0, features = 0, least = MOST_FREQUENCY;
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && key[end] == key[i];)
      end++;
    of_frequency[end - i < MOST_FREQUENCY ? end - i : MOST_FREQUENCY]++;
  }
  while (least >= LEAST_FREQUENCY && features + of_frequency[least] <= most)
    features += of_frequency[least--];
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && key[end] == key[i];)
      end++;
    if ((end - i < MOST_FREQUENCY ? end - i : MOST_FREQUENCY) > least)
      key[kept++] = key[i];
  }
  return kept;
}

enum rnn_status rnn_wide_table_choose(const struct rnn_wide_table *table, size_t most, int32_t **key, size_t *features,
                                      struct rnn_error *error)
{
  enum rnn_status status;
  size_t entries = table->begin[table->texts];
  int32_t *copy = NULL;
  RNN_TRY(rnn_memory_new(&copy, entries, sizeof *copy, "n-grams of the corpus", error));
  RNN_TRY(rnn_memory_new(key, entries, sizeof **key, "n-grams of the corpus", error));
  if (entries > 0)
    memcpy(copy, table->entry, entries * sizeof *copy);
  sort_keys(copy, *key, entries);
  *features = keep_frequent(*key, entries, most);
out:
  rnn_memory_free(copy);
  return status;
}

void rnn_wide_table_number(struct rnn_wide_table *table, const struct rnn_wide *wide)
{
  size_t kept = 0;
  for (size_t i = 0; i < table->texts; i++) {
    size_t begin = table->begin[i], end = table->begin[i + 1]; /* of the keys still */
    table->begin[i] = kept;
    for (size_t e = begin; e < end; e++) {
      size_t feature = rnn_wide_find(wide, table->entry[e]);
      if (feature < wide->features)
        table->entry[kept++] = (int32_t)feature;
    }
  }
  table->begin[table->texts] = kept;
}
