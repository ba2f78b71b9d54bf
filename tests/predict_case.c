/* Models, sequences and threads for the tests of prediction. */
#include "predict_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "random.h"

enum { MOST_KEPT = 4096 };

static struct {
  void *thing;
  void (*release)(void *thing);
} kept[MOST_KEPT];
static size_t kept_count;

static void release_all(void)
{
  while (kept_count > 0) {
    kept_count--;
    kept[kept_count].release(kept[kept_count].thing);
  }
}

void predict_keep(void *thing, void (*release)(void *thing))
{
  if (kept_count == 0)
    atexit(release_all);
  cr_assert_lt(kept_count, MOST_KEPT);
  kept[kept_count].thing = thing;
  kept[kept_count++].release = release;
}

static void free_model(void *model)
{
  rnn_model_free(model);
}

static void free_pool(void *pool)
{
  rnn_pool_free(pool);
}

static const char *const some_symbols[] = {"a", "b", "c", "d", "e", "f", "g", NULL};
static const char *const some_labels[] = {"x", "y", "z", NULL};

static struct rnn_vocabulary *make_vocabulary(const char *const *string)
{
  struct rnn_vocabulary *vocabulary;
  cr_assert_eq(rnn_vocabulary_create(&vocabulary, NULL), RNN_OK);
  for (; *string != NULL; string++) {
    int32_t number;
    cr_assert_eq(rnn_vocabulary_add(vocabulary, *string, strlen(*string), &number, NULL), RNN_OK);
    rnn_vocabulary_add_frequency(vocabulary, number, 1);
  }
  return vocabulary;
}

static int by_value(const void *left, const void *right)
{
  int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
  return (a > b) - (a < b);
}

/* Weights for the n-grams of a random text. */
static struct rnn_wide *make_wide(const struct rnn_model *model)
{
  enum { STEPS = 300 };
  static int32_t key[STEPS * RNN_WIDE_LONGEST + RNN_WIDE_LONGEST];
  struct rnn_wide *hashes, *wide;
  struct rnn_random random;
  struct rnn_grams grams;
  size_t count = 0, features = 0, classes = rnn_model_classes(model);
  rnn_random_init(&random, 3, RNN_PURPOSE_TEST, 0, 0);
  cr_assert_eq(rnn_wide_create(&hashes, model->symbols, model->text.level, classes, 0, NULL), RNN_OK);
  rnn_grams_start(&grams);
  for (size_t t = 0; t < STEPS; t++)
    count += rnn_grams_next(&grams, hashes, (int32_t)rnn_random_below(&random, hashes->symbols), key + count);
  count += rnn_grams_end(&grams, key + count);
  qsort(key, count, sizeof *key, by_value);
  for (size_t i = 0; i < count; i++)
    if (i == 0 || key[i] != key[i - 1])
      key[features++] = key[i];
  cr_assert_eq(rnn_wide_create(&wide, model->symbols, model->text.level, classes, features, NULL), RNN_OK);
  memcpy(wide->key, key, features * sizeof *key);
  for (size_t i = 0; i < features * wide->columns; i++)
    wide->weight[i] = (float)rnn_random_normal(&random) / 8;
  rnn_wide_free(hashes);
  return wide;
}

struct rnn_model *predict_model(const struct predict_case *what)
{
  struct rnn_model *model;
  struct rnn_shape shape;
  struct rnn_random random;
  struct rnn_error error;
  bool frames = what->frame_width > 0;
  cr_assert_eq(rnn_memory_new(&model, 1, sizeof *model, "a model", NULL), RNN_OK);
  rnn_config_init(&model->config);
  snprintf(model->config.cell, sizeof model->config.cell, "%s", what->cell != NULL ? what->cell : "elman");
  model->config.state = what->d > 0 ? (int64_t)what->d : 19;
  model->config.layers = what->layers > 0 ? what->layers : 1;
  model->config.embedding = what->one_hot || frames ? 0 : 5;
  model->config.bidirectional = what->bidirectional;
  model->config.pooling = RNN_POOL_LAST;
  model->config.start = what->learned_start ? RNN_START_LEARNED : RNN_START_ZERO;
  model->config.max_steps = 0;
  model->task = what->task;
  model->unknown = what->unknown;
  model->text = what->text;
  model->frame_width = what->frame_width;
  model->symbols = frames ? NULL : make_vocabulary(what->symbols != NULL ? what->symbols : some_symbols);
  model->labels =
      what->task == RNN_COMPLETE ? NULL : make_vocabulary(what->labels != NULL ? what->labels : some_labels);
  cr_assert_eq(rnn_shape_init(&shape, &model->config, model->task, frames, rnn_model_inputs(model),
                              rnn_model_classes(model), &error),
               RNN_OK, "%s", error.text);
  cr_assert_eq(rnn_parameters_create(&model->parameters, &shape, NULL), RNN_OK);
  rnn_random_init(&random, 1, RNN_PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < model->parameters->layout.count; i++)
    model->parameters->value[i] = (real)((what->scale > 0 ? what->scale : 1.0) * (2 * rnn_random_uniform(&random) - 1));
  if (what->wide)
    model->wide = make_wide(model);
  predict_keep(model, free_model);
  return model;
}

struct rnn_sequence *predict_sequences(const struct rnn_model *model, const size_t *length, size_t count)
{
  struct rnn_sequence *sequence;
  struct rnn_random random;
  rnn_random_init(&random, 2, RNN_PURPOSE_TEST, 0, 0);
  cr_assert_eq(rnn_memory_new(&sequence, count, sizeof *sequence, "sequences", NULL), RNN_OK);
  predict_keep(sequence, rnn_memory_free);
  for (size_t i = 0; i < count; i++) {
    int32_t *symbol = NULL;
    float *frame = NULL;
    size_t numbers = length[i] * model->frame_width;
    cr_assert_eq(rnn_memory_new(&symbol, length[i], sizeof *symbol, "symbols", NULL), RNN_OK);
    cr_assert_eq(rnn_memory_new(&frame, numbers, sizeof *frame, "frames", NULL), RNN_OK);
    predict_keep(symbol, rnn_memory_free);
    predict_keep(frame, rnn_memory_free);
    for (size_t t = 0; t < length[i] && model->frame_width == 0; t++)
      symbol[t] = (int32_t)rnn_random_below(&random, rnn_model_inputs(model) + 1) - 1;
    for (size_t j = 0; j < numbers; j++)
      frame[j] = (float)rnn_random_normal(&random);
    sequence[i] = (struct rnn_sequence){.length = length[i],
                                        .symbol = model->frame_width == 0 ? symbol : NULL,
                                        .frame = model->frame_width > 0 ? frame : NULL,
                                        .label = RNN_ABSENT,
                                        .index = i};
  }
  return sequence;
}

struct rnn_pool *predict_pool(size_t threads)
{
  struct rnn_pool *pool;
  cr_assert_eq(rnn_pool_create(&pool, threads, NULL), RNN_OK);
  predict_keep(pool, free_pool);
  return pool;
}
