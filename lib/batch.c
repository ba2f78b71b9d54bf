/* Sequences of unequal length side by side, longest first, step by step. */
#include "batch.h"

#include <string.h>

#include "memory.h"
#include "sorted.h"

enum rnn_status rnn_batch_create(struct rnn_batch **made, size_t lanes, size_t steps, size_t rows, size_t symbols,
                                 size_t frame_width, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_batch *batch = NULL;
  size_t numbers;
  RNN_TRY(rnn_memory_new(&batch, 1, sizeof *batch, "a batch", error));
  batch->frame_width = frame_width;
  batch->symbols = symbols;
  batch->columns = 1;
  batch->capacity_lanes = lanes;
  batch->capacity_steps = steps;
  batch->capacity_rows = rows;
  if (!rnn_size_multiply(rows, frame_width, &numbers))
    RNN_TRY(
        rnn_error_set(error, RNN_NO_MEMORY, "out of memory: a batch of %zu frames of %zu numbers", rows, frame_width));
  RNN_TRY(rnn_memory_new(&batch->row_begin, steps + 1, sizeof *batch->row_begin, "a batch", error));
  RNN_TRY(rnn_memory_new(&batch->lanes_at, steps, sizeof *batch->lanes_at, "a batch", error));
  RNN_TRY(rnn_memory_new(&batch->length, lanes, sizeof *batch->length, "a batch", error));
  RNN_TRY(rnn_memory_new(&batch->order, lanes, sizeof *batch->order, "a batch", error));
  RNN_TRY(rnn_memory_new(&batch->index, lanes, sizeof *batch->index, "a batch", error));
  RNN_TRY(rnn_memory_new(&batch->target, rows > lanes ? rows : lanes, sizeof *batch->target, "a batch", error));
  if (frame_width > 0) {
    RNN_TRY(rnn_memory_new(&batch->frame, numbers, sizeof *batch->frame, "a batch", error));
  } else {
    RNN_TRY(rnn_memory_new(&batch->symbol, rows, sizeof *batch->symbol, "a batch", error));
    RNN_TRY(rnn_memory_new(&batch->row_distinct, rows, sizeof *batch->row_distinct, "a batch", error));
    RNN_TRY(rnn_memory_new(&batch->distinct_symbol, rows, sizeof *batch->distinct_symbol, "a batch", error));
    RNN_TRY(rnn_memory_new(&batch->place, symbols, sizeof *batch->place, "a batch", error));
    RNN_TRY(rnn_memory_new(&batch->met, symbols / 64 + 1, sizeof *batch->met, "a batch", error));
  }
out:
  if (status != RNN_OK) {
    rnn_batch_free(batch);
    batch = NULL;
  }
  *made = batch;
  return status;
}

void rnn_batch_free(struct rnn_batch *batch)
{
  if (batch == NULL)
    return;
  rnn_memory_free(batch->row_begin);
  rnn_memory_free(batch->lanes_at);
  rnn_memory_free(batch->length);
  rnn_memory_free(batch->order);
  rnn_memory_free(batch->index);
  rnn_memory_free(batch->target);
  rnn_memory_free(batch->frame);
  rnn_memory_free(batch->symbol);
  rnn_memory_free(batch->row_distinct);
  rnn_memory_free(batch->distinct_symbol);
  rnn_memory_free(batch->place);
  rnn_memory_free(batch->next);
  rnn_memory_free(batch->met);
  rnn_memory_free(batch);
}

enum rnn_status rnn_batch_add_columns(struct rnn_batch *batch, const struct rnn_column *column, size_t columns,
                                      struct rnn_error *error)
{
  enum rnn_status status;
  size_t targets;
  if (columns == 1)
    return RNN_OK;
  if (!rnn_size_multiply(batch->capacity_rows, columns, &targets))
    targets = SIZE_MAX;
  rnn_memory_free(batch->target);
  batch->target = NULL;
  RNN_TRY(rnn_memory_new(&batch->target, targets, sizeof *batch->target, "a batch", error));
  batch->columns = columns;
  for (size_t c = 0; c < columns; c++)
    batch->first[c] = (int32_t)column[c].first;
out:
  return status;
}

enum rnn_status rnn_batch_tell_apart(struct rnn_batch *batch, struct rnn_error *error)
{
  batch->apart = true;
  return rnn_memory_new(&batch->next, batch->capacity_rows + 1, sizeof *batch->next, "a batch", error);
}

/* Insertion keeps equals as given, and batches come nearly sorted. */
static void order_lanes(struct rnn_batch *batch, const struct rnn_sequence *sequence)
{
  for (size_t i = 0; i < batch->lanes; i++) {
    size_t lane = i;
    for (; lane > 0 && sequence[batch->order[lane - 1]].length < sequence[i].length; lane--)
      batch->order[lane] = batch->order[lane - 1];
    batch->order[lane] = i;
  }
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    batch->length[lane] = sequence[batch->order[lane]].length;
    batch->index[lane] = sequence[batch->order[lane]].index;
  }
}

static void count_rows(struct rnn_batch *batch)
{
  size_t lanes = batch->lanes;
  batch->row_begin[0] = 0;
  for (size_t t = 0; t < batch->steps; t++) {
    while (batch->length[lanes - 1] <= t)
      lanes--;
    batch->lanes_at[t] = lanes;
    batch->row_begin[t + 1] = batch->row_begin[t] + lanes;
  }
}

static void copy_lane(struct rnn_batch *batch, size_t lane, const struct rnn_sequence *sequence)
{
  size_t width = batch->frame_width;
  if (width == 0)
    for (size_t t = 0; t < sequence->length; t++)
      batch->symbol[rnn_batch_row(batch, t, lane)] = sequence->symbol[rnn_sequence_place(sequence, t)];
  else
    for (size_t t = 0; t < sequence->length; t++)
      memcpy(batch->frame + rnn_batch_row(batch, t, lane) * width,
             sequence->frame + rnn_sequence_place(sequence, t) * width, width * sizeof *batch->frame);
}

static void copy_targets(struct rnn_batch *batch, enum rnn_task task, size_t lane, const struct rnn_sequence *sequence)
{
  size_t columns = batch->columns;
  if (task == RNN_CLASSIFY) {
    batch->target[lane] = sequence->label;
    return;
  }
  for (size_t c = 0; c < columns; c++)
    for (size_t t = 0; t < sequence->length; t++) {
      bool last = t + 1 == sequence->length && sequence->last_target != NULL;
      int32_t number = last ? *sequence->last_target : sequence->target[t * columns + c];
      batch->target[c * batch->rows + rnn_batch_row(batch, t, lane)] =
          number == RNN_ABSENT ? RNN_ABSENT : number - batch->first[c];
    }
}

/* The bits of `met` give the symbols in rising order without sorting. */
static void number_symbols(struct rnn_batch *batch)
{
  for (size_t row = 0; row < batch->rows; row++)
    if (batch->symbol[row] != RNN_ABSENT)
      batch->met[batch->symbol[row] / 64] |= UINT64_C(1) << (batch->symbol[row] % 64);
  batch->distinct = 0;
  for (size_t word = 0; word <= batch->symbols / 64; word++) {
    for (uint64_t bits = batch->met[word]; bits != 0; bits &= bits - 1) {
      int32_t symbol = (int32_t)(word * 64) + __builtin_ctzll(bits);
      batch->place[symbol] = (int32_t)batch->distinct;
      batch->distinct_symbol[batch->distinct++] = symbol;
    }
    batch->met[word] = 0;
  }
  for (size_t row = 0; row < batch->rows; row++)
    batch->row_distinct[row] = batch->symbol[row] == RNN_ABSENT ? RNN_ABSENT : batch->place[batch->symbol[row]];
}

/* The same for words, whose numbers grow with the strangers: by sorting. */
static void number_words(struct rnn_batch *batch)
{
  int32_t *distinct = batch->distinct_symbol;
  size_t count = 0;
  for (size_t row = 0; row < batch->rows; row++)
    if (batch->symbol[row] != RNN_ABSENT)
      distinct[count++] = batch->symbol[row];
  batch->distinct = rnn_sorted_unique(distinct, count);
  for (size_t row = 0; row < batch->rows; row++) {
    int32_t symbol = batch->symbol[row];
    batch->row_distinct[row] =
        symbol == RNN_ABSENT ? RNN_ABSENT : (int32_t)rnn_sorted_find(distinct, batch->distinct, symbol);
  }
}

/* Each row gets a place of its own, in the order of the symbols and then of the rows. */
static void number_rows(struct rnn_batch *batch)
{
  size_t *next = batch->next;
  memset(next, 0, (batch->distinct + 1) * sizeof *next);
  for (size_t row = 0; row < batch->rows; row++)
    if (batch->row_distinct[row] != RNN_ABSENT)
      next[batch->row_distinct[row] + 1]++;
  for (size_t i = 0; i < batch->distinct; i++)
    next[i + 1] += next[i];
  batch->distinct = next[batch->distinct];
  for (size_t row = 0; row < batch->rows; row++)
    if (batch->row_distinct[row] != RNN_ABSENT) {
      size_t place = next[batch->row_distinct[row]]++;
      batch->row_distinct[row] = (int32_t)place;
      batch->distinct_symbol[place] = batch->symbol[row];
    }
}

static bool has_symbol(const struct rnn_batch *batch, const struct rnn_lexicon *lexicon, int32_t symbol)
{
  return symbol == RNN_ABSENT || (symbol >= 0 && (size_t)symbol < batch->symbols) ||
         (lexicon != NULL && rnn_lexicon_has(lexicon, symbol));
}

static enum rnn_status check(const struct rnn_batch *batch, enum rnn_task task, const struct rnn_sequence *sequence,
                             size_t count, bool targets, struct rnn_error *error)
{
  if (count == 0 || count > batch->capacity_lanes)
    return rnn_error_set(error, RNN_BUG, "a batch of %zu lanes was asked to hold %zu", batch->capacity_lanes, count);
  size_t rows = 0;
  for (size_t i = 0; i < count; i++) {
    if (sequence[i].length == 0 || sequence[i].length > batch->capacity_steps)
      return rnn_error_set(error, RNN_BUG, "a batch of 1 to %zu steps was asked to hold %zu", batch->capacity_steps,
                           sequence[i].length);
    if (targets && task != RNN_CLASSIFY && sequence[i].target == NULL)
      return rnn_error_set(error, RNN_BUG, "a sequence without targets came into a batch with targets");
    for (size_t t = 0; batch->frame_width == 0 && t < sequence[i].length; t++) {
      int32_t symbol = sequence[i].symbol[rnn_sequence_place(&sequence[i], t)];
      if (!has_symbol(batch, sequence[0].lexicon, symbol))
        return rnn_error_set(error, RNN_BUG, "symbol %d came into a batch of %zu symbols", symbol, batch->symbols);
    }
    if (sequence[i].lexicon != sequence[0].lexicon)
      return rnn_error_set(error, RNN_BUG, "sequences with different lexicons came into one batch");
    rows += sequence[i].length;
  }
  if (rows > batch->capacity_rows)
    return rnn_error_set(error, RNN_BUG, "a batch of %zu rows was asked to hold %zu", batch->capacity_rows, rows);
  return RNN_OK;
}

enum rnn_status rnn_batch_fill(struct rnn_batch *batch, enum rnn_task task, const struct rnn_sequence *sequence,
                               size_t count, bool targets, struct rnn_error *error)
{
  enum rnn_status status = check(batch, task, sequence, count, targets, error);
  if (status != RNN_OK)
    return status;
  batch->lanes = count;
  batch->targets = targets;
  batch->lexicon = sequence[0].lexicon;
  order_lanes(batch, sequence);
  batch->steps = batch->length[0];
  count_rows(batch);
  batch->rows = batch->row_begin[batch->steps];
  for (size_t lane = 0; lane < count; lane++) {
    copy_lane(batch, lane, &sequence[batch->order[lane]]);
    if (targets)
      copy_targets(batch, task, lane, &sequence[batch->order[lane]]);
  }
  if (batch->lexicon != NULL)
    number_words(batch);
  else if (batch->frame_width == 0)
    number_symbols(batch);
  if (batch->apart)
    number_rows(batch);
  return RNN_OK;
}
