/* rnn-inspect saliency: what each step has to do with the decision. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gradient_flow_saliency.h"
#include "inspect_data.h"
#include "inspect_plot.h"
#include "number.h"
#include "program.h"

enum { MOST_STEPS = 4096 }; /* most texts are shorter, and what was decided is decided by all of them */

static const double most_gap = 1e-4;

static const struct inspect_picture picture = {
    .title = "What each step adds to log p of the decision (integrated gradients)",
    .x_title = "",
    .y_title = {"nats"},
    .series =
        (const struct inspect_series[]){{.x = "t", .y = "integrated", .z = "token", .mark = INSPECT_BARS}, {.y = NULL}},
    .group = {"sequence"}};

static const char *class_of(const struct inspect_data *data, const struct rnn_saliency *found, size_t *length_bytes)
{
  return inspect_data_class(data, found->decision, length_bytes);
}

static enum rnn_status add_rows(struct rnn_table *table, const struct inspect_data *data, size_t sequence,
                                const struct rnn_saliency *found, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t length;
  for (size_t t = 0; t < found->steps; t++) {
    RNN_TRY(rnn_table_add_count(table, sequence, error));
    const char *text = class_of(data, found, &length);
    RNN_TRY(rnn_table_add(table, text, length, error));
    RNN_TRY(rnn_table_add_real(table, found->probability, error));
    RNN_TRY(rnn_table_add_count(table, t, error));
    text = inspect_data_token(data, sequence, t, &length);
    RNN_TRY(rnn_table_add(table, text, length, error));
    RNN_TRY(rnn_table_add_real(table, found->gradient[t], error));
    RNN_TRY(rnn_table_add_real(table, found->integrated[t], error));
    RNN_TRY(rnn_table_add_real(table, found->grams[t], error));
    RNN_TRY(rnn_table_add_real(table, found->gap, error));
  }
out:
  return status;
}

/* ---- for people ---- */

static double strongest(const struct rnn_saliency *found)
{
  double most = 0;
  for (size_t t = 0; t < found->steps; t++)
    most = fmax(most, fabs(found->integrated[t]));
  return most > 0 ? most : 1;
}

static enum rnn_status write_token(struct rnn_output *output, const char *text, size_t length, bool html,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    const char *name = byte == '<' ? "&lt;" : byte == '>' ? "&gt;" : byte == '&' ? "&amp;" : NULL;
    if (html && name != NULL)
      RNN_TRY(rnn_output_print(output, error, "%s", name));
    else
      RNN_TRY(rnn_output_print(output, error, "%c", byte < 0x20 || byte == 0x7f ? ' ' : byte));
  }
out:
  return status;
}

/* A token on the colour of its contribution: blue for, red against the decision. `share` -1 ... 1. */
static enum rnn_status write_coloured(struct rnn_output *output, const char *text, size_t length, double share,
                                      bool html, struct rnn_error *error)
{
  enum rnn_status status;
  static const int toward[2][3] = {{47, 111, 176}, {201, 80, 77}};
  const int *to = toward[share < 0];
  double strength = fabs(share);
  if (html)
    RNN_TRY(rnn_output_print(output, error, "<span style=\"background:rgba(%d,%d,%d,%.2f)%s\">", to[0], to[1], to[2],
                             strength, strength > 0.7 ? ";color:#fff" : ""));
  else if (strength >= 0.1)
    RNN_TRY(rnn_output_print(output, error, "\033[%s48;2;%d;%d;%dm", strength > 0.7 ? "97;" : "30;",
                             (int)(255 + strength * (to[0] - 255)), (int)(255 + strength * (to[1] - 255)),
                             (int)(255 + strength * (to[2] - 255))));
  RNN_TRY(write_token(output, text, length, html, error));
  RNN_TRY(rnn_output_print(output, error, "%s", html ? "</span>" : strength >= 0.1 ? "\033[0m" : ""));
out:
  return status;
}

/* The decision and the tokens on a line. A frame is shown by its number. */
static enum rnn_status write_line(const struct inspect *inspect, const struct inspect_data *data, size_t sequence,
                                  const struct rnn_saliency *found, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_output *output = inspect->output;
  double most = strongest(found);
  size_t length;
  const char *between = data->model->text.level == RNN_LEVEL_WORD || data->original == NULL ? " " : "";
  const char *text = class_of(data, found, &length);
  RNN_TRY(rnn_output_print(output, error, "%s", inspect->html ? "<p><b>" : ""));
  RNN_TRY(write_token(output, text, length, inspect->html, error));
  RNN_TRY(rnn_output_print(output, error, "%s%.3f%s", inspect->html ? "</b> " : " ", found->probability,
                           inspect->html ? "<br>" : "  "));
  for (size_t t = 0; t < found->steps; t++) {
    char number[24];
    text = inspect_data_token(data, sequence, t, &length);
    if (data->original == NULL) {
      length = (size_t)snprintf(number, sizeof number, "%zu", t);
      text = number;
    }
    RNN_TRY(write_coloured(output, text, length, found->integrated[t] / most, inspect->html, error));
    RNN_TRY(rnn_output_print(output, error, "%s", between));
  }
  RNN_TRY(rnn_output_print(output, error, "%s", inspect->html ? "</p>\n" : "\n"));
out:
  return status;
}

static const char page_begin[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Saliency</title>\n"
    "<style>body{font:16px/1.7 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;"
    "color-scheme:light dark}span{border-radius:3px;padding:1px 2px}</style></head><body>\n"
    "<p>Blue speaks for the decision, red against it (integrated gradients).</p>\n";

/* ---- the view ---- */

static enum rnn_status explain(const struct inspect *inspect, const struct inspect_data *data, struct rnn_table *table,
                               bool lines, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_saliency found = {.steps = 0};
  for (size_t i = 0; i < data->sequences; i++) {
    const struct rnn_sequence *sequence = &data->sequence[i];
    size_t t = inspect->step == SIZE_MAX ? sequence->length - 1 : inspect->step;
    RNN_TRY(rnn_saliency_find(&found, data->model, sequence, t, RNN_ABSENT, most_gap, error));
    RNN_TRY(lines ? write_line(inspect, data, i, &found, error) : add_rows(table, data, i, &found, error));
    rnn_saliency_clear(&found);
  }
out:
  rnn_saliency_clear(&found);
  return status;
}

enum rnn_status inspect_saliency(struct inspect *inspect, struct rnn_error *error)
{
  static const char *const names[] = {"sequence", "decision",   "probability", "t",  "token",
                                      "gradient", "integrated", "n_grams",     "gap"};
  enum rnn_status status;
  struct inspect_data data = {.model = NULL};
  struct rnn_table *table = NULL;
  const char *colourless = getenv("NO_COLOR");
  bool colours = inspect->terminal && inspect->style == RNN_TABLE_ALIGNED && inspect->plot == NULL &&
                 (colourless == NULL || *colourless == '\0');
  inspect->whole = true;
  if (inspect->most_steps == 0)
    inspect->most_steps = MOST_STEPS;
  RNN_TRY(inspect_data_open(inspect, &data, error));
  RNN_TRY(rnn_table_create(&table, sizeof names / sizeof *names, error));
  rnn_table_name(table, names, true);
  if (inspect->html)
    RNN_TRY(rnn_output_write(inspect->output, page_begin, sizeof page_begin - 1, error));
  RNN_TRY(explain(inspect, &data, table, inspect->html || colours, error));
  if (inspect->html)
    RNN_TRY(rnn_output_print(inspect->output, error, "</body></html>\n"));
  else if (!colours)
    RNN_TRY(inspect_write(inspect, table, &picture, error));
out:
  rnn_table_free(table);
  inspect_data_close(&data);
  return status;
}
