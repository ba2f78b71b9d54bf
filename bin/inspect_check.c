/* rnn-inspect check: gradients by back-propagation against differences, for every parameter. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "gradient_flow_check.h"
#include "inspect_data.h"
#include "memory.h"
#include "program.h"

static enum rnn_status add_finding(struct rnn_table *table, const char *name, const struct rnn_check_finding *finding,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  char place[2 * 24];
  snprintf(place, sizeof place, "%zu,%zu", finding->row, finding->column);
  RNN_TRY(rnn_table_add_text(table, name, error));
  RNN_TRY(rnn_table_add_count(table, finding->checked, error));
  RNN_TRY(rnn_table_add_count(table, finding->parameters, error));
  RNN_TRY(rnn_table_add_real(table, finding->error, error));
  RNN_TRY(rnn_table_add_text(table, isnan(finding->numeric) ? "" : place, error));
  RNN_TRY(rnn_table_add_real(table, finding->analytic, error));
  RNN_TRY(rnn_table_add_real(table, finding->numeric, error));
  RNN_TRY(rnn_table_add_count(table, finding->corners, error));
out:
  return status;
}

static enum rnn_status make_table(const struct rnn_layout *layout, const struct rnn_check_finding *finding,
                                  struct rnn_table **table, struct rnn_check_finding *all, struct rnn_error *error)
{
  static const char *const names[] = {"tensor", "checked", "parameters", "worst_error",
                                      "at",     "bptt",    "difference", "corners"};
  enum rnn_status status;
  *all = (struct rnn_check_finding){.numeric = NAN};
  RNN_TRY(rnn_table_create(table, sizeof names / sizeof names[0], error));
  rnn_table_name(*table, names, true);
  for (size_t i = 0; i < layout->tensors; i++) {
    struct rnn_check_finding sum = *all;
    RNN_TRY(add_finding(*table, layout->tensor[i].name, &finding[i], error));
    if (finding[i].error > all->error || isnan(all->numeric))
      *all = finding[i];
    all->checked = sum.checked + finding[i].checked;
    all->parameters = sum.parameters + finding[i].parameters;
    all->corners = sum.corners + finding[i].corners;
  }
  RNN_TRY(add_finding(*table, "all", all, error));
out:
  return status;
}

enum rnn_status inspect_check(struct inspect *inspect, struct rnn_error *error)
{
  enum rnn_status status;
  struct inspect_data data = {.model = NULL};
  struct rnn_check_finding *finding = NULL, all;
  struct rnn_pool *pool = NULL;
  struct rnn_table *table = NULL;
  inspect->every_column = true;
  bool draw = inspect->operands == 0 && inspect->settings == 0;
  RNN_TRY(draw ? inspect_data_draw(inspect, &data, error) : inspect_data_open(inspect, &data, error));
  const struct rnn_layout *layout = &data.model->parameters->layout;
  RNN_TRY(rnn_memory_new(&finding, layout->tensors, sizeof *finding, "findings", error));
  RNN_TRY(rnn_pool_create(&pool, inspect->options->threads, error));
  RNN_TRY(rnn_check_find(finding, data.model, data.sequence, data.sequences, inspect->most_parameters, pool, error));
  RNN_TRY(make_table(layout, finding, &table, &all, error));
  RNN_TRY(inspect_write(inspect, table, NULL, error));
  if (all.checked < all.parameters)
    rnn_program_note(inspect->options, "%" PRIu64 " of %" PRIu64 " parameters were checked, spread evenly", all.checked,
                     all.parameters);
  status = all.error <= rnn_check_most_error ? RNN_OK : RNN_NEGATIVE;
out:
  rnn_table_free(table);
  rnn_pool_free(pool);
  rnn_memory_free(finding);
  inspect_data_close(&data);
  return status;
}
