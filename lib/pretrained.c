/* A start from a completion model. */
#include "pretrained.h"

#include "vector.h"

static void copy(struct rnn_parameters *to, size_t at, const struct rnn_parameters *from, size_t from_at, size_t count)
{
  rnn_vector_copy(count, from->value + from_at, to->value + at);
}

/* The number in `pretrained` of symbol i of `model`, or RNN_ABSENT. */
static int32_t same_symbol(const struct rnn_model *model, const struct rnn_model *pretrained, size_t i)
{
  if ((int32_t)i == rnn_model_unknown(model))
    return rnn_model_unknown(pretrained);
  size_t length_bytes;
  const char *bytes = rnn_vocabulary_string(model->symbols, (int32_t)i, &length_bytes);
  return rnn_vocabulary_find(pretrained->symbols, bytes, length_bytes);
}

/* Of one symbol: its row of the embedding, or its column of each direction's U. */
static void copy_symbol(struct rnn_parameters *to, size_t i, const struct rnn_parameters *from, size_t same)
{
  size_t e = to->shape.e, stacked = to->shape.cell->gates * to->shape.d;
  if (e > 0) {
    copy(to, to->layout.embedding + i * e, from, from->layout.embedding + same * e, e);
    return;
  }
  const struct rnn_layer_view *view = &to->layout.layer[0][0], *old = &from->layout.layer[0][0];
  for (size_t row = 0; row < stacked; row++)
    to->value[view->u + row * view->width + i] = from->value[old->u + row * old->width + same];
}

static void copy_layer(struct rnn_parameters *to, const struct rnn_parameters *from, size_t layer)
{
  const struct rnn_layer_view *view = &to->layout.layer[layer][0], *old = &from->layout.layer[layer][0];
  const struct rnn_cell *cell = to->shape.cell;
  size_t d = to->shape.d, stacked = cell->gates * d;
  bool one_hot = layer == 0 && to->shape.e == 0;
  if (!one_hot && view->width != old->width)
    return;
  if (!one_hot)
    copy(to, view->u, from, old->u, stacked * view->width);
  if (view->w != SIZE_MAX)
    copy(to, view->w, from, old->w, cell->elementwise ? cell->vectors * d : stacked * d);
  copy(to, view->b, from, old->b, stacked);
  if (view->s0 != SIZE_MAX && old->s0 != SIZE_MAX)
    copy(to, view->s0, from, old->s0, d);
}

void rnn_model_start_from(struct rnn_model *model, const struct rnn_model *pretrained)
{
  struct rnn_parameters *to = model->parameters;
  const struct rnn_parameters *from = pretrained->parameters;
  for (size_t i = 0; i < rnn_model_inputs(model); i++) {
    int32_t same = same_symbol(model, pretrained, i);
    if (same != RNN_ABSENT)
      copy_symbol(to, i, from, (size_t)same);
  }
  for (size_t layer = 0; layer < to->shape.layers && layer < from->shape.layers; layer++)
    copy_layer(to, from, layer);
}
