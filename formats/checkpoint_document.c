/* What is in a checkpoint: what the training is of, and where it stands. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "checkpoint_private.h"
#include "memory.h"
#include "model_file.h"
#include "model_history.h"
#include "part_document.h"
#include "safetensors.h"

/* ---- identity ---- */

void rnn_identity_clear(struct rnn_identity *identity)
{
  for (size_t i = 0; i < identity->count; i++) {
    free(identity->pair[i].key);
    free(identity->pair[i].value);
  }
  rnn_memory_free(identity->pair);
  *identity = (struct rnn_identity){.count = 0};
}

static enum rnn_status add_pair(struct rnn_identity *identity, const char *prefix, const char *key, const char *value,
                                struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_memory_grow(&identity->pair, &identity->capacity, identity->count + 1, sizeof *identity->pair,
                          "a checkpoint", error));
  struct rnn_identity_pair *pair = &identity->pair[identity->count];
  pair->value = strdup(value);
  if (pair->value == NULL || asprintf(&pair->key, "%s%s", prefix, key) < 0) {
    free(pair->value);
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: a checkpoint");
  }
  identity->count++;
out:
  return status;
}

static enum rnn_status add_digest(struct rnn_identity *identity, const char *prefix, const char *key, uint64_t digest,
                                  struct rnn_error *error)
{
  char text[32];
  snprintf(text, sizeof text, "%016" PRIx64, digest);
  return add_pair(identity, prefix, key, text, error);
}

enum rnn_status rnn_identity_take(struct rnn_identity *identity, const struct rnn_model *model, uint64_t valid_digest,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_document *document = NULL;
  char *block = NULL;
  size_t size;
  RNN_TRY(rnn_model_encode(model, &block, &size, error));
  RNN_TRY(rnn_document_decode(&document, block, size, error));
  for (size_t i = 0; i < rnn_document_metadata_count(document); i++) {
    const char *key = rnn_document_metadata_key(document, i);
    RNN_TRY(add_pair(identity, "of.", key, rnn_document_metadata(document, key), error));
  }
  for (size_t i = 0; i < rnn_document_tensors(document); i++) {
    const struct rnn_document_tensor *tensor = rnn_document_tensor_at(document, i);
    RNN_TRY(add_digest(identity, "of.tensor.", tensor->name, XXH3_64bits(tensor->data, tensor->size_bytes), error));
  }
  RNN_TRY(add_digest(identity, "of.", "validation_digest", valid_digest, error));
out:
  rnn_document_free(document);
  rnn_memory_free(block);
  return status;
}

/* The first line of two configurations that differs; max_time may. */
static bool find_difference(const char *there, const char *here, char *text, size_t size_bytes)
{
  static const char may[] = "max_time:";
  while (*there != '\0' || *here != '\0') {
    size_t length[2] = {strcspn(there, "\n"), strcspn(here, "\n")};
    bool both = strncmp(there, may, strlen(may)) == 0 && strncmp(here, may, strlen(may)) == 0;
    if (!both && (length[0] != length[1] || memcmp(there, here, length[0]) != 0)) {
      snprintf(text, size_bytes, "'%.*s' there, '%.*s' here", (int)(length[0] < 60 ? length[0] : 60), there,
               (int)(length[1] < 60 ? length[1] : 60), here);
      return true;
    }
    there += length[0] + (there[length[0]] == '\n');
    here += length[1] + (here[length[1]] == '\n');
  }
  return false;
}

/* What the keys that differ are about, in the order in which it is told. */
enum topic { TOPIC_TRAIN, TOPIC_VALID, TOPIC_STRINGS, TOPIC_WEIGHTS, TOPIC_REST, TOPICS };

static enum topic topic_of(const char *key)
{
  static const struct {
    const char *begin;
    enum topic topic;
  } known[] = {{"of.data_digest", TOPIC_TRAIN},
               {"of.train_", TOPIC_TRAIN},
               {"of.validation_digest", TOPIC_VALID},
               {"of.tensor.vocabulary", TOPIC_STRINGS},
               {"of.tensor.labels", TOPIC_STRINGS},
               {"of.tensor.", TOPIC_WEIGHTS}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strncmp(key, known[i].begin, strlen(known[i].begin)) == 0)
      return known[i].topic;
  return TOPIC_REST;
}

static enum rnn_status compare(const struct rnn_identity *identity, const struct rnn_document *document,
                               struct rnn_error *error)
{
  static const char *const what[TOPICS] = {"training data", "validation data", "words or labels",
                                            "weights to begin with, as of --init or --embeddings", "facts"};
  enum topic other = TOPICS;
  char config[160] = "";
  const char *key = "";
  size_t known = 1; /* `format` */
  for (size_t i = 0; i < identity->count; i++) {
    const struct rnn_identity_pair *pair = &identity->pair[i];
    const char *there = rnn_document_metadata(document, pair->key);
    known += there != NULL;
    if (there != NULL && strcmp(pair->key, "of.config") == 0) {
      find_difference(there, pair->value, config, sizeof config);
    } else if ((there == NULL || strcmp(there, pair->value) != 0) && topic_of(pair->key) < other) {
      other = topic_of(pair->key);
      key = pair->key;
    }
  }
  if (other == TOPICS && known != rnn_document_metadata_count(document))
    return rnn_error_set(error, RNN_DATA, "of a training that has what this one lacks");
  if (other == TOPICS && config[0] == '\0')
    return RNN_OK;
  if (config[0] != '\0' && other >= TOPIC_WEIGHTS)
    return rnn_error_set(error, RNN_BAD_CONFIG, "of a training with another configuration (%s)", config);
  return rnn_error_set(error, RNN_DATA, "of a training with other %s (%s)%s%s", what[other], key + strlen("of."),
                       config[0] == '\0' ? "" : ", or with another configuration: ", config);
}

/* ---- the document ---- */

enum rnn_status rnn_checkpoint_encode(const struct rnn_identity *identity, const struct rnn_model *model,
                                      const struct rnn_parts *parts, char **block, size_t *size_bytes,
                                      struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_document *document = NULL;
  double *history = NULL;
  *block = NULL;
  RNN_TRY(rnn_document_create(&document, error));
  RNN_TRY(rnn_document_add_metadata(document, "format", RNN_CHECKPOINT_FORMAT, error));
  for (size_t i = 0; i < identity->count; i++)
    RNN_TRY(rnn_document_add_metadata(document, identity->pair[i].key, identity->pair[i].value, error));
  RNN_TRY(rnn_model_add_history(document, model, &history, error));
  RNN_TRY(rnn_parts_to_document(parts, document, error));
  RNN_TRY(rnn_document_encode(document, block, size_bytes, error));
out:
  rnn_document_free(document);
  rnn_memory_free(history);
  return status;
}

enum rnn_status rnn_checkpoint_decode(const struct rnn_identity *identity, const char *block, size_t size_bytes,
                                      struct rnn_model *model, const struct rnn_parts *parts, bool *whole,
                                      struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_document *document = NULL;
  *whole = false;
  if (!rnn_document_begins(block, size_bytes))
    return rnn_error_set(error, RNN_DATA, "not a checkpoint");
  RNN_TRY(rnn_document_decode(&document, block, size_bytes, error));
  const char *format = rnn_document_metadata(document, "format");
  *whole = true;
  if (format == NULL || strcmp(format, RNN_CHECKPOINT_FORMAT) != 0) {
    status = rnn_error_set(error, RNN_DATA, "not a checkpoint");
    goto out;
  }
  RNN_TRY(compare(identity, document, error));
  *whole = false;
  RNN_TRY(rnn_parts_from_document(parts, rnn_document_tensor(document, "history") != NULL, document, error));
  RNN_TRY(rnn_model_read_history(document, model, error));
  *whole = true;
out:
  rnn_document_free(document);
  return status;
}
