/* Means and deviations of frames in a document: the tensors `frame.mean` and `frame.deviation`, specified in
 * formats/model.md. */
#ifndef RNN_MODEL_FRAME_H
#define RNN_MODEL_FRAME_H

#include "model.h"
#include "safetensors.h"

/* Adds the tensors, if the model has them. *storage is what they point to: freed with rnn_memory_free, after the
 * document was encoded. RNN_DATA for what is not finite. */
enum rnn_status rnn_model_add_frame(struct rnn_document *document, const struct rnn_model *model, float **storage,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* Fills those of parameters->frame, if its shape is standardised; both must be F32 [n], finite, deviations above 0.
 * RNN_DATA without a name of the file. */
enum rnn_status rnn_model_read_frame(const struct rnn_document *document, struct rnn_parameters *parameters,
                                     struct rnn_error *error) RNN_MUST_CHECK;

/* True if a tensor of this name belongs to such a model. */
bool rnn_model_is_frame_tensor(const struct rnn_shape *shape, const char *name);

#endif
