/* Which symbols have a row already, and which get one. */
#include "fold.h"

#include <string.h>

#include "memory.h"

enum rnn_status rnn_fold_create(struct rnn_fold **fold, const struct rnn_shape *shape, size_t distinct,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_fold *fresh = NULL;
  size_t rows, count;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "folded rows", error));
  fresh->stacked = shape->cell->gates * shape->d;
  fresh->symbols = shape->n;
  fresh->distinct = distinct;
  fresh->stays = RNN_FOLD_BYTES / (shape->directions * fresh->stacked * sizeof(real));
  if (fresh->stays > shape->n)
    fresh->stays = shape->n;
  if (fresh->stays < shape->n || shape->features > 0)
    fresh->passes = distinct;
  if (!rnn_size_add(fresh->stays, fresh->passes, &rows) || !rnn_size_multiply(rows, fresh->stacked, &count))
    count = SIZE_MAX;
  for (size_t direction = 0; direction < shape->directions; direction++)
    RNN_TRY(rnn_memory_new(&fresh->row[direction], count, sizeof *fresh->row[direction], "folded rows", error));
  RNN_TRY(rnn_memory_new(&fresh->row_of, shape->n, sizeof *fresh->row_of, "folded rows", error));
  RNN_TRY(rnn_memory_new(&fresh->place, distinct, sizeof *fresh->place, "folded rows", error));
  RNN_TRY(rnn_memory_new(&fresh->missing, distinct, sizeof *fresh->missing, "folded rows", error));
  *fold = fresh;
  fresh = NULL;
out:
  rnn_fold_free(fresh);
  return status;
}

void rnn_fold_free(struct rnn_fold *fold)
{
  if (fold == NULL)
    return;
  rnn_memory_free(fold->row[0]);
  rnn_memory_free(fold->row[1]);
  rnn_memory_free(fold->row_of);
  rnn_memory_free(fold->place);
  rnn_memory_free(fold->missing);
  rnn_memory_free(fold);
}

void rnn_fold_forget(struct rnn_fold *fold)
{
  memset(fold->row_of, 0, fold->symbols * sizeof *fold->row_of);
  fold->kept = 0;
}

void rnn_fold_find(struct rnn_fold *fold, const struct rnn_batch *batch, size_t packing)
{
  if (fold->packing != packing)
    rnn_fold_forget(fold);
  fold->packing = packing;
  size_t missing = 0, before = fold->kept;
  for (size_t i = 0; i < batch->distinct; i++) {
    int32_t symbol = batch->distinct_symbol[i];
    bool stranger = (size_t)symbol >= fold->symbols; /* the last ones, for they rise */
    if (stranger || fold->row_of[symbol] == 0) {
      fold->missing[missing++] = symbol;
      if (stranger || fold->kept == fold->stays) {
        fold->place[i] = (int32_t)(fold->stays + missing - 1 - (fold->kept - before));
        continue;
      }
      fold->row_of[symbol] = (int32_t)++fold->kept;
    }
    fold->place[i] = fold->row_of[symbol] - 1;
  }
  size_t stay = fold->kept - before;
  fold->part[0] = (struct rnn_fold_part){.symbol = fold->missing, .count = stay, .row = before};
  fold->part[1] = (struct rnn_fold_part){.symbol = fold->missing + stay, .count = missing - stay, .row = fold->stays};
}
