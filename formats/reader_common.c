/* Lines and paragraphs of an input, and sentences about them. */
#include "reader_common.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "input_limits.h"
#include "number.h"

enum rnn_status rnn_reader_refuse(const struct rnn_input *input, uint64_t line, struct rnn_error *error,
                                  const char *format, ...)
{
  char sentence[RNN_ERROR_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return rnn_error_set(error, RNN_DATA, "%s:%llu: %s", rnn_input_name(input), (unsigned long long)line, sentence);
}

const char *rnn_reader_quote(struct rnn_slice piece, char *text)
{
  enum { MOST_BYTES = 40 };
  size_t length = piece.length_bytes;
  if (length > MOST_BYTES) {
    length = MOST_BYTES;
    while (length > MOST_BYTES - 4 && ((unsigned char)piece.bytes[length] & 0xC0) == 0x80)
      length--;
  }
  snprintf(text, RNN_QUOTE_BYTES, "%.*s%s", (int)length, length > 0 ? piece.bytes : "",
           length < piece.length_bytes ? "..." : "");
  return text;
}

enum rnn_status rnn_reader_check_length(const struct rnn_input *input, uint64_t line, const char *what,
                                        struct rnn_slice piece, struct rnn_error *error)
{
  if (piece.length_bytes <= RNN_LIMIT_TOKEN_BYTES)
    return RNN_OK;
  return rnn_reader_refuse(input, line, error, "%s of %zu bytes, at most %zu are allowed", what, piece.length_bytes,
                           RNN_LIMIT_TOKEN_BYTES);
}

enum rnn_status rnn_reader_line(struct rnn_input *input, enum rnn_content content, struct rnn_record *record,
                                struct rnn_slice *line, bool *end, struct rnn_error *error)
{
  const char *bytes;
  size_t length, end_bytes;
  rnn_record_start(record, content);
  *end = false;
  enum rnn_status status = rnn_input_next_line(input, &bytes, &length, error);
  record->line = rnn_input_line(input);
  if (status != RNN_OK)
    return status;
  *end = bytes == NULL;
  const char *line_end = rnn_input_line_end(input, &end_bytes);
  status = rnn_record_add_raw(record, bytes, length, line_end, end_bytes, error);
  *line = (struct rnn_slice){record->raw.bytes, length};
  return status;
}

/* The state of a paragraph that is being read. */
struct paragraph {
  size_t lines;
  bool begun; /* a line that is not blank has come */
  bool done;
  bool full;              /* no further line is kept */
  struct rnn_error error; /* the first one */
};

static enum rnn_status add_line(struct rnn_input *input, struct rnn_record *record, struct paragraph *paragraph,
                                struct rnn_error *error)
{
  const char *bytes;
  size_t length, end_bytes;
  enum rnn_status status = rnn_input_next_line(input, &bytes, &length, error);
  if (status != RNN_OK) {
    paragraph->begun = true; /* what cannot be read is not blank */
    return status;
  }
  if (bytes == NULL) {
    paragraph->done = true;
    return RNN_OK;
  }
  paragraph->lines++;
  bool blank = rnn_input_is_blank(bytes, length);
  paragraph->done = blank && paragraph->begun;
  paragraph->begun |= !blank;
  if (paragraph->full)
    return RNN_OK;
  const char *line_end = rnn_input_line_end(input, &end_bytes);
  paragraph->full = record->raw.length_bytes + length > RNN_LIMIT_RECORD_BYTES;
  if (paragraph->full)
    return rnn_reader_refuse(input, record->line, error, "record longer than %zu MiB", RNN_LIMIT_RECORD_BYTES >> 20);
  return rnn_record_add_raw(record, bytes, length, line_end, end_bytes, error);
}

enum rnn_status rnn_reader_paragraph(struct rnn_input *input, enum rnn_content content, struct rnn_record *record,
                                     size_t *lines, bool *end, struct rnn_error *error)
{
  struct paragraph paragraph = {.error.status = RNN_OK};
  rnn_record_start(record, content);
  record->line = rnn_input_line(input) + 1;
  while (!paragraph.done) {
    struct rnn_error now;
    enum rnn_status status = add_line(input, record, &paragraph, &now);
    if (status != RNN_OK && paragraph.error.status == RNN_OK)
      paragraph.error = now;
    if (status != RNN_OK && status != RNN_DATA)
      break;
  }
  *lines = paragraph.lines;
  *end = paragraph.lines == 0 && paragraph.error.status == RNN_OK;
  if (paragraph.error.status != RNN_OK)
    return rnn_error_set(error, paragraph.error.status, "%s", paragraph.error.text);
  return RNN_OK;
}

enum rnn_status rnn_reader_bytes(struct rnn_input *input, void *bytes, size_t size, size_t *got,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t some = 1;
  for (*got = 0; status == RNN_OK && some > 0 && *got < size; *got += some)
    status = rnn_input_read(input, (char *)bytes + *got, size - *got, &some, error);
  return status;
}

struct rnn_lines rnn_reader_lines(const struct rnn_input *input, const struct rnn_record *record)
{
  const char *begin = record->raw.bytes;
  return (struct rnn_lines){.next = begin,
                            .end = begin + record->raw.length_bytes,
                            .record_end = rnn_input_record_end(input),
                            .number = record->line - 1};
}

bool rnn_lines_next(struct rnn_lines *lines)
{
  if (lines->next == lines->end)
    return false;
  size_t left = (size_t)(lines->end - lines->next), length = left;
  const char *hit = memchr(lines->next, lines->record_end, left);
  lines->line.bytes = lines->next;
  lines->next = lines->end;
  if (hit != NULL) {
    lines->next = hit + 1;
    length = (size_t)(hit - lines->line.bytes);
    length -= lines->record_end == '\n' && length > 0 && hit[-1] == '\r';
  }
  lines->line.length_bytes = length;
  lines->number++;
  return true;
}

void rnn_reader_begin_part(struct rnn_record *record, const struct rnn_reader_settings *settings, bool continues)
{
  const struct rnn_reader_carry *carry = settings->carry;
  size_t passed = continues ? record->passed : 0;
  if (carry != NULL && !carry->taken)
    passed = (size_t)carry->passed;
  rnn_record_start(record, RNN_CONTENT_FRAMES);
  record->continues = continues;
  record->passed = passed;
}

void rnn_reader_end_part(const struct rnn_record *record, const struct rnn_reader_settings *settings)
{
  if (settings->carry == NULL)
    return;
  settings->carry->taken = true;
  settings->carry->passed = record->passed;
}

bool rnn_reader_wants_frame(struct rnn_record *record, const struct rnn_reader_settings *settings)
{
  return settings->every < 2 || record->passed++ % settings->every == 0;
}

void rnn_reader_thin(struct rnn_record *record, const struct rnn_reader_settings *settings)
{
  size_t kept = 0, width = record->frame_width;
  for (size_t t = 0; settings->every > 1 && t < record->steps; t++) {
    if (!rnn_reader_wants_frame(record, settings))
      continue;
    memmove(record->frame + kept * width, record->frame + t * width, width * sizeof *record->frame);
    if (record->has_tags)
      record->tag[kept] = record->tag[t];
    kept++;
  }
  record->steps = settings->every > 1 ? kept : record->steps;
}

void rnn_reader_name_columns(struct rnn_record *record, const struct rnn_reader_settings *settings)
{
  if (settings->tag_columns.count > 1)
    record->columns = settings->tag_columns;
}

void rnn_reader_give_label(struct rnn_record *record, const struct rnn_reader_settings *settings)
{
  if (settings->label == NULL)
    return;
  record->label = (struct rnn_slice){settings->label, strlen(settings->label)};
  record->has_label = true;
}

bool rnn_reader_number(struct rnn_slice text, float *number)
{
  static const char missing[] = "null";
  *number = NAN;
  if (text.length_bytes == strlen(missing) && memcmp(text.bytes, missing, strlen(missing)) == 0)
    return true;
  return rnn_number_parse_float(text.bytes, text.length_bytes, number);
}

struct rnn_slice rnn_reader_cut(struct rnn_slice *rest, char separator)
{
  struct rnn_slice piece = *rest;
  const char *hit = memchr(rest->bytes, separator, rest->length_bytes);
  if (hit == NULL) {
    *rest = (struct rnn_slice){.bytes = NULL};
    return piece;
  }
  piece.length_bytes = (size_t)(hit - piece.bytes);
  rest->bytes = hit + 1;
  rest->length_bytes -= piece.length_bytes + 1;
  return piece;
}

struct rnn_slice rnn_reader_trim(struct rnn_slice text)
{
  while (text.length_bytes > 0 && rnn_reader_is_space(*text.bytes)) {
    text.bytes++;
    text.length_bytes--;
  }
  while (text.length_bytes > 0 && rnn_reader_is_space(text.bytes[text.length_bytes - 1]))
    text.length_bytes--;
  return text;
}
