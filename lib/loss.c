/* Softmax and cross-entropy. */
#include "loss.h"

#include "memory.h"
#include "vector.h"

/* ---- what training makes of it ---- */

/* From n_c to N / (K n_c) of N targets, n_c of them of class c, and K classes that are met: all of these weigh the same
 * together (King, Zeng 2001). */
static void balance(size_t k, double *weight)
{
  double total = 0, met = 0;
  for (size_t c = 0; c < k; c++) {
    total += weight[c];
    met += weight[c] > 0;
  }
  for (size_t c = 0; c < k; c++)
    weight[c] = weight[c] > 0 ? total / (met * weight[c]) : 0;
}

/* How often each class is the target. */
static void count_targets(const struct rnn_corpus *corpus, double *weight)
{
  size_t targets;
  const int32_t *target = rnn_corpus_targets(corpus, &targets);
  for (size_t i = 0; i < targets; i++)
    if (target[i] >= 0)
      weight[target[i]]++;
}

enum rnn_status rnn_objective_init(struct rnn_objective *objective, const struct rnn_config *config,
                                   const struct rnn_corpus *corpus, const struct rnn_column *column, size_t columns,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  bool balanced = config->class_weights == RNN_WEIGHTS_BALANCED;
  size_t k = 0;
  *objective = (struct rnn_objective){.smoothing = config->label_smoothing, .others = config->other_columns};
  if (!balanced && (columns == 1 || config->other_columns == 1))
    return RNN_OK;
  for (size_t c = 0; c < columns; c++)
    k += column[c].k;
  RNN_TRY(rnn_memory_new(&objective->weight, k, sizeof *objective->weight, "weights of classes", error));
  if (balanced)
    count_targets(corpus, objective->weight);
  for (size_t c = 0; c < columns; c++) {
    double *weight = objective->weight + column[c].first;
    if (balanced)
      balance(column[c].k, weight);
    for (size_t j = 0; j < column[c].k; j++)
      weight[j] = (balanced ? weight[j] : 1) * (c > 0 ? config->other_columns : 1);
  }
out:
  return status;
}

double rnn_objective_of_chain(const struct rnn_objective *objective, size_t column)
{
  return objective == NULL || column == 0 || objective->others == 0 ? 1 : objective->others;
}

void rnn_objective_clear(struct rnn_objective *objective)
{
  rnn_memory_free(objective->weight);
  *objective = (struct rnn_objective){.weight = NULL};
}

static double weight_of(const struct rnn_objective *objective, size_t true_class)
{
  return objective == NULL || objective->weight == NULL ? 1 : objective->weight[true_class];
}

/* sum_j q_j z_j */
static double expected_logit(const struct rnn_objective *objective, size_t k, const real *z, size_t true_class)
{
  double sum = 0;
  if (objective == NULL || objective->smoothing == 0)
    return (double)z[true_class];
  for (size_t j = 0; j < k; j++)
    sum += (double)z[j];
  return (1 - objective->smoothing) * (double)z[true_class] + objective->smoothing / (double)k * sum;
}

/* y becomes y - q. */
static void subtract_expected(const struct rnn_objective *objective, size_t k, real *y, size_t true_class)
{
  double smoothing = objective == NULL ? 0 : objective->smoothing;
  for (size_t j = 0; smoothing > 0 && j < k; j++)
    y[j] -= (real)(smoothing / (double)k);
  y[true_class] -= (real)(1 - smoothing);
}

/* ---- many rows ---- */

void rnn_loss_forward(const struct rnn_objective *objective, size_t rows, const struct rnn_column *column, size_t ld,
                      real *z, const int32_t *target, struct rnn_loss *loss)
{
  size_t k = column->k;
  for (size_t row = 0; row < rows; row++) {
    real *y = z + row * ld + column->first; /* the logits until softmax has been here */
    if (target == NULL || target[row] < 0) {
      rnn_vector_softmax(k, y, y);
      continue;
    }
    size_t true_class = (size_t)target[row];
    double z_expected = expected_logit(objective, k, y, true_class);
    loss->nats += weight_of(objective, column->first + true_class) * ((double)rnn_vector_softmax(k, y, y) - z_expected);
    loss->terms++;
    if (rnn_vector_argmax(k, y) == true_class)
      loss->correct++;
  }
}

void rnn_loss_backward(const struct rnn_objective *objective, size_t rows, const struct rnn_column *column, size_t ld,
                       real *z, const int32_t *target)
{
  size_t k = column->k;
  for (size_t row = 0; row < rows; row++) {
    real *y = z + row * ld + column->first;
    if (target[row] < 0) {
      rnn_vector_fill(k, 0, y);
      continue;
    }
    double weight = weight_of(objective, column->first + (size_t)target[row]);
    subtract_expected(objective, k, y, (size_t)target[row]);
    if (weight != 1)
      rnn_vector_scale(k, (real)weight, y);
  }
}

struct rnn_loss rnn_loss_sum(const struct rnn_loss *loss, size_t columns)
{
  struct rnn_loss sum = loss[0];
  for (size_t c = 1; c < columns; c++) {
    sum.nats += loss[c].nats;
    sum.terms += loss[c].terms;
    sum.correct += loss[c].correct;
  }
  return sum;
}
