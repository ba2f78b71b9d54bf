/* Models: vocabularies, numbers and parameters that belong together. */
#include "model.h"

#include <math.h>
#include <string.h>

#include "frame_learn.h"
#include "memory.h"
#include "vector.h"

void rnn_model_free(struct rnn_model *model)
{
  if (model == NULL)
    return;
  rnn_vocabulary_free(model->symbols);
  rnn_vocabulary_free(model->labels);
  rnn_features_free(model->features);
  rnn_parameters_free(model->parameters);
  rnn_wide_free(model->wide);
  rnn_memory_free(model->history);
  rnn_memory_free(model);
}

size_t rnn_model_inputs(const struct rnn_model *model)
{
  if (model->symbols == NULL)
    return model->frame_width;
  return rnn_vocabulary_count(model->symbols) + (model->task == RNN_COMPLETE) + model->unknown;
}

size_t rnn_model_classes(const struct rnn_model *model)
{
  return model->task == RNN_COMPLETE ? rnn_model_inputs(model) : rnn_vocabulary_count(model->labels);
}

int32_t rnn_model_stop(const struct rnn_model *model)
{
  return model->task == RNN_COMPLETE ? (int32_t)rnn_vocabulary_count(model->symbols) : RNN_ABSENT;
}

int32_t rnn_model_unknown(const struct rnn_model *model)
{
  return model->unknown ? (int32_t)rnn_model_inputs(model) - 1 : RNN_ABSENT;
}

int32_t rnn_model_symbol(const struct rnn_model *model, const char *bytes, size_t length_bytes)
{
  int32_t number = rnn_vocabulary_find(model->symbols, bytes, length_bytes);
  return number == RNN_ABSENT ? rnn_model_unknown(model) : number;
}

const char *rnn_model_class(const struct rnn_model *model, size_t j, size_t *length_bytes)
{
  const struct rnn_vocabulary *classes = model->task == RNN_COMPLETE ? model->symbols : model->labels;
  if (j < rnn_vocabulary_count(classes)) {
    size_t skip;
    const char *bytes = rnn_vocabulary_string(classes, (int32_t)j, length_bytes);
    rnn_columns_of_label(&model->columns, bytes, *length_bytes, &skip);
    *length_bytes -= skip;
    return bytes + skip;
  }
  const char *name = (int32_t)j == rnn_model_stop(model) ? "" : "\xEF\xBF\xBD";
  *length_bytes = strlen(name);
  return name;
}

enum rnn_status rnn_model_find_columns(struct rnn_model *model, struct rnn_error *error)
{
  const struct rnn_columns *columns = &model->columns;
  struct rnn_column *column = model->column;
  memset(column, 0, sizeof model->column);
  for (size_t j = 0; j < rnn_vocabulary_count(model->labels); j++) {
    size_t length_bytes, skip;
    const char *label = rnn_vocabulary_string(model->labels, (int32_t)j, &length_bytes);
    size_t c = rnn_columns_of_label(columns, label, length_bytes, &skip);
    if (c == rnn_columns_count(columns) || (column[c].k > 0 && column[c].first + column[c].k != j))
      return rnn_error_set(error, RNN_DATA, "label %zu is of no column, or stands apart from others of its column", j);
    column[c].first = column[c].k == 0 ? j : column[c].first;
    column[c].k++;
  }
  for (size_t c = 0; c < columns->count; c++)
    if (column[c].k == 0)
      return rnn_error_set(error, RNN_DATA, "no label to learn: the column '%s' has none", columns->name[c]);
  return RNN_OK;
}

struct rnn_tags rnn_model_tags(const struct rnn_model *model, size_t column)
{
  return (struct rnn_tags){.labels = model->labels,
                           .column = model->column[column],
                           .skip = model->columns.count == 0 ? 0 : strlen(model->columns.name[column]) + 1};
}

void rnn_model_next_symbols(const struct rnn_model *model, const int32_t *symbol, size_t length, int32_t *target)
{
  for (size_t t = 0; t + 1 < length; t++)
    target[t] = symbol[t + 1];
  if (length > 0)
    target[length - 1] = rnn_model_stop(model);
}

/* Vocabulary `from` again, with the frequencies of `number` [count], some of which may be RNN_ABSENT. */
static enum rnn_status count_strings(const struct rnn_vocabulary *from, const int32_t *number, size_t count,
                                     struct rnn_vocabulary **counted, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(rnn_vocabulary_create(counted, error));
  for (size_t i = 0; i < rnn_vocabulary_count(from); i++) {
    size_t length_bytes;
    int32_t same;
    const char *bytes = rnn_vocabulary_string(from, (int32_t)i, &length_bytes);
    RNN_TRY(rnn_vocabulary_add(*counted, bytes, length_bytes, &same, error));
  }
  for (size_t i = 0; i < count; i++)
    if (number[i] != RNN_ABSENT)
      rnn_vocabulary_add_frequency(*counted, number[i], 1);
out:
  return status;
}

/* Adds the strings of `more`, as often as each was met. */
static enum rnn_status add_strings(const struct rnn_vocabulary *more, struct rnn_vocabulary *counted,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < rnn_vocabulary_count(more); i++) {
    size_t length_bytes;
    int32_t number;
    const char *bytes = rnn_vocabulary_string(more, (int32_t)i, &length_bytes);
    RNN_TRY(rnn_vocabulary_add(counted, bytes, length_bytes, &number, error));
    rnn_vocabulary_add_frequency(counted, number, rnn_vocabulary_frequency(more, (int32_t)i));
  }
out:
  return status;
}

static size_t count_met(const struct rnn_vocabulary *vocabulary)
{
  size_t met = 0;
  for (size_t i = 0; i < rnn_vocabulary_count(vocabulary); i++)
    met += rnn_vocabulary_frequency(vocabulary, (int32_t)i) > 0;
  return met;
}

static void renumber(const int32_t *map, int32_t unknown, int32_t *number, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    int32_t mapped = number[i] == RNN_ABSENT ? RNN_ABSENT : map[number[i]];
    number[i] = mapped == RNN_ABSENT ? unknown : mapped;
  }
}

static enum rnn_status make_labels(struct rnn_model *model, struct rnn_corpus *corpus,
                                   const struct rnn_vocabulary *counted, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  int32_t *map = NULL;
  size_t count;
  int32_t *target = rnn_corpus_targets(corpus, &count);
  model->columns = corpus->columns;
  RNN_TRY(rnn_memory_new(&map, rnn_vocabulary_count(counted), sizeof *map, "labels", error));
  RNN_TRY(rnn_vocabulary_sorted(counted, 1, 1, &model->labels, map, error));
  if (rnn_vocabulary_count(model->labels) == 0)
    RNN_TRY(rnn_error_set(error, RNN_DATA, "no label to learn: %s needs at least one", rnn_task_name(model->task)));
  RNN_TRY(rnn_model_find_columns(model, error));
  renumber(map, RNN_ABSENT, target, count);
out:
  rnn_memory_free(map);
  return status;
}

/* Takes the strings into a lexicon of the corpus; map [their count], the numbers they have in the model, gets those of
 * strangers too. */
static enum rnn_status make_lexicon(const struct rnn_model *model, struct rnn_corpus *corpus,
                                    const struct rnn_vocabulary *strings, int32_t *map, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(
      rnn_lexicon_create(&corpus->lexicon, model->features, rnn_model_inputs(model), rnn_model_unknown(model), error));
  for (size_t i = 0; i < rnn_vocabulary_count(strings); i++) {
    size_t length_bytes;
    const char *bytes = rnn_vocabulary_string(strings, (int32_t)i, &length_bytes);
    RNN_TRY(rnn_lexicon_add(corpus->lexicon, map[i], bytes, length_bytes, &map[i], error));
  }
out:
  return status;
}

static enum rnn_status make_symbols(struct rnn_model *model, const struct rnn_model *pretrained,
                                    struct rnn_corpus *corpus, const struct rnn_vocabulary *counted,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  int32_t *map = NULL;
  uint64_t least = model->config.min_count > 1 ? (uint64_t)model->config.min_count : 1;
  RNN_TRY(rnn_memory_new(&map, rnn_vocabulary_count(counted), sizeof *map, "symbols", error));
  RNN_TRY(rnn_vocabulary_sorted(counted, least, 0, &model->symbols, map, error));
  model->unknown = model->config.word_dropout > 0 || rnn_vocabulary_count(model->symbols) < count_met(counted) ||
                   (pretrained != NULL && pretrained->unknown);
  if (model->config.features)
    RNN_TRY(rnn_features_create(&model->features, counted, error));
  if (model->features != NULL && model->features->count == 0) { /* no two words share one: nothing to learn */
    rnn_features_free(model->features);
    model->features = NULL;
    model->config.features = false;
  }
  if (model->features != NULL)
    RNN_TRY(make_lexicon(model, corpus, counted, map, error));
  renumber(map, rnn_model_unknown(model), corpus->symbol, rnn_corpus_steps(corpus));
out:
  rnn_memory_free(map);
  return status;
}

static enum rnn_status make_vocabularies(struct rnn_model *model, const struct rnn_model *pretrained,
                                         struct rnn_corpus *corpus, const struct rnn_vocabulary *symbols,
                                         const struct rnn_vocabulary *labels, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_vocabulary *counted_symbols = NULL, *counted_labels = NULL;
  struct rnn_corpus_facts facts = {.task = corpus->task,
                                   .frames = corpus->frame_width > 0,
                                   .words = corpus->frame_width == 0 && model->text.level == RNN_LEVEL_WORD,
                                   .sequences = corpus->count,
                                   .steps = rnn_corpus_steps(corpus)};
  facts.pictures = model->text.picture.columns > 0;
  facts.begun = pretrained != NULL;
  if (facts.frames && !facts.pictures)
    facts.joints = rnn_frame_guess_joints(corpus);
  if (!facts.frames) {
    RNN_TRY(count_strings(symbols, corpus->symbol, facts.steps, &counted_symbols, error));
    if (pretrained != NULL)
      RNN_TRY(add_strings(pretrained->symbols, counted_symbols, error));
    facts.symbols = count_met(counted_symbols);
  }
  if (facts.task != RNN_COMPLETE) {
    size_t count;
    const int32_t *target = rnn_corpus_targets(corpus, &count);
    RNN_TRY(count_strings(labels, target, count, &counted_labels, error));
    RNN_TRY(make_labels(model, corpus, counted_labels, error));
    facts.labels = rnn_vocabulary_count(model->labels);
    for (size_t c = 0; facts.task == RNN_TAG && c < rnn_columns_count(&model->columns); c++) {
      struct rnn_tags tags = rnn_model_tags(model, c);
      facts.spans |= rnn_span_begins(&tags);
    }
  }
  RNN_TRY(rnn_config_resolve(&model->config, &facts, error));
  if (!facts.frames)
    RNN_TRY(make_symbols(model, pretrained, corpus, counted_symbols, error));
out:
  rnn_vocabulary_free(counted_symbols);
  rnn_vocabulary_free(counted_labels);
  return status;
}

/* Where training draws symbols to learn against (candidates.h), c starts at the logarithm of each symbol's share of the
 * targets: a rare one is hardly ever drawn, and would need thousands of updates to come down from 0. Where all are
 * learnt against, the start is no gain (Elman on Shakespeare, three seeds: 1.62 nats, from 0 1.59). */
static void start_from_shares(struct rnn_model *model)
{
  const struct rnn_vocabulary *symbols = model->symbols;
  size_t k = rnn_model_classes(model), known = rnn_vocabulary_count(symbols);
  double met = 0, targets = (double)model->train_steps;
  real *c = model->parameters->value + model->parameters->layout.c;
  for (size_t j = 0; j < known; j++) {
    double frequency = (double)rnn_vocabulary_frequency(symbols, (int32_t)j);
    met += frequency;
    c[j] = (real)log((frequency + 0.5) / targets);
  }
  c[rnn_model_stop(model)] = (real)log((double)model->train_sequences / targets);
  if (model->unknown)
    c[k - 1] = (real)log((fmax(targets - met, 0) + 0.5) / targets);
}

enum rnn_status rnn_model_create(struct rnn_model **model, const struct rnn_config *config, struct rnn_text text,
                                 struct rnn_corpus *corpus, const struct rnn_vocabulary *symbols,
                                 const struct rnn_vocabulary *labels, struct rnn_error *error)
{
  return rnn_model_create_from(model, NULL, config, text, corpus, symbols, labels, error);
}

enum rnn_status rnn_model_create_from(struct rnn_model **model, const struct rnn_model *pretrained,
                                      const struct rnn_config *config, struct rnn_text text, struct rnn_corpus *corpus,
                                      const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                      struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_model *fresh = NULL;
  struct rnn_shape shape;
  *model = NULL;
  if (rnn_corpus_steps(corpus) == 0)
    return rnn_error_set(error, RNN_DATA, "nothing to learn from: the corpus has no %s",
                         corpus->frame_width > 0 ? "frame" : "symbol");
  if (corpus->task == RNN_COMPLETE && corpus->frame_width > 0)
    return rnn_error_set(error, RNN_DATA, "frames without labels: there is no next symbol to learn");
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a model", error));
  fresh->task = corpus->task;
  fresh->text = text;
  fresh->config = *config;
  fresh->frame_width = corpus->frame_width;
  RNN_TRY(make_vocabularies(fresh, pretrained, corpus, symbols, labels, error));
  RNN_TRY(rnn_shape_init(&shape, &fresh->config, fresh->task, fresh->frame_width > 0, rnn_model_inputs(fresh),
                         rnn_model_classes(fresh), error));
  RNN_TRY(rnn_shape_add_picture(&shape, fresh->text.picture, error));
  RNN_TRY(rnn_shape_add_features(&shape, fresh->features == NULL ? 0 : fresh->features->count, error));
  if (fresh->task != RNN_COMPLETE)
    RNN_TRY(rnn_shape_add_columns(&shape, fresh->column, rnn_columns_count(&fresh->columns), error));
  RNN_TRY(rnn_parameters_create(&fresh->parameters, &shape, error));
  rnn_parameters_randomise(fresh->parameters, &fresh->config);
  RNN_TRY(rnn_frame_learn(&fresh->parameters->frame, &shape.frame, corpus, error));
  fresh->train_sequences = corpus->count;
  fresh->train_steps = rnn_corpus_steps(corpus);
  fresh->data_digest = rnn_corpus_digest(corpus);
  if (fresh->config.sampled_softmax > 0)
    start_from_shares(fresh);
  for (size_t c = 0; c < shape.columns && shape.crf; c++) {
    struct rnn_tags tags = rnn_model_tags(fresh, c);
    rnn_span_start(fresh->parameters->value + fresh->parameters->layout.a[c], &tags, corpus, c);
  }
  *model = fresh;
  fresh = NULL;
out:
  rnn_model_free(fresh);
  return status;
}

static enum rnn_status adopt_symbols(const struct rnn_model *model, struct rnn_corpus *corpus,
                                     const struct rnn_vocabulary *symbols, struct rnn_error *error)
{
  int32_t *map;
  size_t count = rnn_vocabulary_count(symbols);
  enum rnn_status status = rnn_memory_new(&map, count, sizeof *map, "symbols", error);
  if (status != RNN_OK)
    return status;
  for (size_t i = 0; i < count; i++) {
    size_t length_bytes;
    const char *bytes = rnn_vocabulary_string(symbols, (int32_t)i, &length_bytes);
    map[i] = model->features == NULL ? rnn_model_symbol(model, bytes, length_bytes)
                                     : rnn_vocabulary_find(model->symbols, bytes, length_bytes);
  }
  if (model->features != NULL)
    status = make_lexicon(model, corpus, symbols, map, error);
  if (status == RNN_OK)
    renumber(map, rnn_model_unknown(model), corpus->symbol, rnn_corpus_steps(corpus));
  rnn_memory_free(map);
  return status;
}

static enum rnn_status adopt_labels(const struct rnn_model *model, struct rnn_corpus *corpus,
                                    const struct rnn_vocabulary *labels, size_t *strange, struct rnn_error *error)
{
  int32_t *map;
  size_t count = rnn_vocabulary_count(labels), targets;
  int32_t *target = rnn_corpus_targets(corpus, &targets);
  enum rnn_status status = rnn_memory_new(&map, count, sizeof *map, "labels", error);
  if (status != RNN_OK)
    return status;
  for (size_t i = 0; i < count; i++) {
    size_t length_bytes;
    const char *bytes = rnn_vocabulary_string(labels, (int32_t)i, &length_bytes);
    map[i] = rnn_vocabulary_find(model->labels, bytes, length_bytes);
  }
  for (size_t i = 0; i < targets; i++)
    *strange += target[i] != RNN_ABSENT && map[target[i]] == RNN_ABSENT;
  renumber(map, RNN_ABSENT, target, targets);
  rnn_memory_free(map);
  return RNN_OK;
}

static enum rnn_status refuse_columns(const struct rnn_model *model, const struct rnn_corpus *corpus,
                                      struct rnn_error *error)
{
  char text[2][RNN_COLUMNS_BYTES];
  const struct rnn_columns *columns[2] = {&corpus->columns, &model->columns};
  for (size_t i = 0; i < 2; i++)
    if (columns[i]->count == 0)
      strcpy(text[i], "one column of tags");
    else
      rnn_columns_write(columns[i], text[i]);
  return rnn_error_set(error, RNN_DATA, "the data has %s, the model %s", text[0], text[1]);
}

enum rnn_status rnn_model_adopt(const struct rnn_model *model, struct rnn_corpus *corpus,
                                const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                size_t *strange_labels, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  *strange_labels = 0;
  if (corpus->task != model->task)
    return rnn_error_set(error, RNN_DATA, "the data is for the task '%s', the model for '%s'",
                         rnn_task_name(corpus->task), rnn_task_name(model->task));
  if (corpus->frame_width != model->frame_width)
    return rnn_error_set(error, RNN_DATA, "the data has %zu numbers a frame, the model %zu", corpus->frame_width,
                         model->frame_width);
  if (!rnn_columns_equal(&corpus->columns, &model->columns))
    return refuse_columns(model, corpus, error);
  if (model->frame_width == 0)
    RNN_TRY(adopt_symbols(model, corpus, symbols, error));
  if (model->task != RNN_COMPLETE)
    RNN_TRY(adopt_labels(model, corpus, labels, strange_labels, error));
out:
  return status;
}

bool rnn_epoch_is_better(enum rnn_task task, const struct rnn_epoch *epoch, const struct rnn_epoch *best)
{
  bool validated = !isnan(epoch->valid_nats);
  double nats = validated ? epoch->valid_nats : epoch->train_nats;
  if (isnan(nats) || best == NULL)
    return !isnan(nats);
  if (validated && task == RNN_TAG && epoch->valid_accuracy != best->valid_accuracy)
    return epoch->valid_accuracy > best->valid_accuracy;
  return nats < (validated ? best->valid_nats : best->train_nats);
}

enum rnn_status rnn_model_add_epoch(struct rnn_model *model, const struct rnn_epoch *epoch, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_grow(&model->history, &model->capacity_epochs, model->epochs + 1,
                                           sizeof *model->history, "the history", error);
  if (status == RNN_OK)
    model->history[model->epochs++] = *epoch;
  return status;
}

struct rnn_sequence rnn_model_reads(const struct rnn_model *model, const struct rnn_sequence *sequence)
{
  const struct rnn_config *config = &model->config;
  size_t most = model->task == RNN_CLASSIFY ? (size_t)config->max_steps : 0;
  return rnn_sequence_kept(sequence, most, (enum rnn_kept)config->kept, model->frame_width);
}
