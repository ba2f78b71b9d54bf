/* The regression on n-grams. */
#include "wide_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"
#include "loss.h"
#include "memory.h"
#include "random.h"
#include "wide_table.h"

enum { MOST_WEIGHTS = 1 << 22, MOST_PASSES = 50 };

/* C, chosen on film reviews and on first names: ten times as much or little changes half a point. */
static const double penalty_of_words = 0.1, penalty_of_characters = 0.5;

static const double enough = 0.01; /* the mean change of a dual variable, as a share of C, that ends the passes */

/* ---- one class against the rest ---- */

/* Weight and squared ratio of an n-gram, side by side for they are read together. */
struct feature {
  float weight, square;
};

struct regression {
  const struct rnn_wide_table *table;
  uint64_t seed;
  size_t features, column;
  int32_t class;
  double penalty;          /* C, */
  const double *weight;    /* [classes] times that of the text's class; NULL: 1 */
  struct feature *feature; /* [features] */
  double bias;
  uint32_t *of_class, *of_rest; /* [features] texts */
  double *alpha;                /* [texts] dual variables, 0 ... C times the weight */
  size_t *order;                /* [texts] */
};

static void set_ratios(struct regression *regression)
{
  const struct rnn_wide_table *table = regression->table;
  double texts_of_class = 0;
  for (size_t i = 0; i < table->texts; i++) {
    bool of_class = table->label[i] == regression->class;
    uint32_t *count = of_class ? regression->of_class : regression->of_rest;
    texts_of_class += of_class;
    for (size_t e = table->begin[i]; e < table->begin[i + 1]; e++)
      count[table->entry[e]]++;
  }
  double class_total = log(texts_of_class + 1), rest_total = log((double)table->texts - texts_of_class + 1);
  for (size_t f = 0; f < regression->features; f++) {
    double ratio = log(regression->of_class[f] + 1.0) - class_total - log(regression->of_rest[f] + 1.0) + rest_total;
    regression->feature[f] = (struct feature){.square = (float)(ratio * ratio)};
  }
}

/* The dual variable that is best for one text while the others stay; m its margin with alpha as it is, q the square of
 * its norm. With t the margin then, alpha' = C logistic(-t) and t = m + q (alpha' - alpha): what is to become 0 rises
 * in t with a slope of 1 and more, and Newton's steps stay inside an interval that shrinks. */
static double best_alpha(double m, double q, double alpha, double c)
{
  enum { MOST_STEPS = 50 };
  double low = m - q * alpha, high = low + q * c, least = low, t = fmin(fmax(m, low), high), share = 0;
  for (int step = 0; step < MOST_STEPS; step++) {
    share = 1 / (1 + exp(t));
    double rest = t - least - q * c * share;
    if (fabs(rest) < 1e-6)
      break;
    *(rest > 0 ? &high : &low) = t;
    t -= rest / (1 + q * c * share * (1 - share));
    if (t <= low || t >= high)
      t = (low + high) / 2;
  }
  return c * share;
}

/* One step on text i; answers how much its dual variable changed. */
static double improve(struct regression *regression, size_t i)
{
  const struct rnn_wide_table *table = regression->table;
  const int32_t *entry = table->entry + table->begin[i];
  size_t count = table->begin[i + 1] - table->begin[i];
  double sign = table->label[i] == regression->class ? 1 : -1, margin = regression->bias, norm = 1;
  for (size_t e = 0; e < count; e++) {
    margin += (double)regression->feature[entry[e]].weight;
    norm += (double)regression->feature[entry[e]].square;
  }
  double penalty = regression->penalty * (regression->weight == NULL ? 1 : regression->weight[table->label[i]]);
  double alpha = best_alpha(sign * margin, norm, regression->alpha[i], penalty);
  double change = alpha - regression->alpha[i];
  regression->alpha[i] = alpha;
  regression->bias += sign * change;
  for (size_t e = 0; e < count; e++) {
    struct feature *feature = &regression->feature[entry[e]];
    feature->weight += (float)(sign * change) * feature->square;
  }
  return fabs(change);
}

static void run_regression(struct regression *regression)
{
  size_t texts = regression->table->texts;
  set_ratios(regression);
  for (uint32_t pass = 0; pass < MOST_PASSES; pass++) {
    struct rnn_random random;
    double changed = 0;
    rnn_random_init(&random, regression->seed, RNN_PURPOSE_WIDE, pass, regression->column);
    for (size_t i = 0; i < texts; i++)
      regression->order[i] = i;
    rnn_random_shuffle(&random, regression->order, texts);
    for (size_t i = 0; i < texts; i++)
      changed += improve(regression, regression->order[i]);
    if (changed <= enough * regression->penalty * (double)texts)
      break;
  }
}

static void clear_regression(struct regression *regression)
{
  rnn_memory_free(regression->feature);
  rnn_memory_free(regression->of_class);
  rnn_memory_free(regression->of_rest);
  rnn_memory_free(regression->alpha);
  rnn_memory_free(regression->order);
}

/* ---- all classes ---- */

struct fit {
  struct rnn_wide *wide;
  const struct rnn_wide_table *table;
  uint64_t seed;
  double penalty;
  struct rnn_objective objective;
  struct rnn_error *error; /* [columns] */
  enum rnn_status *status; /* [columns] */
};

static enum rnn_status init_regression(struct regression *regression, const struct fit *fit, size_t column,
                                       struct rnn_error *error)
{
  enum rnn_status status;
  const char *what = "a regression on n-grams";
  size_t features = fit->wide->features, texts = fit->table->texts;
  *regression = (struct regression){.table = fit->table,
                                    .seed = fit->seed,
                                    .features = features,
                                    .column = column,
                                    .class = (int32_t)(column + fit->wide->classes - fit->wide->columns),
                                    .penalty = fit->penalty,
                                    .weight = fit->objective.weight};
  RNN_TRY(rnn_memory_new(&regression->feature, features, sizeof *regression->feature, what, error));
  RNN_TRY(rnn_memory_new(&regression->of_class, features, sizeof *regression->of_class, what, error));
  RNN_TRY(rnn_memory_new(&regression->of_rest, features, sizeof *regression->of_rest, what, error));
  RNN_TRY(rnn_memory_new(&regression->alpha, texts, sizeof *regression->alpha, what, error));
  RNN_TRY(rnn_memory_new(&regression->order, texts, sizeof *regression->order, what, error));
out:
  return status;
}

static void fit_column(void *context, size_t column)
{
  const struct fit *fit = context;
  struct regression regression;
  fit->status[column] = init_regression(&regression, fit, column, &fit->error[column]);
  if (fit->status[column] == RNN_OK) {
    run_regression(&regression);
    fit->wide->bias[column] = (float)regression.bias;
    for (size_t f = 0; f < regression.features; f++)
      fit->wide->weight[f * fit->wide->columns + column] = regression.feature[f].weight;
  }
  clear_regression(&regression);
}

static enum rnn_status fit_columns(struct fit *fit, struct rnn_pool *pool, struct rnn_error *error)
{
  enum rnn_status status;
  size_t columns = fit->wide->columns;
  RNN_TRY(rnn_memory_new(&fit->status, columns, sizeof *fit->status, "regressions", error));
  RNN_TRY(rnn_memory_new(&fit->error, columns, sizeof *fit->error, "regressions", error));
  rnn_pool_run(pool, columns, fit_column, fit);
  for (size_t column = 0; column < columns; column++)
    if (fit->status[column] != RNN_OK) {
      if (error != NULL)
        *error = fit->error[column];
      status = fit->status[column];
      break;
    }
out:
  rnn_memory_free(fit->status);
  rnn_memory_free(fit->error);
  return status;
}

/* ---- what is kept ---- */

/* The nearest number of 16 bits, 0 for the small ones that it has fewer bits for. */
static float round_to_half(float value)
{
  uint16_t half;
  float rounded;
  rnn_half_from_float(1, &value, &half);
  rnn_half_to_float(1, &half, &rounded);
  return fabsf(rounded) < 0x1p-14f ? 0 : rounded;
}

static float greatest_of(const struct rnn_wide *wide, size_t feature)
{
  float greatest = 0;
  for (size_t j = 0; j < wide->columns; j++)
    greatest = fmaxf(greatest, fabsf(wide->weight[feature * wide->columns + j]));
  return greatest;
}

static int falling(const void *left, const void *right)
{
  float a = *(const float *)left, b = *(const float *)right;
  return (a < b) - (a > b);
}

/* Leaves the features whose weights are furthest from 0: at most `most` of them, none without weight. */
static enum rnn_status prune(struct rnn_wide *wide, size_t most, struct rnn_error *error)
{
  enum rnn_status status;
  float *greatest = NULL;
  size_t kept = 0, columns = wide->columns;
  for (size_t i = 0; i < wide->features * columns; i++)
    wide->weight[i] = round_to_half(wide->weight[i]);
  RNN_TRY(rnn_memory_new(&greatest, wide->features, sizeof *greatest, "weights of n-grams", error));
  for (size_t f = 0; f < wide->features; f++)
    greatest[f] = greatest_of(wide, f);
  qsort(greatest, wide->features, sizeof *greatest, falling);
  float least = most < wide->features ? greatest[most] : 0; /* of those that are kept, all are above it */
  for (size_t f = 0; f < wide->features; f++) {
    if (!(greatest_of(wide, f) > least))
      continue;
    wide->key[kept] = wide->key[f];
    memmove(wide->weight + kept * columns, wide->weight + f * columns, columns * sizeof *wide->weight);
    kept++;
  }
  wide->features = kept;
out:
  rnn_memory_free(greatest);
  return status;
}

/* A path with the n-grams of the table, which now has their numbers. */
static enum rnn_status make_wide(struct rnn_wide **wide, const struct rnn_model *model, struct rnn_wide_table *table,
                                 const struct rnn_corpus *corpus, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_wide *hashes = NULL;
  int32_t *key = NULL;
  size_t features, classes = rnn_model_classes(model);
  RNN_TRY(rnn_wide_create(&hashes, model->symbols, model->text.level, classes, 0, error));
  RNN_TRY(rnn_wide_table_read(table, hashes, corpus, error));
  RNN_TRY(rnn_wide_table_choose(table, MOST_WEIGHTS / hashes->columns, &key, &features, error));
  RNN_TRY(rnn_wide_create(wide, model->symbols, model->text.level, classes, features, error));
  if (features > 0)
    memcpy((*wide)->key, key, features * sizeof *key);
  rnn_wide_table_number(table, *wide);
out:
  rnn_wide_free(hashes);
  rnn_memory_free(key);
  return status;
}

enum rnn_status rnn_wide_fit(struct rnn_wide **wide, const struct rnn_model *model, const struct rnn_corpus *corpus,
                             struct rnn_pool *pool, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_wide_table table = {.texts = 0};
  struct rnn_wide *fresh = NULL;
  struct fit fit = {.table = &table, .seed = model->config.seed};
  *wide = NULL;
  if (rnn_model_classes(model) < 2)
    return RNN_OK;
  RNN_TRY(make_wide(&fresh, model, &table, corpus, error));
  if (fresh->features == 0)
    goto out;
  fit.wide = fresh;
  fit.penalty = model->text.level == RNN_LEVEL_WORD ? penalty_of_words : penalty_of_characters;
  RNN_TRY(
      rnn_objective_init(&fit.objective, &model->config, corpus, &(struct rnn_column){.k = fresh->classes}, 1, error));
  RNN_TRY(fit_columns(&fit, pool, error));
  RNN_TRY(prune(fresh, (size_t)model->config.wide / fresh->columns, error));
  if (fresh->features > 0) {
    *wide = fresh;
    fresh = NULL;
  }
out:
  rnn_objective_clear(&fit.objective);
  rnn_wide_free(fresh);
  rnn_wide_table_clear(&table);
  return status;
}
