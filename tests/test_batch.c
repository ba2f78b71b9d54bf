/* Corpora and batches: what goes in comes out, in the places that batch.h draws. */
#include <criterion/criterion.h>
#include <string.h>

#include "batch.h"
#include "memory.h"
#include "random.h"

static struct rnn_error error;

Test(corpus, gives_back_what_was_added)
{
  struct rnn_corpus corpus;
  rnn_corpus_init(&corpus, RNN_TAG, 0);
  cr_assert_eq(rnn_corpus_steps(&corpus), 0);
  int32_t symbol[50], tag[50];
  for (int32_t i = 0; i < 50; i++) {
    for (int32_t t = 0; t < i; t++) {
      symbol[t] = 100 * i + t;
      tag[t] = t - 1;
    }
    struct rnn_sequence sequence = {.length = (size_t)i, .symbol = symbol, .target = tag};
    cr_assert_eq(rnn_corpus_add(&corpus, &sequence, &error), RNN_OK);
  }
  cr_assert_eq(corpus.count, 50);
  cr_assert_eq(rnn_corpus_steps(&corpus), 50 * 49 / 2);
  for (int32_t i = 0; i < 50; i++) {
    struct rnn_sequence sequence = rnn_corpus_sequence(&corpus, (size_t)i);
    cr_assert(sequence.length == (size_t)i && sequence.index == (uint64_t)i && sequence.label == RNN_ABSENT);
    cr_assert_null(sequence.frame);
    for (int32_t t = 0; t < i; t++)
      cr_assert(sequence.symbol[t] == 100 * i + t && sequence.target[t] == t - 1);
  }
  rnn_corpus_clear(&corpus);
  cr_assert_eq(corpus.count, 0);
}

Test(corpus, frames_and_labels)
{
  struct rnn_corpus corpus;
  rnn_corpus_init(&corpus, RNN_CLASSIFY, 3);
  float frame[] = {1, 2, 3, 4, 5, 6};
  struct rnn_sequence two = {.length = 2, .frame = frame, .label = 5}, none = {.length = 0, .label = RNN_ABSENT};
  cr_assert_eq(rnn_corpus_add(&corpus, &none, &error), RNN_OK);
  cr_assert_eq(rnn_corpus_add(&corpus, &two, &error), RNN_OK);
  struct rnn_sequence got = rnn_corpus_sequence(&corpus, 1);
  cr_assert(got.length == 2 && got.label == 5 && got.symbol == NULL && got.target == NULL);
  cr_assert_arr_eq(got.frame, frame, sizeof frame);
  cr_assert_eq(rnn_corpus_sequence(&corpus, 0).length, 0);
  rnn_corpus_clear(&corpus);
}

static struct rnn_batch *create(size_t lanes, size_t steps, size_t rows, size_t symbols, size_t width)
{
  struct rnn_batch *batch;
  cr_assert_eq(rnn_batch_create(&batch, lanes, steps, rows, symbols, width, &error), RNN_OK, "%s", error.text);
  return batch;
}

Test(batch, as_drawn)
{
  int32_t one[] = {7}, three[] = {4, RNN_ABSENT, 7}, two[] = {9, 4}, tags[] = {1, 2, RNN_ABSENT};
  struct rnn_sequence sequence[] = {{.length = 1, .symbol = one, .target = tags, .index = 30},
                                    {.length = 3, .symbol = three, .target = tags, .index = 10},
                                    {.length = 2, .symbol = two, .target = tags, .index = 20}};
  struct rnn_batch *batch = create(3, 3, 6, 10, 0);
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 3, true, &error), RNN_OK, "%s", error.text);
  cr_assert(batch->lanes == 3 && batch->steps == 3 && batch->rows == 6 && batch->targets);
  cr_assert_arr_eq(batch->row_begin, ((size_t[]){0, 3, 5, 6}), 4 * sizeof(size_t));
  cr_assert_arr_eq(batch->lanes_at, ((size_t[]){3, 2, 1}), 3 * sizeof(size_t));
  cr_assert_arr_eq(batch->length, ((size_t[]){3, 2, 1}), 3 * sizeof(size_t));
  cr_assert_arr_eq(batch->order, ((size_t[]){1, 2, 0}), 3 * sizeof(size_t));
  cr_assert_arr_eq(batch->index, ((uint64_t[]){10, 20, 30}), 3 * sizeof(uint64_t));
  cr_assert_arr_eq(batch->symbol, ((int32_t[]){4, 9, 7, RNN_ABSENT, 4, 7}), 6 * sizeof(int32_t));
  cr_assert_arr_eq(batch->target, ((int32_t[]){1, 1, 1, 2, 2, RNN_ABSENT}), 6 * sizeof(int32_t));
  cr_assert_eq(batch->distinct, 3);
  cr_assert_arr_eq(batch->distinct_symbol, ((int32_t[]){4, 7, 9}), 3 * sizeof(int32_t));
  cr_assert_arr_eq(batch->row_distinct, ((int32_t[]){0, 2, 1, RNN_ABSENT, 0, 1}), 6 * sizeof(int32_t));

  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 1, false, &error), RNN_OK); /* nothing of before is left */
  cr_assert(batch->lanes == 1 && batch->rows == 1 && !batch->targets && batch->distinct == 1);
  cr_assert(batch->distinct_symbol[0] == 7 && batch->row_distinct[0] == 0);
  rnn_batch_free(batch);
}

Test(batch, rows_told_apart)
{
  int32_t one[] = {7}, three[] = {4, RNN_ABSENT, 7}, two[] = {9, 4};
  struct rnn_sequence sequence[] = {
      {.length = 1, .symbol = one}, {.length = 3, .symbol = three}, {.length = 2, .symbol = two}};
  struct rnn_batch *batch = create(3, 3, 6, 10, 0);
  cr_assert_eq(rnn_batch_tell_apart(batch, &error), RNN_OK);
  for (int again = 0; again < 2; again++) {
    cr_assert_eq(rnn_batch_fill(batch, RNN_CLASSIFY, sequence, 3, false, &error), RNN_OK, "%s", error.text);
    cr_assert_eq(batch->distinct, 5);
    cr_assert_arr_eq(batch->distinct_symbol, ((int32_t[]){4, 4, 7, 7, 9}), 5 * sizeof(int32_t));
    cr_assert_arr_eq(batch->row_distinct, ((int32_t[]){0, 4, 2, RNN_ABSENT, 1, 3}), 6 * sizeof(int32_t));
  }
  rnn_batch_free(batch);
}

Test(batch, labels_and_frames)
{
  float a[] = {1, 2}, b[] = {3, 4, 5, 6};
  struct rnn_sequence sequence[] = {{.length = 1, .frame = a, .label = 8}, {.length = 2, .frame = b, .label = 9}};
  struct rnn_batch *batch = create(2, 2, 3, 0, 2);
  cr_assert_eq(rnn_batch_fill(batch, RNN_CLASSIFY, sequence, 2, true, &error), RNN_OK, "%s", error.text);
  cr_assert_arr_eq(batch->frame, ((float[]){3, 4, 1, 2, 5, 6}), 6 * sizeof(float));
  cr_assert_arr_eq(batch->target, ((int32_t[]){9, 8}), 2 * sizeof(int32_t));
  rnn_batch_free(batch);
}

Test(batch, random_against_definition)
{
  enum { LANES = 37, STEPS = 20, SYMBOLS = 200 };
  static int32_t symbol[LANES][STEPS];
  struct rnn_sequence sequence[LANES];
  struct rnn_random random;
  rnn_random_init(&random, 1, RNN_PURPOSE_TEST, 0, 0);
  struct rnn_batch *batch = create(LANES, STEPS, LANES * STEPS, SYMBOLS, 0);
  size_t before = rnn_memory_allocations();
  for (int round = 0; round < 20; round++) {
    size_t rows = 0;
    for (size_t i = 0; i < LANES; i++) {
      sequence[i] = (struct rnn_sequence){.length = 1 + rnn_random_below(&random, STEPS), .symbol = symbol[i]};
      rows += sequence[i].length;
      for (size_t t = 0; t < STEPS; t++)
        symbol[i][t] = (int32_t)rnn_random_below(&random, SYMBOLS + 1) - 1;
    }
    cr_assert_eq(rnn_batch_fill(batch, RNN_COMPLETE, sequence, LANES, false, &error), RNN_OK);
    cr_assert_eq(batch->rows, rows);
    for (size_t lane = 0; lane < LANES; lane++) {
      const struct rnn_sequence *from = &sequence[batch->order[lane]];
      cr_assert_eq(batch->length[lane], from->length);
      if (lane > 0)
        cr_assert(batch->length[lane - 1] > from->length ||
                  (batch->length[lane - 1] == from->length && batch->order[lane - 1] < batch->order[lane]));
      for (size_t t = 0; t < from->length; t++) {
        size_t row = rnn_batch_row(batch, t, lane);
        cr_assert_eq(batch->symbol[row], from->symbol[t]);
        int32_t place = batch->row_distinct[row];
        cr_assert(place == RNN_ABSENT ? from->symbol[t] == RNN_ABSENT
                                      : batch->distinct_symbol[place] == from->symbol[t]);
      }
    }
    for (size_t i = 1; i < batch->distinct; i++)
      cr_assert_lt(batch->distinct_symbol[i - 1], batch->distinct_symbol[i]);
  }
  cr_assert_eq(rnn_memory_allocations(), before);
  rnn_batch_free(batch);
}

Test(batch, refuses_what_does_not_fit)
{
  int32_t symbol[] = {1, 2, 3}, strange[] = {10}, negative[] = {-2};
  struct rnn_sequence sequence[] = {{.length = 2, .symbol = symbol}, {.length = 2, .symbol = symbol}};
  struct rnn_batch *batch = create(2, 2, 3, 10, 0);
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 2, false, &error), RNN_BUG, "4 rows");
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 0, false, &error), RNN_BUG, "no lane");
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 1, true, &error), RNN_BUG, "no targets");
  sequence[0].length = 3;
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 1, false, &error), RNN_BUG, "3 steps");
  sequence[0].length = 0;
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 1, false, &error), RNN_BUG, "no step");
  sequence[0] = (struct rnn_sequence){.length = 1, .symbol = strange};
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 1, false, &error), RNN_BUG, "a symbol too high");
  sequence[0].symbol = negative;
  cr_assert_eq(rnn_batch_fill(batch, RNN_TAG, sequence, 1, false, &error), RNN_BUG, "a symbol too low");
  rnn_batch_free(batch);
}
