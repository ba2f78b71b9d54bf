/* The gradient taken apart: its parts add up to what back-propagation finds, for every cell, and each norm is that of a
 * difference. Jacobians are what differences of the states say, and their products stay within their bounds. In double.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "gradient_flow_check.h"
#include "gradient_flow_jacobian.h"
#include "gradient_flow_saliency.h"
#include "gradient_flow_tensor.h"
#include "memory.h"
#include "network_case.h"

static struct rnn_error error;

static struct rnn_model model_of(const struct network_fixture *fixture)
{
  const struct rnn_shape *shape = &fixture->parameters->shape;
  return (struct rnn_model){.task = shape->task, .parameters = fixture->parameters, .frame_width = shape->frame.width};
}

/* ---- parts ---- */

static void check_shares(const struct rnn_flow *flow, const struct network_case *what)
{
  double sum[2][2][RNN_FLOW_MATRICES] = {{{0}}};
  for (size_t i = 0; i < flow->parts; i++)
    for (size_t matrix = 0; matrix < RNN_FLOW_MATRICES; matrix++)
      sum[flow->part[i].layer][flow->part[i].direction][matrix] += flow->part[i].share[matrix];
  for (int layer = 0; layer < what->layers; layer++)
    for (int direction = 0; direction <= what->bidirectional; direction++)
      for (size_t matrix = 0; matrix < RNN_FLOW_MATRICES; matrix++) {
        double all = sum[layer][direction][matrix];
        cr_assert(isnan(all) || fabs(all - 1) < 1e-9, "%s: shares of matrix %zu add up to %.17g", case_name(what),
                  matrix, all);
      }
}

static void check_parts(const struct network_case *what)
{
  static const size_t length[] = {7, 1, 4};
  struct network_fixture *fixture = case_create(what, length, 3);
  struct rnn_model model = model_of(fixture);
  struct rnn_flow flow, again;
  cr_assert_eq(rnn_flow_find(&flow, &model, fixture->sequence, 3, true, SIZE_MAX, &error), RNN_OK, "%s", error.text);
  double nats = case_forward(fixture, true);
  cr_assert_float_eq(flow.nats, nats, 1e-12);
  cr_assert_lt(flow.worst, 1e-11, "%s: the parts miss the whole by %g", case_name(what), flow.worst);
  cr_assert_eq(flow.truncations, 7);
  if (flow.norm > 0) { /* no unit of relu is awake else */
    cr_assert_lt(flow.truncation[6].error, 1e-11, "%s", case_name(what));
    cr_assert_float_eq(flow.truncation[6].cosine, 1, 1e-11, "%s", case_name(what));
  }
  check_shares(&flow, what);
  if (what->task != RNN_CLASSIFY && !what->bidirectional && !what->crf && flow.norm > 0) {
    cr_assert_lt(flow.truncation[6].window_error, 1e-11, "%s: one window is all", case_name(what));
    cr_assert(isnan(flow.truncation[3].window_error), "tau = 4 is none of those that windows are run for");
  }
  cr_assert_eq(rnn_flow_find(&again, &model, fixture->sequence, 3, true, 1, &error),
               RNN_OK); /* one distance at a time */
  cr_assert_eq(again.points, flow.points);
  cr_assert_eq(again.parts, flow.parts);
  for (size_t i = 0; i < flow.truncations && flow.norm > 0; i++)
    cr_assert_float_eq(again.truncation[i].error, flow.truncation[i].error, 1e-13);
  rnn_flow_clear(&again);
  rnn_flow_clear(&flow);
  case_free(fixture);
}

Test(gradient_flow, parts_add_up_to_what_back_propagation_finds)
{
  case_visit_all(0, check_parts);
}

Test(gradient_flow, so_they_do_of_a_chain)
{
  for (int layers = 1; layers <= 2; layers++)
    for (int bidirectional = 0; bidirectional <= 1; bidirectional++)
      check_parts(&(struct network_case){
          .cell = "lstm", .layers = layers, .bidirectional = bidirectional, .task = RNN_TAG, .crf = true});
}

/* ---- ||dL_t/ds_k|| against differences ---- */

static const struct rnn_flow_point *find_point(const struct rnn_flow *flow, size_t t, size_t k)
{
  for (size_t i = 0; i < flow->points; i++)
    if (flow->point[i].t == t && flow->point[i].k == k)
      return &flow->point[i];
  cr_assert(false, "no point %zu %zu", t, k);
  return NULL;
}

/* L_t of a sequence that goes on from the state after step k. */
static double loss_from(struct network_fixture *fixture, const struct rnn_sequence *sequence, size_t t, size_t k)
{
  int32_t target[CASE_STEPS];
  struct rnn_sequence rest = *sequence;
  rest.length -= k + 1;
  rest.symbol += k + 1;
  for (size_t i = 0; i < rest.length; i++)
    target[i] = i + k + 1 == t ? sequence->target[t] : RNN_ABSENT;
  rest.target = target;
  case_fill(fixture, &rest, 1);
  return case_forward(fixture, false);
}

static double difference_norm(struct network_fixture *fixture, const struct rnn_sequence *sequence, size_t t, size_t k,
                              bool second)
{
  const double h = 1e-5;
  size_t d = fixture->parameters->shape.d;
  struct rnn_state *state = fixture->state;
  real kept[2][16];
  double sum = 0;
  struct rnn_sequence before = *sequence;
  before.length = k + 1;
  case_fill(fixture, &before, 1);
  case_forward(fixture, true);
  memcpy(kept[0], state->s, d * sizeof(real));
  if (state->second)
    memcpy(kept[1], state->c, d * sizeof(real));
  for (size_t j = 0; j < (second ? 2 * d : d); j++) {
    double loss[2];
    for (int side = 0; side < 2; side++) {
      memcpy(state->s, kept[0], d * sizeof(real));
      if (state->second)
        memcpy(state->c, kept[1], d * sizeof(real));
      (j < d ? state->s : state->c)[j % d] += side == 0 ? h : -h;
      loss[side] = loss_from(fixture, sequence, t, k);
    }
    sum += (loss[0] - loss[1]) / (2 * h) * (loss[0] - loss[1]) / (2 * h);
  }
  return sqrt(sum);
}

Test(gradient_flow, norms_are_those_of_differences)
{
  for (size_t cell = 0; rnn_cells[cell] != NULL; cell++) {
    const struct network_case what = {
        .cell = rnn_cells[cell]->name, .layers = 1, .input = CASE_ONE_HOT, .task = RNN_TAG, .d = 4};
    static const size_t length[] = {7};
    struct network_fixture *fixture = case_create(&what, length, 1);
    struct rnn_model model = model_of(fixture);
    struct rnn_flow flow;
    for (size_t t = 0; t < 7; t++)
      fixture->target[0][t] = (int32_t)(t % 4);
    cr_assert_eq(rnn_flow_find(&flow, &model, fixture->sequence, 1, true, SIZE_MAX, &error), RNN_OK, "%s", error.text);
    for (size_t t = 1; t < 7; t += 2)
      for (size_t k = 0; k < t; k++) {
        const struct rnn_flow_point *point = find_point(&flow, t, k);
        cr_assert_eq(point->distance, (int32_t)(t - k));
        double ds = difference_norm(fixture, fixture->sequence, t, k, false);
        double dstate = difference_norm(fixture, fixture->sequence, t, k, rnn_cells[cell]->second_state);
        cr_assert_float_eq(point->ds, ds, 1e-8 * fmax(1, ds), "%s: %zu %zu", what.cell, t, k);
        cr_assert_float_eq(point->dstate, dstate, 1e-8 * fmax(1, dstate), "%s: %zu %zu", what.cell, t, k);
      }
    rnn_flow_clear(&flow);
    case_free(fixture);
  }
}

/* Distances of a direction that reads from the end: its losses lie at the steps, or at its own last one. */
Test(gradient_flow, distances_are_those_of_the_direction)
{
  static const size_t length[] = {5};
  struct network_case what = {.cell = "elman", .layers = 1, .bidirectional = true, .task = RNN_CLASSIFY};
  struct rnn_flow flow;
  for (int task = RNN_TAG; task <= RNN_CLASSIFY; task++) {
    what.task = (enum rnn_task)task;
    struct network_fixture *fixture = case_create(&what, length, 1);
    struct rnn_model model = model_of(fixture);
    cr_assert_eq(rnn_flow_find(&flow, &model, fixture->sequence, 1, true, SIZE_MAX, &error), RNN_OK);
    for (size_t i = 0; i < flow.points; i++) {
      const struct rnn_flow_point *point = &flow.point[i];
      int32_t t = (int32_t)point->t, k = (int32_t)point->k;
      cr_assert_eq(point->distance, point->direction == 0 ? t - k : k - t);
      cr_assert_geq(point->distance, 0);
      cr_assert(task == RNN_TAG || t == (point->direction == 0 ? 4 : 0));
      cr_assert_gt(point->ds, 0);
    }
    rnn_flow_clear(&flow);
    case_free(fixture);
  }
}

Test(gradient_flow, without_a_loss_there_is_no_gradient)
{
  static const size_t length[] = {3};
  const struct network_case what = {.cell = "elman", .layers = 1, .task = RNN_CLASSIFY};
  struct network_fixture *fixture = case_create(&what, length, 1);
  struct rnn_model model = model_of(fixture);
  struct rnn_flow flow;
  fixture->sequence[0].label = RNN_ABSENT;
  cr_assert_eq(rnn_flow_find(&flow, &model, fixture->sequence, 1, true, SIZE_MAX, &error), RNN_DATA);
  rnn_flow_clear(&flow);
  case_free(fixture);
}

/* ---- Jacobians ---- */

/* The state after step k as a function of that before it, of one layer's one direction read forward. */
static void next_state(struct network_fixture *fixture, const struct rnn_sequence *sequence, size_t k, size_t moved,
                       double by, const real kept[2][16], real *after)
{
  size_t d = fixture->parameters->shape.d;
  struct rnn_state *state = fixture->state;
  struct rnn_sequence one = *sequence;
  one.length = 1;
  one.symbol += k;
  one.target += k;
  memcpy(state->s, kept[0], d * sizeof(real));
  if (state->second)
    memcpy(state->c, kept[1], d * sizeof(real));
  (moved < d ? state->s : state->c)[moved % d] += by;
  case_fill(fixture, &one, 1);
  case_forward(fixture, false);
  memcpy(after, state->s, d * sizeof(real));
  if (state->second)
    memcpy(after + d, state->c, d * sizeof(real));
}

static void check_jacobian(const struct network_case *what)
{
  static const size_t length[] = {6};
  enum { K = 4 };
  const double h = 1e-5;
  struct network_fixture *fixture = case_create(what, length, 1);
  struct rnn_model model = model_of(fixture);
  size_t d = what->d, width = rnn_jacobian_width(&fixture->parameters->shape);
  struct rnn_probe *probe;
  struct rnn_jacobian *jacobian;
  real j[32 * 32], kept[2][16], more[32], less[32];
  double nats;
  cr_assert_eq(rnn_probe_create(&probe, &model, 1, 6, &error), RNN_OK);
  cr_assert_eq(rnn_jacobian_create(&jacobian, &fixture->parameters->shape, &error), RNN_OK);
  cr_assert_eq(rnn_probe_run(probe, fixture->sequence, 1, &nats, &error), RNN_OK);
  rnn_jacobian_find(jacobian, probe, 0, 0, K, j);
  struct rnn_sequence before = fixture->sequence[0];
  before.length = K;
  case_fill(fixture, &before, 1);
  case_forward(fixture, true);
  memcpy(kept[0], fixture->state->s, d * sizeof(real));
  if (fixture->state->second)
    memcpy(kept[1], fixture->state->c, d * sizeof(real));
  for (size_t column = 0; column < width; column++) {
    next_state(fixture, fixture->sequence, K, column, h, kept, more);
    next_state(fixture, fixture->sequence, K, column, -h, kept, less);
    for (size_t row = 0; row < width; row++)
      cr_assert_float_eq(j[row * width + column], (more[row] - less[row]) / (2 * h), 1e-8, "%s: %zu,%zu",
                         case_name(what), row, column);
  }
  rnn_jacobian_free(jacobian);
  rnn_probe_free(probe);
  case_free(fixture);
}

Test(gradient_flow, jacobians_are_those_of_differences)
{
  for (size_t cell = 0; rnn_cells[cell] != NULL; cell++)
    for (int activation = RNN_TANH; activation <= (rnn_cells[cell]->activation ? RNN_RELU : RNN_TANH); activation++) {
      const struct network_case what = {.cell = rnn_cells[cell]->name,
                                        .activation = activation,
                                        .layers = 1,
                                        .input = CASE_ONE_HOT,
                                        .task = RNN_TAG,
                                        .d = 5};
      check_jacobian(&what);
    }
}

/* ||ds_t/ds_k|| never passes the product of the norms, nor for the Elman cell (gamma lambda)^(t-k); and threads and
 * stretches change nothing. */
static void check_bounds(const struct network_case *what)
{
  static const size_t length[] = {12};
  struct network_fixture *fixture = case_create(what, length, 1);
  struct rnn_model model = model_of(fixture);
  struct rnn_probe *probe;
  struct rnn_pool *pool[2];
  double nats, gamma = rnn_recurrence_gamma(&fixture->parameters->shape);
  cr_assert_eq(rnn_pool_create(&pool[0], 1, &error), RNN_OK);
  cr_assert_eq(rnn_pool_create(&pool[1], 3, &error), RNN_OK);
  cr_assert_eq(rnn_probe_create(&probe, &model, 1, 12, &error), RNN_OK);
  cr_assert_eq(rnn_probe_run(probe, fixture->sequence, 1, &nats, &error), RNN_OK);
  for (int layer = 0; layer < what->layers; layer++)
    for (int direction = 0; direction <= what->bidirectional; direction++) {
      struct rnn_jacobians found, again;
      struct rnn_recurrence recurrence;
      size_t l = (size_t)layer, r = (size_t)direction;
      cr_assert_eq(rnn_recurrence_find(&recurrence, fixture->parameters, l, r, 0, &error), RNN_OK);
      cr_assert(isnan(recurrence.lambda) || recurrence.radius <= recurrence.lambda * (1 + 1e-12));
      cr_assert_eq(rnn_jacobians_find(&found, probe, l, r, 11, true, 1, pool[0], &error), RNN_OK, "%s", error.text);
      cr_assert_eq(rnn_jacobians_find(&again, probe, l, r, 11, false, 1, pool[1], &error), RNN_OK);
      cr_assert_null(again.value);
      cr_assert_arr_eq(found.product, again.product, found.steps * sizeof(double));
      cr_assert(found.lyapunov == again.lyapunov);
      double largest = 0;
      for (size_t k = 0; k < 12; k++) {
        largest = fmax(largest, found.norm[k]);
        cr_assert_float_eq(found.norm[k], again.norm[k], 1e-14 * found.norm[k], "%s", case_name(what));
        cr_assert_leq(found.product[k], found.bound[k] * (1 + 1e-12), "%s", case_name(what));
        if (!isnan(gamma)) {
          double bound = gamma * recurrence.lambda;
          cr_assert_leq(found.norm[k], bound * (1 + 1e-12), "%s", case_name(what));
          cr_assert_leq(found.product[k], pow(bound, (double)(11 - k)) * (1 + 1e-12), "%s", case_name(what));
        }
      }
      cr_assert_leq(found.lyapunov, log(largest) + 1e-12, "%s", case_name(what));
      rnn_jacobians_clear(&again);
      rnn_jacobians_clear(&found);
    }
  rnn_probe_free(probe);
  rnn_pool_free(pool[0]);
  rnn_pool_free(pool[1]);
  case_free(fixture);
}

Test(gradient_flow, bounds_are_never_passed)
{
  case_visit_all(0, check_bounds);
  for (size_t cell = 0; rnn_cells[cell] != NULL; cell++)
    for (size_t d = 12; d <= 48; d *= 2) /* so large that norms are found without the other values */
      check_bounds(&(struct network_case){.cell = rnn_cells[cell]->name, .layers = 1, .task = RNN_TAG, .d = d});
}

/* The Elman cell's Jacobian by its formula, diag(f'(a)) W. */
Test(gradient_flow, elman_is_the_slope_times_w)
{
  static const size_t length[] = {4};
  const struct network_case what = {.cell = "elman", .layers = 1, .input = CASE_FRAMES, .task = RNN_TAG, .d = 6};
  struct network_fixture *fixture = case_create(&what, length, 1);
  struct rnn_model model = model_of(fixture);
  struct rnn_probe *probe;
  struct rnn_jacobian *jacobian;
  real j[36];
  double nats;
  const real *w = case_tensor(fixture, "layer0.W");
  cr_assert_eq(rnn_probe_create(&probe, &model, 1, 4, &error), RNN_OK);
  cr_assert_eq(rnn_jacobian_create(&jacobian, &fixture->parameters->shape, &error), RNN_OK);
  cr_assert_eq(rnn_probe_run(probe, fixture->sequence, 1, &nats, &error), RNN_OK);
  rnn_jacobian_find(jacobian, probe, 0, 0, 2, j);
  for (size_t p = 0; p < 6; p++)
    for (size_t q = 0; q < 6; q++) {
      double s = probe->tape->out[0][2 * 6 + p];
      cr_assert_float_eq(j[p * 6 + q], (1 - s * s) * w[p * 6 + q], 1e-15);
    }
  rnn_jacobian_free(jacobian);
  rnn_probe_free(probe);
  case_free(fixture);
}

/* ---- tensor, saliency, check ---- */

static void check_tensor(const struct network_case *what)
{
  static const size_t length[] = {5};
  struct network_fixture *fixture = case_create(what, length, 1);
  struct rnn_model model = model_of(fixture);
  struct rnn_probe *probe;
  cr_assert_eq(rnn_probe_create(&probe, &model, 1, 5, &error), RNN_OK);
  cr_assert_eq(rnn_probe_forward(probe, fixture->sequence, 1, &error), RNN_OK);
  for (size_t l = 0; l < (size_t)what->layers; l++)
    for (size_t r = 0; r <= what->bidirectional; r++) {
      struct rnn_tensor_view tensor;
      struct rnn_stepper *stepper;
      double difference[8];
      enum rnn_status status = rnn_tensor_find(&tensor, probe, l, r, 2, &error);
      cr_assert_eq(status, fixture->parameters->shape.cell->elementwise ? RNN_DATA : RNN_OK);
      if (status != RNN_OK)
        continue;
      cr_assert_geq(tensor.zeros, tensor.structural);
      cr_assert_eq(rnn_stepper_create(&stepper, probe, l, r, 2, &error), RNN_OK);
      for (size_t q = 0; q < tensor.rows; q++)
        for (size_t column = 0; column < tensor.d; column++) {
          rnn_stepper_difference(stepper, q, column, difference);
          for (size_t p = 0; p < tensor.d; p++) {
            double element = rnn_tensor_element(&tensor, p, q, column);
            cr_assert_float_eq(element, difference[p], 1e-9, "%s: %zu %zu %zu", case_name(what), p, q, column);
            cr_assert(p == q % tensor.d || element == 0);
          }
        }
      rnn_stepper_free(stepper);
      rnn_tensor_clear(&tensor);
    }
  rnn_probe_free(probe);
  case_free(fixture);
}

Test(gradient_flow, tensor_is_that_of_differences_and_mostly_zero)
{
  case_visit_all(0, check_tensor);
}

static void check_saliency(const struct network_case *what)
{
  static const size_t length[] = {5};
  struct network_fixture *fixture = case_create(what, length, 1);
  struct rnn_model model = model_of(fixture);
  struct rnn_saliency found;
  double sum = 0;
  cr_assert_eq(rnn_saliency_find(&found, &model, fixture->sequence, 3, RNN_ABSENT, 1e-4, &error), RNN_OK);
  for (size_t t = 0; t < 5; t++)
    sum += found.integrated[t];
  double difference = found.log_p - found.log_p_nothing;
  cr_assert_float_eq(sum, difference, 2e-3 * fmax(1, fabs(difference)), "%s: %g, not %g", case_name(what), sum,
                     difference);
  cr_assert(what->activation == RNN_RELU || found.gap <= 1e-4 * fmax(1, fabs(difference)), "%s", case_name(what));
  cr_assert(found.probability > 0 && found.probability <= 1);
  rnn_saliency_clear(&found);
  case_free(fixture);
}

Test(gradient_flow, saliency_is_complete)
{
  for (int task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++)
    for (size_t cell = 0; rnn_cells[cell] != NULL; cell++)
      for (int input = CASE_EMBEDDING; input <= CASE_WORDS; input++)
        for (int activation = RNN_TANH; activation <= (rnn_cells[cell]->activation ? RNN_RELU : RNN_TANH);
             activation++) {
          const struct network_case what = {.cell = rnn_cells[cell]->name,
                                            .activation = activation,
                                            .layers = 1 + (input == CASE_FRAMES),
                                            .bidirectional = task == RNN_TAG,
                                            .input = (enum case_input)input,
                                            .task = (enum rnn_task)task};
          if (case_input_fits(what.input, what.task))
            check_saliency(&what);
        }
  check_saliency(&(struct network_case){
      .cell = "gru", .layers = 1, .bidirectional = true, .task = RNN_TAG, .crf = true, .input = CASE_WORDS});
}

static void check_all(enum case_input input)
{
  static const size_t length[] = {3, 2};
  const struct network_case what = {.cell = "gru", .layers = 2, .bidirectional = true, .task = RNN_TAG, .input = input};
  struct network_fixture *fixture = case_create(&what, length, 2);
  struct rnn_model model = model_of(fixture);
  struct rnn_check_finding finding[RNN_MOST_TENSORS];
  struct rnn_pool *pool;
  cr_assert_eq(rnn_pool_create(&pool, 2, &error), RNN_OK);
  cr_assert_eq(rnn_check_find(finding, &model, fixture->sequence, 2, 0, pool, &error), RNN_OK, "%s", error.text);
  for (size_t i = 0; i < fixture->parameters->layout.tensors; i++) {
    cr_assert_lt(finding[i].error, rnn_check_most_error, "%s", fixture->parameters->layout.tensor[i].name);
    cr_assert_eq(finding[i].checked, finding[i].parameters);
    cr_assert_gt(finding[i].checked, 0);
  }
  rnn_pool_free(pool);
  case_free(fixture);
}

Test(gradient_flow, check_takes_every_parameter_and_finds_it_right)
{
  check_all(CASE_EMBEDDING);
  check_all(CASE_JOINTS);
  check_all(CASE_WORDS);
}
