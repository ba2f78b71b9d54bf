/* What n-grams have to do with a decision: shares that add up, and with the network a whole. In double. */
#include <criterion/criterion.h>
#include <math.h>

#include "corpus_case.h"
#include "gradient_flow_grams.h"
#include "gradient_flow_saliency.h"
#include "memory.h"
#include "predictor.h"
#include "wide_fit.h"

enum { MOST_STEPS = 16, MOST_CLASSES = 3 };

static struct rnn_error error;
static struct corpus_case texts;
static struct rnn_model *model;
static struct rnn_pool *pool;

/* A model with n-grams of texts of two labels, or of three. */
static void set_up(size_t labels)
{
  static const char *const text[][2] = {
      {"a good film and loved by all", "pos"}, {"a bad film", "neg"},          {"loved it", "pos"},
      {"boring dull and bad", "neg"},          {"good good good plot", "pos"}, {"x y x y x y", "odd"}};
  corpus_case_init(&texts, RNN_CLASSIFY);
  for (size_t i = 0; i < sizeof text / sizeof *text - (labels == 2); i++)
    corpus_case_add(&texts, text[i][0], text[i][1]);
  model = model_case(&texts, "state=3 embedding=2 epochs=1 min_count=1 cell=gru pooling=mean");
  cr_assert_eq(rnn_pool_create(&pool, 1, &error), RNN_OK);
  cr_assert_eq(rnn_wide_fit(&model->wide, model, &texts.corpus, pool, &error), RNN_OK, "%s", error.text);
  cr_assert_not_null(model->wide);
}

static void tear_down(void)
{
  rnn_model_free(model);
  rnn_pool_free(pool);
  corpus_case_clear(&texts);
}

static void expect_shares(const int32_t *symbol, size_t steps)
{
  const struct rnn_wide *wide = model->wide;
  double share[MOST_STEPS * MOST_CLASSES], sum[MOST_CLASSES] = {0};
  struct rnn_wide_reader reader;
  cr_assert_eq(rnn_gram_shares_find(wide, symbol, steps, share, &error), RNN_OK);
  for (size_t i = 0; i < steps * wide->classes; i++)
    sum[i % wide->classes] += share[i];
  cr_assert_eq(rnn_wide_reader_init(&reader, wide, &error), RNN_OK);
  rnn_wide_reader_start(&reader);
  rnn_wide_reader_read(&reader, symbol, steps);
  const double *z = rnn_wide_reader_z(&reader);
  for (size_t j = 0; j < wide->classes; j++) {
    size_t none = wide->classes - wide->columns;
    double bias = j < none ? 0 : (double)wide->bias[j - none];
    cr_assert_float_eq(sum[j] + bias, z[j], 1e-12, "class %zu: %g, not %g", j, sum[j] + bias, z[j]);
  }
  rnn_wide_reader_clear(&reader);
}

static void expect_all_shares(size_t labels)
{
  set_up(labels);
  for (size_t i = 0; i < texts.corpus.count; i++) {
    struct rnn_sequence sequence = rnn_corpus_sequence(&texts.corpus, i);
    int32_t symbol[MOST_STEPS];
    for (size_t t = 0; t < sequence.length; t++)
      symbol[t] = t == 1 && i % 2 == 1 ? RNN_ABSENT : sequence.symbol[t]; /* no n-gram reaches over it */
    expect_shares(symbol, sequence.length);
  }
  tear_down();
}

Test(gradient_flow_grams, shares_and_bias_add_up_to_z)
{
  expect_all_shares(2);
  expect_all_shares(3);
}

/* Of a word alone, met twice: each place has half of its weight. */
Test(gradient_flow_grams, places_share_evenly)
{
  set_up(3);
  int32_t word = rnn_model_symbol(model, "loved", 5), two[] = {word, RNN_ABSENT, word};
  double share[3 * MOST_CLASSES];
  cr_assert_eq(rnn_gram_shares_find(model->wide, two, 3, share, &error), RNN_OK);
  for (size_t j = 0; j < 3; j++)
    cr_assert_eq(share[3 + j], 0);
  struct rnn_grams grams;
  int32_t key[RNN_WIDE_LONGEST];
  rnn_grams_start(&grams);
  rnn_grams_next(&grams, model->wide, RNN_ABSENT, key);
  cr_assert_eq(rnn_grams_next(&grams, model->wide, word, key), 1);
  size_t feature = rnn_wide_find(model->wide, key[0]);
  cr_assert_lt(feature, model->wide->features);
  int32_t apart[] = {RNN_ABSENT, word, RNN_ABSENT, word, RNN_ABSENT};
  double both[5 * MOST_CLASSES];
  cr_assert_eq(rnn_gram_shares_find(model->wide, apart, 5, both, &error), RNN_OK);
  for (size_t j = 0; j < 3; j++) {
    cr_assert_float_eq(both[3 + j], (double)model->wide->weight[feature * 3 + j] / 2, 1e-15);
    cr_assert_float_eq(both[9 + j], both[3 + j], 1e-15);
  }
  tear_down();
}

static double answered; /* the greatest probability of the predictor */

static void keep_greatest(void *context, size_t i, size_t t, size_t k, const real *y)
{
  (void)context;
  (void)i;
  (void)t;
  answered = 0;
  for (size_t j = 0; j < k; j++)
    answered = fmax(answered, (double)y[j]);
}

/* Of texts of which the network may read `most` steps (0: all). */
static void expect_whole(size_t labels, size_t most, enum rnn_kept kept)
{
  struct rnn_saliency found;
  struct rnn_predictor *predictor;
  double of_grams = 0;
  size_t not_read = 0;
  set_up(labels);
  model->config.max_steps = (int64_t)most;
  model->config.kept = (int)kept;
  cr_assert_eq(rnn_predictor_create(&predictor, model, 8, pool, &error), RNN_OK);
  for (size_t i = 0; i < texts.corpus.count; i++) {
    struct rnn_sequence sequence = rnn_corpus_sequence(&texts.corpus, i);
    cr_assert_eq(rnn_saliency_find(&found, model, &sequence, 0, RNN_ABSENT, 1e-6, &error), RNN_OK, "%s", error.text);
    cr_assert_leq(found.gap, 1e-6 * fmax(1, fabs(found.log_p - found.log_p_nothing)), "%g", found.gap);
    cr_assert_eq(rnn_predictor_run(predictor, &sequence, 1, &(struct rnn_answer){.take = keep_greatest}, &error),
                 RNN_OK);
    cr_assert_float_eq(found.probability, answered, 1e-9);
    for (size_t t = 0; t < sequence.length; t++) {
      of_grams += fabs(found.grams[t]);
      not_read += found.integrated[t] == found.grams[t];
    }
    cr_assert_eq(found.t, sequence.length - 1);
    rnn_saliency_clear(&found);
  }
  cr_assert_gt(of_grams, 1e-3);
  cr_assert_eq(not_read > 0, most > 0);
  rnn_predictor_free(predictor);
  tear_down();
}

Test(gradient_flow_grams, with_the_network_they_make_the_whole_of_log_p)
{
  expect_whole(2, 0, RNN_KEPT_LAST);
  expect_whole(3, 0, RNN_KEPT_LAST);
  expect_whole(2, 3, RNN_KEPT_LAST);
  expect_whole(3, 3, RNN_KEPT_FIRST);
  expect_whole(3, 3, RNN_KEPT_ENDS);
}
