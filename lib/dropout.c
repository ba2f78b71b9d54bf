/* Masks. */
#include "dropout.h"

#include "memory.h"
#include "random.h"
#include "vector.h"

enum { ALIGNMENT = RNN_MEMORY_ALIGNMENT_BYTES / sizeof(real), MOST_MASKS = RNN_MOST_LAYERS + 3 };

/* One matrix of the block. */
struct part {
  real **place;
  size_t rows, columns;
};

/* Cuts a new block into the parts. */
static enum rnn_status cut(struct rnn_dropout *dropout, const struct part *part, size_t parts, struct rnn_error *error)
{
  size_t used = 0, count;
  bool fits = true;
  for (size_t i = 0; i < parts; i++)
    fits = fits && rnn_size_multiply(part[i].rows, part[i].columns, &count) &&
           rnn_size_add(count, ALIGNMENT - 1, &count) && rnn_size_add(used, count / ALIGNMENT * ALIGNMENT, &used);
  enum rnn_status status =
      rnn_memory_new(&dropout->block, fits ? used : SIZE_MAX, sizeof *dropout->block, "masks of a batch", error);
  if (status != RNN_OK)
    return status;
  real *next = dropout->block;
  for (size_t i = 0; i < parts; i++) {
    *part[i].place = next;
    next += (part[i].rows * part[i].columns + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
  return RNN_OK;
}

enum rnn_status rnn_dropout_create(struct rnn_dropout **dropout, const struct rnn_shape *shape,
                                   struct rnn_dropout_shares share, size_t lanes, size_t rows, size_t distinct,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_dropout *fresh = NULL;
  struct part part[MOST_MASKS];
  size_t parts = 0, wide = shape->directions * shape->d;
  *dropout = NULL;
  bool layer = share.layer > 0 && shape->layers > 1, output = share.output > 0;
  bool frames = share.input > 0 && shape->frames, symbols = share.input > 0 && shape->e > 0;
  if (!layer && !output && !frames && !symbols)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "dropout", error));
  fresh->share = share;
  fresh->frame_width = shape->frames ? shape->n : 0;
  fresh->e = shape->e;
  fresh->wide = wide;
  fresh->pooled = shape->pooled;
  fresh->layers = shape->layers;
  if (symbols)
    part[parts++] = (struct part){&fresh->symbol, distinct, shape->e};
  if (frames)
    part[parts++] = (struct part){&fresh->input[0], lanes, shape->n};
  for (size_t i = 1; layer && i < shape->layers; i++)
    part[parts++] = (struct part){&fresh->input[i], lanes, wide};
  if (output)
    part[parts++] = (struct part){&fresh->output, lanes, shape->pooled};
  if (layer || (output && shape->task != RNN_CLASSIFY))
    part[parts++] = (struct part){&fresh->rows, rows + lanes, wide}; /* of classification lanes x pooled too */
  else if (output)
    part[parts++] = (struct part){&fresh->rows, lanes, shape->pooled};
  RNN_TRY(cut(fresh, part, parts, error));
  *dropout = fresh;
  fresh = NULL;
out:
  rnn_dropout_free(fresh);
  return status;
}

void rnn_dropout_free(struct rnn_dropout *dropout)
{
  if (dropout == NULL)
    return;
  rnn_memory_free(dropout->block);
  rnn_memory_free(dropout);
}

static void draw(struct rnn_random *random, double share, size_t count, real *mask)
{
  double below = share * 0x1p32;
  real kept = (real)(1 / (1 - share));
  for (size_t i = 0; i < count; i++)
    mask[i] = (double)rnn_random_next(random) < below ? 0 : kept;
}

/* One row a lane; `place` tells the masks of a sequence apart. */
static void draw_lanes(const struct rnn_dropout *dropout, const struct rnn_batch *batch, uint64_t place, double share,
                       size_t width, real *mask)
{
  enum { PLACES = 32 };
  struct rnn_random random;
  if (mask == NULL)
    return;
  for (size_t lane = 0; lane < batch->lanes; lane++) {
    rnn_random_init(&random, dropout->share.seed, RNN_PURPOSE_DROPOUT, dropout->epoch,
                    batch->index[lane] * PLACES + place);
    draw(&random, share, width, mask + lane * width);
  }
}

static void draw_symbols(const struct rnn_dropout *dropout, const struct rnn_batch *batch)
{
  struct rnn_random random;
  for (size_t i = 0; i < batch->distinct; i++) {
    rnn_random_init(&random, dropout->share.seed, RNN_PURPOSE_SYMBOL_DROPOUT, dropout->epoch,
                    (uint64_t)dropout->update << 32 | (uint32_t)batch->distinct_symbol[i]);
    draw(&random, dropout->share.input, dropout->e, dropout->symbol + i * dropout->e);
  }
}

void rnn_dropout_draw(struct rnn_dropout *dropout, const struct rnn_batch *batch)
{
  if (dropout->symbol != NULL)
    draw_symbols(dropout, batch);
  draw_lanes(dropout, batch, 0, dropout->share.input, dropout->frame_width, dropout->input[0]);
  for (size_t layer = 1; layer < dropout->layers; layer++)
    draw_lanes(dropout, batch, layer, dropout->share.layer, dropout->wide, dropout->input[layer]);
  draw_lanes(dropout, batch, RNN_MOST_LAYERS, dropout->share.output, dropout->pooled, dropout->output);
}

void rnn_dropout_rows(const struct rnn_batch *batch, size_t width, const real *mask, const real *from, real *to)
{
  for (size_t t = 0; t < batch->steps; t++) {
    size_t begin = batch->row_begin[t] * width, count = batch->lanes_at[t] * width;
    for (size_t i = 0; i < count; i++)
      to[begin + i] = from[begin + i] * mask[i];
  }
}
