/* Models: numbers of symbols and classes, what too rare symbols become, corpora of other numbers. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "corpus_case.h"
#include "memory.h"

static struct rnn_error error;

static void expect_class(const struct rnn_model *model, size_t j, const char *wanted)
{
  size_t length_bytes;
  const char *name = rnn_model_class(model, j, &length_bytes);
  cr_assert(length_bytes == strlen(wanted) && memcmp(name, wanted, length_bytes) == 0, "class %zu is %s, expected %s",
            j, name, wanted);
}

static void expect_symbols(const struct corpus_case *it, size_t i, const int32_t *wanted, size_t length)
{
  struct rnn_sequence sequence = rnn_corpus_sequence(&it->corpus, i);
  cr_assert_eq(sequence.length, length);
  for (size_t t = 0; t < length; t++)
    cr_assert_eq(sequence.symbol[t], wanted[t], "sequence %zu, step %zu", i, t);
}

Test(model, complete_counts_stop)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_COMPLETE);
  corpus_case_add(&it, "d e e p", NULL);
  struct rnn_model *model = model_case(&it, "state=4");
  cr_assert_eq(rnn_model_inputs(model), 4);
  cr_assert_eq(rnn_model_classes(model), 4);
  cr_assert_eq(rnn_model_stop(model), 3);
  cr_assert_eq(rnn_model_unknown(model), RNN_ABSENT);
  expect_class(model, 0, "e"); /* the most frequent */
  expect_class(model, 1, "d"); /* then by bytes */
  expect_class(model, 2, "p");
  expect_class(model, 3, "");
  cr_assert_eq(rnn_vocabulary_frequency(model->symbols, 0), 2);
  expect_symbols(&it, 0, (int32_t[]){1, 0, 0, 2}, 4);
  cr_assert_eq(rnn_model_symbol(model, "p", 1), 2);
  cr_assert_eq(rnn_model_symbol(model, "x", 1), RNN_ABSENT);
  int32_t target[4];
  rnn_model_next_symbols(model, it.corpus.symbol, 4, target);
  cr_assert_arr_eq(target, ((int32_t[]){0, 0, 2, 3}), sizeof target);
  cr_assert(model->train_sequences == 1 && model->train_steps == 4 && model->epochs == 0);
  cr_assert_eq(model->parameters->shape.k, 4);
  rnn_model_free(model);
  corpus_case_clear(&it);
}

Test(model, rare_symbols_become_unknown)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_TAG);
  corpus_case_add(&it, "b a c a", "Y X X Y");
  corpus_case_add(&it, "b z", "Z X");
  struct rnn_model *model = model_case(&it, "state=4 min_count=2 features=false");
  cr_assert_eq(rnn_model_inputs(model), 3);
  cr_assert_eq(rnn_model_unknown(model), 2);
  cr_assert_eq(rnn_model_stop(model), RNN_ABSENT);
  expect_symbols(&it, 0, (int32_t[]){1, 0, 2, 0}, 4);
  expect_symbols(&it, 1, (int32_t[]){1, 2}, 2);
  cr_assert_eq(rnn_model_symbol(model, "never", 5), 2);
  cr_assert_eq(rnn_model_classes(model), 3);
  expect_class(model, 0, "X"); /* labels by bytes */
  expect_class(model, 2, "Z");
  cr_assert_arr_eq(it.corpus.tag, ((int32_t[]){1, 0, 0, 1, 2, 0}), 6 * sizeof(int32_t));
  rnn_model_free(model);
  corpus_case_clear(&it);
}

Test(model, rare_words_with_features_become_strangers)
{
  struct corpus_case it, other;
  size_t strange;
  corpus_case_init(&it, RNN_TAG);
  corpus_case_add(&it, "b a c a", "Y X X Y");
  corpus_case_add(&it, "b z", "Z X");
  struct rnn_model *model = model_case(&it, "state=4 min_count=2");
  cr_assert_eq(rnn_model_inputs(model), 3);
  cr_assert_eq(model->parameters->shape.features, model->features->count);
  expect_symbols(&it, 0, (int32_t[]){1, 0, 3, 0}, 4);
  expect_symbols(&it, 1, (int32_t[]){1, 4}, 2);
  cr_assert_eq(rnn_lexicon_word(it.corpus.lexicon, 3).own, 2);
  cr_assert_eq(rnn_lexicon_word(it.corpus.lexicon, 1).own, 1);
  cr_assert_eq(rnn_lexicon_word(it.corpus.lexicon, 1 | RNN_MASKED).own, 2);
  cr_assert_gt(rnn_lexicon_word(it.corpus.lexicon, 3).count, 0);
  corpus_case_init(&other, RNN_TAG);
  corpus_case_add(&other, "a q", "X X");
  cr_assert_eq(rnn_model_adopt(model, &other.corpus, other.symbols, other.labels, &strange, &error), RNN_OK, "%s",
               error.text);
  expect_symbols(&other, 0, (int32_t[]){0, 3}, 2);
  cr_assert_eq(rnn_lexicon_word(other.corpus.lexicon, 3).own, 2);
  rnn_model_free(model);
  corpus_case_clear(&it);
  corpus_case_clear(&other);
}

Test(model, the_better_epoch)
{
  const struct rnn_epoch wrong = {.train_nats = 2, .valid_nats = 1, .valid_accuracy = 0.5},
                         right = {.train_nats = 3, .valid_nats = 1.5, .valid_accuracy = 0.75},
                         surer = {.train_nats = 4, .valid_nats = 1.25, .valid_accuracy = 0.75},
                         alone = {.train_nats = 1, .valid_nats = NAN, .valid_accuracy = NAN},
                         worse = {.train_nats = 1.5, .valid_nats = NAN, .valid_accuracy = NAN},
                         lost = {.train_nats = NAN, .valid_nats = NAN, .valid_accuracy = NAN};
  cr_assert(rnn_epoch_is_better(RNN_TAG, &wrong, NULL));
  cr_assert(!rnn_epoch_is_better(RNN_TAG, &lost, NULL));
  cr_assert(rnn_epoch_is_better(RNN_TAG, &right, &wrong) && !rnn_epoch_is_better(RNN_TAG, &wrong, &right));
  cr_assert(rnn_epoch_is_better(RNN_TAG, &surer, &right) && !rnn_epoch_is_better(RNN_TAG, &right, &surer));
  cr_assert(!rnn_epoch_is_better(RNN_TAG, &right, &right));
  cr_assert(rnn_epoch_is_better(RNN_CLASSIFY, &wrong, &surer) && !rnn_epoch_is_better(RNN_CLASSIFY, &right, &wrong));
  cr_assert(rnn_epoch_is_better(RNN_TAG, &alone, &worse) && !rnn_epoch_is_better(RNN_TAG, &worse, &alone));
}

Test(model, unknown_for_word_dropout_and_for_completion)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_COMPLETE);
  corpus_case_add(&it, "a b a", NULL);
  struct rnn_model *model = model_case(&it, "state=4 word_dropout=0.1 min_count=1");
  cr_assert_eq(rnn_model_inputs(model), 4);
  cr_assert_eq(rnn_model_stop(model), 2);
  cr_assert_eq(rnn_model_unknown(model), 3);
  expect_class(model, 3, "\xEF\xBF\xBD");
  rnn_model_free(model);
  corpus_case_clear(&it);
}

Test(model, counts_what_is_in_the_corpus_alone)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_CLASSIFY);
  int32_t number;
  cr_assert_eq(rnn_vocabulary_add(it.symbols, "elsewhere", 9, &number, &error), RNN_OK); /* held out, say */
  rnn_vocabulary_add_frequency(it.symbols, number, 100);
  cr_assert_eq(rnn_vocabulary_add(it.labels, "elsewhere", 9, &number, &error), RNN_OK);
  corpus_case_add(&it, "a b", "yes");
  corpus_case_add(&it, "b", "no");
  corpus_case_add(&it, "a", NULL);
  struct rnn_model *model = model_case(&it, "state=4");
  cr_assert_eq(rnn_model_inputs(model), 2);
  cr_assert_eq(rnn_model_classes(model), 2);
  expect_class(model, 0, "no");
  cr_assert_arr_eq(it.corpus.label, ((int32_t[]){1, 0, RNN_ABSENT}), 3 * sizeof(int32_t));
  rnn_model_free(model);
  corpus_case_clear(&it);
}

Test(model, adopts_by_string)
{
  struct corpus_case train, other;
  corpus_case_init(&train, RNN_CLASSIFY);
  corpus_case_add(&train, "a a b b c", "yes");
  corpus_case_add(&train, "a", "no");
  struct rnn_model *model = model_case(&train, "state=4 min_count=2");
  corpus_case_init(&other, RNN_CLASSIFY);
  corpus_case_add(&other, "new b a", "no");
  corpus_case_add(&other, "c", "maybe");
  size_t strange = 7;
  cr_assert_eq(rnn_model_adopt(model, &other.corpus, other.symbols, other.labels, &strange, &error), RNN_OK);
  cr_assert_eq(strange, 1);
  expect_symbols(&other, 0, (int32_t[]){2, 1, 0}, 3);
  expect_symbols(&other, 1, (int32_t[]){2}, 1);
  cr_assert_arr_eq(other.corpus.label, ((int32_t[]){0, RNN_ABSENT}), 2 * sizeof(int32_t));
  struct rnn_corpus frames;
  rnn_corpus_init(&frames, RNN_CLASSIFY, 3);
  cr_assert_eq(rnn_model_adopt(model, &frames, NULL, other.labels, &strange, &error), RNN_DATA);
  frames.task = RNN_TAG;
  cr_assert_eq(rnn_model_adopt(model, &frames, NULL, other.labels, &strange, &error), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "tag"));
  rnn_model_free(model);
  corpus_case_clear(&train);
  corpus_case_clear(&other);
}

Test(model, of_frames)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_CLASSIFY);
  it.corpus.frame_width = 2;
  int32_t label;
  cr_assert_eq(rnn_vocabulary_add(it.labels, "up", 2, &label, &error), RNN_OK);
  struct rnn_sequence sequence = {.length = 2, .frame = (float[]){1, 2, 3, 4}, .label = label};
  cr_assert_eq(rnn_corpus_add(&it.corpus, &sequence, &error), RNN_OK);
  struct rnn_model *model = model_case(&it, "state=4");
  cr_assert(model->symbols == NULL && model->frame_width == 2 && rnn_model_inputs(model) == 2);
  cr_assert(model->parameters->shape.frames && model->parameters->shape.frame.width == 2);
  cr_assert_eq(model->parameters->shape.n, 4, "the numbers and their differences");
  rnn_model_free(model);
  corpus_case_clear(&it);
}

static void expect_refused(struct corpus_case *it, const char *settings, enum rnn_status wanted)
{
  struct rnn_model *model;
  struct rnn_config config = config_case(settings);
  struct rnn_text text = {.level = RNN_LEVEL_WORD};
  error.text[0] = '\0';
  cr_assert_eq(rnn_model_create(&model, &config, text, &it->corpus, it->symbols, it->labels, &error), wanted);
  cr_assert_null(model);
  cr_assert_neq(error.text[0], '\0');
}

Test(model, refuses_nothing_to_learn)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_CLASSIFY);
  expect_refused(&it, "", RNN_DATA);
  corpus_case_add(&it, "", "yes");
  expect_refused(&it, "", RNN_DATA);
  corpus_case_add(&it, "a", NULL);
  corpus_case_clear(&it);
  corpus_case_init(&it, RNN_CLASSIFY);
  corpus_case_add(&it, "a", NULL);
  expect_refused(&it, "", RNN_DATA);
  corpus_case_clear(&it);
  corpus_case_init(&it, RNN_COMPLETE);
  corpus_case_add(&it, "a", NULL);
  expect_refused(&it, "bidirectional=true", RNN_BAD_CONFIG);
  corpus_case_clear(&it);
}

/* The order in which strings arrived is not in the model. */
Test(model, does_not_depend_on_the_order_of_arrival)
{
  struct corpus_case one, other;
  corpus_case_init(&one, RNN_TAG);
  corpus_case_init(&other, RNN_TAG);
  int32_t number;
  for (const char *letter = "cab"; *letter != '\0'; letter++) /* before the first sequence */
    cr_assert_eq(rnn_vocabulary_add(other.symbols, letter, 1, &number, &error), RNN_OK);
  struct corpus_case *both[] = {&one, &other};
  struct rnn_model *model[2];
  for (int i = 0; i < 2; i++) {
    corpus_case_add(both[i], "a b c", "X Y X");
    corpus_case_add(both[i], "c b", "Y Y");
    model[i] = model_case(both[i], "state=4");
  }
  cr_assert_eq(model[0]->data_digest, model[1]->data_digest);
  cr_assert_arr_eq(one.corpus.symbol, other.corpus.symbol, 5 * sizeof(int32_t));
  cr_assert_arr_eq(model[0]->parameters->value, model[1]->parameters->value,
                   model[0]->parameters->layout.count * sizeof(real));
  other.corpus.tag[4] = 0;
  cr_assert_neq(rnn_corpus_digest(&one.corpus), rnn_corpus_digest(&other.corpus));
  for (int i = 0; i < 2; i++) {
    rnn_model_free(model[i]);
    corpus_case_clear(both[i]);
  }
}

Test(model, keeps_its_history)
{
  struct rnn_model model = {.task = RNN_TAG};
  for (uint32_t i = 0; i < 40; i++) {
    struct rnn_epoch epoch = {.epoch = i + 1, .train_nats = 1.0 / (i + 1), .valid_nats = NAN};
    cr_assert_eq(rnn_model_add_epoch(&model, &epoch, &error), RNN_OK);
  }
  cr_assert_eq(model.epochs, 40);
  for (uint32_t i = 0; i < 40; i++)
    cr_assert(model.history[i].epoch == i + 1 && model.history[i].train_nats == 1.0 / (i + 1));
  rnn_memory_free(model.history);
}
