/* What is left out, and what it depends on. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "network_case.h"

static struct rnn_error error;

enum { LANES = 24, WIDE = 500 };

static const size_t length[LANES] = {3, 1, 2, 2, 1, 1, 2, 3, 1, 1, 2, 3, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, 1, 2};

static struct network_fixture *create(enum case_input input, enum rnn_task task, double dropout)
{
  struct network_case what = {
      .cell = "elman", .layers = 3, .input = input, .task = task, .d = WIDE, .dropout = dropout};
  return case_create(&what, length, LANES);
}

Test(dropout, leaves_out_the_share_asked_for_and_scales_the_others)
{
  struct network_fixture *fixture = create(CASE_EMBEDDING, RNN_TAG, 0.3);
  struct rnn_dropout *dropout = fixture->tape->dropout;
  rnn_dropout_draw(dropout, fixture->batch);
  size_t out = 0;
  for (size_t i = 0; i < LANES * WIDE; i++) {
    cr_assert(dropout->output[i] == 0 || dropout->output[i] == (real)(1 / 0.7));
    out += dropout->output[i] == 0;
  }
  cr_assert_float_eq((double)out / (LANES * WIDE), 0.3, 4 * sqrt(0.3 * 0.7 / (LANES * WIDE)));
  case_free(fixture);
}

Test(dropout, none_where_every_share_is_zero_or_has_no_place)
{
  struct network_fixture *fixture = create(CASE_EMBEDDING, RNN_TAG, 0);
  cr_assert_null(fixture->tape->dropout);
  case_free(fixture);
  struct network_case one_hot = {.cell = "gru", .layers = 1, .input = CASE_ONE_HOT, .task = RNN_TAG};
  fixture = case_create(&one_hot, length, LANES);
  struct rnn_dropout_shares share = {.input = 0.5, .layer = 0.5};
  cr_assert_eq(rnn_tape_add_dropout(fixture->tape, &fixture->parameters->shape, share, &error), RNN_OK);
  cr_assert_null(fixture->tape->dropout);
  case_free(fixture);
}

static bool differ(const real *a, const real *b)
{
  return memcmp(a, b, WIDE * sizeof *a) != 0;
}

Test(dropout, of_each_sequence_place_epoch_and_seed_is_another)
{
  struct network_fixture *fixture = create(CASE_FRAMES, RNN_CLASSIFY, 0.5);
  struct rnn_dropout *dropout = fixture->tape->dropout;
  real first[WIDE];
  rnn_dropout_draw(dropout, fixture->batch);
  memcpy(first, dropout->output, sizeof first);
  cr_assert(differ(first, dropout->output + WIDE));
  cr_assert(differ(first, dropout->input[1]) && differ(first, dropout->input[2]));
  cr_assert(differ(dropout->input[1], dropout->input[2]));
  rnn_dropout_draw(dropout, fixture->batch);
  cr_assert_not(differ(first, dropout->output));
  dropout->epoch = 1;
  rnn_dropout_draw(dropout, fixture->batch);
  cr_assert(differ(first, dropout->output));
  dropout->epoch = 0;
  dropout->share.seed++;
  rnn_dropout_draw(dropout, fixture->batch);
  cr_assert(differ(first, dropout->output));
  case_free(fixture);
}

/* A symbol's mask does not depend on which others are met with it. */
Test(dropout, of_a_symbol_is_a_function_of_the_symbol_and_the_update)
{
  struct network_fixture *fixture = create(CASE_EMBEDDING, RNN_TAG, 0.5);
  struct rnn_dropout *dropout = fixture->tape->dropout;
  struct rnn_batch *batch = fixture->batch;
  real whole[5][4], alone[4];
  size_t changed = 0;
  rnn_dropout_draw(dropout, batch);
  cr_assert_eq(batch->distinct, 5);
  memcpy(whole, dropout->symbol, sizeof whole);
  for (int32_t symbol = 0; symbol < 5; symbol++) {
    struct rnn_sequence sequence = {.length = 1, .symbol = &symbol, .target = &symbol, .index = 99};
    case_fill(fixture, &sequence, 1);
    dropout->update = 0;
    rnn_dropout_draw(dropout, batch);
    cr_assert_arr_eq(dropout->symbol, whole[symbol], sizeof whole[symbol]);
    memcpy(alone, dropout->symbol, sizeof alone);
    dropout->update = 1;
    rnn_dropout_draw(dropout, batch);
    changed += memcmp(alone, dropout->symbol, sizeof alone) != 0;
  }
  cr_assert(changed >= 3);
  case_free(fixture);
}

Test(dropout, refuses_masks_past_memory)
{
  struct network_fixture *fixture = create(CASE_FRAMES, RNN_TAG, 0);
  struct rnn_dropout_shares share = {.input = 0.5, .layer = 0.5, .output = 0.5};
  struct rnn_dropout *dropout = NULL;
  cr_assert_eq(rnn_dropout_create(&dropout, &fixture->parameters->shape, share, 1, SIZE_MAX / 500 + 1, 1, &error),
               RNN_NO_MEMORY);
  cr_assert_null(dropout);
  case_free(fixture);
}
