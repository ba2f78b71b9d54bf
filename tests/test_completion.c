/* Completions against listing all there are, and draws against the distribution they are drawn from. */
#include "completion.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "network.h"
#include "predict_case.h"

enum { LETTERS = 3, STEPS = 4, MOST = 200, COUNT = 50 };

static struct rnn_error error;
static const char *const letters[] = {"a", "b", "c", NULL};
static const struct rnn_completion_settings plain = {
    .top = 1, .beam = 1, .most_steps = STEPS, .temperature = 1.0, .stop = RNN_ABSENT, .seed = 1};

static void free_completer(void *completer)
{
  rnn_completer_free(completer);
}

static struct rnn_completer *create(const struct rnn_model *model, const struct rnn_completion_settings *settings,
                                    struct rnn_pool *pool)
{
  struct rnn_completer *completer;
  cr_assert_eq(rnn_completer_create(&completer, model, settings, pool, &error), RNN_OK, "%s", error.text);
  predict_keep(completer, free_completer);
  return completer;
}

static struct rnn_model *make_model(bool unknown)
{
  return predict_model(&(struct predict_case){
      .task = RNN_COMPLETE, .d = 9, .symbols = letters, .unknown = unknown, .learned_start = true, .scale = 1.5});
}

/* ---- the network by hand ---- */

struct hand {
  struct rnn_network *network;
  struct rnn_batch *batch;
  struct rnn_state *state;
  struct rnn_tape *tape;
};

static struct hand hand_create(const struct rnn_model *model)
{
  struct hand hand;
  const struct rnn_shape *shape = &model->parameters->shape;
  cr_assert_eq(rnn_network_create(&hand.network, model->parameters, false, &error), RNN_OK);
  cr_assert_eq(rnn_batch_create(&hand.batch, 1, 100, 100, shape->n, 0, &error), RNN_OK);
  cr_assert_eq(rnn_state_create(&hand.state, shape, 1, &error), RNN_OK);
  cr_assert_eq(rnn_tape_create(&hand.tape, shape, 1, 100, 100, false, &error), RNN_OK);
  return hand;
}

static void hand_free(struct hand *hand)
{
  rnn_network_free(hand->network);
  rnn_batch_free(hand->batch);
  rnn_state_free(hand->state);
  rnn_tape_free(hand->tape);
}

/* y after a sequence, which is read from s_0 on. */
static const real *hand_run(struct hand *hand, const struct rnn_model *model, const int32_t *symbol, size_t length)
{
  struct rnn_sequence sequence = {.length = length, .symbol = symbol, .label = RNN_ABSENT};
  rnn_state_start(hand->state, model->parameters, 0, 1);
  cr_assert_eq(rnn_batch_fill(hand->batch, RNN_COMPLETE, &sequence, 1, false, &error), RNN_OK);
  rnn_network_forward(hand->network, hand->batch, hand->state, hand->tape, true, NULL);
  return hand->tape->y + (length - 1) * rnn_model_classes(model);
}

/* ---- all completions there are ---- */

struct way {
  double log_probability;
  int32_t symbol[STEPS];
  size_t length;
  bool stopped;
};

struct list {
  struct way way[MOST];
  size_t count;
};

/* Adds every way on from `way`, which begins after `read` [given] symbols. */
static void list_ways(struct hand *hand, const struct rnn_model *model, int32_t *read, size_t given, struct way way,
                      struct list *list)
{
  real y[LETTERS + 2];
  if (way.length == STEPS) {
    list->way[list->count++] = way;
    return;
  }
  memcpy(y, hand_run(hand, model, read, given + way.length), rnn_model_classes(model) * sizeof *y);
  for (int32_t j = 0; j <= LETTERS; j++) { /* the stop symbol comes last; the unknown symbol, which follows, never */
    struct way next = way;
    next.log_probability += log((double)y[j]);
    if (j == rnn_model_stop(model)) {
      next.stopped = true;
      list->way[list->count++] = next;
    } else {
      next.symbol[next.length++] = j;
      read[given + way.length] = j;
      list_ways(hand, model, read, given, next, list);
    }
  }
}

static int better_first(const void *a, const void *b)
{
  const struct way *x = a, *y = b;
  return x->log_probability < y->log_probability ? 1 : x->log_probability > y->log_probability ? -1 : 0;
}

static void expect_all(bool unknown)
{
  static struct list list;
  struct rnn_model *model = make_model(unknown);
  struct hand hand = hand_create(model);
  struct rnn_completion_settings settings = plain;
  static const int32_t given[] = {1, RNN_ABSENT, 0};
  int32_t read[3 + STEPS];
  memcpy(read, given, sizeof given);
  list.count = 0;
  list_ways(&hand, model, read, 3, (struct way){.length = 0}, &list);
  qsort(list.way, list.count, sizeof list.way[0], better_first);
  settings.top = MOST;
  struct rnn_sequence prefix = {.length = 3, .symbol = given};
  struct rnn_completer *completer = create(model, &settings, predict_pool(1));
  size_t count;
  cr_assert_eq(rnn_completer_run(completer, &prefix, 1, &error), RNN_OK);
  const struct rnn_completion *found = rnn_completer_result(completer, 0, &count);
  cr_assert_eq(count, list.count);
  cr_assert_eq(count, 121); /* 1 + 3 + 9 + 27 stopped, 81 at the limit */
  for (size_t i = 0; i < count; i++) {
    cr_assert_float_eq(found[i].log_probability, list.way[i].log_probability, 1e-9);
    cr_assert_eq(found[i].length, list.way[i].length);
    cr_assert_eq(found[i].stopped, list.way[i].stopped);
    for (size_t t = 0; t < found[i].length; t++)
      cr_assert_eq(found[i].symbol[t], list.way[i].symbol[t]);
  }
  hand_free(&hand);
}

Test(completion, a_wide_beam_finds_all_in_order)
{
  expect_all(false);
  expect_all(true);
}

/* ---- a beam by hand: every way on is listed and sorted ---- */

enum { WIDEST = 8, LONG = 7 };

struct path {
  double log_probability;
  int32_t symbol[LONG];
  size_t length;
  bool stopped;
};

/* Puts a path behind all that are at least as good; at most `most` stay. */
static void keep_path(struct path *path, size_t *count, size_t most, struct path fresh)
{
  size_t place = *count;
  while (place > 0 && path[place - 1].log_probability < fresh.log_probability)
    place--;
  if (place >= most)
    return;
  if (*count < most)
    ++*count;
  memmove(&path[place + 1], &path[place], (*count - 1 - place) * sizeof *path);
  path[place] = fresh;
}

/* All ways on from the living paths after `given`, best first. */
static size_t list_steps(struct hand *hand, const struct rnn_model *model, int32_t given, const struct path *living,
                         size_t lives, struct path *way)
{
  size_t ways = 0;
  for (size_t i = 0; i < lives; i++) {
    int32_t read[1 + LONG] = {given};
    memcpy(read + 1, living[i].symbol, living[i].length * sizeof *read);
    const real *y = hand_run(hand, model, read, 1 + living[i].length);
    for (int32_t j = 0; j <= LETTERS; j++) {
      struct path next = living[i];
      next.log_probability += log((double)y[j]);
      next.stopped = j == rnn_model_stop(model);
      if (!next.stopped)
        next.symbol[next.length++] = j;
      keep_path(way, &ways, WIDEST * (LETTERS + 1), next);
    }
  }
  return ways;
}

static size_t search_by_hand(struct hand *hand, const struct rnn_model *model, int32_t given, size_t width, size_t top,
                             struct path *done)
{
  struct path living[WIDEST] = {{.length = 0}}, way[WIDEST * (LETTERS + 1)];
  size_t lives = 1, dones = 0;
  for (size_t step = 0; step < LONG && lives > 0; step++) {
    size_t ways = list_steps(hand, model, given, living, lives, way);
    lives = 0;
    for (size_t i = 0; i < ways; i++)
      if (way[i].stopped && i < width)
        keep_path(done, &dones, top, way[i]);
      else if (!way[i].stopped && lives < width)
        living[lives++] = way[i];
    if (dones == top && done[top - 1].log_probability >= living[0].log_probability)
      lives = 0;
  }
  for (size_t i = 0; i < lives; i++)
    keep_path(done, &dones, top, living[i]);
  return dones;
}

static void expect_beam(double scale, size_t width, size_t top)
{
  struct rnn_model *model = predict_model(
      &(struct predict_case){.task = RNN_COMPLETE, .d = 9, .symbols = letters, .unknown = true, .scale = scale});
  struct hand hand = hand_create(model);
  struct rnn_completion_settings settings = plain;
  settings.top = top;
  settings.beam = width;
  settings.most_steps = LONG;
  struct rnn_completer *completer = create(model, &settings, predict_pool(1));
  for (int32_t given = 0; given < LETTERS; given++) {
    struct rnn_sequence prefix = {.length = 1, .symbol = &given};
    struct path done[WIDEST];
    size_t count, wanted = search_by_hand(&hand, model, given, width, top, done);
    cr_assert_eq(rnn_completer_run(completer, &prefix, 1, &error), RNN_OK);
    const struct rnn_completion *found = rnn_completer_result(completer, 0, &count);
    cr_assert_eq(count, wanted, "width %zu, top %zu", width, top);
    for (size_t i = 0; i < count; i++) {
      cr_assert_float_eq(found[i].log_probability, done[i].log_probability, 1e-9, "width %zu, top %zu", width, top);
      cr_assert_eq(found[i].length, done[i].length);
      cr_assert_eq(found[i].stopped, done[i].stopped);
      for (size_t t = 0; t < done[i].length; t++)
        cr_assert_eq(found[i].symbol[t], done[i].symbol[t]);
    }
  }
  hand_free(&hand);
}

Test(completion, a_beam_of_any_width)
{
  static const double scale[] = {0.3, 1.0, 2.5};
  for (size_t i = 0; i < 3; i++)
    for (size_t width = 1; width <= WIDEST; width++)
      for (size_t top = 1; top <= width; top += 2)
        expect_beam(scale[i], width, top);
}

/* Width 1 takes the most probable symbol at each step. */
Test(completion, greedy)
{
  for (int32_t first = 0; first < LETTERS; first++) {
    struct rnn_model *model = make_model(true);
    struct hand hand = hand_create(model);
    struct rnn_completion_settings settings = plain;
    settings.most_steps = 20;
    struct rnn_sequence prefix = {.length = 1, .symbol = &first};
    struct rnn_completer *completer = create(model, &settings, predict_pool(1));
    size_t count;
    cr_assert_eq(rnn_completer_run(completer, &prefix, 1, &error), RNN_OK);
    const struct rnn_completion *found = rnn_completer_result(completer, 0, &count);
    cr_assert_eq(count, 1);
    int32_t read[21] = {first};
    double log_probability = 0;
    for (size_t t = 0; t < 20; t++) {
      const real *y = hand_run(&hand, model, read, t + 1);
      int32_t best = 0;
      for (int32_t j = 1; j <= LETTERS; j++)
        best = y[j] > y[best] ? j : best;
      log_probability += log((double)y[best]);
      if (best == rnn_model_stop(model)) {
        cr_assert(found->stopped);
        cr_assert_eq(found->length, t);
        break;
      }
      cr_assert_gt(found->length, t);
      cr_assert_eq(found->symbol[t], best);
      read[t + 1] = best;
    }
    cr_assert_float_eq(found->log_probability, log_probability, 1e-9);
    hand_free(&hand);
  }
}

/* ---- side by side ---- */

static struct rnn_sequence *make_prefixes(const struct rnn_model *model)
{
  size_t length[COUNT];
  for (size_t i = 0; i < COUNT; i++)
    length[i] = 1 + i * 7 % 30;
  length[7] = 600;
  return predict_sequences(model, length, COUNT);
}

static void expect_same(const struct rnn_completion *a, const struct rnn_completion *b)
{
  cr_assert_eq(a->length, b->length);
  cr_assert_eq(a->stopped, b->stopped);
  cr_assert(memcmp(&a->log_probability, &b->log_probability, sizeof a->log_probability) == 0);
  for (size_t t = 0; t < a->length; t++)
    cr_assert_eq(a->symbol[t], b->symbol[t]);
}

static void expect_alone_as_together(const struct rnn_completion_settings *settings)
{
  struct rnn_model *model = make_model(true);
  struct rnn_sequence *prefix = make_prefixes(model);
  struct rnn_completer *alone = create(model, settings, predict_pool(1));
  for (size_t threads = 1; threads <= 3; threads++) {
    struct rnn_completer *together = create(model, settings, predict_pool(threads));
    cr_assert_eq(rnn_completer_run(together, prefix, COUNT, &error), RNN_OK);
    for (size_t i = 0; i < COUNT; i++) {
      size_t count, wanted;
      cr_assert_eq(rnn_completer_run(alone, &prefix[i], 1, &error), RNN_OK);
      const struct rnn_completion *one = rnn_completer_result(alone, 0, &wanted);
      const struct rnn_completion *other = rnn_completer_result(together, i, &count);
      cr_assert_eq(count, wanted);
      for (size_t j = 0; j < count; j++)
        expect_same(&one[j], &other[j]);
    }
  }
}

Test(completion, alone_as_together)
{
  struct rnn_completion_settings settings = plain;
  settings.most_steps = 12;
  expect_alone_as_together(&settings);
  settings.top = 3;
  settings.beam = 7;
  expect_alone_as_together(&settings);
  settings.top = 100; /* one prefix at a time */
  settings.most_steps = 4;
  expect_alone_as_together(&settings);
  settings.sample = true;
  settings.top = 5;
  expect_alone_as_together(&settings);
}

/* ---- drawing ---- */

enum { DRAWS = 20000 };

/* How often each symbol (the stop symbol is the last) was drawn as the first. */
static void count_draws(const struct rnn_model *model, double temperature, size_t *times)
{
  static int32_t given = 2;
  static struct rnn_sequence prefix[DRAWS];
  struct rnn_completion_settings settings = plain;
  settings.sample = true;
  settings.most_steps = 1;
  settings.temperature = temperature;
  for (size_t i = 0; i < DRAWS; i++)
    prefix[i] = (struct rnn_sequence){.length = 1, .symbol = &given, .index = i};
  struct rnn_completer *completer = create(model, &settings, predict_pool(1));
  cr_assert_eq(rnn_completer_run(completer, prefix, DRAWS, &error), RNN_OK);
  memset(times, 0, (LETTERS + 1) * sizeof *times);
  for (size_t i = 0; i < DRAWS; i++) {
    size_t count;
    const struct rnn_completion *found = rnn_completer_result(completer, i, &count);
    cr_assert_eq(count, 1);
    times[found->length == 0 ? LETTERS : found->symbol[0]]++;
  }
}

static void expect_distribution(double temperature)
{
  struct rnn_model *model = make_model(true);
  struct hand hand = hand_create(model);
  int32_t given = 2;
  size_t times[LETTERS + 1];
  double share[LETTERS + 1], total = 0;
  const real *y = hand_run(&hand, model, &given, 1);
  for (size_t j = 0; j <= LETTERS; j++)
    total += share[j] = pow((double)y[j], 1 / temperature);
  count_draws(model, temperature, times);
  for (size_t j = 0; j <= LETTERS; j++) {
    double wanted = DRAWS * share[j] / total, deviation = sqrt(wanted * (1 - share[j] / total));
    cr_assert_float_eq((double)times[j], wanted, 4 * deviation + 1, "symbol %zu: %zu times, %g expected", j, times[j],
                       wanted);
  }
  hand_free(&hand);
}

Test(completion, draws_follow_the_distribution)
{
  expect_distribution(1.0);
  expect_distribution(0.5);
  expect_distribution(3.0);
}

static const struct rnn_completion *draw_one(uint64_t seed, uint64_t index, size_t top)
{
  static int32_t given = 0;
  struct rnn_completion_settings settings = plain;
  settings.sample = true;
  settings.most_steps = 40;
  settings.seed = seed;
  settings.top = top;
  struct rnn_sequence prefix = {.length = 1, .symbol = &given, .index = index};
  struct rnn_completer *completer = create(make_model(false), &settings, predict_pool(1));
  size_t count;
  cr_assert_eq(rnn_completer_run(completer, &prefix, 1, &error), RNN_OK);
  const struct rnn_completion *found = rnn_completer_result(completer, 0, &count);
  cr_assert_eq(count, top);
  return found;
}

static bool are_same(const struct rnn_completion *a, const struct rnn_completion *b)
{
  return a->length == b->length && memcmp(a->symbol, b->symbol, a->length * sizeof *a->symbol) == 0;
}

Test(completion, draws_are_keyed_by_seed_index_and_number)
{
  const struct rnn_completion *many = draw_one(1, 5, 3), *one = draw_one(1, 5, 1);
  expect_same(&many[0], one); /* the first of three is the only one of one */
  cr_assert(!are_same(&many[0], &many[1]) || !are_same(&many[1], &many[2]));
  size_t differ = 0;
  for (uint64_t other = 2; other < 6; other++)
    differ += (size_t)!are_same(one, draw_one(other, 5, 1)) + (size_t)!are_same(one, draw_one(1, 5 + other, 1));
  cr_assert_gt(differ, 4);
}

/* ---- limits ---- */

Test(completion, a_further_symbol_stops)
{
  struct rnn_completion_settings settings = plain;
  static const int32_t given = 0;
  struct rnn_sequence prefix = {.length = 1, .symbol = &given};
  settings.top = 10;
  settings.stop = 1;
  struct rnn_completer *completer = create(make_model(false), &settings, predict_pool(1));
  size_t count, stopped = 0;
  cr_assert_eq(rnn_completer_run(completer, &prefix, 1, &error), RNN_OK);
  const struct rnn_completion *found = rnn_completer_result(completer, 0, &count);
  for (size_t i = 0; i < count; i++) {
    for (size_t t = 0; t < found[i].length; t++)
      cr_assert_neq(found[i].symbol[t], 1);
    cr_assert(found[i].stopped || found[i].length == STEPS);
    stopped += found[i].stopped;
  }
  cr_assert_eq(count, 10);
  cr_assert_gt(stopped, 0);
}

Test(completion, refuses_settings_that_mean_nothing)
{
  struct rnn_model *model = make_model(false);
  struct rnn_pool *pool = predict_pool(1);
  struct rnn_completer *completer;
  struct rnn_completion_settings settings = plain;
  settings.top = 0;
  cr_assert_eq(rnn_completer_create(&completer, model, &settings, pool, &error), RNN_USAGE);
  settings = plain;
  settings.most_steps = 0;
  cr_assert_eq(rnn_completer_create(&completer, model, &settings, pool, &error), RNN_USAGE);
  settings = plain;
  settings.temperature = 0;
  cr_assert_eq(rnn_completer_create(&completer, model, &settings, pool, &error), RNN_USAGE);
  settings.temperature = NAN;
  cr_assert_eq(rnn_completer_create(&completer, model, &settings, pool, &error), RNN_USAGE);
  settings = plain;
  settings.top = 1000;
  settings.most_steps = (size_t)1 << 30;
  cr_assert_eq(rnn_completer_create(&completer, model, &settings, pool, &error), RNN_USAGE);
  rnn_completer_free(NULL);
}

Test(completion, allocates_nothing_again)
{
  struct rnn_completion_settings settings = plain;
  settings.top = 4;
  settings.most_steps = 30;
  struct rnn_model *model = make_model(true);
  struct rnn_sequence *prefix = make_prefixes(model);
  struct rnn_completer *completer = create(model, &settings, predict_pool(2));
  cr_assert_eq(rnn_completer_run(completer, prefix, COUNT, &error), RNN_OK);
  size_t before = rnn_memory_allocations();
  cr_assert_eq(rnn_completer_run(completer, prefix, COUNT, &error), RNN_OK);
  cr_assert_eq(rnn_memory_allocations(), before);
}
