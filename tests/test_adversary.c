/* Vectors moved against the network: how far, and that the loss rises as its gradient says. In both builds. */
#include "adversary.h"

#include <criterion/criterion.h>
#include <math.h>

#include "network_case.h"

static struct rnn_error error;

/* |m| of one lane of a batch that tells its rows apart. */
static double lane_length(const struct rnn_batch *batch, size_t lane, size_t e, const real *m)
{
  double sum = 0;
  for (size_t t = 0; t < batch->length[lane]; t++) {
    int32_t place = batch->row_distinct[rnn_batch_row(batch, t, lane)];
    for (size_t i = 0; i < e && place != RNN_ABSENT; i++)
      sum += (double)m[(size_t)place * e + i] * (double)m[(size_t)place * e + i];
  }
  return sqrt(sum);
}

/* The loss where each sequence's vectors are moved by `share` of their length; *rise is what its gradient foresees. */
static double moved_loss(struct network_fixture *fixture, double share, double *rise)
{
  const struct rnn_shape *shape = &fixture->parameters->shape;
  const struct rnn_batch *batch = fixture->batch;
  struct rnn_tape *tape = fixture->tape;
  struct rnn_adversary adversary;
  cr_assert_eq(rnn_adversary_init(&adversary, share, shape, fixture->lanes, batch->rows, &error), RNN_OK);
  case_forward(fixture, true);
  rnn_bptt(fixture->network, batch, tape, false, fixture->gradient);
  rnn_adversary_move(&adversary, batch, shape->e, tape->x, tape->dx);
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    double x = lane_length(batch, lane, shape->e, tape->x), r = lane_length(batch, lane, shape->e, adversary.r);
    bool learns = lane_length(batch, lane, shape->e, tape->dx) > 0;
    cr_assert_float_eq(r, learns ? share * x : 0, 1e-4 * share * x, "lane %zu: %g of %g", lane, r, x);
  }
  *rise = 0;
  for (size_t i = 0; i < batch->distinct * shape->e; i++)
    *rise += (double)adversary.r[i] * (double)tape->dx[i];
  tape->moved = adversary.r;
  double nats = case_forward(fixture, true);
  tape->moved = NULL;
  rnn_adversary_clear(&adversary);
  return nats;
}

static const size_t LENGTH[] = {2, 5, 1, 4};

Test(adversary, the_loss_rises_as_its_gradient_says)
{
  for (int task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++)
    for (int words = 0; words < 2; words++) {
      const struct network_case what = {.cell = "gru",
                                        .layers = 1,
                                        .input = words ? CASE_WORDS : CASE_EMBEDDING,
                                        .task = (enum rnn_task)task,
                                        .apart = true};
      if (!case_input_fits(what.input, what.task))
        continue;
      struct network_fixture *fixture = case_create(&what, LENGTH, 4);
      double nats = case_forward(fixture, true), rise, far_rise;
      double near = moved_loss(fixture, 1e-3, &rise) - nats, far = moved_loss(fixture, 0.5, &far_rise) - nats;
      cr_assert_gt(rise, 0);
      cr_assert_float_eq(near, rise, 0.02 * rise, "%s: %g, not %g", case_name(&what), near, rise);
      cr_assert_gt(far, near, "%s", case_name(&what));
      case_free(fixture);
    }
}

Test(adversary, without_a_gradient_nothing_moves)
{
  const struct network_case what = {
      .cell = "elman", .layers = 1, .input = CASE_EMBEDDING, .task = RNN_CLASSIFY, .apart = true};
  struct network_fixture *fixture = case_create(&what, LENGTH, 4);
  real r[4 * 12], x[4 * 12];
  const real g[4 * 12] = {0};
  case_random(1, 1, 4 * 12, x);
  case_random(1, 2, 4 * 12, r);
  rnn_adversary_move(&(struct rnn_adversary){.share = 0.1, .r = r}, fixture->batch, 4, x, g);
  for (size_t i = 0; i < fixture->batch->distinct * 4; i++)
    cr_assert(r[i] == 0);
  case_free(fixture);
}

/* A batch that tells its rows apart is the same batch: loss and gradient are those of rows that are one symbol. */
static void compare_apart(const struct network_case *together)
{
  struct network_case what = *together;
  struct network_fixture *fixture[2];
  double nats[2];
  for (int apart = 0; apart < 2; apart++) {
    what.apart = apart == 1;
    fixture[apart] = case_create(&what, LENGTH, 4);
    nats[apart] = case_forward(fixture[apart], true);
    rnn_bptt(fixture[apart]->network, fixture[apart]->batch, fixture[apart]->tape, false, fixture[apart]->gradient);
  }
  const struct rnn_gradient *a = fixture[0]->gradient, *b = fixture[1]->gradient;
  cr_assert_gt(fixture[1]->batch->distinct, fixture[0]->batch->distinct);
  cr_assert_float_eq(nats[0], nats[1], 1e-5 * nats[0], "%s", case_name(&what));
  for (size_t i = 0; i < a->dense_count; i++)
    cr_assert_float_eq(a->dense[i], b->dense[i], 1e-4, "%s", case_name(&what));
  cr_assert_eq(a->rows, b->rows);
  for (size_t i = 0; i < a->rows; i++)
    cr_assert_eq(a->row[i], b->row[i]);
  for (size_t i = 0; i < a->rows * a->e; i++)
    cr_assert_float_eq(a->embedding[i], b->embedding[i], 1e-4, "%s", case_name(&what));
  case_free(fixture[0]);
  case_free(fixture[1]);
}

Test(adversary, rows_told_apart_have_the_gradient_of_rows_together)
{
  static const enum case_input inputs[] = {CASE_EMBEDDING, CASE_TIED, CASE_WORDS};
  for (int task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++)
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
      const struct network_case what = {.cell = "lstm",
                                        .layers = inputs[i] == CASE_TIED ? 1 : 2,
                                        .bidirectional = task != RNN_COMPLETE,
                                        .input = inputs[i],
                                        .task = (enum rnn_task)task,
                                        .dropout = 0.4};
      if (case_input_fits(what.input, what.task))
        compare_apart(&what);
    }
}
