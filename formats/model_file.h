/* Models in files and pipes: rnn-model/1, specified in formats/model.md. */
#ifndef RNN_MODEL_FILE_H
#define RNN_MODEL_FILE_H

#include "error.h"
#include "input.h"
#include "model.h"
#include "output.h"
#include "safetensors.h"

#define RNN_MODEL_FORMAT "rnn-model/1"

/* Columns of the tensor `history`: the fields of struct rnn_epoch in their order. */
enum { RNN_HISTORY_COLUMNS = 8 };

/* From a file, a pipe or "-": a zstd frame, or the plain document. Validated once: sizes equal those derived from the
 * config, every weight finite, strings within limits, no trailing byte. RNN_DATA "name: ...", RNN_NO_INPUT where there
 * is no file. A plain document in a file is mapped and its weights are used in place where the machine allows; the
 * mapping lasts as long as the process, writes to the weights stay private, and the file may be replaced by rename but
 * must not be cut short in place. */
enum rnn_status rnn_model_read(struct rnn_model **model, const char *name, struct rnn_error *error) RNN_MUST_CHECK;

/* The same for a program that predicts: the rows of the embedding, most of a model and most of them never read, are
 * checked when a batch reads them (rnn_parameters_check_rows). */
enum rnn_status rnn_model_open(struct rnn_model **model, const char *name, struct rnn_error *error) RNN_MUST_CHECK;

/* The same from a raw input, to its end. */
enum rnn_status rnn_model_read_raw(struct rnn_model **model, struct rnn_input *raw,
                                   struct rnn_error *error) RNN_MUST_CHECK;

/* One zstd frame: the same model is the same bytes. RNN_DATA for a weight that is not finite. */
enum rnn_status rnn_model_write(const struct rnn_model *model, struct rnn_output *output,
                                struct rnn_error *error) RNN_MUST_CHECK;

/* The document before compression, freed with rnn_memory_free. */
enum rnn_status rnn_model_encode(const struct rnn_model *model, char **block, size_t *size_bytes,
                                 struct rnn_error *error) RNN_MUST_CHECK;

/* The type that the parameters have in a document. */
enum rnn_dtype rnn_model_dtype(const struct rnn_config *config);

/* The shape a parameter has in a document: vectors (b, c, q, s0) have one dimension, all others two. */
size_t rnn_model_tensor_shape(const struct rnn_tensor *tensor, size_t shape[2]);

#endif
