/* Vectors of words that rnn-train begins with. */
#ifndef TRAIN_EMBEDDINGS_H
#define TRAIN_EMBEDDINGS_H

#include "embeddings.h"
#include "options.h"

/* Opens the file of --embeddings (name NULL: there is none, *embeddings is NULL), and sets the width of the embedding
 * in `config`, which is RNN_BAD_CONFIG if another was asked for. */
enum rnn_status rnn_train_open_embeddings(struct rnn_embeddings **embeddings, struct rnn_options *options,
                                          const char *name, struct rnn_config *config,
                                          struct rnn_error *error) RNN_MUST_CHECK;

/* Puts the vectors into the new model, and with -v says how many were found. NULL: there are none. */
enum rnn_status rnn_train_read_embeddings(struct rnn_embeddings *embeddings, const struct rnn_options *options,
                                          struct rnn_model *model, struct rnn_error *error) RNN_MUST_CHECK;

#endif
