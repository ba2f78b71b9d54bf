/* Best classes and best sequences against sorting all there are. */
#include "nbest.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "random.h"

enum { STEPS = 5, CLASSES = 4, ALL = 1024 /* CLASSES^STEPS */ };

static struct rnn_error error;

Test(nbest, ranks_with_the_lower_number_first)
{
  static const real y[] = {(real)0.1, (real)0.3, (real)0.2, (real)0.3, (real)0.1};
  struct rnn_ranked ranked[8];
  cr_assert_eq(rnn_rank(5, y, 3, ranked), 3);
  cr_assert_eq(ranked[0].label, 1);
  cr_assert_eq(ranked[1].label, 3);
  cr_assert_eq(ranked[2].label, 2);
  cr_assert_float_eq(ranked[2].probability, 0.2, 1e-7);
  cr_assert_eq(rnn_rank(5, y, 8, ranked), 5);
  cr_assert_eq(ranked[3].label, 0);
  cr_assert_eq(ranked[4].label, 4);
}

static int falling(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? 1 : x > y ? -1 : 0;
}

static void expect_best(size_t most)
{
  struct rnn_nbest *nbest;
  struct rnn_random random;
  real y[STEPS][CLASSES];
  struct rnn_ranked ranked[STEPS][CLASSES], path[STEPS];
  static double product[ALL];
  rnn_random_init(&random, most, RNN_PURPOSE_TEST, 0, 0);
  for (size_t t = 0; t < STEPS; t++)
    for (size_t j = 0; j < CLASSES; j++)
      y[t][j] = (real)(0.01 + rnn_random_uniform(&random));
  for (size_t n = 0; n < ALL; n++) {
    product[n] = 1.0;
    for (size_t t = 0, rest = n; t < STEPS; t++, rest /= CLASSES)
      product[n] *= (double)y[t][rest % CLASSES];
  }
  qsort(product, ALL, sizeof *product, falling);
  size_t width = most < CLASSES ? most : CLASSES, paths;
  struct rnn_ranked *flat = &ranked[0][0];
  for (size_t t = 0; t < STEPS; t++)
    cr_assert_eq(rnn_rank(CLASSES, y[t], width, flat + t * width), width);
  cr_assert_eq(rnn_nbest_create(&nbest, most, &error), RNN_OK);
  cr_assert_eq(rnn_nbest_run(nbest, flat, STEPS, width, &paths, &error), RNN_OK);
  cr_assert_eq(paths, most < ALL ? most : ALL);
  for (size_t i = 0; i < paths; i++) {
    double probability = rnn_nbest_path(nbest, i, path), own = 1.0;
    for (size_t t = 0; t < STEPS; t++) {
      cr_assert_eq(path[t].probability, (double)y[t][path[t].label]);
      own *= path[t].probability;
    }
    cr_assert_float_eq(probability, own, 1e-9 * own);
    cr_assert_float_eq(probability, product[i], 1e-9 * product[i]);
  }
  rnn_nbest_free(nbest);
}

Test(nbest, finds_the_best_sequences)
{
  expect_best(1);
  expect_best(3);
  expect_best(10);
  expect_best(100);
  expect_best(2000);
}

Test(nbest, of_no_steps_there_is_one)
{
  struct rnn_nbest *nbest;
  size_t paths;
  cr_assert_eq(rnn_nbest_create(&nbest, 5, &error), RNN_OK);
  cr_assert_eq(rnn_nbest_run(nbest, NULL, 0, 3, &paths, &error), RNN_OK);
  cr_assert_eq(paths, 1);
  cr_assert_eq(rnn_nbest_path(nbest, 0, NULL), 1.0);
  rnn_nbest_free(nbest);
}
