/* How much the network and the wide path each have to say. */
#include <float.h>
#include <math.h>

#include "memory.h"
#include "predictor.h"
#include "wide_fit.h"

enum { AT_A_TIME = 256, MOST_LANES = 32, MOST_STEPS = 50 };

/* Draws the shares to where they stand before anything is known, about as much as one text would: with few texts, or
 * none mistaken, they stay numbers. */
static const double prior = 1, usual[2] = {RNN_WIDE_USUAL_NETWORK, RNN_WIDE_USUAL_WIDE};

/* What the paths say of the texts with a label. */
struct answers {
  size_t texts, classes;
  int32_t *label;      /* [texts] */
  double *network, *z; /* [texts][classes] log y of the network, and of the wide path */
};

/* ---- asking ---- */

static void take_network(void *context, size_t i, size_t t, size_t k, const real *y)
{
  struct answers *answers = context;
  (void)t;
  for (size_t j = 0; j < k; j++)
    answers->network[(answers->texts + i) * k + j] = log(fmax((double)y[j], (double)FLT_MIN));
}

static void ask_wide(struct answers *answers, struct rnn_wide_reader *reader, const struct rnn_sequence *sequence,
                     size_t text)
{
  rnn_wide_reader_start(reader);
  rnn_wide_reader_read(reader, sequence->symbol, sequence->length);
  const double *z = rnn_wide_reader_z(reader);
  for (size_t j = 0; j < answers->classes; j++)
    answers->z[text * answers->classes + j] = z[j];
}

static enum rnn_status ask(struct answers *answers, const struct rnn_corpus *corpus, struct rnn_predictor *predictor,
                           struct rnn_wide_reader *reader, struct rnn_error *error)
{
  struct rnn_answer receiver = {.take = take_network, .context = answers};
  for (size_t i = 0; i < corpus->count;) {
    struct rnn_sequence some[AT_A_TIME];
    size_t count = 0;
    for (; i < corpus->count && count < AT_A_TIME; i++) {
      struct rnn_sequence sequence = rnn_corpus_sequence(corpus, i);
      if (sequence.label < 0 || sequence.length == 0)
        continue;
      ask_wide(answers, reader, &sequence, answers->texts + count);
      answers->label[answers->texts + count] = sequence.label;
      some[count++] = sequence;
    }
    enum rnn_status status = rnn_predictor_run(predictor, some, count, &receiver, error);
    if (status != RNN_OK)
      return status;
    answers->texts += count;
  }
  return RNN_OK;
}

/* ---- the shares ---- */

/* What one text adds to -log y and its derivatives by the two shares; answers the class that is most probable. */
struct slope {
  double nats, first[2], second[2][2];
};

static size_t add_text(struct slope *slope, const struct answers *answers, size_t text, const double share[2],
                       double *y)
{
  size_t k = answers->classes, best = 0, label = (size_t)answers->label[text];
  const double *path[2] = {answers->network + text * k, answers->z + text * k};
  double greatest = -INFINITY, sum = 0, mean[2] = {0}, product[2][2] = {{0}};
  for (size_t j = 0; j < k; j++) {
    y[j] = share[0] * path[0][j] + share[1] * path[1][j];
    best = y[j] > y[best] ? j : best;
  }
  greatest = y[best];
  slope->nats -= y[label] - greatest;
  for (size_t j = 0; j < k; j++)
    sum += y[j] = exp(y[j] - greatest);
  slope->nats += log(sum);
  for (size_t j = 0; j < k; j++)
    for (size_t a = 0; a < 2; a++) {
      mean[a] += y[j] / sum * path[a][j];
      for (size_t b = 0; b < 2; b++)
        product[a][b] += y[j] / sum * path[a][j] * path[b][j];
    }
  for (size_t a = 0; a < 2; a++) {
    slope->first[a] += mean[a] - path[a][label];
    for (size_t b = 0; b < 2; b++)
      slope->second[a][b] += product[a][b] - mean[a] * mean[b];
  }
  return best;
}

/* At these shares; *correct: the texts whose label is the most probable one. */
static struct slope measure(const struct answers *answers, const double share[2], double *y, size_t *correct)
{
  struct slope slope = {.nats = 0};
  *correct = 0;
  for (size_t text = 0; text < answers->texts; text++)
    *correct += add_text(&slope, answers, text, share, y) == (size_t)answers->label[text];
  return slope;
}

static double with_prior(const struct slope *slope, const double share[2])
{
  double sum = 0;
  for (size_t a = 0; a < 2; a++)
    sum += (share[a] - usual[a]) * (share[a] - usual[a]);
  return slope->nats + prior / 2 * sum;
}

/* Newton's step from `share`; one that would fall below 0 stays there, and the other goes on alone. */
static void newton_step(const struct slope *slope, const double share[2], double step[2])
{
  double g[2], h[2][2];
  for (size_t a = 0; a < 2; a++) {
    g[a] = slope->first[a] + prior * (share[a] - usual[a]);
    for (size_t b = 0; b < 2; b++)
      h[a][b] = slope->second[a][b] + (a == b ? prior : 0);
  }
  double determinant = h[0][0] * h[1][1] - h[0][1] * h[1][0];
  step[0] = (g[1] * h[0][1] - g[0] * h[1][1]) / determinant;
  step[1] = (g[0] * h[1][0] - g[1] * h[0][0]) / determinant;
  for (size_t a = 0; a < 2; a++)
    if (share[a] + step[a] < 0) {
      step[a] = -share[a];
      step[1 - a] = -(g[1 - a] + h[0][1] * step[a]) / h[1 - a][1 - a];
      step[1 - a] = fmax(step[1 - a], -share[1 - a]);
      break;
    }
}

/* The loss is convex in the shares: steps that do not lessen it are halved. */
static void find_shares(const struct answers *answers, double share[2], double *y)
{
  enum { MOST_HALVES = 20 };
  size_t correct;
  struct slope slope = measure(answers, share, y, &correct);
  for (int i = 0; i < MOST_STEPS; i++) {
    double step[2], tried[2], before = with_prior(&slope, share);
    int halves = 0;
    newton_step(&slope, share, step);
    for (;; halves++) {
      for (size_t a = 0; a < 2; a++)
        tried[a] = share[a] + ldexp(step[a], -halves);
      slope = measure(answers, tried, y, &correct);
      if (with_prior(&slope, tried) < before || halves == MOST_HALVES)
        break;
    }
    if (!(with_prior(&slope, tried) < before - 1e-9 * before))
      return;
    share[0] = tried[0];
    share[1] = tried[1];
  }
}

enum rnn_status rnn_wide_calibrate(struct rnn_wide *wide, const struct rnn_model *model,
                                   const struct rnn_corpus *corpus, struct rnn_pool *pool,
                                   struct rnn_wide_report *report, struct rnn_error *error)
{
  enum rnn_status status;
  struct answers answers = {.classes = wide->classes};
  struct rnn_predictor *predictor = NULL;
  struct rnn_wide_reader reader = {.wide = NULL};
  double share[2] = {usual[0], usual[1]}, *y = NULL;
  size_t numbers, correct;
  if (!rnn_size_multiply(corpus->count, answers.classes, &numbers))
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: answers to %zu texts", corpus->count);
  RNN_TRY(rnn_wide_reader_init(&reader, wide, error));
  RNN_TRY(rnn_predictor_create(&predictor, model, MOST_LANES, pool, error));
  RNN_TRY(rnn_memory_new(&answers.label, corpus->count, sizeof *answers.label, "answers", error));
  RNN_TRY(rnn_memory_new(&answers.network, numbers, sizeof *answers.network, "answers", error));
  RNN_TRY(rnn_memory_new(&answers.z, numbers, sizeof *answers.z, "answers", error));
  RNN_TRY(rnn_memory_new(&y, answers.classes, sizeof *y, "answers", error));
  RNN_TRY(ask(&answers, corpus, predictor, &reader, error));
  find_shares(&answers, share, y);
  wide->share[0] = (float)share[0];
  wide->share[1] = (float)share[1];
  *report = (struct rnn_wide_report){.texts = answers.texts};
  if (answers.texts > 0) {
    report->nats = measure(&answers, share, y, &correct).nats / (double)answers.texts;
    report->accuracy = (double)correct / (double)answers.texts;
  }
out:
  rnn_predictor_free(predictor);
  rnn_wide_reader_clear(&reader);
  rnn_memory_free(answers.label);
  rnn_memory_free(answers.network);
  rnn_memory_free(answers.z);
  rnn_memory_free(y);
  return status;
}
