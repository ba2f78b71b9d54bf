/* The history of a training in a document: the tensor `history`, specified in formats/model.md. */
#ifndef RNN_MODEL_HISTORY_H
#define RNN_MODEL_HISTORY_H

#include "model.h"
#include "safetensors.h"

/* Adds the tensor, if there was an epoch. *storage is what it points to: freed with rnn_memory_free, after the document
 * was encoded. */
enum rnn_status rnn_model_add_history(struct rnn_document *document, const struct rnn_model *model, double **storage,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* Puts the history of the document in the place of the model's: none where there is no such tensor. RNN_DATA without a
 * name. */
enum rnn_status rnn_model_read_history(const struct rnn_document *document, struct rnn_model *model,
                                       struct rnn_error *error) RNN_MUST_CHECK;

#endif
