/* Frames: a line of numbers for each, separated by blanks, TABs or commas; "null" is a number that is missing; a blank
 * line ends the sequence. Lines that begin with '#' before the first frame may say "# label: NAME" and "# key: ID";
 * others are comments. */
#include <string.h>

#include "input_limits.h"
#include "reader_common.h"

/* "# NAME: value" -> value; bytes == NULL for another line. */
static struct rnn_slice value_of(struct rnn_slice line, const char *name)
{
  struct rnn_slice rest = rnn_reader_trim((struct rnn_slice){line.bytes + 1, line.length_bytes - 1});
  size_t length = strlen(name);
  if (rest.length_bytes < length || memcmp(rest.bytes, name, length) != 0)
    return (struct rnn_slice){.bytes = NULL};
  return rnn_reader_trim((struct rnn_slice){rest.bytes + length, rest.length_bytes - length});
}

static enum rnn_status read_comment(struct rnn_input *input, const struct rnn_lines *lines, struct rnn_record *record,
                                    struct rnn_error *error)
{
  static const char *const name[] = {"label:", "key:"};
  struct rnn_slice *const place[] = {&record->label, &record->key};
  for (size_t i = 0; i < 2; i++) {
    struct rnn_slice value = value_of(lines->line, name[i]);
    if (value.bytes == NULL)
      continue;
    if (record->steps > 0 || record->continues || place[i]->bytes != NULL)
      return rnn_reader_refuse(input, lines->number, error, "\"# %s\" must stand once and before the frames", name[i]);
    if (value.length_bytes == 0)
      return rnn_reader_refuse(input, lines->number, error, "\"# %s\" without a value", name[i]);
    *place[i] = value;
    return rnn_reader_check_length(input, lines->number, i == 0 ? "label" : "key", value, error);
  }
  return RNN_OK;
}

/* Takes a field off the front of *rest: up to a blank or comma, with the blanks and at most one comma behind it. *more
 * is set if a comma promises another field. */
static struct rnn_slice take_field(struct rnn_slice *rest, bool *more)
{
  const char *p = rest->bytes, *end = p + rest->length_bytes;
  struct rnn_slice field = {.bytes = p};
  while (p < end && !rnn_reader_is_space(*p) && *p != ',')
    p++;
  field.length_bytes = (size_t)(p - field.bytes);
  while (p < end && rnn_reader_is_space(*p))
    p++;
  *more = p < end && *p == ',';
  p += *more;
  while (p < end && rnn_reader_is_space(*p))
    p++;
  *rest = (struct rnn_slice){p, (size_t)(end - p)};
  return field;
}

static enum rnn_status read_number(struct rnn_input *input, const struct rnn_lines *lines, struct rnn_slice field,
                                   size_t index, struct rnn_record *record, size_t *used, struct rnn_error *error)
{
  char quote[RNN_QUOTE_BYTES];
  if (index == RNN_LIMIT_FRAME_WIDTH)
    return rnn_reader_refuse(input, lines->number, error, "more than %zu numbers in a frame", RNN_LIMIT_FRAME_WIDTH);
  if (*used == record->capacity_frames) {
    enum rnn_status status = rnn_record_reserve_frames(record, *used + 1, error);
    if (status != RNN_OK)
      return status;
  }
  if (!rnn_reader_number(field, &record->frame_storage[*used]))
    return rnn_reader_refuse(input, lines->number, error, "field %zu: '%s' is no decimal number", index + 1,
                             rnn_reader_quote(field, quote));
  ++*used;
  return RNN_OK;
}

/* *used numbers are in the record; *width is that of the frames before, 0 at the first. */
static enum rnn_status read_frame(struct rnn_input *input, const struct rnn_lines *lines, size_t *width, size_t *used,
                                  struct rnn_record *record, struct rnn_error *error)
{
  struct rnn_slice rest = rnn_reader_trim(lines->line);
  size_t found = 0;
  for (bool more = true; more || rest.length_bytes > 0; found++) {
    struct rnn_slice field = take_field(&rest, &more);
    enum rnn_status status = read_number(input, lines, field, found, record, used, error);
    if (status != RNN_OK)
      return status;
  }
  if (*width == 0)
    *width = found;
  if (found != *width)
    return rnn_reader_refuse(input, lines->number, error, "%zu numbers expected, %zu found", *width, found);
  record->steps++;
  return RNN_OK;
}

static enum rnn_status read_lines(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                  struct rnn_record *record, struct rnn_error *error)
{
  size_t width = *rnn_input_width(input), used = 0;
  struct rnn_lines lines = rnn_reader_lines(input, record);
  enum rnn_status status = RNN_OK;
  while (rnn_lines_next(&lines)) {
    if (rnn_input_is_blank(lines.line.bytes, lines.line.length_bytes))
      continue;
    if (lines.line.bytes[0] == '#')
      RNN_TRY(read_comment(input, &lines, record, error));
    else
      RNN_TRY(read_frame(input, &lines, &width, &used, record, error));
  }
  *rnn_input_width(input) = width; /* that of the first good record holds for the file */
  record->frame = record->frame_storage;
  record->frame_width = width;
  rnn_reader_thin(record, settings);
out:
  return status;
}

static enum rnn_status next_frames(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                   struct rnn_record *record, bool *end, struct rnn_error *error)
{
  size_t count;
  enum rnn_status status;
  RNN_TRY(rnn_reader_paragraph(input, RNN_CONTENT_FRAMES, record, &count, end, error));
  RNN_TRY(read_lines(input, settings, record, error));
  record->has_label = record->label.bytes != NULL;
  record->filler = record->steps == 0 && !record->has_label && record->key.bytes == NULL;
  if (!*end && !record->filler && record->steps == 0)
    RNN_TRY(rnn_reader_refuse(input, record->line, error, "a sequence without frames"));
  rnn_reader_give_label(record, settings);
out:
  return status;
}

/* ---- in parts ---- */

/* The record for the next part: label and key stay where the sequence goes on. */
static enum rnn_status begin_part(struct rnn_record *record, const struct rnn_reader_settings *settings,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_slice label = record->label, key = record->key;
  size_t owned_bytes = record->owned_bytes;
  bool continues = record->more;
  rnn_reader_begin_part(record, settings, continues);
  RNN_TRY(rnn_record_reserve_owned(record, 2 * RNN_LIMIT_TOKEN_BYTES, error));
  if (!continues)
    return RNN_OK;
  record->label = label;
  record->key = key;
  record->owned_bytes = owned_bytes;
out:
  return status;
}

static struct rnn_slice own(struct rnn_record *record, struct rnn_slice value)
{
  return value.bytes == NULL ? value : rnn_record_own(record, value.bytes, value.length_bytes);
}

/* A line that is not blank. */
static enum rnn_status add_to_part(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                   const struct rnn_lines *line, struct rnn_record *record, struct rnn_error *error)
{
  struct rnn_slice label = record->label, key = record->key;
  enum rnn_status status;
  if (line->line.bytes[0] != '#') {
    size_t *width = rnn_input_width(input), used = record->steps * *width;
    status = read_frame(input, line, width, &used, record, error);
    if (status == RNN_OK && !rnn_reader_wants_frame(record, settings))
      record->steps--;
    return status;
  }
  status = read_comment(input, line, record, error);
  if (status == RNN_OK && label.bytes == NULL)
    record->label = own(record, record->label);
  if (status == RNN_OK && key.bytes == NULL)
    record->key = own(record, record->key);
  return status;
}

/* Passes over the rest of a sequence with a mistake in it. */
static enum rnn_status pass_over(struct rnn_input *input, struct rnn_error *error)
{
  struct rnn_slice line;
  enum rnn_status status;
  do
    status = rnn_input_next_line(input, &line.bytes, &line.length_bytes, error);
  while (status == RNN_DATA ||
         (status == RNN_OK && line.bytes != NULL && !rnn_input_is_blank(line.bytes, line.length_bytes)));
  return status;
}

static enum rnn_status read_part(struct rnn_input *input, const struct rnn_reader_settings *settings, size_t most_steps,
                                 struct rnn_record *record, bool *end, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_lines line = {.next = NULL};
  bool begun = record->continues;
  while (record->steps < most_steps) {
    RNN_TRY(rnn_input_next_line(input, &line.line.bytes, &line.line.length_bytes, error));
    line.number = rnn_input_line(input);
    *end = line.line.bytes == NULL && !begun;
    bool blank = line.line.bytes == NULL || rnn_input_is_blank(line.line.bytes, line.line.length_bytes);
    if (line.line.bytes == NULL || (blank && begun))
      return RNN_OK;
    if (blank)
      continue;
    record->line = record->line == 0 ? line.number : record->line;
    begun = true;
    RNN_TRY(add_to_part(input, settings, &line, record, error));
  }
  record->more = true;
out:
  return status;
}

static enum rnn_status next_part(struct rnn_input *input, const struct rnn_reader_settings *settings, size_t most_steps,
                                 struct rnn_record *record, bool *end, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(begin_part(record, settings, error));
  status = read_part(input, settings, most_steps, record, end, error);
  if (status == RNN_DATA) {
    struct rnn_error after;
    record->more = false;
    return pass_over(input, &after) == RNN_OK ? status : rnn_error_set(error, after.status, "%s", after.text);
  }
  if (status != RNN_OK)
    return status;
  record->frame = record->frame_storage;
  record->frame_width = *rnn_input_width(input);
  record->has_label = record->label.bytes != NULL;
  record->filler = record->steps == 0 && !record->continues && !record->has_label && record->key.bytes == NULL;
  if (!*end && !record->filler && record->steps == 0 && !record->continues)
    return rnn_reader_refuse(input, record->line, error, "a sequence without frames");
  if (!*end)
    rnn_reader_end_part(record, settings);
  rnn_reader_give_label(record, settings);
out:
  return status;
}

const struct rnn_format rnn_format_frames = {.name = "frames",
                                             .help = "a line of numbers a frame, a blank line ends a sequence; "
                                                     "\"# label: NAME\" and \"# key: ID\" before",
                                             .many_lines = true,
                                             .next = next_frames,
                                             .next_part = next_part};
