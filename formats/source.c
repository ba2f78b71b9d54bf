/* Any input as sequences: one record or one stored sequence at a time, in the numbers of two growing vocabularies. */
#include "source.h"

#include <string.h>

#include "input_limits.h"
#include "memory.h"
#include "picture.h"
#include "token.h"

/* From the numbers of the present stream to ours. */
struct map {
  int32_t *number; /* [capacity] ours + 1; 0: not met yet */
  size_t capacity;
};

struct rnn_source {
  struct rnn_source_settings settings;
  size_t opened; /* how many of the inputs */
  struct rnn_input *input;
  const struct rnn_format *format;  /* of the present input, */
  struct rnn_stream_reader *reader; /* or it is a stream */
  struct rnn_tokenizer *tokenizer;
  struct rnn_record record;
  struct map symbol_map, label_map;
  struct rnn_vocabulary *symbols, *labels;
  bool known; /* facts are those of a sequence read */
  struct rnn_stream_facts facts;
  int32_t *symbol, *target; /* of the present sequence */
  char *label;              /* one with its column's name */
  size_t capacity_symbols, capacity_targets, capacity_label;
  struct rnn_sequence held; /* the next one, after `owed` empty ones for marked records */
  size_t owed, bad;
  bool holds, over;
  uint64_t count;
};

static const char *const cut_into[] = {
    [RNN_LEVEL_WORD] = "words", [RNN_LEVEL_CHAR] = "characters", [RNN_LEVEL_BYTE] = "bytes"};

enum rnn_status rnn_source_create(struct rnn_source **source, const struct rnn_source_settings *settings,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_source *fresh = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a source", error));
  fresh->settings = *settings;
  fresh->settings.reader.size = settings->text.picture;
  rnn_record_init(&fresh->record);
  RNN_TRY(rnn_vocabulary_create(&fresh->symbols, error));
  RNN_TRY(rnn_vocabulary_create(&fresh->labels, error));
out:
  if (status != RNN_OK) {
    rnn_source_free(fresh);
    fresh = NULL;
  }
  *source = fresh;
  return status;
}

static void close_input(struct rnn_source *source)
{
  rnn_stream_reader_free(source->reader);
  rnn_input_close(source->input);
  source->reader = NULL;
  source->input = NULL;
}

void rnn_source_free(struct rnn_source *source)
{
  if (source == NULL)
    return;
  close_input(source);
  rnn_tokenizer_free(source->tokenizer);
  rnn_record_clear(&source->record);
  rnn_vocabulary_free(source->symbols);
  rnn_vocabulary_free(source->labels);
  rnn_memory_free(source->symbol_map.number);
  rnn_memory_free(source->label_map.number);
  rnn_memory_free(source->symbol);
  rnn_memory_free(source->target);
  rnn_memory_free(source->label);
  rnn_memory_free(source);
}

struct rnn_vocabulary *rnn_source_symbols(struct rnn_source *source)
{
  return source->symbols;
}

struct rnn_vocabulary *rnn_source_labels(struct rnn_source *source)
{
  return source->labels;
}

size_t rnn_source_bad(const struct rnn_source *source)
{
  return source->bad;
}

enum rnn_status rnn_source_blame(const struct rnn_source *source, struct rnn_error *error)
{
  if (source->input == NULL)
    return error->status;
  if (source->reader != NULL)
    return rnn_error_prefix(error, "%s", rnn_input_name(source->input));
  return rnn_record_blame(&source->record, rnn_input_name(source->input), error);
}

/* ---- inputs ---- */

static void forget(struct map *map)
{
  if (map->capacity > 0)
    memset(map->number, 0, map->capacity * sizeof *map->number);
}

/* A label, then the text. */
static bool usual_columns(const struct rnn_reader_settings *reader)
{
  return reader->label_column <= 1 && (reader->text_column == 0 || reader->text_column == 2);
}

static enum rnn_status open_next(struct rnn_source *source, struct rnn_error *error)
{
  const struct rnn_source_settings *settings = &source->settings;
  enum rnn_status status;
  bool stream;
  RNN_TRY(rnn_input_open(&source->input, settings->name[source->opened], &settings->input, error));
  source->opened++;
  source->format = settings->format;
  stream = settings->stream;
  if (stream)
    RNN_TRY(rnn_input_use_raw(source->input, error));
  else if (source->format == NULL)
    RNN_TRY(rnn_format_is_stream(source->input, &stream, error));
  if (stream) {
    forget(&source->symbol_map);
    forget(&source->label_map);
    RNN_TRY(rnn_stream_reader_create(&source->reader, source->input, error));
  } else if (source->format == NULL) {
    RNN_TRY(rnn_format_guess(source->input, true, &source->format, error));
  }
  if (!stream && !settings->text_given && !source->known && usual_columns(&settings->reader))
    RNN_TRY(rnn_format_guess_level(source->input, source->format, &source->settings.text.level, error));
out:
  return status;
}

/* ---- all sequences are of one kind ---- */

static enum rnn_status refuse_columns(const struct rnn_columns *columns, const struct rnn_columns *before,
                                      struct rnn_error *error)
{
  char text[2][RNN_COLUMNS_BYTES];
  return rnn_error_set(error, RNN_DATA, "%s%s, those before %s%s",
                       columns->count == 0 ? "one column of tags" : "the columns ", rnn_columns_write(columns, text[0]),
                       before->count == 0 ? "have one" : "have ", rnn_columns_write(before, text[1]));
}

static enum rnn_status agree(struct rnn_source *source, const struct rnn_stream_facts *facts, struct rnn_error *error)
{
  const struct rnn_stream_facts *before = &source->facts;
  if (!source->known) {
    source->facts = *facts;
    source->known = true;
    return RNN_OK;
  }
  if (facts->frame_width != before->frame_width) {
    if (facts->frame_width == 0 || before->frame_width == 0)
      return rnn_error_set(error, RNN_DATA, "%s, those before are %s", facts->frame_width == 0 ? "symbols" : "frames",
                           before->frame_width == 0 ? "symbols" : "frames");
    return rnn_error_set(error, RNN_DATA, "frames of %zu numbers, those before have %zu", facts->frame_width,
                         before->frame_width);
  }
  if (facts->task != before->task) {
    static const char *const targets[] = {
        [RNN_COMPLETE] = "no label", [RNN_TAG] = "a tag at each step", [RNN_CLASSIFY] = "a label"};
    return rnn_error_set(error, RNN_DATA, "%s, those before have %s", targets[facts->task], targets[before->task]);
  }
  if (!rnn_columns_equal(&facts->columns, &before->columns))
    return refuse_columns(&facts->columns, &before->columns, error);
  if (!rnn_picture_size_equal(facts->text.picture, before->text.picture))
    return rnn_picture_refuse(facts->text.picture, "those before", before->text.picture, error);
  if (facts->text.level != before->text.level)
    return rnn_error_set(error, RNN_DATA, "cut into %s, those before into %s", cut_into[facts->text.level],
                         cut_into[before->text.level]);
  if (facts->text.lowercase != before->text.lowercase)
    return rnn_error_set(error, RNN_DATA, "%s, those before %s",
                         facts->text.lowercase ? "in lower case" : "in any case",
                         before->text.lowercase ? "in lower case" : "in any case");
  return RNN_OK;
}

/* Finds or adds a string, counts it, and minds the limits. */
static enum rnn_status number_of(struct rnn_vocabulary *vocabulary, struct rnn_slice string, bool label,
                                 int32_t *number, struct rnn_error *error)
{
  size_t most = label ? RNN_LIMIT_LABELS : RNN_LIMIT_SYMBOLS;
  if (string.length_bytes > RNN_LIMIT_TOKEN_BYTES)
    return rnn_error_set(error, RNN_DATA, "a %s of %zu bytes; at most %zu are read", label ? "label" : "symbol",
                         string.length_bytes, RNN_LIMIT_TOKEN_BYTES);
  enum rnn_status status = rnn_vocabulary_add(vocabulary, string.bytes, string.length_bytes, number, error);
  if (status != RNN_OK)
    return status;
  if (rnn_vocabulary_count(vocabulary) > most)
    return rnn_error_set(error, RNN_DATA, "more than %zu different %s", most, label ? "labels" : "symbols");
  rnn_vocabulary_add_frequency(vocabulary, *number, 1);
  return RNN_OK;
}

/* ---- records ---- */

static enum rnn_status make_room(struct rnn_source *source, size_t steps, struct rnn_error *error)
{
  enum rnn_status status;
  if (steps > RNN_LIMIT_SEQUENCE_STEPS)
    return rnn_error_set(error, RNN_DATA, "a sequence of %zu steps; at most %zu are read", steps,
                         RNN_LIMIT_SEQUENCE_STEPS);
  RNN_TRY(rnn_memory_grow(&source->symbol, &source->capacity_symbols, steps + 1, sizeof *source->symbol, "a sequence",
                          error));
  RNN_TRY(rnn_memory_grow(&source->target, &source->capacity_targets,
                          steps * rnn_columns_count(&source->facts.columns) + 1, sizeof *source->target, "a sequence",
                          error));
out:
  return status;
}

static enum rnn_status use_tokenizer(struct rnn_source *source, struct rnn_error *error)
{
  if (source->tokenizer != NULL)
    return RNN_OK;
  struct rnn_text text = source->known && !source->settings.text_given ? source->facts.text : source->settings.text;
  source->settings.text = text;
  return rnn_tokenizer_create(&source->tokenizer, text, error);
}

/* The symbols of the record: text cut, or tokens as they are given. */
static enum rnn_status number_symbols(struct rnn_source *source, struct rnn_sequence *sequence, struct rnn_error *error)
{
  const struct rnn_record *record = &source->record;
  const struct rnn_slice *surface, *symbol = NULL;
  struct rnn_slice token;
  enum rnn_status status;
  bool given = record->content == RNN_CONTENT_TOKENS;
  sequence->length = record->steps;
  RNN_TRY(use_tokenizer(source, error));
  if (given && source->settings.text.level != RNN_LEVEL_WORD)
    return rnn_error_set(error, RNN_DATA, "tokens are given here; they cannot be cut into %s",
                         cut_into[source->settings.text.level]);
  if (!given)
    RNN_TRY(rnn_tokenizer_run(source->tokenizer, record->text, &surface, &symbol, &sequence->length, error));
  RNN_TRY(make_room(source, sequence->length, error));
  for (size_t t = 0; t < sequence->length; t++) {
    if (given)
      RNN_TRY(rnn_tokenizer_token(source->tokenizer, record->token[t], &token, error));
    else
      token = symbol[t];
    RNN_TRY(number_of(source->symbols, token, false, &source->symbol[t], error));
  }
  sequence->symbol = source->symbol;
out:
  return status;
}

static enum rnn_status number_targets(struct rnn_source *source, struct rnn_sequence *sequence, struct rnn_error *error)
{
  const struct rnn_record *record = &source->record;
  enum rnn_status status = RNN_OK;
  if (source->facts.task == RNN_CLASSIFY && record->label.bytes != NULL)
    RNN_TRY(number_of(source->labels, record->label, true, &sequence->label, error));
  if (source->facts.task != RNN_TAG)
    goto out;
  size_t columns = rnn_columns_count(&record->columns);
  RNN_TRY(make_room(source, sequence->length, error));
  for (size_t i = 0; i < sequence->length * columns; i++) {
    struct rnn_slice tag = record->tag[i];
    source->target[i] = RNN_ABSENT;
    if (tag.bytes == NULL)
      continue;
    RNN_TRY(rnn_record_label(&record->columns, i % columns, &tag, &source->label, &source->capacity_label, error));
    RNN_TRY(number_of(source->labels, tag, true, &source->target[i], error));
  }
  sequence->target = source->target;
out:
  return status;
}

static enum rnn_status encode_record(struct rnn_source *source, struct rnn_sequence *sequence, struct rnn_error *error)
{
  const struct rnn_record *record = &source->record;
  bool frames = record->content == RNN_CONTENT_FRAMES;
  struct rnn_stream_facts facts = {.task = record->has_tags    ? RNN_TAG
                                           : record->has_label ? RNN_CLASSIFY
                                                               : RNN_COMPLETE};
  enum rnn_status status;
  *sequence = (struct rnn_sequence){.label = RNN_ABSENT};
  if (frames) {
    facts.frame_width = record->frame_width;
    facts.text.picture = record->picture;
  } else {
    RNN_TRY(use_tokenizer(source, error));
    facts.text = source->settings.text;
  }
  if (record->has_tags)
    facts.columns = record->columns;
  RNN_TRY(agree(source, &facts, error));
  if (frames) {
    sequence->length = record->steps;
    sequence->frame = record->frame;
  } else {
    RNN_TRY(number_symbols(source, sequence, error));
  }
  RNN_TRY(number_targets(source, sequence, error));
out:
  return status;
}

static enum rnn_status next_record(struct rnn_source *source, struct rnn_sequence *sequence, bool *end,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  do
    status = source->format->next(source->input, &source->settings.reader, &source->record, end, error);
  while (status == RNN_OK && !*end && source->record.filler);
  if (status != RNN_OK || *end)
    return status;
  status = encode_record(source, sequence, error);
  return status == RNN_OK || status == RNN_NO_MEMORY ? status : rnn_source_blame(source, error);
}

/* ---- streams ---- */

static enum rnn_status translate(struct map *map, const struct rnn_vocabulary *from, struct rnn_vocabulary *to,
                                 bool label, int32_t number, int32_t *ours, struct rnn_error *error)
{
  enum rnn_status status;
  *ours = RNN_ABSENT;
  if (number < 0)
    return RNN_OK;
  RNN_TRY(rnn_memory_grow(&map->number, &map->capacity, (size_t)number + 1, sizeof *map->number, "a map of symbols",
                          error));
  *ours = map->number[number] - 1;
  if (*ours >= 0) {
    rnn_vocabulary_add_frequency(to, *ours, 1);
    return RNN_OK;
  }
  struct rnn_slice string;
  string.bytes = rnn_vocabulary_string(from, number, &string.length_bytes);
  RNN_TRY(number_of(to, string, label, ours, error));
  map->number[number] = *ours + 1;
out:
  return status;
}

static enum rnn_status translate_sequence(struct rnn_source *source, struct rnn_sequence *sequence,
                                          struct rnn_error *error)
{
  const struct rnn_vocabulary *symbols = rnn_stream_reader_symbols(source->reader);
  const struct rnn_vocabulary *labels = rnn_stream_reader_labels(source->reader);
  enum rnn_status status;
  RNN_TRY(make_room(source, sequence->length, error));
  for (size_t t = 0; sequence->symbol != NULL && t < sequence->length; t++)
    RNN_TRY(translate(&source->symbol_map, symbols, source->symbols, false, sequence->symbol[t], &source->symbol[t],
                      error));
  size_t tags = sequence->target == NULL ? 0 : sequence->length * rnn_columns_count(&source->facts.columns);
  for (size_t i = 0; i < tags; i++)
    RNN_TRY(
        translate(&source->label_map, labels, source->labels, true, sequence->target[i], &source->target[i], error));
  RNN_TRY(translate(&source->label_map, labels, source->labels, true, sequence->label, &sequence->label, error));
  if (sequence->symbol != NULL)
    sequence->symbol = source->symbol;
  if (sequence->target != NULL)
    sequence->target = source->target;
out:
  return status;
}

static enum rnn_status next_stored(struct rnn_source *source, struct rnn_sequence *sequence, bool *end,
                                   struct rnn_error *error)
{
  const struct rnn_source_settings *settings = &source->settings;
  struct rnn_stream_facts facts;
  enum rnn_status status;
  RNN_TRY(rnn_stream_reader_next(source->reader, sequence, &facts, end, error));
  if (*end)
    goto out;
  if (settings->text_given && facts.frame_width == 0 &&
      (facts.text.level != settings->text.level || facts.text.lowercase != settings->text.lowercase))
    return rnn_error_set(error, RNN_DATA, "%s: this stream is cut into %s%s already, not into %s%s",
                         rnn_input_name(source->input), facts.text.lowercase ? "lower-case " : "",
                         cut_into[facts.text.level], settings->text.lowercase ? "lower-case " : "",
                         cut_into[settings->text.level]);
  struct rnn_picture_size asked = settings->text.picture, size = facts.text.picture;
  status = RNN_OK;
  if (rnn_picture_size_differ(asked, size))
    status = rnn_picture_refuse(size, "not", asked, error);
  if (status == RNN_OK)
    status = agree(source, &facts, error);
  if (status == RNN_OK)
    status = translate_sequence(source, sequence, error);
  if (status != RNN_OK && status != RNN_NO_MEMORY)
    return rnn_source_blame(source, error);
out:
  return status;
}

/* ---- one after another ---- */

/* The next good sequence; *marks counts the bad records before it that ask for a mark. */
static enum rnn_status next_good(struct rnn_source *source, struct rnn_sequence *sequence, size_t *marks, bool *end,
                                 struct rnn_error *error)
{
  const struct rnn_source_settings *settings = &source->settings;
  enum rnn_status status = RNN_OK;
  *marks = 0;
  for (;;) {
    *end = source->input == NULL && source->opened == settings->names;
    if (*end)
      return RNN_OK;
    if (source->input == NULL)
      RNN_TRY(open_next(source, error));
    bool over = false;
    struct rnn_error bad = {0};
    status = source->reader != NULL ? next_stored(source, sequence, &over, &bad)
                                    : next_record(source, sequence, &over, &bad);
    if (status == RNN_OK && !over)
      return RNN_OK;
    if (status == RNN_OK) {
      close_input(source);
    } else if (status == RNN_DATA && source->reader == NULL && settings->on_error != RNN_ON_ERROR_FAIL) {
      source->bad++;
      *marks += settings->on_error == RNN_ON_ERROR_MARK;
      if (settings->complain != NULL)
        settings->complain(settings->context, bad.text);
    } else {
      *error = bad;
      return status;
    }
  }
out:
  return status;
}

enum rnn_status rnn_source_next(struct rnn_source *source, struct rnn_sequence *sequence,
                                struct rnn_stream_facts *facts, bool *end, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (source->owed == 0 && !source->holds && !source->over) {
    RNN_TRY(next_good(source, &source->held, &source->owed, &source->over, error));
    source->holds = !source->over;
    if (!source->known)
      source->owed = 0; /* nothing but bad records: nobody knows what they would have been */
  }
  *end = source->owed == 0 && !source->holds;
  if (*end)
    goto out;
  if (source->owed > 0) {
    source->owed--;
    *sequence = (struct rnn_sequence){.label = RNN_ABSENT};
  } else {
    source->holds = false;
    *sequence = source->held;
  }
  sequence->index = source->count++;
  *facts = source->facts;
out:
  return status;
}
