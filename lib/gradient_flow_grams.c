/* Two passes over the n-grams of a text: the first counts the places of each. */
#include "gradient_flow_grams.h"

#include <math.h>
#include <string.h>

#include "memory.h"

struct gram_walk {
  const struct rnn_wide *wide;
  size_t steps;
  int32_t *places; /* [features] where each is met */
  double *share;   /* [steps][classes]; NULL: they are counted */
};

/* An n-gram that ends with the step before `end` and has `length` symbols, the mark before the first among them. */
static void meet(const struct gram_walk *walk, int32_t key, size_t end, size_t length)
{
  const struct rnn_wide *wide = walk->wide;
  size_t feature = rnn_wide_find(wide, key), first = end > length ? end - length : 0;
  if (feature == wide->features)
    return;
  if (walk->share == NULL) {
    walk->places[feature]++;
    return;
  }
  for (size_t t = first; t < end; t++)
    for (size_t j = 0; j < wide->columns; j++)
      walk->share[t * wide->classes + wide->classes - wide->columns + j] +=
          (double)wide->weight[feature * wide->columns + j] / walk->places[feature] / (double)(end - first);
}

static void walk_grams(const struct gram_walk *walk, const int32_t *symbol)
{
  struct rnn_grams grams;
  int32_t key[RNN_WIDE_LONGEST];
  rnn_grams_start(&grams);
  for (size_t t = 0; t < walk->steps; t++) {
    size_t keys = rnn_grams_next(&grams, walk->wide, symbol[t], key);
    for (size_t i = 0; i < keys; i++)
      meet(walk, key[i], t + 1, i + 1);
  }
  size_t keys = rnn_grams_end(&grams, key);
  for (size_t i = 0; i < keys; i++)
    meet(walk, key[i], walk->steps, i + 1);
}

enum rnn_status rnn_gram_shares_find(const struct rnn_wide *wide, const int32_t *symbol, size_t steps, double *share,
                                     struct rnn_error *error)
{
  enum rnn_status status;
  struct gram_walk walk = {.wide = wide, .steps = steps};
  RNN_TRY(rnn_memory_new(&walk.places, wide->features, sizeof *walk.places, "n-grams met", error));
  walk_grams(&walk, symbol);
  memset(share, 0, steps * wide->classes * sizeof *share);
  walk.share = share;
  walk_grams(&walk, symbol);
out:
  rnn_memory_free(walk.places);
  return status;
}

double rnn_gram_mix(const struct rnn_wide *wide, const real *y, const double *z, size_t class, double *p, double *dz)
{
  double greatest = -INFINITY, sum = 0;
  for (size_t j = 0; j < wide->classes; j++) {
    p[j] = rnn_wide_mixed(wide->share, y[j], z[j]);
    greatest = fmax(greatest, p[j]);
  }
  for (size_t j = 0; j < wide->classes; j++)
    sum += exp(p[j] - greatest);
  double all = greatest + log(sum), log_p = p[class] - all;
  for (size_t j = 0; j < wide->classes; j++) {
    p[j] = exp(p[j] - all);
    if (dz != NULL)
      dz[j] = (double)wide->share[0] * ((j == class) - p[j]);
  }
  return log_p;
}
