/* Any bytes as a small corpus, and how to learn from it: refused with a sentence, or trained for a few updates; the
 * model answers, and can be written and read again. The first bytes choose the format and the settings. */
#include <string.h>

#include "answers.h"
#include "corpus.h"
#include "fuzz.h"
#include "memory.h"
#include "model_file.h"
#include "trainer.h"
#include "wide_fit.h"

enum { SETTING_BYTES = 4, MOST_STEPS = 40, MOST_UPDATES = 3, MOST_LINE_BYTES = 1 << 8 };

enum { FRAMES = 1, SYMBOLS = 2, TAGS = 4, TEXTS = 8, ALL = FRAMES | SYMBOLS };

/* Of each list that fits the corpus one is chosen. */
static const struct choice {
  unsigned fits;
  const char *key, *value[5];
} choices[] = {{ALL, "cell", {"elman", "gru", "lstm", "sru", "mingru"}},
               {TAGS | TEXTS, "bidirectional", {"auto", "true", "false"}},
               {ALL, "layers", {"1", "2"}},
               {SYMBOLS, "embedding", {"2", "auto", "none"}},
               {TAGS, "features", {"auto", "true", "false"}},
               {TAGS, "output", {"auto", "crf", "softmax"}},
               {TEXTS, "pooling", {"auto", "last", "mean-max", "attention", "max"}},
               {FRAMES, "joints", {"auto", "none", "3", "auto", "4"}},
               {FRAMES, "motion", {"auto", "velocity", "acceleration"}},
               {FRAMES, "standardise", {"auto", "true", "false"}},
               {TEXTS, "wide", {"auto", "4", "none", "100"}},
               {ALL, "dropout", {"0", "0.3"}},
               {ALL, "bptt", {"full", "full", "2"}},
               {SYMBOLS, "min_count", {"1", "2"}},
               {SYMBOLS, "word_dropout", {"0", "0.3"}},
               {ALL, "average", {"0", "0.9"}}},
  fixed[] = {{ALL, "state", {"3"}}, {ALL, "epochs", {"2"}}, {ALL, "batch", {"4"}}, {ALL, "learning_rate", {"0.1"}}};

static unsigned kinds_of(const struct rnn_corpus *corpus)
{
  return (corpus->frame_width > 0 ? FRAMES : SYMBOLS) | (corpus->task == RNN_TAG ? TAGS : 0) |
         (corpus->task == RNN_CLASSIFY && corpus->frame_width == 0 ? TEXTS : 0);
}

static void set(struct rnn_config *config, const char *key, const char *value)
{
  FUZZ_EXPECT(rnn_config_set(config, key, value, NULL) == RNN_OK);
}

static void choose(struct rnn_config *config, unsigned kinds, const uint8_t *settings)
{
  uint32_t state = 1;
  for (size_t i = 0; i < SETTING_BYTES; i++)
    state = state * 31 + settings[i];
  rnn_config_init(config);
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
    set(config, fixed[i].key, fixed[i].value[0]);
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
    size_t count = 0;
    while (count < 5 && choices[i].value[count] != NULL)
      count++;
    state = state * 1664525 + 1013904223;
    if ((choices[i].fits & kinds) != 0)
      set(config, choices[i].key, choices[i].value[(state >> 16) % count]);
  }
}

static struct rnn_pool *one_thread(void)
{
  static struct rnn_pool *pool;
  if (pool == NULL)
    FUZZ_EXPECT(rnn_pool_create(&pool, 1, NULL) == RNN_OK);
  return pool;
}

static enum rnn_status learn(struct rnn_model *model, const struct rnn_corpus *corpus, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_trainer *trainer;
  struct rnn_report report = {.event = RNN_EVENT_UPDATE};
  RNN_TRY(rnn_trainer_create(&trainer, model, corpus, corpus, one_thread(), error));
  for (size_t i = 0; i < MOST_UPDATES && status == RNN_OK && report.event != RNN_EVENT_DONE; i++)
    status = rnn_trainer_step(trainer, &report, error);
  if (status == RNN_OK)
    rnn_trainer_finish(trainer);
  rnn_trainer_free(trainer);
  if (status == RNN_OK && model->config.wide > 0)
    RNN_TRY(rnn_wide_fit(&model->wide, model, corpus, one_thread(), error));
out:
  return status;
}

static void expect_reads_back(const struct rnn_model *model)
{
  struct rnn_model *again;
  struct rnn_error error;
  char *block;
  size_t size;
  FUZZ_EXPECT(rnn_model_encode(model, &block, &size, &error) == RNN_OK);
  fuzz_stdin((const uint8_t *)block, size);
  FUZZ_EXPECT(rnn_model_read(&again, "-", &error) == RNN_OK);
  rnn_model_free(again);
  rnn_memory_free(block);
}

static void train(struct rnn_dataset *data, const uint8_t *settings)
{
  struct rnn_model *model = NULL;
  struct rnn_config config;
  struct rnn_error error = {.text = ""};
  if (rnn_corpus_steps(&data->corpus) > MOST_STEPS || data->corpus.frame_width > MOST_STEPS)
    return;
  choose(&config, kinds_of(&data->corpus), settings);
  enum rnn_status status =
      rnn_model_create(&model, &config, data->text, &data->corpus, data->symbols, data->labels, &error);
  if (status == RNN_OK)
    status = learn(model, &data->corpus, &error);
  FUZZ_EXPECT(status == RNN_OK ||
              ((status == RNN_DATA || status == RNN_BAD_CONFIG || status == RNN_DIVERGED) && error.text[0] != '\0'));
  if (status == RNN_OK) {
    fuzz_answers(model);
    expect_reads_back(model);
  }
  rnn_model_free(model);
}

int fuzz_train(const uint8_t *data, size_t size)
{
  static const char *const names[] = {"-"};
  size_t formats = 0;
  while (rnn_formats[formats] != NULL)
    formats++;
  if (size < 1 + SETTING_BYTES)
    return 0;
  struct rnn_source_settings settings = {.name = names,
                                         .names = 1,
                                         .format = rnn_formats[data[0] % formats],
                                         .input = {.record_end = '\n', .most_line_bytes = MOST_LINE_BYTES},
                                         .text = {.level = (enum rnn_level)(data[0] / 32 % 3)},
                                         .text_given = data[0] >= 128,
                                         .on_error = RNN_ON_ERROR_SKIP};
  struct rnn_dataset dataset;
  struct rnn_error error = {.text = ""};
  fuzz_stdin(data + 1 + SETTING_BYTES, size - 1 - SETTING_BYTES);
  enum rnn_status status = rnn_dataset_read(&dataset, &settings, &error);
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_DATA && error.text[0] != '\0'));
  if (status == RNN_OK)
    train(&dataset, data + 1);
  rnn_dataset_clear(&dataset);
  return 0;
}
