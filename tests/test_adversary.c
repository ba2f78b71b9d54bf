/* Vectors moved against the network: how far, and that the loss rises as its gradient says. In both builds. */
#include "adversary.h"

#include <criterion/criterion.h>
#include <math.h>

#include "network_case.h"

static struct rnn_error error;

/* The loss where the vectors of the batch are moved by `share` of their length; *rise is what its gradient foresees. */
static double moved_loss(struct network_fixture *fixture, double share, double *rise)
{
  const struct rnn_shape *shape = &fixture->parameters->shape;
  struct rnn_tape *tape = fixture->tape;
  size_t count = fixture->batch->distinct * shape->e;
  struct rnn_adversary adversary;
  cr_assert_eq(rnn_adversary_init(&adversary, share, shape, fixture->lanes, fixture->batch->distinct, &error), RNN_OK);
  case_forward(fixture, true);
  rnn_bptt(fixture->network, fixture->batch, tape, false, fixture->gradient);
  const real *g = rnn_bptt_dx(shape, tape, fixture->gradient);
  double x_length = 0, r_length = 0;
  rnn_adversary_move(&adversary, count, tape->x, g);
  *rise = 0;
  for (size_t i = 0; i < count; i++) {
    x_length += (double)tape->x[i] * (double)tape->x[i];
    r_length += (double)adversary.r[i] * (double)adversary.r[i];
    *rise += (double)adversary.r[i] * (double)g[i];
  }
  cr_assert_float_eq(sqrt(r_length / x_length), share, 1e-4 * share);
  tape->moved = adversary.r;
  double nats = case_forward(fixture, true);
  tape->moved = NULL;
  rnn_adversary_clear(&adversary);
  return nats;
}

Test(adversary, the_loss_rises_as_its_gradient_says)
{
  for (int task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++)
    for (int words = 0; words < 2; words++) {
      const struct network_case what = {
          .cell = "gru", .layers = 1, .input = words ? CASE_WORDS : CASE_EMBEDDING, .task = (enum rnn_task)task};
      if (!case_input_fits(what.input, what.task))
        continue;
      struct network_fixture *fixture = case_create(&what, (size_t[]){2, 5, 1, 4}, 4);
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
  real r[] = {1, 1};
  const real x[] = {3, 4}, g[] = {0, 0};
  rnn_adversary_move(&(struct rnn_adversary){.share = 0.1, .r = r}, 2, x, g);
  cr_assert(r[0] == 0 && r[1] == 0);
}
