/* Sequences and vocabularies as plain text. */
#include "plain.h"

#include <math.h>
#include <string.h>

#include "number.h"

/* What one sequence is written with. */
struct writing {
  struct rnn_output *output;
  const struct rnn_vocabulary *symbols, *labels;
  const struct rnn_columns *columns; /* whose names stand before the labels */
  char end;                          /* of a line */
};

static enum rnn_status put(const struct writing *writing, char c, struct rnn_error *error)
{
  return rnn_output_write(writing->output, &c, 1, error);
}

/* A string; as a field, with blanks for what would end the field. */
static enum rnn_status put_string(const struct writing *writing, const struct rnn_vocabulary *vocabulary,
                                  int32_t number, bool field, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t length_bytes, skip = 0;
  if (number < 0)
    return RNN_OK;
  const char *string = rnn_vocabulary_string(vocabulary, number, &length_bytes);
  if (vocabulary == writing->labels)
    rnn_columns_of_label(writing->columns, string, length_bytes, &skip);
  string += skip;
  length_bytes -= skip;
  if (!field)
    return rnn_output_write(writing->output, string, length_bytes, error);
  for (size_t i = 0; i < length_bytes; i++) {
    bool ends = string[i] == '\t' || string[i] == '\n' || string[i] == '\r' || string[i] == writing->end;
    RNN_TRY(put(writing, ends ? ' ' : string[i], error));
  }
out:
  return status;
}

static enum rnn_status put_text(const struct writing *writing, const struct rnn_sequence *sequence,
                                enum rnn_level level, bool field, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t t = 0; t < sequence->length; t++) {
    if (level == RNN_LEVEL_WORD && t > 0)
      RNN_TRY(put(writing, ' ', error));
    RNN_TRY(put_string(writing, writing->symbols, sequence->symbol[t], field || level == RNN_LEVEL_WORD, error));
  }
  RNN_TRY(put(writing, writing->end, error));
out:
  return status;
}

static enum rnn_status put_frame(const struct writing *writing, const float *frame, size_t width,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < width; i++) {
    char text[RNN_NUMBER_BYTES];
    if (i > 0)
      RNN_TRY(put(writing, ' ', error));
    const char *written = isnan(frame[i]) ? "null" : rnn_number_float(frame[i], text);
    RNN_TRY(rnn_output_write(writing->output, written, strlen(written), error));
  }
out:
  return status;
}

static enum rnn_status put_frames(const struct writing *writing, const struct rnn_sequence *sequence, size_t width,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (sequence->label >= 0) {
    RNN_TRY(rnn_output_print(writing->output, error, "# label: "));
    RNN_TRY(put_string(writing, writing->labels, sequence->label, true, error));
    RNN_TRY(put(writing, writing->end, error));
  }
  for (size_t t = 0; t < sequence->length; t++) {
    RNN_TRY(put_frame(writing, sequence->frame + t * width, width, error));
    RNN_TRY(put(writing, writing->end, error));
  }
  RNN_TRY(put(writing, writing->end, error));
out:
  return status;
}

static enum rnn_status put_steps(const struct writing *writing, const struct rnn_sequence *sequence,
                                 const struct rnn_stream_facts *facts, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t width = facts->frame_width, columns = rnn_columns_count(&facts->columns);
  for (size_t t = 0; t < sequence->length; t++) {
    if (width > 0)
      RNN_TRY(put_frame(writing, sequence->frame + t * width, width, error));
    else
      RNN_TRY(put_string(writing, writing->symbols, sequence->symbol[t], true, error));
    for (size_t c = 0; c < columns; c++) {
      RNN_TRY(put(writing, '\t', error));
      RNN_TRY(put_string(writing, writing->labels, sequence->target[t * columns + c], true, error));
    }
    RNN_TRY(put(writing, writing->end, error));
  }
  RNN_TRY(put(writing, writing->end, error));
out:
  return status;
}

enum rnn_status rnn_plain_write(struct rnn_output *output, const struct rnn_sequence *sequence,
                                const struct rnn_stream_facts *facts, const struct rnn_vocabulary *symbols,
                                const struct rnn_vocabulary *labels, char record_end, struct rnn_error *error)
{
  const struct writing writing = {
      .output = output, .symbols = symbols, .labels = labels, .columns = &facts->columns, .end = record_end};
  enum rnn_status status = RNN_OK;
  if (facts->task == RNN_TAG)
    return put_steps(&writing, sequence, facts, error);
  if (facts->frame_width > 0)
    return put_frames(&writing, sequence, facts->frame_width, error);
  if (facts->task == RNN_CLASSIFY) {
    RNN_TRY(put_string(&writing, labels, sequence->label, true, error));
    RNN_TRY(put(&writing, '\t', error));
  }
  RNN_TRY(put_text(&writing, sequence, facts->text.level, facts->task == RNN_CLASSIFY, error));
out:
  return status;
}

static enum rnn_status put_escaped(struct rnn_output *output, const char *string, size_t length_bytes,
                                   struct rnn_error *error)
{
  static const char plain[] = "\t\n\r\\", letter[] = "tnr\\";
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < length_bytes; i++) {
    const char *hit = string[i] == '\0' ? NULL : strchr(plain, string[i]);
    const char escaped[2] = {'\\', hit == NULL ? '0' : letter[hit - plain]};
    if (hit != NULL || string[i] == '\0')
      RNN_TRY(rnn_output_write(output, escaped, 2, error));
    else
      RNN_TRY(rnn_output_write(output, string + i, 1, error));
  }
out:
  return status;
}

enum rnn_status rnn_plain_write_vocabulary(struct rnn_output *output, const struct rnn_vocabulary *vocabulary,
                                           struct rnn_error *error)
{
  struct rnn_vocabulary *sorted = NULL;
  enum rnn_status status;
  RNN_TRY(rnn_vocabulary_sorted(vocabulary, 1, false, &sorted, NULL, error));
  for (size_t i = 0; i < rnn_vocabulary_count(sorted); i++) {
    size_t length_bytes;
    const char *string = rnn_vocabulary_string(sorted, (int32_t)i, &length_bytes);
    RNN_TRY(put_escaped(output, string, length_bytes, error));
    RNN_TRY(
        rnn_output_print(output, error, "\t%llu\n", (unsigned long long)rnn_vocabulary_frequency(sorted, (int32_t)i)));
  }
out:
  rnn_vocabulary_free(sorted);
  return status;
}
