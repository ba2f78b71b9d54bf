/* Dropout (Srivastava et al. 2014): in training each unit is left out with a given probability and the others are
 * scaled by 1 / (1 - share), so that nothing is left to do in prediction. A sequence leaves out the same units at every
 * step that one gradient goes back through (Gal, Ghahramani 2016), so what is remembered is not worn away step by step:
 *
 *   input    frames: for each sequence its own mask. An embedding: its elements themselves are left out, symbol by
 *            symbol, so a symbol loses the same ones wherever an update meets it, and the product with U still needs
 *            one row for each distinct symbol. One-hot symbols are never left out: word dropout does that.
 *   layer    the input of each layer above the first
 *   output   what V reads
 *
 * Masks are functions of (seed, epoch, sequence or symbol, place) alone, so neither of shards nor of threads. */
#ifndef RNN_DROPOUT_H
#define RNN_DROPOUT_H

#include "batch.h"
#include "shape.h"

struct rnn_dropout_shares {
  double input, layer, output; /* probability that a unit is left out, 0 or more and below 1 */
  uint64_t seed;
};

struct rnn_dropout {
  struct rnn_dropout_shares share;
  uint32_t epoch, update; /* set before each forward pass: the masks are functions of these */
  /* Factors, 0 or 1 / (1 - share); NULL where nothing is left out. */
  real *symbol;                 /* [D][e] of the distinct symbols' embedding */
  real *input[RNN_MOST_LAYERS]; /* [B][width] of each layer's input; of the lowest, frames alone */
  real *output;                 /* [B][pooled] */
  real *rows;                   /* [R][directions d] or [B][pooled] scratch: what is read after its mask */
  size_t frame_width, e, wide;  /* n of frames or 0, e, directions d */
  size_t pooled;
  size_t layers;
  real *block; /* all of the above */
};

/* NULL if every share is 0. Memory for batches of at most so many lanes, rows and distinct symbols. */
enum rnn_status rnn_dropout_create(struct rnn_dropout **dropout, const struct rnn_shape *shape,
                                   struct rnn_dropout_shares share, size_t lanes, size_t rows, size_t distinct,
                                   struct rnn_error *error) RNN_MUST_CHECK;
void rnn_dropout_free(struct rnn_dropout *dropout); /* NULL is allowed */

/* Draws the masks of a batch, a lane's by its batch->index. */
void rnn_dropout_draw(struct rnn_dropout *dropout, const struct rnn_batch *batch);

/* to[row] = from[row] times the mask of the row's lane, over all rows of the batch; `to` may be `from`. */
void rnn_dropout_rows(const struct rnn_batch *batch, size_t width, const real *mask, const real *from, real *to);

#endif
