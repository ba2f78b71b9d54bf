/* Back-propagation through time against what it must equal: central differences, the sum over k of the lecture, and
 * differentiation forward in time. In double. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "network_case.h"

/* The gradient of parameter i, dense or embedding; 0 for rows of the embedding that the batch has not met. */
static double gradient_of(const struct network_fixture *fixture, size_t i)
{
  const struct rnn_gradient *gradient = fixture->gradient;
  size_t dense = fixture->parameters->layout.dense, e = fixture->parameters->shape.e;
  if (i < dense)
    return gradient->dense[i];
  for (size_t row = 0; row < gradient->rows; row++)
    if ((size_t)gradient->row[row] == (i - dense) / e)
      return gradient->embedding[row * e + (i - dense) % e];
  return 0;
}

/* L at the state it started from, with parameter i moved by `step`. */
static double moved(struct network_fixture *fixture, size_t i, double step, bool carried)
{
  real *p = &fixture->parameters->value[i], kept = *p;
  *p += step;
  rnn_network_pack(fixture->network);
  if (carried)
    case_carry(fixture, 9);
  double nats = case_forward(fixture, !carried);
  *p = kept;
  return nats;
}

/* relu, and the greatest of several states: a corner may lie near. */
static bool has_corners(const struct rnn_config *config)
{
  return config->activation == RNN_RELU || config->pooling == RNN_POOL_MAX || config->pooling == RNN_POOL_MEAN_MAX;
}

/* Central difference; of the fourth order but where there are corners. */
static double numeric(struct network_fixture *fixture, size_t i, bool carried)
{
  double h = has_corners(&fixture->config) ? 1e-6 : 5e-4;
  double near = moved(fixture, i, h, carried) - moved(fixture, i, -h, carried);
  if (has_corners(&fixture->config))
    return near / (2 * h);
  double far = moved(fixture, i, 2 * h, carried) - moved(fixture, i, -2 * h, carried);
  return (8 * near - far) / (12 * h);
}

static double relative_error(double a, double b, double floor)
{
  return fabs(a - b) / fmax(fmax(fabs(a), fabs(b)), floor);
}

static size_t checked;

static void check(const struct network_case *what, const size_t *length, size_t lanes, bool carried)
{
  struct network_fixture *fixture = case_create(what, length, lanes);
  double nats = moved(fixture, 0, 0, carried);
  rnn_bptt(fixture->network, fixture->batch, fixture->tape, carried, fixture->gradient);
  double floor = has_corners(&fixture->config) ? fmax(1e-2, 2e-4 * nats) : 1e-4; /* L's last bits over h */
  for (size_t i = 0; i < fixture->parameters->layout.count; i++) {
    double analytic = gradient_of(fixture, i), difference = numeric(fixture, i, carried);
    cr_assert(relative_error(analytic, difference, floor) <= 1e-6, "%s, %zu lanes, %s: parameter %zu: %.12g, not %.12g",
              case_name(what), lanes, carried ? "carried" : "from s_0", i, analytic, difference);
    checked += analytic != 0;
  }
  case_free(fixture);
}

static void check_single_step(const struct network_case *what)
{
  check(what, (size_t[]){1}, 1, false);
}

static void check_unequal_lengths(const struct network_case *what)
{
  check(what, (size_t[]){2, 5, 1, 4, 4}, 5, false);
}

static void check_carried_state(const struct network_case *what)
{
  check(what, (size_t[]){3, 1, 3}, 3, true);
}

Test(gradient, equals_central_difference_of_one_step)
{
  case_visit_all(0, check_single_step);
  cr_assert(checked > 5000, "%zu", checked);
}

Test(gradient, equals_central_difference_of_unequal_lengths)
{
  case_visit_all(0, check_unequal_lengths);
  cr_assert(checked > 10000, "%zu", checked);
}

Test(gradient, equals_central_difference_after_a_carried_state)
{
  case_visit_all(0, check_carried_state);
  cr_assert(checked > 10000, "%zu", checked);
}

Test(gradient, equals_central_difference_with_units_left_out)
{
  case_visit_all(0.4, check_unequal_lengths);
  cr_assert(checked > 5000, "%zu", checked);
}

/* Unequal lengths, targets absent at some steps, units left out. */
Test(gradient, equals_central_difference_of_a_chain)
{
  for (int directions = 1; directions <= 2; directions++)
    for (int input = CASE_EMBEDDING; input <= CASE_WORDS; input++)
      for (int dropout = 0; dropout < 2; dropout++) {
        const struct network_case what = {.cell = "gru",
                                          .layers = 1,
                                          .bidirectional = directions == 2,
                                          .input = (enum case_input)input,
                                          .task = RNN_TAG,
                                          .dropout = dropout * 0.4,
                                          .crf = true};
        if (!case_input_fits(what.input, what.task))
          continue;
        check_single_step(&what);
        check_unequal_lengths(&what);
      }
  cr_assert(checked > 1000, "%zu", checked);
}

Test(gradient, equals_central_difference_of_weighted_and_smoothed_targets)
{
  double weight[] = {0.5, 3, 1, 0.25};
  const struct rnn_objective objectives[] = {
      {.smoothing = 0.1}, {.weight = weight}, {.weight = weight, .smoothing = 0.5}};
  for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++)
    for (int task = RNN_TAG; task <= RNN_CLASSIFY; task++) {
      const struct network_case what = {.cell = "lstm",
                                        .layers = 1,
                                        .input = CASE_EMBEDDING,
                                        .task = (enum rnn_task)task,
                                        .objective = &objectives[i]};
      check_single_step(&what);
      check_unequal_lengths(&what);
      check_carried_state(&what);
    }
  cr_assert(checked > 1000, "%zu", checked);
}

static void check_columns(const struct network_case *what)
{
  check_single_step(what);
  check_unequal_lengths(what);
  check_carried_state(what);
}

Test(gradient, equals_central_difference_of_several_columns)
{
  double weight[] = {0.5, 3, 1, 0.25, 2, 0.125, 1.5, 0.75, 4};
  const struct rnn_objective objective = {.weight = weight, .smoothing = 0.1, .others = 0.25};
  case_visit_columns(false, 0, NULL, check_columns);
  case_visit_columns(false, 0.4, &objective, check_columns);
  case_visit_columns(true, 0, NULL, check_columns);
  case_visit_columns(true, 0.4, &objective, check_columns);
  cr_assert(checked > 1000, "%zu", checked);
}

/* ---- the lecture's own derivation, for one Elman layer over frames ------------------------------------------------
 */

enum { N = 3, D = 4, K = 4, STEPS = 7 };

/* One sequence, forward, by the equations. Index 0 of s is s_0. */
struct unrolled {
  size_t steps;
  double x[STEPS][N], a[STEPS + 1][D], s[STEPS + 1][D], f_gradient[STEPS + 1][D];
  double ds[STEPS + 1][D]; /* dL_t/ds_t: of the loss at t alone */
  double u[D][N], w[D][D], b[D], v[K][D], c[K];
};

struct parts {
  double u[D][N], w[D][D], b[D];
};

static double f(int activation, double a)
{
  return activation == RNN_TANH ? tanh(a) : activation == RNN_LOGISTIC ? 1 / (1 + exp(-a)) : fmax(a, 0);
}

static double f_gradient(int activation, double a)
{
  double s = f(activation, a);
  return activation == RNN_TANH ? 1 - s * s : activation == RNN_LOGISTIC ? s * (1 - s) : a > 0;
}

/* dL_t/ds_t = V^T (y_t - onehot) */
static void unroll_loss(struct unrolled *net, size_t t, int32_t target)
{
  double y[K], sum = 0;
  for (size_t i = 0; i < K; i++) {
    y[i] = net->c[i];
    for (size_t j = 0; j < D; j++)
      y[i] += net->v[i][j] * net->s[t][j];
    sum += y[i] = exp(y[i]);
  }
  for (size_t j = 0; j < D; j++) {
    net->ds[t][j] = 0;
    for (size_t i = 0; i < K && target >= 0; i++)
      net->ds[t][j] += net->v[i][j] * (y[i] / sum - (i == (size_t)target));
  }
}

static void unroll(struct unrolled *net, const struct network_fixture *fixture, size_t lane)
{
  const struct rnn_sequence *sequence = &fixture->sequence[lane];
  int activation = fixture->config.activation;
  net->steps = sequence->length;
  memcpy(net->u, case_tensor(fixture, "layer0.U"), sizeof net->u);
  memcpy(net->w, case_tensor(fixture, "layer0.W"), sizeof net->w);
  memcpy(net->b, case_tensor(fixture, "layer0.b"), sizeof net->b);
  memcpy(net->s[0], case_tensor(fixture, "layer0.s0"), sizeof net->s[0]);
  memcpy(net->v, case_tensor(fixture, "output.V"), sizeof net->v);
  memcpy(net->c, case_tensor(fixture, "output.c"), sizeof net->c);
  for (size_t t = 1; t <= net->steps; t++) {
    for (size_t i = 0; i < D; i++) {
      net->a[t][i] = net->b[i];
      for (size_t j = 0; j < N; j++)
        net->a[t][i] += net->u[i][j] * (net->x[t - 1][j] = sequence->frame[(t - 1) * N + j]);
      for (size_t j = 0; j < D; j++)
        net->a[t][i] += net->w[i][j] * net->s[t - 1][j];
      net->s[t][i] = f(activation, net->a[t][i]);
      net->f_gradient[t][i] = f_gradient(activation, net->a[t][i]);
    }
    unroll_loss(net, t, sequence->target[t - 1]);
  }
}

/* product = product diag(f'(a_j)) W: one more factor ds_j/ds_{j-1} on the right */
static void multiply_by_jacobian(const struct unrolled *net, size_t j, double product[D][D])
{
  double left[D][D];
  memcpy(left, product, sizeof left);
  for (size_t p = 0; p < D; p++)
    for (size_t r = 0; r < D; r++) {
      product[p][r] = 0;
      for (size_t q = 0; q < D; q++)
        product[p][r] += left[p][q] * net->f_gradient[j][q] * net->w[q][r];
    }
}

/* sum += dL_t/ds_t (prod_j ds_j/ds_{j-1}) d+s_k/d(U, W, b), with the explicit derivatives as the tensors they are. */
static void add_term(const struct unrolled *net, size_t t, size_t k, const double product[D][D], struct parts *sum)
{
  for (size_t q = 0; q < D; q++) {
    double row = 0; /* (dL_t/ds_t product)[q] */
    for (size_t p = 0; p < D; p++)
      row += net->ds[t][p] * product[p][q];
    for (size_t p = 0; p < D; p++) {
      double explicit_b = p == q ? net->f_gradient[k][p] : 0;
      sum->b[p] += row * explicit_b;
      for (size_t r = 0; r < D; r++)
        sum->w[p][r] += row * explicit_b * net->s[k - 1][r];
      for (size_t r = 0; r < N; r++)
        sum->u[p][r] += row * explicit_b * net->x[k - 1][r];
    }
  }
}

/* dL/dW = sum_t dL_t/ds_t sum_{k<=t} (prod_{j=k+1..t} ds_j/ds_{j-1}) d+s_k/dW */
static void explicit_sum(const struct unrolled *net, struct parts *sum)
{
  for (size_t t = 1; t <= net->steps; t++) {
    double product[D][D] = {{0}};
    for (size_t i = 0; i < D; i++)
      product[i][i] = 1;
    for (size_t k = t; k >= 1; k--) {
      add_term(net, t, k, product, sum);
      multiply_by_jacobian(net, k, product);
    }
  }
}

/* Forward in time (Williams, Zipser 1989): P_t = ds_t/d(parameter) = diag(f'(a_t)) (W P_{t-1} + explicit). One
 * parameter of row `row` at a time; `input` is what it multiplies. */
static double forward_mode(const struct unrolled *net, size_t row,
                           double (*input)(const struct unrolled *, size_t, size_t), size_t column)
{
  double p[D] = {0}, sum = 0;
  for (size_t t = 1; t <= net->steps; t++) {
    double next[D];
    for (size_t i = 0; i < D; i++) {
      next[i] = i == row ? input(net, t, column) : 0;
      for (size_t j = 0; j < D; j++)
        next[i] += net->w[i][j] * p[j];
      next[i] *= net->f_gradient[t][i];
      sum += net->ds[t][i] * next[i];
    }
    memcpy(p, next, sizeof p);
  }
  return sum;
}

static double input_of_u(const struct unrolled *net, size_t t, size_t column)
{
  return net->x[t - 1][column];
}

static double input_of_w(const struct unrolled *net, size_t t, size_t column)
{
  return net->s[t - 1][column];
}

static double input_of_b(const struct unrolled *net, size_t t, size_t column)
{
  (void)net, (void)t, (void)column;
  return 1;
}

static void real_time(const struct unrolled *net, struct parts *sum)
{
  for (size_t i = 0; i < D; i++) {
    sum->b[i] += forward_mode(net, i, input_of_b, 0);
    for (size_t j = 0; j < N; j++)
      sum->u[i][j] += forward_mode(net, i, input_of_u, j);
    for (size_t j = 0; j < D; j++)
      sum->w[i][j] += forward_mode(net, i, input_of_w, j);
  }
}

static void compare(const char *what, const struct network_fixture *fixture, const char *name, const double *expected,
                    size_t count)
{
  size_t offset = fixture->parameters->layout.tensor[rnn_parameters_find(fixture->parameters, name)].offset;
  for (size_t i = 0; i < count; i++) {
    double bptt = fixture->gradient->dense[offset + i];
    cr_assert(bptt != 0 && relative_error(bptt, expected[i], 1e-3) <= 1e-11, "%s: d%s[%zu] = %.15g, not %.15g", what,
              name, i, bptt, expected[i]);
  }
}

static void compare_with_bptt(void (*derive)(const struct unrolled *net, struct parts *sum), const char *name)
{
  static const size_t length[] = {7, 3, 5, 1};
  for (int activation = RNN_TANH; activation <= RNN_LOGISTIC; activation++) {
    struct network_fixture *fixture = case_create(&(struct network_case){.cell = "elman",
                                                                         .activation = activation,
                                                                         .start = RNN_START_LEARNED,
                                                                         .layers = 1,
                                                                         .input = CASE_FRAMES,
                                                                         .task = RNN_TAG,
                                                                         .d = D},
                                                  length, 4);
    struct parts sum = {.b = {0}};
    for (size_t lane = 0; lane < 4; lane++) {
      struct unrolled net;
      unroll(&net, fixture, lane);
      derive(&net, &sum);
    }
    case_forward(fixture, true);
    rnn_bptt(fixture->network, fixture->batch, fixture->tape, false, fixture->gradient);
    compare(name, fixture, "layer0.U", &sum.u[0][0], D * N);
    compare(name, fixture, "layer0.W", &sum.w[0][0], D * D);
    compare(name, fixture, "layer0.b", sum.b, D);
    case_free(fixture);
  }
}

Test(gradient, equals_the_explicit_sum_over_k)
{
  compare_with_bptt(explicit_sum, "sum over k");
}

Test(gradient, equals_differentiation_forward_in_time)
{
  compare_with_bptt(real_time, "forward mode");
}
