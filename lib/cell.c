/* The table of cells. */
#include "cell.h"

#include <string.h>

extern const struct rnn_cell rnn_cell_elman, rnn_cell_gru, rnn_cell_lstm, rnn_cell_sru, rnn_cell_mingru,
    rnn_cell_indrnn;

const struct rnn_cell *const rnn_cells[] = {
    &rnn_cell_elman, &rnn_cell_gru, &rnn_cell_lstm, &rnn_cell_sru, &rnn_cell_mingru, &rnn_cell_indrnn, NULL};

const struct rnn_cell *rnn_cell_find(const char *name)
{
  for (size_t i = 0; rnn_cells[i] != NULL; i++)
    if (strcmp(rnn_cells[i]->name, name) == 0)
      return rnn_cells[i];
  return NULL;
}
