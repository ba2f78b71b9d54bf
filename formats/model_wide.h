/* The wide path in a document: the tensors wide.*, specified in formats/model.md. */
#ifndef RNN_MODEL_WIDE_H
#define RNN_MODEL_WIDE_H

#include "model.h"
#include "safetensors.h"

/* Adds the tensors, if there is such a path. *storage is what one points to: freed with rnn_memory_free, after the
 * document was encoded. */
enum rnn_status rnn_model_add_wide(struct rnn_document *document, const struct rnn_wide *wide, uint16_t **storage,
                                   struct rnn_error *error) RNN_MUST_CHECK;

bool rnn_model_is_wide(const char *name); /* the name of one of the tensors */

/* model->wide from the document; NULL where it has none of the tensors. The model has its vocabularies. RNN_DATA
 * without a name. */
enum rnn_status rnn_model_read_wide(const struct rnn_document *document, struct rnn_model *model,
                                    struct rnn_error *error) RNN_MUST_CHECK;

#endif
