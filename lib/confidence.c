/* Answers in groups of like probability. */
#include "confidence.h"

#include <math.h>

static const double groups_a_bit = 32;

static size_t group_of(double p)
{
  enum { LAST = RNN_CONFIDENCE_GROUPS - 1 };
  if (!(p > 0))
    return 0;
  double group = p < 1 ? floor(-log2(1 - p) * groups_a_bit) : LAST;
  return group < LAST ? (size_t)group : LAST;
}

void rnn_confidence_add(struct rnn_confidence *confidence, double p, bool right)
{
  size_t i = group_of(p);
  confidence->group[i].answers++;
  confidence->group[i].right += right;
  confidence->group[i].probability += p > 0 ? p : 0;
}

static uint64_t count(const struct rnn_confidence *confidence)
{
  uint64_t answers = 0;
  for (size_t i = 0; i < RNN_CONFIDENCE_GROUPS; i++)
    answers += confidence->group[i].answers;
  return answers;
}

double rnn_confidence_error(const struct rnn_confidence *confidence)
{
  enum { PARTS = 20 };
  double gap[PARTS] = {0}, sum = 0;
  for (size_t i = 0; i < RNN_CONFIDENCE_GROUPS; i++) {
    uint64_t answers = confidence->group[i].answers;
    if (answers == 0)
      continue;
    size_t part = (size_t)(confidence->group[i].probability / (double)answers * PARTS);
    gap[part < PARTS ? part : PARTS - 1] += confidence->group[i].probability - (double)confidence->group[i].right;
  }
  for (size_t part = 0; part < PARTS; part++)
    sum += fabs(gap[part]);
  return sum / (double)count(confidence);
}

struct rnn_coverage rnn_confidence_cover(const struct rnn_confidence *confidence, double share)
{
  double all = (double)count(confidence), answers = 0, right = 0;
  size_t i = RNN_CONFIDENCE_GROUPS;
  while (i > 0 && !(answers > 0 && answers >= share * all)) {
    i--;
    answers += (double)confidence->group[i].answers;
    right += (double)confidence->group[i].right;
  }
  return (struct rnn_coverage){1 - exp2(-(double)i / groups_a_bit), answers / all, right / answers};
}
