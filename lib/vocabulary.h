/* Strings and their numbers: symbols, labels, tags. Numbers are given in the order of arrival, from 0.
 * A string is any bytes, NUL included. Lookup hashes with XXH3. */
#ifndef RNN_VOCABULARY_H
#define RNN_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct rnn_vocabulary;

enum { RNN_ABSENT = -1 }; /* the number of a string that is not there */

enum rnn_status rnn_vocabulary_create(struct rnn_vocabulary **vocabulary, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_vocabulary_free(struct rnn_vocabulary *vocabulary); /* NULL is allowed */

size_t rnn_vocabulary_count(const struct rnn_vocabulary *vocabulary);
int32_t rnn_vocabulary_find(const struct rnn_vocabulary *vocabulary, const char *bytes, size_t length_bytes);

/* Finds or adds; *number is set. At most INT32_MAX - 8 strings. */
enum rnn_status rnn_vocabulary_add(struct rnn_vocabulary *vocabulary, const char *bytes, size_t length_bytes,
                                   int32_t *number, struct rnn_error *error) RNN_MUST_CHECK;

/* Room for so many strings of so many bytes together: adding them takes no more memory. */
enum rnn_status rnn_vocabulary_reserve(struct rnn_vocabulary *vocabulary, size_t count, size_t bytes,
                                       struct rnn_error *error) RNN_MUST_CHECK;

/* The string of a number (followed by a NUL that is not part of it); valid until the vocabulary grows or is freed. */
const char *rnn_vocabulary_string(const struct rnn_vocabulary *vocabulary, int32_t number, size_t *length_bytes);

/* How often each string was met: kept by whoever counts, 0 at first. */
uint64_t rnn_vocabulary_frequency(const struct rnn_vocabulary *vocabulary, int32_t number);
void rnn_vocabulary_add_frequency(struct rnn_vocabulary *vocabulary, int32_t number, uint64_t more);

/* A new vocabulary of those strings met at least `least` times, ordered by frequency (falling), then by bytes; or, with
 * by_bytes, by bytes alone. map [count of the old] gets the new numbers, RNN_ABSENT for those left out; may be NULL. */
enum rnn_status rnn_vocabulary_sorted(const struct rnn_vocabulary *from, uint64_t least, int by_bytes,
                                      struct rnn_vocabulary **sorted, int32_t *map,
                                      struct rnn_error *error) RNN_MUST_CHECK;

#endif
