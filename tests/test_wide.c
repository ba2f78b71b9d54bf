/* N-grams beside the network: their keys, their weights, and how much they have to say. */
#include "wide_fit.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <unicase.h>
#include <unistr.h>

#include "corpus_case.h"
#include "memory.h"
#include "predictor.h"
#include "wide_table.h"

static struct rnn_error error;

static const char settings[] = "state=3 embedding=2 epochs=1 min_count=1";

static void init_texts(struct corpus_case *it)
{
  static const char *const text[][2] = {
      {"a good film and loved by all", "pos"}, {"a bad film", "neg"},           {"loved it", "pos"},
      {"boring dull and bad", "neg"},          {"Good story", "pos"},           {"hated the dull plot of it", "neg"},
      {"good good good plot", "pos"},          {"a dull story not good", "neg"}};
  corpus_case_init(it, RNN_CLASSIFY);
  for (size_t i = 0; i < sizeof text / sizeof *text; i++)
    corpus_case_add(it, text[i][0], text[i][1]);
}

static struct rnn_wide *fit(const struct rnn_model *model, const struct rnn_corpus *corpus, size_t threads)
{
  struct rnn_wide *wide;
  struct rnn_pool *pool;
  cr_assert_eq(rnn_pool_create(&pool, threads, &error), RNN_OK);
  cr_assert_eq(rnn_wide_fit(&wide, model, corpus, pool, &error), RNN_OK, "%s", error.text);
  rnn_pool_free(pool);
  return wide;
}

/* The key of the n-gram of these symbols, the last one first, as formats/model.md has it. */
static int32_t key_of(const uint64_t *hash, size_t count)
{
  uint64_t key = 0;
  for (size_t i = 0; i < count; i++) {
    key = (key ^ hash[i]) * UINT64_C(0x9E3779B97F4A7C15);
    key ^= key >> 32;
  }
  return (int32_t)(key >> 33);
}

static uint64_t hash_of(const char *lower)
{
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (; *lower != '\0'; lower++)
    hash = (hash ^ (unsigned char)*lower) * UINT64_C(0x100000001B3);
  return hash;
}

Test(wide, keys_of_n_grams)
{
  struct corpus_case it;
  struct rnn_grams grams;
  struct rnn_wide *wide;
  int32_t key[RNN_WIDE_LONGEST];
  corpus_case_init(&it, RNN_CLASSIFY);
  corpus_case_add(&it, "A B \xC3\x89 \xD0\x94", "x");
  cr_assert_eq(rnn_wide_create(&wide, it.symbols, RNN_LEVEL_WORD, 2, 0, &error), RNN_OK);
  uint64_t hash[] = {2, hash_of("\xD0\xB4"), hash_of("\xC3\xA9"), hash_of("b"), hash_of("a"), 1};
  rnn_grams_start(&grams);
  cr_assert_eq(rnn_grams_next(&grams, wide, 0, key), 2, "a word, and the mark before it");
  cr_assert(key[0] == key_of(hash + 4, 1) && key[1] == key_of(hash + 4, 2));
  cr_assert_eq(rnn_grams_next(&grams, wide, 1, key), 3);
  cr_assert_eq(key[2], key_of(hash + 3, 3));
  cr_assert_eq(rnn_grams_next(&grams, wide, 2, key), 3);
  cr_assert_eq(key[0], key_of(hash + 2, 1), "letters of two bytes in lower case");
  cr_assert_eq(rnn_grams_next(&grams, wide, 3, key), 3);
  cr_assert_eq(key[2], key_of(hash + 1, 3));
  cr_assert_eq(rnn_grams_end(&grams, key), 2, "no mark alone");
  cr_assert(key[0] == key_of(hash, 2) && key[1] == key_of(hash, 3));
  cr_assert_eq(rnn_grams_next(&grams, wide, RNN_ABSENT, key), 0);
  cr_assert_eq(rnn_grams_next(&grams, wide, 4, key), 0, "the unknown symbol");
  cr_assert_eq(rnn_grams_end(&grams, key), 0, "nothing reaches over it");
  cr_assert_eq(rnn_grams_next(&grams, wide, 0, key), 1);
  rnn_wide_free(wide);
  corpus_case_clear(&it);
}

static uint64_t hash_of_character(uint32_t character)
{
  struct rnn_vocabulary *one;
  struct rnn_wide *wide;
  uint8_t bytes[4];
  int32_t number;
  int length = u8_uctomb(bytes, character, sizeof bytes);
  cr_assert_eq(rnn_vocabulary_create(&one, &error), RNN_OK);
  cr_assert_eq(rnn_vocabulary_add(one, (const char *)bytes, (size_t)length, &number, &error), RNN_OK);
  cr_assert_eq(rnn_wide_create(&wide, one, RNN_LEVEL_CHAR, 2, 0, &error), RNN_OK);
  uint64_t hash = wide->hash[number];
  rnn_wide_free(wide);
  rnn_vocabulary_free(one);
  return hash;
}

/* In lower case as formats/model.md has it: Unicode's, but that some letters are left as they are, and that two code
 * points are taken with those around them. */
static uint32_t lower_of(uint32_t character)
{
  bool known = character < 0x178 || (character >= 0x179 && character <= 0x17E) ||
               (character >= 0x391 && character <= 0x3A9) || (character >= 0x400 && character <= 0x42F);
  if (character == 0x130)
    return 0x131;
  if (character == 0x3A2)
    return 0x3C2;
  return known ? uc_tolower(character) : character;
}

Test(wide, latin_greek_and_cyrillic_letters_have_no_case)
{
  enum { FIRST = 'A', END = 0x500 };
  static uint64_t hash[END];
  for (uint32_t character = FIRST; character < END; character++)
    hash[character] = hash_of_character(character);
  for (uint32_t character = FIRST; character < END; character++)
    for (uint32_t other = FIRST; other < character; other++)
      cr_expect_eq(hash[character] == hash[other], lower_of(character) == lower_of(other), "U+%04X and U+%04X",
                   (unsigned)character, (unsigned)other);
}

Test(wide, keys_are_found_wherever_they_lie)
{
  static const int32_t key[] = {0, 1, 2, 3, 4, 1000, 1 << 30, (1 << 30) + 1, INT32_MAX - 1};
  enum { COUNT = sizeof key / sizeof *key };
  struct rnn_wide wide = {.key = (int32_t *)key};
  for (wide.features = 0; wide.features <= COUNT; wide.features++)
    for (size_t i = 0; i < COUNT; i++) {
      cr_assert_eq(rnn_wide_find(&wide, key[i]), i < wide.features ? i : wide.features);
      if (i + 1 == COUNT || key[i + 1] > key[i] + 1)
        cr_assert_eq(rnn_wide_find(&wide, key[i] + 1), wide.features);
    }
}

/* At the optimum the gradient of the loss in v is zero; weight = r v is what is kept. Every n-gram of the table has one
 * of these equations, and only n-grams without weight are left out. */
static void expect_optimum(const struct rnn_wide *wide, struct rnn_wide_table *table, int32_t class, size_t column)
{
  double slope_bias = (double)wide->bias[column], residual[16], texts[2] = {0};
  for (size_t i = 0; i < table->texts; i++) {
    double sign = table->label[i] == class ? 1 : -1, margin = (double)wide->bias[column];
    for (size_t e = table->begin[i]; e < table->begin[i + 1]; e++)
      margin += (double)wide->weight[(size_t)table->entry[e] * wide->columns + column];
    residual[i] = -0.1 * sign / (1 + exp(sign * margin));
    slope_bias += residual[i];
    texts[table->label[i] == class]++;
  }
  cr_assert_lt(fabs(slope_bias), 0.02, "%g", slope_bias);
  for (size_t f = 0; f < wide->features; f++) {
    double count[2] = {0}, slope = 0;
    for (size_t i = 0; i < table->texts; i++)
      for (size_t e = table->begin[i]; e < table->begin[i + 1]; e++)
        if ((size_t)table->entry[e] == f) {
          count[table->label[i] == class]++;
          slope += residual[i];
        }
    double r = log((count[1] + 1) / (texts[1] + 1)) - log((count[0] + 1) / (texts[0] + 1));
    double expected = -r * r * slope, weight = (double)wide->weight[f * wide->columns + column];
    cr_assert_float_eq(weight, expected, 0.02, "n-gram %zu: %g, %g", f, weight, expected);
  }
}

static void expect_fit(size_t classes)
{
  struct corpus_case it;
  struct rnn_wide_table table;
  init_texts(&it);
  if (classes == 3)
    for (size_t i = 0; i < 3; i++)
      corpus_case_add(&it, "the film is neither good nor bad", "so");
  struct rnn_model *model = model_case(&it, settings);
  struct rnn_wide *wide = fit(model, &it.corpus, 1), *again = fit(model, &it.corpus, 3);
  cr_assert_not_null(wide);
  cr_assert_eq(wide->columns, classes == 2 ? 1 : classes);
  cr_assert_eq(wide->features, again->features);
  cr_assert(memcmp(wide->weight, again->weight, wide->features * wide->columns * sizeof *wide->weight) == 0);
  cr_assert_eq(rnn_wide_table_read(&table, wide, &it.corpus, &error), RNN_OK);
  rnn_wide_table_number(&table, wide);
  for (size_t column = 0; column < wide->columns; column++)
    expect_optimum(wide, &table, (int32_t)(column + classes - wide->columns), column);
  rnn_wide_table_clear(&table);
  rnn_wide_free(wide);
  rnn_wide_free(again);
  rnn_model_free(model);
  corpus_case_clear(&it);
}

Test(wide, weights_are_the_regression_of_two_classes)
{
  expect_fit(2);
}

Test(wide, weights_are_the_regression_of_three_classes)
{
  expect_fit(3);
}

Test(wide, the_weights_furthest_from_zero_are_kept)
{
  struct corpus_case it;
  init_texts(&it);
  struct rnn_model *model = model_case(&it, settings);
  struct rnn_wide *all = fit(model, &it.corpus, 1);
  model->config.wide = 3;
  struct rnn_wide *some = fit(model, &it.corpus, 1);
  cr_assert(some->features > 0 && some->features <= 3);
  for (size_t i = 0; i < all->features; i++) {
    size_t place = rnn_wide_find(some, all->key[i]);
    for (size_t j = 0; j < some->features; j++)
      cr_assert(place < some->features || fabsf(all->weight[i]) <= fabsf(some->weight[j]));
  }
  rnn_wide_free(all);
  rnn_wide_free(some);
  rnn_model_free(model);
  corpus_case_clear(&it);
}

Test(wide, one_class_has_none)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_CLASSIFY);
  corpus_case_add(&it, "a b", "x");
  corpus_case_add(&it, "a b", "x");
  struct rnn_model *model = model_case(&it, settings);
  cr_assert_null(fit(model, &it.corpus, 1));
  rnn_model_free(model);
  corpus_case_clear(&it);
}

Test(wide, texts_that_share_no_n_gram_have_none)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_CLASSIFY);
  corpus_case_add(&it, "a", "x");
  corpus_case_add(&it, "b", "y");
  struct rnn_model *model = model_case(&it, settings);
  cr_assert_null(fit(model, &it.corpus, 1));
  rnn_model_free(model);
  corpus_case_clear(&it);
}

struct nats {
  const struct rnn_sequence *sequence;
  double sum;
};

static void add_nats(void *context, size_t i, size_t t, size_t k, const real *y)
{
  struct nats *nats = context;
  (void)t;
  (void)k;
  nats->sum -= log((double)y[nats->sequence[i].label]);
}

/* -log y of the labels, with the prior, where the shares are what they are. */
static double loss_of(struct rnn_model *model, const struct rnn_corpus *corpus, struct rnn_pool *pool)
{
  struct rnn_sequence sequence[16];
  struct rnn_predictor *predictor;
  struct nats nats = {.sequence = sequence};
  for (size_t i = 0; i < corpus->count; i++)
    sequence[i] = rnn_corpus_sequence(corpus, i);
  cr_assert_eq(rnn_predictor_create(&predictor, model, 8, pool, &error), RNN_OK);
  struct rnn_answer answer = {.take = add_nats, .context = &nats};
  cr_assert_eq(rnn_predictor_run(predictor, sequence, corpus->count, &answer, &error), RNN_OK);
  rnn_predictor_free(predictor);
  double g = (double)model->wide->share[0] - RNN_WIDE_USUAL_NETWORK,
         h = (double)model->wide->share[1] - RNN_WIDE_USUAL_WIDE;
  return nats.sum + (g * g + h * h) / 2;
}

Test(wide, shares_are_those_that_lose_least)
{
  struct corpus_case it;
  struct rnn_pool *pool;
  struct rnn_wide_report report;
  init_texts(&it);
  struct rnn_model *model = model_case(&it, settings);
  struct rnn_wide *wide = fit(model, &it.corpus, 1);
  cr_assert_eq(rnn_pool_create(&pool, 2, &error), RNN_OK);
  cr_assert_eq(rnn_wide_calibrate(wide, model, &it.corpus, pool, &report, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(report.texts, it.corpus.count);
  cr_assert_eq(report.accuracy, 1);
  model->wide = wide;
  double least = loss_of(model, &it.corpus, pool);
  for (size_t a = 0; a < 2; a++)
    for (int sign = -1; sign <= 1; sign += 2) {
      float was = wide->share[a];
      wide->share[a] = fmaxf(0, was + 0.1F * (float)sign);
      cr_assert_leq(least, loss_of(model, &it.corpus, pool) + 1e-6);
      wide->share[a] = was;
    }
  rnn_pool_free(pool);
  rnn_model_free(model);
  corpus_case_clear(&it);
}
