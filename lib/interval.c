/* Samples of the records, all at once. */
#include "interval.h"

#include <math.h>
#include <stdlib.h>

#include "random.h"

/* How often Poisson(1) draws a record, by a number of 32 bits: 0 with probability 1/e, and so on. */
static unsigned poisson(uint32_t number)
{
  static const double below[] = {0.36787944, 0.73575888, 0.91969860, 0.98101184, 0.99634015, 0.99940582, 0.99991676};
  enum { MOST = sizeof below / sizeof below[0] };
  unsigned times = 0;
  while (times < MOST && (double)number >= below[times] * 0x1p32)
    times++;
  return times;
}

void rnn_interval_add(struct rnn_interval *interval, double part, double whole)
{
  struct rnn_random random;
  rnn_random_init(&random, 1, RNN_PURPOSE_INTERVAL, 0, interval->records++);
  for (size_t i = 0; i < RNN_INTERVAL_SAMPLES; i++) {
    unsigned times = poisson(rnn_random_next(&random));
    interval->part[i] += times * part;
    interval->whole[i] += times * whole;
  }
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void rnn_interval_find(const struct rnn_interval *interval, double *low, double *high)
{
  double ratio[RNN_INTERVAL_SAMPLES];
  size_t count = 0;
  for (size_t i = 0; i < RNN_INTERVAL_SAMPLES; i++)
    if (interval->whole[i] > 0)
      ratio[count++] = interval->part[i] / interval->whole[i];
  qsort(ratio, count, sizeof *ratio, compare);
  *low = count == 0 ? NAN : ratio[count / 40];
  *high = count == 0 ? NAN : ratio[count - 1 - count / 40];
}
