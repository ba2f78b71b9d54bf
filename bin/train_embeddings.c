/* --embeddings. */
#include "train_embeddings.h"

#include "program.h"

enum rnn_status rnn_train_open_embeddings(struct rnn_embeddings **embeddings, struct rnn_options *options,
                                          const char *name, struct rnn_config *config, struct rnn_error *error)
{
  enum rnn_status status;
  *embeddings = NULL;
  if (name == NULL)
    return RNN_OK;
  RNN_TRY(rnn_options_claim(options, name, "the vectors", error));
  RNN_TRY(rnn_embeddings_open(embeddings, name, error));
  int64_t width = (int64_t)rnn_embeddings_width(*embeddings);
  if (config->embedding != RNN_AUTO && config->embedding != width)
    return rnn_error_set(error, RNN_BAD_CONFIG, "embedding: the vectors of %s have %lld numbers, not %lld", name,
                         (long long)width, (long long)config->embedding);
  config->embedding = width;
out:
  return status;
}

enum rnn_status rnn_train_read_embeddings(struct rnn_embeddings *embeddings, const struct rnn_options *options,
                                          struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_embeddings_found found;
  if (embeddings == NULL)
    return RNN_OK;
  RNN_TRY(rnn_embeddings_read(embeddings, model, &found, error));
  rnn_program_note(options, "vectors were found for %zu of %zu words, %zu of them in another case",
                   found.exact + found.folded, rnn_vocabulary_count(model->symbols), found.folded);
out:
  return status;
}
