/* Sampled softmax: against the softmax over all classes, its gradient, and the sum it estimates. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "candidates.h"
#include "config.h"
#include "memory.h"
#include "readout.h"

enum { K = 12, WIDE = 5, ROWS = 4 };

static struct rnn_error error;
static const int32_t targets[ROWS] = {3, RNN_ABSENT, 11, 3};

struct fixture {
  struct rnn_parameters *parameters;
  struct rnn_candidates *candidates;
  struct rnn_gradient *gradient;
  real s[ROWS * WIDE], y[ROWS * K], ds[ROWS * WIDE];
};

static void fixture_init(struct fixture *it, size_t draws)
{
  struct rnn_config config;
  struct rnn_shape shape;
  struct rnn_random random;
  rnn_config_init(&config);
  cr_assert_eq(rnn_config_set(&config, "cell", "elman", &error), RNN_OK);
  config.state = WIDE;
  config.layers = 1;
  config.embedding = config.bidirectional = 0;
  config.initial = RNN_INITIAL_UNIFORM;
  cr_assert_eq(rnn_shape_init(&shape, &config, RNN_COMPLETE, false, K, K, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(rnn_parameters_create(&it->parameters, &shape, &error), RNN_OK);
  rnn_parameters_randomise(it->parameters, &config);
  cr_assert_eq(rnn_candidates_create(&it->candidates, &shape, draws, K - 2, ROWS, &error), RNN_OK);
  cr_assert_eq(rnn_gradient_create(&it->gradient, &it->parameters->layout, 0, 0, &error), RNN_OK);
  rnn_random_init(&random, 3, RNN_PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < ROWS * WIDE; i++)
    it->s[i] = (real)rnn_random_normal(&random);
  for (size_t j = 0; j < K; j++)
    it->parameters->value[it->parameters->layout.c + j] = (real)rnn_random_normal(&random);
}

static void fixture_clear(struct fixture *it)
{
  rnn_gradient_free(it->gradient);
  rnn_candidates_free(it->candidates);
  rnn_parameters_free(it->parameters);
}

static double nats(struct fixture *it)
{
  struct rnn_loss loss = {0};
  rnn_candidates_forward(it->candidates, it->parameters, ROWS, it->s, targets, it->y, &loss);
  cr_assert_eq(loss.terms, 3);
  return loss.nats;
}

static void expect_near(double a, double b, double within, const char *what)
{
  cr_assert(fabs(a - b) <= within * (1 + fabs(b)), "%s: %.12g and %.12g", what, a, b);
}

static const double exact = sizeof(real) == 8 ? 1e-10 : 1e-5;

Test(candidates, drawn_often_enough_they_are_all)
{
  struct fixture it;
  struct rnn_readout readout;
  struct rnn_loss loss = {0};
  struct rnn_gradient *full;
  real y[ROWS * K], ds[ROWS * WIDE];
  fixture_init(&it, 5000);
  cr_assert_eq(rnn_gradient_create(&full, &it.parameters->layout, 0, 0, &error), RNN_OK);
  cr_assert_eq(rnn_readout_init(&readout, it.parameters, true, &error), RNN_OK);
  rnn_readout_pack(&readout);
  rnn_readout_forward(&readout, ROWS, it.s, NULL, targets, y, &loss);
  expect_near(nats(&it), loss.nats, exact, "loss");
  cr_assert_eq(it.candidates->count, K);
  rnn_readout_backward(&readout, ROWS, it.s, NULL, targets, y, ds, full);
  rnn_candidates_backward(it.candidates, it.parameters, ROWS, it.s, it.y, it.ds, it.gradient);
  for (size_t i = 0; i < ROWS * WIDE; i++)
    expect_near((double)it.ds[i], (double)ds[i], exact, "ds");
  for (size_t i = 0; i < full->dense_count; i++)
    expect_near((double)it.gradient->dense[i], (double)full->dense[i], exact, "gradient");
  rnn_readout_clear(&readout);
  rnn_gradient_free(full);
  fixture_clear(&it);
}

static void expect_slope(struct fixture *it, real *parameter, real slope, const char *what)
{
  const double step = 1e-5;
  real kept = *parameter;
  *parameter = (real)((double)kept + step);
  double more = nats(it);
  *parameter = (real)((double)kept - step);
  double less = nats(it);
  *parameter = kept;
  expect_near((double)slope, (more - less) / (2 * step), 1e-7, what);
}

/* Of three draws: classes that are not drawn and no target have no part. */
Test(candidates, gradient_is_the_slope)
{
  struct fixture it;
  if (sizeof(real) != 8)
    return;
  fixture_init(&it, 3);
  it.candidates->update = 5;
  nats(&it);
  cr_assert_lt(it.candidates->count, K);
  rnn_candidates_backward(it.candidates, it.parameters, ROWS, it.s, it.y, it.ds, it.gradient);
  real *value = it.parameters->value;
  for (size_t i = it.parameters->layout.v; i < it.parameters->layout.v + (size_t)K * WIDE; i++)
    expect_slope(&it, &value[i], it.gradient->dense[i], "V");
  for (size_t i = it.parameters->layout.c; i < it.parameters->layout.c + K; i++)
    expect_slope(&it, &value[i], it.gradient->dense[i], "c");
  for (size_t i = 0; i < ROWS * WIDE; i++)
    expect_slope(&it, &it.s[i], it.ds[i], "s");
  fixture_clear(&it);
}

/* exp(L_t + z_c) of the first row is the sum over all classes, on average over draws. */
Test(candidates, the_sum_is_right_on_average)
{
  enum { DRAWINGS = 20000 };
  struct fixture it;
  double z[K], sum = 0, estimate = 0;
  fixture_init(&it, 4);
  const real *v = it.parameters->value + it.parameters->layout.v, *c = it.parameters->value + it.parameters->layout.c;
  for (size_t j = 0; j < K; j++) {
    z[j] = (double)c[j];
    for (size_t i = 0; i < WIDE; i++)
      z[j] += (double)v[j * WIDE + i] * (double)it.s[i];
    sum += exp(z[j]);
  }
  for (uint64_t update = 0; update < DRAWINGS; update++) {
    struct rnn_loss loss = {0};
    it.candidates->update = update;
    rnn_candidates_forward(it.candidates, it.parameters, 1, it.s, targets, it.y, &loss);
    estimate += exp(loss.nats + z[targets[0]]) / DRAWINGS;
  }
  expect_near(estimate, sum, 0.02, "sum");
  fixture_clear(&it);
}

Test(candidates, shares_follow_frequency)
{
  struct fixture it;
  fixture_init(&it, 4);
  double all = 0;
  it.candidates->draws = 1;
  for (size_t j = 0; j < K; j++)
    all += rnn_candidates_share(it.candidates, j);
  expect_near(all, 1, 1e-12, "one draw is one class");
  cr_assert_gt(rnn_candidates_share(it.candidates, K - 2), rnn_candidates_share(it.candidates, K - 1),
               "stop, unknown,");
  cr_assert_gt(rnn_candidates_share(it.candidates, K - 1), rnn_candidates_share(it.candidates, 0), "then the rest");
  cr_assert_gt(rnn_candidates_share(it.candidates, 0), rnn_candidates_share(it.candidates, K - 3));
  fixture_clear(&it);
}
