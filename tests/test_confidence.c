/* Calibration, coverage and intervals against what they are by definition. */
#include "confidence.h"

#include <criterion/criterion.h>
#include <math.h>

#include "interval.h"
#include "random.h"

Test(confidence, error_is_the_gap_between_probability_and_truth)
{
  struct rnn_confidence it = {0};
  cr_expect(isnan(rnn_confidence_error(&it)));
  for (int i = 0; i < 10; i++)
    rnn_confidence_add(&it, 0.9, i < 9);
  cr_expect_float_eq(rnn_confidence_error(&it), 0, 1e-12);
  for (int i = 0; i < 10; i++)
    rnn_confidence_add(&it, 0.62, i < 3);
  cr_expect_float_eq(rnn_confidence_error(&it), 0.16, 1e-12, "ten of twenty are 0.32 off");
}

Test(confidence, the_surest_come_first)
{
  struct rnn_confidence it = {0};
  cr_expect(isnan(rnn_confidence_cover(&it, 0.5).accuracy));
  for (int i = 0; i < 60; i++)
    rnn_confidence_add(&it, 0.99999, true);
  for (int i = 0; i < 30; i++)
    rnn_confidence_add(&it, 0.8, i < 20);
  for (int i = 0; i < 10; i++)
    rnn_confidence_add(&it, i == 0 ? NAN : 0.3, false);
  struct rnn_coverage half = rnn_confidence_cover(&it, 0.5), most = rnn_confidence_cover(&it, 0.7),
                      all = rnn_confidence_cover(&it, 1);
  cr_expect_float_eq(half.coverage, 0.6, 1e-12);
  cr_expect_float_eq(half.accuracy, 1, 1e-12);
  cr_expect(half.least_probability <= 0.99999 && half.least_probability > 0.9999);
  cr_expect_float_eq(most.coverage, 0.9, 1e-12);
  cr_expect_float_eq(most.accuracy, 80.0 / 90, 1e-12);
  cr_expect(most.least_probability <= 0.8 && most.least_probability > 0.79);
  cr_expect_float_eq(all.coverage, 1, 1e-12);
  cr_expect_float_eq(all.accuracy, 0.8, 1e-12);
  cr_expect_float_eq(all.least_probability, 0, 1e-12);
}

Test(interval, of_independent_records_is_that_of_the_binomial)
{
  struct rnn_interval it = {0};
  struct rnn_random random;
  double low, high, right = 0;
  enum { RECORDS = 2000 };
  rnn_interval_find(&it, &low, &high);
  cr_expect(isnan(low) && isnan(high));
  rnn_random_init(&random, 7, RNN_PURPOSE_TEST, 0, 0);
  for (int i = 0; i < RECORDS; i++) {
    bool hit = rnn_random_uniform(&random) < 0.9;
    right += hit;
    rnn_interval_add(&it, hit, 1);
  }
  double p = right / RECORDS, deviation = sqrt(p * (1 - p) / RECORDS);
  rnn_interval_find(&it, &low, &high);
  cr_expect_float_eq(low, p - 1.96 * deviation, 0.4 * deviation, "%g", low);
  cr_expect_float_eq(high, p + 1.96 * deviation, 0.4 * deviation, "%g", high);
}

Test(interval, records_count_as_wholes)
{
  struct rnn_interval alone = {0}, bound = {0};
  double low, high, bound_low, bound_high;
  for (int i = 0; i < 1000; i++)
    rnn_interval_add(&alone, i % 2, 1);
  for (int i = 0; i < 50; i++) /* the same targets, twenty to a record, all right or all wrong */
    rnn_interval_add(&bound, i % 2 * 20, 20);
  rnn_interval_find(&alone, &low, &high);
  rnn_interval_find(&bound, &bound_low, &bound_high);
  cr_expect(bound_high - bound_low > 3 * (high - low));
}
