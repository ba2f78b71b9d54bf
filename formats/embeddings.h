/* Vectors of words as text, as word2vec, GloVe and fastText write them (embeddings.md): the start of an embedding. */
#ifndef RNN_EMBEDDINGS_H
#define RNN_EMBEDDINGS_H

#include <stddef.h>

#include "model.h"

struct rnn_embeddings;

/* How many symbols of a model have a vector. */
struct rnn_embeddings_found {
  size_t exact;  /* of their own */
  size_t folded; /* of a word that differs in upper and lower case alone */
};

/* Opens the file ("-": standard input) and reads how many numbers its vectors have. RNN_NO_INPUT if it cannot be read,
 * RNN_DATA if it does not begin as such a file does. */
enum rnn_status rnn_embeddings_open(struct rnn_embeddings **embeddings, const char *name,
                                    struct rnn_error *error) RNN_MUST_CHECK;
void rnn_embeddings_close(struct rnn_embeddings *embeddings); /* NULL is allowed */

size_t rnn_embeddings_width(const struct rnn_embeddings *embeddings); /* numbers a vector, at least 1 */

/* Reads the file to its end, once: of each symbol of `model` that is in it the row of the embedding, whose width is
 * that of the file. The other rows stay. Takes memory for the symbols of the model, not for the words of the file.
 * RNN_DATA "name:line: ..." for what is no vector, and if no symbol is in the file. */
enum rnn_status rnn_embeddings_read(struct rnn_embeddings *embeddings, struct rnn_model *model,
                                    struct rnn_embeddings_found *found, struct rnn_error *error) RNN_MUST_CHECK;

#endif
