/* --column and a model of several columns. */
#include "columns.h"

#include <string.h>

#include "model_columns.h"

enum rnn_status rnn_columns_choose(struct rnn_model *model, struct rnn_reader_settings *reader, bool *named,
                                   struct rnn_error *error)
{
  const struct rnn_columns *has = &model->columns;
  struct rnn_columns *asked = &reader->tag_columns;
  char text[2][RNN_COLUMNS_BYTES];
  size_t keep[RNN_MOST_COLUMNS], found = 0;
  *named = false;
  if (has->count == 0 && asked->count > 1)
    return rnn_error_set(error, RNN_USAGE, "--column=%s: the model has one column of tags",
                         rnn_columns_write(asked, text[0]));
  if (has->count == 0)
    return RNN_OK;
  if (asked->count == 0)
    *asked = *has;
  for (size_t i = 0; i < asked->count; i++) {
    keep[i] = rnn_columns_find(has, asked->name[i], strlen(asked->name[i]));
    found += keep[i] < has->count;
  }
  *named = found == asked->count;
  if (!*named && (found > 0 || asked->count != has->count))
    return rnn_error_set(error, RNN_USAGE, "--column=%s: the model has %s", rnn_columns_write(asked, text[0]),
                         rnn_columns_write(has, text[1]));
  return *named && !rnn_columns_equal(asked, has) ? rnn_model_keep_columns(model, keep, asked->count, error) : RNN_OK;
}
