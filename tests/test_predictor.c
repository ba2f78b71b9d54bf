/* The same sequence gets the same bits whatever stands beside it, however it is cut, whoever runs it. */
#include "predictor.h"

#include <criterion/criterion.h>
#include <string.h>

#include "memory.h"
#include "predict_case.h"
#include "random.h"

enum { COUNT = 70, LONGEST = 530, CLASSES = 16 };

static struct rnn_error error;

/* What came for each sequence: y of every answer, in order. */
struct answers {
  size_t count[COUNT];
  size_t t[COUNT][LONGEST];
  real y[COUNT][LONGEST][CLASSES];
};

struct listener {
  struct answers *answers;
  const size_t *place; /* where sequence i stands in `answers` */
};

static void take(void *context, size_t i, size_t t, size_t k, const real *y)
{
  const struct listener *listener = context;
  struct answers *answers = listener->answers;
  size_t place = listener->place == NULL ? i : listener->place[i], n = answers->count[place]++;
  answers->t[place][n] = t;
  memcpy(answers->y[place][n], y, k * sizeof *y);
}

static void run(struct rnn_predictor *predictor, const struct rnn_sequence *sequence, size_t count, const size_t *place,
                struct answers *answers)
{
  struct listener listener = {answers, place};
  struct rnn_answer answer = {.take = take, .context = &listener};
  cr_assert_eq(rnn_predictor_run(predictor, sequence, count, &answer, &error), RNN_OK, "%s", error.text);
}

static void free_predictor(void *predictor)
{
  rnn_predictor_free(predictor);
}

static struct rnn_predictor *create(const struct rnn_model *model, size_t lanes, struct rnn_pool *pool)
{
  struct rnn_predictor *predictor;
  cr_assert_eq(rnn_predictor_create(&predictor, model, lanes, pool, &error), RNN_OK, "%s", error.text);
  predict_keep(predictor, free_predictor);
  return predictor;
}

/* Unequal ones, one of no steps, one of a window and a half, two past two windows. */
static void lengths(size_t *length)
{
  for (size_t i = 0; i < COUNT; i++)
    length[i] = 1 + i * 37 % 23;
  length[5] = 0;
  length[9] = 300;
  length[11] = LONGEST;
  length[12] = LONGEST;
}

/* Each sequence alone, in a predictor of one lane. */
static void run_alone(const struct rnn_model *model, const struct rnn_sequence *sequence, struct answers *answers)
{
  struct rnn_pool *pool = predict_pool(1);
  struct rnn_predictor *predictor = create(model, 1, pool);
  memset(answers, 0, sizeof *answers);
  for (size_t i = 0; i < COUNT; i++)
    run(predictor, &sequence[i], 1, &i, answers);
}

static void expect_law(const struct predict_case *what)
{
  static struct answers alone, other;
  size_t length[COUNT], place[COUNT];
  struct rnn_model *model = predict_model(what);
  lengths(length);
  struct rnn_sequence *sequence = predict_sequences(model, length, COUNT), shuffled[COUNT];
  run_alone(model, sequence, &alone);
  struct rnn_random random;
  rnn_random_init(&random, 3, RNN_PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < COUNT; i++)
    place[i] = i;
  for (size_t threads = 1; threads <= 3; threads++)
    for (size_t lanes = 1; lanes <= 64; lanes = lanes * 4) {
      struct rnn_pool *pool = predict_pool(threads);
      struct rnn_predictor *predictor = create(model, lanes, pool);
      memset(&other, 0, sizeof other);
      for (size_t i = 0; i < COUNT; i++)
        shuffled[i] = sequence[place[i]];
      run(predictor, shuffled, COUNT, place, &other);
      cr_assert(memcmp(&alone, &other, sizeof alone) == 0, "%zu threads, %zu lanes", threads, lanes);
      rnn_random_shuffle(&random, place, COUNT);
    }
  for (size_t i = 0; i < COUNT; i++) {
    size_t wanted = what->task == RNN_CLASSIFY ? length[i] > 0 : length[i];
    cr_assert_eq(alone.count[i], wanted);
    for (size_t n = 0; n < wanted; n++)
      cr_assert_eq(alone.t[i][n], what->task == RNN_CLASSIFY ? length[i] - 1 : n);
  }
}

Test(predictor, alone_as_in_any_company)
{
  expect_law(&(struct predict_case){.task = RNN_TAG});
  expect_law(&(struct predict_case){.task = RNN_CLASSIFY, .learned_start = true});
  expect_law(&(struct predict_case){.task = RNN_COMPLETE, .one_hot = true});
  expect_law(&(struct predict_case){.task = RNN_CLASSIFY, .frame_width = 3});
  expect_law(&(struct predict_case){.task = RNN_CLASSIFY, .wide = true});
}

Test(predictor, alone_as_in_any_company_deep)
{
  expect_law(&(struct predict_case){.task = RNN_TAG, .cell = "gru", .layers = 2});
  expect_law(&(struct predict_case){.task = RNN_CLASSIFY, .cell = "lstm", .layers = 2, .learned_start = true});
}

Test(predictor, alone_as_in_any_company_in_two_directions)
{
  expect_law(&(struct predict_case){.task = RNN_TAG, .bidirectional = true, .layers = 2});
  expect_law(&(struct predict_case){.task = RNN_CLASSIFY, .bidirectional = true, .cell = "gru"});
}

/* Windows with carried state give what one pass over the whole gives. */
Test(predictor, windows_are_the_whole)
{
  static struct answers windows;
  static const size_t length[] = {LONGEST};
  struct rnn_model *model = predict_model(&(struct predict_case){.task = RNN_TAG, .cell = "lstm"});
  struct rnn_sequence *sequence = predict_sequences(model, length, 1);
  struct rnn_pool *pool = predict_pool(1);
  struct rnn_predictor *predictor = create(model, 4, pool);
  struct rnn_network *network;
  struct rnn_batch *batch;
  struct rnn_state *state;
  struct rnn_tape *tape;
  const struct rnn_shape *shape = &model->parameters->shape;
  run(predictor, sequence, 1, NULL, &windows);
  cr_assert_eq(rnn_network_create(&network, model->parameters, false, &error), RNN_OK);
  cr_assert_eq(rnn_batch_create(&batch, 1, LONGEST, LONGEST, shape->n, 0, &error), RNN_OK);
  cr_assert_eq(rnn_state_create(&state, shape, 1, &error), RNN_OK);
  cr_assert_eq(rnn_tape_create(&tape, shape, 1, LONGEST, LONGEST, false, &error), RNN_OK);
  rnn_state_start(state, model->parameters, 0, 1);
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 1, false, &error), RNN_OK);
  rnn_network_forward(network, batch, state, tape, true, NULL);
  for (size_t t = 0; t < LONGEST; t++)
    cr_assert(memcmp(windows.y[0][t], tape->y + t * shape->k, shape->k * sizeof(real)) == 0, "step %zu", t);
  rnn_tape_free(tape);
  rnn_state_free(state);
  rnn_batch_free(batch);
  rnn_network_free(network);
}

/* Of 60, 20 and 3 symbols at most 21 are read, `head` of them from the beginning: the answers are those to just these. */
static void expect_read(enum rnn_kept kept, size_t head)
{
  enum { MOST = 21 };
  static struct answers cut, whole;
  static const size_t length[] = {60, 20, 3};
  struct rnn_model *model = predict_model(&(struct predict_case){.task = RNN_CLASSIFY});
  struct rnn_sequence *sequence = predict_sequences(model, length, 3), read[3];
  struct rnn_pool *pool = predict_pool(1);
  int32_t symbol[MOST];
  memcpy(read, sequence, sizeof read);
  memcpy(symbol, sequence[0].symbol, head * sizeof *symbol);
  memcpy(symbol + head, sequence[0].symbol + length[0] - (MOST - head), (MOST - head) * sizeof *symbol);
  read[0].symbol = symbol;
  read[0].length = MOST;
  run(create(model, 8, pool), read, 3, NULL, &whole);
  model->config.max_steps = MOST;
  model->config.kept = (int)kept;
  run(create(model, 8, pool), sequence, 3, NULL, &cut);
  for (size_t i = 0; i < 3; i++) {
    cr_assert(memcmp(cut.y[i], whole.y[i], sizeof cut.y[i]) == 0);
    cr_assert_eq(cut.t[i][0], length[i] - 1);
  }
}

Test(predictor, reads_of_max_steps_those_that_are_kept)
{
  expect_read(RNN_KEPT_LAST, 0);
  expect_read(RNN_KEPT_FIRST, 21);
  expect_read(RNN_KEPT_ENDS, 11);
}

static void expect_running(size_t each, bool wide)
{
  static struct answers running, end;
  static const size_t length[] = {LONGEST, 10, 1};
  struct rnn_model *model = predict_model(&(struct predict_case){.task = RNN_CLASSIFY, .wide = wide});
  struct rnn_sequence *sequence = predict_sequences(model, length, 3);
  struct rnn_pool *pool = predict_pool(1);
  struct rnn_predictor *predictor = create(model, 8, pool), *plain = create(model, 8, pool);
  model->config.max_steps = 4; /* is not minded here */
  memset(&running, 0, sizeof running);
  cr_assert_eq(rnn_predictor_each(predictor, each, &error), RNN_OK);
  run(predictor, sequence, 3, NULL, &running);
  model->config.max_steps = 0;
  for (size_t i = 0; i < 3; i++) {
    cr_assert_eq(running.count[i], (length[i] - 1) / each + 1);
    for (size_t n = 0; n < running.count[i]; n++) {
      struct rnn_sequence beginning = sequence[i];
      beginning.length = (n + 1) * each < length[i] ? (n + 1) * each : length[i];
      cr_assert_eq(running.t[i][n], beginning.length - 1);
      memset(&end, 0, sizeof end.count);
      run(plain, &beginning, 1, NULL, &end);
      cr_assert(memcmp(running.y[i][n], end.y[0][0], sizeof end.y[0][0]) == 0);
    }
  }
}

Test(predictor, running_answers_are_those_of_the_beginning)
{
  for (int wide = 0; wide < 2; wide++) {
    expect_running(1, wide);
    expect_running(7, wide);
    expect_running(300, wide);
  }
}

/* A sequence that comes in parts gets the answers of the whole. */
static void expect_parts(const struct predict_case *what)
{
  static struct answers whole, parts;
  static const size_t length[] = {LONGEST}, size[] = {1, 7, 300, 5, 100, LONGEST};
  struct rnn_model *model = predict_model(what);
  struct rnn_sequence *sequence = predict_sequences(model, length, 1);
  struct rnn_pool *pool = predict_pool(2);
  struct rnn_predictor *predictor = create(model, 8, pool);
  struct listener listener = {&parts, NULL};
  struct rnn_answer answer = {.take = take, .context = &listener};
  cr_assert_eq(rnn_predictor_each(predictor, 10, &error), RNN_OK);
  memset(&whole, 0, sizeof whole);
  run(predictor, sequence, 1, NULL, &whole);
  for (size_t round = 0; round < 2; round++) { /* the second sequence begins anew */
    memset(&parts, 0, sizeof parts);
    for (size_t i = 0, before = 0; before < LONGEST; before += size[i++]) {
      struct rnn_sequence part = *sequence;
      if (part.frame != NULL)
        part.frame += before * what->frame_width;
      else
        part.symbol += before;
      part.length = size[i] < LONGEST - before ? size[i] : LONGEST - before;
      cr_assert_eq(rnn_predictor_run_part(predictor, &part, before, &answer, &error), RNN_OK);
    }
    size_t due = 0;
    for (size_t n = 0; n < parts.count[0]; n++) { /* each part ends with an answer, too */
      if ((parts.t[0][n] + 1) % 10 != 0)
        continue;
      cr_assert_eq(parts.t[0][n], whole.t[0][due]);
      cr_assert(memcmp(parts.y[0][n], whole.y[0][due], sizeof whole.y[0][due]) == 0, "step %zu", parts.t[0][n]);
      due++;
    }
    cr_assert_eq(due, LONGEST / 10);
  }
}

Test(predictor, parts_are_the_whole)
{
  expect_parts(&(struct predict_case){.task = RNN_CLASSIFY, .frame_width = 3});
  expect_parts(&(struct predict_case){.task = RNN_CLASSIFY, .wide = true});
}

Test(predictor, refuses_running_answers_that_cannot_be)
{
  struct rnn_pool *pool = predict_pool(1);
  struct rnn_model *tags = predict_model(&(struct predict_case){.task = RNN_TAG});
  struct rnn_model *both = predict_model(&(struct predict_case){.task = RNN_CLASSIFY, .bidirectional = true});
  cr_assert_eq(rnn_predictor_each(create(tags, 1, pool), 1, &error), RNN_USAGE);
  cr_assert_eq(rnn_predictor_each(create(both, 1, pool), 1, &error), RNN_USAGE);
  cr_assert_eq(rnn_predictor_each(create(both, 1, pool), 0, &error), RNN_OK);
}

/* Steps of this many are too many for a bidirectional model, and fine for one direction. */
Test(predictor, long_sequences)
{
  static struct answers answers;
  static const size_t length[] = {2000000};
  struct rnn_pool *pool = predict_pool(1);
  struct rnn_model *both = predict_model(&(struct predict_case){.task = RNN_CLASSIFY, .bidirectional = true, .d = 8});
  struct rnn_model *one = predict_model(&(struct predict_case){.task = RNN_CLASSIFY, .d = 4});
  struct rnn_sequence *sequence = predict_sequences(both, length, 1);
  struct rnn_predictor *predictor = create(both, 4, pool);
  struct listener listener = {&answers, NULL};
  struct rnn_answer answer = {.take = take, .context = &listener};
  cr_assert_lt(rnn_predictor_longest(predictor), length[0]);
  cr_assert_eq(rnn_predictor_run(predictor, sequence, 1, &answer, &error), RNN_DATA);
  cr_assert(strstr(error.text, "2000000 steps") != NULL, "%s", error.text);
  sequence->length = rnn_predictor_longest(predictor);
  run(predictor, sequence, 1, NULL, &answers);
  cr_assert_eq(answers.count[0], 1);
  sequence->length = length[0];
  run(create(one, 4, pool), sequence, 1, NULL, &answers);
  cr_assert_eq(answers.count[0], 2);
}

static void expect_steady(const struct predict_case *what)
{
  static struct answers answers;
  size_t length[COUNT];
  struct rnn_model *model = predict_model(what);
  lengths(length);
  struct rnn_sequence *sequence = predict_sequences(model, length, COUNT);
  struct rnn_predictor *predictor = create(model, 16, predict_pool(2));
  for (size_t round = 0; round < 3; round++) { /* two threads may swap the longest group once */
    memset(answers.count, 0, sizeof answers.count);
    run(predictor, sequence, COUNT, NULL, &answers);
  }
  size_t before = rnn_memory_allocations();
  memset(answers.count, 0, sizeof answers.count);
  run(predictor, sequence, COUNT, NULL, &answers);
  if (!what->bidirectional)
    cr_assert_eq(rnn_memory_allocations(), before);
}

Test(predictor, allocates_nothing_again)
{
  expect_steady(&(struct predict_case){.task = RNN_TAG});
  expect_steady(&(struct predict_case){.task = RNN_CLASSIFY, .frame_width = 4, .cell = "gru"});
}

Test(predictor, nothing_to_predict)
{
  struct rnn_model *model = predict_model(&(struct predict_case){.task = RNN_TAG});
  struct rnn_predictor *predictor = create(model, 3, predict_pool(1));
  run(predictor, NULL, 0, NULL, NULL);
  rnn_predictor_free(NULL);
}
