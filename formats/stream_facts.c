/* The metadata of a block, read and compared. */
#include "stream_facts.h"

#include <string.h>

#include "picture.h"

enum { QUOTE_BYTES = 60 };

static enum rnn_status refuse(struct rnn_error *error, const char *why)
{
  return rnn_error_set(error, RNN_DATA, "%s", why);
}

/* The place of a metadata string in a list that ends with NULL; -1 where it is not there. */
static int choose(const struct rnn_document *document, const char *key, const char *const *choices)
{
  const char *value = rnn_document_metadata(document, key);
  for (int i = 0; value != NULL && choices[i] != NULL; i++)
    if (strcmp(value, choices[i]) == 0)
      return i;
  return -1;
}

enum rnn_status rnn_stream_read_format(const struct rnn_document *document, struct rnn_error *error)
{
  const char *format = rnn_document_metadata(document, "format");
  if (format == NULL)
    return refuse(error, "not a sequence stream: a document without metadata 'format'");
  if (strcmp(format, RNN_STREAM_FORMAT) == 0)
    return RNN_OK;
  if (strncmp(format, "rnn-model/", strlen("rnn-model/")) == 0)
    return refuse(error, "is a model, not a sequence stream");
  return rnn_error_set(error, RNN_DATA, "'%.*s' is not a format this program reads; " RNN_STREAM_FORMAT " is",
                       QUOTE_BYTES, format);
}

enum rnn_status rnn_stream_read_facts(const struct rnn_document *document, struct rnn_stream_facts *facts, bool *starts,
                                      struct rnn_error *error)
{
  static const char *const tasks[] = {"complete", "tag", "classify", NULL}, *const truth[] = {"false", "true", NULL},
                           *const dictionary[] = {"continues", "starts", NULL};
  static const char *const of_symbols[] = {"format", "task", "dictionary", "columns", "level", "lowercase", NULL},
                           *const of_frames[] = {"format", "task", "dictionary", "columns", "picture", NULL};
  bool frames = rnn_document_tensor(document, "frame") != NULL;
  *facts = (struct rnn_stream_facts){.frame_width = 0};
  int task = choose(document, "task", tasks), start = choose(document, "dictionary", dictionary), lowercase = 0;
  if (task < 0)
    return refuse(error, "metadata 'task' is none of complete, tag, classify");
  if (start < 0)
    return refuse(error, "metadata 'dictionary' is neither 'starts' nor 'continues'");
  if (!frames) {
    const char *level = rnn_document_metadata(document, "level");
    lowercase = choose(document, "lowercase", truth);
    if (level == NULL || !rnn_level_find(level, &facts->text.level))
      return refuse(error, "metadata 'level' is none of word, char, byte");
    if (lowercase < 0)
      return refuse(error, "metadata 'lowercase' is neither 'true' nor 'false'");
  }
  facts->task = task == 0 ? RNN_COMPLETE : task == 1 ? RNN_TAG : RNN_CLASSIFY;
  const char *columns = rnn_document_metadata(document, "columns");
  if (columns != NULL &&
      (facts->task != RNN_TAG || !rnn_columns_read(&facts->columns, columns) || facts->columns.count < 2))
    return refuse(error, "metadata 'columns' is no list of two to eight columns of tags");
  const char *picture = frames ? rnn_document_metadata(document, "picture") : NULL;
  if (picture != NULL && !rnn_picture_size_find(picture, &facts->text.picture))
    return refuse(error, "metadata 'picture' is no size of a picture, such as 48x36");
  const char *strange = rnn_document_strange_metadata(document, frames ? of_frames : of_symbols);
  if (strange != NULL)
    return rnn_error_set(error, RNN_DATA, "metadata '%.*s' have no place in a stream of %s", QUOTE_BYTES, strange,
                         frames ? "frames" : "symbols");
  facts->text.lowercase = lowercase == 1;
  *starts = start == 1;
  return RNN_OK;
}

enum rnn_status rnn_stream_check_facts(const struct rnn_stream_facts *facts, const struct rnn_stream_facts *first,
                                       struct rnn_error *error)
{
  if (facts->task != first->task)
    return rnn_error_set(error, RNN_DATA, "task '%s', but '%s' in the blocks before", rnn_task_name(facts->task),
                         rnn_task_name(first->task));
  if ((facts->frame_width > 0) != (first->frame_width > 0))
    return rnn_error_set(error, RNN_DATA, "%s, but %s in the blocks before",
                         facts->frame_width > 0 ? "frames" : "symbols", first->frame_width > 0 ? "frames" : "symbols");
  if (facts->frame_width != first->frame_width)
    return rnn_error_set(error, RNN_DATA, "frames of %zu numbers, but %zu in the blocks before", facts->frame_width,
                         first->frame_width);
  if (!rnn_columns_equal(&facts->columns, &first->columns))
    return refuse(error, "other columns of tags than in the blocks before");
  if (!rnn_picture_size_equal(facts->text.picture, first->text.picture))
    return rnn_error_set(error, RNN_DATA, "pictures of another size than in the blocks before");
  if (facts->text.level != first->text.level)
    return rnn_error_set(error, RNN_DATA, "level '%s', but '%s' in the blocks before",
                         rnn_level_name(facts->text.level), rnn_level_name(first->text.level));
  if (facts->text.lowercase != first->text.lowercase)
    return rnn_error_set(error, RNN_DATA, "lowercase '%s', but '%s' in the blocks before",
                         facts->text.lowercase ? "true" : "false", first->text.lowercase ? "true" : "false");
  return RNN_OK;
}
