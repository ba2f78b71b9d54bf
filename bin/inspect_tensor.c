/* rnn-inspect tensor: the elements of d+s_k/dW, and that most of them are zero. */
#include <math.h>
#include <string.h>

#include "gradient_flow_tensor.h"
#include "inspect_data.h"
#include "inspect_plot.h"
#include "memory.h"

enum { MOST_CHECKED = 4096 };

struct view {
  struct inspect *inspect;
  struct inspect_data data;
  struct rnn_probe *probe;
  struct rnn_tensor_view tensor;
  struct rnn_stepper *stepper;
  double *difference; /* [d] */
};

static enum rnn_status find(struct view *view, struct rnn_error *error)
{
  enum rnn_status status;
  struct inspect *inspect = view->inspect;
  const struct rnn_sequence *sequence = &view->data.sequence[0];
  const struct rnn_shape *shape = &view->data.model->parameters->shape;
  size_t k = inspect->step == SIZE_MAX ? sequence->length - 1 : inspect->step;
  RNN_TRY(inspect_check_place(inspect, shape, error));
  RNN_TRY(rnn_probe_create(&view->probe, view->data.model, 1, sequence->length, error));
  RNN_TRY(rnn_probe_forward(view->probe, sequence, 1, error));
  RNN_TRY(rnn_tensor_find(&view->tensor, view->probe, inspect->layer, inspect->reverse, k, error));
  RNN_TRY(rnn_stepper_create(&view->stepper, view->probe, inspect->layer, inspect->reverse, k, error));
  RNN_TRY(rnn_memory_new(&view->difference, shape->d, sizeof *view->difference, "differences", error));
out:
  return status;
}

/* The (q, r) that are checked: all, or as many as are asked for, spread evenly. */
static size_t check_some(const struct view *view, size_t most, double *worst)
{
  const struct rnn_tensor_view *tensor = &view->tensor;
  size_t all = tensor->rows * tensor->d, picked = most < all ? most : all;
  *worst = 0;
  for (size_t i = 0; i < picked; i++) {
    size_t at = (size_t)((double)i * (double)all / (double)picked), q = at / tensor->d, r = at % tensor->d;
    rnn_stepper_difference(view->stepper, q, r, view->difference);
    for (size_t p = 0; p < tensor->d; p++)
      *worst = fmax(*worst, fabs(view->difference[p] - rnn_tensor_element(tensor, p, q, r)));
  }
  return picked;
}

static enum rnn_status make_summary(const struct view *view, struct rnn_table **table, double *worst,
                                    struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_tensor_view *tensor = &view->tensor;
  char shape[80], sentence[200];
  uint64_t elements = (uint64_t)tensor->d * tensor->rows * tensor->d;
  size_t most = view->inspect->most_parameters == 0 ? MOST_CHECKED : view->inspect->most_parameters;
  size_t checked = check_some(view, most, worst);
  snprintf(shape, sizeof shape, "%zu x %zu x %zu", tensor->d, tensor->rows, tensor->d);
  snprintf(sentence, sizeof sentence,
           "%.4g %% of the elements are zero: s_k[p] depends on unit p's own rows of W alone",
           100 * (double)tensor->zeros / (double)elements);
  RNN_TRY(rnn_table_create(table, 2, error));
  RNN_TRY(inspect_fact(*table, "cell", view->data.model->parameters->shape.cell->name, error));
  RNN_TRY(inspect_fact_count(*table, "layer", view->inspect->layer, error));
  RNN_TRY(inspect_fact_count(*table, "k", tensor->step, error));
  RNN_TRY(inspect_fact(*table, "shape", shape, error));
  RNN_TRY(inspect_fact_count(*table, "elements", elements, error));
  RNN_TRY(inspect_fact_count(*table, "zero", tensor->zeros, error));
  RNN_TRY(inspect_fact_count(*table, "zero_by_rule", tensor->structural, error));
  RNN_TRY(inspect_fact_real(*table, "zero_share", (double)tensor->zeros / (double)elements, error));
  RNN_TRY(inspect_fact_count(*table, "weights_checked", checked, error));
  RNN_TRY(inspect_fact_count(*table, "weights", tensor->rows * tensor->d, error));
  RNN_TRY(inspect_fact_real(*table, "worst_error", *worst, error));
  RNN_TRY(inspect_fact(*table, "verdict", sentence, error));
out:
  return status;
}

/* ---- elements ---- */

static const struct inspect_picture elements_picture = {
    .title = "A slice of the tensor d+s_k[p] / dW[q][r]",
    .x_title = "r",
    .y_title = {"q"},
    .series = (const struct inspect_series[]){{.x = "r", .y = "q", .z = "value", .mark = INSPECT_HEAT}, {.y = NULL}},
    .group = {"p"},
    .square = true};

/* An index that is given, or all. */
static size_t first_of(size_t given)
{
  return given == SIZE_MAX ? 0 : given;
}

static size_t end_of(size_t given, size_t count)
{
  return given == SIZE_MAX ? count : given + 1;
}

static enum rnn_status check_index(const char *name, size_t given, size_t count, struct rnn_error *error)
{
  if (given == SIZE_MAX || given < count)
    return RNN_OK;
  return rnn_error_set(error, RNN_USAGE, "--%s=%zu: it lies between 0 and %zu", name, given, count - 1);
}

static enum rnn_status make_elements(const struct view *view, struct rnn_table **table, double *worst,
                                     struct rnn_error *error)
{
  static const char *const names[] = {"p", "q", "r", "value", "difference"};
  enum rnn_status status;
  const struct rnn_tensor_view *tensor = &view->tensor;
  const size_t *given = view->inspect->index;
  *worst = 0;
  RNN_TRY(check_index("p", given[0], tensor->d, error));
  RNN_TRY(check_index("q", given[1], tensor->rows, error));
  RNN_TRY(check_index("r", given[2], tensor->d, error));
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  for (size_t q = first_of(given[1]); q < end_of(given[1], tensor->rows); q++)
    for (size_t r = first_of(given[2]); r < end_of(given[2], tensor->d); r++) {
      rnn_stepper_difference(view->stepper, q, r, view->difference);
      for (size_t p = first_of(given[0]); p < end_of(given[0], tensor->d); p++) {
        double element = rnn_tensor_element(tensor, p, q, r);
        *worst = fmax(*worst, fabs(view->difference[p] - element));
        RNN_TRY(rnn_table_add_count(*table, p, error));
        RNN_TRY(rnn_table_add_count(*table, q, error));
        RNN_TRY(rnn_table_add_count(*table, r, error));
        RNN_TRY(rnn_table_add_real(*table, element, error));
        RNN_TRY(rnn_table_add_real(*table, view->difference[p], error));
      }
    }
out:
  return status;
}

/* ---- the view ---- */

enum rnn_status inspect_tensor(struct inspect *inspect, struct rnn_error *error)
{
  static const struct inspect_show shows[] = {{"summary", NULL}, {"elements", &elements_picture}, {NULL, NULL}};
  const double most_error = 1e-6;
  enum rnn_status status;
  struct view view = {.inspect = inspect};
  struct rnn_table *table = NULL;
  double worst;
  size_t show;
  bool element = inspect->index[0] != SIZE_MAX || inspect->index[1] != SIZE_MAX || inspect->index[2] != SIZE_MAX;
  if (element && inspect->show == NULL)
    inspect->show = "elements";
  RNN_TRY(inspect_choose(inspect, shows, &show, error));
  RNN_TRY(inspect->operands == 0 && inspect->settings == 0 ? inspect_data_draw(inspect, &view.data, error)
                                                           : inspect_data_open(inspect, &view.data, error));
  RNN_TRY(find(&view, error));
  RNN_TRY(show == 0 ? make_summary(&view, &table, &worst, error) : make_elements(&view, &table, &worst, error));
  RNN_TRY(inspect_write(inspect, table, shows[show].picture, error));
  status = worst <= most_error ? RNN_OK : RNN_NEGATIVE;
out:
  rnn_table_free(table);
  rnn_memory_free(view.difference);
  rnn_stepper_free(view.stepper);
  rnn_tensor_clear(&view.tensor);
  rnn_probe_free(view.probe);
  inspect_data_close(&view.data);
  return status;
}
