/* A training that is stopped at any update goes on to the same bytes; what is not its own is refused. */
#include "checkpoint.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "corpus_case.h"
#include "file_case.h"
#include "memory.h"
#include "random.h"

static struct rnn_error error;

/* One training: its data, model and trainer. */
struct training {
  struct corpus_case *train, *valid;
  struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_trainer *trainer;
  struct rnn_checkpoint *checkpoint;
  bool done;
};

static void draw(struct corpus_case *it, enum rnn_task task, size_t count, size_t longest, uint64_t seed)
{
  static const char *const letters[] = {"a", "b", "c", "d", "rare", "e", "f"};
  struct rnn_random random;
  rnn_random_init(&random, seed, RNN_PURPOSE_TEST, 0, 0);
  corpus_case_init(it, task);
  for (size_t i = 0; i < count; i++) {
    char symbols[512] = "", tags[512] = "";
    size_t length = 1 + rnn_random_below(&random, longest);
    for (size_t t = 0; t < length; t++) {
      snprintf(symbols + strlen(symbols), 8, " %s", letters[rnn_random_below(&random, 7)]);
      snprintf(tags + strlen(tags), 8, " %s", letters[rnn_random_below(&random, 3)]);
    }
    corpus_case_add(it, symbols, task == RNN_COMPLETE ? NULL : task == RNN_TAG ? tags : letters[i % 3]);
  }
}

static struct training start(enum rnn_task task, const char *settings, size_t threads)
{
  struct training it = {.done = false};
  it.train = malloc(sizeof *it.train);
  it.valid = malloc(sizeof *it.valid);
  draw(it.train, task, 60, 9, 1);
  draw(it.valid, task, 12, 9, 2);
  it.model = model_case(it.train, settings);
  corpus_case_adopt(it.valid, it.model);
  cr_assert_eq(rnn_pool_create(&it.pool, threads, &error), RNN_OK);
  cr_assert_eq(rnn_trainer_create(&it.trainer, it.model, &it.train->corpus, &it.valid->corpus, it.pool, &error),
               RNN_OK);
  return it;
}

static void end(struct training *it)
{
  rnn_checkpoint_close(it->checkpoint);
  rnn_trainer_free(it->trainer);
  rnn_pool_free(it->pool);
  rnn_model_free(it->model);
  corpus_case_clear(it->train);
  corpus_case_clear(it->valid);
  free(it->train);
  free(it->valid);
}

/* Up to `steps` steps of the trainer; answers how many there were. */
static size_t go(struct training *it, size_t steps)
{
  struct rnn_report report;
  size_t made = 0;
  for (; made < steps && !it->done; made++) {
    cr_assert_eq(rnn_trainer_step(it->trainer, &report, &error), RNN_OK, "%s", error.text);
    it->done = report.event == RNN_EVENT_DONE;
  }
  return made;
}

static void open_checkpoint(struct training *it, const char *path, uint64_t valid_digest)
{
  cr_assert_eq(rnn_checkpoint_open(&it->checkpoint, path, it->model, valid_digest, &error), RNN_OK, "%s", error.text);
}

static enum rnn_status save(struct training *it)
{
  struct rnn_parts parts;
  cr_assert_eq(rnn_trainer_parts(it->trainer, &parts, &error), RNN_OK);
  return rnn_checkpoint_save(it->checkpoint, it->model, &parts, &error);
}

static enum rnn_status load(struct training *it, enum rnn_generation *generation, const char **damage)
{
  struct rnn_parts parts;
  cr_assert_eq(rnn_trainer_parts(it->trainer, &parts, &error), RNN_OK);
  enum rnn_status status = rnn_checkpoint_load(it->checkpoint, it->model, &parts, generation, damage, &error);
  return status == RNN_OK && *generation != RNN_GENERATION_NONE ? rnn_trainer_resume(it->trainer, &error) : status;
}

static void take_up(struct training *it, const char *path)
{
  enum rnn_generation generation;
  const char *damage;
  open_checkpoint(it, path, 7);
  cr_assert_eq(load(it, &generation, &damage), RNN_OK, "%s", error.text);
  cr_assert(generation == RNN_GENERATION_LAST && damage == NULL);
}

static void expect_same(const struct training *a, const struct training *b, const char *what, size_t stop)
{
  const struct rnn_model *one = a->model, *other = b->model;
  size_t bytes = one->parameters->layout.count * sizeof(real);
  cr_assert(a->done && b->done);
  cr_assert_eq(memcmp(one->parameters->value, other->parameters->value, bytes), 0, "%s: stopped after %zu steps", what,
               stop);
  cr_assert_eq(one->epochs, other->epochs);
  cr_assert_eq(one->best_epoch, other->best_epoch);
  for (size_t i = 0; i < one->epochs; i++) { /* not as one block: between these two lies padding */
    size_t rest = sizeof *one->history - offsetof(struct rnn_epoch, updates);
    cr_assert_eq(one->history[i].epoch, other->history[i].epoch);
    cr_assert_eq(memcmp(&one->history[i].updates, &other->history[i].updates, rest), 0);
  }
}

/* ---- resumed = never stopped ---- */

static const struct {
  enum rnn_task task;
  const char *settings;
} courses[] = {
    {RNN_COMPLETE, "state=5 epochs=3 batch=3 learning_rate=0.01 embedding=3 dropout=0.3 bptt=4 average=0.9 cell=lstm "
                   "clip_norm=0.1 schedule=cosine warmup_updates=5 adversarial=0.1"},
    {RNN_TAG, "state=5 epochs=3 batch=3 learning_rate=0.01 embedding=3 dropout=0.2 word_dropout=0.2 min_count=2 "
              "bidirectional=true weight_decay=0.1 schedule=plateau patience=2"},
    {RNN_CLASSIFY,
     "state=5 epochs=3 batch=3 learning_rate=0.1 optimizer=momentum embedding=none start=learned layers=2 "
     "bptt=3 schedule=exponential"},
    {RNN_CLASSIFY, "state=5 epochs=3 batch=3 learning_rate=0.5 optimizer=sgd embedding=4 cell=gru average=0.5 "
                   "patience=1"},
    {RNN_CLASSIFY, "state=4 epochs=3 batch=3 pooling=attention bptt=3 bidirectional=false"},
    {RNN_CLASSIFY, "state=4 epochs=3 batch=20 pooling=mean-max bptt=3 cell=lstm"},
};

Test(checkpoint, stopped_at_every_update_it_ends_in_the_same_bytes, .timeout = 120)
{
  for (size_t i = 0; i < sizeof courses / sizeof courses[0]; i++) {
    struct training whole = start(courses[i].task, courses[i].settings, 1);
    size_t steps = go(&whole, SIZE_MAX);
    cr_assert_gt(steps, 12);
    for (size_t stop = 0; stop < steps; stop++) {
      const char *path = file_path("run.ckpt");
      struct training first = start(courses[i].task, courses[i].settings, 1);
      open_checkpoint(&first, path, 7);
      go(&first, stop);
      cr_assert_eq(save(&first), RNN_OK, "%s", error.text);
      end(&first);
      struct training second = start(courses[i].task, courses[i].settings, 1 + stop % 2);
      take_up(&second, path);
      go(&second, SIZE_MAX);
      expect_same(&whole, &second, courses[i].settings, stop);
      end(&second);
    }
    end(&whole);
  }
}

Test(checkpoint, three_interruptions_in_a_row)
{
  for (size_t i = 0; i < sizeof courses / sizeof courses[0]; i++) {
    const char *path = file_path("run.ckpt");
    struct training whole = start(courses[i].task, courses[i].settings, 1), part;
    go(&whole, SIZE_MAX);
    for (int run = 0; run < 4; run++) {
      part = start(courses[i].task, courses[i].settings, 1);
      if (run == 0)
        open_checkpoint(&part, path, 7);
      else
        take_up(&part, path);
      go(&part, run == 3 ? SIZE_MAX : 13);
      if (run == 3)
        expect_same(&whole, &part, courses[i].settings, 39);
      else
        cr_assert_eq(save(&part), RNN_OK);
      end(&part);
    }
    unlink(path);
    end(&whole);
  }
}

/* It diverges twice, at half the rate each time; the way back crosses the stop. */
Test(checkpoint, a_way_back_that_crosses_a_stop)
{
  static const char settings[] = "state=6 epochs=30 batch=4 activation=relu cell=elman optimizer=sgd "
                                 "schedule=constant clip_norm=none";
  struct training whole = start(RNN_TAG, settings, 1), first = start(RNN_TAG, settings, 1);
  struct rnn_report report;
  enum rnn_status status;
  struct rnn_error wholly, resumed;
  whole.model->config.learning_rate = first.model->config.learning_rate = 1e30;
  while ((status = rnn_trainer_step(whole.trainer, &report, &wholly)) == RNN_OK && report.event != RNN_EVENT_DONE)
    ;
  cr_assert_eq(status, RNN_DIVERGED);
  open_checkpoint(&first, file_path("back.ckpt"), 7);
  do
    cr_assert_eq(rnn_trainer_step(first.trainer, &report, &error), RNN_OK);
  while (report.event != RNN_EVENT_BACK);
  cr_assert_eq(save(&first), RNN_OK);
  end(&first);
  struct training second = start(RNN_TAG, settings, 1);
  second.model->config.learning_rate = 1e30;
  take_up(&second, file_path("back.ckpt"));
  size_t backs = 0;
  while ((status = rnn_trainer_step(second.trainer, &report, &resumed)) == RNN_OK && report.event != RNN_EVENT_DONE)
    backs += report.event == RNN_EVENT_BACK;
  cr_assert_eq(status, RNN_DIVERGED);
  cr_assert_eq(backs, 1);
  cr_assert_str_eq(wholly.text, resumed.text);
  end(&second);
  end(&whole);
}

/* ---- what is not its own ---- */

static void expect_refused(enum rnn_task task, const char *settings, uint64_t valid_digest, enum rnn_status wanted,
                           const char *sentence)
{
  struct training it = start(task, settings, 1);
  enum rnn_generation generation;
  const char *damage;
  open_checkpoint(&it, file_path("run.ckpt"), valid_digest);
  cr_assert_eq(load(&it, &generation, &damage), wanted, "%s: %s", settings, error.text);
  cr_assert_not_null(strstr(error.text, sentence), "'%s' is not in '%s'", sentence, error.text);
  end(&it);
}

Test(checkpoint, of_another_training_is_refused)
{
  static const char settings[] = "state=5 epochs=3 batch=3";
  struct training it = start(RNN_TAG, settings, 1);
  open_checkpoint(&it, file_path("run.ckpt"), 7);
  go(&it, 5);
  cr_assert_eq(save(&it), RNN_OK);
  end(&it);
  expect_refused(RNN_TAG, "state=6 epochs=3 batch=3", 7, RNN_BAD_CONFIG, "'state: 5' there, 'state: 6' here");
  expect_refused(RNN_TAG, "state=5 epochs=4 batch=3", 7, RNN_BAD_CONFIG, "'epochs: 3' there, 'epochs: 4' here");
  expect_refused(RNN_TAG, "state=5 epochs=3 batch=3 seed=2", 7, RNN_BAD_CONFIG, "'seed: 1' there, 'seed: 2' here");
  expect_refused(RNN_TAG, settings, 8, RNN_DATA, "other validation data");
  expect_refused(RNN_COMPLETE, settings, 7, RNN_DATA, "other training data");
  expect_refused(RNN_TAG, "state=5 epochs=3 batch=3 min_count=45", 7, RNN_DATA,
                 "another configuration: 'min_count: 1'");
  /* The same numbers, other words. */
  struct training words = start(RNN_TAG, settings, 1);
  struct rnn_vocabulary *swapped;
  int32_t number;
  size_t length;
  cr_assert_eq(rnn_vocabulary_create(&swapped, &error), RNN_OK);
  for (size_t i = 0; i < rnn_vocabulary_count(words.model->symbols); i++) {
    const char *word = i == 0 ? "other" : rnn_vocabulary_string(words.model->symbols, (int32_t)i, &length);
    cr_assert_eq(rnn_vocabulary_add(swapped, word, strlen(word), &number, &error), RNN_OK);
    rnn_vocabulary_add_frequency(swapped, number, rnn_vocabulary_frequency(words.model->symbols, (int32_t)i));
  }
  rnn_vocabulary_free(words.model->symbols);
  words.model->symbols = swapped;
  enum rnn_generation generation;
  const char *damage;
  open_checkpoint(&words, file_path("run.ckpt"), 7);
  cr_assert_eq(load(&words, &generation, &damage), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "other words or labels"), "%s", error.text);
  end(&words);
  /* Other weights to begin with. */
  struct training weights = start(RNN_TAG, settings, 1);
  weights.model->parameters->value[3] += 1;
  open_checkpoint(&weights, file_path("run.ckpt"), 7);
  cr_assert_eq(load(&weights, &generation, &damage), RNN_DATA);
  end(&weights);
  /* And its own is taken, with another limit of time too. */
  struct training own = start(RNN_TAG, "state=5 epochs=3 batch=3 max_time=10s", 1);
  take_up(&own, file_path("run.ckpt"));
  end(&own);
}

/* ---- generations and the lock ---- */

static void spoil(const char *path)
{
  size_t size;
  char *bytes = file_read(path, &size);
  bytes[size / 2] = (char)(bytes[size / 2] ^ 1);
  file_write(path, bytes, size);
  free(bytes);
}

Test(checkpoint, where_the_last_is_damaged_the_one_before_is_taken)
{
  static const char settings[] = "state=5 epochs=3 batch=3";
  char path[256], previous[320];
  const char *damage;
  enum rnn_generation generation;
  snprintf(path, sizeof path, "%s", file_path("two.ckpt"));
  snprintf(previous, sizeof previous, "%s.previous", path);
  struct training it = start(RNN_TAG, settings, 1);
  open_checkpoint(&it, path, 7);
  cr_assert_eq(load(&it, &generation, &damage), RNN_OK);
  cr_assert_eq(generation, RNN_GENERATION_NONE);
  for (int i = 0; i < 3; i++) {
    go(&it, 4);
    cr_assert_eq(save(&it), RNN_OK);
  }
  end(&it);
  cr_assert_eq(access(previous, F_OK), 0);
  spoil(path);
  for (int missing = 0; missing < 2; missing++) {
    it = start(RNN_TAG, settings, 1);
    open_checkpoint(&it, path, 7);
    cr_assert_eq(load(&it, &generation, &damage), RNN_OK, "%s", error.text);
    cr_assert_eq(generation, RNN_GENERATION_PREVIOUS);
    cr_assert_eq(damage == NULL, missing);
    struct rnn_report report;
    cr_assert_eq(rnn_trainer_step(it.trainer, &report, &error), RNN_OK);
    cr_assert_eq(report.update, 9);
    end(&it);
    unlink(path);
  }
  spoil(previous);
  it = start(RNN_TAG, settings, 1);
  open_checkpoint(&it, path, 7);
  cr_assert_eq(load(&it, &generation, &damage), RNN_DATA);
  end(&it);
}

Test(checkpoint, is_one_run_s_at_a_time)
{
  static const char settings[] = "state=5 epochs=3 batch=3";
  char stray[512];
  snprintf(stray, sizeof stray, "%s.new", file_path("locked.ckpt"));
  file_write(stray, "half", 4);
  struct training one = start(RNN_TAG, settings, 1), two = start(RNN_TAG, settings, 1);
  open_checkpoint(&one, file_path("locked.ckpt"), 7);
  cr_assert_neq(access(stray, F_OK), 0, "what a killed run left is removed");
  cr_assert_eq(rnn_checkpoint_open(&two.checkpoint, file_path("locked.ckpt"), two.model, 7, &error), RNN_CANNOT_CREATE);
  cr_assert_not_null(strstr(error.text, "another run is using it"));
  end(&one);
  open_checkpoint(&two, file_path("locked.ckpt"), 7);
  end(&two);
  snprintf(stray, sizeof stray, "%s.lock", file_path("locked.ckpt"));
  cr_assert_neq(access(stray, F_OK), 0, "the lock goes with the run");
}

/* Positions in which no training stands are refused, whatever else the document says. */
Test(checkpoint, a_position_that_cannot_be_is_refused)
{
  static const char settings[] = "state=5 epochs=3 batch=3 bptt=3";
  static const char *const names[] = {"now.epoch", "now.turn",   "now.window", "now.ended",          "now.best_epoch",
                                      "good.turn", "best.there", "good.epoch", "divergence.retries", "good.window"};
  static const uint64_t numbers[] = {1000, UINT64_MAX, (uint64_t)1 << 32};
  for (size_t n = 0; n < 3; n++)
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
      struct training it = start(RNN_TAG, settings, 1);
      struct rnn_parts parts;
      go(&it, 5);
      cr_assert_eq(rnn_trainer_parts(it.trainer, &parts, &error), RNN_OK);
      size_t found = 0;
      for (size_t p = 0; p < parts.count; p++)
        if (strcmp(parts.part[p].name, names[i]) == 0) {
          memcpy(parts.part[p].data, &numbers[n], sizeof numbers[n]);
          found++;
        }
      cr_assert_eq(found, 1, "%s", names[i]);
      cr_assert_eq(rnn_trainer_resume(it.trainer, &error), RNN_DATA, "%s", names[i]);
      end(&it);
    }
}
