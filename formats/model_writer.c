/* Writing models: one document, always in the same order. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config_file.h"
#include "container.h"
#include "half.h"
#include "input_limits.h"
#include "memory.h"
#include "model_file.h"
#include "model_frame.h"
#include "model_history.h"
#include "model_wide.h"
#include "picture.h"
#include "safetensors.h"
#include "string_list.h"

/* What the tensors of a document point to. */
struct storage {
  char *config;
  double *history; /* [epochs][RNN_HISTORY_COLUMNS] */
  int64_t *symbol_frequency, *label_frequency;
  float *value;   /* [layout.count] */
  float *frame;   /* means and deviations, or NULL */
  uint16_t *half; /* [layout.count], or NULL: value is what is written */
  struct rnn_strings symbols, labels;
  uint16_t *wide;
};

static void clear_storage(struct storage *storage)
{
  rnn_memory_free(storage->config);
  rnn_memory_free(storage->history);
  rnn_memory_free(storage->symbol_frequency);
  rnn_memory_free(storage->label_frequency);
  rnn_memory_free(storage->value);
  rnn_memory_free(storage->half);
  rnn_memory_free(storage->frame);
  rnn_memory_free(storage->wide);
  rnn_strings_clear(&storage->symbols);
  rnn_strings_clear(&storage->labels);
}

size_t rnn_model_tensor_shape(const struct rnn_tensor *tensor, size_t shape[2])
{
  const char *dot = strrchr(tensor->name, '.'), *letter = dot == NULL ? tensor->name : dot + 1;
  shape[0] = tensor->rows;
  shape[1] = tensor->columns;
  return strcmp(letter, "b") == 0 || strcmp(letter, "c") == 0 || strcmp(letter, "s0") == 0 || strcmp(letter, "q") == 0
             ? 1
             : 2;
}

enum rnn_dtype rnn_model_dtype(const struct rnn_config *config)
{
  return config->storage == RNN_STORAGE_FLOAT16 ? RNN_F16 : RNN_F32;
}

/* ---- metadata ---- */

static enum rnn_status add_count(struct rnn_document *document, const char *key, uint64_t value,
                                 struct rnn_error *error)
{
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, value);
  return rnn_document_add_metadata(document, key, text, error);
}

static enum rnn_status add_digest(struct rnn_document *document, uint64_t digest, struct rnn_error *error)
{
  char text[32];
  snprintf(text, sizeof text, "%016" PRIx64, digest);
  return rnn_document_add_metadata(document, "data_digest", text, error);
}

static enum rnn_status add_metadata(struct rnn_document *document, const struct rnn_model *model,
                                    struct storage *storage, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  char size[RNN_PICTURE_SIZE_BYTES], columns[RNN_COLUMNS_BYTES];
  RNN_TRY(rnn_config_text(&model->config, &storage->config, error));
  RNN_TRY(rnn_document_add_metadata(document, "format", RNN_MODEL_FORMAT, error));
  RNN_TRY(rnn_document_add_metadata(document, "task", rnn_task_name(model->task), error));
  if (model->columns.count > 0)
    RNN_TRY(rnn_document_add_metadata(document, "columns", rnn_columns_write(&model->columns, columns), error));
  if (model->symbols != NULL) {
    RNN_TRY(rnn_document_add_metadata(document, "level", rnn_level_name(model->text.level), error));
    RNN_TRY(rnn_document_add_metadata(document, "lowercase", model->text.lowercase ? "true" : "false", error));
    RNN_TRY(rnn_document_add_metadata(document, "unknown", model->unknown ? "true" : "false", error));
  } else {
    RNN_TRY(add_count(document, "frame_width", model->frame_width, error));
    if (model->text.picture.columns > 0)
      RNN_TRY(rnn_document_add_metadata(document, "picture", rnn_picture_size_name(model->text.picture, size), error));
  }
  RNN_TRY(rnn_document_add_metadata(document, "config", storage->config, error));
  RNN_TRY(add_count(document, "best_epoch", model->best_epoch, error));
  RNN_TRY(add_count(document, "train_sequences", model->train_sequences, error));
  RNN_TRY(add_count(document, "train_steps", model->train_steps, error));
  RNN_TRY(add_digest(document, model->data_digest, error));
out:
  return status;
}

/* ---- tensors ---- */

static enum rnn_status add_frequency(struct rnn_document *document, const char *name,
                                     const struct rnn_vocabulary *vocabulary, int64_t **frequency,
                                     struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (vocabulary == NULL)
    return RNN_OK;
  size_t count = rnn_vocabulary_count(vocabulary);
  RNN_TRY(rnn_memory_new(frequency, count, sizeof **frequency, "frequencies", error));
  for (size_t i = 0; i < count; i++)
    (*frequency)[i] = (int64_t)rnn_vocabulary_frequency(vocabulary, (int32_t)i);
  RNN_TRY(rnn_document_add_tensor(document, name, RNN_I64, &count, 1, *frequency, error));
out:
  return status;
}

/* All weights as float, each of them finite. */
static enum rnn_status take_values(const struct rnn_parameters *parameters, float **value, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(rnn_memory_new(value, parameters->layout.count, sizeof **value, "weights to write", error));
  for (size_t t = 0; t < parameters->layout.tensors; t++) {
    const struct rnn_tensor *tensor = &parameters->layout.tensor[t];
    for (size_t i = 0; i < tensor->rows * tensor->columns; i++) {
      float number = (float)parameters->value[tensor->offset + i];
      if (!isfinite(number))
        return rnn_error_set(error, RNN_DATA, "the model cannot be written: %s[%zu] is not finite", tensor->name, i);
      (*value)[tensor->offset + i] = number;
    }
  }
out:
  return status;
}

static enum rnn_status add_parameters(struct rnn_document *document, const struct rnn_model *model,
                                      struct storage *storage, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_layout *layout = &model->parameters->layout;
  RNN_TRY(take_values(model->parameters, &storage->value, error));
  if (model->config.storage == RNN_STORAGE_FLOAT16) {
    RNN_TRY(rnn_memory_new(&storage->half, layout->count, sizeof *storage->half, "weights to write", error));
    rnn_half_from_float(layout->count, storage->value, storage->half);
  }
  for (size_t t = 0; t < layout->tensors; t++) {
    const struct rnn_tensor *tensor = &layout->tensor[t];
    size_t shape[2], dimensions = rnn_model_tensor_shape(tensor, shape);
    const void *data = storage->half != NULL ? (const void *)(storage->half + tensor->offset)
                                             : (const void *)(storage->value + tensor->offset);
    RNN_TRY(rnn_document_add_tensor(document, tensor->name, rnn_model_dtype(&model->config), shape, dimensions, data,
                                    error));
  }
out:
  return status;
}

static enum rnn_status add_features(struct rnn_document *document, const struct rnn_features *features,
                                    struct rnn_error *error)
{
  return features == NULL
             ? RNN_OK
             : rnn_document_add_tensor(document, "features.key", RNN_I32, &features->count, 1, features->key, error);
}

static enum rnn_status add_strings(struct rnn_document *document, const struct rnn_model *model,
                                   struct storage *storage, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_strings *symbols = &storage->symbols, *labels = &storage->labels;
  if (model->symbols != NULL) {
    RNN_TRY(rnn_strings_append(symbols, model->symbols, 0, error));
    RNN_TRY(
        rnn_document_add_tensor(document, "vocabulary.length", RNN_I32, &symbols->count, 1, symbols->length, error));
  }
  if (model->labels != NULL) {
    RNN_TRY(rnn_strings_append(labels, model->labels, 0, error));
    RNN_TRY(rnn_document_add_tensor(document, "labels.length", RNN_I32, &labels->count, 1, labels->length, error));
  }
  if (model->symbols != NULL)
    RNN_TRY(rnn_document_add_tensor(document, "vocabulary", RNN_U8, &symbols->size_bytes, 1, symbols->bytes, error));
  if (model->labels != NULL)
    RNN_TRY(rnn_document_add_tensor(document, "labels", RNN_U8, &labels->size_bytes, 1, labels->bytes, error));
out:
  return status;
}

enum rnn_status rnn_model_encode(const struct rnn_model *model, char **block, size_t *size_bytes,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct storage storage = {.config = NULL};
  struct rnn_document *document = NULL;
  *block = NULL;
  RNN_TRY(rnn_document_create(&document, error));
  RNN_TRY(add_metadata(document, model, &storage, error));
  RNN_TRY(rnn_model_add_history(document, model, &storage.history, error));
  RNN_TRY(add_frequency(document, "vocabulary.frequency", model->symbols, &storage.symbol_frequency, error));
  RNN_TRY(add_frequency(document, "labels.frequency", model->labels, &storage.label_frequency, error));
  RNN_TRY(add_parameters(document, model, &storage, error));
  RNN_TRY(add_features(document, model->features, error));
  RNN_TRY(rnn_model_add_frame(document, model, &storage.frame, error));
  RNN_TRY(rnn_model_add_wide(document, model->wide, &storage.wide, error));
  RNN_TRY(add_strings(document, model, &storage, error));
  RNN_TRY(rnn_document_encode(document, block, size_bytes, error));
  if (*size_bytes > RNN_LIMIT_MODEL_BYTES)
    RNN_TRY(rnn_error_set(error, RNN_DATA, "the model takes %zu bytes, the limit is %zu", *size_bytes,
                          RNN_LIMIT_MODEL_BYTES));
out:
  if (status != RNN_OK) {
    rnn_memory_free(*block);
    *block = NULL;
  }
  rnn_document_free(document);
  clear_storage(&storage);
  return status;
}

enum rnn_status rnn_model_write(const struct rnn_model *model, struct rnn_output *output, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  char *block = NULL;
  size_t size;
  RNN_TRY(rnn_model_encode(model, &block, &size, error));
  RNN_TRY(rnn_container_write(output, block, size, error));
out:
  rnn_memory_free(block);
  return status;
}
