/* The temperature of a trained model. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "corpus_case.h"
#include "temperature.h"
#include "vector.h"

static struct rnn_error error;

/* Texts or sentences of which one in `odd` is labelled otherwise (0: none), and a model trained on them. */
static struct rnn_model *trained(struct corpus_case *it, enum rnn_task task, const char *settings, int texts, int odd)
{
  char all[256];
  snprintf(all, sizeof all, "state=4 embedding=4 epochs=20 learning_rate=0.03 dropout=0 features=false %s", settings);
  corpus_case_init(it, task);
  for (int i = 0; i < texts; i++) {
    bool first = i % 2 == 0, mistaken = odd > 0 && i / 2 % odd == 0;
    const char *right = task == RNN_TAG ? "X Y" : "X", *other = task == RNN_TAG ? "Y X" : "Y";
    corpus_case_add(it, first ? "a b" : "b c", first != mistaken ? right : other);
  }
  struct rnn_model *model = model_case(it, all);
  cr_assert_eq(train_case(model, &it->corpus, NULL, 1).status, RNN_OK);
  return model;
}

/* The logits times a factor. */
static void scale_outputs(struct rnn_model *model, real factor)
{
  struct rnn_parameters *parameters = model->parameters;
  const char *const names[] = {"output.V", "output.c", "output.A"};
  for (size_t i = 0; i < 3; i++) {
    int found = rnn_parameters_find(parameters, names[i]);
    if (found < 0)
      continue;
    const struct rnn_tensor *tensor = &parameters->layout.tensor[found];
    rnn_vector_scale(tensor->rows * tensor->columns, factor, parameters->value + tensor->offset);
  }
}

static struct rnn_temperature fit(struct rnn_model *model, const struct rnn_corpus *corpus, size_t threads)
{
  struct rnn_temperature found;
  struct rnn_pool *pool;
  cr_assert_eq(rnn_pool_create(&pool, threads, &error), RNN_OK);
  cr_assert_eq(rnn_temperature_fit(model, corpus, pool, &found, &error), RNN_OK, "%s", error.text);
  rnn_pool_free(pool);
  return found;
}

static double mean(struct rnn_loss loss)
{
  return loss.nats / (double)loss.terms;
}

static void check_undone(enum rnn_task task, const char *settings)
{
  struct corpus_case it;
  struct rnn_model *model = trained(&it, task, settings, 80, 5);
  struct rnn_loss before = measure_case(model, &it.corpus, 1);
  for (int i = 0; i < 2; i++) {
    double factor = i == 0 ? 4 : 0.25;
    scale_outputs(model, (real)factor);
    struct rnn_loss off = measure_case(model, &it.corpus, 1);
    struct rnn_temperature found = fit(model, &it.corpus, 1);
    struct rnn_loss after = measure_case(model, &it.corpus, 1);
    cr_assert_gt(mean(off), mean(after) + 0.05);
    cr_assert_lt(mean(after), mean(before) + 0.002, "%g, at first %g", mean(after), mean(before));
    cr_assert(fabs(log(found.temperature / factor)) < 0.3, "T = %g", found.temperature);
    cr_assert(fabs(found.nats - mean(after)) < 0.05);
    cr_assert_eq(after.correct, before.correct, "no answer changes");
  }
  corpus_case_clear(&it);
  rnn_model_free(model);
}

Test(temperature, undoes_what_made_a_model_too_sure_or_not_sure_enough)
{
  check_undone(RNN_CLASSIFY, "wide=none pooling=mean");
  check_undone(RNN_TAG, "output=softmax");
  check_undone(RNN_TAG, "output=crf");
}

Test(temperature, stays_a_number_where_nothing_is_mistaken)
{
  struct corpus_case it;
  struct rnn_model *model = trained(&it, RNN_CLASSIFY, "wide=none", 2, 0);
  struct rnn_temperature found = fit(model, &it.corpus, 1);
  cr_assert(found.temperature > 0.2 && found.temperature <= 1, "%g", found.temperature);
  corpus_case_clear(&it);
  rnn_model_free(model);
}

Test(temperature, is_the_same_on_any_number_of_threads)
{
  struct rnn_model *model[2];
  struct rnn_temperature found[2];
  for (size_t i = 0; i < 2; i++) {
    struct corpus_case it;
    model[i] = trained(&it, RNN_TAG, "", 80, 5);
    found[i] = fit(model[i], &it.corpus, 1 + 2 * i);
    corpus_case_clear(&it);
  }
  cr_assert_eq(found[0].temperature, found[1].temperature);
  cr_assert_arr_eq(model[0]->parameters->value, model[1]->parameters->value,
                   model[0]->parameters->layout.count * sizeof(real));
  rnn_model_free(model[0]);
  rnn_model_free(model[1]);
}
