/* Correlations of units. With an indicator of share p it is (mean of s where it holds - mean of s) sqrt(p / (1 - p)) /
 * deviation of s. */
#include "gradient_flow_units.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

static void measure(struct rnn_unit *unit, size_t d, const double *s, size_t steps)
{
  for (size_t j = 0; j < d; j++) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < steps; i++)
      sum += s[i * d + j];
    double mean = sum / (double)steps;
    for (size_t i = 0; i < steps; i++)
      square += (s[i * d + j] - mean) * (s[i * d + j] - mean);
    unit[j] = (struct rnn_unit){
        .unit = j, .mean = mean, .deviation = sqrt(square / (double)steps), .followed = -1, .value = -1};
  }
}

static void follow_place(struct rnn_unit *unit, size_t d, const double *s, size_t steps, const double *place)
{
  double mean = 0, square = 0;
  for (size_t i = 0; i < steps; i++)
    mean += place[i] / (double)steps;
  for (size_t i = 0; i < steps; i++)
    square += (place[i] - mean) * (place[i] - mean) / (double)steps;
  for (size_t j = 0; j < d && square > 0; j++) {
    double product = 0;
    for (size_t i = 0; i < steps; i++)
      product += (s[i * d + j] - unit[j].mean) * (place[i] - mean) / (double)steps;
    if (unit[j].deviation > 0)
      unit[j].correlation = product / (unit[j].deviation * sqrt(square));
  }
}

static enum rnn_status follow(struct rnn_unit *unit, size_t d, const double *s, size_t steps, int thing,
                              const struct rnn_followed *followed, size_t fewest, struct rnn_error *error)
{
  enum rnn_status status;
  double *sum = NULL;
  size_t *count = NULL;
  RNN_TRY(rnn_memory_new(&sum, followed->values, d * sizeof *sum, "sums", error));
  RNN_TRY(rnn_memory_new(&count, followed->values, sizeof *count, "counts", error));
  for (size_t i = 0; i < steps; i++) {
    int32_t value = followed->value[i];
    if (value < 0)
      continue;
    count[value]++;
    for (size_t j = 0; j < d; j++)
      sum[(size_t)value * d + j] += s[i * d + j];
  }
  for (size_t value = 0; value < followed->values; value++) {
    double share = (double)count[value] / (double)steps;
    if (count[value] < fewest || count[value] == steps || count[value] == 0)
      continue;
    for (size_t j = 0; j < d; j++) {
      double more = sum[value * d + j] / (double)count[value] - unit[j].mean;
      double found = unit[j].deviation > 0 ? more * sqrt(share / (1 - share)) / unit[j].deviation : 0;
      if (fabs(found) <= fabs(unit[j].correlation))
        continue;
      unit[j].correlation = found;
      unit[j].followed = thing;
      unit[j].value = (int32_t)value;
    }
  }
out:
  rnn_memory_free(sum);
  rnn_memory_free(count);
  return status;
}

static int compare(const void *a, const void *b)
{
  const struct rnn_unit *p = a, *q = b;
  double x = fabs(p->correlation), y = fabs(q->correlation);
  return x > y ? -1 : x < y ? 1 : p->unit < q->unit ? -1 : 1;
}

enum rnn_status rnn_units_rank(struct rnn_unit *unit, size_t d, const double *s, size_t steps, const double *place,
                               const struct rnn_followed *followed, size_t things, size_t fewest,
                               struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  measure(unit, d, s, steps);
  follow_place(unit, d, s, steps, place);
  for (size_t thing = 0; thing < things; thing++)
    RNN_TRY(follow(unit, d, s, steps, (int)thing, &followed[thing], fewest, error));
  qsort(unit, d, sizeof *unit, compare);
out:
  return status;
}
