/* The training curve as a tensor. */
#include "model_history.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "model_file.h"

static const double most_updates = 9007199254740992.0; /* 2^53: whole numbers in a double */

enum rnn_status rnn_model_add_history(struct rnn_document *document, const struct rnn_model *model, double **storage,
                                      struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t shape[2] = {model->epochs, RNN_HISTORY_COLUMNS};
  if (model->epochs == 0)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(storage, model->epochs, RNN_HISTORY_COLUMNS * sizeof(double), "history", error));
  for (size_t i = 0; i < model->epochs; i++) {
    const struct rnn_epoch *epoch = &model->history[i];
    double row[RNN_HISTORY_COLUMNS] = {(double)epoch->epoch, (double)epoch->updates, epoch->train_nats,
                                       epoch->valid_nats,    epoch->valid_accuracy,  epoch->learning_rate,
                                       epoch->gradient_norm, epoch->clipped};
    for (size_t column = 0; column < RNN_HISTORY_COLUMNS; column++)
      if (isnan(row[column]))
        row[column] = NAN; /* there are many; the same model is the same bytes */
    memcpy(*storage + i * RNN_HISTORY_COLUMNS, row, sizeof row);
  }
  RNN_TRY(rnn_document_add_tensor(document, "history", RNN_F64, shape, 2, *storage, error));
out:
  return status;
}

static bool is_whole(double number, double most)
{
  return number >= 0 && number <= most && number == floor(number);
}

enum rnn_status rnn_model_read_history(const struct rnn_document *document, struct rnn_model *model,
                                       struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_document_tensor *tensor = rnn_document_tensor(document, "history");
  model->epochs = 0;
  if (tensor == NULL)
    return RNN_OK;
  if (tensor->dtype != RNN_F64 || tensor->dimensions != 2 || tensor->shape[1] != RNN_HISTORY_COLUMNS)
    return rnn_error_set(error, RNN_DATA, "tensor 'history' is not F64 [epochs, %d]", RNN_HISTORY_COLUMNS);
  for (size_t i = 0; i < tensor->shape[0]; i++) {
    double row[RNN_HISTORY_COLUMNS];
    rnn_document_copy(tensor, i * RNN_HISTORY_COLUMNS, RNN_HISTORY_COLUMNS, row);
    if (!is_whole(row[0], UINT32_MAX) || !is_whole(row[1], most_updates))
      return rnn_error_set(error, RNN_DATA, "history[%zu] does not begin with two whole numbers", i);
    struct rnn_epoch epoch = {.epoch = (uint32_t)row[0],
                              .updates = (uint64_t)row[1],
                              .train_nats = row[2],
                              .valid_nats = row[3],
                              .valid_accuracy = row[4],
                              .learning_rate = row[5],
                              .gradient_norm = row[6],
                              .clipped = row[7]};
    RNN_TRY(rnn_model_add_epoch(model, &epoch, error));
  }
out:
  return status;
}
