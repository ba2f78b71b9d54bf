/* rnn-inspect check: dL/d(every parameter) by back-propagation through time against central differences.
 *
 * The difference is of the fourth order, (8 (L(p+h) - L(p-h)) - (L(p+2h) - L(p-2h))) / 12h, at h = 5e-4. Its error is
 * of the order h^4 + 1e-16 L/h, so errors are taken relative to the larger of the two gradients but to no less than
 * 1e-4 max(1, L). Where they differ, a corner of relu may lie within 2h: smaller steps are tried, and if the parameter
 * lies on a corner itself (one-sided differences that disagree), any slope between the two sides is right. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "bptt.h"
#include "corpus.h"
#include "inspect.h"
#include "memory.h"
#include "network.h"
#include "random.h"

static const double step_sizes[] = {5e-4, 6e-5, 8e-6};
static const double good_enough = 1e-7, most_error = 1e-6, corner = 1e-3, smallest_share = 1e-4;

enum { STEP_SIZES = sizeof step_sizes / sizeof step_sizes[0], RANDOM_SEQUENCES = 3, RANDOM_STEPS = 5 };

struct check {
  struct rnn_model *model;
  struct rnn_network *network;
  struct rnn_batch *batch;
  struct rnn_state *state;
  struct rnn_tape *tape;
  struct rnn_gradient *gradient;
  double nats;  /* L */
  double floor; /* of what an error is relative to */
};

/* What was found about one tensor, or all. */
struct finding {
  uint64_t checked, corners;
  double error, analytic, numeric; /* of the worst parameter, */
  size_t row, column;              /* and where it is */
};

/* ---- the batch ---- */

static enum rnn_status read_data(const struct inspect *inspect, const struct rnn_model *model,
                                 struct rnn_dataset *dataset, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_source_settings settings = rnn_options_source(inspect->options);
  size_t strange;
  settings.name = inspect->operand;
  settings.names = inspect->operands;
  settings.text = model->text;
  settings.text_given = true;
  RNN_TRY(rnn_dataset_read(dataset, &settings, error));
  RNN_TRY(rnn_model_adopt(model, &dataset->corpus, dataset->symbols, dataset->labels, &strange, error));
out:
  return status;
}

/* Three short sequences of what the model may meet. */
static enum rnn_status draw_data(const struct inspect *inspect, const struct rnn_model *model,
                                 struct rnn_corpus *corpus, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_random random;
  const struct rnn_shape *shape = &model->parameters->shape;
  int32_t symbol[RANDOM_STEPS], target[RANDOM_STEPS];
  float *frame = NULL;
  rnn_random_init(&random, inspect->options->seed, RNN_PURPOSE_TEST, 0, 0);
  rnn_corpus_init(corpus, model->task, model->frame_width);
  RNN_TRY(rnn_memory_new(&frame, RANDOM_STEPS * model->frame_width, sizeof *frame, "frames", error));
  size_t symbols = model->symbols == NULL ? 0 : rnn_vocabulary_count(model->symbols);
  for (size_t i = 0; i < RANDOM_SEQUENCES; i++) {
    for (size_t t = 0; t < RANDOM_STEPS; t++) {
      symbol[t] = symbols == 0 ? RNN_ABSENT : (int32_t)rnn_random_below(&random, symbols);
      target[t] = (int32_t)rnn_random_below(&random, shape->k);
    }
    for (size_t j = 0; j < RANDOM_STEPS * model->frame_width; j++)
      frame[j] = (float)rnn_random_normal(&random);
    struct rnn_sequence sequence = {.length = RANDOM_STEPS - 2 * i,
                                    .symbol = shape->frames ? NULL : symbol,
                                    .frame = shape->frames ? frame : NULL,
                                    .target = model->task == RNN_TAG ? target : NULL,
                                    .label = model->task == RNN_CLASSIFY ? target[0] : RNN_ABSENT,
                                    .index = i};
    RNN_TRY(rnn_corpus_add(corpus, &sequence, error));
  }
out:
  rnn_memory_free(frame);
  return status;
}

/* Views of all sequences of a corpus, with targets; next [S] is for those of RNN_COMPLETE. Answers the longest length.
 */
static size_t view_sequences(const struct rnn_model *model, const struct rnn_corpus *corpus,
                             struct rnn_sequence *sequence, int32_t *next)
{
  size_t longest = 0;
  for (size_t i = 0; i < corpus->count; i++) {
    sequence[i] = rnn_corpus_sequence(corpus, i);
    if (model->task == RNN_COMPLETE) {
      rnn_model_next_symbols(model, sequence[i].symbol, sequence[i].length, next + corpus->begin[i]);
      sequence[i].target = next + corpus->begin[i];
    }
    longest = sequence[i].length > longest ? sequence[i].length : longest;
  }
  return longest;
}

static enum rnn_status fill_batch(struct check *check, const struct rnn_corpus *corpus, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &check->model->parameters->shape;
  struct rnn_sequence *sequence = NULL;
  int32_t *next = NULL;
  size_t rows = corpus->begin[corpus->count];
  RNN_TRY(rnn_memory_new(&sequence, corpus->count, sizeof *sequence, "sequences", error));
  RNN_TRY(rnn_memory_new(&next, rows, sizeof *next, "targets", error));
  size_t longest = view_sequences(check->model, corpus, sequence, next);
  RNN_TRY(rnn_batch_create(&check->batch, corpus->count, longest, rows, shape->frames ? 0 : shape->n,
                           corpus->frame_width, error));
  RNN_TRY(rnn_batch_fill(check->batch, check->model->task, sequence, corpus->count, true, error));
  RNN_TRY(rnn_state_create(&check->state, shape, corpus->count, error));
  RNN_TRY(rnn_tape_create(&check->tape, shape, corpus->count, longest, rows, true, error));
out:
  rnn_memory_free(next);
  rnn_memory_free(sequence);
  return status;
}

/* ---- the two gradients ---- */

static double forward(struct check *check)
{
  struct rnn_loss loss = {0};
  rnn_state_start(check->state, check->model->parameters, 0, check->batch->lanes);
  rnn_network_forward(check->network, check->batch, check->state, check->tape, true, &loss);
  return loss.nats;
}

/* L with parameter i moved. */
static double moved(struct check *check, size_t i, double by)
{
  real *value = &check->model->parameters->value[i], kept = *value;
  *value += (real)by;
  rnn_network_pack(check->network);
  double nats = forward(check);
  *value = kept;
  return nats;
}

static double relative_error(const struct check *check, double analytic, double numeric)
{
  double error = fabs(analytic - numeric) / fmax(fmax(fabs(analytic), fabs(numeric)), check->floor);
  return isnan(error) ? INFINITY : error;
}

/* True if the slopes on both sides of parameter i differ and the analytic one lies between them. */
static bool lies_on_corner(struct check *check, size_t i, double analytic)
{
  double h = step_sizes[STEP_SIZES - 1], here = moved(check, i, 0);
  double left = (here - moved(check, i, -h)) / h, right = (moved(check, i, h) - here) / h;
  double margin = corner * fmax(fmax(fabs(left), fabs(right)), check->floor);
  return fabs(left - right) > margin && analytic >= fmin(left, right) - margin &&
         analytic <= fmax(left, right) + margin;
}

static void check_parameter(struct check *check, size_t i, double analytic, struct finding *finding, size_t row,
                            size_t column)
{
  double least = INFINITY, numeric = NAN;
  for (size_t s = 0; s < STEP_SIZES && least > good_enough; s++) {
    double h = step_sizes[s];
    double near = moved(check, i, h) - moved(check, i, -h), far = moved(check, i, 2 * h) - moved(check, i, -2 * h);
    double slope = (8 * near - far) / (12 * h), error = relative_error(check, analytic, slope);
    if (error <= least) {
      least = error;
      numeric = slope;
    }
  }
  finding->checked++;
  if (least > most_error && lies_on_corner(check, i, analytic))
    finding->corners++;
  else if (least > finding->error || isnan(finding->numeric)) {
    finding->error = least;
    finding->analytic = analytic;
    finding->numeric = numeric;
    finding->row = row;
    finding->column = column;
  }
}

/* The parameters of a tensor; of the embedding those in rows the batch has met, for no other takes part. */
static void check_tensor(struct check *check, const struct rnn_tensor *tensor, size_t most, struct finding *finding)
{
  const struct rnn_gradient *gradient = check->gradient;
  bool dense = tensor->offset < check->model->parameters->layout.dense;
  size_t columns = tensor->columns, count = (dense ? tensor->rows : gradient->rows) * columns;
  size_t picked = most > 0 && most < count ? most : count;
  *finding = (struct finding){.numeric = NAN};
  for (size_t j = 0; j < picked; j++) {
    size_t at = (size_t)((double)j * (double)count / (double)picked), row = at / columns, column = at % columns;
    double analytic = (double)(dense ? gradient->dense[tensor->offset + at] : gradient->embedding[at]);
    row = dense ? row : (size_t)gradient->row[row];
    check_parameter(check, tensor->offset + row * columns + column, analytic, finding, row, column);
  }
}

/* ---- the report ---- */

static enum rnn_status add_finding(struct rnn_table *table, const char *name, const struct finding *finding,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  char place[2 * 24];
  snprintf(place, sizeof place, "%zu,%zu", finding->row, finding->column);
  RNN_TRY(rnn_table_add_text(table, name, error));
  RNN_TRY(rnn_table_add_count(table, finding->checked, error));
  RNN_TRY(rnn_table_add_real(table, finding->error, error));
  RNN_TRY(rnn_table_add_text(table, isnan(finding->numeric) ? "" : place, error));
  RNN_TRY(rnn_table_add_real(table, finding->analytic, error));
  RNN_TRY(rnn_table_add_real(table, finding->numeric, error));
  RNN_TRY(rnn_table_add_count(table, finding->corners, error));
out:
  return status;
}

static enum rnn_status check_tensors(struct check *check, const struct inspect *inspect, struct rnn_table *table,
                                     double *worst, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_layout *layout = &check->model->parameters->layout;
  struct finding all = {.numeric = NAN}, finding;
  for (size_t i = 0; i < layout->tensors; i++) {
    check_tensor(check, &layout->tensor[i], inspect->most_parameters, &finding);
    RNN_TRY(add_finding(table, layout->tensor[i].name, &finding, error));
    uint64_t checked = all.checked + finding.checked, corners = all.corners + finding.corners;
    if (finding.error > all.error || isnan(all.numeric))
      all = finding;
    all.checked = checked;
    all.corners = corners;
  }
  RNN_TRY(add_finding(table, "all", &all, error));
  *worst = all.error;
out:
  return status;
}

static enum rnn_status prepare(struct check *check, const struct rnn_corpus *corpus, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &check->model->parameters->shape;
  RNN_TRY(fill_batch(check, corpus, error));
  RNN_TRY(rnn_network_create(&check->network, check->model->parameters, true, error));
  RNN_TRY(rnn_gradient_create(&check->gradient, &check->model->parameters->layout, shape->e, check->batch->distinct,
                              error));
  check->nats = forward(check);
  check->floor = smallest_share * fmax(1, check->nats);
  rnn_bptt(check->network, check->batch, check->tape, false, check->gradient);
out:
  return status;
}

static void clear(struct check *check)
{
  rnn_network_free(check->network);
  rnn_batch_free(check->batch);
  rnn_state_free(check->state);
  rnn_tape_free(check->tape);
  rnn_gradient_free(check->gradient);
}

enum rnn_status inspect_check(struct inspect *inspect, struct rnn_error *error)
{
  static const char *const names[] = {"tensor", "parameters", "worst_error", "at", "bptt", "difference", "corners"};
  enum rnn_status status;
  struct inspect_source source = {0};
  struct inspect of_model = *inspect;
  struct rnn_dataset dataset = {0};
  struct rnn_corpus drawn = {0};
  struct check check = {0};
  struct rnn_table *table = NULL;
  double worst = 0;
  of_model.operands = 0;
  if (of_model.model == NULL)
    RNN_TRY(rnn_options_claim(inspect->options, "-", "the model", error));
  RNN_TRY(inspect_open_model(&of_model, &source, error));
  check.model = source.model;
  if (inspect->operands > 0)
    RNN_TRY(read_data(inspect, check.model, &dataset, error));
  else
    RNN_TRY(draw_data(inspect, check.model, &drawn, error));
  RNN_TRY(prepare(&check, inspect->operands > 0 ? &dataset.corpus : &drawn, error));
  RNN_TRY(rnn_table_create(&table, sizeof names / sizeof names[0], error));
  rnn_table_name(table, names, true);
  RNN_TRY(check_tensors(&check, inspect, table, &worst, error));
  RNN_TRY(rnn_table_write(table, inspect->output, inspect->style, error));
  status = worst <= most_error ? RNN_OK : RNN_NEGATIVE;
out:
  rnn_table_free(table);
  clear(&check);
  rnn_dataset_clear(&dataset);
  rnn_corpus_clear(&drawn);
  inspect_close(&source);
  return status;
}
