/* Which of a model's columns of tags are asked for, and where the data has them. */
#ifndef RNN_BIN_COLUMNS_H
#define RNN_BIN_COLUMNS_H

#include "model.h"
#include "reader.h"

/* As --column has it, in reader->tag_columns, of a model of several columns: nothing, for all of them; names of some of
 * them: these alone are left in the model; or other names, as many as the model has columns: in the data they are
 * called so. Afterwards the reader has the names in the data, and *named says that they are those of the model.
 * RNN_USAGE for anything else. */
enum rnn_status rnn_columns_choose(struct rnn_model *model, struct rnn_reader_settings *reader, bool *named,
                                   struct rnn_error *error) RNN_MUST_CHECK;

#endif
