/* Small corpora and their training. */
#include "corpus_case.h"

#include <criterion/criterion.h>
#include <string.h>

#include "network.h"
#include "trainer_validate.h"

static struct rnn_error error;

void corpus_case_init(struct corpus_case *it, enum rnn_task task)
{
  rnn_corpus_init(&it->corpus, task, 0);
  cr_assert_eq(rnn_vocabulary_create(&it->symbols, &error), RNN_OK);
  cr_assert_eq(rnn_vocabulary_create(&it->labels, &error), RNN_OK);
}

void corpus_case_clear(struct corpus_case *it)
{
  rnn_corpus_clear(&it->corpus);
  rnn_vocabulary_free(it->symbols);
  rnn_vocabulary_free(it->labels);
}

enum { MOST_STEPS = 4096 };

static size_t number_words(struct rnn_vocabulary *vocabulary, const char *words, int32_t number[MOST_STEPS])
{
  size_t count = 0;
  for (words += strspn(words, " "); *words != '\0'; words += strspn(words, " ")) {
    size_t length_bytes = strcspn(words, " ");
    cr_assert_lt(count, (size_t)MOST_STEPS);
    cr_assert_eq(rnn_vocabulary_add(vocabulary, words, length_bytes, &number[count++], &error), RNN_OK);
    words += length_bytes;
  }
  return count;
}

void corpus_case_add(struct corpus_case *it, const char *symbols, const char *targets)
{
  static int32_t symbol[MOST_STEPS], target[MOST_STEPS];
  struct rnn_sequence sequence = {.symbol = symbol, .target = target, .label = RNN_ABSENT};
  sequence.length = number_words(it->symbols, symbols, symbol);
  size_t count = targets == NULL ? 0 : number_words(it->labels, targets, target);
  cr_assert_eq(count, it->corpus.task == RNN_TAG        ? sequence.length * rnn_columns_count(&it->corpus.columns)
                      : it->corpus.task == RNN_CLASSIFY ? count
                                                        : 0);
  if (it->corpus.task == RNN_CLASSIFY && count > 0)
    sequence.label = target[0];
  cr_assert_eq(rnn_corpus_add(&it->corpus, &sequence, &error), RNN_OK);
}

struct rnn_config config_case(const char *settings)
{
  struct rnn_config config;
  char text[512], *rest = text;
  rnn_config_init(&config);
  cr_assert_lt(strlen(settings), sizeof text);
  strcpy(text, settings);
  for (char *pair; (pair = strtok_r(rest, " ", &rest)) != NULL;) {
    char *value = strchr(pair, '=');
    cr_assert_not_null(value);
    *value++ = '\0';
    cr_assert_eq(rnn_config_set(&config, pair, value, &error), RNN_OK, "%s", error.text);
  }
  return config;
}

struct rnn_model *model_case(struct corpus_case *it, const char *settings)
{
  struct rnn_model *model;
  struct rnn_config config = config_case(settings);
  struct rnn_text text = {.level = RNN_LEVEL_WORD};
  cr_assert_eq(rnn_model_create(&model, &config, text, &it->corpus, it->symbols, it->labels, &error), RNN_OK, "%s",
               error.text);
  return model;
}

void corpus_case_adopt(struct corpus_case *it, const struct rnn_model *model)
{
  size_t strange;
  cr_assert_eq(rnn_model_adopt(model, &it->corpus, it->symbols, it->labels, &strange, &error), RNN_OK, "%s",
               error.text);
}

struct training_case train_case(struct rnn_model *model, const struct rnn_corpus *train, const struct rnn_corpus *valid,
                                size_t threads)
{
  struct training_case happened = {.status = RNN_OK};
  struct rnn_pool *pool;
  struct rnn_trainer *trainer;
  struct rnn_report report = {.event = RNN_EVENT_UPDATE};
  cr_assert_eq(rnn_pool_create(&pool, threads, &error), RNN_OK);
  cr_assert_eq(rnn_trainer_create(&trainer, model, train, valid, pool, &error), RNN_OK, "%s", error.text);
  while (report.event != RNN_EVENT_DONE) {
    happened.status = rnn_trainer_step(trainer, &report, &happened.error);
    if (happened.status != RNN_OK)
      break;
    happened.updates += report.event == RNN_EVENT_UPDATE;
    happened.epochs += report.event == RNN_EVENT_EPOCH;
    happened.backs += report.event == RNN_EVENT_BACK;
  }
  rnn_trainer_free(trainer);
  rnn_pool_free(pool);
  return happened;
}

struct rnn_loss measure_case(struct rnn_model *model, const struct rnn_corpus *corpus, size_t threads)
{
  struct rnn_loss loss[RNN_MOST_COLUMNS];
  measure_columns_case(model, corpus, threads, loss);
  return loss[0];
}

void measure_columns_case(struct rnn_model *model, const struct rnn_corpus *corpus, size_t threads,
                          struct rnn_loss loss[RNN_MOST_COLUMNS])
{
  struct rnn_pool *pool;
  struct rnn_network *network;
  struct rnn_validation *validation;
  cr_assert_eq(rnn_pool_create(&pool, threads, &error), RNN_OK);
  cr_assert_eq(rnn_network_create(&network, model->parameters, false, &error), RNN_OK);
  cr_assert_eq(rnn_validation_create(&validation, model, corpus, network, pool, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(rnn_validation_run(validation, loss, &error), RNN_OK, "%s", error.text);
  rnn_validation_free(validation);
  rnn_network_free(network);
  rnn_pool_free(pool);
}
