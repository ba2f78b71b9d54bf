/* Reading models: every size follows from the config, every name and every weight is checked once. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container.h"
#include "half.h"
#include "input.h"
#include "input_limits.h"
#include "memory.h"
#include "model_file.h"
#include "model_frame.h"
#include "model_history.h"
#include "model_metadata.h"
#include "model_wide.h"
#include "safetensors.h"
#include "string_list.h"
#include "vector.h"

enum { QUOTE_BYTES = 60 };

/* A document and the bytes it looks into. */
struct source {
  const char *name; /* for messages */
  char *block;
  size_t size_bytes;
  bool mapped; /* the block is a mapping */
  bool lazy;   /* rows of the embedding are checked when they are read */
  bool in_use; /* weights of the model lie in the block, which is its from now on */
  const struct rnn_document *document;
};

static enum rnn_status refuse(const struct source *source, const char *why, struct rnn_error *error)
{
  return rnn_error_set(error, RNN_DATA, "%s: %s", source->name, why);
}

/* A mistake that is none of the user's: whatever is wrong is wrong in the file. */
static enum rnn_status refuse_with(const struct source *source, const struct rnn_error *why, const char *where,
                                   struct rnn_error *error)
{
  if (why->status == RNN_NO_MEMORY)
    return rnn_error_set(error, why->status, "%s: %s", source->name, why->text);
  return rnn_error_set(error, RNN_DATA, "%s: %s%s", source->name, where, why->text);
}

/* ---- tensors ---- */

static enum rnn_status need_tensor(const struct source *source, const char *name, enum rnn_dtype dtype,
                                   const size_t *shape, size_t dimensions, const struct rnn_document_tensor **tensor,
                                   struct rnn_error *error)
{
  struct rnn_error why;
  enum rnn_status status = rnn_document_need(source->document, name, dtype, shape, dimensions, tensor, &why);
  return status == RNN_OK ? RNN_OK : refuse_with(source, &why, "", error);
}

static enum rnn_status read_frequency(const struct source *source, const char *name, struct rnn_vocabulary *vocabulary,
                                      struct rnn_error *error)
{
  enum { AT_A_TIME = 256 };
  enum rnn_status status = RNN_OK;
  const struct rnn_document_tensor *tensor;
  size_t count = rnn_vocabulary_count(vocabulary);
  RNN_TRY(need_tensor(source, name, RNN_I64, &count, 1, &tensor, error));
  for (size_t first = 0; first < count; first += AT_A_TIME) {
    int64_t frequency[AT_A_TIME];
    size_t some = count - first < AT_A_TIME ? count - first : AT_A_TIME;
    rnn_document_copy(tensor, first, some, frequency);
    for (size_t i = 0; i < some; i++) {
      if (frequency[i] < 0)
        return rnn_error_set(error, RNN_DATA, "%s: %s[%zu] is below zero", source->name, name, first + i);
      rnn_vocabulary_add_frequency(vocabulary, (int32_t)(first + i), (uint64_t)frequency[i]);
    }
  }
out:
  return status;
}

/* The strings of tensors `name` and `name`.length with the frequencies `name`.frequency. */
static enum rnn_status read_vocabulary(const struct source *source, const char *name, size_t most,
                                       struct rnn_vocabulary **vocabulary, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_strings_reader strings;
  struct rnn_error why;
  char frequency[64];
  const char *string;
  size_t length;
  int32_t number;
  snprintf(frequency, sizeof frequency, "%s.frequency", name);
  if (rnn_document_tensor(source->document, name) == NULL)
    return rnn_error_set(error, RNN_DATA, "%s: tensor '%s' is missing", source->name, name);
  if (rnn_strings_reader_init(&strings, source->document, name, most, &why) != RNN_OK)
    return refuse_with(source, &why, "", error);
  RNN_TRY(rnn_vocabulary_create(vocabulary, error));
  RNN_TRY(rnn_vocabulary_reserve(*vocabulary, strings.count, strings.bytes->size_bytes, error));
  for (int32_t i = 0; (string = rnn_strings_reader_next(&strings, &length)) != NULL; i++) {
    RNN_TRY(rnn_vocabulary_add(*vocabulary, string, length, &number, error));
    if (number != i)
      return rnn_error_set(error, RNN_DATA, "%s: %s: '%.*s' is there twice", source->name, name,
                           length < QUOTE_BYTES ? (int)length : QUOTE_BYTES, string);
  }
  RNN_TRY(read_frequency(source, frequency, *vocabulary, error));
out:
  return status;
}

/* The keys of the features, rising. */
static enum rnn_status read_features(const struct source *source, struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_document_tensor *tensor = rnn_document_tensor(source->document, "features.key");
  size_t count = tensor != NULL && tensor->dimensions == 1 ? tensor->shape[0] : 0;
  RNN_TRY(rnn_memory_new(&model->features, 1, sizeof *model->features, "features", error));
  if (count > RNN_LIMIT_FEATURES)
    return rnn_error_set(error, RNN_DATA, "%s: tensor 'features.key' has more than %zu numbers", source->name,
                         RNN_LIMIT_FEATURES);
  RNN_TRY(need_tensor(source, "features.key", RNN_I32, &count, 1, &tensor, error));
  if (count == 0)
    return rnn_error_set(error, RNN_DATA, "%s: tensor 'features.key' is empty", source->name);
  RNN_TRY(rnn_memory_new(&model->features->key, count, sizeof *model->features->key, "features", error));
  rnn_document_copy(tensor, 0, count, model->features->key);
  model->features->count = count;
  for (size_t i = 0; i < count; i++)
    if (model->features->key[i] < 0 || (i > 0 && model->features->key[i] <= model->features->key[i - 1]))
      return rnn_error_set(error, RNN_DATA, "%s: features.key[%zu] does not rise", source->name, i);
out:
  return status;
}

/* ---- weights ---- */

static enum rnn_status check_names(const struct source *source, const struct rnn_model *model,
                                   const struct rnn_shape *shape, const struct rnn_layout *layout,
                                   struct rnn_error *error)
{
  static const char *const of_symbols[] = {"vocabulary", "vocabulary.length", "vocabulary.frequency", NULL},
                           *const of_labels[] = {"labels", "labels.length", "labels.frequency", NULL};
  for (size_t i = 0; i < rnn_document_tensors(source->document); i++) {
    const char *name = rnn_document_tensor_at(source->document, i)->name;
    bool known = strcmp(name, "history") == 0 || (model->features != NULL && strcmp(name, "features.key") == 0) ||
                 rnn_model_is_frame_tensor(shape, name);
    for (size_t k = 0; of_symbols[k] != NULL; k++)
      known |= (model->symbols != NULL && strcmp(name, of_symbols[k]) == 0) ||
               (model->labels != NULL && strcmp(name, of_labels[k]) == 0);
    known |= model->task == RNN_CLASSIFY && model->symbols != NULL && rnn_model_is_wide(name);
    for (size_t t = 0; !known && t < layout->tensors; t++)
      known = strcmp(name, layout->tensor[t].name) == 0;
    if (!known)
      return rnn_error_set(error, RNN_DATA, "%s: tensor '%.*s' has no place in this model", source->name, QUOTE_BYTES,
                           name);
  }
  return RNN_OK;
}

static enum rnn_status check_values(const struct source *source, const struct rnn_tensor *tensor, const real *value,
                                    struct rnn_error *error)
{
  size_t count = tensor->rows * tensor->columns, i = 0;
  if (rnn_vector_all_finite(count, value))
    return RNN_OK;
  while (isfinite(value[i]))
    i++;
  return rnn_error_set(error, RNN_DATA, "%s: tensor '%s': element %zu is not finite", source->name, tensor->name, i);
}

/* True if the weights lie in the block just as lib wants them. */
static bool lies_in_place(const struct source *source, enum rnn_dtype dtype, const struct rnn_layout *layout)
{
#if !defined RNN_DOUBLE && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  const char *first = rnn_document_tensor(source->document, layout->tensor[0].name)->data;
  bool in_place = dtype == RNN_F32 && (uintptr_t)first % RNN_MEMORY_ALIGNMENT_BYTES == 0;
  for (size_t t = 0; in_place && t < layout->tensors; t++)
    in_place = rnn_document_tensor(source->document, layout->tensor[t].name)->data ==
               first + layout->tensor[t].offset * sizeof(real);
  return in_place;
#else
  (void)source;
  (void)dtype;
  (void)layout;
  return false;
#endif
}

static void copy_values(const struct rnn_document_tensor *from, real *to, size_t count)
{
  enum { AT_A_TIME = 256 };
  uint16_t half[AT_A_TIME];
  float value[AT_A_TIME];
  for (size_t first = 0, part; first < count; first += part) {
    part = count - first < AT_A_TIME ? count - first : AT_A_TIME;
    rnn_document_copy(from, first, part, from->dtype == RNN_F16 ? (void *)half : (void *)value);
    if (from->dtype == RNN_F16)
      rnn_half_to_float(part, half, value);
    for (size_t i = 0; i < part; i++)
      to[first + i] = (real)value[i];
  }
}

/* Sizes first, weights then: memory for weights is taken only where the document has them. */
static enum rnn_status read_weights(struct source *source, struct rnn_model *model, const struct rnn_shape *shape,
                                    const struct rnn_layout *layout, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  enum rnn_dtype dtype = rnn_model_dtype(&model->config);
  const struct rnn_document_tensor *tensor;
  for (size_t t = 0; t < layout->tensors; t++) {
    size_t sizes[2], dimensions = rnn_model_tensor_shape(&layout->tensor[t], sizes);
    RNN_TRY(need_tensor(source, layout->tensor[t].name, dtype, sizes, dimensions, &tensor, error));
  }
  if (lies_in_place(source, dtype, layout)) {
    RNN_TRY(rnn_memory_new(&model->parameters, 1, sizeof *model->parameters, "parameters", error));
    source->in_use = true;
    *model->parameters = (struct rnn_parameters){.shape = *shape,
                                                 .layout = *layout,
                                                 .block = source->mapped ? NULL : source->block,
                                                 .unchecked = source->lazy && shape->features == 0 && !shape->tied};
    tensor = rnn_document_tensor(source->document, layout->tensor[0].name);
    memcpy(&model->parameters->value, &tensor->data, sizeof tensor->data);
    RNN_TRY(rnn_frame_scale_create(&model->parameters->frame, &shape->frame, error));
  } else {
    RNN_TRY(rnn_parameters_create(&model->parameters, shape, error));
  }
  for (size_t t = 0; t < layout->tensors; t++) {
    real *value = model->parameters->value + layout->tensor[t].offset;
    tensor = rnn_document_tensor(source->document, layout->tensor[t].name);
    if (!source->in_use)
      copy_values(tensor, value, layout->tensor[t].rows * layout->tensor[t].columns);
    if (!source->in_use || !model->parameters->unchecked || layout->tensor[t].offset != layout->embedding)
      RNN_TRY(check_values(source, &layout->tensor[t], value, error));
  }
out:
  return status;
}

static enum rnn_status read_parameters(struct source *source, struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_shape shape;
  struct rnn_layout layout;
  struct rnn_error why;
  if (rnn_shape_init(&shape, &model->config, model->task, model->symbols == NULL, rnn_model_inputs(model),
                     rnn_model_classes(model), &why) != RNN_OK ||
      rnn_shape_add_picture(&shape, model->text.picture, &why) != RNN_OK ||
      (model->task != RNN_COMPLETE &&
       rnn_shape_add_columns(&shape, model->column, rnn_columns_count(&model->columns), &why) != RNN_OK) ||
      rnn_shape_add_features(&shape, model->features == NULL ? 0 : model->features->count, &why) != RNN_OK ||
      rnn_shape_layout(&shape, &layout, &why) != RNN_OK)
    return rnn_error_set(error, RNN_DATA, "%s: config: %s", source->name, why.text);
  RNN_TRY(check_names(source, model, &shape, &layout, error));
  RNN_TRY(read_weights(source, model, &shape, &layout, error));
  if (rnn_model_read_frame(source->document, model->parameters, &why) != RNN_OK)
    return refuse_with(source, &why, "", error);
out:
  return status;
}

static enum rnn_status read_model(struct source *source, struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_error why;
  RNN_TRY(rnn_model_read_metadata(source->document, source->name, model, error));
  if (model->frame_width == 0)
    RNN_TRY(read_vocabulary(source, "vocabulary", RNN_LIMIT_SYMBOLS, &model->symbols, error));
  else if (model->task == RNN_COMPLETE)
    return refuse(source, "task 'complete' needs symbols, not frames", error);
  if (model->task != RNN_COMPLETE)
    RNN_TRY(read_vocabulary(source, "labels", RNN_LIMIT_LABELS, &model->labels, error));
  if (model->task != RNN_COMPLETE && rnn_model_find_columns(model, &why) != RNN_OK)
    return refuse_with(source, &why, "", error);
  if (model->config.features == 1 && model->frame_width == 0)
    RNN_TRY(read_features(source, model, error));
  RNN_TRY(read_parameters(source, model, error));
  if (rnn_model_read_wide(source->document, model, &why) != RNN_OK ||
      rnn_model_read_history(source->document, model, &why) != RNN_OK)
    return refuse_with(source, &why, "", error);
out:
  return status;
}

/* ---- bytes ---- */

/* Maps a plain document in a file; source->mapped tells. Whatever stands in the way is left to reading. Only a regular
 * file is opened: a pipe must not be opened twice. */
static void map_document(struct source *source, const char *name)
{
  struct stat about;
  if (strcmp(name, "-") == 0 || stat(name, &about) != 0 || !S_ISREG(about.st_mode))
    return;
  int file = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file < 0)
    return;
  if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= RNN_DOCUMENT_FIRST_BYTES &&
      (uint64_t)about.st_size <= RNN_LIMIT_MODEL_BYTES) {
    size_t size = (size_t)about.st_size;
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    if (bytes != MAP_FAILED && rnn_document_begins(bytes, size)) {
      source->block = bytes;
      source->size_bytes = size;
      source->mapped = true;
    } else if (bytes != MAP_FAILED) {
      munmap(bytes, size);
    }
  }
  close(file);
}

static enum rnn_status read_block(struct source *source, struct rnn_input *raw, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(rnn_container_read(raw, 0, "a model", RNN_LIMIT_MODEL_BYTES, &source->block, &source->size_bytes, error));
  if (source->block == NULL)
    return refuse(source, "empty, not a model", error);
out:
  return status;
}

static enum rnn_status check_end(const struct source *source, struct rnn_input *raw, struct rnn_error *error)
{
  char more;
  size_t got;
  enum rnn_status status = rnn_input_read(raw, &more, 1, &got, error);
  if (status == RNN_OK && got > 0)
    status = refuse(source, "bytes after the end of the model", error);
  return status;
}

static enum rnn_status read_document(struct source *source, struct rnn_model **model, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_document *document = NULL;
  struct rnn_error why;
  if (!rnn_document_begins(source->block, source->size_bytes))
    return refuse(source, "not a model (compressed data, but no safetensors document)", error);
  if (rnn_document_decode(&document, source->block, source->size_bytes, &why) != RNN_OK)
    return refuse_with(source, &why, "", error);
  source->document = document;
  RNN_TRY(rnn_model_check_format(source->document, source->name, error));
  RNN_TRY(rnn_memory_new(model, 1, sizeof **model, "a model", error));
  RNN_TRY(read_model(source, *model, error));
out:
  rnn_document_free(document);
  return status;
}

static enum rnn_status read_raw(struct rnn_model **model, struct rnn_input *raw, bool lazy, struct rnn_error *error)
{
  enum rnn_status status;
  struct source source = {.name = rnn_input_name(raw), .lazy = lazy};
  *model = NULL;
  RNN_TRY(read_block(&source, raw, error));
  RNN_TRY(read_document(&source, model, error));
  RNN_TRY(check_end(&source, raw, error));
out:
  if (status != RNN_OK) {
    rnn_model_free(*model);
    *model = NULL;
  }
  if (!source.in_use)
    rnn_memory_free(source.block);
  return status;
}

static enum rnn_status read_mapped(struct rnn_model **model, struct source *source, struct rnn_error *error)
{
  enum rnn_status status = read_document(source, model, error);
  if (status != RNN_OK) {
    rnn_model_free(*model);
    *model = NULL;
    source->in_use = false;
  }
  if (!source->in_use)
    munmap(source->block, source->size_bytes);
  return status;
}

static enum rnn_status read_named(struct rnn_model **model, const char *name, bool lazy, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_input *raw;
  struct source source = {.name = name, .lazy = lazy};
  *model = NULL;
  map_document(&source, name);
  if (source.mapped)
    return read_mapped(model, &source, error);
  RNN_TRY(rnn_input_open_raw(&raw, name, error));
  status = read_raw(model, raw, lazy, error);
  rnn_input_close(raw);
out:
  return status;
}

enum rnn_status rnn_model_read_raw(struct rnn_model **model, struct rnn_input *raw, struct rnn_error *error)
{
  return read_raw(model, raw, false, error);
}

enum rnn_status rnn_model_read(struct rnn_model **model, const char *name, struct rnn_error *error)
{
  return read_named(model, name, false, error);
}

enum rnn_status rnn_model_open(struct rnn_model **model, const char *name, struct rnn_error *error)
{
  return read_named(model, name, true, error);
}
