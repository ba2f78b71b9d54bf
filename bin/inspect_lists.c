/* rnn-inspect history, vocabulary, labels, config and --limits: what a file holds, as lists. */
#include <string.h>

#include "config_file.h"
#include "input_limits.h"
#include "inspect.h"
#include "inspect_plot.h"
#include "memory.h"
#include "number.h"

static const struct inspect_picture history_picture = {
    .title = "Training",
    .x_title = "epoch",
    .y_title = {"nats a target", "accuracy, share clipped", "gradient norm"},
    .series = (const struct inspect_series[]){{.title = "training", .x = "epoch", .y = "train_nats"},
                                              {.title = "validation", .x = "epoch", .y = "valid_nats"},
                                              {.title = "accuracy", .x = "epoch", .y = "valid_accuracy", .panel = 1},
                                              {.title = "clipped", .x = "epoch", .y = "clipped", .panel = 1},
                                              {.x = "epoch", .y = "gradient_norm", .panel = 2},
                                              {.y = NULL}}};

enum rnn_status inspect_history(struct inspect *inspect, struct rnn_error *error)
{
  static const char *const names[] = {"epoch",         "updates",       "train_nats", "valid_nats", "valid_accuracy",
                                      "learning_rate", "gradient_norm", "clipped",    "best"};
  enum rnn_status status;
  struct inspect_source source = {0};
  struct rnn_table *table = NULL;
  RNN_TRY(inspect_open_model(inspect, &source, error));
  RNN_TRY(rnn_table_create(&table, sizeof names / sizeof names[0], error));
  rnn_table_name(table, names, true);
  for (size_t i = 0; i < source.model->epochs; i++) {
    const struct rnn_epoch *epoch = &source.model->history[i];
    RNN_TRY(rnn_table_add_count(table, epoch->epoch, error));
    RNN_TRY(rnn_table_add_count(table, epoch->updates, error));
    RNN_TRY(rnn_table_add_real(table, epoch->train_nats, error));
    RNN_TRY(rnn_table_add_real(table, epoch->valid_nats, error));
    RNN_TRY(rnn_table_add_real(table, epoch->valid_accuracy, error));
    RNN_TRY(rnn_table_add_real(table, epoch->learning_rate, error));
    RNN_TRY(rnn_table_add_real(table, epoch->gradient_norm, error));
    RNN_TRY(rnn_table_add_real(table, epoch->clipped, error));
    RNN_TRY(rnn_table_add_truth(table, epoch->epoch == source.model->best_epoch, error));
  }
  RNN_TRY(inspect_write(inspect, table, &history_picture, error));
out:
  rnn_table_free(table);
  inspect_close(&source);
  return status;
}

/* ---- strings ---- */

/* With how often each was met; labels of several columns (NULL: none are) after the name of theirs. */
static enum rnn_status write_strings(struct inspect *inspect, const char *const *names,
                                     const struct rnn_vocabulary *vocabulary, const struct rnn_columns *columns,
                                     struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_table *table;
  bool named = columns != NULL && columns->count > 0;
  RNN_TRY(rnn_table_create(&table, named ? 3 : 2, error));
  rnn_table_name(table, named ? names : names + 1, false);
  size_t count = vocabulary == NULL ? 0 : rnn_vocabulary_count(vocabulary);
  for (size_t i = 0; i < count; i++) {
    size_t length_bytes, skip = 0;
    const char *bytes = rnn_vocabulary_string(vocabulary, (int32_t)i, &length_bytes);
    if (named)
      RNN_TRY(
          rnn_table_add_text(table, columns->name[rnn_columns_of_label(columns, bytes, length_bytes, &skip)], error));
    RNN_TRY(rnn_table_add(table, bytes + skip, length_bytes - skip, error));
    RNN_TRY(rnn_table_add_count(table, rnn_vocabulary_frequency(vocabulary, (int32_t)i), error));
  }
  RNN_TRY(rnn_table_write(table, inspect->output, inspect->style, error));
out:
  rnn_table_free(table);
  return status;
}

/* The vocabularies of a model, or of a stream once it has been read. */
static enum rnn_status open_vocabularies(struct inspect *inspect, struct inspect_source *source,
                                         struct rnn_vocabulary **symbols, struct rnn_vocabulary **labels,
                                         struct rnn_columns *columns, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_stream_facts facts = {.frame_width = 0};
  struct inspect_counts counts;
  RNN_TRY(inspect_open(inspect, source, error));
  if (source->stream != NULL)
    RNN_TRY(inspect_read_stream(source, &facts, &counts, error));
  *symbols = source->model != NULL ? source->model->symbols : rnn_stream_reader_symbols(source->stream);
  *labels = source->model != NULL ? source->model->labels : rnn_stream_reader_labels(source->stream);
  *columns = source->model != NULL ? source->model->columns : facts.columns;
out:
  return status;
}

enum rnn_status inspect_vocabulary(struct inspect *inspect, struct rnn_error *error)
{
  static const char *const names[] = {NULL, "symbol", "count"};
  enum rnn_status status;
  struct inspect_source source = {0};
  struct rnn_vocabulary *symbols, *labels;
  struct rnn_columns columns;
  RNN_TRY(open_vocabularies(inspect, &source, &symbols, &labels, &columns, error));
  RNN_TRY(write_strings(inspect, names, symbols, NULL, error));
out:
  inspect_close(&source);
  return status;
}

enum rnn_status inspect_labels(struct inspect *inspect, struct rnn_error *error)
{
  static const char *const names[] = {"column", "label", "count"};
  enum rnn_status status;
  struct inspect_source source = {0};
  struct rnn_vocabulary *symbols, *labels;
  struct rnn_columns columns;
  RNN_TRY(open_vocabularies(inspect, &source, &symbols, &labels, &columns, error));
  RNN_TRY(write_strings(inspect, names, labels, &columns, error));
out:
  inspect_close(&source);
  return status;
}

/* ---- settings ---- */

/* A value of the configuration as JSON has it: a number or a truth where it is one. */
static enum rnn_status add_value(struct rnn_table *table, const struct rnn_key *key, const char *text,
                                 struct rnn_error *error)
{
  double number;
  int64_t integer;
  size_t length = strlen(text);
  if (key->type == RNN_KEY_BOOL)
    return rnn_table_add_truth(table, strcmp(text, "true") == 0, error);
  if (key->type == RNN_KEY_INTEGER && rnn_number_parse_integer(text, length, &integer) && integer >= 0)
    return rnn_table_add_count(table, (uint64_t)integer, error);
  if (key->type == RNN_KEY_REAL && rnn_number_parse_double(text, length, &number))
    return rnn_table_add_real(table, number, error);
  return rnn_table_add_text(table, text, error);
}

static enum rnn_status write_config_json(struct inspect *inspect, const struct rnn_config *config,
                                         struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_table *table;
  RNN_TRY(rnn_table_create(&table, 2, error));
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    char text[RNN_CONFIG_TEXT_BYTES];
    RNN_TRY(rnn_table_add_text(table, key->name, error));
    RNN_TRY(add_value(table, key, rnn_config_get(config, key, text, sizeof text), error));
  }
  RNN_TRY(rnn_table_write(table, inspect->output, RNN_TABLE_JSON, error));
out:
  rnn_table_free(table);
  return status;
}

enum rnn_status inspect_config(struct inspect *inspect, struct rnn_error *error)
{
  enum rnn_status status;
  struct inspect_source source = {0};
  char *text = NULL;
  RNN_TRY(inspect_open_model(inspect, &source, error));
  if (inspect->style == RNN_TABLE_JSON) {
    RNN_TRY(write_config_json(inspect, &source.model->config, error));
  } else {
    RNN_TRY(rnn_config_text(&source.model->config, &text, error));
    RNN_TRY(rnn_output_write(inspect->output, text, strlen(text), error));
  }
out:
  rnn_memory_free(text);
  inspect_close(&source);
  return status;
}

enum rnn_status inspect_limits(struct inspect *inspect, struct rnn_error *error)
{
  static const struct {
    const char *name;
    uint64_t limit;
  } limits[] = {
      {"line_bytes", RNN_LIMIT_LINE_BYTES},
      {"record_bytes", RNN_LIMIT_RECORD_BYTES},
      {"token_bytes", RNN_LIMIT_TOKEN_BYTES},
      {"sequence_steps", RNN_LIMIT_SEQUENCE_STEPS},
      {"frame_width", RNN_LIMIT_FRAME_WIDTH},
      {"picture_side", RNN_LIMIT_PICTURE_SIDE},
      {"frames_bytes", RNN_LIMIT_FRAMES_BYTES},
      {"symbols", RNN_LIMIT_SYMBOLS},
      {"labels", RNN_LIMIT_LABELS},
      {"features", RNN_LIMIT_FEATURES},
      {"model_bytes", RNN_LIMIT_MODEL_BYTES},
      {"checkpoint_bytes", RNN_LIMIT_CHECKPOINT_BYTES},
      {"block_bytes", RNN_LIMIT_BLOCK_BYTES},
      {"header_bytes", RNN_LIMIT_HEADER_BYTES},
      {"json_depth", RNN_LIMIT_JSON_DEPTH},
      {"window_bytes", (uint64_t)1 << RNN_LIMIT_WINDOW_LOG},
      {"text_window_bytes", (uint64_t)1 << RNN_LIMIT_TEXT_WINDOW_LOG},
      {"config_bytes", RNN_LIMIT_CONFIG_BYTES},
      {"config_depth", RNN_LIMIT_CONFIG_DEPTH},
      {"config_events", RNN_LIMIT_CONFIG_EVENTS},
      {"config_scalar_bytes", RNN_LIMIT_CONFIG_SCALAR_BYTES},
  };
  enum rnn_status status;
  struct rnn_table *table;
  RNN_TRY(rnn_table_create(&table, 2, error));
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
    RNN_TRY(inspect_fact_count(table, limits[i].name, limits[i].limit, error));
  RNN_TRY(rnn_table_write(table, inspect->output, inspect->style, error));
out:
  rnn_table_free(table);
  return status;
}
