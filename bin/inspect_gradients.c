/* rnn-inspect gradients: where the gradient of a loss goes in time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gradient_flow.h"
#include "inspect_data.h"
#include "inspect_plot.h"
#include "memory.h"

enum { PART_BYTES = 512 << 20 };

/* ---- facts ---- */

enum rnn_status inspect_add_tau(struct rnn_table *table, const struct rnn_flow *flow, struct rnn_error *error)
{
  enum rnn_status status;
  static const struct {
    const char *name;
    double error;
  } shares[] = {{"tau_50", 0.5}, {"tau_90", 0.1}, {"tau_99", 0.01}};
  char config[64];
  for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
    size_t tau = rnn_flow_tau(flow, shares[i].error);
    RNN_TRY(inspect_fact_count(table, shares[i].name, tau == 0 ? flow->truncations : tau, error));
  }
  size_t tau = rnn_flow_tau(flow, 0.01);
  if (tau == 0)
    snprintf(config, sizeof config, "bptt: full");
  else
    snprintf(config, sizeof config, "bptt: %zu", tau);
  RNN_TRY(inspect_fact(table, "config", config, error));
out:
  return status;
}

enum rnn_status inspect_add_data(struct rnn_table *table, const struct inspect_data *data, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(inspect_fact_count(table, "sequences", data->sequences, error));
  RNN_TRY(inspect_fact_count(table, "sequences_of", data->all, error));
  RNN_TRY(inspect_fact_count(table, "longest", inspect_data_longest(data), error));
  RNN_TRY(inspect_fact(table, "cut", data->cut ? "yes" : "no", error));
out:
  return status;
}

static enum rnn_status make_summary(const struct inspect_data *data, const struct rnn_flow *flow,
                                    struct rnn_table **table, struct rnn_error *error)
{
  enum rnn_status status;
  char sentence[200];
  size_t tau = rnn_flow_tau(flow, 0.01);
  RNN_TRY(rnn_table_create(table, 2, error));
  RNN_TRY(inspect_add_data(*table, data, error));
  RNN_TRY(inspect_fact_real(*table, "loss_nats", flow->nats, error));
  RNN_TRY(inspect_fact_real(*table, "gradient_norm", flow->norm, error));
  RNN_TRY(inspect_fact_real(*table, "explicit_share", flow->explicit_share, error));
  RNN_TRY(inspect_fact_real(*table, "implicit_share", 1 - flow->explicit_share, error));
  RNN_TRY(inspect_fact_real(*table, "parts_error", flow->worst, error));
  RNN_TRY(inspect_add_tau(*table, flow, error));
  if (tau > 0)
    snprintf(sentence, sizeof sentence, "99 %% of the gradient comes from the last %zu steps before each loss", tau);
  else
    snprintf(sentence, sizeof sentence, "the gradient needs all %zu steps: truncation would cost more than 1 %% of it",
             flow->truncations);
  RNN_TRY(inspect_fact(*table, "verdict", sentence, error));
out:
  return status;
}

/* ---- the curve over t-k ---- */

static int compare_points(const void *a, const void *b)
{
  const struct rnn_flow_point *p = a, *q = b;
  if (p->layer != q->layer)
    return p->layer < q->layer ? -1 : 1;
  if (p->direction != q->direction)
    return p->direction < q->direction ? -1 : 1;
  if (p->distance != q->distance)
    return p->distance < q->distance ? -1 : 1;
  return p->dstate < q->dstate ? -1 : p->dstate > q->dstate;
}

static bool same_distance(const struct rnn_flow_point *p, const struct rnn_flow_point *q)
{
  return p->layer == q->layer && p->direction == q->direction && p->distance == q->distance;
}

static enum rnn_status add_place(struct rnn_table *table, size_t layer, size_t direction, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_table_add_count(table, layer, error));
  RNN_TRY(rnn_table_add_text(table, direction == 1 ? "reverse" : "forward", error));
out:
  return status;
}

static enum rnn_status add_integer(struct rnn_table *table, int32_t number, struct rnn_error *error)
{
  return rnn_table_add_number(table, (double)number, error);
}

static const struct inspect_picture curve_picture = {
    .title = "Gradient that reaches step k from the loss at step t",
    .x_title = "t - k, steps",
    .y_title = {"||dL_t / ds_k||"},
    .series =
        (const struct inspect_series[]){
            {.title = "10 to 90 %", .x = "distance", .y = "p10", .z = "p90", .mark = INSPECT_BAND},
            {.title = "mean", .x = "distance", .y = "mean", .mark = INSPECT_LINE},
            {.y = NULL}},
    .group = {"layer", "direction"},
    .log_y = true};

static enum rnn_status make_curve(struct rnn_flow *flow, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"layer", "direction", "distance", "count", "mean",
                                      "p10",   "median",    "p90",      "mean_s"};
  enum rnn_status status;
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  qsort(flow->point, flow->points, sizeof *flow->point, compare_points);
  for (size_t first = 0, end; first < flow->points; first = end) {
    const struct rnn_flow_point *point = &flow->point[first];
    double sum = 0, sum_s = 0;
    for (end = first; end < flow->points && same_distance(point, &flow->point[end]); end++) {
      sum += flow->point[end].dstate;
      sum_s += flow->point[end].ds;
    }
    double count = (double)(end - first);
    RNN_TRY(add_place(*table, point->layer, point->direction, error));
    RNN_TRY(add_integer(*table, point->distance, error));
    RNN_TRY(rnn_table_add_count(*table, end - first, error));
    RNN_TRY(rnn_table_add_real(*table, sum / count, error));
    for (double share = 0.1; share < 1; share += 0.4)
      RNN_TRY(rnn_table_add_real(*table, point[(size_t)(share * (count - 1) + 0.5)].dstate, error));
    RNN_TRY(rnn_table_add_real(*table, sum_s / count, error));
  }
out:
  return status;
}

/* ---- every t and k ---- */

static const struct inspect_picture steps_picture = {
    .title = "log10 of ||dL_t / ds_k||",
    .x_title = "k",
    .y_title = {"t"},
    .series = (const struct inspect_series[]){{.x = "k", .y = "t", .z = "log10", .mark = INSPECT_HEAT}, {.y = NULL}},
    .group = {"sequence", "layer", "direction"},
    .square = true,
    .one_sided = true};

static int compare_steps(const void *a, const void *b)
{
  const struct rnn_flow_point *p = a, *q = b;
  const uint32_t of_p[] = {p->sequence, p->layer, p->direction, p->t, p->k};
  const uint32_t of_q[] = {q->sequence, q->layer, q->direction, q->t, q->k};
  for (size_t i = 0; i < sizeof of_p / sizeof *of_p; i++)
    if (of_p[i] != of_q[i])
      return of_p[i] < of_q[i] ? -1 : 1;
  return 0;
}

static enum rnn_status make_steps(struct rnn_flow *flow, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"sequence", "layer", "direction", "t", "k", "ds", "dstate", "log10"};
  enum rnn_status status;
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  qsort(flow->point, flow->points, sizeof *flow->point, compare_steps);
  for (size_t i = 0; i < flow->points; i++) {
    const struct rnn_flow_point *point = &flow->point[i];
    RNN_TRY(rnn_table_add_count(*table, point->sequence, error));
    RNN_TRY(add_place(*table, point->layer, point->direction, error));
    RNN_TRY(rnn_table_add_count(*table, point->t, error));
    RNN_TRY(rnn_table_add_count(*table, point->k, error));
    RNN_TRY(rnn_table_add_real(*table, point->ds, error));
    RNN_TRY(rnn_table_add_real(*table, point->dstate, error));
    RNN_TRY(rnn_table_add_real(*table, point->dstate > 0 ? log10(point->dstate) : NAN, error));
  }
out:
  return status;
}

/* ---- shares ---- */

static const struct inspect_picture parts_picture = {
    .title = "Share of the gradient that comes from each distance",
    .x_title = "t - k, steps (0: the explicit part)",
    .y_title = {"share"},
    .series = (const struct inspect_series[]){{.title = "dL/dW", .x = "distance", .y = "share_W"},
                                              {.title = "dL/dU", .x = "distance", .y = "share_U"},
                                              {.title = "dL/db", .x = "distance", .y = "share_b"},
                                              {.y = NULL}},
    .group = {"layer", "direction"}};

static int compare_parts(const void *a, const void *b)
{
  const struct rnn_flow_part *p = a, *q = b;
  if (p->layer != q->layer)
    return p->layer < q->layer ? -1 : 1;
  if (p->direction != q->direction)
    return p->direction < q->direction ? -1 : 1;
  return p->distance < q->distance ? -1 : p->distance > q->distance;
}

static enum rnn_status make_parts(struct rnn_flow *flow, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"layer",   "direction", "distance", "share_W", "share_U",
                                      "share_b", "size_W",    "size_U",   "size_b"};
  enum rnn_status status;
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  qsort(flow->part, flow->parts, sizeof *flow->part, compare_parts);
  for (size_t i = 0; i < flow->parts; i++) {
    const struct rnn_flow_part *part = &flow->part[i];
    RNN_TRY(add_place(*table, part->layer, part->direction, error));
    RNN_TRY(add_integer(*table, part->distance, error));
    for (size_t matrix = 0; matrix < RNN_FLOW_MATRICES; matrix++)
      RNN_TRY(rnn_table_add_real(*table, part->share[matrix], error));
    for (size_t matrix = 0; matrix < RNN_FLOW_MATRICES; matrix++)
      RNN_TRY(rnn_table_add_real(*table, part->size[matrix], error));
  }
out:
  return status;
}

/* ---- truncation ---- */

static const struct inspect_picture truncation_picture = {
    .title = "What truncation to tau steps costs",
    .x_title = "tau, steps",
    .y_title = {"beside the whole gradient"},
    .series = (const struct inspect_series[]){
        {.title = "relative error", .x = "tau", .y = "error"},
        {.title = "cosine", .x = "tau", .y = "cosine"},
        {.title = "relative error of windows", .x = "tau", .y = "window_error", .mark = INSPECT_POINTS},
        {.y = NULL}}};

static enum rnn_status make_truncation(const struct rnn_flow *flow, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"tau", "cosine", "error", "cosine_W", "error_W", "window_cosine", "window_error"};
  enum rnn_status status;
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  for (size_t i = 0; i < flow->truncations; i++) {
    const struct rnn_flow_truncation *at = &flow->truncation[i];
    const double numbers[] = {at->cosine, at->error, at->cosine_w, at->error_w, at->window_cosine, at->window_error};
    RNN_TRY(rnn_table_add_count(*table, at->tau, error));
    for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++)
      RNN_TRY(rnn_table_add_real(*table, numbers[j], error));
  }
out:
  return status;
}

/* ---- the view ---- */

enum rnn_status inspect_gradients(struct inspect *inspect, struct rnn_error *error)
{
  static const struct inspect_show shows[] = {
      {"summary", NULL},         {"curve", &curve_picture},           {"steps", &steps_picture},
      {"parts", &parts_picture}, {"truncation", &truncation_picture}, {NULL, NULL}};
  enum rnn_status status;
  struct inspect_data data = {.model = NULL};
  struct rnn_flow flow = {.points = 0};
  struct rnn_table *table = NULL;
  size_t show;
  RNN_TRY(inspect_choose(inspect, shows, &show, error));
  RNN_TRY(inspect_data_open(inspect, &data, error));
  RNN_TRY(rnn_flow_find(&flow, data.model, data.sequence, data.sequences, true, PART_BYTES, error));
  RNN_TRY(show == 0   ? make_summary(&data, &flow, &table, error)
          : show == 1 ? make_curve(&flow, &table, error)
          : show == 2 ? make_steps(&flow, &table, error)
          : show == 3 ? make_parts(&flow, &table, error)
                      : make_truncation(&flow, &table, error));
  RNN_TRY(inspect_write(inspect, table, shows[show].picture, error));
out:
  rnn_table_free(table);
  rnn_flow_clear(&flow);
  inspect_data_close(&data);
  return status;
}
