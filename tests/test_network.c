/* The network forward against plain loops over the equations, one sequence at a time, with the functions of libm. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "network_case.h"
#include "vector.h"

static struct rnn_error error;

static const double tolerance = sizeof(real) == sizeof(float) ? 1e-5 : 1e-12;

enum { WIDEST = 32 }; /* of anything in these networks */

static double logistic(double a)
{
  return 1 / (1 + exp(-a));
}

static double f(int activation, double a)
{
  return activation == RNN_TANH ? tanh(a) : activation == RNN_LOGISTIC ? logistic(a) : fmax(a, 0);
}

static void multiply(size_t rows, size_t columns, const real *m, const double *x, double *y)
{
  for (size_t i = 0; i < rows; i++) {
    y[i] = 0;
    for (size_t j = 0; j < columns; j++)
      y[i] += (double)m[i * columns + j] * x[j];
  }
}

/* s and c become those of the next step; ux = U x_t + b, ws = W s_{t-1} or 0; w of an element-wise cell. */
static void reference_cell(const struct network_fixture *fixture, size_t d, const double *ux, const double *ws,
                           const real *w, double *s, double *c)
{
  const char *cell = fixture->config.cell;
  for (size_t i = 0; i < d; i++) {
    double a[4] = {0};
    for (size_t gate = 0; gate < fixture->parameters->shape.cell->gates; gate++)
      a[gate] = ux[gate * d + i] + ws[gate * d + i];
    if (strcmp(cell, "elman") == 0)
      s[i] = f(fixture->config.activation, a[0]);
    else if (strcmp(cell, "gru") == 0) {
      double candidate = tanh(ux[2 * d + i] + logistic(a[0]) * ws[2 * d + i]);
      s[i] = (1 - logistic(a[1])) * candidate + logistic(a[1]) * s[i];
    } else if (strcmp(cell, "sru") == 0) {
      double forget = logistic(a[1] + (double)w[i] * c[i]), reset = logistic(a[2] + (double)w[d + i] * c[i]);
      c[i] = forget * c[i] + (1 - forget) * a[0];
      s[i] = reset * c[i] + (1 - reset) * a[3];
    } else if (strcmp(cell, "mingru") == 0)
      s[i] = (1 - logistic(a[0])) * s[i] + logistic(a[0]) * a[1];
    else if (strcmp(cell, "indrnn") == 0)
      s[i] = f(fixture->config.activation, a[0] + (double)w[i] * s[i]);
    else {
      cr_assert_str_eq(cell, "lstm");
      c[i] = logistic(a[1]) * c[i] + logistic(a[0]) * tanh(a[2]);
      s[i] = logistic(a[3]) * tanh(c[i]);
    }
  }
}

/* One direction of one layer over one sequence: x [steps][WIDEST] to columns of out. */
static void reference_direction(const struct network_fixture *fixture, size_t layer, bool reverse, size_t width,
                                size_t steps, double (*x)[WIDEST], double (*out)[WIDEST])
{
  size_t d = fixture->parameters->shape.d, stacked = fixture->parameters->shape.cell->gates * d;
  char name[4][40];
  const struct rnn_cell *cell = fixture->parameters->shape.cell;
  const char *letter[] = {"U", cell->elementwise ? "w" : "W", "b", "s0"};
  for (size_t i = 0; i < 4; i++)
    snprintf(name[i], sizeof name[i], "layer%zu.%s%s", layer, reverse ? "reverse." : "", letter[i]);
  const real *w = cell->elementwise && cell->vectors == 0 ? NULL : case_tensor(fixture, name[1]);
  double s[WIDEST] = {0}, c[WIDEST] = {0}, ux[4 * WIDEST], ws[4 * WIDEST] = {0};
  for (size_t i = 0; i < d && fixture->config.start == RNN_START_LEARNED; i++)
    s[i] = (double)case_tensor(fixture, name[3])[i];
  for (size_t i = 0; i < steps; i++) {
    size_t t = reverse ? steps - 1 - i : i;
    multiply(stacked, width, case_tensor(fixture, name[0]), x[t], ux);
    if (!cell->elementwise)
      multiply(stacked, d, w, s, ws);
    for (size_t j = 0; j < stacked; j++)
      ux[j] += (double)case_tensor(fixture, name[2])[j];
    reference_cell(fixture, d, ux, ws, w, s, c);
    memcpy(out[t] + (reverse ? d : 0), s, d * sizeof *s);
  }
}

/* The sum of the word's rows. */
static double reference_word(const struct network_fixture *fixture, int32_t symbol, size_t j)
{
  struct rnn_word word = rnn_lexicon_word(fixture->lexicon, symbol);
  size_t e = fixture->parameters->shape.e;
  double sum = word.own == RNN_ABSENT ? 0 : (double)case_tensor(fixture, "embedding")[(size_t)word.own * e + j];
  for (size_t i = 0; i < word.count; i++)
    sum += (double)case_tensor(fixture, "features")[(size_t)word.row[i] * e + j];
  return sum;
}

/* x_t of joints, by what tests/test_frame.c has tested. */
static void reference_joints(const struct network_fixture *fixture, const struct rnn_sequence *sequence,
                             double (*x)[WIDEST])
{
  const struct rnn_frame_shape *shape = &fixture->parameters->shape.frame;
  real memory[64], row[WIDEST];
  cr_assert(rnn_frame_memory(shape) <= 64 && rnn_frame_inputs(shape) <= WIDEST);
  rnn_frame_start(shape, memory);
  for (size_t t = 0; t < sequence->length; t++) {
    rnn_frame_read(shape, &fixture->parameters->frame, sequence->frame + t * shape->width, memory, row);
    for (size_t j = 0; j < rnn_frame_inputs(shape); j++)
      x[t][j] = (double)row[j];
  }
}

/* x_t as a vector: an embedding's row, a one-hot vector or a frame; zero for an absent symbol. */
static size_t reference_input(const struct network_fixture *fixture, const struct rnn_sequence *sequence,
                              double (*x)[WIDEST])
{
  const struct rnn_shape *shape = &fixture->parameters->shape;
  size_t width = shape->e > 0 ? shape->e : shape->n;
  memset(x, 0, sequence->length * sizeof *x);
  if (shape->frame.group > 0)
    reference_joints(fixture, sequence, x);
  for (size_t t = 0; t < sequence->length; t++)
    for (size_t j = 0; j < width && shape->frame.group == 0; j++)
      if (shape->frames)
        x[t][j] = (double)sequence->frame[t * width + j];
      else if (sequence->symbol[t] != RNN_ABSENT && shape->e > 0)
        x[t][j] = fixture->lexicon != NULL
                      ? reference_word(fixture, sequence->symbol[t], j)
                      : (double)case_tensor(fixture, "embedding")[(size_t)sequence->symbol[t] * width + j];
      else
        x[t][j] = sequence->symbol[t] == (int32_t)j;
  return width;
}

/* x [steps][width] after the mask [width] of the lane; NULL: nothing is left out. */
static void leave_out(const real *mask, size_t lane, size_t steps, size_t width, double (*x)[WIDEST])
{
  for (size_t t = 0; t < steps; t++)
    for (size_t j = 0; j < width && mask != NULL; j++)
      x[t][j] *= (double)mask[lane * width + j];
}

static void leave_out_inputs(const struct network_fixture *fixture, size_t lane, size_t layer, size_t width,
                             double (*x)[WIDEST])
{
  const struct rnn_dropout *dropout = fixture->tape->dropout;
  const struct rnn_batch *batch = fixture->batch;
  if (dropout == NULL)
    return;
  leave_out(dropout->input[layer], lane, batch->length[lane], width, x);
  for (size_t t = 0; layer == 0 && dropout->symbol != NULL && t < batch->length[lane]; t++) {
    int32_t i = batch->row_distinct[rnn_batch_row(batch, t, lane)];
    if (i != RNN_ABSENT)
      leave_out(dropout->symbol, (size_t)i, 1, width, x + t);
  }
}

/* y = softmax(V s + c); answers -log y[target], 0 for RNN_ABSENT. */
static double reference_output(const struct network_fixture *fixture, const double *s, int32_t target, double *y)
{
  size_t k = fixture->parameters->shape.k;
  double sum = 0;
  multiply(k, fixture->parameters->shape.pooled, case_tensor(fixture, "output.V"), s, y);
  for (size_t i = 0; i < k; i++)
    sum += y[i] = exp(y[i] + (double)case_tensor(fixture, "output.c")[i]);
  for (size_t i = 0; i < k; i++)
    y[i] /= sum;
  return target == RNN_ABSENT ? 0 : -log(y[target]);
}

static void compare(const struct network_case *what, const real *got, const double *expected, size_t k)
{
  for (size_t i = 0; i < k; i++)
    cr_assert(fabs((double)got[i] - expected[i]) <= tolerance, "%s: y[%zu] = %.9g, not %.9g", case_name(what), i,
              (double)got[i], expected[i]);
}

/* What out [steps][width] is classified by, after the mask of the lane. */
static void reference_pooling(const struct network_fixture *fixture, size_t lane, size_t steps, size_t width,
                              double (*out)[WIDEST], double *pooled)
{
  const struct rnn_shape *shape = &fixture->parameters->shape;
  const real *mask = fixture->tape->dropout == NULL ? NULL : fixture->tape->dropout->output;
  double weight[CASE_STEPS], sum = 0;
  for (size_t t = 0; t < steps; t++) {
    double e = 0;
    for (size_t j = 0; j < width && shape->pooling == RNN_POOL_ATTENTION; j++)
      e += (double)case_tensor(fixture, "output.q")[j] * out[t][j];
    sum += weight[t] = exp(e);
  }
  for (size_t j = 0; j < shape->pooled; j++) {
    bool greatest = shape->pooling == RNN_POOL_MAX || j >= width;
    pooled[j] = greatest ? -INFINITY : 0;
    for (size_t t = 0; t < steps; t++)
      pooled[j] = greatest ? fmax(pooled[j], out[t][j % width]) : pooled[j] + weight[t] / sum * out[t][j];
    if (shape->pooling == RNN_POOL_LAST)
      pooled[j] = out[j < shape->d ? steps - 1 : 0][j];
    pooled[j] *= mask == NULL ? 1 : (double)mask[lane * shape->pooled + j];
  }
}

/* The whole network over one sequence, which is lane `lane` of the batch; answers its loss. */
static double compare_lane(const struct network_case *what, const struct network_fixture *fixture, size_t lane)
{
  const struct rnn_shape *shape = &fixture->parameters->shape;
  const struct rnn_sequence *sequence = &fixture->sequence[fixture->batch->order[lane]];
  double x[CASE_STEPS][WIDEST], out[CASE_STEPS][WIDEST], pooled[WIDEST], y[WIDEST], nats = 0;
  size_t width = reference_input(fixture, sequence, x);
  const real *mask = fixture->tape->dropout == NULL ? NULL : fixture->tape->dropout->output;
  for (size_t layer = 0; layer < shape->layers; layer++) {
    double below[CASE_STEPS][WIDEST];
    memcpy(below, x, sizeof below);
    leave_out_inputs(fixture, lane, layer, width, x);
    for (size_t direction = 0; direction < shape->directions; direction++)
      reference_direction(fixture, layer, direction == 1, width, sequence->length, x, out);
    width = shape->directions * shape->d;
    for (size_t t = 0; t < sequence->length && what->residual && layer > 0; t++)
      for (size_t j = 0; j < width; j++)
        out[t][j] += below[t][j];
    memcpy(x, out, sizeof x);
  }
  if (shape->task == RNN_CLASSIFY) {
    reference_pooling(fixture, lane, sequence->length, width, out, pooled);
    nats = reference_output(fixture, pooled, sequence->label, y);
    compare(what, fixture->tape->y + lane * shape->k, y, shape->k);
    return nats;
  }
  leave_out(mask, lane, sequence->length, width, out);
  for (size_t t = 0; t < sequence->length; t++) {
    nats += reference_output(fixture, out[t], sequence->target[t], y);
    compare(what, fixture->tape->y + rnn_batch_row(fixture->batch, t, lane) * shape->k, y, shape->k);
  }
  return nats;
}

static void check(const struct network_case *what)
{
  struct network_fixture *fixture = case_create(what, (size_t[]){4, 9, 1, 9, 2}, 5);
  double nats = case_forward(fixture, true), expected = 0;
  for (size_t lane = 0; lane < 5; lane++)
    expected += compare_lane(what, fixture, lane);
  cr_assert(fabs(nats - expected) <= tolerance * fmax(expected, 1), "%s: loss %.9g, not %.9g", case_name(what), nats,
            expected);
  case_free(fixture);
}

Test(network, equals_plain_loops_over_the_equations)
{
  case_visit_all(0, check);
  case_visit_all(0.4, check);
}

Test(network, counts_targets_and_right_answers)
{
  struct network_fixture *fixture =
      case_create(&(struct network_case){.cell = "elman", .layers = 1, .input = CASE_EMBEDDING, .task = RNN_TAG},
                  (size_t[]){7, 3}, 2);
  struct rnn_loss loss = {.nats = 0};
  fixture->batch->target[4] = RNN_ABSENT;
  rnn_network_forward(fixture->network, fixture->batch, fixture->state, fixture->tape, true, &loss);
  size_t terms = 0, correct = 0, k = fixture->parameters->shape.k;
  for (size_t row = 0; row < fixture->batch->rows; row++) {
    const real *y = fixture->tape->y + row * k;
    terms += fixture->batch->target[row] != RNN_ABSENT;
    correct += fixture->batch->target[row] == (int32_t)rnn_vector_argmax(k, y);
  }
  cr_assert(terms > 0 && terms < fixture->batch->rows);
  cr_assert(loss.terms == terms && loss.correct == correct);
  case_free(fixture);
}

/* The example of the lecture: d, e, e, p, each true symbol given 0.7. */
Test(loss, of_deep_is_four_times_minus_log_seven_tenths)
{
  int32_t target[] = {1, 1, 2, 3};
  real z[4][4], y[4][4];
  struct rnn_loss loss = {.nats = 0};
  for (size_t t = 0; t < 4; t++)
    for (size_t j = 0; j < 4; j++)
      z[t][j] = (real)log(j == (size_t)target[t] ? 0.7 : 0.1);
  memcpy(y, z, sizeof y);
  rnn_loss_forward(NULL, 4, &(struct rnn_column){.k = 4}, 4, &y[0][0], target, &loss);
  cr_assert_float_eq(loss.nats, 1.4267, 5e-5);
  cr_assert(fabs(loss.nats - 4 * -log(0.7)) <= tolerance);
  cr_assert(loss.terms == 4 && loss.correct == 4);
  rnn_loss_backward(NULL, 4, &(struct rnn_column){.k = 4}, 4, &y[0][0], target);
  for (size_t t = 0; t < 4; t++)
    for (size_t j = 0; j < 4; j++)
      cr_assert(fabs((double)y[t][j] - (j == (size_t)target[t] ? -0.3 : 0.1)) <= tolerance);
}

Test(loss, counts_nothing_where_there_is_no_target)
{
  int32_t target[] = {RNN_ABSENT, 0};
  real y[2][2] = {{1, 2}, {3, 4}};
  struct rnn_loss loss = {.nats = 0};
  rnn_loss_forward(NULL, 2, &(struct rnn_column){.k = 2}, 2, &y[0][0], target, &loss);
  cr_assert(loss.terms == 1 && loss.correct == 0);
  cr_assert(fabs(loss.nats - log(1 + exp(1))) <= tolerance);
  cr_assert(fabs((double)(y[0][0] + y[0][1]) - 1) <= tolerance);
  rnn_loss_backward(NULL, 2, &(struct rnn_column){.k = 2}, 2, &y[0][0], target);
  cr_assert(y[0][0] == 0 && y[0][1] == 0 && y[1][0] < 0 && y[1][1] > 0);
  real alone[2] = {5, 5};
  rnn_loss_forward(NULL, 1, &(struct rnn_column){.k = 2}, 2, alone, NULL, NULL);
  cr_assert(fabs((double)alone[0] - 0.5) <= tolerance);
}

/* -w sum_j q_j log y_j, and w (y - q). */
Test(loss, of_weighted_and_smoothed_targets)
{
  double weight[] = {2, 0.5}, y[] = {0.8, 0.2}, q[] = {0.15, 0.85};
  struct rnn_objective objective = {.weight = weight, .smoothing = 0.3};
  int32_t target[] = {1, RNN_ABSENT};
  real z[] = {(real)log(y[0]), (real)log(y[1]), 0, 0};
  struct rnn_loss loss = {.nats = 0};
  rnn_loss_forward(&objective, 2, &(struct rnn_column){.k = 2}, 2, z, target, &loss);
  cr_assert(fabs(loss.nats + 0.5 * (q[0] * log(y[0]) + q[1] * log(y[1]))) <= tolerance);
  cr_assert(loss.terms == 1 && loss.correct == 0);
  rnn_loss_backward(&objective, 2, &(struct rnn_column){.k = 2}, 2, z, target);
  for (size_t j = 0; j < 2; j++)
    cr_assert(fabs((double)z[j] - 0.5 * (y[j] - q[j])) <= tolerance);
  cr_assert(z[2] == 0 && z[3] == 0);
}

Test(loss, balanced_classes_weigh_the_same_together)
{
  int32_t label[] = {0, 3, 0, RNN_ABSENT, 0, 1, 3, 0};
  struct rnn_corpus corpus = {.task = RNN_CLASSIFY, .count = 8, .label = label};
  struct rnn_config config = {.class_weights = RNN_WEIGHTS_BALANCED, .label_smoothing = 0.25};
  struct rnn_objective objective;
  double expected[] = {7.0 / (3 * 4), 7.0 / (3 * 1), 0, 7.0 / (3 * 2)};
  cr_assert_eq(rnn_objective_init(&objective, &config, &corpus, &(struct rnn_column){.k = 4}, 1, &error), RNN_OK);
  for (size_t j = 0; j < 4; j++)
    cr_assert(fabs(objective.weight[j] - expected[j]) <= 1e-12, "%zu: %g", j, objective.weight[j]);
  cr_assert_eq(objective.smoothing, 0.25);
  rnn_objective_clear(&objective);
  config.class_weights = RNN_WEIGHTS_NONE;
  cr_assert_eq(rnn_objective_init(&objective, &config, &corpus, &(struct rnn_column){.k = 4}, 1, &error), RNN_OK);
  cr_assert_null(objective.weight);
}

Test(loss, of_other_columns_has_a_weight)
{
  int32_t tag[] = {0, 2, 1, 3, 0, RNN_ABSENT};
  size_t begin[] = {0, 3};
  struct rnn_corpus corpus = {.task = RNN_TAG, .count = 1, .begin = begin, .tag = tag, .columns = {2, {"a", "b"}}};
  const struct rnn_column column[] = {{.first = 0, .k = 2}, {.first = 2, .k = 2}};
  struct rnn_config config = {.other_columns = 0.25};
  struct rnn_objective objective;
  for (int balanced = 0; balanced < 2; balanced++) {
    double expected[] = {balanced ? 0.75 : 1, balanced ? 1.5 : 1, 0.25, 0.25};
    config.class_weights = balanced ? RNN_WEIGHTS_BALANCED : RNN_WEIGHTS_NONE;
    cr_assert_eq(rnn_objective_init(&objective, &config, &corpus, column, 2, &error), RNN_OK);
    for (size_t j = 0; j < 4; j++)
      cr_assert(fabs(objective.weight[j] - expected[j]) <= 1e-12, "%zu: %g", j, objective.weight[j]);
    cr_expect_eq(rnn_objective_of_chain(&objective, 0), 1);
    cr_expect_eq(rnn_objective_of_chain(&objective, 1), 0.25);
    rnn_objective_clear(&objective);
  }
}

static void check_allocations(const struct network_case *what)
{
  struct network_fixture *fixture = case_create(what, (size_t[]){4, 2, 3}, 3);
  size_t before = rnn_memory_allocations();
  rnn_network_pack(fixture->network);
  case_forward(fixture, true);
  rnn_bptt(fixture->network, fixture->batch, fixture->tape, false, fixture->gradient);
  cr_assert_eq(rnn_memory_allocations(), before, "%s", case_name(what));
  case_free(fixture);
}

Test(network, allocates_nothing_after_it_is_made)
{
  case_visit_all(0, check_allocations);
}

/* So many rows that the size of each matrix wraps around to nothing. */
Test(network, refuses_a_tape_past_memory)
{
  struct rnn_shape shape;
  struct rnn_tape *tape = NULL;
  struct rnn_config config = {.cell = "lstm", .state = 16, .layers = 2};
  const size_t rows = SIZE_MAX / 4 + 1;
  cr_assert_eq(rnn_shape_init(&shape, &config, RNN_TAG, true, 4, 4, &error), RNN_OK);
  cr_assert_eq(rnn_tape_create(&tape, &shape, 1, rows, rows, true, &error), RNN_NO_MEMORY);
  cr_assert_eq(rnn_tape_create(&tape, &shape, 1, rows, rows, false, &error), RNN_NO_MEMORY);
  cr_assert_null(tape);
}

/* A parameter moves: packed alone, with the layers above it run again, as if all were packed and run. */
static void check_moves(const struct network_case *what)
{
  static const size_t length[] = {4, 2, 1};
  struct network_fixture *fixture = case_create(what, length, 3);
  struct rnn_parameters *parameters = fixture->parameters;
  for (size_t i = 0; i < parameters->layout.tensors; i++) {
    const struct rnn_tensor *tensor = &parameters->layout.tensor[i];
    size_t at = tensor->offset + tensor->rows * tensor->columns / 2, first = 0;
    for (size_t layer = 0; layer < parameters->shape.layers; layer++)
      if (at >= parameters->layout.layer[layer][0].u && at < parameters->layout.dense)
        first = layer;
    if (strncmp(tensor->name, "output", 6) == 0)
      first = parameters->shape.layers;
    if (tensor->offset == parameters->layout.embedding)
      first = 0;
    case_forward(fixture, true);
    parameters->value[at] += (real)0.125;
    rnn_network_pack_one(fixture->network, at);
    struct rnn_loss loss = {.nats = 0};
    rnn_state_start(fixture->state, parameters, 0, fixture->lanes);
    if (first == 0)
      rnn_network_forward(fixture->network, fixture->batch, fixture->state, fixture->tape, true, &loss);
    else
      rnn_network_forward_from(fixture->network, fixture->batch, fixture->state, fixture->tape, first, &loss);
    rnn_network_pack(fixture->network);
    cr_assert_eq(loss.nats, case_forward(fixture, true), "%s: %s", case_name(what), tensor->name);
  }
  case_free(fixture);
}

Test(network, a_parameter_that_moved_is_run_from_its_layer_on, .timeout = 60)
{
  case_visit_all(0, check_moves);
}
