/* Records and stream sequences into a model's numbers. */
#include "encode.h"

#include <string.h>

#include "memory.h"
#include "picture.h"
#include "token.h"

/* Where a sequence lies in the arrays of the encoder. */
struct item {
  size_t begin, length;            /* in steps */
  const struct rnn_record *record; /* NULL: of a stream, or empty */
  size_t frame_begin;              /* of a stream's frames, in numbers */
  bool tags;
  int32_t label, stream_label; /* in the model's and in the stream's numbers */
};

/* Numbers of one vocabulary of a stream as the model's; extended as the stream grows. */
struct map {
  const struct rnn_vocabulary *from;
  int32_t *number;
  size_t count, capacity;
};

struct rnn_encoder {
  const struct rnn_model *model;
  struct rnn_tokenizer *tokenizer;
  size_t columns; /* of tags */
  bool tokens, lowercase_stream;
  bool stream_tags; /* the stream has the model's columns */
  size_t longest;   /* steps of a sequence */
  struct map symbols, labels;
  struct rnn_lexicon *lexicon; /* of a model with features, else NULL */
  struct item *item;
  int32_t *symbol, *tag;               /* [steps], [steps][columns] in the model's numbers */
  int32_t *stream_symbol, *stream_tag; /* the same in the stream's */
  char *label;                         /* one with its column's name */
  struct rnn_slice *token;             /* [steps] */
  float *frame;                        /* [frames] of streams */
  size_t items, steps, frames;
  size_t capacity_items, capacity_symbols, capacity_tags, capacity_stream_symbols, capacity_stream_tags,
      capacity_tokens, capacity_frames, capacity_label;
};

enum rnn_status rnn_encoder_create(struct rnn_encoder **encoder, const struct rnn_model *model, bool tokens,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_encoder *fresh = NULL;
  *encoder = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "an encoder", error));
  fresh->model = model;
  fresh->columns = rnn_columns_count(&model->columns);
  fresh->tokens = tokens;
  fresh->longest = SIZE_MAX;
  RNN_TRY(rnn_tokenizer_create(&fresh->tokenizer, model->text, error));
  if (model->features != NULL)
    RNN_TRY(
        rnn_lexicon_create(&fresh->lexicon, model->features, rnn_model_inputs(model), rnn_model_unknown(model), error));
  *encoder = fresh;
  fresh = NULL;
out:
  rnn_encoder_free(fresh);
  return status;
}

void rnn_encoder_free(struct rnn_encoder *encoder)
{
  if (encoder == NULL)
    return;
  rnn_tokenizer_free(encoder->tokenizer);
  rnn_lexicon_free(encoder->lexicon);
  rnn_memory_free(encoder->symbols.number);
  rnn_memory_free(encoder->labels.number);
  rnn_memory_free(encoder->item);
  rnn_memory_free(encoder->symbol);
  rnn_memory_free(encoder->tag);
  rnn_memory_free(encoder->stream_symbol);
  rnn_memory_free(encoder->stream_tag);
  rnn_memory_free(encoder->label);
  rnn_memory_free(encoder->token);
  rnn_memory_free(encoder->frame);
  rnn_memory_free(encoder);
}

void rnn_encoder_set_longest(struct rnn_encoder *encoder, size_t steps)
{
  encoder->longest = steps;
}

void rnn_encoder_reset(struct rnn_encoder *encoder)
{
  encoder->items = encoder->steps = encoder->frames = 0;
  if (encoder->lexicon != NULL)
    rnn_lexicon_forget_strangers(encoder->lexicon);
}

size_t rnn_encoder_count(const struct rnn_encoder *encoder)
{
  return encoder->items;
}

size_t rnn_encoder_steps(const struct rnn_encoder *encoder)
{
  return encoder->steps;
}

/* What the model reads, for messages. */
static const char *kind_of(enum rnn_level level)
{
  return level == RNN_LEVEL_WORD ? "words" : level == RNN_LEVEL_CHAR ? "characters" : "bytes";
}

static enum rnn_status check_content(const struct rnn_model *model, size_t frame_width, struct rnn_error *error)
{
  if (frame_width == model->frame_width)
    return RNN_OK;
  if (frame_width == 0)
    return rnn_error_set(error, RNN_DATA, "text, but the model reads frames of %zu numbers", model->frame_width);
  if (model->frame_width == 0)
    return rnn_error_set(error, RNN_DATA, "frames of %zu numbers, but the model reads %s", frame_width,
                         kind_of(model->text.level));
  return rnn_error_set(error, RNN_DATA, "frames of %zu numbers, but the model reads frames of %zu", frame_width,
                       model->frame_width);
}

enum rnn_status rnn_encoder_begin_stream(struct rnn_encoder *encoder, const struct rnn_stream_facts *facts,
                                         const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                         struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_text *text = &encoder->model->text;
  RNN_TRY(check_content(encoder->model, facts->frame_width, error));
  if (rnn_picture_size_differ(facts->text.picture, text->picture))
    return rnn_picture_refuse(facts->text.picture, "but the model reads those", text->picture, error);
  if (facts->frame_width == 0 && facts->text.level != text->level)
    return rnn_error_set(error, RNN_DATA, "a stream of %s, but the model reads %s", kind_of(facts->text.level),
                         kind_of(text->level));
  encoder->lowercase_stream = text->lowercase && !facts->text.lowercase;
  encoder->stream_tags = rnn_columns_equal(&facts->columns, &encoder->model->columns);
  encoder->symbols.from = symbols;
  encoder->labels.from = labels;
  encoder->symbols.count = encoder->labels.count = 0;
out:
  return status;
}

/* Of several columns with the name of its own before it. */
static int32_t find_label(const struct rnn_encoder *encoder, const char *bytes, size_t length_bytes)
{
  const struct rnn_vocabulary *labels = encoder->model->labels;
  return labels == NULL ? RNN_ABSENT : rnn_vocabulary_find(labels, bytes, length_bytes);
}

static enum rnn_status extend_map(struct map *map, struct rnn_error *error)
{
  return rnn_memory_grow(&map->number, &map->capacity, rnn_vocabulary_count(map->from), sizeof *map->number,
                         "numbers of a stream", error);
}

/* The number of a symbol; with features, it and its spelling are in the lexicon. */
static enum rnn_status number_of(struct rnn_encoder *encoder, struct rnn_slice symbol, int32_t *number,
                                 struct rnn_error *error)
{
  if (encoder->lexicon == NULL) {
    *number = rnn_model_symbol(encoder->model, symbol.bytes, symbol.length_bytes);
    return RNN_OK;
  }
  return rnn_lexicon_add(encoder->lexicon,
                         rnn_vocabulary_find(encoder->model->symbols, symbol.bytes, symbol.length_bytes), symbol.bytes,
                         symbol.length_bytes, number, error);
}

static enum rnn_status map_symbols(struct rnn_encoder *encoder, struct rnn_error *error)
{
  enum rnn_status status;
  struct map *map = &encoder->symbols;
  RNN_TRY(extend_map(map, error));
  for (; map->count < rnn_vocabulary_count(map->from); map->count++) {
    struct rnn_slice symbol;
    symbol.bytes = rnn_vocabulary_string(map->from, (int32_t)map->count, &symbol.length_bytes);
    if (encoder->lowercase_stream)
      RNN_TRY(rnn_tokenizer_token(encoder->tokenizer, symbol, &symbol, error));
    map->number[map->count] = rnn_model_symbol(encoder->model, symbol.bytes, symbol.length_bytes);
  }
out:
  return status;
}

static enum rnn_status map_labels(struct rnn_encoder *encoder, struct rnn_error *error)
{
  enum rnn_status status;
  struct map *map = &encoder->labels;
  RNN_TRY(extend_map(map, error));
  for (; map->count < rnn_vocabulary_count(map->from); map->count++) {
    size_t length_bytes;
    const char *bytes = rnn_vocabulary_string(map->from, (int32_t)map->count, &length_bytes);
    map->number[map->count] = find_label(encoder, bytes, length_bytes);
  }
out:
  return status;
}

static enum rnn_status add_item(struct rnn_encoder *encoder, const struct item *item, struct rnn_error *error)
{
  enum rnn_status status;
  if (item->length > encoder->longest)
    return rnn_error_set(error, RNN_DATA, "%zu steps, but this model takes at most %zu", item->length,
                         encoder->longest);
  RNN_TRY(rnn_memory_grow(&encoder->item, &encoder->capacity_items, encoder->items + 1, sizeof *encoder->item,
                          "sequences", error));
  encoder->item[encoder->items++] = *item;
  encoder->steps += item->length;
out:
  return status;
}

enum rnn_status rnn_encoder_add_empty(struct rnn_encoder *encoder, struct rnn_error *error)
{
  return add_item(encoder, &(struct item){.label = RNN_ABSENT, .stream_label = RNN_ABSENT}, error);
}

static enum rnn_status room_for_symbols(struct rnn_encoder *encoder, size_t more, struct rnn_error *error)
{
  return rnn_memory_grow(&encoder->symbol, &encoder->capacity_symbols, encoder->steps + more, sizeof *encoder->symbol,
                         "symbols", error);
}

static enum rnn_status room_for_tags(struct rnn_encoder *encoder, size_t more, struct rnn_error *error)
{
  return rnn_memory_grow(&encoder->tag, &encoder->capacity_tags, (encoder->steps + more) * encoder->columns,
                         sizeof *encoder->tag, "tags", error);
}

static enum rnn_status room_for_tokens(struct rnn_encoder *encoder, size_t more, struct rnn_error *error)
{
  return rnn_memory_grow(&encoder->token, &encoder->capacity_tokens, encoder->steps + more, sizeof *encoder->token,
                         "tokens", error);
}

static enum rnn_status encode_text(struct rnn_encoder *encoder, struct rnn_slice text, size_t *length,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_slice *surface, *symbol;
  size_t count;
  RNN_TRY(rnn_tokenizer_run(encoder->tokenizer, text, &surface, &symbol, &count, error));
  RNN_TRY(room_for_symbols(encoder, count, error));
  for (size_t t = 0; t < count; t++)
    RNN_TRY(number_of(encoder, symbol[t], &encoder->symbol[encoder->steps + t], error));
  if (encoder->tokens && count > 0) {
    RNN_TRY(room_for_tokens(encoder, count, error));
    memcpy(encoder->token + encoder->steps, surface, count * sizeof *surface);
  }
  *length = count;
out:
  return status;
}

static enum rnn_status encode_tokens(struct rnn_encoder *encoder, const struct rnn_record *record,
                                     struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(room_for_symbols(encoder, record->steps, error));
  for (size_t t = 0; t < record->steps; t++) {
    struct rnn_slice symbol;
    RNN_TRY(rnn_tokenizer_token(encoder->tokenizer, record->token[t], &symbol, error));
    RNN_TRY(number_of(encoder, symbol, &encoder->symbol[encoder->steps + t], error));
  }
out:
  return status;
}

static enum rnn_status encode_tags(struct rnn_encoder *encoder, const struct rnn_record *record,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  size_t columns = encoder->columns;
  RNN_TRY(room_for_tags(encoder, record->steps, error));
  for (size_t i = 0; i < record->steps * columns; i++) {
    struct rnn_slice tag = record->tag[i];
    int32_t *number = &encoder->tag[encoder->steps * columns + i];
    *number = RNN_ABSENT;
    if (tag.bytes == NULL)
      continue;
    RNN_TRY(rnn_record_label(&encoder->model->columns, i % columns, &tag, &encoder->label, &encoder->capacity_label,
                             error));
    *number = find_label(encoder, tag.bytes, tag.length_bytes);
  }
out:
  return status;
}

enum rnn_status rnn_encoder_add(struct rnn_encoder *encoder, const struct rnn_record *record, struct rnn_error *error)
{
  enum rnn_status status;
  struct item item = {.begin = encoder->steps,
                      .length = record->steps,
                      .record = record,
                      .label = RNN_ABSENT,
                      .stream_label = RNN_ABSENT};
  bool frames = record->content == RNN_CONTENT_FRAMES;
  if (!frames || record->steps > 0)
    RNN_TRY(check_content(encoder->model, frames ? record->frame_width : 0, error));
  if (record->content == RNN_CONTENT_TOKENS && encoder->model->text.level != RNN_LEVEL_WORD)
    return rnn_error_set(error, RNN_DATA, "tokens, but the model reads %s", kind_of(encoder->model->text.level));
  if (record->content == RNN_CONTENT_TEXT)
    RNN_TRY(encode_text(encoder, record->text, &item.length, error));
  else if (record->content == RNN_CONTENT_TOKENS)
    RNN_TRY(encode_tokens(encoder, record, error));
  if (record->has_tags && rnn_columns_count(&record->columns) == encoder->columns) {
    item.tags = true;
    RNN_TRY(encode_tags(encoder, record, error));
  }
  if (record->has_label)
    item.label = find_label(encoder, record->label.bytes, record->label.length_bytes);
  RNN_TRY(add_item(encoder, &item, error));
out:
  return status;
}

static void map_numbers(const struct map *map, size_t count, const int32_t *from, int32_t *to)
{
  for (size_t t = 0; t < count; t++)
    to[t] = from[t] < 0 ? RNN_ABSENT : map->number[from[t]];
}

static struct rnn_slice string_of(const struct rnn_vocabulary *vocabulary, int32_t number)
{
  struct rnn_slice slice = {0};
  if (number >= 0)
    slice.bytes = rnn_vocabulary_string(vocabulary, number, &slice.length_bytes);
  return slice;
}

/* Words of a stream one by one: a stranger's number does not outlive the sequences. */
static enum rnn_status take_words(struct rnn_encoder *encoder, const struct rnn_sequence *sequence,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t t = 0; t < sequence->length; t++) {
    int32_t *number = &encoder->symbol[encoder->steps + t];
    struct rnn_slice word = string_of(encoder->symbols.from, sequence->symbol[t]);
    *number = RNN_ABSENT;
    if (word.bytes == NULL)
      continue;
    if (encoder->lowercase_stream)
      RNN_TRY(rnn_tokenizer_token(encoder->tokenizer, word, &word, error));
    RNN_TRY(number_of(encoder, word, number, error));
  }
out:
  return status;
}

static enum rnn_status copy_symbols(struct rnn_encoder *encoder, const struct rnn_sequence *sequence,
                                    struct rnn_error *error)
{
  enum rnn_status status;
  if (encoder->lexicon == NULL)
    RNN_TRY(map_symbols(encoder, error));
  RNN_TRY(room_for_symbols(encoder, sequence->length, error));
  RNN_TRY(rnn_memory_grow(&encoder->stream_symbol, &encoder->capacity_stream_symbols, encoder->steps + sequence->length,
                          sizeof *encoder->stream_symbol, "symbols", error));
  if (sequence->length > 0)
    memcpy(encoder->stream_symbol + encoder->steps, sequence->symbol, sequence->length * sizeof *sequence->symbol);
  if (encoder->lexicon != NULL)
    return take_words(encoder, sequence, error);
  map_numbers(&encoder->symbols, sequence->length, sequence->symbol, encoder->symbol + encoder->steps);
out:
  return status;
}

static enum rnn_status copy_tags(struct rnn_encoder *encoder, const struct rnn_sequence *sequence,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  size_t begin = encoder->steps * encoder->columns, count = sequence->length * encoder->columns;
  RNN_TRY(room_for_tags(encoder, sequence->length, error));
  RNN_TRY(rnn_memory_grow(&encoder->stream_tag, &encoder->capacity_stream_tags, begin + count,
                          sizeof *encoder->stream_tag, "tags", error));
  if (count > 0)
    memcpy(encoder->stream_tag + begin, sequence->target, count * sizeof *sequence->target);
  map_numbers(&encoder->labels, count, sequence->target, encoder->tag + begin);
out:
  return status;
}

static enum rnn_status copy_frames(struct rnn_encoder *encoder, const struct rnn_sequence *sequence,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  size_t numbers = sequence->length * encoder->model->frame_width;
  RNN_TRY(rnn_memory_grow(&encoder->frame, &encoder->capacity_frames, encoder->frames + numbers, sizeof *encoder->frame,
                          "frames", error));
  if (numbers > 0)
    memcpy(encoder->frame + encoder->frames, sequence->frame, numbers * sizeof *sequence->frame);
  encoder->frames += numbers;
out:
  return status;
}

enum rnn_status rnn_encoder_add_sequence(struct rnn_encoder *encoder, const struct rnn_sequence *sequence,
                                         struct rnn_error *error)
{
  enum rnn_status status;
  struct item item = {.begin = encoder->steps,
                      .length = sequence->length,
                      .frame_begin = encoder->frames,
                      .tags = sequence->target != NULL && encoder->stream_tags,
                      .label = RNN_ABSENT,
                      .stream_label = sequence->label};
  RNN_TRY(map_labels(encoder, error));
  if (encoder->model->frame_width > 0)
    RNN_TRY(copy_frames(encoder, sequence, error));
  else
    RNN_TRY(copy_symbols(encoder, sequence, error));
  if (item.tags)
    RNN_TRY(copy_tags(encoder, sequence, error));
  if (sequence->label >= 0)
    item.label = encoder->labels.number[sequence->label];
  RNN_TRY(add_item(encoder, &item, error));
out:
  return status;
}

struct rnn_sequence rnn_encoder_sequence(const struct rnn_encoder *encoder, size_t i)
{
  const struct item *item = &encoder->item[i];
  struct rnn_sequence sequence = {.length = item->length, .label = item->label, .lexicon = encoder->lexicon};
  if (item->tags && encoder->tag != NULL) /* NULL: sequences without a step alone came so far */
    sequence.target = encoder->tag + item->begin * encoder->columns;
  if (encoder->model->frame_width == 0)
    sequence.symbol = encoder->symbol == NULL ? NULL : encoder->symbol + item->begin;
  else if (item->record != NULL)
    sequence.frame = item->record->frame;
  else
    sequence.frame = encoder->frame == NULL ? NULL : encoder->frame + item->frame_begin;
  return sequence;
}

const struct rnn_record *rnn_encoder_record(const struct rnn_encoder *encoder, size_t i)
{
  return encoder->item[i].record;
}

struct rnn_slice rnn_encoder_token(const struct rnn_encoder *encoder, size_t i, size_t t)
{
  const struct item *item = &encoder->item[i];
  if (encoder->model->frame_width > 0)
    return (struct rnn_slice){0};
  if (item->record == NULL)
    return string_of(encoder->symbols.from, encoder->stream_symbol[item->begin + t]);
  return item->record->content == RNN_CONTENT_TOKENS ? item->record->token[t] : encoder->token[item->begin + t];
}

struct rnn_slice rnn_encoder_tag(const struct rnn_encoder *encoder, size_t i, size_t t, size_t column)
{
  const struct item *item = &encoder->item[i];
  size_t at = t * encoder->columns + column, skip;
  if (!item->tags)
    return (struct rnn_slice){0};
  if (item->record != NULL)
    return item->record->tag[at];
  struct rnn_slice label = string_of(encoder->labels.from, encoder->stream_tag[item->begin * encoder->columns + at]);
  if (label.bytes == NULL)
    return label;
  rnn_columns_of_label(&encoder->model->columns, label.bytes, label.length_bytes, &skip);
  return (struct rnn_slice){label.bytes + skip, label.length_bytes - skip};
}

struct rnn_slice rnn_encoder_label(const struct rnn_encoder *encoder, size_t i)
{
  const struct item *item = &encoder->item[i];
  if (item->record == NULL)
    return string_of(encoder->labels.from, item->stream_label);
  return item->record->has_label ? item->record->label : (struct rnn_slice){0};
}
