/* Reading sequence streams: a block is checked whole, its numbers are mapped to those of the merged vocabularies, and
 * then its sequences come out as views. */
#include "stream.h"

#include <math.h>
#include <string.h>

#include "container.h"
#include "input_limits.h"
#include "memory.h"
#include "picture.h"
#include "safetensors.h"
#include "stream_facts.h"
#include "string_list.h"

enum { QUOTE_BYTES = 60 };

/* The strings of one writer and the numbers they have here. */
struct dictionary {
  struct rnn_vocabulary *merged;
  size_t count;  /* strings of the writer whose blocks are being read */
  int32_t *map;  /* [count] its number -> merged number */
  uint32_t *met; /* [count of merged] the writer (`writers`) that last brought the string: it may do so but once */
  size_t capacity_map, capacity_met;
};

struct rnn_stream_reader {
  struct rnn_input *raw;
  struct rnn_stream_facts facts;
  uint64_t frame;   /* number of the block */
  uint32_t writers; /* streams begun; 0 before the first block */
  struct dictionary symbols, labels;
  unsigned char *column; /* [columns_of] of each merged label, where there are several; */
  size_t columns_of;     /* for so many it is known */
  /* the block, in merged numbers */
  size_t count, steps;
  int32_t *length, *symbol, *target; /* [count], [steps], [count] labels or [steps][columns] tags */
  float *frames;                     /* [steps][frame_width] */
  size_t capacity_length, capacity_symbol, capacity_target, capacity_frames, capacity_column;
  /* what comes out next */
  size_t sequence, step;
  uint64_t index;
  struct rnn_error failure; /* status RNN_OK: none; a stream that was refused stays refused */
};

enum rnn_status rnn_stream_reader_create(struct rnn_stream_reader **reader, struct rnn_input *raw,
                                         struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(rnn_memory_new(reader, 1, sizeof **reader, "a reader of sequences", error));
  (*reader)->raw = raw;
  RNN_TRY(rnn_vocabulary_create(&(*reader)->symbols.merged, error));
  RNN_TRY(rnn_vocabulary_create(&(*reader)->labels.merged, error));
out:
  if (status != RNN_OK) {
    rnn_stream_reader_free(*reader);
    *reader = NULL;
  }
  return status;
}

static void clear_dictionary(struct dictionary *dictionary)
{
  rnn_vocabulary_free(dictionary->merged);
  rnn_memory_free(dictionary->map);
  rnn_memory_free(dictionary->met);
}

void rnn_stream_reader_free(struct rnn_stream_reader *reader)
{
  if (reader == NULL)
    return;
  clear_dictionary(&reader->symbols);
  clear_dictionary(&reader->labels);
  rnn_memory_free(reader->length);
  rnn_memory_free(reader->symbol);
  rnn_memory_free(reader->target);
  rnn_memory_free(reader->frames);
  rnn_memory_free(reader->column);
  rnn_memory_free(reader);
}

struct rnn_vocabulary *rnn_stream_reader_symbols(struct rnn_stream_reader *reader)
{
  return reader->symbols.merged;
}

struct rnn_vocabulary *rnn_stream_reader_labels(struct rnn_stream_reader *reader)
{
  return reader->labels.merged;
}

static enum rnn_status refuse(struct rnn_error *error, const char *why)
{
  return rnn_error_set(error, RNN_DATA, "%s", why);
}

/* ---- tensors ---- */

/* A tensor of `rows` rows, of which the caller has need; `columns` 0: one dimension. */
static enum rnn_status need(const struct rnn_document *document, const char *name, enum rnn_dtype dtype,
                            size_t dimensions, const struct rnn_document_tensor **tensor, struct rnn_error *error)
{
  *tensor = rnn_document_tensor(document, name);
  if (*tensor == NULL)
    return rnn_error_set(error, RNN_DATA, "tensor '%s' is missing", name);
  if ((*tensor)->dtype != dtype || (*tensor)->dimensions != dimensions)
    return rnn_error_set(error, RNN_DATA, "tensor '%s' is not %s with %zu dimension%s", name, rnn_dtype_name(dtype),
                         dimensions, dimensions == 1 ? "" : "s");
  return RNN_OK;
}

static enum rnn_status read_numbers(const struct rnn_document *document, const char *name, size_t wanted,
                                    int32_t **numbers, size_t *capacity, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_document_tensor *tensor;
  RNN_TRY(need(document, name, RNN_I32, 1, &tensor, error));
  if (tensor->shape[0] != wanted)
    return rnn_error_set(error, RNN_DATA, "tensor '%s' has %zu numbers, %zu are needed", name, tensor->shape[0],
                         wanted);
  RNN_TRY(rnn_memory_grow(numbers, capacity, wanted + 1, sizeof **numbers, "numbers of a block", error));
  rnn_document_copy(tensor, 0, wanted, *numbers);
out:
  return status;
}

static enum rnn_status read_lengths(struct rnn_stream_reader *reader, const struct rnn_document *document,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_document_tensor *tensor;
  RNN_TRY(need(document, "length", RNN_I32, 1, &tensor, error));
  reader->count = tensor->shape[0];
  RNN_TRY(read_numbers(document, "length", reader->count, &reader->length, &reader->capacity_length, error));
  reader->steps = 0;
  for (size_t i = 0; i < reader->count; i++) {
    if (reader->length[i] < 0 || (size_t)reader->length[i] > RNN_LIMIT_SEQUENCE_STEPS)
      return rnn_error_set(error, RNN_DATA, "length[%zu] is %d, not a length up to %zu", i, reader->length[i],
                           RNN_LIMIT_SEQUENCE_STEPS);
    if (!rnn_size_add(reader->steps, (size_t)reader->length[i], &reader->steps))
      return refuse(error, "the lengths are too many to add up");
  }
out:
  return status;
}

/* Numbers of the writer become merged numbers; RNN_ABSENT stays where it may. */
static enum rnn_status map_numbers(const struct dictionary *dictionary, const char *name, bool may_be_absent,
                                   int32_t *numbers, size_t count, struct rnn_error *error)
{
  for (size_t i = 0; i < count; i++) {
    if (numbers[i] == RNN_ABSENT && may_be_absent)
      continue;
    if (numbers[i] < 0 || (size_t)numbers[i] >= dictionary->count)
      return rnn_error_set(error, RNN_DATA, "%s[%zu] is %d, the dictionary has %zu strings", name, i, numbers[i],
                           dictionary->count);
    numbers[i] = dictionary->map[numbers[i]];
  }
  return RNN_OK;
}

static enum rnn_status read_symbols(struct rnn_stream_reader *reader, const struct rnn_document *document,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(read_numbers(document, "symbol", reader->steps, &reader->symbol, &reader->capacity_symbol, error));
  RNN_TRY(map_numbers(&reader->symbols, "symbol", false, reader->symbol, reader->steps, error));
out:
  return status;
}

/* Of a row and a column of all frames of the block: the sequence, the frame in it, and the number, each from 1. */
static enum rnn_status refuse_number(const struct rnn_stream_reader *reader, size_t row, size_t column, const char *why,
                                     struct rnn_error *error)
{
  size_t sequence = 0;
  for (; row >= (size_t)reader->length[sequence]; sequence++)
    row -= (size_t)reader->length[sequence];
  return rnn_error_set(error, RNN_DATA, "sequence %llu: frame %zu: number %zu %s",
                       (unsigned long long)reader->index + sequence + 1, row + 1, column + 1, why);
}

/* A number that is marked becomes NAN. */
static enum rnn_status read_missing(struct rnn_stream_reader *reader, const struct rnn_document *document, size_t count,
                                    struct rnn_error *error)
{
  const struct rnn_document_tensor *tensor = rnn_document_tensor(document, "missing");
  size_t width = reader->facts.frame_width;
  if (tensor == NULL)
    return RNN_OK;
  if (tensor->dtype != RNN_U8 || tensor->dimensions != 2 || tensor->shape[0] != reader->steps ||
      tensor->shape[1] != width)
    return refuse(error, "tensor 'missing' is not U8 of the shape of 'frame'");
  for (size_t i = 0; i < count; i++) {
    unsigned char missing;
    rnn_document_copy(tensor, i, 1, &missing);
    if (missing > 1)
      return refuse_number(reader, i / width, i % width, "is marked neither 0 nor 1 in 'missing'", error);
    reader->frames[i] = missing ? NAN : reader->frames[i];
  }
  return RNN_OK;
}

static enum rnn_status read_frames(struct rnn_stream_reader *reader, const struct rnn_document *document,
                                   const struct rnn_document_tensor *tensor, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t width = reader->facts.frame_width;
  if (tensor->shape[0] != reader->steps)
    return rnn_error_set(error, RNN_DATA, "tensor 'frame' has %zu rows, %zu are needed", tensor->shape[0],
                         reader->steps);
  size_t count = reader->steps * width;
  RNN_TRY(
      rnn_memory_grow(&reader->frames, &reader->capacity_frames, count + 1, sizeof(float), "frames of a block", error));
  rnn_document_copy(tensor, 0, count, reader->frames);
  for (size_t i = 0; i < count; i++)
    if (!isfinite(reader->frames[i]))
      return refuse_number(reader, i / width, i % width, "is not finite", error);
  RNN_TRY(read_missing(reader, document, count, error));
out:
  return status;
}

/* The columns of the labels that are new. */
static enum rnn_status find_columns(struct rnn_stream_reader *reader, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_columns *columns = &reader->facts.columns;
  size_t count = rnn_vocabulary_count(reader->labels.merged);
  RNN_TRY(rnn_memory_grow(&reader->column, &reader->capacity_column, count + 1, 1, "a dictionary", error));
  for (; reader->columns_of < count; reader->columns_of++) {
    size_t length, skip;
    const char *label = rnn_vocabulary_string(reader->labels.merged, (int32_t)reader->columns_of, &length);
    size_t column = rnn_columns_of_label(columns, label, length, &skip);
    if (column == columns->count)
      return rnn_error_set(error, RNN_DATA, "labels: '%.*s' does not begin with a column's name and '='",
                           length < QUOTE_BYTES ? (int)length : QUOTE_BYTES, label);
    reader->column[reader->columns_of] = (unsigned char)column;
  }
out:
  return status;
}

/* Tags of several columns, each in its own. */
static enum rnn_status read_columns(struct rnn_stream_reader *reader, const struct rnn_document *document,
                                    struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_document_tensor *tensor;
  size_t columns = reader->facts.columns.count, count = reader->steps * columns;
  RNN_TRY(find_columns(reader, error));
  RNN_TRY(need(document, "tag", RNN_I32, 2, &tensor, error));
  if (tensor->shape[0] != reader->steps || tensor->shape[1] != columns)
    return rnn_error_set(error, RNN_DATA, "tensor 'tag' is [%zu][%zu], [%zu][%zu] is needed", tensor->shape[0],
                         tensor->shape[1], reader->steps, columns);
  RNN_TRY(rnn_memory_grow(&reader->target, &reader->capacity_target, count + 1, sizeof *reader->target,
                          "numbers of a block", error));
  rnn_document_copy(tensor, 0, count, reader->target);
  RNN_TRY(map_numbers(&reader->labels, "tag", true, reader->target, count, error));
  for (size_t i = 0; i < count; i++)
    if (reader->target[i] != RNN_ABSENT && reader->column[reader->target[i]] != i % columns)
      return rnn_error_set(error, RNN_DATA, "tag[%zu][%zu] is of another column", i / columns, i % columns);
out:
  return status;
}

static enum rnn_status read_targets(struct rnn_stream_reader *reader, const struct rnn_document *document,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (reader->facts.task == RNN_COMPLETE)
    return RNN_OK;
  if (reader->facts.columns.count > 0)
    return read_columns(reader, document, error);
  const char *name = reader->facts.task == RNN_TAG ? "tag" : "label";
  size_t count = reader->facts.task == RNN_TAG ? reader->steps : reader->count;
  RNN_TRY(read_numbers(document, name, count, &reader->target, &reader->capacity_target, error));
  RNN_TRY(map_numbers(&reader->labels, name, true, reader->target, count, error));
out:
  return status;
}

/* ---- dictionaries ---- */

static enum rnn_status add_string(struct dictionary *dictionary, uint32_t writer, const char *string,
                                  size_t length_bytes, size_t most, const char *name, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  int32_t number;
  RNN_TRY(rnn_vocabulary_add(dictionary->merged, string, length_bytes, &number, error));
  if (rnn_vocabulary_count(dictionary->merged) > most)
    return rnn_error_set(error, RNN_DATA, "%s: more than %zu different strings", name, most);
  RNN_TRY(rnn_memory_grow(&dictionary->met, &dictionary->capacity_met, (size_t)number + 1, sizeof *dictionary->met,
                          "a dictionary", error));
  if (dictionary->met[number] == writer)
    return rnn_error_set(error, RNN_DATA, "%s: '%.*s' is there twice", name,
                         length_bytes < QUOTE_BYTES ? (int)length_bytes : QUOTE_BYTES, string);
  dictionary->met[number] = writer;
  RNN_TRY(rnn_memory_grow(&dictionary->map, &dictionary->capacity_map, dictionary->count + 1, sizeof *dictionary->map,
                          "a dictionary", error));
  dictionary->map[dictionary->count++] = number;
out:
  return status;
}

static enum rnn_status read_strings(struct dictionary *dictionary, uint32_t writer, const struct rnn_document *document,
                                    const char *name, size_t most, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_strings_reader strings;
  const char *string;
  size_t length;
  RNN_TRY(rnn_strings_reader_init(&strings, document, name, most, error));
  while ((string = rnn_strings_reader_next(&strings, &length)) != NULL)
    RNN_TRY(add_string(dictionary, writer, string, length, most, name, error));
out:
  return status;
}

/* ---- a block ---- */

/* Nothing but what the block's kind needs. */
static enum rnn_status check_names(const struct rnn_stream_reader *reader, const struct rnn_document *document,
                                   struct rnn_error *error)
{
  bool frames = reader->facts.frame_width > 0;
  enum rnn_task task = reader->facts.task;
  for (size_t i = 0; i < rnn_document_tensors(document); i++) {
    const char *name = rnn_document_tensor_at(document, i)->name;
    bool of_symbols =
        strcmp(name, "symbol") == 0 || strcmp(name, "symbols") == 0 || strcmp(name, "symbols.length") == 0;
    bool of_labels = strcmp(name, "labels") == 0 || strcmp(name, "labels.length") == 0;
    bool known = strcmp(name, "length") == 0 ||
                 (frames ? strcmp(name, "frame") == 0 || strcmp(name, "missing") == 0 : of_symbols) ||
                 (task != RNN_COMPLETE && of_labels) || (task == RNN_TAG && strcmp(name, "tag") == 0) ||
                 (task == RNN_CLASSIFY && strcmp(name, "label") == 0);
    if (!known)
      return rnn_error_set(error, RNN_DATA, "tensor '%.*s' has no place in a block of %s for task '%s'", QUOTE_BYTES,
                           name, frames ? "frames" : "symbols", rnn_task_name(task));
  }
  return RNN_OK;
}

static enum rnn_status read_header(struct rnn_stream_reader *reader, const struct rnn_document *document,
                                   const struct rnn_document_tensor **frames, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_stream_facts facts;
  bool starts = false;
  *frames = NULL;
  RNN_TRY(rnn_stream_read_format(document, error));
  RNN_TRY(rnn_stream_read_facts(document, &facts, &starts, error));
  if (rnn_document_tensor(document, "frame") != NULL) {
    RNN_TRY(need(document, "frame", RNN_F32, 2, frames, error));
    facts.frame_width = (*frames)->shape[1];
    if (facts.frame_width == 0 || facts.frame_width > RNN_LIMIT_FRAME_WIDTH)
      return rnn_error_set(error, RNN_DATA, "frames of %zu numbers, 1 to %zu expected", facts.frame_width,
                           RNN_LIMIT_FRAME_WIDTH);
    if (facts.text.picture.columns > 0 && rnn_picture_pixels(facts.text.picture) != facts.frame_width)
      return rnn_error_set(error, RNN_DATA, "frames of %zu numbers are no pictures of %zux%zu", facts.frame_width,
                           facts.text.picture.columns, facts.text.picture.rows);
  }
  if (reader->writers == 0)
    reader->facts = facts;
  RNN_TRY(rnn_stream_check_facts(&facts, &reader->facts, error));
  if (!starts && reader->writers == 0)
    return refuse(error, "continues a dictionary that is not there: the beginning of the stream is missing");
  if (starts) {
    reader->writers++;
    reader->symbols.count = reader->labels.count = 0;
  }
  RNN_TRY(check_names(reader, document, error));
out:
  return status;
}

static enum rnn_status read_document(struct rnn_stream_reader *reader, const struct rnn_document *document,
                                     struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_document_tensor *frames;
  RNN_TRY(read_header(reader, document, &frames, error));
  RNN_TRY(read_strings(&reader->symbols, reader->writers, document, "symbols", RNN_LIMIT_SYMBOLS, error));
  RNN_TRY(read_strings(&reader->labels, reader->writers, document, "labels", RNN_LIMIT_LABELS, error));
  RNN_TRY(read_lengths(reader, document, error));
  if (frames != NULL)
    RNN_TRY(read_frames(reader, document, frames, error));
  else
    RNN_TRY(read_symbols(reader, document, error));
  RNN_TRY(read_targets(reader, document, error));
out:
  return status;
}

/* The next block; *end at the end of the stream. */
static enum rnn_status read_block(struct rnn_stream_reader *reader, bool *end, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_document *document = NULL;
  char *block = NULL;
  size_t size;
  reader->count = reader->sequence = reader->step = 0;
  reader->frame++;
  RNN_TRY(rnn_container_read(reader->raw, reader->frame, NULL, RNN_LIMIT_BLOCK_BYTES, &block, &size, error));
  *end = block == NULL;
  if (*end)
    return RNN_OK;
  status = rnn_document_decode(&document, block, size, error);
  if (status == RNN_OK)
    status = read_document(reader, document, error);
  if (status != RNN_OK)
    rnn_error_prefix(error, "%s: zstd frame %llu", rnn_input_name(reader->raw), (unsigned long long)reader->frame);
out:
  rnn_document_free(document);
  rnn_memory_free(block);
  return status;
}

static void count_numbers(struct rnn_vocabulary *vocabulary, const int32_t *numbers, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (numbers[i] != RNN_ABSENT)
      rnn_vocabulary_add_frequency(vocabulary, numbers[i], 1);
}

static void take_sequence(struct rnn_stream_reader *reader, struct rnn_sequence *sequence)
{
  size_t length = (size_t)reader->length[reader->sequence], width = reader->facts.frame_width;
  *sequence = (struct rnn_sequence){.length = length, .label = RNN_ABSENT, .index = reader->index};
  if (width > 0) {
    sequence->frame = reader->frames + reader->step * width;
  } else {
    sequence->symbol = reader->symbol + reader->step;
    count_numbers(reader->symbols.merged, sequence->symbol, length);
  }
  size_t columns = rnn_columns_count(&reader->facts.columns);
  if (reader->facts.task == RNN_TAG) {
    sequence->target = reader->target + reader->step * columns;
    count_numbers(reader->labels.merged, sequence->target, length * columns);
  } else if (reader->facts.task == RNN_CLASSIFY) {
    sequence->label = reader->target[reader->sequence];
    count_numbers(reader->labels.merged, &sequence->label, 1);
  }
  reader->index++;
  reader->sequence++;
  reader->step += length;
}

enum rnn_status rnn_stream_reader_next(struct rnn_stream_reader *reader, struct rnn_sequence *sequence,
                                       struct rnn_stream_facts *facts, bool *end, struct rnn_error *error)
{
  *end = false;
  while (reader->failure.status == RNN_OK && reader->sequence == reader->count && !*end)
    if (read_block(reader, end, &reader->failure) != RNN_OK)
      break;
  if (reader->failure.status != RNN_OK)
    return rnn_error_set(error, reader->failure.status, "%s", reader->failure.text);
  if (*end)
    return RNN_OK;
  take_sequence(reader, sequence);
  *facts = reader->facts;
  return RNN_OK;
}

bool rnn_stream_reader_ready(const struct rnn_stream_reader *reader)
{
  return reader->failure.status != RNN_OK || reader->sequence < reader->count;
}
