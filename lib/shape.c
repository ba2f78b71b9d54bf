/* From a config to the list of tensors, every product checked. */
#include "shape.h"

#include <stdint.h>
#include <stdio.h>

#include "memory.h"

static enum rnn_status refuse(struct rnn_error *error, const char *key, const char *why)
{
  return rnn_error_set(error, RNN_BAD_CONFIG, "%s: %s", key, why);
}

static enum rnn_status refuse_cell(struct rnn_error *error, const char *name)
{
  char all[RNN_CELL_NAME_BYTES * 16] = "";
  for (size_t i = 0, used = 0; rnn_cells[i] != NULL && used < sizeof all; i++)
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", rnn_cells[i]->name);
  return rnn_error_set(error, RNN_BAD_CONFIG, "cell: there is no cell '%s'; there are %s", name, all);
}

enum rnn_status rnn_shape_init(struct rnn_shape *shape, const struct rnn_config *config, enum rnn_task task,
                               bool frames, size_t n, size_t k, struct rnn_error *error)
{
  const struct rnn_cell *cell = rnn_cell_find(config->cell);
  if (cell == NULL)
    return refuse_cell(error, config->cell);
  if (config->activation < RNN_TANH || config->activation > RNN_RELU)
    return refuse(error, "activation", "tanh, logistic or relu expected");
  if (config->state < 1)
    return refuse(error, "state", "at least 1 expected");
  if (config->layers < 1 || config->layers > RNN_MOST_LAYERS)
    return rnn_error_set(error, RNN_BAD_CONFIG, "layers: 1 to %d expected", RNN_MOST_LAYERS);
  if (config->embedding < 0)
    return refuse(error, "embedding", "a width, or 0 for one-hot, expected");
  if (config->bidirectional && task == RNN_COMPLETE)
    return refuse(error, "bidirectional", "a network that says what comes next must not have read it");
  if (task == RNN_CLASSIFY && (config->pooling < RNN_AUTO || config->pooling > RNN_POOL_ATTENTION))
    return refuse(error, "pooling", "last, mean, max, mean-max or attention expected");
  if (config->output == RNN_OUTPUT_CRF && (task != RNN_TAG || k > UINT16_MAX))
    return refuse(error, "output", "crf is for tags, 65535 at most");
  if (config->tied && (task != RNN_COMPLETE || frames))
    return refuse(error, "tied", "completion alone has V of the shape of its embedding");
  if (config->tied && config->embedding != config->state)
    return refuse(error, "tied", "the embedding must be as wide as the state");
  if (n == 0 || k == 0)
    return refuse(error, n == 0 ? "input" : "output", "the network would have none");
  struct rnn_frame_shape frame = {.width = 0};
  if (frames && rnn_frame_shape_init(&frame, config, n, error) != RNN_OK)
    return RNN_BAD_CONFIG;
  int pooling = task == RNN_CLASSIFY && config->pooling != RNN_AUTO ? config->pooling : RNN_POOL_LAST;
  *shape = (struct rnn_shape){.task = task,
                              .cell = cell,
                              .activation = (enum rnn_activation)config->activation,
                              .frames = frames,
                              .learned_start = config->start == RNN_START_LEARNED,
                              .frame = frame,
                              .n = frames ? rnn_frame_inputs(&frame) : n,
                              .e = frames ? 0 : (size_t)config->embedding,
                              .tied = config->tied,
                              .d = (size_t)config->state,
                              .layers = (size_t)config->layers,
                              .directions = config->bidirectional ? 2 : 1,
                              .residual = config->residual && config->layers > 1,
                              .pooling = (enum rnn_pooling)pooling,
                              .k = k,
                              .columns = 1,
                              .column = {{.first = 0, .k = k}},
                              .crf = config->output == RNN_OUTPUT_CRF};
  if (!rnn_size_multiply(shape->directions, shape->d, &shape->pooled) ||
      !rnn_size_multiply(shape->pooled, shape->pooling == RNN_POOL_MEAN_MAX ? 2 : 1, &shape->pooled))
    return rnn_error_set(error, RNN_NO_MEMORY, "state: %zu is too much", shape->d);
  return RNN_OK;
}

enum rnn_status rnn_shape_add_picture(struct rnn_shape *shape, struct rnn_picture_size size, struct rnn_error *error)
{
  enum rnn_status status = rnn_frame_shape_add_picture(&shape->frame, size, error);
  if (shape->frames)
    shape->n = rnn_frame_inputs(&shape->frame);
  return status;
}

enum rnn_status rnn_shape_add_features(struct rnn_shape *shape, size_t features, struct rnn_error *error)
{
  if (features > 0 && (shape->e == 0 || shape->task == RNN_COMPLETE))
    return refuse(error, "features", "words to tag or to classify, with an embedding, have them");
  shape->features = features;
  return RNN_OK;
}

enum rnn_status rnn_shape_add_columns(struct rnn_shape *shape, const struct rnn_column *column, size_t columns,
                                      struct rnn_error *error)
{
  if (columns == 0 || columns > RNN_MOST_COLUMNS || (columns > 1 && shape->task != RNN_TAG))
    return refuse(error, "columns", "tags alone have more than one");
  shape->columns = columns;
  for (size_t c = 0; c < columns; c++)
    shape->column[c] = column[c];
  return RNN_OK;
}

/* Appends a tensor; *offset is where it begins. */
static enum rnn_status add(struct rnn_layout *layout, const char *owner, const char *letter, size_t rows,
                           size_t columns, size_t *offset, struct rnn_error *error)
{
  struct rnn_tensor *tensor = &layout->tensor[layout->tensors];
  snprintf(tensor->name, sizeof tensor->name, "%s%s", owner, letter);
  size_t elements, end;
  if (!rnn_size_multiply(rows, columns, &elements) || !rnn_size_add(layout->count, elements, &end) ||
      end > SIZE_MAX / 16)
    return rnn_error_set(error, RNN_NO_MEMORY, "%s: %zu times %zu numbers are too many", tensor->name, rows, columns);
  tensor->rows = rows;
  tensor->columns = columns;
  tensor->offset = *offset = layout->count;
  layout->count = end;
  layout->tensors++;
  return RNN_OK;
}

static enum rnn_status add_layer(struct rnn_layout *layout, const struct rnn_shape *shape, size_t layer,
                                 size_t direction, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_layer_view *view = &layout->layer[layer][direction];
  char owner[RNN_TENSOR_NAME_BYTES];
  snprintf(owner, sizeof owner, "layer%zu.%s", layer, direction == 1 ? "reverse." : "");
  size_t d = shape->d, stacked, below;
  if (!rnn_size_multiply(shape->cell->gates, d, &stacked) || !rnn_size_multiply(shape->directions, d, &below))
    return rnn_error_set(error, RNN_NO_MEMORY, "state: %zu is too much", d);
  if (layer > 0)
    view->width = below;
  else
    view->width = shape->e > 0 ? shape->e : shape->n;
  view->w = view->s0 = SIZE_MAX;
  RNN_TRY(add(layout, owner, "U", stacked, view->width, &view->u, error));
  if (!shape->cell->elementwise)
    RNN_TRY(add(layout, owner, "W", stacked, d, &view->w, error));
  else if (shape->cell->vectors > 0)
    RNN_TRY(add(layout, owner, "w", shape->cell->vectors * d, 1, &view->w, error));
  RNN_TRY(add(layout, owner, "b", stacked, 1, &view->b, error));
  if (shape->learned_start)
    RNN_TRY(add(layout, owner, "s0", d, 1, &view->s0, error));
out:
  return status;
}

enum rnn_status rnn_shape_layout(const struct rnn_shape *shape, struct rnn_layout *layout, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  char owner[RNN_TENSOR_NAME_BYTES] = "output.";
  *layout = (struct rnn_layout){.count = 0};
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++)
      RNN_TRY(add_layer(layout, shape, layer, direction, error));
  RNN_TRY(add(layout, "output.", "V", shape->k, shape->pooled, &layout->v, error));
  RNN_TRY(add(layout, "output.", "c", shape->k, 1, &layout->c, error));
  layout->q = SIZE_MAX;
  if (shape->pooling == RNN_POOL_ATTENTION)
    RNN_TRY(add(layout, "output.", "q", shape->pooled, 1, &layout->q, error));
  for (size_t c = 0; c < RNN_MOST_COLUMNS; c++)
    layout->a[c] = SIZE_MAX;
  for (size_t c = 0; c < shape->columns && shape->crf; c++) {
    if (c > 0)
      snprintf(owner, sizeof owner, "output.%zu.", c);
    RNN_TRY(add(layout, owner, "A", shape->column[c].k + 2, shape->column[c].k, &layout->a[c], error));
  }
  layout->dense = layout->count;
  layout->embedding = shape->tied ? layout->v : layout->count;
  if (shape->tied)
    return RNN_OK;
  layout->sparse_rows = shape->e > 0 ? shape->n + shape->features : 0;
  layout->feature_rows = shape->features;
  if (shape->e > 0)
    RNN_TRY(add(layout, "", "embedding", shape->n, shape->e, &layout->embedding, error));
  if (shape->features > 0)
    RNN_TRY(add(layout, "", "features", shape->features, shape->e, &layout->features, error));
out:
  return status;
}
