/* Metrics: counts small enough to do by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "metric.h"

static struct rnn_error error;

static struct rnn_metric *create(size_t k)
{
  struct rnn_metric *metric;
  cr_assert_eq(rnn_metric_create(&metric, k, &error), RNN_OK, "%s", error.text);
  return metric;
}

static void expect(double got, double wanted)
{
  cr_assert(isnan(wanted) ? isnan(got) : fabs(got - wanted) < 1e-12, "%.17g, expected %.17g", got, wanted);
}

Test(metric, by_hand)
{
  struct rnn_metric *metric = create(4), *more = create(4);
  rnn_metric_add(metric, 0, 0, 0.1);
  rnn_metric_add(metric, 0, 0, 0.2);
  rnn_metric_add(metric, 0, 1, 0.9);
  rnn_metric_add(metric, 1, 1, 0.3);
  rnn_metric_add(more, 2, 0, 1.5);          /* never predicted */
  rnn_metric_add(more, RNN_ABSENT, 1, 0);   /* a label the model does not know */
  rnn_metric_add(more, 1, RNN_ABSENT, 0.5); /* no answer given */
  rnn_metric_add(more, RNN_ABSENT, RNN_ABSENT, 0);
  rnn_metric_merge(metric, more);
  cr_assert_eq(rnn_metric_count(metric), 8);
  cr_assert_eq(rnn_metric_cell(metric, 0, 0), 2);
  cr_assert_eq(rnn_metric_cell(metric, 4, 1), 1);
  cr_assert_eq(rnn_metric_cell(metric, 1, 4), 1);
  expect(rnn_metric_accuracy(metric), 3.0 / 8);
  expect(rnn_metric_mean_nats(metric), 3.5 / 6);
  expect(rnn_metric_precision(metric, 0), 2.0 / 3);
  expect(rnn_metric_recall(metric, 0), 2.0 / 3);
  expect(rnn_metric_precision(metric, 1), 1.0 / 3);
  expect(rnn_metric_recall(metric, 1), 1.0 / 2);
  expect(rnn_metric_f1(metric, 1), 2.0 / 5);
  expect(rnn_metric_precision(metric, 2), NAN);
  expect(rnn_metric_recall(metric, 2), 0);
  expect(rnn_metric_f1(metric, 2), 0);
  expect(rnn_metric_f1(metric, 3), NAN);
  expect(rnn_metric_macro_f1(metric), (2.0 / 3 + 2.0 / 5 + 0) / 3);
  rnn_metric_free(metric);
  rnn_metric_free(more);
}

Test(metric, of_nothing)
{
  struct rnn_metric *metric = create(2);
  expect(rnn_metric_accuracy(metric), NAN);
  expect(rnn_metric_mean_nats(metric), NAN);
  expect(rnn_metric_macro_f1(metric), NAN);
  rnn_metric_free(metric);
}

enum { STEPS = 6 };

static void expect_entities(const char *const gold[STEPS], const char *const predicted[STEPS],
                            struct rnn_entities wanted)
{
  struct rnn_entities entities = {0};
  rnn_entities_add(&entities, gold, predicted, STEPS);
  cr_assert(entities.gold == wanted.gold && entities.predicted == wanted.predicted &&
                entities.correct == wanted.correct,
            "gold %d predicted %d correct %d", (int)entities.gold, (int)entities.predicted, (int)entities.correct);
}

Test(entities, boundaries_and_types)
{
  static const char *const gold[STEPS] = {"B-a", "I-a", "O", "B-b", "B-b", "I-b"};
  static const char *const type[STEPS] = {"B-a", "I-a", "O", "B-a", "B-b", "I-b"};
  static const char *const short_[STEPS] = {"B-a", "O", "O", "B-b", "B-b", "I-b"};
  static const char *const joined[STEPS] = {"B-a", "I-a", "O", "B-b", "I-b", "I-b"};
  static const char *const none[STEPS] = {"O", "O", NULL, "O", "O", "O"};
  expect_entities(gold, gold, (struct rnn_entities){3, 3, 3});
  expect_entities(gold, type, (struct rnn_entities){3, 3, 2});
  expect_entities(gold, short_, (struct rnn_entities){3, 3, 2});
  expect_entities(gold, joined, (struct rnn_entities){3, 2, 1});
  expect_entities(gold, none, (struct rnn_entities){3, 0, 0});
  expect_entities(none, gold, (struct rnn_entities){0, 3, 0});
}

Test(entities, an_inside_without_a_beginning_begins)
{
  static const char *const gold[STEPS] = {"B-a", "I-a", "B-b", "O", "B-a", "O"};
  static const char *const loose[STEPS] = {"I-a", "I-a", "I-b", "O", "I-a", "O"};
  static const char *const five[STEPS] = {"B-a", "E-a", "S-b", "O", "S-a", "O"};
  expect_entities(gold, loose, (struct rnn_entities){3, 3, 3});
  expect_entities(gold, five, (struct rnn_entities){3, 3, 3});
}

Test(entities, ratios)
{
  struct rnn_entities some = {.gold = 4, .predicted = 2, .correct = 1}, nothing = {0};
  expect(rnn_entities_precision(&some), 0.5);
  expect(rnn_entities_recall(&some), 0.25);
  expect(rnn_entities_f1(&some), 1.0 / 3);
  expect(rnn_entities_precision(&nothing), NAN);
  expect(rnn_entities_recall(&nothing), NAN);
  expect(rnn_entities_f1(&nothing), NAN);
}
