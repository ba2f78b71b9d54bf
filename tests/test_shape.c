/* Sizes and names of the tensors, their random start, and the state. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "parameters.h"
#include "state.h"

static struct rnn_error error;

static struct rnn_config config_of(const char *cell, int64_t state, int64_t layers, bool bidirectional,
                                   int64_t embedding)
{
  struct rnn_config config = {.state = state,
                              .layers = layers,
                              .bidirectional = bidirectional,
                              .embedding = embedding,
                              .start = RNN_START_LEARNED,
                              .initial = RNN_INITIAL_ORTHOGONAL,
                              .initial_gain = 1,
                              .seed = 1};
  strcpy(config.cell, cell);
  return config;
}

static struct rnn_parameters *create(const struct rnn_config *config, enum rnn_task task, size_t n, size_t k)
{
  struct rnn_shape shape;
  struct rnn_parameters *parameters;
  cr_assert_eq(rnn_shape_init(&shape, config, task, false, n, k, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(rnn_parameters_create(&parameters, &shape, &error), RNN_OK, "%s", error.text);
  return parameters;
}

static void expect(const struct rnn_parameters *parameters, size_t i, const char *name, size_t rows, size_t columns)
{
  const struct rnn_tensor *tensor = &parameters->layout.tensor[i];
  cr_assert_str_eq(tensor->name, name);
  cr_assert(tensor->rows == rows && tensor->columns == columns, "%s is %zu x %zu", name, tensor->rows, tensor->columns);
  cr_assert_eq(rnn_parameters_find(parameters, name), (int)i);
  cr_assert_eq(tensor->offset + rows * columns,
               i + 1 < parameters->layout.tensors ? tensor[1].offset : parameters->layout.count);
}

Test(shape, names_and_sizes_of_all_tensors)
{
  struct rnn_config config = config_of("gru", 5, 2, true, 4);
  struct rnn_parameters *parameters = create(&config, RNN_TAG, 7, 3);
  cr_assert_eq(parameters->layout.tensors, 19);
  const char *owner[] = {"layer0.", "layer0.reverse.", "layer1.", "layer1.reverse."};
  for (size_t i = 0; i < 4; i++) {
    char name[RNN_TENSOR_NAME_BYTES];
    size_t width = i < 2 ? 4 : 10;
    snprintf(name, sizeof name, "%sU", owner[i]);
    expect(parameters, 4 * i, name, 15, width);
    snprintf(name, sizeof name, "%sW", owner[i]);
    expect(parameters, 4 * i + 1, name, 15, 5);
    snprintf(name, sizeof name, "%sb", owner[i]);
    expect(parameters, 4 * i + 2, name, 15, 1);
    snprintf(name, sizeof name, "%ss0", owner[i]);
    expect(parameters, 4 * i + 3, name, 5, 1);
    const struct rnn_layer_view *view = &parameters->layout.layer[i / 2][i % 2];
    cr_assert(view->width == width && view->u == parameters->layout.tensor[4 * i].offset &&
              view->w == parameters->layout.tensor[4 * i + 1].offset &&
              view->b == parameters->layout.tensor[4 * i + 2].offset &&
              view->s0 == parameters->layout.tensor[4 * i + 3].offset);
  }
  expect(parameters, 16, "output.V", 3, 10);
  expect(parameters, 17, "output.c", 3, 1);
  expect(parameters, 18, "embedding", 7, 4);
  cr_assert_eq(parameters->layout.dense + 7 * 4, parameters->layout.count);
  cr_assert_eq(rnn_parameters_find(parameters, "layer2.U"), -1);
  rnn_parameters_free(parameters);
}

Test(shape, one_hot_without_learned_start)
{
  struct rnn_config config = config_of("elman", 5, 1, false, 0);
  config.start = RNN_START_ZERO;
  struct rnn_parameters *parameters = create(&config, RNN_COMPLETE, 7, 7);
  cr_assert_eq(parameters->layout.tensors, 5);
  expect(parameters, 0, "layer0.U", 5, 7);
  expect(parameters, 4, "output.c", 7, 1);
  cr_assert_eq(parameters->layout.layer[0][0].s0, SIZE_MAX);
  cr_assert_eq(parameters->layout.dense, parameters->layout.count);
  cr_assert_eq(parameters->layout.count, 35 + 25 + 5 + 35 + 7);
  rnn_parameters_free(parameters);
}

Test(shape, a_tied_embedding_is_v)
{
  struct rnn_config config = config_of("gru", 5, 1, false, 5);
  config.start = RNN_START_ZERO;
  config.tied = 1;
  struct rnn_parameters *parameters = create(&config, RNN_COMPLETE, 7, 7);
  cr_assert_eq(rnn_parameters_find(parameters, "embedding"), -1);
  cr_assert(parameters->layout.embedding == parameters->layout.v && parameters->layout.sparse_rows == 0);
  cr_assert_eq(parameters->layout.dense, parameters->layout.count);
  cr_assert_eq(parameters->layout.count, 2 * 15 * 5 + 15 + 7 * 5 + 7);
  rnn_parameters_free(parameters);
}

static void refused(struct rnn_config config, enum rnn_task task, size_t n, size_t k, const char *sentence)
{
  struct rnn_shape shape;
  cr_assert_eq(rnn_shape_init(&shape, &config, task, false, n, k, &error), RNN_BAD_CONFIG, "%s", sentence);
  cr_assert_not_null(strstr(error.text, sentence), "%s", error.text);
}

/* An element-wise cell has vectors in the place of W, or nothing. */
Test(shape, tensors_of_elementwise_cells)
{
  struct rnn_config config = config_of("sru", 5, 1, false, 4);
  struct rnn_parameters *parameters = create(&config, RNN_TAG, 7, 3);
  expect(parameters, 0, "layer0.U", 20, 4);
  expect(parameters, 1, "layer0.w", 10, 1);
  expect(parameters, 2, "layer0.b", 20, 1);
  rnn_parameters_free(parameters);
  config = config_of("mingru", 5, 1, false, 4);
  parameters = create(&config, RNN_TAG, 7, 3);
  expect(parameters, 0, "layer0.U", 10, 4);
  expect(parameters, 1, "layer0.b", 10, 1);
  cr_assert_eq(parameters->layout.layer[0][0].w, SIZE_MAX);
  rnn_parameters_free(parameters);
}

Test(shape, refuses_what_does_not_fit)
{
  struct rnn_config good = config_of("elman", 5, 1, false, 4), bad = good;
  strcpy(bad.cell, "elmo");
  refused(bad, RNN_TAG, 7, 3, "'elmo'");
  bad = good;
  bad.state = 0;
  refused(bad, RNN_TAG, 7, 3, "state");
  bad = good;
  bad.layers = RNN_MOST_LAYERS + 1;
  refused(bad, RNN_TAG, 7, 3, "layers");
  bad.layers = 0;
  refused(bad, RNN_TAG, 7, 3, "layers");
  bad = good;
  bad.embedding = RNN_AUTO;
  refused(bad, RNN_TAG, 7, 3, "embedding");
  bad = good;
  bad.tied = 1;
  refused(bad, RNN_TAG, 7, 3, "tied: completion");
  bad.bidirectional = false;
  bad.embedding = bad.state + 1;
  refused(bad, RNN_COMPLETE, 7, 7, "tied: the embedding");
  bad = good;
  bad.activation = 3;
  refused(bad, RNN_TAG, 7, 3, "activation");
  bad = good;
  bad.bidirectional = true;
  refused(bad, RNN_COMPLETE, 7, 7, "bidirectional");
  refused(good, RNN_TAG, 0, 3, "input");
  refused(good, RNN_TAG, 7, 0, "output");
}

Test(shape, refuses_products_past_memory)
{
  static const int64_t state[] = {INT64_MAX, INT64_C(1) << 31, 1 << 20, 5, 5};
  static const size_t n[] = {7, 7, 7, SIZE_MAX / 2, 7}, k[] = {3, 3, SIZE_MAX / 64, 3, SIZE_MAX / 32};
  for (size_t i = 0; i < 5; i++) {
    struct rnn_config config = config_of("lstm", state[i], 2, true, 4);
    struct rnn_shape shape;
    struct rnn_layout layout;
    struct rnn_parameters *parameters = NULL;
    cr_assert_eq(rnn_shape_init(&shape, &config, RNN_TAG, false, n[i], k[i], &error), RNN_OK);
    cr_assert_eq(rnn_shape_layout(&shape, &layout, &error), RNN_NO_MEMORY, "case %zu", i);
    cr_assert_eq(rnn_parameters_create(&parameters, &shape, &error), RNN_NO_MEMORY);
    cr_assert_null(parameters);
  }
}

static const real *tensor(const struct rnn_parameters *parameters, const char *name)
{
  return parameters->value + parameters->layout.tensor[rnn_parameters_find(parameters, name)].offset;
}

/* m m^T = gain^2 I */
static void expect_orthogonal(const real *m, size_t d, double gain)
{
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      double product = 0;
      for (size_t c = 0; c < d; c++)
        product += (double)m[i * d + c] * (double)m[j * d + c];
      cr_assert(fabs(product - (i == j ? gain * gain : 0)) <= 1e-6, "(%zu, %zu): %g", i, j, product);
    }
}

Test(parameters, recurrent_weights_start_orthogonal_gate_by_gate)
{
  struct rnn_config config = config_of("lstm", 70, 1, true, 4);
  config.initial_gain = 1.5;
  struct rnn_parameters *parameters = create(&config, RNN_TAG, 7, 3);
  rnn_parameters_randomise(parameters, &config);
  for (size_t gate = 0; gate < 4; gate++) {
    expect_orthogonal(tensor(parameters, "layer0.W") + gate * 70 * 70, 70, 1.5);
    expect_orthogonal(tensor(parameters, "layer0.reverse.W") + gate * 70 * 70, 70, 1.5);
  }
  cr_assert(tensor(parameters, "layer0.W")[0] != tensor(parameters, "layer0.reverse.W")[0]);
  cr_assert(tensor(parameters, "layer0.W")[0] != tensor(parameters, "layer0.W")[70 * 70]);
  rnn_parameters_free(parameters);
}

/* Uniform within the limit: the greatest lies near it, the mean near zero. */
static void expect_uniform(const real *m, size_t count, double limit)
{
  double greatest = 0, mean = 0;
  for (size_t i = 0; i < count; i++) {
    greatest = fmax(greatest, fabs((double)m[i]));
    mean += (double)m[i] / (double)count;
  }
  cr_assert(greatest <= limit * (1 + 1e-6) && greatest > 0.98 * limit, "%g of %g", greatest, limit);
  cr_assert(fabs(mean) < 4 * limit / sqrt(3.0 * (double)count), "%g", mean);
}

Test(parameters, limits_of_the_uniform_start)
{
  struct rnn_config config = config_of("gru", 40, 1, false, 30);
  config.initial = RNN_INITIAL_UNIFORM;
  config.initial_gain = 0.5;
  struct rnn_parameters *parameters = create(&config, RNN_TAG, 500, 9);
  rnn_parameters_randomise(parameters, &config);
  expect_uniform(tensor(parameters, "layer0.U"), 120 * 30, sqrt(6.0 / (40 + 30)));
  expect_uniform(tensor(parameters, "layer0.W"), 120 * 40, 0.5 * sqrt(6.0 / (40 + 40)));
  expect_uniform(tensor(parameters, "output.V"), 9 * 40, sqrt(6.0 / (9 + 40)));
  double square = 0;
  for (size_t i = 0; i < 500 * 30; i++)
    square += (double)tensor(parameters, "embedding")[i] * (double)tensor(parameters, "embedding")[i];
  cr_assert(fabs(square / 500 - 1) < 0.05, "%g", square / 500);
  for (size_t i = 0; i < 120; i++)
    cr_assert(tensor(parameters, "layer0.b")[i] == 0);
  rnn_parameters_free(parameters);
}

Test(parameters, identity_and_the_open_forget_gate)
{
  struct rnn_config config = config_of("lstm", 6, 1, false, 3);
  config.initial = RNN_INITIAL_IDENTITY;
  config.initial_gain = 0.25;
  struct rnn_parameters *parameters = create(&config, RNN_TAG, 5, 2);
  rnn_parameters_randomise(parameters, &config);
  for (size_t i = 0; i < 24; i++) {
    for (size_t j = 0; j < 6; j++)
      cr_assert(tensor(parameters, "layer0.W")[i * 6 + j] == (real)(i % 6 == j ? 0.25 : 0));
    cr_assert(tensor(parameters, "layer0.b")[i] == (real)(i / 6 == 1 ? 1 : 0));
  }
  rnn_parameters_free(parameters);
}

Test(parameters, diagonals_start_within_0_and_the_gain)
{
  struct rnn_config config = config_of("indrnn", 300, 1, false, 3);
  config.initial = RNN_INITIAL_UNIFORM;
  config.initial_gain = 0.5;
  struct rnn_parameters *parameters = create(&config, RNN_TAG, 5, 2);
  rnn_parameters_randomise(parameters, &config);
  const real *w = tensor(parameters, "layer0.w");
  real least = w[0], most = w[0];
  for (size_t j = 0; j < 300; j++) {
    least = w[j] < least ? w[j] : least;
    most = w[j] > most ? w[j] : most;
  }
  cr_assert(least >= 0 && least < (real)0.05 && most <= (real)0.5 && most > (real)0.45);
  config.initial = RNN_INITIAL_IDENTITY;
  rnn_parameters_randomise(parameters, &config);
  for (size_t j = 0; j < 300; j++)
    cr_assert(tensor(parameters, "layer0.w")[j] == (real)0.5);
  rnn_parameters_free(parameters);
}

Test(parameters, are_a_function_of_the_seed)
{
  struct rnn_config config = config_of("elman", 6, 2, false, 3);
  struct rnn_parameters *a = create(&config, RNN_TAG, 5, 2), *b = create(&config, RNN_TAG, 5, 2);
  rnn_parameters_randomise(a, &config);
  b->value[0] = 9;
  rnn_parameters_randomise(b, &config);
  cr_assert_arr_eq(a->value, b->value, a->layout.count * sizeof(real));
  config.seed = 2;
  rnn_parameters_randomise(b, &config);
  cr_assert_neq(memcmp(a->value, b->value, a->layout.count * sizeof(real)), 0);
  rnn_parameters_free(a);
  rnn_parameters_free(b);
}

Test(gradient, keeps_room_for_the_rows_of_the_embedding)
{
  struct rnn_config config = config_of("elman", 6, 1, false, 3);
  struct rnn_parameters *parameters = create(&config, RNN_TAG, 50, 2);
  struct rnn_gradient *gradient;
  cr_assert_eq(rnn_gradient_create(&gradient, &parameters->layout, 3, 8, &error), RNN_OK);
  cr_assert(gradient->capacity_rows == 8 && gradient->dense_count == parameters->layout.dense);
  gradient->dense[4] = 1;
  gradient->rows = 3;
  rnn_gradient_zero(gradient);
  cr_assert(gradient->dense[4] == 0 && gradient->rows == 0);
  rnn_gradient_free(gradient);
  cr_assert_eq(rnn_gradient_create(&gradient, &parameters->layout, SIZE_MAX / 4, 8, &error), RNN_NO_MEMORY);
  rnn_parameters_free(parameters);
}

Test(state, starts_at_s0_and_copies_lanes)
{
  struct rnn_config config = config_of("lstm", 2, 2, true, 3);
  struct rnn_parameters *parameters = create(&config, RNN_TAG, 5, 2);
  for (size_t i = 0; i < parameters->layout.count; i++)
    parameters->value[i] = (real)i;
  struct rnn_state *state, *other;
  cr_assert_eq(rnn_state_create(&state, &parameters->shape, 4, &error), RNN_OK);
  cr_assert_eq(rnn_state_create(&other, &parameters->shape, 3, &error), RNN_OK);
  for (size_t i = 0; i < 2 * 2 * 4 * 2; i++)
    state->s[i] = state->c[i] = -1;
  rnn_state_start(state, parameters, 1, 2);
  rnn_state_copy_lane(other, 2, state, 1);
  for (size_t layer = 0; layer < 2; layer++)
    for (size_t direction = 0; direction < 2; direction++) {
      real s0 = (real)parameters->layout.layer[layer][direction].s0;
      const real *s = rnn_state_s(state, layer, direction), *c = rnn_state_c(state, layer, direction);
      real s_expected[] = {-1, -1, s0, s0 + 1, s0, s0 + 1, -1, -1}, c_expected[] = {-1, -1, 0, 0, 0, 0, -1, -1};
      cr_assert_arr_eq(s, s_expected, sizeof s_expected);
      cr_assert_arr_eq(c, c_expected, sizeof c_expected);
      const real *copied = rnn_state_s(other, layer, direction);
      cr_assert(copied[3] == 0 && copied[4] == s0 && copied[5] == s0 + 1);
    }
  rnn_state_free(state);
  rnn_state_free(other);
  rnn_parameters_free(parameters);
}

Test(cells, are_found_by_name)
{
  for (size_t i = 0; rnn_cells[i] != NULL; i++)
    cr_assert_eq(rnn_cell_find(rnn_cells[i]->name), rnn_cells[i]);
  cr_assert_null(rnn_cell_find(""));
  cr_assert_null(rnn_cell_find("elman2"));
}

Test(cells, are_all_named_by_the_help)
{
  for (size_t i = 0; rnn_cells[i] != NULL; i++)
    cr_assert_not_null(strstr(rnn_config_find_key("cell")->help, rnn_cells[i]->name), "%s", rnn_cells[i]->name);
}
