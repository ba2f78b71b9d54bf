/* Schedules: the rate by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "schedule.h"

static double rate(enum rnn_schedule_kind schedule, int64_t warmup, uint64_t update, uint32_t epoch, double plateau)
{
  struct rnn_config config = {.learning_rate = 0.4, .decay = 0.5, .schedule = schedule, .warmup_updates = warmup};
  return rnn_schedule_rate(&config, update, 110, epoch, plateau);
}

static void expect(double got, double wanted)
{
  cr_assert(fabs(got - wanted) < 1e-12, "%.17g, expected %.17g", got, wanted);
}

Test(schedule, warmup_rises_to_the_rate)
{
  for (int schedule = RNN_CONSTANT; schedule <= RNN_PLATEAU; schedule++) {
    expect(rate((enum rnn_schedule_kind)schedule, 10, 0, 0, 1), 0.04);
    expect(rate((enum rnn_schedule_kind)schedule, 10, 4, 0, 1), 0.2);
    expect(rate((enum rnn_schedule_kind)schedule, 10, 9, 0, 1), 0.4);
    expect(rate((enum rnn_schedule_kind)schedule, 10, 10, 0, 1), 0.4);
    expect(rate((enum rnn_schedule_kind)schedule, 0, 0, 0, 1), 0.4);
  }
}

Test(schedule, after_the_warmup)
{
  expect(rate(RNN_CONSTANT, 10, 109, 7, 0.25), 0.4);
  expect(rate(RNN_LINEAR, 10, 35, 7, 0.25), 0.3);
  expect(rate(RNN_LINEAR, 10, 109, 7, 0.25), 0.004);
  expect(rate(RNN_COSINE, 10, 60, 7, 0.25), 0.2);
  expect(rate(RNN_COSINE, 10, 35, 7, 0.25), 0.2 * (1 + sqrt(0.5)));
  expect(rate(RNN_EXPONENTIAL, 10, 60, 3, 0.25), 0.05);
  expect(rate(RNN_PLATEAU, 10, 60, 3, 0.25), 0.1);
}

Test(schedule, past_the_end)
{
  expect(rate(RNN_LINEAR, 10, 500, 0, 1), 0);
  expect(rate(RNN_COSINE, 200, 300, 0, 1), 0);
}
