/* Trainers: they learn, and what they learn does not depend on threads, windows or luck. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "corpus_case.h"
#include "memory.h"
#include "random.h"
#include "vector.h"

static struct rnn_error error;

/* --- learning --- */

Test(trainer, learns_deep)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_COMPLETE);
  corpus_case_add(&it, "d e e p", NULL);
  struct rnn_model *model = model_case(&it, "state=8 epochs=500 learning_rate=0.01");
  struct training_case happened = train_case(model, &it.corpus, NULL, 1);
  cr_assert_eq(happened.status, RNN_OK);
  cr_assert_eq(model->epochs, (size_t)model->config.epochs);
  struct rnn_loss loss = measure_case(model, &it.corpus, 1);
  cr_assert_eq(loss.terms, 4);
  cr_assert_eq(loss.correct, 4);
  cr_assert_lt(loss.nats / 4, 0.01, "%g nats", loss.nats / 4);
  rnn_model_free(model);
  corpus_case_clear(&it);
}

static const char *const letters[] = {"a", "b", "c", "d"};

/* Random letters; the tag of a step is the letter before it, the label the first letter. */
static void draw_corpus(struct corpus_case *it, enum rnn_task task, size_t count, size_t longest, uint64_t seed)
{
  struct rnn_random random;
  rnn_random_init(&random, seed, RNN_PURPOSE_TEST, 0, 0);
  corpus_case_init(it, task);
  for (size_t i = 0; i < count; i++) {
    char symbols[512] = "", tags[512] = "", label[2] = "";
    const char *before = "a";
    size_t length = 1 + rnn_random_below(&random, longest);
    for (size_t t = 0; t < length; t++) {
      const char *letter = letters[rnn_random_below(&random, 4)];
      snprintf(symbols + strlen(symbols), 4, " %s", letter);
      snprintf(tags + strlen(tags), 4, " %s", before);
      before = letter;
      if (t == 0)
        memcpy(label, letter, 2);
    }
    corpus_case_add(it, symbols, task == RNN_COMPLETE ? NULL : task == RNN_TAG ? tags : label);
  }
}

static double accuracy(const struct rnn_loss *loss)
{
  return (double)loss->correct / (double)loss->terms;
}

static void expect_learns(enum rnn_task task, const char *settings)
{
  struct corpus_case train, test;
  draw_corpus(&train, task, 300, 8, 1);
  draw_corpus(&test, task, 100, 8, 2);
  struct rnn_model *model = model_case(&train, settings);
  corpus_case_adopt(&test, model);
  struct training_case happened = train_case(model, &train.corpus, NULL, 2);
  cr_assert_eq(happened.status, RNN_OK);
  struct rnn_loss loss = measure_case(model, &test.corpus, 2);
  cr_assert_gt(accuracy(&loss), 0.98, "%s: %g", settings, accuracy(&loss));
  cr_assert_lt(model->history[model->epochs - 1].train_nats, model->history[0].train_nats);
  rnn_model_free(model);
  corpus_case_clear(&train);
  corpus_case_clear(&test);
}

Test(trainer, learns_tags)
{
  expect_learns(RNN_TAG, "state=16 epochs=30 learning_rate=0.01");
  expect_learns(RNN_TAG,
                "state=16 epochs=30 learning_rate=0.01 bptt=2"); /* the state is carried from window to window */
}

Test(trainer, learns_labels)
{
  expect_learns(RNN_CLASSIFY, "state=24 epochs=40 learning_rate=0.01");
  expect_learns(RNN_CLASSIFY, "state=24 epochs=40 learning_rate=0.01 bidirectional=true");
  expect_learns(RNN_CLASSIFY, "state=24 epochs=40 learning_rate=0.01 activation=relu average=0.9");
}

/* --- what the result depends on --- */

/* Trains two models, each by its settings, with its number of threads, on the same data. */
static void expect_same_model(enum rnn_task task, size_t longest, const char *one, size_t threads_one,
                              const char *other, size_t threads_other, bool same)
{
  const char *settings[] = {one, other};
  size_t threads[] = {threads_one, threads_other};
  struct rnn_model *model[2];
  for (int i = 0; i < 2; i++) {
    struct corpus_case train, valid;
    draw_corpus(&train, task, 120, longest, 1);
    draw_corpus(&valid, task, 20, longest, 2);
    model[i] = model_case(&train, settings[i]);
    corpus_case_adopt(&valid, model[i]);
    cr_assert_eq(train_case(model[i], &train.corpus, &valid.corpus, threads[i]).status, RNN_OK);
    corpus_case_clear(&train);
    corpus_case_clear(&valid);
  }
  size_t bytes = model[0]->parameters->layout.count * sizeof(real);
  bool equal = memcmp(model[0]->parameters->value, model[1]->parameters->value, bytes) == 0;
  cr_assert_eq(equal, same, "%s, %zu threads, and %s, %zu threads", one, threads_one, other, threads_other);
  if (same)
    cr_assert_arr_eq(model[0]->history, model[1]->history, model[0]->epochs * sizeof *model[0]->history);
  rnn_model_free(model[0]);
  rnn_model_free(model[1]);
}

Test(trainer, same_bytes_for_any_number_of_threads)
{
  static const char *const settings[] = {
      "state=9 epochs=3 batch=50 learning_rate=0.01 embedding=5 clip_norm=0.1 average=0.9 weight_decay=0.1",
      "state=9 epochs=3 batch=40 learning_rate=0.01 embedding=none word_dropout=0.2 bptt=5 cell=gru",
      "state=5 epochs=3 batch=50 learning_rate=0.01 embedding=4 dropout=0.3 bptt=5 layers=2 residual=true",
      "state=5 epochs=3 batch=50 learning_rate=0.01 embedding=4 dropout=0.3 bptt=5 adversarial=0.1"};
  for (int task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++)
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
      for (size_t threads = 2; threads <= 3; threads++)
        expect_same_model((enum rnn_task)task, 30, settings[i], 1, settings[i], threads, true);
}

Test(trainer, truncation_beyond_the_longest_sequence_changes_no_bit)
{
  for (int task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++) {
    expect_same_model((enum rnn_task)task, 30,
                      "state=9 epochs=3 batch=40 word_dropout=0.2 start=learned bidirectional=false bptt=full", 1,
                      "state=9 epochs=3 batch=40 word_dropout=0.2 start=learned bptt=30", 1, true);
    expect_same_model((enum rnn_task)task, 30, "state=9 epochs=3 batch=40 bidirectional=false bptt=full", 1,
                      "state=9 epochs=3 batch=40 bptt=7", 1, false);
  }
}

/* dropout is what the keys of the three places are unless they are given. */
Test(trainer, dropout_has_a_share_for_each_place)
{
  static const char *const same = "state=6 epochs=2 batch=40 embedding=4 layers=2 dropout=0.4";
  expect_same_model(RNN_TAG, 30, same, 1,
                    "state=6 epochs=2 batch=40 embedding=4 layers=2 dropout=0 dropout_input=0.4 dropout_layer=0.4 "
                    "dropout_output=0.4",
                    1, true);
  static const char *const other[] = {"dropout_input=0", "dropout_layer=0", "dropout_output=0"};
  for (size_t i = 0; i < 3; i++) {
    char settings[160];
    snprintf(settings, sizeof settings, "%s %s", same, other[i]);
    expect_same_model(RNN_TAG, 30, same, 1, settings, 1, false);
  }
  expect_same_model(RNN_TAG, 30, "state=6 epochs=2 batch=40 embedding=4 layers=1", 1,
                    "state=6 epochs=2 batch=40 embedding=4 layers=1 dropout_layer=0.5", 1, true);
}

/* What is learnt from moved vectors is another model; the loss that is reported, and the state that goes from window to
 * window, are those of the vectors as they are. */
Test(trainer, learns_against_vectors_that_are_moved)
{
  static const char *const settings[] = {
      "state=9 epochs=1 batch=40 embedding=5 optimizer=sgd learning_rate=1e-12 bptt=7",
      "state=9 epochs=1 batch=40 embedding=5 optimizer=sgd learning_rate=1e-12 bptt=7 "
      "adversarial=0.5"};
  for (int task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++) {
    double nats[2];
    for (size_t i = 0; i < 2; i++) {
      struct corpus_case train;
      draw_corpus(&train, (enum rnn_task)task, 120, 30, 1);
      struct rnn_model *model = model_case(&train, settings[i]);
      cr_assert_eq(train_case(model, &train.corpus, NULL, 1).status, RNN_OK);
      nats[i] = model->history[0].train_nats;
      rnn_model_free(model);
      corpus_case_clear(&train);
    }
    cr_assert_float_eq(nats[0], nats[1], 1e-6 * nats[0]);
    expect_same_model((enum rnn_task)task, 30, "state=9 epochs=2 embedding=5", 1,
                      "state=9 epochs=2 embedding=5 adversarial=0.01", 1, false);
  }
  expect_learns(RNN_TAG, "state=16 epochs=30 learning_rate=0.01 embedding=8 bptt=2 adversarial=0.05");
}

Test(trainer, another_seed_is_another_model)
{
  expect_same_model(RNN_TAG, 10, "state=9 epochs=2 seed=1", 1, "state=9 epochs=2 seed=1", 1, true);
  expect_same_model(RNN_TAG, 10, "state=9 epochs=2 seed=1", 1, "state=9 epochs=2 seed=2", 1, false);
}

/* `cat a b` = both at once: the second part brings symbols of its own. */
Test(trainer, a_corpus_in_two_parts)
{
  struct corpus_case whole, parts;
  struct rnn_model *model[2];
  corpus_case_init(&whole, RNN_TAG);
  corpus_case_init(&parts, RNN_TAG);
  struct corpus_case *both[] = {&whole, &parts};
  for (int i = 0; i < 2; i++) {
    corpus_case_add(both[i], "a b a c", "X Y X X");
    if (i == 1) { /* what a second stream's dictionary, starting afresh, does to the merged numbers: nothing */
      int32_t number;
      cr_assert_eq(rnn_vocabulary_add(parts.symbols, "c", 1, &number, &error), RNN_OK);
      cr_assert_eq(number, 2);
    }
    corpus_case_add(both[i], "c d b", "Z X Y");
    model[i] = model_case(both[i], "state=5 epochs=4");
    cr_assert_eq(train_case(model[i], &both[i]->corpus, NULL, 1).status, RNN_OK);
  }
  cr_assert_arr_eq(model[0]->parameters->value, model[1]->parameters->value,
                   model[0]->parameters->layout.count * sizeof(real));
  for (int i = 0; i < 2; i++) {
    rnn_model_free(model[i]);
    corpus_case_clear(both[i]);
  }
}

/* Whether two texts of each label, with the same words, become the same model. */
static bool same_models(const char *const text[2][2], const char *settings)
{
  struct rnn_model *model[2];
  for (int i = 0; i < 2; i++) {
    struct corpus_case it;
    corpus_case_init(&it, RNN_CLASSIFY);
    corpus_case_add(&it, text[i][0], "yes");
    corpus_case_add(&it, text[i][1], "no");
    model[i] = model_case(&it, settings);
    cr_assert_eq(train_case(model[i], &it.corpus, &it.corpus, 1).status, RNN_OK);
    corpus_case_clear(&it);
  }
  bool same = memcmp(model[0]->parameters->value, model[1]->parameters->value,
                     model[0]->parameters->layout.count * sizeof(real)) == 0;
  rnn_model_free(model[0]);
  rnn_model_free(model[1]);
  return same;
}

Test(trainer, reads_of_a_labelled_text_the_steps_that_are_kept)
{
  static const char *const begin[2][2] = {{"a a b c d", "b b d c a"}, {"b b b c d", "a a d c a"}},
                           *const middle[2][2] = {{"a a b c d", "b b d c a"}, {"a a d c d", "b b b c a"}},
                           *const end[2][2] = {{"a a b c d", "b b d c a"}, {"a a b c a", "b b d c d"}};
  cr_assert(same_models(begin, "state=5 epochs=4 max_steps=3"));
  cr_assert(!same_models(begin, "state=5 epochs=4 max_steps=4"));
  cr_assert(same_models(end, "state=5 epochs=4 max_steps=4 kept=first"));
  cr_assert(!same_models(end, "state=5 epochs=4 max_steps=4 kept=last"));
  cr_assert(same_models(middle, "state=5 epochs=4 max_steps=4 kept=ends"));
  cr_assert(same_models(middle, "state=5 epochs=4 max_steps=4 kept=ends word_dropout=0.3 bptt=3"));
  cr_assert(!same_models(middle, "state=5 epochs=4 max_steps=4"));
  cr_assert(!same_models(begin, "state=5 epochs=4 max_steps=4 kept=ends bptt=3"));
}

/* --- a long text --- */

static void add_long_text(struct corpus_case *it, size_t steps)
{
  static char text[8192];
  text[0] = '\0';
  for (size_t t = 0; t < steps; t++)
    memcpy(text + 2 * t, t % 3 == 2 ? "c " : t % 3 == 1 ? "b " : "a ", 3);
  corpus_case_add(it, text, NULL);
}

Test(trainer, learns_a_long_text_in_streams_side_by_side)
{
  struct corpus_case it, valid;
  corpus_case_init(&it, RNN_COMPLETE);
  corpus_case_init(&valid, RNN_COMPLETE);
  add_long_text(&it, 3000);
  add_long_text(&valid, 999);
  struct rnn_model *model = model_case(&it, "state=12 batch=20 bptt=10 epochs=6 learning_rate=0.01");
  corpus_case_adopt(&valid, model);
  struct training_case happened = train_case(model, &it.corpus, &valid.corpus, 1);
  cr_assert_eq(happened.status, RNN_OK);
  cr_assert(happened.updates >= 6 * 15 && happened.updates <= 6 * 17, "%zu updates", happened.updates);
  cr_assert_lt(model->history[model->epochs - 1].valid_nats, 0.1);
  struct rnn_loss loss = measure_case(model, &valid.corpus, 1);
  cr_assert_eq(loss.terms, 999);
  rnn_model_free(model);
  corpus_case_clear(&it);
  corpus_case_clear(&valid);
}

/* --- validation --- */

/* Tags that validation contradicts in half of the cases: the more is learnt, the worse it gets. */
static void make_contradiction(struct corpus_case *train, struct corpus_case *valid)
{
  corpus_case_init(train, RNN_TAG);
  corpus_case_init(valid, RNN_TAG);
  for (int i = 0; i < 8; i++)
    corpus_case_add(train, "a b c", "X Y Z");
  corpus_case_add(valid, "a b c", "Y Y Z");
  corpus_case_add(valid, "a b c", "X Z Z");
}

static void expect_best_is_kept(const char *settings)
{
  struct corpus_case train, valid;
  make_contradiction(&train, &valid);
  struct rnn_model *model = model_case(&train, settings);
  corpus_case_adopt(&valid, model);
  struct training_case happened = train_case(model, &train.corpus, &valid.corpus, 1);
  cr_assert_eq(happened.status, RNN_OK);
  double least = INFINITY;
  uint32_t best = 0;
  for (size_t i = 0; i < model->epochs; i++)
    if (model->history[i].valid_nats < least) {
      least = model->history[i].valid_nats;
      best = model->history[i].epoch;
    }
  cr_assert_eq(model->best_epoch, best);
  cr_assert_lt(best, 150);
  cr_assert_eq(model->epochs, best + 4, "4 epochs of patience");
  struct rnn_loss loss = measure_case(model, &valid.corpus, 1);
  cr_assert_eq(loss.nats / (double)loss.terms, least, "the model does not hold the best parameters");
  cr_assert_eq(accuracy(&loss), model->history[best - 1].valid_accuracy);
  rnn_model_free(model);
  corpus_case_clear(&train);
  corpus_case_clear(&valid);
}

Test(trainer, keeps_the_best_and_has_patience)
{
  expect_best_is_kept("state=6 batch=4 epochs=200 learning_rate=0.01 schedule=constant patience=4");
  expect_best_is_kept("state=6 batch=4 epochs=200 learning_rate=0.01 schedule=constant patience=4 average=0.8");
  expect_best_is_kept("state=6 batch=4 epochs=200 learning_rate=0.01 schedule=constant patience=4 embedding=3");
}

/* With validation the way back leads to the end of the best epoch. */
Test(trainer, goes_back_to_the_best_epoch)
{
  struct corpus_case train, valid;
  draw_corpus(&train, RNN_TAG, 60, 10, 1);
  draw_corpus(&valid, RNN_TAG, 20, 10, 2);
  struct rnn_model *model =
      model_case(&train, "state=6 batch=4 epochs=6 learning_rate=0.01 schedule=constant "
                         "activation=relu cell=elman optimizer=sgd clip_norm=none embedding=3 average=0");
  corpus_case_adopt(&valid, model);
  const size_t count = model->parameters->layout.count;
  real *best;
  struct rnn_pool *pool;
  struct rnn_trainer *trainer;
  struct rnn_report report;
  cr_assert_eq(rnn_memory_new(&best, count, sizeof *best, "a copy", &error), RNN_OK);
  cr_assert_eq(rnn_pool_create(&pool, 1, &error), RNN_OK);
  cr_assert_eq(rnn_trainer_create(&trainer, model, &train.corpus, &valid.corpus, pool, &error), RNN_OK);
  do {
    cr_assert_eq(rnn_trainer_step(trainer, &report, &error), RNN_OK, "%s", error.text);
    if (report.event == RNN_EVENT_EPOCH && report.best)
      memcpy(best, model->parameters->value, count * sizeof *best);
  } while (report.event != RNN_EVENT_EPOCH || report.epoch_end.epoch < 2);
  const size_t best_epoch = report.best ? 2 : 1;
  model->config.learning_rate = 1e30;
  do
    cr_assert_eq(rnn_trainer_step(trainer, &report, &error), RNN_OK, "%s", error.text);
  while (report.event != RNN_EVENT_BACK);
  cr_assert_arr_eq(model->parameters->value, best, count * sizeof *best);
  cr_assert_eq(model->epochs, best_epoch);
  model->config.learning_rate = 0.01;
  do
    cr_assert_eq(rnn_trainer_step(trainer, &report, &error), RNN_OK, "%s", error.text);
  while (report.event != RNN_EVENT_DONE);
  cr_assert_eq(model->epochs, 6);
  for (size_t i = 0; i < model->epochs; i++)
    cr_assert_eq(model->history[i].epoch, i + 1);
  cr_assert_eq(model->history[best_epoch].learning_rate, 0.005);
  rnn_trainer_free(trainer);
  rnn_pool_free(pool);
  rnn_memory_free(best);
  rnn_model_free(model);
  corpus_case_clear(&train);
  corpus_case_clear(&valid);
}

Test(trainer, cuts_the_rate_on_a_plateau)
{
  struct corpus_case train, valid;
  make_contradiction(&train, &valid);
  struct rnn_model *model =
      model_case(&train, "state=6 epochs=60 learning_rate=0.02 schedule=plateau decay=0.25 patience=none");
  corpus_case_adopt(&valid, model);
  cr_assert_eq(train_case(model, &train.corpus, &valid.corpus, 1).status, RNN_OK);
  cr_assert_eq(model->epochs, 60);
  double rate = 0.02, least = INFINITY;
  size_t cuts = 0;
  for (size_t i = 0; i < model->epochs; i++) {
    cr_assert(fabs(model->history[i].learning_rate - rate) < 1e-12 * rate);
    if (model->history[i].valid_nats < least)
      least = model->history[i].valid_nats;
    else {
      rate *= 0.25;
      cuts++;
    }
  }
  cr_assert_gt(cuts, 3);
  rnn_model_free(model);
  corpus_case_clear(&train);
  corpus_case_clear(&valid);
}

Test(trainer, validates_the_same_on_any_number_of_threads)
{
  struct corpus_case train, valid;
  draw_corpus(&train, RNN_TAG, 50, 20, 1);
  draw_corpus(&valid, RNN_TAG, 333, 60, 2);
  struct rnn_model *model = model_case(&train, "state=11");
  corpus_case_adopt(&valid, model);
  struct rnn_loss one = measure_case(model, &valid.corpus, 1), three = measure_case(model, &valid.corpus, 3);
  cr_assert(one.nats == three.nats && one.correct == three.correct);
  cr_assert_eq(one.terms, rnn_corpus_steps(&valid.corpus));
  rnn_model_free(model);
  corpus_case_clear(&train);
  corpus_case_clear(&valid);
}

/* --- what goes wrong --- */

static bool all_finite(const struct rnn_model *model)
{
  return rnn_vector_all_finite(model->parameters->layout.count, model->parameters->value);
}

#define WILD "state=8 activation=relu optimizer=sgd clip_norm=none schedule=constant epochs=20 batch=8 "

Test(trainer, diverges_after_the_third_time)
{
  struct corpus_case it;
  draw_corpus(&it, RNN_TAG, 30, 10, 1);
  struct rnn_model *model = model_case(&it, WILD), *fresh;
  model->config.learning_rate = 1e30;
  struct training_case happened = train_case(model, &it.corpus, NULL, 1);
  cr_assert_eq(happened.status, RNN_DIVERGED);
  cr_assert_eq(happened.backs, 2);
  cr_assert_not_null(strstr(happened.error.text, "diverged"));
  cr_assert_not_null(strstr(happened.error.text, "2.5e+29"), "the rate of the third time: %s", happened.error.text);
  corpus_case_clear(&it);
  draw_corpus(&it, RNN_TAG, 30, 10, 1);
  fresh = model_case(&it, WILD);
  cr_assert_arr_eq(model->parameters->value, fresh->parameters->value, fresh->parameters->layout.count * sizeof(real));
  rnn_model_free(model);
  rnn_model_free(fresh);
  corpus_case_clear(&it);
}

Test(trainer, goes_back_with_half_the_rate)
{
  struct rnn_model *model[2];
  double rate = 0x1p-6;
  struct training_case happened;
  struct corpus_case it;
  for (;; rate *= 2, rnn_model_free(model[0])) { /* the first rate that is too high */
    cr_assert_lt(rate, 1e6);
    draw_corpus(&it, RNN_TAG, 30, 10, 1);
    model[0] = model_case(&it, WILD);
    model[0]->config.learning_rate = rate;
    happened = train_case(model[0], &it.corpus, NULL, 1);
    corpus_case_clear(&it);
    if (happened.backs > 0)
      break;
  }
  cr_assert_eq(happened.status, RNN_OK);
  cr_assert_eq(happened.backs, 1);
  cr_assert(all_finite(model[0]));
  cr_assert_eq(model[0]->history[0].epoch, 1);
  cr_assert_eq(model[0]->history[0].learning_rate, rate / 2, "the first epoch was begun again");
  draw_corpus(&it, RNN_TAG, 30, 10, 1);
  model[1] = model_case(&it, WILD);
  model[1]->config.learning_rate = rate / 2;
  cr_assert_eq(train_case(model[1], &it.corpus, NULL, 1).backs, 0);
  corpus_case_clear(&it);
  cr_assert_arr_eq(model[0]->parameters->value, model[1]->parameters->value,
                   model[0]->parameters->layout.count * sizeof(real));
  rnn_model_free(model[0]);
  rnn_model_free(model[1]);
}

Test(trainer, needs_targets)
{
  struct corpus_case train, other;
  draw_corpus(&train, RNN_CLASSIFY, 5, 5, 1);
  struct rnn_model *model = model_case(&train, "state=4");
  corpus_case_init(&other, RNN_CLASSIFY);
  corpus_case_add(&other, "a b", "strange");
  corpus_case_adopt(&other, model);
  struct rnn_pool *pool;
  struct rnn_trainer *trainer;
  cr_assert_eq(rnn_pool_create(&pool, 1, &error), RNN_OK);
  cr_assert_eq(rnn_trainer_create(&trainer, model, &other.corpus, NULL, pool, &error), RNN_DATA);
  cr_assert_null(trainer);
  rnn_pool_free(pool);
  rnn_model_free(model);
  corpus_case_clear(&train);
  corpus_case_clear(&other);
}

/* --- step by step --- */

struct course {
  struct corpus_case train, valid;
  struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_trainer *trainer;
  struct rnn_report report;
};

static void start(struct course *course, const char *settings)
{
  draw_corpus(&course->train, RNN_TAG, 100, 20, 1);
  draw_corpus(&course->valid, RNN_TAG, 30, 20, 2);
  course->model = model_case(&course->train, settings);
  corpus_case_adopt(&course->valid, course->model);
  cr_assert_eq(rnn_pool_create(&course->pool, 2, &error), RNN_OK);
  cr_assert_eq(rnn_trainer_create(&course->trainer, course->model, &course->train.corpus, &course->valid.corpus,
                                  course->pool, &error),
               RNN_OK);
}

static enum rnn_event step(struct course *course)
{
  cr_assert_eq(rnn_trainer_step(course->trainer, &course->report, &error), RNN_OK, "%s", error.text);
  return course->report.event;
}

static void end(struct course *course)
{
  rnn_trainer_free(course->trainer);
  rnn_pool_free(course->pool);
  rnn_model_free(course->model);
  corpus_case_clear(&course->train);
  corpus_case_clear(&course->valid);
}

Test(trainer, reports_where_it_is)
{
  struct course course;
  start(&course, "state=6 batch=40 epochs=2 bptt=full patience=none");
  struct rnn_report *report = &course.report;
  for (uint32_t epoch = 1; epoch <= 2; epoch++) {
    for (uint64_t update = 1; update <= 3; update++) {
      cr_assert_eq(step(&course), RNN_EVENT_UPDATE);
      cr_assert(report->epoch == epoch && report->update == 3 * (epoch - 1) + update && report->updates == 6);
      cr_assert_float_eq(report->share, (double)update / 3, 1e-12);
      cr_assert(isfinite(report->nats) && report->learning_rate > 0 && report->retries == 0);
    }
    cr_assert_eq(report->steps, epoch * rnn_corpus_steps(&course.train.corpus));
    cr_assert_eq(step(&course), RNN_EVENT_EPOCH);
    cr_assert(report->epoch_end.epoch == epoch && report->epoch_end.updates == 3 * epoch && report->best);
    cr_assert(isfinite(report->epoch_end.valid_nats) && isfinite(report->epoch_end.valid_accuracy));
    cr_assert_eq(course.model->epochs, epoch);
    cr_assert_arr_eq(&course.model->history[epoch - 1], &report->epoch_end, sizeof report->epoch_end);
  }
  cr_assert_eq(step(&course), RNN_EVENT_DONE);
  cr_assert_eq(step(&course), RNN_EVENT_DONE);
  end(&course);
}

Test(trainer, allocates_nothing_while_it_runs)
{
  struct course course;
  start(&course, "state=6 batch=40 epochs=9 bptt=6 patience=none embedding=4 average=0.9 word_dropout=0.1");
  while (step(&course) != RNN_EVENT_EPOCH) /* the first entry of the history is the last allocation for a while */
    ;
  size_t before = rnn_memory_allocations();
  while (step(&course) != RNN_EVENT_DONE)
    ;
  cr_assert_eq(rnn_memory_allocations(), before);
  cr_assert_eq(course.model->epochs, 9);
  end(&course);
}

Test(trainer, finishes_when_told_with_the_best_so_far)
{
  struct course course;
  start(&course, "state=6 batch=40 epochs=9 bptt=full learning_rate=0.01 average=0");
  size_t count = course.model->parameters->layout.count;
  real *present;
  cr_assert_eq(rnn_memory_new(&present, count, sizeof(real), "a copy", &error), RNN_OK);
  while (step(&course) != RNN_EVENT_EPOCH)
    ;
  rnn_vector_copy(count, course.model->parameters->value, present);
  step(&course);
  cr_assert_arr_neq(course.model->parameters->value, present, count * sizeof(real));
  rnn_trainer_finish(course.trainer);
  cr_assert_arr_eq(course.model->parameters->value, present, count * sizeof(real));
  cr_assert_eq(course.model->best_epoch, 1);
  cr_assert_eq(step(&course), RNN_EVENT_DONE);
  end(&course);

  start(
      &course,
      "state=6 batch=40 epochs=9 bptt=full learning_rate=0.01 average=0"); /* before any validation: the present ones */
  step(&course);
  step(&course);
  rnn_vector_copy(count, course.model->parameters->value, present);
  rnn_trainer_finish(course.trainer);
  cr_assert_arr_eq(course.model->parameters->value, present, count * sizeof(real));
  cr_assert_eq(course.model->best_epoch, 0);
  end(&course);
  rnn_memory_free(present);
}
