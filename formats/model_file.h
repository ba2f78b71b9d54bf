/* Models in files and pipes: rnn-model/1, specified in formats/model.md. */
#ifndef RNN_MODEL_FILE_H
#define RNN_MODEL_FILE_H

#include "error.h"
#include "model.h"
#include "output.h"

/* From a file, a pipe or "-": a zstd frame, or the plain document. Validated once: sizes equal those derived from the
 * config, every weight finite, strings within limits, no trailing byte. RNN_DATA "name: ...". */
enum rnn_status rnn_model_read(struct rnn_model **model, const char *name, struct rnn_error *error) RNN_MUST_CHECK;

enum rnn_status rnn_model_write(const struct rnn_model *model, struct rnn_output *output,
                                struct rnn_error *error) RNN_MUST_CHECK;

#endif
