/* A batch: sequences of unequal length laid side by side without padding.
 *
 * Lanes are sorted by length, longest first (ties: as given), so the lanes that live at step t are 0 ... B_t - 1 and
 * the rows of step t are row_begin[t] ... row_begin[t] + B_t - 1:
 *
 *     t = 0   lane 0  1  2      row 0 1 2
 *     t = 1   lane 0  1         row 3 4
 *     t = 2   lane 0            row 5
 */
#ifndef RNN_BATCH_H
#define RNN_BATCH_H

#include "sequence.h"

struct rnn_batch {
  size_t lanes; /* B */
  size_t steps; /* T of the longest */
  size_t rows;  /* R = sum of lengths */
  size_t frame_width;
  size_t *row_begin;                 /* [T+1] */
  size_t *lanes_at;                  /* [T] B_t */
  size_t *length;                    /* [B] of each lane */
  size_t *order;                     /* [B] lane -> place in the array of sequences it was built from */
  uint64_t *index;                   /* [B] rnn_sequence.index of each lane */
  int32_t *symbol;                   /* [R] numbers of symbols, RNN_ABSENT for unknown; symbols only */
  const struct rnn_lexicon *lexicon; /* the words of the sequences, which share one; or NULL */
  float *frame;                      /* [R][frame_width]; frames only */
  int32_t *target;                   /* [columns][R] RNN_TAG; [R] RNN_COMPLETE; [B] RNN_CLASSIFY; RNN_ABSENT counts for
                                        nothing */
  size_t columns;                    /* of tags; 1 unless rnn_batch_add_columns was called */
  int32_t first[RNN_MOST_COLUMNS];   /* number of each column's first tag; in `target` that is 0 */
  bool targets;                      /* target is filled */
  bool apart;                        /* each row's symbol counts as one of its own, though others be the same */
  size_t distinct;                   /* D different symbols of the batch, */
  int32_t *distinct_symbol;          /* [D] rising (apart: not falling); RNN_ABSENT is not among them */
  int32_t *row_distinct;             /* [R] row -> 0 ... D-1, or RNN_ABSENT */
  size_t capacity_lanes, capacity_steps, capacity_rows, symbols;
  int32_t *place; /* [symbols] symbol -> 0 ... D-1, for those of the batch alone */
  uint64_t *met;  /* [symbols / 64 + 1] one bit a symbol, all zero between calls */
  size_t *next;   /* [R + 1] apart: the next place of each symbol */
};

/* Memory for any batch of at most so many lanes, steps a lane, rows; `symbols` = n, 0 for frames. */
enum rnn_status rnn_batch_create(struct rnn_batch **batch, size_t lanes, size_t steps, size_t rows, size_t symbols,
                                 size_t frame_width, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_batch_free(struct rnn_batch *batch); /* NULL is allowed */

/* From now on tags are of so many columns. Before the first fill. */
enum rnn_status rnn_batch_add_columns(struct rnn_batch *batch, const struct rnn_column *column, size_t columns,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* Lays `count` sequences (views; none of length 0) into the batch; with `targets`, their targets too: target[t] of
 * RNN_COMPLETE and RNN_TAG from sequence.target, of RNN_CLASSIFY from sequence.label. Allocates nothing; a batch too
 * small, a sequence of length 0, a symbol past `symbols` that is no word of the lexicon, or a second lexicon is
 * RNN_BUG.
 */
enum rnn_status rnn_batch_fill(struct rnn_batch *batch, enum rnn_task task, const struct rnn_sequence *sequence,
                               size_t count, bool targets, struct rnn_error *error) RNN_MUST_CHECK;

/* From now on each row's symbol counts as one of its own, so that its vector can differ from the others'. Before the
 * first fill. */
enum rnn_status rnn_batch_tell_apart(struct rnn_batch *batch, struct rnn_error *error) RNN_MUST_CHECK;

/* The targets of one column [R]. */
static inline const int32_t *rnn_batch_targets(const struct rnn_batch *batch, size_t column)
{
  return batch->target + column * batch->rows;
}

/* Row of lane b at step t. */
static inline size_t rnn_batch_row(const struct rnn_batch *batch, size_t t, size_t lane)
{
  return batch->row_begin[t] + lane;
}

#endif
