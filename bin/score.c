/* Measures of answers against targets. */
#include "score.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "span.h"

static const char *const measures[] = {"accuracy", "macro_f1", "entity_f1", NULL};

static void add_condition(struct rnn_score *score, const char *text, struct argp_state *state)
{
  const char *equals = strchr(text, '=');
  for (size_t i = 0; measures[i] != NULL && equals != NULL; i++)
    if (strlen(measures[i]) == (size_t)(equals - text) && strncmp(measures[i], text, (size_t)(equals - text)) == 0) {
      if (score->conditions == RNN_MOST_CONDITIONS)
        argp_error(state, "--fail-under: at most %d times", RNN_MOST_CONDITIONS);
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

enum rnn_status rnn_score_open(struct rnn_score *score, const struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  score->model = model;
  if (!score->test)
    return RNN_OK;
  struct rnn_tags tags = rnn_model_tags(model, 0);
  score->spans = model->task == RNN_TAG && rnn_span_marks(&tags);
  RNN_TRY(rnn_metric_create(&score->metric, rnn_model_classes(model), error));
  if (score->confusion != NULL)
    RNN_TRY(rnn_output_open(&score->table, score->confusion, false, false, error));
  if (score->coverage != NULL)
    RNN_TRY(rnn_output_open(&score->curve, score->coverage, false, false, error));
out:
  return status;
}

void rnn_score_close(struct rnn_score *score)
{
  rnn_metric_free(score->metric);
  rnn_output_abandon(score->table);
  rnn_output_abandon(score->curve);
  rnn_memory_free(score->gold);
  rnn_memory_free(score->predicted);
  rnn_memory_free(score->bytes);
}

void rnn_score_add(struct rnn_score *score, int32_t gold, const struct rnn_ranked *answer, double nats)
{
  bool right = gold >= 0 && gold == answer->label;
  rnn_metric_add(score->metric, gold, answer->label, nats);
  rnn_confidence_add(&score->confidence, answer->label < 0 ? 0 : answer->probability, right);
  score->right += right;
  score->targets++;
}

void rnn_score_end_record(struct rnn_score *score)
{
  rnn_interval_add(&score->accuracy, (double)score->right, (double)score->targets);
  score->right = score->targets = 0;
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

enum rnn_status rnn_score_add_tags(struct rnn_score *score, const struct rnn_slice *gold, const int32_t *predicted,
                                   size_t steps, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (!score->spans)
    return RNN_OK;
  RNN_TRY(rnn_memory_grow(&score->gold, &score->capacity_gold, steps, sizeof *score->gold, "tags", error));
  RNN_TRY(
      rnn_memory_grow(&score->predicted, &score->capacity_predicted, steps, sizeof *score->predicted, "tags", error));
  RNN_TRY(copy_tags(score, gold, steps, error));
  for (size_t t = 0; t < steps; t++)
    score->predicted[t] = predicted[t] < 0 ? "O" : class_of(score->model, (size_t)predicted[t]).bytes;
  struct rnn_entities some = {.gold = 0};
  rnn_entities_add(&some, score->gold, score->predicted, steps);
  score->entities.gold += some.gold;
  score->entities.predicted += some.predicted;
  score->entities.correct += some.correct;
  rnn_interval_add(&score->entity_f1, 2 * (double)some.correct, (double)(some.gold + some.predicted));
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

static double measure(const struct rnn_score *score, const char *name)
{
  if (strcmp(name, "accuracy") == 0)
    return rnn_metric_accuracy(score->metric);
  if (strcmp(name, "macro_f1") == 0)
    return rnn_metric_macro_f1(score->metric);
  return rnn_entities_f1(&score->entities);
}

static double share(uint64_t part, uint64_t whole)
{
  return whole == 0 ? NAN : (double)part / (double)whole;
}

static enum rnn_status add_measure(struct rnn_table *table, const char *name, double value, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_table_add_text(table, name, error));
  RNN_TRY(rnn_table_add_number(table, value, error));
out:
  return status;
}

/* A measure, and from where to where it would lie with other records like these. */
static enum rnn_status add_interval(struct rnn_table *table, const char *const name[3], double value,
                                    const struct rnn_interval *interval, struct rnn_error *error)
{
  enum rnn_status status;
  double low, high;
  rnn_interval_find(interval, &low, &high);
  RNN_TRY(add_measure(table, name[0], value, error));
  RNN_TRY(add_measure(table, name[1], low, error));
  RNN_TRY(add_measure(table, name[2], high, error));
out:
  return status;
}

static enum rnn_status write_measures(const struct rnn_score *score, struct rnn_output *output,
                                      enum rnn_table_style style, struct rnn_error *error)
{
  static const char *const accuracy[] = {"accuracy", "accuracy_low", "accuracy_high"};
  static const char *const entity_f1[] = {"entity_f1", "entity_f1_low", "entity_f1_high"};
  enum rnn_status status;
  struct rnn_table *table;
  const struct rnn_entities *entities = &score->entities;
  RNN_TRY(rnn_table_create(&table, 2, error));
  RNN_TRY(rnn_table_add_text(table, "count", error));
  RNN_TRY(rnn_table_add_count(table, rnn_metric_count(score->metric), error));
  RNN_TRY(add_interval(table, accuracy, rnn_metric_accuracy(score->metric), &score->accuracy, error));
  RNN_TRY(add_measure(table, "nats", rnn_metric_mean_nats(score->metric), error));
  RNN_TRY(add_measure(table, "calibration_error", rnn_confidence_error(&score->confidence), error));
  RNN_TRY(add_measure(table, "macro_f1", rnn_metric_macro_f1(score->metric), error));
  if (score->spans) {
    RNN_TRY(add_measure(table, "entity_precision", share(entities->correct, entities->predicted), error));
    RNN_TRY(add_measure(table, "entity_recall", share(entities->correct, entities->gold), error));
    RNN_TRY(add_interval(table, entity_f1, rnn_entities_f1(entities), &score->entity_f1, error));
  }
  RNN_TRY(rnn_table_write(table, output, style, error));
out:
  rnn_table_free(table);
  return status;
}

/* Row sums and column sums of the confusion matrix. */
static uint64_t times(const struct rnn_score *score, size_t label, bool gold)
{
  uint64_t sum = 0;
  for (size_t other = 0; other <= rnn_model_classes(score->model); other++)
    sum += gold ? rnn_metric_cell(score->metric, label, other) : rnn_metric_cell(score->metric, other, label);
  return sum;
}

static enum rnn_status add_label(const struct rnn_score *score, struct rnn_table *table, size_t label,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_slice name = class_of(score->model, label);
  RNN_TRY(rnn_table_add(table, name.bytes, name.length_bytes, error));
  RNN_TRY(rnn_table_add_number(table, rnn_metric_precision(score->metric, label), error));
  RNN_TRY(rnn_table_add_number(table, rnn_metric_recall(score->metric, label), error));
  RNN_TRY(rnn_table_add_number(table, rnn_metric_f1(score->metric, label), error));
  RNN_TRY(rnn_table_add_count(table, times(score, label, true), error));
  RNN_TRY(rnn_table_add_count(table, times(score, label, false), error));
  RNN_TRY(rnn_table_add_count(table, rnn_metric_cell(score->metric, label, label), error));
out:
  return status;
}

static enum rnn_status write_labels(const struct rnn_score *score, struct rnn_output *output,
                                    enum rnn_table_style style, struct rnn_error *error)
{
  static const char *const columns[] = {"label", "precision", "recall", "f1", "gold", "predicted", "correct"};
  enum rnn_status status;
  struct rnn_table *table;
  RNN_TRY(rnn_table_create(&table, sizeof columns / sizeof columns[0], error));
  rnn_table_name(table, columns, true);
  for (size_t label = 0; label < rnn_model_classes(score->model); label++)
    RNN_TRY(add_label(score, table, label, error));
  RNN_TRY(rnn_table_write(table, output, style, error));
out:
  rnn_table_free(table);
  return status;
}

/* Writes a table to a file of its own, and ends that. */
static enum rnn_status write_to(struct rnn_output **file, struct rnn_table *table, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_output *output = *file;
  RNN_TRY(rnn_table_write(table, output, RNN_TABLE_TSV, error));
  *file = NULL;
  status = rnn_output_finish(output, error);
out:
  return status;
}

/* A row for each label that was there, a column for each that was answered; the last of both: labels unknown to the
 * model, and no answer. */
static enum rnn_status write_confusion(struct rnn_score *score, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_table *table;
  size_t k = rnn_model_classes(score->model);
  RNN_TRY(rnn_table_create(&table, k + 2, error));
  for (size_t row = 0; row <= k + 1; row++)
    for (size_t column = 0; column <= k + 1; column++) {
      if (row == 0 && column == 0) {
        RNN_TRY(rnn_table_add_text(table, "gold/predicted", error));
      } else if (row == 0 || column == 0) {
        size_t label = row + column - 1;
        struct rnn_slice name = label < k ? class_of(score->model, label) : (struct rnn_slice){"(other)", 7};
        RNN_TRY(rnn_table_add(table, name.bytes, name.length_bytes, error));
      } else {
        RNN_TRY(rnn_table_add_count(table, rnn_metric_cell(score->metric, row - 1, column - 1), error));
      }
    }
  RNN_TRY(write_to(&score->table, table, error));
out:
  rnn_table_free(table);
  return status;
}

/* Of the surest 5, 10, ... 100 % of the answers. */
static enum rnn_status write_coverage(struct rnn_score *score, struct rnn_error *error)
{
  static const char *const columns[] = {"least_probability", "coverage", "accuracy"};
  enum rnn_status status;
  struct rnn_table *table;
  double written = 0;
  RNN_TRY(rnn_table_create(&table, sizeof columns / sizeof columns[0], error));
  rnn_table_name(table, columns, true);
  for (int percent = 5; percent <= 100 && rnn_metric_count(score->metric) > 0; percent += 5) {
    struct rnn_coverage surest = rnn_confidence_cover(&score->confidence, percent / 100.0);
    if (surest.coverage == written)
      continue;
    written = surest.coverage;
    RNN_TRY(rnn_table_add_number(table, surest.least_probability, error));
    RNN_TRY(rnn_table_add_number(table, surest.coverage, error));
    RNN_TRY(rnn_table_add_number(table, surest.accuracy, error));
  }
  RNN_TRY(write_to(&score->curve, table, error));
out:
  rnn_table_free(table);
  return status;
}

static enum rnn_status check_conditions(const struct rnn_score *score, struct rnn_error *error)
{
  for (size_t i = 0; i < score->conditions; i++) {
    double value = measure(score, score->condition[i].measure);
    if (isnan(value))
      return rnn_error_set(error, RNN_NEGATIVE, "there is no %s: nothing to count", score->condition[i].measure);
    if (value < score->condition[i].least)
      return rnn_error_set(error, RNN_NEGATIVE, "%s is %.6g, less than %.6g", score->condition[i].measure, value,
                           score->condition[i].least);
  }
  return RNN_OK;
}

enum rnn_status rnn_score_write(struct rnn_score *score, struct rnn_output *output, const struct rnn_options *options,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  enum rnn_table_style style = rnn_score_style(options);
  if (rnn_metric_count(score->metric) > 0) {
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
