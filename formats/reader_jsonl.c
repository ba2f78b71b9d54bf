/* JSON Lines: an object a line, with one of "text", "tokens" and "frames", and with "label", "tags" and "key" if it
 * likes. One of the two files that know the JSON library. Blank lines are none. */
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "input_limits.h"
#include "json_memory.h"
#include "random.h"
#include "reader_common.h"

/* What the functions below pass on to each other. */
struct place {
  const struct rnn_input *input;
  struct rnn_record *record;
  struct rnn_error *error;
};

#define REFUSE(place, ...) rnn_reader_refuse((place)->input, (place)->record->line, (place)->error, __VA_ARGS__)

/* A label, tag or key: a string, or a whole number as its digits. `owned` has room: the text is no longer than it was
 * in the line. */
static enum rnn_status read_name(const struct place *place, const char *what, const json_t *value,
                                 struct rnn_slice *name)
{
  char digits[24];
  if (json_is_string(value))
    *name = rnn_record_own(place->record, json_string_value(value), json_string_length(value));
  else if (json_is_integer(value))
    *name = rnn_record_own(place->record, digits,
                           (size_t)snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value)));
  else
    return REFUSE(place, "\"%s\" must be a string", what);
  if (name->length_bytes == 0)
    return REFUSE(place, "\"%s\" is empty", what);
  return rnn_reader_check_length(place->input, place->record->line, what, *name, place->error);
}

static enum rnn_status read_tokens(const struct place *place, const json_t *tokens)
{
  struct rnn_record *record = place->record;
  enum rnn_status status;
  record->content = RNN_CONTENT_TOKENS;
  if (!json_is_array(tokens))
    return REFUSE(place, "\"tokens\" must be an array of strings");
  RNN_TRY(rnn_record_reserve_tokens(record, json_array_size(tokens), false, false, place->error));
  for (size_t i = 0; i < json_array_size(tokens); i++) {
    const json_t *token = json_array_get(tokens, i);
    if (!json_is_string(token))
      RNN_TRY(REFUSE(place, "\"tokens\" must be an array of strings: element %zu is none", i + 1));
    if (json_string_length(token) == 0)
      RNN_TRY(REFUSE(place, "\"tokens\": element %zu is empty", i + 1));
    RNN_TRY(read_name(place, "tokens", token, &record->token[i]));
  }
  record->steps = json_array_size(tokens);
out:
  return status;
}

/* The tags of one column. */
static enum rnn_status read_column(const struct place *place, const json_t *tags, size_t column)
{
  struct rnn_record *record = place->record;
  const char *steps_are = record->content == RNN_CONTENT_TOKENS ? "tokens" : "frames";
  size_t columns = rnn_columns_count(&record->columns);
  enum rnn_status status = RNN_OK;
  if (!json_is_array(tags))
    return REFUSE(place, "\"tags\" must be an array of strings, or an object of such arrays");
  if (json_array_size(tags) != record->steps)
    return REFUSE(place, "%zu %s but %zu tags", record->steps, steps_are, json_array_size(tags));
  for (size_t i = 0; i < record->steps; i++) {
    struct rnn_slice *tag = &record->tag[i * columns + column];
    *tag = (struct rnn_slice){.bytes = NULL};
    if (!json_is_null(json_array_get(tags, i)))
      RNN_TRY(read_name(place, "tags", json_array_get(tags, i), tag));
  }
out:
  return status;
}

/* The keys of an object of tags, in their order. */
static enum rnn_status name_columns(const struct place *place, const json_t *tags, struct rnn_columns *columns)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)tags, key, value)
  {
    struct rnn_slice name = {key, strlen(key)};
    char quote[RNN_QUOTE_BYTES];
    if (!rnn_columns_add(columns, name.bytes, name.length_bytes))
      return REFUSE(place, "\"tags\": \"%s\" cannot be a column: at most %d, of short names, are",
                    rnn_reader_quote(name, quote), RNN_MOST_COLUMNS);
  }
  return columns->count > 0 ? RNN_OK : REFUSE(place, "\"tags\" is an object without a column");
}

/* An array of tags; or an object with such an array for each column. */
static enum rnn_status read_tags(const struct place *place, const json_t *tags,
                                 const struct rnn_reader_settings *settings)
{
  struct rnn_record *record = place->record;
  struct rnn_columns columns = settings->tag_columns;
  bool object = json_is_object(tags);
  enum rnn_status status = RNN_OK;
  if (settings->fills)
    return RNN_OK;
  if (record->content == RNN_CONTENT_TEXT)
    return REFUSE(place, "\"tags\" without \"tokens\" or \"frames\"");
  if (!object && columns.count > 1)
    return REFUSE(place, "\"tags\" must be an object with an array for each column");
  if (object && columns.count == 0)
    RNN_TRY(name_columns(place, tags, &columns));
  if (columns.count > 1)
    record->columns = columns;
  RNN_TRY(rnn_record_reserve_tags(record, record->steps, place->error));
  if (!object)
    RNN_TRY(read_column(place, tags, 0));
  for (size_t c = 0; object && c < columns.count; c++) {
    const json_t *column = json_object_get(tags, columns.name[c]);
    if (column == NULL)
      RNN_TRY(REFUSE(place, "\"tags\" has no \"%s\"", columns.name[c]));
    RNN_TRY(read_column(place, column, c));
  }
  record->has_tags = true;
out:
  return status;
}

static enum rnn_status read_frame(const struct place *place, const json_t *frame, size_t index, size_t width)
{
  struct rnn_record *record = place->record;
  size_t used = index * width;
  if (!json_is_array(frame))
    return REFUSE(place, "\"frames\" must be an array of arrays of numbers");
  if (json_array_size(frame) != width)
    return REFUSE(place, "frame %zu: %zu numbers expected, %zu found", index + 1, width, json_array_size(frame));
  enum rnn_status status = rnn_record_reserve_frames(record, used + width, place->error);
  for (size_t i = 0; status == RNN_OK && i < width; i++) {
    const json_t *number = json_array_get(frame, i);
    if (json_is_null(number)) {
      record->frame[used + i] = NAN;
      continue;
    }
    if (!json_is_number(number) || !isfinite((float)json_number_value(number)))
      return REFUSE(place, "frame %zu: element %zu is no number in range", index + 1, i + 1);
    record->frame[used + i] = (float)json_number_value(number);
  }
  return status;
}

static enum rnn_status read_frames(const struct place *place, const json_t *frames, size_t *file_width)
{
  size_t width = *file_width;
  enum rnn_status status = RNN_OK;
  place->record->content = RNN_CONTENT_FRAMES;
  if (!json_is_array(frames))
    return REFUSE(place, "\"frames\" must be an array of arrays of numbers");
  if (json_array_size(frames) == 0)
    return REFUSE(place, "a sequence without frames");
  if (width == 0)
    width = json_array_size(json_array_get(frames, 0));
  if (width > RNN_LIMIT_FRAME_WIDTH)
    return REFUSE(place, "more than %zu numbers in a frame", RNN_LIMIT_FRAME_WIDTH);
  if (width == 0)
    return REFUSE(place, "frame 1 has no numbers");
  for (size_t i = 0; i < json_array_size(frames); i++)
    RNN_TRY(read_frame(place, json_array_get(frames, i), i, width));
  place->record->steps = json_array_size(frames);
  place->record->frame_width = *file_width = width;
out:
  return status;
}

static const json_t *get(const json_t *object, const char *key)
{
  const json_t *value = json_object_get(object, key);
  return json_is_null(value) ? NULL : value;
}

static enum rnn_status read_content(const struct place *place, const json_t *object, size_t *file_width)
{
  const json_t *text = get(object, "text"), *tokens = get(object, "tokens"), *frames = get(object, "frames");
  if ((text != NULL) + (tokens != NULL) + (frames != NULL) != 1)
    return REFUSE(place, "one of \"text\", \"tokens\" and \"frames\" expected");
  if (tokens != NULL)
    return read_tokens(place, tokens);
  if (frames != NULL)
    return read_frames(place, frames, file_width);
  if (!json_is_string(text))
    return REFUSE(place, "\"text\" must be a string");
  place->record->text = rnn_record_own(place->record, json_string_value(text), json_string_length(text));
  return RNN_OK;
}

static enum rnn_status read_object(const struct place *place, const json_t *object,
                                   const struct rnn_reader_settings *settings, size_t *file_width)
{
  struct rnn_record *record = place->record;
  const json_t *label = get(object, "label"), *tags = get(object, "tags"), *key = get(object, "key");
  enum rnn_status status;
  if (!json_is_object(object))
    return REFUSE(place, "a JSON object expected");
  RNN_TRY(rnn_record_reserve_owned(record, record->raw.length_bytes, place->error));
  RNN_TRY(read_content(place, object, file_width));
  if (tags != NULL)
    RNN_TRY(read_tags(place, tags, settings));
  if (label != NULL)
    RNN_TRY(read_name(place, "label", label, &record->label));
  if (key != NULL)
    RNN_TRY(read_name(place, "key", key, &record->key));
  record->has_label = label != NULL;
  if (record->content == RNN_CONTENT_FRAMES)
    rnn_reader_thin(record, settings);
out:
  return status;
}

struct text {
  struct rnn_slice line;
  json_t *object;
  json_error_t cause;
};

static void load_text(void *context)
{
  struct text *text = context;
  text->object = json_loadb(text->line.bytes, text->line.length_bytes, JSON_REJECT_DUPLICATES, &text->cause);
}

static enum rnn_status next_jsonl(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                  struct rnn_record *record, bool *end, struct rnn_error *error)
{
  struct place place = {input, record, error};
  struct text text = {.object = NULL};
  enum rnn_status status;
  RNN_TRY(rnn_reader_line(input, RNN_CONTENT_TEXT, record, &text.line, end, error));
  record->filler = rnn_input_is_blank(text.line.bytes, text.line.length_bytes);
  record->text = (struct rnn_slice){text.line.bytes, 0};
  if (*end || record->filler)
    return RNN_OK;
  json_object_seed((size_t)rnn_random_secret());
  json_set_alloc_funcs(rnn_json_allocate, rnn_json_release);
  if (!rnn_json_try(load_text, &text))
    RNN_TRY(rnn_error_set(error, RNN_NO_MEMORY, "out of memory: a line of JSON"));
  if (text.object == NULL)
    RNN_TRY(REFUSE(&place, "no JSON at byte %d: %s", text.cause.position, text.cause.text));
  RNN_TRY(read_object(&place, text.object, settings, rnn_input_width(input)));
  rnn_reader_give_label(record, settings);
out:
  json_decref(text.object);
  return status;
}

const struct rnn_format rnn_format_jsonl = {
    .name = "jsonl",
    .help = "JSON Lines: {\"text\", \"label\"}, {\"tokens\", \"tags\"} or {\"frames\", \"label\"}, and \"key\"",
    .next = next_jsonl};
