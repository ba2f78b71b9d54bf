/* A chain of tags against what it must equal: sums over every tagging there is. */
#include "crf.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "network_case.h"

enum { K = 4, MOST = 5, LANES = 4, TAGGINGS = 1024 /* K^MOST */ };

static const size_t lengths[LANES] = {3, MOST, 1, 4};
static const double tolerance = sizeof(real) == sizeof(double) ? 1e-10 : 2e-5;

static struct network_fixture *create(const char *cell, bool bidirectional)
{
  return case_create(
      &(struct network_case){.cell = cell, .layers = 1, .bidirectional = bidirectional, .task = RNN_TAG, .crf = true},
      lengths, LANES);
}

/* Sums over the taggings of a lane of z = log y: all, those with the targets, those with each tag at each step. */
struct sums {
  double all, right, with[MOST][K];
  size_t best[MOST];
};

static double score_of(const struct network_fixture *fixture, const size_t *tag, size_t steps, const double (*z)[K])
{
  const real *a = case_tensor(fixture, "output.A");
  double score = (double)a[K * K + tag[0]] + (double)a[(K + 1) * K + tag[steps - 1]];
  for (size_t t = 0; t < steps; t++)
    score += z[t][tag[t]] + (t > 0 ? (double)a[tag[t - 1] * K + tag[t]] : 0);
  return score;
}

static void sum_all(const struct network_fixture *fixture, const struct rnn_sequence *sequence, const double (*z)[K],
                    struct sums *sums)
{
  size_t taggings = 1, tag[MOST];
  double greatest = -INFINITY;
  *sums = (struct sums){.all = 0};
  for (size_t t = 0; t < sequence->length; t++)
    taggings *= K;
  for (size_t number = 0; number < taggings; number++) {
    bool right = true;
    for (size_t t = 0, rest = number; t < sequence->length; t++, rest /= K) {
      tag[t] = rest % K;
      right = right && (sequence->target[t] == RNN_ABSENT || sequence->target[t] == (int32_t)tag[t]);
    }
    double score = score_of(fixture, tag, sequence->length, z), p = exp(score);
    sums->all += p;
    sums->right += right ? p : 0;
    for (size_t t = 0; t < sequence->length; t++)
      sums->with[t][tag[t]] += p;
    if (score > greatest)
      memcpy(sums->best, tag, sizeof tag);
    greatest = fmax(greatest, score);
  }
}

/* Of the lane's logits, from the readout alone. */
static void logits(const struct network_fixture *fixture, size_t lane, size_t steps, double (*z)[K])
{
  const struct rnn_shape *shape = &fixture->parameters->shape;
  for (size_t t = 0; t < steps; t++)
    for (size_t j = 0; j < K; j++) {
      z[t][j] = (double)case_tensor(fixture, "output.c")[j];
      for (size_t i = 0; i < shape->pooled; i++)
        z[t][j] += (double)case_tensor(fixture, "output.V")[j * shape->pooled + i] *
                   (double)fixture->tape->up[0][rnn_batch_row(fixture->batch, t, lane) * shape->pooled + i];
    }
}

Test(crf, loss_marginals_and_tagging_are_those_of_all_taggings)
{
  struct network_fixture *fixture = create("gru", true);
  const struct rnn_batch *batch = fixture->batch;
  struct rnn_crf_tape *tape;
  double nats = case_forward(fixture, true), expected = 0;
  size_t correct = 0;
  struct rnn_loss loss = {.nats = 0};
  cr_assert_eq(rnn_crf_tape_create(&tape, K, batch->rows, false, NULL), RNN_OK);
  rnn_crf_forward(fixture->network->crf[0], batch, fixture->tape->y, tape, &loss);
  cr_assert_eq(loss.nats, nats);
  rnn_crf_decode(fixture->network->crf[0], batch, tape, fixture->tape->y, &loss);
  for (size_t lane = 0; lane < LANES; lane++) {
    const struct rnn_sequence *sequence = &fixture->sequence[batch->order[lane]];
    double z[MOST][K];
    struct sums sums;
    logits(fixture, lane, sequence->length, z);
    sum_all(fixture, sequence, z, &sums);
    expected += log(sums.all) - log(sums.right);
    for (size_t t = 0; t < sequence->length; t++) {
      size_t row = rnn_batch_row(batch, t, lane);
      cr_assert_eq(tape->best[row], (int32_t)sums.best[t], "lane %zu, step %zu", lane, t);
      correct += tape->best[row] == sequence->target[t];
      for (size_t j = 0; j < K; j++)
        cr_assert_float_eq(fixture->tape->y[row * K + j], sums.with[t][j] / sums.all, tolerance);
    }
  }
  cr_assert_float_eq(nats, expected, 20 * tolerance, "%g, not %g", nats, expected);
  cr_assert_eq(loss.correct, correct);
  rnn_crf_tape_free(tape);
  case_free(fixture);
}

Test(crf, a_lane_has_the_same_bits_alone)
{
  struct network_fixture *fixture = create("lstm", true);
  real y[LANES][MOST * K];
  double nats = 0;
  case_forward(fixture, true);
  rnn_bptt(fixture->network, fixture->batch, fixture->tape, false, fixture->gradient);
  for (size_t lane = 0; lane < LANES; lane++)
    for (size_t t = 0; t < fixture->batch->length[lane]; t++)
      memcpy(&y[fixture->batch->order[lane]][t * K], fixture->tape->y + rnn_batch_row(fixture->batch, t, lane) * K,
             K * sizeof(real));
  for (size_t i = 0; i < LANES; i++) {
    case_fill(fixture, &fixture->sequence[i], 1);
    nats += case_forward(fixture, true);
    rnn_bptt(fixture->network, fixture->batch, fixture->tape, false, fixture->gradient);
    cr_assert_arr_eq(fixture->tape->y, y[i], lengths[i] * K * sizeof(real));
  }
  cr_assert_gt(nats, 0);
  case_free(fixture);
}

Test(crf, no_score_makes_the_loss_infinite)
{
  struct network_fixture *fixture = create("elman", false);
  real *a = case_tensor(fixture, "output.A"), *v = case_tensor(fixture, "output.V");
  for (size_t i = 0; i < (K + 2) * K; i++)
    a[i] = i % 2 == 0 ? 40 : -40;
  for (size_t i = 0; i < K * fixture->parameters->shape.pooled; i++)
    v[i] *= 1000;
  rnn_network_pack(fixture->network);
  double nats = case_forward(fixture, true);
  cr_assert(isfinite(nats) && nats > 0, "%g", nats);
  rnn_bptt(fixture->network, fixture->batch, fixture->tape, false, fixture->gradient);
  for (size_t i = 0; i < fixture->gradient->dense_count; i++)
    cr_assert(isfinite((double)fixture->gradient->dense[i]), "parameter %zu", i);
  case_free(fixture);
}
