/* What a word is known by besides its number: its spelling. Features are hashed: the lower-cased word, its beginnings
 * and ends, the pieces in between and its shape ("Xx0-": capitals, small letters, digits, and the rest as it is), each
 * a key of 31 bits. The vector of a word is the sum of the rows of its features and of its own row (Bojanowski, Grave,
 * Joulin, Mikolov 2017), so that a word never seen still has one. */
#ifndef RNN_FEATURE_H
#define RNN_FEATURE_H

#include "vocabulary.h"

enum { RNN_MOST_FEATURES = 64 }; /* of a word */

/* The keys that were met in training, one a row of the table of features. */
struct rnn_features {
  size_t count, capacity;
  int32_t *key; /* [count] rising, from 0 */
};

/* Writes the keys of a word, rising and none twice, into key [RNN_MOST_FEATURES]; answers how many. A byte that is not
 * UTF-8 is a character of its own. */
size_t rnn_feature_keys(const char *bytes, size_t length_bytes, int32_t *key);

/* Those keys that at least two of the strings met (frequency above zero) share. */
enum rnn_status rnn_features_create(struct rnn_features **features, const struct rnn_vocabulary *counted,
                                    struct rnn_error *error) RNN_MUST_CHECK;
void rnn_features_free(struct rnn_features *features); /* NULL is allowed */

/* Writes the rows of the known features of a word, rising, into row [RNN_MOST_FEATURES]; answers how many. */
size_t rnn_features_find(const struct rnn_features *features, const char *bytes, size_t length_bytes, int32_t *row);

#endif
