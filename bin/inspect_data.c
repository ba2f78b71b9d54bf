/* Reads what rnn-inspect computes with. */
#include "inspect_data.h"

#include <string.h>

#include "memory.h"
#include "model_columns.h"
#include "program.h"
#include "random.h"

enum { RANDOM_SEQUENCES = 3, RANDOM_STEPS = 5, MOST_STEPS = 512 };

/* ---- the model ---- */

static enum rnn_status read_model(const struct inspect *inspect, struct inspect_data *data, struct rnn_error *error)
{
  enum rnn_status status;
  struct inspect of_model = *inspect;
  of_model.operands = 0;
  if (inspect->model == NULL)
    RNN_TRY(rnn_options_claim(inspect->options, "-", "the model", error));
  RNN_TRY(inspect_open_model(&of_model, &data->source, error));
  data->model = data->source.model;
out:
  return status;
}

/* A network as --set describes it, for the data that has been read. */
static enum rnn_status make_model(const struct inspect *inspect, struct inspect_data *data, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_config config;
  struct rnn_dataset *dataset = &data->dataset;
  rnn_config_init(&config);
  config.seed = inspect->options->seed;
  for (size_t i = 0; i < inspect->settings; i++)
    RNN_TRY(rnn_config_set(&config, inspect->setting[i].key, inspect->setting[i].text, error));
  RNN_TRY(rnn_model_create(&data->model, &config, dataset->text, &dataset->corpus, dataset->symbols, dataset->labels,
                           error));
out:
  return status;
}

/* ---- the data ---- */

/* Data without targets, for a model that has them: none of its targets is known. */
static enum rnn_status add_targets(const struct rnn_model *model, struct rnn_dataset *dataset, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_corpus *corpus = &dataset->corpus;
  if (corpus->task != RNN_COMPLETE || model->task == RNN_COMPLETE)
    return RNN_OK;
  bool tags = model->task == RNN_TAG;
  size_t count = tags ? rnn_corpus_steps(corpus) * rnn_columns_count(&model->columns) : corpus->count;
  int32_t *target = NULL;
  RNN_TRY(rnn_memory_new(&target, count, sizeof *target, "targets", error));
  for (size_t i = 0; i < count; i++)
    target[i] = RNN_ABSENT;
  corpus->task = model->task;
  corpus->columns = model->columns;
  if (tags)
    corpus->tag = target;
  else
    corpus->label = target;
  dataset->labels = rnn_source_labels(dataset->source);
out:
  return status;
}

/* Remembers what the symbols were called before they take the model's numbers. */
static enum rnn_status keep_symbols(struct inspect_data *data, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_corpus *corpus = &data->dataset.corpus;
  size_t steps = rnn_corpus_steps(corpus);
  if (corpus->symbol == NULL)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(&data->original, steps, sizeof *data->original, "symbols", error));
  memcpy(data->original, corpus->symbol, steps * sizeof *data->original);
out:
  return status;
}

static const char *name_of(const struct inspect *inspect)
{
  const char *name = inspect->operands > 0 ? inspect->operand[0] : "-";
  return strcmp(name, "-") == 0 ? "(stdin)" : name;
}

static enum rnn_status read_data(const struct inspect *inspect, struct inspect_data *data, struct rnn_error *error)
{
  static const char *const standard[] = {"-"};
  enum rnn_status status;
  struct rnn_source_settings settings = rnn_options_source(inspect->options);
  if (data->model != NULL)
    RNN_TRY(rnn_options_source_as(inspect->options, data->model->text, data->model->frame_width > 0, &settings, error));
  if (data->model != NULL && data->model->columns.count > 0)
    settings.reader.tag_columns = data->model->columns;
  settings.name = inspect->operands > 0 ? inspect->operand : standard;
  settings.names = inspect->operands > 0 ? inspect->operands : 1;
  if (inspect->operands == 0)
    RNN_TRY(rnn_options_claim(inspect->options, "-", "the data", error));
  RNN_TRY(rnn_dataset_read(&data->dataset, &settings, error));
  RNN_TRY(keep_symbols(data, error));
out:
  return status;
}

/* Leaves one of several columns of tags, the first or that of --column, in the model and in the data. */
static enum rnn_status choose_column(const struct inspect *inspect, struct inspect_data *data, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_model *model = data->model;
  struct rnn_corpus *corpus = &data->dataset.corpus;
  const struct rnn_columns *asked = &inspect->options->reader.tag_columns;
  size_t columns = model->columns.count, c = 0;
  char text[2][RNN_COLUMNS_BYTES];
  if (columns == 0 || inspect->every_column)
    return RNN_OK;
  if (asked->count > 0)
    c = rnn_columns_find(&model->columns, asked->name[0], strlen(asked->name[0]));
  if (asked->count > 1 || c == columns)
    return rnn_error_set(error, RNN_USAGE, "--column=%s: one of %s is expected", rnn_columns_write(asked, text[0]),
                         rnn_columns_write(&model->columns, text[1]));
  int32_t first = (int32_t)model->column[c].first;
  RNN_TRY(rnn_model_keep_columns(model, &c, 1, error));
  for (size_t step = 0; step < rnn_corpus_steps(corpus); step++) {
    int32_t tag = corpus->tag[step * columns + c];
    corpus->tag[step] = tag == RNN_ABSENT ? RNN_ABSENT : tag - first;
  }
  corpus->columns.count = 0;
out:
  return status;
}

/* Views of the first sequences, with targets: what the model reads of each, and of that the last --steps steps. */
static enum rnn_status view_sequences(const struct inspect *inspect, struct inspect_data *data, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_corpus *corpus = &data->dataset.corpus;
  size_t most = inspect->most_steps > 0 ? inspect->most_steps : MOST_STEPS;
  data->all = corpus->count;
  data->sequences = corpus->count < inspect->most_sequences ? corpus->count : inspect->most_sequences;
  RNN_TRY(rnn_memory_new(&data->sequence, data->sequences, sizeof *data->sequence, "sequences", error));
  if (corpus->task == RNN_COMPLETE)
    RNN_TRY(rnn_memory_new(&data->next, rnn_corpus_steps(corpus), sizeof *data->next, "targets", error));
  for (size_t i = 0; i < data->sequences; i++) {
    struct rnn_sequence *sequence = &data->sequence[i];
    *sequence = rnn_corpus_sequence(corpus, i);
    if (corpus->task == RNN_COMPLETE) {
      rnn_model_next_symbols(data->model, sequence->symbol, sequence->length, data->next + corpus->begin[i]);
      sequence->target = data->next + corpus->begin[i];
    }
    if (!inspect->whole)
      *sequence = rnn_model_reads(data->model, sequence);
    if (sequence->length <= most)
      continue;
    data->cut = true;
    *sequence = rnn_sequence_part(sequence, sequence->length - most, most, corpus->frame_width,
                                  rnn_columns_count(&corpus->columns));
  }
out:
  return status;
}

enum rnn_status inspect_data_open(const struct inspect *inspect, struct inspect_data *data, struct rnn_error *error)
{
  enum rnn_status status;
  size_t strange;
  memset(data, 0, sizeof *data);
  if (inspect->settings > 0 && inspect->model != NULL)
    return rnn_error_set(error, RNN_USAGE, "--set makes a new network: it does not go with --model");
  if (inspect->settings == 0)
    RNN_TRY(read_model(inspect, data, error));
  RNN_TRY(read_data(inspect, data, error));
  if (inspect->settings > 0)
    RNN_TRY(make_model(inspect, data, error));
  else {
    RNN_TRY(add_targets(data->model, &data->dataset, error));
    status = rnn_model_adopt(data->model, &data->dataset.corpus, data->dataset.symbols, data->dataset.labels, &strange,
                             error);
    if (status != RNN_OK)
      return rnn_error_prefix(error, "%s", name_of(inspect));
  }
  RNN_TRY(choose_column(inspect, data, error));
  RNN_TRY(view_sequences(inspect, data, error));
out:
  return status;
}

/* ---- random sequences ---- */

enum rnn_status inspect_data_draw(const struct inspect *inspect, struct inspect_data *data, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_random random;
  int32_t symbol[RANDOM_STEPS], target[RANDOM_STEPS * RNN_MOST_COLUMNS];
  float *frame = NULL;
  memset(data, 0, sizeof *data);
  RNN_TRY(read_model(inspect, data, error));
  RNN_TRY(choose_column(inspect, data, error));
  const struct rnn_model *model = data->model;
  const struct rnn_shape *shape = &model->parameters->shape;
  struct rnn_corpus *corpus = &data->dataset.corpus;
  size_t symbols = model->symbols == NULL ? 0 : rnn_vocabulary_count(model->symbols);
  rnn_random_init(&random, inspect->options->seed, RNN_PURPOSE_TEST, 0, 0);
  rnn_corpus_init(corpus, model->task, model->frame_width);
  corpus->columns = model->columns;
  RNN_TRY(rnn_memory_new(&frame, RANDOM_STEPS * model->frame_width, sizeof *frame, "frames", error));
  for (size_t i = 0; i < RANDOM_SEQUENCES; i++) {
    for (size_t t = 0; t < RANDOM_STEPS; t++) {
      symbol[t] = symbols == 0 ? RNN_ABSENT : (int32_t)rnn_random_below(&random, symbols);
      for (size_t c = 0; c < shape->columns; c++)
        target[t * shape->columns + c] =
            (int32_t)(shape->column[c].first + rnn_random_below(&random, shape->column[c].k));
    }
    for (size_t j = 0; j < RANDOM_STEPS * model->frame_width; j++)
      frame[j] = (float)rnn_random_normal(&random);
    struct rnn_sequence sequence = {.length = RANDOM_STEPS - 2 * i,
                                    .symbol = model->frame_width > 0 ? NULL : symbol,
                                    .frame = model->frame_width > 0 ? frame : NULL,
                                    .target = model->task == RNN_TAG ? target : NULL,
                                    .label = model->task == RNN_CLASSIFY ? target[0] : RNN_ABSENT,
                                    .index = i};
    RNN_TRY(rnn_corpus_add(corpus, &sequence, error));
  }
  RNN_TRY(view_sequences(inspect, data, error));
out:
  rnn_memory_free(frame);
  return status;
}

/* ---- and after ---- */

void inspect_data_close(struct inspect_data *data)
{
  if (data->source.model == NULL)
    rnn_model_free(data->model);
  inspect_close(&data->source);
  rnn_dataset_clear(&data->dataset);
  rnn_memory_free(data->sequence);
  rnn_memory_free(data->next);
  rnn_memory_free(data->original);
}

int32_t inspect_data_symbol(const struct inspect_data *data, size_t sequence, size_t t)
{
  const struct rnn_sequence *view = &data->sequence[sequence];
  return data->original[(size_t)(view->symbol - data->dataset.corpus.symbol) + rnn_sequence_place(view, t)];
}

const char *inspect_data_token(const struct inspect_data *data, size_t sequence, size_t t, size_t *length_bytes)
{
  *length_bytes = 0;
  if (data->original == NULL)
    return "";
  return rnn_vocabulary_string(data->dataset.symbols, inspect_data_symbol(data, sequence, t), length_bytes);
}

const char *inspect_data_class(const struct inspect_data *data, int32_t number, size_t *length_bytes)
{
  static const char end[] = "(end)";
  if (number != rnn_model_stop(data->model))
    return rnn_model_class(data->model, (size_t)number, length_bytes);
  *length_bytes = sizeof end - 1;
  return end;
}

size_t inspect_data_longest(const struct inspect_data *data)
{
  size_t longest = 0;
  for (size_t i = 0; i < data->sequences; i++)
    longest = data->sequence[i].length > longest ? data->sequence[i].length : longest;
  return longest;
}
