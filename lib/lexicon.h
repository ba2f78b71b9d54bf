/* Words and their features: the symbols of sequences that a model with features reads.
 *
 * A symbol is a word of the vocabulary (0 ... n-1, the unknown symbol among them) or a stranger (n, n+1, ...), which
 * has the row of the unknown symbol for its own. `symbol | RNN_MASKED` is the same word without its own row: known by
 * its spelling alone, as a stranger is. */
#ifndef RNN_LEXICON_H
#define RNN_LEXICON_H

#include <stdbool.h>

#include "feature.h"

enum { RNN_MASKED = 1 << 30, RNN_MOST_STRANGERS = 1 << 28 };

struct rnn_lexicon;

/* What a symbol's vector is the sum of. */
struct rnn_word {
  int32_t own;        /* row of the embedding, or RNN_ABSENT */
  size_t count;       /* features */
  const int32_t *row; /* [count] of the table of features, rising */
};

/* For the n symbols of a model, its unknown one (or RNN_ABSENT) and its features, which must outlive the lexicon. */
enum rnn_status rnn_lexicon_create(struct rnn_lexicon **lexicon, const struct rnn_features *features, size_t n,
                                   int32_t unknown, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_lexicon_free(struct rnn_lexicon *lexicon); /* NULL is allowed */

/* Takes in a word: one of the vocabulary by its number, or a stranger (RNN_ABSENT), which gets a new number whether or
 * not it was met before; *symbol is the number. */
enum rnn_status rnn_lexicon_add(struct rnn_lexicon *lexicon, int32_t number, const char *bytes, size_t length_bytes,
                                int32_t *symbol, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_lexicon_forget_strangers(struct rnn_lexicon *lexicon);

/* True if the symbol is a word taken in, or of the vocabulary (without features until it is taken in). */
bool rnn_lexicon_has(const struct rnn_lexicon *lexicon, int32_t symbol);

/* The word of a symbol that the lexicon has; valid until one is added. */
struct rnn_word rnn_lexicon_word(const struct rnn_lexicon *lexicon, int32_t symbol);

#endif
