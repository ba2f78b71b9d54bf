/* Which n-grams stand in which text of a corpus: what the wide path is fitted to. */
#ifndef RNN_WIDE_TABLE_H
#define RNN_WIDE_TABLE_H

#include "wide.h"

/* At most so many n-grams of all texts are read: what comes after them in the corpus is left out. */
enum { RNN_WIDE_MOST_ENTRIES = 1 << 25 };

struct rnn_wide_table {
  size_t texts;   /* those with a label */
  int32_t *label; /* [texts] */
  size_t *begin;  /* [texts+1] */
  int32_t *entry; /* [begin[texts]] keys of n-grams, of a text rising, each once; then numbers of features */
  size_t capacity_entries;
};

/* Reads the labelled texts of a corpus whose numbers are those of `wide`. Released with rnn_wide_table_clear, whatever
 * the answer. */
enum rnn_status rnn_wide_table_read(struct rnn_wide_table *table, const struct rnn_wide *wide,
                                    const struct rnn_corpus *corpus, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_wide_table_clear(struct rnn_wide_table *table);

/* *key [*features], rising: the keys that stand in two texts and more, or in more where these would be more than
 * `most`. Freed with rnn_memory_free. */
enum rnn_status rnn_wide_table_choose(const struct rnn_wide_table *table, size_t most, int32_t **key, size_t *features,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* From keys to places in wide->key; what is not there is left out. */
void rnn_wide_table_number(struct rnn_wide_table *table, const struct rnn_wide *wide);

#endif
