/* What rnn-inspect looks into: a model or a stream, told by content. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect.h"
#include "memory.h"
#include "model_file.h"
#include "program.h"

enum { PEEK_BYTES = 4096 };

/* Is "format":"rnn-model/..." among the first bytes of the document? What cannot be read as text is left to the reader
 * of models, which says what is wrong with it. */
static enum rnn_status is_model(struct rnn_input *input, bool *answer, struct rnn_error *error)
{
  static const char model[] = "rnn-model/";
  const char *bytes;
  size_t got;
  enum rnn_status status = rnn_input_peek(input, &bytes, PEEK_BYTES, &got, error);
  *answer = status != RNN_OK || memmem(bytes, got, model, sizeof model - 1) != NULL;
  return status == RNN_DATA ? RNN_OK : status;
}

enum rnn_status inspect_open_name(const char *name, struct inspect_source *source, struct rnn_error *error)
{
  static const struct rnn_input_settings bytes = {.utf8 = RNN_UTF8_BYTES, .most_line_bytes = SIZE_MAX};
  enum rnn_status status;
  bool stream = false, model;
  *source = (struct inspect_source){.name = strcmp(name, "-") == 0 ? "(stdin)" : name};
  RNN_TRY(rnn_input_open(&source->input, name, &bytes, error));
  RNN_TRY(is_model(source->input, &model, error));
  if (!model)
    RNN_TRY(rnn_format_is_stream(source->input, &stream, error));
  if (stream)
    return rnn_stream_reader_create(&source->stream, source->input, error);
  RNN_TRY(rnn_input_use_raw(source->input, error));
  RNN_TRY(rnn_model_read_raw(&source->model, source->input, error));
out:
  return status;
}

enum rnn_status inspect_open(const struct inspect *inspect, struct inspect_source *source, struct rnn_error *error)
{
  enum rnn_status status;
  const char *name = inspect->operands > 0 ? inspect->operand[0] : inspect->model, *standard = getenv("RNN_MODEL");
  char *path = NULL;
  *source = (struct inspect_source){0};
  if (inspect->operands > 0 && inspect->model != NULL)
    return rnn_error_set(error, RNN_USAGE, "both --model=%s and '%s' are given: one of them is enough", inspect->model,
                         inspect->operand[0]);
  if (name == NULL && isatty(STDIN_FILENO)) {
    if (standard == NULL || *standard == '\0')
      return rnn_error_set(error, RNN_USAGE, "no model or stream is given, and standard input is a terminal");
    name = standard;
  }
  if (name == NULL)
    return inspect_open_name("-", source, error);
  RNN_TRY(rnn_program_find_model(name, &path, error));
  RNN_TRY(inspect_open_name(path, source, error));
out:
  if (source->name == path)
    source->name = name;
  rnn_memory_free(path);
  return status;
}

enum rnn_status inspect_open_model(const struct inspect *inspect, struct inspect_source *source,
                                   struct rnn_error *error)
{
  enum rnn_status status = inspect_open(inspect, source, error);
  if (status == RNN_OK && source->model == NULL)
    return rnn_error_set(error, RNN_DATA, "%s: a sequence stream, where a model is expected", source->name);
  return status;
}

void inspect_close(struct inspect_source *source)
{
  rnn_stream_reader_free(source->stream);
  rnn_model_free(source->model);
  rnn_input_close(source->input);
}

enum rnn_status inspect_read_stream(struct inspect_source *source, struct rnn_stream_facts *facts,
                                    struct inspect_counts *counts, struct rnn_error *error)
{
  enum rnn_status status;
  *counts = (struct inspect_counts){.shortest = SIZE_MAX};
  for (bool end = false;;) {
    struct rnn_sequence sequence;
    RNN_TRY(rnn_stream_reader_next(source->stream, &sequence, facts, &end, error));
    if (end)
      break;
    counts->sequences++;
    counts->steps += sequence.length;
    counts->shortest = sequence.length < counts->shortest ? sequence.length : counts->shortest;
    counts->longest = sequence.length > counts->longest ? sequence.length : counts->longest;
  }
out:
  return status;
}
