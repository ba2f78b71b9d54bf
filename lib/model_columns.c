/* Labels and rows of the output layer, chosen by column. */
#include "model_columns.h"

#include <string.h>

#include "frame.h"
#include "memory.h"
#include "vector.h"

/* What the model will consist of. */
struct choice {
  const struct rnn_model *from;
  const size_t *keep; /* [count] */
  size_t count;
  struct rnn_model to; /* its labels, columns and parameters */
  size_t *row;         /* [classes of `to`] the row of V in `from` */
};

static bool is_kept(const struct choice *choice, size_t column)
{
  size_t i = 0;
  while (i < choice->count && choice->keep[i] != column)
    i++;
  return i < choice->count;
}

static enum rnn_status choose_labels(struct choice *choice, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_model *from = choice->from;
  size_t count = rnn_vocabulary_count(from->labels);
  for (size_t i = 0; i < choice->count && choice->count > 1; i++)
    rnn_columns_add(&choice->to.columns, from->columns.name[choice->keep[i]],
                    strlen(from->columns.name[choice->keep[i]]));
  RNN_TRY(rnn_vocabulary_create(&choice->to.labels, error));
  RNN_TRY(rnn_memory_new(&choice->row, count, sizeof *choice->row, "labels", error));
  for (size_t j = 0; j < count; j++) {
    size_t length_bytes, skip;
    int32_t number;
    const char *label = rnn_vocabulary_string(from->labels, (int32_t)j, &length_bytes);
    if (!is_kept(choice, rnn_columns_of_label(&from->columns, label, length_bytes, &skip)))
      continue;
    skip = choice->count == 1 ? skip : 0;
    RNN_TRY(rnn_vocabulary_add(choice->to.labels, label + skip, length_bytes - skip, &number, error));
    rnn_vocabulary_add_frequency(choice->to.labels, number, rnn_vocabulary_frequency(from->labels, (int32_t)j));
    choice->row[number] = j;
  }
  RNN_TRY(rnn_model_find_columns(&choice->to, error));
out:
  return status;
}

static void copy_output(const struct choice *choice)
{
  const struct rnn_parameters *from = choice->from->parameters;
  struct rnn_parameters *to = choice->to.parameters;
  size_t pooled = from->shape.pooled;
  for (size_t j = 0; j < to->shape.k; j++) {
    rnn_vector_copy(pooled, from->value + from->layout.v + choice->row[j] * pooled,
                    to->value + to->layout.v + j * pooled);
    to->value[to->layout.c + j] = from->value[from->layout.c + choice->row[j]];
  }
  for (size_t c = 0; c < to->shape.columns && to->shape.crf; c++) {
    size_t k = to->shape.column[c].k;
    rnn_vector_copy((k + 2) * k, from->value + from->layout.a[choice->keep[c]], to->value + to->layout.a[c]);
  }
}

/* All that is not of the output layer. */
static void copy_rest(const struct choice *choice)
{
  const struct rnn_parameters *from = choice->from->parameters;
  struct rnn_parameters *to = choice->to.parameters;
  size_t n = from->frame.mean == NULL ? 0 : from->shape.n;
  for (size_t i = 0; i < to->layout.tensors; i++) {
    const struct rnn_tensor *tensor = &to->layout.tensor[i];
    if (strncmp(tensor->name, "output.", strlen("output.")) == 0)
      continue;
    const struct rnn_tensor *same = &from->layout.tensor[rnn_parameters_find(from, tensor->name)];
    rnn_vector_copy(tensor->rows * tensor->columns, from->value + same->offset, to->value + tensor->offset);
  }
  rnn_vector_copy(n, from->frame.mean, to->frame.mean);
  rnn_vector_copy(n, from->frame.deviation, to->frame.deviation);
  to->unchecked = from->unchecked;
}

enum rnn_status rnn_model_keep_columns(struct rnn_model *model, const size_t *keep, size_t count,
                                       struct rnn_error *error)
{
  enum rnn_status status;
  struct choice choice = {.from = model, .keep = keep, .count = count};
  struct rnn_shape shape = model->parameters->shape;
  RNN_TRY(choose_labels(&choice, error));
  shape.k = rnn_vocabulary_count(choice.to.labels);
  RNN_TRY(rnn_shape_add_columns(&shape, choice.to.column, count, error));
  RNN_TRY(rnn_parameters_create(&choice.to.parameters, &shape, error));
  copy_output(&choice);
  copy_rest(&choice);
  rnn_parameters_free(model->parameters);
  rnn_vocabulary_free(model->labels);
  model->parameters = choice.to.parameters;
  model->labels = choice.to.labels;
  model->columns = choice.to.columns;
  memcpy(model->column, choice.to.column, sizeof model->column);
  choice.to.parameters = NULL;
  choice.to.labels = NULL;
out:
  rnn_parameters_free(choice.to.parameters);
  rnn_vocabulary_free(choice.to.labels);
  rnn_memory_free(choice.row);
  return status;
}
