/* Measures of answers against targets. */
#include "score.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "span.h"

static const char *const measures[] = {"accuracy", "macro_f1", "entity_f1", NULL};

/* "accuracy=0.9", or "xpos.accuracy=0.9" with the name of a column. */
static void add_condition(struct rnn_score *score, const char *text, struct argp_state *state)
{
  const char *equals = strchr(text, '='), *dot = equals == NULL ? NULL : memrchr(text, '.', (size_t)(equals - text));
  const char *name = dot == NULL ? text : dot + 1;
  for (size_t i = 0; measures[i] != NULL && equals != NULL; i++)
    if (strlen(measures[i]) == (size_t)(equals - name) && strncmp(measures[i], name, (size_t)(equals - name)) == 0) {
      if (score->conditions == RNN_MOST_CONDITIONS)
        argp_error(state, "--fail-under: at most %d times", RNN_MOST_CONDITIONS);
      score->condition[score->conditions].column = dot == NULL ? NULL : text;
      score->condition[score->conditions].column_bytes = dot == NULL ? 0 : (size_t)(dot - text);
      score->condition[score->conditions].measure = measures[i];
      score->condition[score->conditions++].least = rnn_option_real(state, "--fail-under", equals + 1, 0, 1);
      return;
    }
  argp_error(state, "--fail-under=%s: accuracy=X, macro_f1=X or entity_f1=X is expected", text);
}

error_t rnn_score_parse(struct rnn_score *score, int key, const char *text, struct argp_state *state)
{
  switch (key) {
  case RNN_KEY_TEST:
    break;
  case RNN_KEY_CONFUSION:
    score->confusion = text;
    break;
  case RNN_KEY_COVERAGE:
    score->coverage = text;
    break;
  case RNN_KEY_FAIL_UNDER:
    add_condition(score, text, state);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  score->test = true;
  return 0;
}

static struct rnn_slice class_of(const struct rnn_model *model, size_t label)
{
  struct rnn_slice name;
  name.bytes = rnn_model_class(model, label, &name.length_bytes);
  return name;
}

/* The column of the i-th condition; `columns` or more where there is none of that name. */
static size_t column_of(const struct rnn_score *score, size_t i)
{
  const char *name = score->condition[i].column;
  size_t c = name == NULL ? 0 : rnn_columns_find(&score->model->columns, name, score->condition[i].column_bytes);
  return name != NULL && c == score->model->columns.count ? score->columns : c;
}

static enum rnn_status check_columns(const struct rnn_score *score, struct rnn_error *error)
{
  for (size_t i = 0; i < score->conditions; i++)
    if (column_of(score, i) == score->columns)
      return rnn_error_set(error, RNN_USAGE, "--fail-under=%s: the model has no such column",
                           score->condition[i].column);
  return RNN_OK;
}

enum rnn_status rnn_score_open(struct rnn_score *score, const struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  score->model = model;
  score->columns = rnn_columns_count(&model->columns);
  if (!score->test)
    return RNN_OK;
  RNN_TRY(check_columns(score, error));
  RNN_TRY(rnn_memory_new(&score->column, score->columns, sizeof *score->column, "measures", error));
  for (size_t c = 0; c < score->columns; c++) {
    struct rnn_tags tags = rnn_model_tags(model, c);
    score->column[c].labels = tags.column;
    score->column[c].spans = model->task == RNN_TAG && rnn_span_marks(&tags);
    RNN_TRY(rnn_metric_create(&score->column[c].metric, tags.column.k, error));
  }
  if (score->confusion != NULL)
    RNN_TRY(rnn_output_open(&score->table, score->confusion, false, false, error));
  if (score->coverage != NULL)
    RNN_TRY(rnn_output_open(&score->curve, score->coverage, false, false, error));
out:
  return status;
}

void rnn_score_close(struct rnn_score *score)
{
  for (size_t c = 0; c < score->columns && score->column != NULL; c++)
    rnn_metric_free(score->column[c].metric);
  rnn_memory_free(score->column);
  rnn_output_abandon(score->table);
  rnn_output_abandon(score->curve);
  rnn_memory_free(score->gold);
  rnn_memory_free(score->predicted);
  rnn_memory_free(score->bytes);
}

/* As the metric counts the labels, from the column's first on. */
static int32_t place_of(const struct rnn_score_column *column, int32_t label)
{
  return label < 0 ? RNN_ABSENT : label - (int32_t)column->labels.first;
}

void rnn_score_add(struct rnn_score *score, size_t c, int32_t gold, const struct rnn_ranked *answer, double nats)
{
  struct rnn_score_column *column = &score->column[c];
  bool right = gold >= 0 && gold == answer->label;
  rnn_metric_add(column->metric, place_of(column, gold), place_of(column, answer->label), nats);
  rnn_confidence_add(&column->confidence, answer->label < 0 ? 0 : answer->probability, right);
  column->right += right;
  column->targets++;
}

void rnn_score_end_record(struct rnn_score *score)
{
  for (size_t c = 0; c < score->columns; c++) {
    struct rnn_score_column *column = &score->column[c];
    rnn_interval_add(&column->accuracy, (double)column->right, (double)column->targets);
    column->right = column->targets = 0;
  }
}

/* Copies of the gold tags, each with a NUL behind it. */
static enum rnn_status copy_tags(struct rnn_score *score, const struct rnn_slice *tag, size_t steps,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  size_t bytes = 0;
  for (size_t t = 0; t < steps; t++)
    bytes += tag[t].length_bytes + 1;
  RNN_TRY(rnn_memory_grow(&score->bytes, &score->capacity_bytes, bytes, 1, "tags", error));
  char *end = score->bytes;
  for (size_t t = 0; t < steps; t++) {
    score->gold[t] = end;
    if (tag[t].length_bytes > 0)
      memcpy(end, tag[t].bytes, tag[t].length_bytes);
    end += tag[t].length_bytes;
    *end++ = '\0';
  }
out:
  return status;
}

enum rnn_status rnn_score_add_tags(struct rnn_score *score, size_t c, const struct rnn_slice *gold,
                                   const int32_t *predicted, size_t steps, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_score_column *column = &score->column[c];
  if (!column->spans)
    return RNN_OK;
  RNN_TRY(rnn_memory_grow(&score->gold, &score->capacity_gold, steps, sizeof *score->gold, "tags", error));
  RNN_TRY(
      rnn_memory_grow(&score->predicted, &score->capacity_predicted, steps, sizeof *score->predicted, "tags", error));
  RNN_TRY(copy_tags(score, gold, steps, error));
  for (size_t t = 0; t < steps; t++)
    score->predicted[t] = predicted[t] < 0 ? "O" : class_of(score->model, (size_t)predicted[t]).bytes;
  struct rnn_entities some = {.gold = 0};
  rnn_entities_add(&some, score->gold, score->predicted, steps);
  column->entities.gold += some.gold;
  column->entities.predicted += some.predicted;
  column->entities.correct += some.correct;
  rnn_interval_add(&column->entity_f1, 2 * (double)some.correct, (double)(some.gold + some.predicted));
out:
  return status;
}

/* ---- writing ---- */

enum rnn_table_style rnn_score_style(const struct rnn_options *options)
{
  if (options->json)
    return RNN_TABLE_JSON;
  bool standard = options->output == NULL || strcmp(options->output, "-") == 0;
  return standard && isatty(STDOUT_FILENO) ? RNN_TABLE_ALIGNED : RNN_TABLE_TSV;
}

static double measure(const struct rnn_score_column *column, const char *name)
{
  if (strcmp(name, "accuracy") == 0)
    return rnn_metric_accuracy(column->metric);
  if (strcmp(name, "macro_f1") == 0)
    return rnn_metric_macro_f1(column->metric);
  return rnn_entities_f1(&column->entities);
}

/* The name of a column, "" where there is but one. */
static const char *name_of(const struct rnn_score *score, size_t c)
{
  return score->columns == 1 ? "" : score->model->columns.name[c];
}

static double share(uint64_t part, uint64_t whole)
{
  return whole == 0 ? NAN : (double)part / (double)whole;
}

/* A list of measures of one column, whose name stands before theirs. */
struct list {
  struct rnn_table *table;
  const char *column;
};

static enum rnn_status add_name(const struct list *list, const char *name, struct rnn_error *error)
{
  char whole[RNN_COLUMN_NAME_BYTES + 32];
  snprintf(whole, sizeof whole, "%s%s%s", list->column, *list->column == '\0' ? "" : ".", name);
  return rnn_table_add_text(list->table, whole, error);
}

static enum rnn_status add_measure(const struct list *list, const char *name, double value, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(add_name(list, name, error));
  RNN_TRY(rnn_table_add_number(list->table, value, error));
out:
  return status;
}

/* A measure, and from where to where it would lie with other records like these. */
static enum rnn_status add_interval(const struct list *list, const char *const name[3], double value,
                                    const struct rnn_interval *interval, struct rnn_error *error)
{
  enum rnn_status status;
  double low, high;
  rnn_interval_find(interval, &low, &high);
  RNN_TRY(add_measure(list, name[0], value, error));
  RNN_TRY(add_measure(list, name[1], low, error));
  RNN_TRY(add_measure(list, name[2], high, error));
out:
  return status;
}

static enum rnn_status add_measures(const struct list *list, const struct rnn_score_column *column,
                                    struct rnn_error *error)
{
  static const char *const accuracy[] = {"accuracy", "accuracy_low", "accuracy_high"};
  static const char *const entity_f1[] = {"entity_f1", "entity_f1_low", "entity_f1_high"};
  enum rnn_status status;
  const struct rnn_entities *entities = &column->entities;
  RNN_TRY(add_name(list, "count", error));
  RNN_TRY(rnn_table_add_count(list->table, rnn_metric_count(column->metric), error));
  RNN_TRY(add_interval(list, accuracy, rnn_metric_accuracy(column->metric), &column->accuracy, error));
  RNN_TRY(add_measure(list, "nats", rnn_metric_mean_nats(column->metric), error));
  RNN_TRY(add_measure(list, "calibration_error", rnn_confidence_error(&column->confidence), error));
  RNN_TRY(add_measure(list, "macro_f1", rnn_metric_macro_f1(column->metric), error));
  if (column->spans) {
    RNN_TRY(add_measure(list, "entity_precision", share(entities->correct, entities->predicted), error));
    RNN_TRY(add_measure(list, "entity_recall", share(entities->correct, entities->gold), error));
    RNN_TRY(add_interval(list, entity_f1, rnn_entities_f1(entities), &column->entity_f1, error));
  }
out:
  return status;
}

static enum rnn_status write_measures(const struct rnn_score *score, struct rnn_output *output,
                                      enum rnn_table_style style, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_table *table;
  RNN_TRY(rnn_table_create(&table, 2, error));
  for (size_t c = 0; c < score->columns; c++)
    RNN_TRY(add_measures(&(struct list){table, name_of(score, c)}, &score->column[c], error));
  RNN_TRY(rnn_table_write(table, output, style, error));
out:
  rnn_table_free(table);
  return status;
}

/* Row sums and column sums of the confusion matrix. */
static uint64_t times(const struct rnn_score_column *column, size_t label, bool gold)
{
  uint64_t sum = 0;
  for (size_t other = 0; other <= column->labels.k; other++)
    sum += gold ? rnn_metric_cell(column->metric, label, other) : rnn_metric_cell(column->metric, other, label);
  return sum;
}

static enum rnn_status add_label(const struct rnn_score *score, size_t c, struct rnn_table *table, size_t label,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_score_column *column = &score->column[c];
  struct rnn_slice name = class_of(score->model, column->labels.first + label);
  if (score->columns > 1)
    RNN_TRY(rnn_table_add_text(table, name_of(score, c), error));
  RNN_TRY(rnn_table_add(table, name.bytes, name.length_bytes, error));
  RNN_TRY(rnn_table_add_number(table, rnn_metric_precision(column->metric, label), error));
  RNN_TRY(rnn_table_add_number(table, rnn_metric_recall(column->metric, label), error));
  RNN_TRY(rnn_table_add_number(table, rnn_metric_f1(column->metric, label), error));
  RNN_TRY(rnn_table_add_count(table, times(column, label, true), error));
  RNN_TRY(rnn_table_add_count(table, times(column, label, false), error));
  RNN_TRY(rnn_table_add_count(table, rnn_metric_cell(column->metric, label, label), error));
out:
  return status;
}

/* A table of lines that begin with the name of their column, names[0], where there are several. */
static enum rnn_status begin_table(const struct rnn_score *score, const char *const *names, size_t count,
                                   struct rnn_table **table, struct rnn_error *error)
{
  size_t unnamed = score->columns == 1;
  enum rnn_status status = rnn_table_create(table, count - unnamed, error);
  if (status == RNN_OK)
    rnn_table_name(*table, names + unnamed, true);
  return status;
}

static enum rnn_status write_labels(const struct rnn_score *score, struct rnn_output *output,
                                    enum rnn_table_style style, struct rnn_error *error)
{
  static const char *const names[] = {"column", "label", "precision", "recall", "f1", "gold", "predicted", "correct"};
  enum rnn_status status;
  struct rnn_table *table;
  RNN_TRY(begin_table(score, names, sizeof names / sizeof names[0], &table, error));
  for (size_t c = 0; c < score->columns; c++)
    for (size_t label = 0; label < score->column[c].labels.k; label++)
      RNN_TRY(add_label(score, c, table, label, error));
  RNN_TRY(rnn_table_write(table, output, style, error));
out:
  rnn_table_free(table);
  return status;
}

/* Ends a file of its own. */
static enum rnn_status finish(struct rnn_output **file, struct rnn_error *error)
{
  struct rnn_output *output = *file;
  *file = NULL;
  return rnn_output_finish(output, error);
}

/* A row for each label that was there, a column for each that was answered; the last of both: labels unknown to the
 * model, and no answer. */
static enum rnn_status write_matrix(struct rnn_score *score, size_t c, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_table *table;
  const struct rnn_score_column *column = &score->column[c];
  size_t k = column->labels.k;
  char corner[RNN_COLUMN_NAME_BYTES + 32];
  snprintf(corner, sizeof corner, "%s%sgold/predicted", name_of(score, c), score->columns > 1 ? " " : "");
  RNN_TRY(rnn_table_create(&table, k + 2, error));
  for (size_t row = 0; row <= k + 1; row++)
    for (size_t at = 0; at <= k + 1; at++) {
      if (row == 0 && at == 0) {
        RNN_TRY(rnn_table_add_text(table, corner, error));
      } else if (row == 0 || at == 0) {
        size_t label = row + at - 1;
        struct rnn_slice name =
            label < k ? class_of(score->model, column->labels.first + label) : (struct rnn_slice){"(other)", 7};
        RNN_TRY(rnn_table_add(table, name.bytes, name.length_bytes, error));
      } else {
        RNN_TRY(rnn_table_add_count(table, rnn_metric_cell(column->metric, row - 1, at - 1), error));
      }
    }
  RNN_TRY(rnn_table_write(table, score->table, RNN_TABLE_TSV, error));
out:
  rnn_table_free(table);
  return status;
}

/* The matrices of several columns, with a blank line between them. */
static enum rnn_status write_confusion(struct rnn_score *score, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t c = 0; c < score->columns; c++) {
    if (c > 0)
      RNN_TRY(rnn_output_write(score->table, "\n", 1, error));
    RNN_TRY(write_matrix(score, c, error));
  }
  RNN_TRY(finish(&score->table, error));
out:
  return status;
}

/* Of the surest 5, 10, ... 100 % of a column's answers. */
static enum rnn_status add_coverage(struct rnn_score *score, size_t c, struct rnn_table *table, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_score_column *column = &score->column[c];
  double written = 0;
  for (int percent = 5; percent <= 100 && rnn_metric_count(column->metric) > 0; percent += 5) {
    struct rnn_coverage surest = rnn_confidence_cover(&column->confidence, percent / 100.0);
    if (surest.coverage == written)
      continue;
    written = surest.coverage;
    if (score->columns > 1)
      RNN_TRY(rnn_table_add_text(table, name_of(score, c), error));
    RNN_TRY(rnn_table_add_number(table, surest.least_probability, error));
    RNN_TRY(rnn_table_add_number(table, surest.coverage, error));
    RNN_TRY(rnn_table_add_number(table, surest.accuracy, error));
  }
out:
  return status;
}

static enum rnn_status write_coverage(struct rnn_score *score, struct rnn_error *error)
{
  static const char *const names[] = {"column", "least_probability", "coverage", "accuracy"};
  enum rnn_status status;
  struct rnn_table *table;
  RNN_TRY(begin_table(score, names, sizeof names / sizeof names[0], &table, error));
  for (size_t c = 0; c < score->columns; c++)
    RNN_TRY(add_coverage(score, c, table, error));
  RNN_TRY(rnn_table_write(table, score->curve, RNN_TABLE_TSV, error));
  RNN_TRY(finish(&score->curve, error));
out:
  rnn_table_free(table);
  return status;
}

static enum rnn_status check_conditions(const struct rnn_score *score, struct rnn_error *error)
{
  for (size_t i = 0; i < score->conditions; i++) {
    size_t c = column_of(score, i);
    const char *name = score->condition[i].column == NULL ? "" : score->model->columns.name[c];
    const char *dot = *name == '\0' ? "" : ".", *of = score->condition[i].measure;
    double value = measure(&score->column[c], of);
    if (isnan(value))
      return rnn_error_set(error, RNN_NEGATIVE, "there is no %s%s%s: nothing to count", name, dot, of);
    if (value < score->condition[i].least)
      return rnn_error_set(error, RNN_NEGATIVE, "%s%s%s is %.6g, less than %.6g", name, dot, of, value,
                           score->condition[i].least);
  }
  return RNN_OK;
}

static bool has_counted(const struct rnn_score *score)
{
  for (size_t c = 0; c < score->columns; c++)
    if (rnn_metric_count(score->column[c].metric) > 0)
      return true;
  return false;
}

enum rnn_status rnn_score_write(struct rnn_score *score, struct rnn_output *output, const struct rnn_options *options,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  enum rnn_table_style style = rnn_score_style(options);
  if (has_counted(score)) {
    RNN_TRY(write_measures(score, output, style, error));
    if (style != RNN_TABLE_JSON)
      RNN_TRY(rnn_output_write(output, "\n", 1, error));
    RNN_TRY(write_labels(score, output, style, error));
  }
  if (score->table != NULL)
    RNN_TRY(write_confusion(score, error));
  if (score->curve != NULL)
    RNN_TRY(write_coverage(score, error));
  RNN_TRY(check_conditions(score, error));
out:
  return status;
}
