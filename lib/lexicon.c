/* Words and their features. */
#include "lexicon.h"

#include <string.h>

#include "memory.h"

struct span {
  size_t begin;
  uint32_t count;
  bool met;
};

/* Words and the rows of their features. */
struct list {
  struct span *span; /* [words] */
  int32_t *row;      /* [rows] */
  size_t words, rows, capacity_words, capacity_rows;
};

struct rnn_lexicon {
  const struct rnn_features *features;
  int32_t unknown;
  struct list known, strangers; /* apart, so that strangers can be forgotten */
};

enum rnn_status rnn_lexicon_create(struct rnn_lexicon **lexicon, const struct rnn_features *features, size_t n,
                                   int32_t unknown, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_lexicon *fresh = NULL;
  *lexicon = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a lexicon", error));
  fresh->features = features;
  fresh->unknown = unknown;
  RNN_TRY(rnn_memory_new(&fresh->known.span, n, sizeof *fresh->known.span, "a lexicon", error));
  fresh->known.words = fresh->known.capacity_words = n;
  *lexicon = fresh;
  fresh = NULL;
out:
  rnn_lexicon_free(fresh);
  return status;
}

static void clear(struct list *list)
{
  rnn_memory_free(list->span);
  rnn_memory_free(list->row);
}

void rnn_lexicon_free(struct rnn_lexicon *lexicon)
{
  if (lexicon == NULL)
    return;
  clear(&lexicon->known);
  clear(&lexicon->strangers);
  rnn_memory_free(lexicon);
}

static enum rnn_status add_word(struct list *list, const struct rnn_features *features, size_t word, const char *bytes,
                                size_t length_bytes, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_grow(&list->row, &list->capacity_rows, list->rows + RNN_MOST_FEATURES,
                                           sizeof *list->row, "a lexicon", error);
  if (status != RNN_OK)
    return status;
  size_t count = rnn_features_find(features, bytes, length_bytes, list->row + list->rows);
  list->span[word] = (struct span){.begin = list->rows, .count = (uint32_t)count, .met = true};
  list->rows += count;
  return RNN_OK;
}

enum rnn_status rnn_lexicon_add(struct rnn_lexicon *lexicon, int32_t number, const char *bytes, size_t length_bytes,
                                int32_t *symbol, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct list *known = &lexicon->known, *strangers = &lexicon->strangers;
  *symbol = number;
  if (number != RNN_ABSENT)
    return known->span[number].met ? RNN_OK
                                   : add_word(known, lexicon->features, (size_t)number, bytes, length_bytes, error);
  size_t word = strangers->words;
  if (word >= RNN_MOST_STRANGERS)
    return rnn_error_set(error, RNN_DATA, "more than %d words that the model does not know", RNN_MOST_STRANGERS);
  RNN_TRY(rnn_memory_grow(&strangers->span, &strangers->capacity_words, word + 1, sizeof *strangers->span, "a lexicon",
                          error));
  RNN_TRY(add_word(strangers, lexicon->features, word, bytes, length_bytes, error));
  strangers->words++;
  *symbol = (int32_t)(known->words + word);
out:
  return status;
}

void rnn_lexicon_forget_strangers(struct rnn_lexicon *lexicon)
{
  lexicon->strangers.words = lexicon->strangers.rows = 0;
}

bool rnn_lexicon_has(const struct rnn_lexicon *lexicon, int32_t symbol)
{
  return symbol >= 0 && (size_t)(symbol & ~RNN_MASKED) < lexicon->known.words + lexicon->strangers.words;
}

struct rnn_word rnn_lexicon_word(const struct rnn_lexicon *lexicon, int32_t symbol)
{
  size_t word = (size_t)(symbol & ~RNN_MASKED);
  bool stranger = word >= lexicon->known.words;
  const struct list *list = stranger ? &lexicon->strangers : &lexicon->known;
  const struct span *span = &list->span[stranger ? word - lexicon->known.words : word];
  return (struct rnn_word){.own = stranger || (symbol & RNN_MASKED) != 0 ? lexicon->unknown : symbol,
                           .count = span->count,
                           .row = span->count == 0 ? NULL : list->row + span->begin};
}
