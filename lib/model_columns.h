/* A model of some of the columns of tags of another. */
#ifndef RNN_MODEL_COLUMNS_H
#define RNN_MODEL_COLUMNS_H

#include "model.h"

/* Leaves of several columns those whose numbers are in keep [count], in that order: the model answers of them what it
 * did, without the rest. A single one loses its name. */
enum rnn_status rnn_model_keep_columns(struct rnn_model *model, const size_t *keep, size_t count,
                                       struct rnn_error *error) RNN_MUST_CHECK;

#endif
