/* rnn-inspect jacobians: what one step, and many, do to the length of a gradient. */
#include <math.h>
#include <string.h>

#include "gradient_flow_jacobian.h"
#include "inspect_data.h"
#include "inspect_plot.h"
#include "memory.h"

enum { PART_BYTES = 512 << 20 };

/* All sequences, layers and directions, one after another. */
struct view {
  const struct inspect *inspect;
  struct inspect_data data;
  struct rnn_probe *probe;
  struct rnn_pool *pool;
  struct rnn_jacobians *found; /* [sequences][layers][directions] */
  size_t layers, directions;
};

static struct rnn_jacobians *at(const struct view *view, size_t sequence, size_t layer, size_t direction)
{
  return &view->found[(sequence * view->layers + layer) * view->directions + direction];
}

/* `values`: all singular values, not the norms alone. */
static enum rnn_status find_all(struct view *view, bool values, struct rnn_error *error)
{
  enum rnn_status status;
  const struct inspect_data *data = &view->data;
  const struct rnn_shape *shape = &data->model->parameters->shape;
  double nats;
  view->layers = shape->layers;
  view->directions = shape->directions;
  RNN_TRY(rnn_pool_create(&view->pool, view->inspect->options->threads, error));
  RNN_TRY(rnn_probe_create(&view->probe, data->model, 1, inspect_data_longest(data), error));
  RNN_TRY(rnn_memory_new(&view->found, data->sequences, view->layers * view->directions * sizeof *view->found,
                         "Jacobians", error));
  for (size_t i = 0; i < data->sequences; i++) {
    size_t last = data->sequence[i].length - 1, step = view->inspect->step;
    RNN_TRY(rnn_probe_run(view->probe, &data->sequence[i], 1, &nats, error));
    for (size_t layer = 0; layer < view->layers; layer++)
      for (size_t direction = 0; direction < view->directions; direction++)
        RNN_TRY(rnn_jacobians_find(at(view, i, layer, direction), view->probe, layer, direction,
                                   step == SIZE_MAX ? last : step, values, view->inspect->options->seed, view->pool,
                                   error));
  }
out:
  return status;
}

static void clear(struct view *view)
{
  for (size_t i = 0; i < view->data.sequences * view->layers * view->directions && view->found != NULL; i++)
    rnn_jacobians_clear(&view->found[i]);
  rnn_memory_free(view->found);
  rnn_probe_free(view->probe);
  rnn_pool_free(view->pool);
  inspect_data_close(&view->data);
}

static enum rnn_status add_place(struct rnn_table *table, size_t sequence, size_t layer, size_t direction,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_table_add_count(table, sequence, error));
  RNN_TRY(rnn_table_add_count(table, layer, error));
  RNN_TRY(rnn_table_add_text(table, direction == 1 ? "reverse" : "forward", error));
out:
  return status;
}

/* ---- facts ---- */

/* One direction of one layer, over all sequences. */
struct summary {
  double norm_mean, norm_most; /* of ds_t/ds_{t-1}: geometric mean, most */
  double saturated, lyapunov;  /* means */
  double factor;               /* by which ds_t/ds_k changes a step, geometric mean */
};

static struct summary summarise(const struct view *view, size_t layer, size_t direction)
{
  struct summary sum = {.norm_most = 0};
  double steps = 0, flat = 0, products = 0, sequences = (double)view->data.sequences;
  for (size_t i = 0; i < view->data.sequences; i++) {
    const struct rnn_jacobians *found = at(view, i, layer, direction);
    for (size_t t = 0; t < found->steps; t++) {
      double norm = found->norm[t];
      sum.norm_mean += log(norm);
      sum.norm_most = fmax(sum.norm_most, norm);
      sum.saturated += isnan(found->saturated[t]) ? 0 : found->saturated[t];
      flat += !isnan(found->saturated[t]);
      steps++;
    }
    sum.lyapunov += found->lyapunov / sequences;
    if (found->end > 0) {
      sum.factor += log(found->product[0]);
      products += (double)found->end;
    }
  }
  sum.norm_mean = exp(sum.norm_mean / steps);
  sum.saturated = flat > 0 ? sum.saturated / flat : NAN;
  sum.factor = products > 0 ? exp(sum.factor / products) : NAN;
  return sum;
}

static const char *verdict_of(double factor)
{
  const double edge = 0.05;
  return isnan(factor)       ? "too short to tell"
         : factor < 1 - edge ? "vanishing"
         : factor > 1 + edge ? "exploding"
                             : "near the edge";
}

static enum rnn_status add_fact(struct rnn_table *table, const char *place, const char *name, double number,
                                struct rnn_error *error)
{
  char text[80];
  snprintf(text, sizeof text, "%s.%s", place, name);
  return inspect_fact_real(table, text, number, error);
}

/* lambda and spectral radius of W, gate by gate; the bound that is the Elman cell's alone. */
static enum rnn_status add_weights(const struct view *view, struct rnn_table *table, const char *place, size_t layer,
                                   size_t direction, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_parameters *parameters = view->data.model->parameters;
  const struct rnn_cell *cell = parameters->shape.cell;
  double gamma = rnn_recurrence_gamma(&parameters->shape);
  size_t gates = cell->elementwise ? cell->vectors : cell->gates;
  for (size_t gate = 0; gate < gates; gate++) {
    struct rnn_recurrence recurrence;
    char within[64];
    RNN_TRY(rnn_recurrence_find(&recurrence, parameters, layer, direction, gate, error));
    if (gates == 1)
      snprintf(within, sizeof within, "%s", place);
    else
      snprintf(within, sizeof within, "%s.%s%c", place, cell->elementwise ? "w" : "W_",
               cell->elementwise ? (char)('0' + gate) : cell->letters[gate]);
    RNN_TRY(add_fact(table, within, "lambda", recurrence.lambda, error));
    RNN_TRY(add_fact(table, within, "radius", recurrence.radius, error));
    if (!isnan(gamma)) {
      RNN_TRY(add_fact(table, within, "gamma", gamma, error));
      RNN_TRY(add_fact(table, within, "gamma_lambda", gamma * recurrence.lambda, error));
    }
  }
out:
  return status;
}

static enum rnn_status add_layers(const struct view *view, struct rnn_table *table, struct summary *slowest,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  *slowest = (struct summary){.factor = NAN};
  for (size_t layer = 0; layer < view->layers; layer++)
    for (size_t direction = 0; direction < view->directions; direction++) {
      struct summary sum = summarise(view, layer, direction);
      char place[40], text[80];
      snprintf(place, sizeof place, "layer%zu%s", layer, direction == 1 ? ".reverse" : "");
      RNN_TRY(add_weights(view, table, place, layer, direction, error));
      RNN_TRY(add_fact(table, place, "norm_mean", sum.norm_mean, error));
      RNN_TRY(add_fact(table, place, "norm_most", sum.norm_most, error));
      RNN_TRY(add_fact(table, place, "saturated", sum.saturated, error));
      RNN_TRY(add_fact(table, place, "lyapunov", sum.lyapunov, error));
      RNN_TRY(add_fact(table, place, "factor", sum.factor, error));
      snprintf(text, sizeof text, "%s.verdict", place);
      RNN_TRY(inspect_fact(table, text, verdict_of(sum.factor), error));
      if (isnan(slowest->factor) || sum.factor > slowest->factor)
        *slowest = sum;
    }
out:
  return status;
}

/* One sentence: what ds_t/ds_k does, and how far back the gradient goes. */
static enum rnn_status add_verdict(const struct view *view, struct rnn_table *table, const struct summary *slowest,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_flow flow = {.points = 0};
  char sentence[256];
  int used = snprintf(sentence, sizeof sentence, "%s", verdict_of(slowest->factor));
  if (!isnan(slowest->factor))
    used += snprintf(sentence + used, sizeof sentence - (size_t)used, ": ds_t/ds_k changes by a factor of %.3g a step",
                     slowest->factor);
  status = rnn_flow_find(&flow, view->data.model, view->data.sequence, view->data.sequences, false, PART_BYTES, error);
  if (status == RNN_OK) {
    size_t tau = rnn_flow_tau(&flow, 0.01);
    RNN_TRY(inspect_add_tau(table, &flow, error));
    if (tau > 0)
      snprintf(sentence + used, sizeof sentence - (size_t)used,
               "; 99 %% of the gradient comes from the last %zu steps, so bptt: %zu is enough", tau, tau);
    else
      snprintf(sentence + used, sizeof sentence - (size_t)used, "; the gradient needs all %zu steps, so bptt: full",
               flow.truncations);
  } else if (status != RNN_DATA)
    goto out;
  else
    error->text[0] = '\0'; /* data without targets: the states have Jacobians, the losses are not there */
  RNN_TRY(inspect_fact(table, "verdict", sentence, error));
out:
  rnn_flow_clear(&flow);
  return status;
}

static enum rnn_status make_summary(const struct view *view, struct rnn_table **table, struct rnn_error *error)
{
  enum rnn_status status;
  struct summary slowest;
  RNN_TRY(rnn_table_create(table, 2, error));
  RNN_TRY(inspect_add_data(*table, &view->data, error));
  RNN_TRY(inspect_fact(*table, "cell", view->data.model->parameters->shape.cell->name, error));
  RNN_TRY(add_layers(view, *table, &slowest, error));
  RNN_TRY(add_verdict(view, *table, &slowest, error));
out:
  return status;
}

/* ---- ||ds_t/ds_k|| beside its bounds ---- */

static const struct inspect_picture products_picture = {
    .title = "What is left of a change at step k in the state at step t",
    .x_title = "t - k, steps",
    .y_title = {"||ds_t / ds_k||"},
    .series = (const struct inspect_series[]){{.title = "norm", .x = "distance", .y = "norm"},
                                              {.title = "product of the norms", .x = "distance", .y = "steps_bound"},
                                              {.title = "(gamma lambda)^(t-k)", .x = "distance", .y = "bound"},
                                              {.y = NULL}},
    .group = {"sequence", "layer", "direction"},
    .log_y = true};

static enum rnn_status make_products(const struct view *view, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"sequence", "layer", "direction",   "t",    "k",
                                      "distance", "norm",  "steps_bound", "bound"};
  enum rnn_status status;
  const struct rnn_parameters *parameters = view->data.model->parameters;
  double gamma = rnn_recurrence_gamma(&parameters->shape);
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  for (size_t i = 0; i < view->data.sequences * view->layers * view->directions; i++) {
    size_t layer = i / view->directions % view->layers, direction = i % view->directions;
    const struct rnn_jacobians *found = &view->found[i];
    struct rnn_recurrence recurrence = {.lambda = NAN};
    if (!isnan(gamma))
      RNN_TRY(rnn_recurrence_find(&recurrence, parameters, layer, direction, 0, error));
    for (size_t distance = 0; distance <= found->end; distance++) {
      size_t k = found->end - distance, last = found->steps - 1;
      RNN_TRY(add_place(*table, i / view->directions / view->layers, layer, direction, error));
      RNN_TRY(rnn_table_add_count(*table, direction == 1 ? last - found->end : found->end, error));
      RNN_TRY(rnn_table_add_count(*table, direction == 1 ? last - k : k, error));
      RNN_TRY(rnn_table_add_count(*table, distance, error));
      RNN_TRY(rnn_table_add_real(*table, found->product[k], error));
      RNN_TRY(rnn_table_add_real(*table, found->bound[k], error));
      RNN_TRY(rnn_table_add_real(*table, isnan(gamma) ? NAN : pow(gamma * recurrence.lambda, (double)distance), error));
    }
  }
out:
  return status;
}

/* ---- singular values ---- */

static const struct inspect_picture steps_picture = {
    .title = "Singular values of ds_t / ds_{t-1}",
    .x_title = "t",
    .y_title = {"singular values"},
    .series =
        (const struct inspect_series[]){{.title = "10 to 90 %", .x = "t", .y = "p10", .z = "p90", .mark = INSPECT_BAND},
                                        {.title = "largest", .x = "t", .y = "largest"},
                                        {.title = "median", .x = "t", .y = "median"},
                                        {.y = NULL}},
    .group = {"sequence", "layer", "direction"}};

static enum rnn_status make_steps(const struct view *view, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"sequence", "layer",  "direction", "t",        "largest",
                                      "p90",      "median", "p10",       "smallest", "saturated"};
  static const double shares[] = {0, 0.1, 0.5, 0.9, 1};
  enum rnn_status status;
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  for (size_t i = 0; i < view->data.sequences * view->layers * view->directions; i++) {
    size_t layer = i / view->directions % view->layers, direction = i % view->directions;
    const struct rnn_jacobians *found = &view->found[i];
    for (size_t row = 0; row < found->steps; row++) {
      size_t step = direction == 1 ? found->steps - 1 - row : row;
      RNN_TRY(add_place(*table, i / view->directions / view->layers, layer, direction, error));
      RNN_TRY(rnn_table_add_count(*table, row, error));
      for (size_t j = 0; j < sizeof shares / sizeof *shares; j++)
        RNN_TRY(rnn_table_add_real(
            *table, found->value[step * found->width + (size_t)(shares[j] * (double)(found->width - 1) + 0.5)], error));
      RNN_TRY(rnn_table_add_real(*table, found->saturated[step], error));
    }
  }
out:
  return status;
}

static const struct inspect_picture values_picture = {
    .title = "Singular values of ds_t / ds_{t-1}",
    .x_title = "t",
    .y_title = {"singular values"},
    .series = (const struct inspect_series[]){{.x = "t", .y = "value", .mark = INSPECT_POINTS}, {.y = NULL}},
    .group = {"sequence", "layer", "direction"}};

static enum rnn_status make_values(const struct view *view, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"sequence", "layer", "direction", "t", "i", "value"};
  enum rnn_status status;
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  for (size_t i = 0; i < view->data.sequences * view->layers * view->directions; i++) {
    size_t layer = i / view->directions % view->layers, direction = i % view->directions;
    const struct rnn_jacobians *found = &view->found[i];
    for (size_t j = 0; j < found->steps * found->width; j++) {
      size_t row = j / found->width, step = direction == 1 ? found->steps - 1 - row : row;
      RNN_TRY(add_place(*table, i / view->directions / view->layers, layer, direction, error));
      RNN_TRY(rnn_table_add_count(*table, row, error));
      RNN_TRY(rnn_table_add_count(*table, j % found->width, error));
      RNN_TRY(rnn_table_add_real(*table, found->value[step * found->width + j % found->width], error));
    }
  }
out:
  return status;
}

/* ---- the view ---- */

enum rnn_status inspect_jacobians(struct inspect *inspect, struct rnn_error *error)
{
  static const struct inspect_show shows[] = {{"summary", NULL},
                                              {"products", &products_picture},
                                              {"steps", &steps_picture},
                                              {"values", &values_picture},
                                              {NULL, NULL}};
  enum rnn_status status;
  struct view view = {.inspect = inspect};
  struct rnn_table *table = NULL;
  size_t show;
  RNN_TRY(inspect_choose(inspect, shows, &show, error));
  RNN_TRY(inspect_data_open(inspect, &view.data, error));
  RNN_TRY(find_all(&view, show >= 2, error));
  RNN_TRY(show == 0   ? make_summary(&view, &table, error)
          : show == 1 ? make_products(&view, &table, error)
          : show == 2 ? make_steps(&view, &table, error)
                      : make_values(&view, &table, error));
  RNN_TRY(inspect_write(inspect, table, shows[show].picture, error));
out:
  rnn_table_free(table);
  clear(&view);
  return status;
}
