/* What the metadata of a model say, each value checked. */
#include "model_metadata.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "input_limits.h"
#include "model_file.h"
#include "picture.h"

enum { QUOTE_BYTES = 60 };

/* A document, and its name for messages. */
struct source {
  const char *name;
  const struct rnn_document *document;
};

enum rnn_status rnn_model_check_format(const struct rnn_document *document, const char *name, struct rnn_error *error)
{
  const char *format = rnn_document_metadata(document, "format");
  if (format == NULL)
    return rnn_error_set(error, RNN_DATA, "%s: not a model (a document without metadata 'format')", name);
  if (strcmp(format, RNN_MODEL_FORMAT) == 0)
    return RNN_OK;
  if (strncmp(format, "rnn-sequences/", strlen("rnn-sequences/")) == 0)
    return rnn_error_set(error, RNN_DATA, "%s: is a sequence stream, not a model", name);
  if (strncmp(format, "rnn-checkpoint/", strlen("rnn-checkpoint/")) == 0)
    return rnn_error_set(error, RNN_DATA, "%s: is a checkpoint, not a model", name);
  return rnn_error_set(error, RNN_DATA, "%s: '%.*s' is not a format this program reads; " RNN_MODEL_FORMAT " is", name,
                       QUOTE_BYTES, format);
}

static enum rnn_status need_text(const struct source *source, const char *key, const char **text,
                                 struct rnn_error *error)
{
  *text = rnn_document_metadata(source->document, key);
  if (*text == NULL)
    return rnn_error_set(error, RNN_DATA, "%s: metadata '%s' is missing", source->name, key);
  return RNN_OK;
}

static enum rnn_status refuse_value(const struct source *source, const char *key, const char *value,
                                    const char *expected, struct rnn_error *error)
{
  return rnn_error_set(error, RNN_DATA, "%s: metadata '%s' is '%.*s', %s expected", source->name, key, QUOTE_BYTES,
                       value, expected);
}

static enum rnn_status read_switch(const struct source *source, const char *key, bool *value, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const char *text;
  RNN_TRY(need_text(source, key, &text, error));
  *value = strcmp(text, "true") == 0;
  if (!*value && strcmp(text, "false") != 0)
    return refuse_value(source, key, text, "'true' or 'false'", error);
out:
  return status;
}

/* A number as it is written, without sign, blanks or needless zeros, up to `most`. */
static enum rnn_status read_count(const struct source *source, const char *key, uint64_t most, uint64_t *value,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const char *text;
  char again[32];
  RNN_TRY(need_text(source, key, &text, error));
  *value = strtoull(text, NULL, 10);
  snprintf(again, sizeof again, "%" PRIu64, *value);
  if (strcmp(text, again) != 0 || *value > most)
    return refuse_value(source, key, text, "a whole number within limits", error);
out:
  return status;
}

static enum rnn_status read_digest(const struct source *source, uint64_t *value, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const char *text;
  char again[32];
  RNN_TRY(need_text(source, "data_digest", &text, error));
  *value = strtoull(text, NULL, 16);
  snprintf(again, sizeof again, "%016" PRIx64, *value);
  if (strcmp(text, again) != 0)
    return refuse_value(source, "data_digest", text, "16 hexadecimal digits", error);
out:
  return status;
}

static enum rnn_status read_task(const struct source *source, enum rnn_task *task, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const char *text;
  RNN_TRY(need_text(source, "task", &text, error));
  for (enum rnn_task one = RNN_COMPLETE; one <= RNN_CLASSIFY; one++)
    if (strcmp(text, rnn_task_name(one)) == 0) {
      *task = one;
      return RNN_OK;
    }
  status = refuse_value(source, "task", text, "'complete', 'tag' or 'classify'", error);
out:
  return status;
}

/* What a key of the network that is left out means, where there is no corpus left to decide it by. */
static enum rnn_status set_left_out(struct rnn_config *config, struct rnn_error *error)
{
  static const char *const values[][2] = {
      {"cell", "elman"},   {"state", "128"},   {"layers", "1"},    {"bidirectional", "false"}, {"features", "false"},
      {"pooling", "last"}, {"joints", "none"}, {"motion", "none"}, {"standardise", "false"},   {"output", "softmax"}};
  enum rnn_status status = RNN_OK;
  rnn_config_init(config);
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    RNN_TRY(rnn_config_set(config, values[i][0], values[i][1], error));
out:
  return status;
}

static enum rnn_status read_config(const struct source *source, struct rnn_config *config, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_error why;
  const char *text;
  RNN_TRY(need_text(source, "config", &text, error));
  RNN_TRY(set_left_out(config, error));
  if (rnn_config_read_text(config, "config", text, strlen(text), &why) != RNN_OK)
    status =
        rnn_error_set(error, why.status == RNN_NO_MEMORY ? why.status : RNN_DATA, "%s: %s", source->name, why.text);
out:
  return status;
}

/* What a model of symbols says of its text, a model of frames of their width, and of videos of their pictures. */
static enum rnn_status read_input_kind(const struct source *source, struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const char *level, *picture;
  uint64_t width;
  if (rnn_document_metadata(source->document, "frame_width") != NULL) {
    RNN_TRY(read_count(source, "frame_width", RNN_LIMIT_FRAME_WIDTH, &width, error));
    model->frame_width = (size_t)width;
    picture = rnn_document_metadata(source->document, "picture");
    if (picture != NULL &&
        (!rnn_picture_size_find(picture, &model->text.picture) || rnn_picture_pixels(model->text.picture) != width))
      return refuse_value(source, "picture", picture, "the size of a picture of so many pixels, such as '48x36'",
                          error);
    return width > 0 ? RNN_OK : refuse_value(source, "frame_width", "0", "at least 1", error);
  }
  RNN_TRY(need_text(source, "level", &level, error));
  if (!rnn_level_find(level, &model->text.level))
    return refuse_value(source, "level", level, "'word', 'char' or 'byte'", error);
  RNN_TRY(read_switch(source, "lowercase", &model->text.lowercase, error));
  RNN_TRY(read_switch(source, "unknown", &model->unknown, error));
out:
  return status;
}

static enum rnn_status read_columns(const struct source *source, struct rnn_model *model, struct rnn_error *error)
{
  const char *columns = rnn_document_metadata(source->document, "columns");
  if (columns != NULL &&
      (model->task != RNN_TAG || !rnn_columns_read(&model->columns, columns) || model->columns.count < 2))
    return refuse_value(source, "columns", columns, "a list of two to eight columns of tags", error);
  return RNN_OK;
}

static enum rnn_status check_metadata(const struct source *source, bool frames, struct rnn_error *error)
{
  static const char *const of_symbols[] = {"format",          "task",        "columns",     "level",
                                           "lowercase",       "unknown",     "config",      "best_epoch",
                                           "train_sequences", "train_steps", "data_digest", NULL},
                           *const of_frames[] = {"format",      "task",        "columns",    "frame_width",
                                                 "picture",     "config",      "best_epoch", "train_sequences",
                                                 "train_steps", "data_digest", NULL};
  const char *strange = rnn_document_strange_metadata(source->document, frames ? of_frames : of_symbols);
  if (strange != NULL)
    return rnn_error_set(error, RNN_DATA, "%s: metadata '%.*s' have no place in a model of %s", source->name,
                         QUOTE_BYTES, strange, frames ? "frames" : "symbols");
  return RNN_OK;
}

enum rnn_status rnn_model_read_metadata(const struct rnn_document *document, const char *name, struct rnn_model *model,
                                        struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct source of = {.name = name, .document = document}, *source = &of;
  uint64_t best_epoch;
  RNN_TRY(read_task(source, &model->task, error));
  RNN_TRY(read_input_kind(source, model, error));
  RNN_TRY(read_columns(source, model, error));
  RNN_TRY(check_metadata(source, model->frame_width > 0, error));
  RNN_TRY(read_config(source, &model->config, error));
  RNN_TRY(read_count(source, "best_epoch", UINT32_MAX, &best_epoch, error));
  RNN_TRY(read_count(source, "train_sequences", UINT64_MAX, &model->train_sequences, error));
  RNN_TRY(read_count(source, "train_steps", UINT64_MAX, &model->train_steps, error));
  RNN_TRY(read_digest(source, &model->data_digest, error));
  model->best_epoch = (uint32_t)best_epoch;
out:
  return status;
}
