/* Lists of strings in a document: all bytes one behind the other (U8), and the length of each (I32). */
#ifndef RNN_STRING_LIST_H
#define RNN_STRING_LIST_H

#include "safetensors.h"
#include "vocabulary.h"

/* Strings gathered for writing. Zero-initialise; the storage is reused and released by clear. */
struct rnn_strings {
  size_t count, size_bytes;
  int32_t *length; /* [count] */
  char *bytes;     /* [size_bytes] */
  size_t capacity_count, capacity_bytes;
};

/* Appends the strings of a vocabulary from number `from` on. RNN_DATA for one longer than RNN_LIMIT_TOKEN_BYTES. */
enum rnn_status rnn_strings_append(struct rnn_strings *strings, const struct rnn_vocabulary *vocabulary, size_t from,
                                   struct rnn_error *error) RNN_MUST_CHECK;
void rnn_strings_empty(struct rnn_strings *strings); /* keeps the storage */
void rnn_strings_clear(struct rnn_strings *strings);

/* Strings of a document; looks into it. */
struct rnn_strings_reader {
  size_t count, left;
  const struct rnn_document_tensor *length, *bytes; /* NULL where the document has none */
  size_t offset;
};

/* `name` is that of the bytes, `name`.length that of the lengths; both absent: no strings. RNN_DATA "name: ..." unless
 * they fit each other, and where there are more than `most` or one is longer than RNN_LIMIT_TOKEN_BYTES. */
enum rnn_status rnn_strings_reader_init(struct rnn_strings_reader *reader, const struct rnn_document *document,
                                        const char *name, size_t most, struct rnn_error *error) RNN_MUST_CHECK;

/* The next string, or NULL after the last. Not followed by a NUL. */
const char *rnn_strings_reader_next(struct rnn_strings_reader *reader, size_t *length_bytes);

#endif
