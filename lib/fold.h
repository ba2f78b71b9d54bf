/* The embedding folded into U, for prediction: U x + b of each symbol met so far stays from batch to batch, as long as
 * the weights do, so that a frequent word costs its product once; strangers of a lexicon pass. One for each runner. */
#ifndef RNN_FOLD_H
#define RNN_FOLD_H

#include "batch.h"
#include "shape.h"

/* Memory for the rows that stay, at most; symbols past it are computed for each batch anew. */
#define RNN_FOLD_BYTES ((size_t)32 << 20)

/* Rows side by side that are to be computed: of symbol[0 ... count-1] into row, row + 1, ... */
struct rnn_fold_part {
  const int32_t *symbol;
  size_t count, row;
};

struct rnn_fold {
  size_t stacked;               /* G d */
  size_t distinct;              /* what a batch may have of different symbols */
  size_t stays, passes;         /* rows for symbols that stay, and after them for those of one batch */
  size_t kept;                  /* rows 0 ... kept-1 have been given to symbols */
  size_t packing;               /* rnn_network.packings of the weights they belong to */
  size_t symbols;               /* n */
  int32_t *row_of;              /* [n] 1 + the row of a symbol that stays, 0: none */
  int32_t *place;               /* [D] the row of each distinct symbol of the batch */
  int32_t *missing;             /* [D] the symbols to be computed for this batch */
  struct rnn_fold_part part[2]; /* to be computed for this batch: what stays, and what is for it alone */
  real *row[2];                 /* [stays + passes][G d] U x + b, one matrix for each direction of the first layer */
};

/* For batches of at most `distinct` different symbols, of a shape with an embedding. */
enum rnn_status rnn_fold_create(struct rnn_fold **fold, const struct rnn_shape *shape, size_t distinct,
                                struct rnn_error *error) RNN_MUST_CHECK;
void rnn_fold_free(struct rnn_fold *fold); /* NULL is allowed */

/* Gives every distinct symbol of the batch its place, and says in `part` what is to be computed before the next call.
 * Another `packing` than in the last call forgets all. */
void rnn_fold_find(struct rnn_fold *fold, const struct rnn_batch *batch, size_t packing);

/* All that is kept is void: what was to be computed will not be. */
void rnn_fold_forget(struct rnn_fold *fold);

#endif
