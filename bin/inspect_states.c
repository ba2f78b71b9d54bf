/* rnn-inspect states: s_t, gates and c_t of each step, and which unit follows what. */
#include <stdio.h>
#include <string.h>

#include "gradient_flow.h"
#include "gradient_flow_units.h"
#include "inspect_data.h"
#include "inspect_plot.h"
#include "memory.h"
#include "sequence.h"

enum quantity { STATES, GATES, SECOND, UNITS };
enum { FEWEST = 3 };

struct view {
  struct inspect *inspect;
  struct inspect_data data;
  struct rnn_probe *probe;
  enum quantity quantity;
  size_t width, steps; /* of all sequences */
  double *value;       /* [steps][width] */
};

static const struct inspect_picture picture = {
    .title = "Units over the steps of a sequence",
    .x_title = "t",
    .y_title = {"unit"},
    .series = (const struct inspect_series[]){{.x = "t", .y = "unit", .z = "value", .mark = INSPECT_HEAT}, {.y = NULL}},
    .group = {"sequence", "of"},
    .square = true};

static enum rnn_status read_states(struct view *view, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_shape *shape = &view->data.model->parameters->shape;
  size_t layer = view->inspect->layer, direction = view->inspect->reverse, next = 0;
  for (size_t i = 0; i < view->data.sequences; i++) {
    RNN_TRY(rnn_probe_forward(view->probe, &view->data.sequence[i], 1, error));
    for (size_t t = 0; t < view->data.sequence[i].length; t++, next += view->width) {
      struct rnn_cell_step step =
          rnn_probe_step(view->probe, layer, direction, rnn_batch_row(view->probe->batch, t, 0));
      const real *from = view->quantity == GATES ? step.a : view->quantity == SECOND ? step.c : step.s;
      for (size_t j = 0; j < view->width; j++)
        view->value[next + j] = (double)from[j];
    }
  }
  if (view->quantity == SECOND && !shape->cell->second_state)
    return rnn_error_set(error, RNN_BUG, "no second state");
out:
  return status;
}

static enum rnn_status prepare(struct view *view, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(inspect_data_open(view->inspect, &view->data, error));
  const struct rnn_shape *shape = &view->data.model->parameters->shape;
  RNN_TRY(inspect_check_place(view->inspect, shape, error));
  if (view->quantity == SECOND && !shape->cell->second_state)
    return rnn_error_set(error, RNN_USAGE, "--show=c: the cell %s has no second state", shape->cell->name);
  view->width = view->quantity == GATES ? shape->cell->gates * shape->d : shape->d;
  for (size_t i = 0; i < view->data.sequences; i++)
    view->steps += view->data.sequence[i].length;
  RNN_TRY(rnn_memory_new(&view->value, view->steps, view->width * sizeof *view->value, "states", error));
  RNN_TRY(rnn_probe_create(&view->probe, view->data.model, 1, inspect_data_longest(&view->data), error));
  RNN_TRY(read_states(view, error));
out:
  return status;
}

/* ---- values ---- */

static enum rnn_status make_values(const struct view *view, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"sequence", "t", "token", "of", "unit", "value"};
  enum rnn_status status;
  const struct rnn_shape *shape = &view->data.model->parameters->shape;
  size_t next = 0, length;
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  for (size_t i = 0; i < view->data.sequences; i++)
    for (size_t t = 0; t < view->data.sequence[i].length; t++)
      for (size_t j = 0; j < view->width; j++) {
        const char *letter = view->quantity == GATES    ? &shape->cell->letters[j / shape->d]
                             : view->quantity == SECOND ? "c"
                                                        : "s";
        RNN_TRY(rnn_table_add_count(*table, i, error));
        RNN_TRY(rnn_table_add_count(*table, t, error));
        const char *token = inspect_data_token(&view->data, i, t, &length);
        RNN_TRY(rnn_table_add(*table, token, length, error));
        RNN_TRY(rnn_table_add(*table, letter, 1, error));
        RNN_TRY(rnn_table_add_count(*table, j % shape->d, error));
        RNN_TRY(rnn_table_add_real(*table, view->value[next++], error));
      }
out:
  return status;
}

/* One array [steps][width] of doubles, version 1.0 of the format (NumPy, NEP 1). */
static enum rnn_status write_npy(const struct view *view, struct rnn_error *error)
{
  enum { BLOCK = 64, FIXED = 10 };
  enum rnn_status status;
  char header[256];
  int used = snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %zu), }",
                      view->steps, view->width);
  int length = (used + 1 + FIXED + BLOCK - 1) / BLOCK * BLOCK - FIXED;
  const unsigned char fixed[FIXED] = {
      0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)length, (unsigned char)(length >> 8)};
  RNN_TRY(rnn_output_write(view->inspect->output, fixed, sizeof fixed, error));
  RNN_TRY(rnn_output_print(view->inspect->output, error, "%-*s\n", length - 1, header));
  for (size_t i = 0; i < view->steps * view->width; i++) {
    unsigned char bytes[8];
    uint64_t bits;
    memcpy(&bits, &view->value[i], sizeof bits);
    for (int j = 0; j < 8; j++)
      bytes[j] = (unsigned char)(bits >> (8 * j));
    RNN_TRY(rnn_output_write(view->inspect->output, bytes, sizeof bytes, error));
  }
out:
  return status;
}

/* ---- units ---- */

enum { TOKENS, TARGETS, THINGS };

/* What each step is: its place, its token, its tag or its sequence's label. */
static void describe_steps(const struct view *view, double *place, int32_t *token, int32_t *target)
{
  size_t next = 0;
  for (size_t i = 0; i < view->data.sequences; i++) {
    const struct rnn_sequence *sequence = &view->data.sequence[i];
    for (size_t t = 0; t < sequence->length; t++, next++) {
      place[next] = (double)t;
      token[next] = view->data.original == NULL ? -1 : inspect_data_symbol(&view->data, i, t);
      target[next] = view->data.model->task == RNN_CLASSIFY ? sequence->label : sequence->target[t];
    }
  }
}

static enum rnn_status add_unit(const struct view *view, struct rnn_table *table, const struct rnn_unit *unit,
                                struct rnn_error *error)
{
  enum rnn_status status;
  static const char *const targets[] = {[RNN_COMPLETE] = "next", [RNN_TAG] = "tag", [RNN_CLASSIFY] = "label"};
  const char *what = unit->followed < 0         ? "place"
                     : unit->followed == TOKENS ? "token"
                                                : targets[view->data.model->task];
  const char *text = "";
  size_t length = 0;
  if (unit->followed == TOKENS)
    text = rnn_vocabulary_string(view->data.dataset.symbols, unit->value, &length);
  else if (unit->followed == TARGETS)
    text = inspect_data_class(&view->data, unit->value, &length);
  RNN_TRY(rnn_table_add_count(table, unit->unit, error));
  RNN_TRY(rnn_table_add_text(table, what, error));
  RNN_TRY(rnn_table_add(table, text, length, error));
  RNN_TRY(rnn_table_add_real(table, unit->correlation, error));
  RNN_TRY(rnn_table_add_real(table, unit->mean, error));
  RNN_TRY(rnn_table_add_real(table, unit->deviation, error));
out:
  return status;
}

static enum rnn_status make_units(const struct view *view, struct rnn_table **table, struct rnn_error *error)
{
  static const char *const names[] = {"unit", "follows", "which", "correlation", "mean", "deviation"};
  enum rnn_status status;
  struct rnn_unit *unit = NULL;
  double *place = NULL;
  int32_t *token = NULL, *target = NULL;
  RNN_TRY(rnn_memory_new(&unit, view->width, sizeof *unit, "units", error));
  RNN_TRY(rnn_memory_new(&place, view->steps, sizeof *place, "places", error));
  RNN_TRY(rnn_memory_new(&token, view->steps, sizeof *token, "tokens", error));
  RNN_TRY(rnn_memory_new(&target, view->steps, sizeof *target, "targets", error));
  describe_steps(view, place, token, target);
  size_t tokens = view->data.original == NULL ? 0 : rnn_vocabulary_count(view->data.dataset.symbols);
  const struct rnn_followed followed[THINGS] = {{.value = token, .values = tokens},
                                                {.value = target, .values = rnn_model_classes(view->data.model)}};
  RNN_TRY(rnn_units_rank(unit, view->width, view->value, view->steps, place, followed, THINGS, FEWEST, error));
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof *names, error));
  rnn_table_name(*table, names, true);
  for (size_t j = 0; j < view->width; j++)
    RNN_TRY(add_unit(view, *table, &unit[j], error));
out:
  rnn_memory_free(unit);
  rnn_memory_free(place);
  rnn_memory_free(token);
  rnn_memory_free(target);
  return status;
}

/* ---- the view ---- */

enum rnn_status inspect_states(struct inspect *inspect, struct rnn_error *error)
{
  static const struct inspect_show shows[] = {[STATES] = {"s", &picture},
                                              [GATES] = {"gates", &picture},
                                              [SECOND] = {"c", &picture},
                                              [UNITS] = {"units", NULL},
                                              {NULL, NULL}};
  enum rnn_status status;
  struct view view = {.inspect = inspect};
  struct rnn_table *table = NULL;
  size_t show;
  RNN_TRY(inspect_choose(inspect, shows, &show, error));
  view.quantity = (enum quantity)show;
  RNN_TRY(prepare(&view, error));
  if (inspect->npy && show != UNITS) {
    RNN_TRY(write_npy(&view, error));
    goto out;
  }
  RNN_TRY(show == UNITS ? make_units(&view, &table, error) : make_values(&view, &table, error));
  RNN_TRY(inspect_write(inspect, table, shows[show].picture, error));
out:
  rnn_table_free(table);
  rnn_memory_free(view.value);
  rnn_probe_free(view.probe);
  inspect_data_close(&view.data);
  return status;
}
