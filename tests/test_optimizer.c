/* Optimizers: the equations of optimizer.h, and rows that are stepped late to the same bits. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "optimizer.h"
#include "random.h"
#include "vector.h"

enum { SYMBOLS = 40, WIDTH = 19, STATE = 7, CLASSES = 3 };

static struct rnn_error error;

static struct rnn_config config_of(enum rnn_optimizer_kind kind)
{
  return (struct rnn_config){.cell = "elman",
                             .activation = RNN_TANH,
                             .state = STATE,
                             .layers = 1,
                             .embedding = WIDTH,
                             .initial_gain = 1,
                             .optimizer = kind,
                             .momentum = 0.9,
                             .beta1 = 0.9,
                             .beta2 = 0.99,
                             .epsilon = 1e-6,
                             .seed = 3};
}

/* Parameters, their optimizer and a gradient to fill. */
struct bench {
  struct rnn_config config;
  struct rnn_parameters *parameters;
  struct rnn_optimizer *optimizer;
  struct rnn_gradient *gradient;
  struct rnn_pool *pool;
};

static struct bench set_up(struct rnn_config config, size_t threads)
{
  struct bench bench = {.config = config};
  struct rnn_shape shape;
  rnn_vector_flush_to_zero();
  cr_assert_eq(rnn_shape_init(&shape, &config, RNN_CLASSIFY, false, SYMBOLS, CLASSES, &error), RNN_OK, "%s",
               error.text);
  cr_assert_eq(rnn_parameters_create(&bench.parameters, &shape, &error), RNN_OK);
  rnn_parameters_randomise(bench.parameters, &config);
  cr_assert_eq(rnn_pool_create(&bench.pool, threads, &error), RNN_OK);
  cr_assert_eq(rnn_optimizer_create(&bench.optimizer, &config, bench.parameters, bench.pool, &error), RNN_OK);
  cr_assert_eq(rnn_gradient_create(&bench.gradient, &bench.parameters->layout, WIDTH, SYMBOLS, &error), RNN_OK);
  return bench;
}

static void tear_down(struct bench *bench)
{
  rnn_optimizer_free(bench->optimizer);
  rnn_parameters_free(bench->parameters);
  rnn_gradient_free(bench->gradient);
  rnn_pool_free(bench->pool);
}

/* The gradient of update `number`: some rows, or, where `whole`, all, those that were not met being zero. */
static void draw_gradient(struct bench *bench, uint32_t number, bool whole)
{
  struct rnn_random random;
  struct rnn_gradient *gradient = bench->gradient;
  rnn_random_init(&random, 1, RNN_PURPOSE_TEST, number, 0);
  rnn_gradient_zero(gradient);
  for (size_t i = 0; i < gradient->dense_count; i++)
    gradient->dense[i] = (real)rnn_random_normal(&random);
  for (int32_t row = 0; row < SYMBOLS; row++) {
    bool met = row > 0 && rnn_random_below(&random, (uint64_t)row) == 0; /* row 0 is never met, the last ones rarely */
    if (!met && !whole)
      continue;
    for (size_t i = 0; i < WIDTH; i++)
      gradient->embedding[gradient->rows * WIDTH + i] = met ? (real)rnn_random_normal(&random) : 0;
    gradient->row_storage[gradient->rows++] = row;
  }
  gradient->row = gradient->row_storage;
}

/* A bench whose rows lag behind against one that steps every row each time; `reads` looks at some rows in between. */
static void expect_same_bits(struct rnn_config config, uint32_t updates, bool reads)
{
  struct bench lazy = set_up(config, 1), dense = set_up(config, 1);
  for (uint32_t update = 0; update < updates; update++) {
    double rate = 0.01 * (1 + update % 7);
    draw_gradient(&lazy, update, false);
    draw_gradient(&dense, update, true);
    if (reads && update % 5 == 0)
      rnn_optimizer_prepare(lazy.optimizer, (int32_t[]){0, 17, 39}, 3);
    rnn_optimizer_step(lazy.optimizer, lazy.gradient, 4, rate);
    rnn_optimizer_step(dense.optimizer, dense.gradient, 4, rate);
  }
  size_t count = lazy.parameters->layout.count;
  if (config.optimizer != RNN_SGD && updates < 1000)
    cr_assert_arr_neq(lazy.parameters->value, dense.parameters->value, count * sizeof(real), "nothing lagged behind");
  rnn_optimizer_prepare_all(lazy.optimizer);
  cr_assert_arr_eq(lazy.parameters->value, dense.parameters->value, count * sizeof(real));
  rnn_optimizer_swap_average(lazy.optimizer);
  rnn_optimizer_swap_average(dense.optimizer);
  cr_assert_arr_eq(lazy.parameters->value, dense.parameters->value, count * sizeof(real));
  tear_down(&lazy);
  tear_down(&dense);
}

Test(optimizer, late_rows_have_the_bits_of_dense_ones)
{
  for (int kind = RNN_SGD; kind <= RNN_ADAM; kind++)
    for (int extras = 0; extras < 4; extras++) {
      struct rnn_config config = config_of((enum rnn_optimizer_kind)kind);
      config.weight_decay = extras & 1 ? 0.01 : 0;
      config.average = extras & 2 ? 0.99 : 0;
      expect_same_bits(config, 200, true);
      expect_same_bits(config, 200, false);
    }
}

Test(optimizer, late_rows_over_very_many_updates)
{
  struct rnn_config config = config_of(RNN_ADAM);
  config.weight_decay = 0.01;
  config.average = 0.99;
  expect_same_bits(config, 2100, false);
}

/* One parameter by the equations, in double. */
struct single {
  double p, m, v, q;
};

static void step_single(struct single *x, const struct rnn_config *config, double g, double rate, double t, bool decays)
{
  double average = fmin(config->average, (1 + t) / (10 + t));
  if (decays)
    x->p -= rate * config->weight_decay * x->p;
  if (config->optimizer == RNN_SGD)
    x->p -= rate * g;
  if (config->optimizer == RNN_MOMENTUM) {
    x->v = config->momentum * x->v + g;
    x->p -= rate * x->v;
  }
  if (config->optimizer == RNN_ADAM) {
    x->m = config->beta1 * x->m + (1 - config->beta1) * g;
    x->v = config->beta2 * x->v + (1 - config->beta2) * g * g;
    x->p -= rate / (1 - pow(config->beta1, t)) * x->m / (sqrt(x->v / (1 - pow(config->beta2, t))) + config->epsilon);
  }
  x->q += (1 - average) * (x->p - x->q);
}

static void expect_near(double got, double wanted)
{
  cr_assert(fabs(got - wanted) <= 1e-5 * (1 + fabs(wanted)), "%.9g, expected %.9g", got, wanted);
}

/* Follows an element of a matrix, of a vector, and of the embedding. */
static void expect_equations(struct rnn_config config)
{
  struct bench bench = set_up(config, 1);
  const struct rnn_layout *layout = &bench.parameters->layout;
  size_t at[3] = {layout->v + 5, layout->c + 1, layout->embedding + 2 * WIDTH + 18};
  struct single x[3] = {0};
  for (int i = 0; i < 3; i++)
    x[i].p = x[i].q = (double)bench.parameters->value[at[i]];
  for (uint32_t update = 0; update < 20; update++) {
    draw_gradient(&bench, update, true);
    double g[3] = {(double)bench.gradient->dense[at[0]], (double)bench.gradient->dense[at[1]],
                   (double)bench.gradient->embedding[2 * WIDTH + 18]};
    rnn_optimizer_step(bench.optimizer, bench.gradient, 8, 0.02);
    for (int i = 0; i < 3; i++) {
      step_single(&x[i], &config, g[i] / 8, 0.02, update + 1, i != 1);
      expect_near((double)bench.parameters->value[at[i]], x[i].p);
    }
  }
  rnn_optimizer_swap_average(bench.optimizer);
  for (int i = 0; i < 3; i++)
    expect_near((double)bench.parameters->value[at[i]], config.average > 0 ? x[i].q : x[i].p);
  tear_down(&bench);
}

Test(optimizer, equations)
{
  for (int kind = RNN_SGD; kind <= RNN_ADAM; kind++) {
    struct rnn_config config = config_of((enum rnn_optimizer_kind)kind);
    expect_equations(config);
    config.weight_decay = 0.5;
    config.average = 0.7;
    expect_equations(config);
  }
}

Test(optimizer, clips_the_mean_gradient_by_its_global_norm)
{
  struct rnn_config config = config_of(RNN_SGD);
  config.clip_norm = 2;
  struct bench bench = set_up(config, 1);
  size_t v = bench.parameters->layout.v, embedding = bench.parameters->layout.embedding;
  real before[2] = {bench.parameters->value[v], bench.parameters->value[embedding + WIDTH]};
  rnn_gradient_zero(bench.gradient);
  bench.gradient->dense[v] = 30;
  bench.gradient->embedding[0] = 40;
  bench.gradient->row_storage[0] = 1;
  bench.gradient->rows = 1;
  struct rnn_update update = rnn_optimizer_step(bench.optimizer, bench.gradient, 10, 0.1);
  expect_near(update.gradient_norm, 5);
  cr_assert(update.clipped);
  expect_near((double)bench.parameters->value[v], (double)before[0] - 0.1 * 3 * 2 / 5);
  expect_near((double)bench.parameters->value[embedding + WIDTH], (double)before[1] - 0.1 * 4 * 2 / 5);
  update = rnn_optimizer_step(bench.optimizer, bench.gradient, 50, 0.1);
  expect_near(update.gradient_norm, 1);
  cr_assert_not(update.clipped);
  tear_down(&bench);
}

Test(optimizer, refuses_what_is_not_finite)
{
  struct bench bench = set_up(config_of(RNN_ADAM), 1), kept = set_up(config_of(RNN_ADAM), 1);
  real bad[] = {NAN, INFINITY, -INFINITY};
  size_t bytes = bench.parameters->layout.count * sizeof(real);
  for (size_t i = 0; i < 3; i++) {
    draw_gradient(&bench, 1, false);
    bench.gradient->embedding[bench.gradient->rows * WIDTH - 1] = bad[i];
    cr_assert_not(isfinite(rnn_optimizer_step(bench.optimizer, bench.gradient, 4, 0.1).gradient_norm));
    cr_assert_arr_eq(bench.parameters->value, kept.parameters->value, bytes);
  }
  draw_gradient(&bench, 1, false);
  rnn_optimizer_step(bench.optimizer, bench.gradient, 0, 0.1); /* no targets */
  cr_assert_arr_eq(bench.parameters->value, kept.parameters->value, bytes);
  rnn_optimizer_step(bench.optimizer, bench.gradient, 4, 0.1); /* and the state is as new */
  draw_gradient(&kept, 1, false);
  rnn_optimizer_step(kept.optimizer, kept.gradient, 4, 0.1);
  cr_assert_arr_eq(bench.parameters->value, kept.parameters->value, bytes);
  tear_down(&bench);
  tear_down(&kept);
}

Test(optimizer, goes_back_to_a_snapshot)
{
  struct rnn_config config = config_of(RNN_ADAM);
  config.average = 0.9;
  struct bench bench = set_up(config, 1), other = set_up(config, 1);
  struct rnn_optimizer *snapshot = other.optimizer;
  size_t count = bench.parameters->layout.count;
  for (uint32_t update = 0; update < 30; update++) {
    draw_gradient(&bench, update, false);
    rnn_optimizer_step(bench.optimizer, bench.gradient, 4, 0.01);
  }
  struct rnn_parts now = {0}, good = {0};
  cr_assert_eq(rnn_optimizer_parts(bench.optimizer, "now", &now, &error), RNN_OK);
  cr_assert_eq(rnn_optimizer_parts(snapshot, "good", &good, &error), RNN_OK);
  rnn_optimizer_prepare_all(bench.optimizer);
  rnn_parts_copy(&now, &good);
  rnn_optimizer_resume(snapshot);
  real *end[2];
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t update = 30; update < 60; update++) {
      draw_gradient(&bench, update, false);
      rnn_optimizer_step(bench.optimizer, bench.gradient, 4, 0.01);
    }
    rnn_optimizer_prepare_all(bench.optimizer);
    cr_assert_eq(rnn_memory_new(&end[pass], count, sizeof(real), "a copy", &error), RNN_OK);
    rnn_vector_copy(count, bench.parameters->value, end[pass]);
    rnn_parts_copy(&good, &now);
    rnn_optimizer_resume(bench.optimizer);
  }
  cr_assert_arr_eq(end[0], end[1], count * sizeof(real));
  for (uint32_t update = 30; update < 60; update++) { /* the other steps its own parameters */
    draw_gradient(&other, update, false);
    rnn_optimizer_step(snapshot, other.gradient, 4, 0.01);
  }
  rnn_optimizer_prepare_all(snapshot);
  cr_assert_arr_eq(end[0], other.parameters->value, count * sizeof(real));
  rnn_memory_free(end[0]);
  rnn_memory_free(end[1]);
  tear_down(&bench);
  tear_down(&other);
}

Test(optimizer, begins_anew)
{
  struct rnn_config config = config_of(RNN_ADAM);
  config.average = 0.9;
  struct bench used = set_up(config, 1), fresh = set_up(config, 1);
  size_t count = used.parameters->layout.count;
  real *first;
  cr_assert_eq(rnn_memory_new(&first, count, sizeof(real), "a copy", &error), RNN_OK);
  rnn_vector_copy(count, used.parameters->value, first);
  for (uint32_t update = 0; update < 30; update++) {
    draw_gradient(&used, update, false);
    rnn_optimizer_step(used.optimizer, used.gradient, 4, 0.01);
  }
  cr_assert(memcmp(first, used.parameters->value, count * sizeof(real)) != 0);
  rnn_vector_copy(count, first, used.parameters->value);
  rnn_optimizer_restart(used.optimizer);
  struct bench *both[] = {&used, &fresh};
  for (int i = 0; i < 2; i++) {
    for (uint32_t update = 30; update < 60; update++) {
      draw_gradient(both[i], update, false);
      rnn_optimizer_step(both[i]->optimizer, both[i]->gradient, 4, 0.01);
    }
    rnn_optimizer_prepare_all(both[i]->optimizer);
    rnn_optimizer_swap_average(both[i]->optimizer);
  }
  cr_assert_arr_eq(used.parameters->value, fresh.parameters->value, count * sizeof(real));
  rnn_memory_free(first);
  tear_down(&used);
  tear_down(&fresh);
}

Test(optimizer, allocates_nothing_and_minds_no_threads)
{
  struct rnn_config config = config_of(RNN_ADAM);
  config.clip_norm = 0.5;
  config.state = 300; /* several pieces */
  struct bench one = set_up(config, 1), three = set_up(config, 3);
  size_t before = rnn_memory_allocations();
  for (uint32_t update = 0; update < 10; update++) {
    draw_gradient(&one, update, false);
    draw_gradient(&three, update, false);
    rnn_optimizer_step(one.optimizer, one.gradient, 4, 0.01);
    rnn_optimizer_step(three.optimizer, three.gradient, 4, 0.01);
  }
  cr_assert_eq(rnn_memory_allocations(), before);
  cr_assert_arr_eq(one.parameters->value, three.parameters->value, one.parameters->layout.count * sizeof(real));
  tear_down(&one);
  tear_down(&three);
}
