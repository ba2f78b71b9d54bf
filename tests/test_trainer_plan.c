/* The order of an epoch: everything once, like lengths together, long texts in as many pieces as a batch has lanes. */
#include <criterion/criterion.h>
#include <string.h>

#include "corpus_case.h"
#include "memory.h"
#include "random.h"
#include "trainer_plan.h"
#include "trainer_shard.h"

static struct rnn_error error;

/* Sequences of these lengths, of whatever symbols. */
static struct rnn_corpus corpus_of(enum rnn_task task, const size_t *length, size_t count)
{
  static const int32_t zero[20000];
  struct rnn_corpus corpus;
  rnn_corpus_init(&corpus, task, 0);
  for (size_t i = 0; i < count; i++) {
    struct rnn_sequence sequence = {.length = length[i], .symbol = zero, .target = zero};
    cr_assert_eq(rnn_corpus_add(&corpus, &sequence, &error), RNN_OK);
  }
  return corpus;
}

static struct rnn_plan *plan_of(const struct rnn_corpus *corpus, const char *settings)
{
  struct rnn_plan *plan;
  struct rnn_config config = config_case(settings);
  cr_assert_eq(rnn_plan_create(&plan, &config, corpus, &error), RNN_OK);
  return plan;
}

/* Each step of the `most` that are read of each sequence is met once. */
static void expect_everything_once(struct rnn_plan *plan, size_t most)
{
  static unsigned char met[100000];
  memset(met, 0, sizeof met);
  for (size_t i = 0; i < plan->batches; i++) {
    size_t lanes;
    const size_t *segment = rnn_plan_batch(plan, i, &lanes);
    cr_assert(lanes > 0 && lanes <= plan->most_lanes);
    for (size_t lane = 0; lane < lanes; lane++) {
      const struct rnn_segment *it = &plan->segment[segment[lane]];
      cr_assert(it->length > 0);
      cr_assert(lane == 0 || it->length <= plan->segment[segment[lane - 1]].length);
      cr_assert(plan->corpus->begin[it->sequence] + it->begin + it->length <= plan->corpus->begin[it->sequence + 1]);
      for (size_t t = 0; t < it->length; t++)
        met[plan->corpus->begin[it->sequence] + it->begin + t]++;
    }
  }
  for (size_t i = 0; i < plan->corpus->count; i++)
    for (size_t step = plan->corpus->begin[i]; step < plan->corpus->begin[i + 1]; step++)
      cr_assert_eq(met[step], step - plan->corpus->begin[i] < most, "sequence %zu", i);
}

enum { MANY = 1000 };

static void draw_lengths(size_t *length, size_t count)
{
  struct rnn_random random;
  rnn_random_init(&random, 5, RNN_PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < count; i++)
    length[i] = rnn_random_below(&random, 60); /* some are empty */
}

Test(trainer_plan, everything_once)
{
  size_t length[MANY];
  draw_lengths(length, MANY);
  static const struct {
    enum rnn_task task;
    const char *settings;
    size_t most;
  } cases[] = {{RNN_TAG, "batch=16 bptt=full max_steps=all", SIZE_MAX},
               {RNN_CLASSIFY, "batch=7 bptt=full max_steps=20", 20},
               {RNN_COMPLETE, "batch=32 bptt=10 max_steps=all", SIZE_MAX},
               {RNN_COMPLETE, "batch=2000 bptt=10 max_steps=all", SIZE_MAX},
               {RNN_COMPLETE, "batch=1 bptt=full max_steps=all", SIZE_MAX}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct rnn_corpus corpus = corpus_of(cases[i].task, length, MANY);
    struct rnn_plan *plan = plan_of(&corpus, cases[i].settings);
    size_t before = rnn_memory_allocations();
    for (uint32_t epoch = 0; epoch < 3; epoch++) {
      rnn_plan_epoch(plan, epoch);
      expect_everything_once(plan, cases[i].most);
    }
    cr_assert_eq(rnn_memory_allocations(), before);
    rnn_plan_free(plan);
    rnn_corpus_clear(&corpus);
  }
}

/* Steps that a batch would waste if its lanes were padded, over the steps there are. */
static double waste(const struct rnn_plan *plan)
{
  size_t padded = 0, steps = 0;
  for (size_t i = 0; i < plan->batches; i++) {
    size_t lanes;
    const size_t *segment = rnn_plan_batch(plan, i, &lanes);
    padded += lanes * plan->segment[segment[0]].length;
    for (size_t lane = 0; lane < lanes; lane++)
      steps += plan->segment[segment[lane]].length;
  }
  return (double)(padded - steps) / (double)steps;
}

Test(trainer_plan, like_lengths_in_an_order_of_their_own_each_epoch)
{
  size_t length[MANY];
  draw_lengths(length, MANY);
  struct rnn_corpus corpus = corpus_of(RNN_TAG, length, MANY);
  struct rnn_plan *plan = plan_of(&corpus, "batch=10 bptt=full max_steps=all"), *again;
  rnn_plan_epoch(plan, 0);
  cr_assert_lt(waste(plan), 0.1);
  size_t lanes, first[10], longest_first = 0;
  memcpy(first, rnn_plan_batch(plan, 0, &lanes), sizeof first);
  for (size_t i = 1; i < plan->batches; i++)
    longest_first += plan->segment[*rnn_plan_batch(plan, i, &lanes)].length <=
                     plan->segment[*rnn_plan_batch(plan, i - 1, &lanes)].length;
  cr_assert(longest_first > plan->batches / 4 && longest_first < plan->batches * 3 / 4, "the batches are not shuffled");
  rnn_plan_epoch(plan, 1);
  cr_assert_arr_neq(first, rnn_plan_batch(plan, 0, &lanes), sizeof first);
  rnn_plan_epoch(plan, 0);
  cr_assert_arr_eq(first, rnn_plan_batch(plan, 0, &lanes), sizeof first, "an epoch is a function of its number");
  again = plan_of(&corpus, "batch=10 bptt=full max_steps=all seed=2");
  rnn_plan_epoch(again, 0);
  cr_assert_arr_neq(first, rnn_plan_batch(again, 0, &lanes), sizeof first);
  rnn_plan_free(plan);
  rnn_plan_free(again);
  rnn_corpus_clear(&corpus);
}

Test(trainer_plan, a_long_text_fills_a_batch)
{
  size_t length[] = {10007, 3, 20};
  struct rnn_corpus corpus = corpus_of(RNN_COMPLETE, length, 3);
  struct rnn_plan *plan = plan_of(&corpus, "batch=8 bptt=25 max_steps=all");
  size_t begins[2] = {0, 0};
  for (uint32_t epoch = 0; epoch < 2; epoch++) {
    rnn_plan_epoch(plan, epoch);
    expect_everything_once(plan, SIZE_MAX);
    size_t pieces = 0;
    for (size_t i = 0; i < plan->segments; i++)
      if (plan->segment[i].sequence == 0) {
        pieces++;
        begins[epoch] += plan->segment[i].begin;
        cr_assert(plan->segment[i].length > 1200 && plan->segment[i].length < 1300);
      }
    cr_assert_eq(pieces, 8);
  }
  cr_assert_neq(begins[0], begins[1], "the cuts do not move");
  cr_assert_lt(rnn_plan_updates(plan), 10007 / 8 / 25 + 5);
  rnn_plan_free(plan);

  plan = plan_of(&corpus, "batch=8 bptt=full max_steps=all");
  rnn_plan_epoch(plan, 0);
  cr_assert_eq(plan->segments, 3, "without tau nothing is cut");
  rnn_plan_free(plan);
  plan = plan_of(&corpus, "batch=8 bptt=10007 max_steps=all");
  rnn_plan_epoch(plan, 0);
  cr_assert_eq(plan->segments, 3, "what fits in a window is not cut");
  rnn_plan_free(plan);
  rnn_corpus_clear(&corpus);
}

Test(trainer_plan, a_few_long_texts_share_the_lanes)
{
  size_t length[] = {1000, 3000, 500, 30, 9000};
  struct rnn_corpus corpus = corpus_of(RNN_COMPLETE, length, 5);
  struct rnn_plan *plan = plan_of(&corpus, "batch=16 bptt=25 max_steps=all");
  rnn_plan_epoch(plan, 3);
  expect_everything_once(plan, SIZE_MAX);
  cr_assert(plan->segments > 12 && plan->segments <= 16);
  for (size_t i = 0; i < plan->segments; i++)
    cr_assert_lt(plan->segment[i].length, 1200);
  rnn_plan_free(plan);
  plan = plan_of(&corpus, "batch=4 bptt=25 max_steps=all"); /* enough of them: none is cut */
  rnn_plan_epoch(plan, 3);
  cr_assert_eq(plan->segments, 5);
  rnn_plan_free(plan);
  rnn_corpus_clear(&corpus);
}

Test(trainer_plan, room_and_updates)
{
  size_t length[] = {5, 9, 0, 7, 2};
  struct rnn_corpus corpus = corpus_of(RNN_CLASSIFY, length, 5);
  struct rnn_plan *plan = plan_of(&corpus, "batch=4 bptt=full max_steps=8");
  cr_assert_eq(rnn_plan_most_steps(plan), 8);
  cr_assert_eq(rnn_plan_most_rows(plan, 2), 8 + 7);
  cr_assert_eq(rnn_plan_most_rows(plan, 16), 8 + 7 + 5 + 2);
  rnn_plan_epoch(plan, 0);
  cr_assert(plan->batches == 1 && rnn_plan_windows(plan, 0) == 1 && rnn_plan_updates(plan) == 1);
  rnn_plan_free(plan);
  plan = plan_of(&corpus, "batch=4 bptt=3 max_steps=all");
  cr_assert_eq(rnn_plan_most_steps(plan), 3);
  cr_assert_eq(rnn_plan_most_rows(plan, 2), 6);
  rnn_plan_epoch(plan, 0);
  cr_assert_eq(rnn_plan_windows(plan, 0), 3);
  cr_assert_eq(rnn_plan_updates(plan), 3, "windows 1 (2 steps), 2 (5), 3 (7 and 9)");
  rnn_plan_free(plan);
  rnn_corpus_clear(&corpus);
}

Test(trainer_shard, count_depends_on_lanes_alone)
{
  cr_assert(rnn_shard_count(1) == 1 && rnn_shard_count(16) == 1 && rnn_shard_count(17) == 2);
  cr_assert(rnn_shard_count(128) == 8 && rnn_shard_count(129) == 8 && rnn_shard_count(5000) == 8);
}
