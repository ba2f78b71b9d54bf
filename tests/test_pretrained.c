/* A tagger or classifier that starts with the weights of a completion model. */
#include <criterion/criterion.h>
#include <string.h>

#include "corpus_case.h"
#include "memory.h"
#include "pretrained.h"

static struct rnn_error error;

static struct rnn_model *pretrained_case(const char *settings)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_COMPLETE);
  corpus_case_add(&it, "a b c a b a rare", NULL);
  corpus_case_add(&it, "b c", NULL);
  struct rnn_model *model = model_case(&it, settings);
  corpus_case_clear(&it);
  return model;
}

/* As rnn-train does it: "c" and "a" are known, "new" is not. */
static struct rnn_model *start_case(const struct rnn_model *pretrained, const char *settings)
{
  struct corpus_case it;
  struct rnn_config start, own;
  struct rnn_model *model;
  corpus_case_init(&it, RNN_CLASSIFY);
  corpus_case_add(&it, "new c a new", "Y");
  corpus_case_add(&it, "c new once", "X");
  cr_assert_eq(rnn_config_start_from(&pretrained->config, &start, &error), RNN_OK, "%s", error.text);
  own = config_case(settings);
  start.layers = own.layers;
  start.bidirectional = own.bidirectional;
  start.seed = 7;
  cr_assert_eq(
      rnn_model_create_from(&model, pretrained, &start, pretrained->text, &it.corpus, it.symbols, it.labels, &error),
      RNN_OK, "%s", error.text);
  rnn_model_start_from(model, pretrained);
  corpus_case_clear(&it);
  return model;
}

static const real *tensor(const struct rnn_model *model, const char *name, size_t *count)
{
  int i = rnn_parameters_find(model->parameters, name);
  cr_assert_geq(i, 0, "%s", name);
  const struct rnn_tensor *found = &model->parameters->layout.tensor[i];
  *count = found->rows * found->columns;
  return model->parameters->value + found->offset;
}

static bool same_tensor(const struct rnn_model *a, const struct rnn_model *b, const char *name)
{
  size_t count, counted;
  const real *x = tensor(a, name, &count), *y = tensor(b, name, &counted);
  return count == counted && memcmp(x, y, count * sizeof *x) == 0;
}

Test(pretrained, symbols_are_matched_by_string)
{
  struct rnn_model *old = pretrained_case("state=4 embedding=3 min_count=2"), *model = start_case(old, "layers=1");
  static const char *const strings[] = {"a", "b", "c"};
  size_t count, e = 3;
  const real *from = tensor(old, "embedding", &count), *to = tensor(model, "embedding", &count);
  for (size_t i = 0; i < 3; i++) {
    int32_t there = rnn_model_symbol(old, strings[i], 1), here = rnn_model_symbol(model, strings[i], 1);
    cr_assert_arr_eq(from + (size_t)there * e, to + (size_t)here * e, e * sizeof *to, "%s", strings[i]);
  }
  int32_t unknown = rnn_model_unknown(model);
  cr_assert(old->unknown && model->unknown);
  cr_assert_arr_eq(from + (size_t)rnn_model_unknown(old) * e, to + (size_t)unknown * e, e * sizeof *to);
  cr_assert_neq(rnn_model_symbol(model, "new", 3), unknown, "met often enough");
  cr_assert_eq(rnn_model_symbol(model, "once", 4), unknown);
  cr_assert_eq(rnn_vocabulary_frequency(model->symbols, rnn_model_symbol(model, "c", 1)), 4, "2 of each corpus");
  cr_assert(same_tensor(old, model, "layer0.U") && same_tensor(old, model, "layer0.W"));
  rnn_model_free(model);
  rnn_model_free(old);
}

Test(pretrained, of_one_hot_symbols_the_columns_of_U)
{
  struct rnn_model *old = pretrained_case("state=4 embedding=none cell=gru"), *model = start_case(old, "layers=1");
  size_t count, n = rnn_model_inputs(model), m = rnn_model_inputs(old);
  const real *from = tensor(old, "layer0.U", &count), *to = tensor(model, "layer0.U", &count);
  size_t there = (size_t)rnn_model_symbol(old, "c", 1), here = (size_t)rnn_model_symbol(model, "c", 1);
  for (size_t row = 0; row < 12; row++)
    cr_assert_eq(from[row * m + there], to[row * n + here], "row %zu", row);
  cr_assert(same_tensor(old, model, "layer0.W") && same_tensor(old, model, "layer0.b"));
  rnn_model_free(model);
  rnn_model_free(old);
}

Test(pretrained, what_has_another_size_stays_random)
{
  struct rnn_model *old = pretrained_case("state=4 embedding=3 layers=2"), *model = start_case(old, "layers=2");
  cr_assert(same_tensor(old, model, "layer1.U") && same_tensor(old, model, "layer1.W"));
  rnn_model_free(model);
  model = start_case(old, "layers=3 bidirectional=true");
  cr_assert(same_tensor(old, model, "layer0.W"));
  cr_assert(!same_tensor(old, model, "layer1.U") && !same_tensor(old, model, "layer1.W"), "it reads both directions");
  size_t count;
  const real *forward = tensor(model, "layer0.W", &count), *reverse = tensor(model, "layer0.reverse.W", &count);
  cr_assert_neq(memcmp(forward, reverse, count * sizeof *forward), 0);
  rnn_model_free(model);
  rnn_model_free(old);
}

Test(pretrained, keys_that_shape_the_weights_stay)
{
  struct rnn_config old = config_case("state=12 cell=lstm embedding=5 learning_rate=0.5 min_count=3"), config;
  cr_assert_eq(rnn_config_start_from(&old, &config, &error), RNN_OK);
  cr_assert(config.state == 12 && config.embedding == 5 && config.min_count == 3);
  cr_assert_str_eq(config.cell, "lstm");
  cr_assert_eq(config.learning_rate, RNN_AUTO, "how it was trained says nothing about another task");
  cr_assert_eq(rnn_config_check_start(&old, &config, &error), RNN_OK);
  config.min_count = 1;
  cr_assert_eq(rnn_config_check_start(&old, &config, &error), RNN_OK);
  config.state = 13;
  cr_assert_eq(rnn_config_check_start(&old, &config, &error), RNN_BAD_CONFIG);
  cr_assert_str_eq(error.text, "state: the model to start from has 12, its weights do not fit 13");
}
