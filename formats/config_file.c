/* The config as YAML, by libyaml's events. What is not a flat list of keys is refused at its first event, so that the
 * parser is never asked to go deep. */
#include "config_file.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "input.h"
#include "input_limits.h"
#include "memory.h"

enum { MOST_KEYS = 256 };

/* One file on its way into a config. */
struct reading {
  yaml_parser_t parser;
  yaml_event_t event; /* the present one; of no type before the first */
  const char *name;
  const char *text;
  size_t length_bytes;
  struct rnn_config *config;
  size_t line_of[MOST_KEYS]; /* where the key of this place in rnn_keys was given, from 1; 0: not yet */
  struct rnn_error *error;
};

static enum rnn_status refuse(const struct reading *reading, yaml_mark_t mark, const char *what)
{
  return rnn_error_set(reading->error, RNN_BAD_CONFIG, "%s:%zu:%zu: %s", reading->name, mark.line + 1, mark.column + 1,
                       what);
}

/* Line and column, from 0, of a byte. */
static yaml_mark_t mark_of(const struct reading *reading, size_t offset)
{
  yaml_mark_t mark = {.index = offset};
  for (size_t i = 0; i < offset && i < reading->length_bytes; i++) {
    mark.column++;
    if (reading->text[i] == '\n') {
      mark.line++;
      mark.column = 0;
    }
  }
  return mark;
}

/* What libyaml says of its last failure. */
static enum rnn_status refuse_syntax(const struct reading *reading)
{
  const yaml_parser_t *parser = &reading->parser;
  if (parser->error == YAML_MEMORY_ERROR)
    return rnn_error_set(reading->error, RNN_NO_MEMORY, "%s: out of memory", reading->name);
  const char *problem = parser->problem != NULL ? parser->problem : "no YAML";
  if (parser->error == YAML_READER_ERROR)
    return refuse(reading, mark_of(reading, parser->problem_offset), problem);
  return refuse(reading, parser->problem_mark, problem);
}

static enum rnn_status next_event(struct reading *reading)
{
  yaml_event_delete(&reading->event);
  if (!yaml_parser_parse(&reading->parser, &reading->event))
    return refuse_syntax(reading);
  return RNN_OK;
}

/* A plain value or key: no anchor, no tag, no NUL inside. */
static enum rnn_status check_scalar(const struct reading *reading, const char *what)
{
  const yaml_event_t *event = &reading->event;
  yaml_mark_t mark = event->start_mark;
  if (event->type == YAML_ALIAS_EVENT)
    return refuse(reading, mark, "aliases are not allowed");
  if (event->type != YAML_SCALAR_EVENT)
    return refuse(reading, mark, what);
  if (event->data.scalar.anchor != NULL)
    return refuse(reading, mark, "anchors are not allowed");
  if (event->data.scalar.tag != NULL)
    return refuse(reading, mark, "tags are not allowed");
  if (event->data.scalar.length > RNN_LIMIT_CONFIG_SCALAR_BYTES)
    return refuse(reading, mark, "a value is too long");
  if (memchr(event->data.scalar.value, '\0', event->data.scalar.length) != NULL)
    return refuse(reading, mark, "a NUL is not allowed");
  return RNN_OK;
}

/* The key of the present event: known, and not given before. */
static enum rnn_status find_key(struct reading *reading, const struct rnn_key **key)
{
  yaml_mark_t mark = reading->event.start_mark;
  enum rnn_status status;
  RNN_TRY(check_scalar(reading, "a key is expected"));
  const char *name = (const char *)reading->event.data.scalar.value;
  *key = rnn_config_find_key(name);
  if (*key == NULL) {
    char what[256];
    snprintf(what, sizeof what, "unknown key '%.64s'; did you mean '%s'?", name, rnn_config_nearest_key(name));
    return refuse(reading, mark, what);
  }
  size_t *line = &reading->line_of[*key - rnn_keys];
  if (*line != 0) {
    char what[256];
    snprintf(what, sizeof what, "'%s' is given twice, first in line %zu", (*key)->name, *line);
    return refuse(reading, mark, what);
  }
  *line = mark.line + 1;
out:
  return status;
}

/* The present event is the start of the mapping; afterwards its end. */
static enum rnn_status read_mapping(struct reading *reading)
{
  enum rnn_status status;
  const yaml_event_t *event = &reading->event;
  if (event->data.mapping_start.anchor != NULL)
    return refuse(reading, event->start_mark, "anchors are not allowed");
  if (event->data.mapping_start.tag != NULL)
    return refuse(reading, event->start_mark, "tags are not allowed");
  RNN_TRY(next_event(reading));
  while (event->type != YAML_MAPPING_END_EVENT) {
    const struct rnn_key *key;
    RNN_TRY(find_key(reading, &key));
    RNN_TRY(next_event(reading));
    yaml_mark_t mark = event->start_mark;
    RNN_TRY(check_scalar(reading, "one value is expected, not a list or a mapping"));
    status = rnn_config_set(reading->config, key->name, (const char *)event->data.scalar.value, reading->error);
    if (status != RNN_OK)
      return rnn_error_prefix(reading->error, "%s:%zu:%zu", reading->name, mark.line + 1, mark.column + 1);
    RNN_TRY(next_event(reading));
  }
out:
  return status;
}

/* At most one document, a mapping or nothing. */
static enum rnn_status read_stream(struct reading *reading)
{
  enum rnn_status status;
  const yaml_event_t *event = &reading->event;
  RNN_TRY(next_event(reading)); /* the start of the stream */
  RNN_TRY(next_event(reading));
  if (event->type == YAML_STREAM_END_EVENT)
    goto out;
  if (event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
    return refuse(reading, event->start_mark, "tags are not allowed");
  RNN_TRY(next_event(reading));
  if (event->type == YAML_MAPPING_START_EVENT)
    RNN_TRY(read_mapping(reading));
  else {
    RNN_TRY(check_scalar(reading, "'key: value' lines are expected"));
    if (event->data.scalar.length != 0)
      return refuse(reading, event->start_mark, "'key: value' lines are expected");
  }
  RNN_TRY(next_event(reading)); /* the end of the document */
  RNN_TRY(next_event(reading));
  if (event->type != YAML_STREAM_END_EVENT)
    return refuse(reading, event->start_mark, "a second document is not allowed");
out:
  return status;
}

enum rnn_status rnn_config_read_text(struct rnn_config *config, const char *name, const char *text, size_t length_bytes,
                                     struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_config fresh = *config;
  struct reading reading = {.name = name, .text = text, .length_bytes = length_bytes, .config = &fresh, .error = error};
  if (length_bytes > RNN_LIMIT_CONFIG_BYTES)
    return rnn_error_set(error, RNN_BAD_CONFIG, "%s: longer than %zu bytes", name, RNN_LIMIT_CONFIG_BYTES);
  if (length_bytes >= 2 && (memcmp(text, "\xFE\xFF", 2) == 0 || memcmp(text, "\xFF\xFE", 2) == 0))
    return refuse(&reading, mark_of(&reading, 0), "UTF-16 is not allowed; UTF-8 is expected");
  const char *nul = memchr(text, '\0', length_bytes);
  if (nul != NULL)
    return refuse(&reading, mark_of(&reading, (size_t)(nul - text)), "a NUL is not allowed");
  if (length_bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    reading.text += 3;
    reading.length_bytes -= 3;
  }
  if (!yaml_parser_initialize(&reading.parser))
    return rnn_error_set(error, RNN_NO_MEMORY, "%s: out of memory", name);
  yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&reading.parser, (const unsigned char *)reading.text, reading.length_bytes);
  RNN_TRY(read_stream(&reading));
  *config = fresh;
out:
  yaml_event_delete(&reading.event);
  yaml_parser_delete(&reading.parser);
  return status;
}

enum rnn_status rnn_config_read(struct rnn_config *config, const char *name, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_input *input = NULL;
  char *text = NULL;
  size_t length_bytes = 0, capacity = 0, got;
  RNN_TRY(rnn_input_open_raw(&input, name, error));
  do {
    RNN_TRY(rnn_memory_grow(&text, &capacity, length_bytes + 4096, 1, "the configuration", error));
    RNN_TRY(rnn_input_read(input, text + length_bytes, capacity - length_bytes, &got, error));
    length_bytes += got;
  } while (got > 0 && length_bytes <= RNN_LIMIT_CONFIG_BYTES);
  RNN_TRY(rnn_config_read_text(config, rnn_input_name(input), text, length_bytes, error));
out:
  rnn_input_close(input);
  rnn_memory_free(text);
  return status;
}

enum rnn_status rnn_config_text(const struct rnn_config *config, char **text, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t used = 0, capacity = 0;
  *text = NULL;
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    char value[RNN_CONFIG_TEXT_BYTES];
    rnn_config_get(config, key, value, sizeof value);
    size_t wanted = used + strlen(key->name) + strlen(value) + 4;
    RNN_TRY(rnn_memory_grow(text, &capacity, wanted, 1, "the configuration", error));
    used += (size_t)snprintf(*text + used, capacity - used, "%s: %s\n", key->name, value);
  }
out:
  if (status != RNN_OK) {
    rnn_memory_free(*text);
    *text = NULL;
  }
  return status;
}
