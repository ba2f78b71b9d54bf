/* Any bytes as a checkpoint of a small training: refused, or the training goes on from there. The first byte chooses
 * what they are: the document, or changes to one that is whole, three bytes each: where (little end first) and what. */
#include <string.h>

#include "checkpoint_private.h"
#include "fuzz.h"
#include "memory.h"
#include "trainer.h"

enum { SEQUENCES = 6, STEPS = 5, SYMBOLS = 4, MOST_UPDATES = 4 };

struct training {
  struct rnn_corpus corpus;
  struct rnn_vocabulary *symbols;
  struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_trainer *trainer;
  struct rnn_identity identity;
  struct rnn_parts parts;
  char *block, *changed; /* [block_bytes] its document after the first update, and one with damage */
  size_t block_bytes;
};

static void add_sequences(struct training *it)
{
  int32_t symbol[STEPS], number;
  rnn_corpus_init(&it->corpus, RNN_COMPLETE, 0);
  FUZZ_EXPECT(rnn_vocabulary_create(&it->symbols, NULL) == RNN_OK);
  for (size_t i = 0; i < SYMBOLS; i++)
    FUZZ_EXPECT(rnn_vocabulary_add(it->symbols, &"abcd"[i], 1, &number, NULL) == RNN_OK);
  for (size_t i = 0; i < SEQUENCES; i++) {
    for (size_t t = 0; t < STEPS; t++)
      symbol[t] = (int32_t)((i + 3 * t) % SYMBOLS);
    struct rnn_sequence sequence = {.length = STEPS - i % 3, .symbol = symbol, .label = RNN_ABSENT};
    FUZZ_EXPECT(rnn_corpus_add(&it->corpus, &sequence, NULL) == RNN_OK);
  }
}

static void start(struct training *it)
{
  static const char *const settings[][2] = {{"state", "2"},      {"embedding", "2"},     {"cell", "lstm"},
                                            {"bptt", "2"},       {"batch", "2"},         {"epochs", "2"},
                                            {"average", "0.9"},  {"min_count", "1"},     {"word_dropout", "0.1"},
                                            {"dropout", "0.25"}, {"schedule", "plateau"}};
  struct rnn_config config;
  rnn_config_init(&config);
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
    FUZZ_EXPECT(rnn_config_set(&config, settings[i][0], settings[i][1], NULL) == RNN_OK);
  add_sequences(it);
  FUZZ_EXPECT(rnn_model_create(&it->model, &config, (struct rnn_text){.level = RNN_LEVEL_CHAR}, &it->corpus,
                               it->symbols, NULL, NULL) == RNN_OK);
  FUZZ_EXPECT(rnn_pool_create(&it->pool, 1, NULL) == RNN_OK);
  FUZZ_EXPECT(rnn_trainer_create(&it->trainer, it->model, &it->corpus, NULL, it->pool, NULL) == RNN_OK);
  FUZZ_EXPECT(rnn_trainer_parts(it->trainer, &it->parts, NULL) == RNN_OK);
  FUZZ_EXPECT(rnn_identity_take(&it->identity, it->model, 0, NULL) == RNN_OK);
}

static void go_on(struct training *it)
{
  struct rnn_report report = {.event = RNN_EVENT_UPDATE};
  for (size_t i = 0; i < MOST_UPDATES && report.event != RNN_EVENT_DONE; i++) {
    enum rnn_status status = rnn_trainer_step(it->trainer, &report, NULL);
    FUZZ_EXPECT(status == RNN_OK || status == RNN_DIVERGED);
    if (status == RNN_DIVERGED)
      return;
  }
}

static void read_checkpoint(struct training *it, const char *block, size_t size)
{
  struct rnn_error error = {.text = ""};
  bool whole;
  enum rnn_status status = rnn_checkpoint_decode(&it->identity, block, size, it->model, &it->parts, &whole, &error);
  if (status == RNN_OK)
    status = rnn_trainer_resume(it->trainer, &error);
  if (status == RNN_OK)
    go_on(it);
  else
    FUZZ_EXPECT((status == RNN_DATA || status == RNN_BAD_CONFIG) && error.text[0] != '\0');
}

/* The same training for all runs: what is let in overwrites all that changes in one. */
static struct training *begin(void)
{
  static struct training it;
  struct rnn_report report;
  if (it.model == NULL) {
    start(&it);
    FUZZ_EXPECT(rnn_trainer_step(it.trainer, &report, NULL) == RNN_OK);
    FUZZ_EXPECT(rnn_checkpoint_encode(&it.identity, it.model, &it.parts, &it.block, &it.block_bytes, NULL) == RNN_OK);
    FUZZ_EXPECT((it.changed = malloc(it.block_bytes)) != NULL);
  }
  return &it;
}

int fuzz_checkpoint(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  struct training *it = begin();
  if (data[0] % 2 == 0) {
    read_checkpoint(it, (const char *)data + 1, size - 1);
    return 0;
  }
  memcpy(it->changed, it->block, it->block_bytes);
  for (size_t i = 1; i + 3 <= size; i += 3)
    it->changed[(data[i] | (size_t)data[i + 1] << 8) % it->block_bytes] = (char)data[i + 2];
  read_checkpoint(it, it->changed, it->block_bytes);
  return 0;
}
