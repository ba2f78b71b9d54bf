/* The metadata of a model's document, specified in formats/model.md. `name` is the file's, for messages. */
#ifndef RNN_MODEL_METADATA_H
#define RNN_MODEL_METADATA_H

#include "model.h"
#include "safetensors.h"

/* RNN_DATA unless the document says that it is a model; of a stream or a checkpoint the message says so. */
enum rnn_status rnn_model_check_format(const struct rnn_document *document, const char *name,
                                       struct rnn_error *error) RNN_MUST_CHECK;

/* The task, what it reads, columns, config and history of a model; RNN_DATA for a value that is missing, has no meaning
 * or no place in such a model. */
enum rnn_status rnn_model_read_metadata(const struct rnn_document *document, const char *name, struct rnn_model *model,
                                        struct rnn_error *error) RNN_MUST_CHECK;

#endif
