/* The document of a checkpoint; for checkpoint.c. */
#ifndef RNN_CHECKPOINT_PRIVATE_H
#define RNN_CHECKPOINT_PRIVATE_H

#include "model.h"
#include "part.h"

#define RNN_CHECKPOINT_FORMAT "rnn-checkpoint/1"

/* What a training is of: of everything that a model file says before the first update, the words or a digest. */
struct rnn_identity {
  size_t count, capacity;
  struct rnn_identity_pair {
    char *key, *value;
  } * pair;
};
enum rnn_status rnn_identity_take(struct rnn_identity *identity, const struct rnn_model *model, uint64_t valid_digest,
                                  struct rnn_error *error) RNN_MUST_CHECK;
void rnn_identity_clear(struct rnn_identity *identity);

/* The document, freed with rnn_memory_free. */
enum rnn_status rnn_checkpoint_encode(const struct rnn_identity *identity, const struct rnn_model *model,
                                      const struct rnn_parts *parts, char **block, size_t *size_bytes,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* Overwrites the parts and the history. *whole is false where it failed because the document is damaged, not because
 * it is of another training. The sentence is without a name. */
enum rnn_status rnn_checkpoint_decode(const struct rnn_identity *identity, const char *block, size_t size_bytes,
                                      struct rnn_model *model, const struct rnn_parts *parts, bool *whole,
                                      struct rnn_error *error) RNN_MUST_CHECK;

#endif
