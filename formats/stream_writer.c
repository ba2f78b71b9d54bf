/* Writing sequence streams, block by block. */
#include "stream.h"

#include <math.h>
#include <string.h>

#include "container.h"
#include "input_limits.h"
#include "memory.h"
#include "picture.h"
#include "safetensors.h"
#include "string_list.h"

enum { BLOCK_BYTES = 1 << 20 }; /* no block is larger, but for one long sequence or its strings */

struct rnn_stream_writer {
  struct rnn_output *output;
  struct rnn_stream_facts facts;
  bool begun;                        /* a block was written: its dictionary goes on */
  size_t count, steps;               /* of the block that is being filled */
  int32_t *length, *symbol, *target; /* [count], [steps], [count] labels or [steps][columns] tags */
  float *frame;                      /* [steps][frame_width] */
  unsigned char *missing;            /* [steps][frame_width] 1 where a number is missing; made with the block */
  size_t targets;                    /* in target */
  size_t seen_symbols, seen_labels;  /* strings taken so far */
  size_t capacity_length, capacity_symbol, capacity_target, capacity_frame, capacity_missing;
  struct rnn_strings symbol_strings, label_strings;
};

enum rnn_status rnn_stream_writer_create(struct rnn_stream_writer **writer, struct rnn_output *output,
                                         const struct rnn_stream_facts *facts, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_new(writer, 1, sizeof **writer, "a writer of sequences", error);
  if (status != RNN_OK)
    return status;
  (*writer)->output = output;
  (*writer)->facts = *facts;
  return RNN_OK;
}

void rnn_stream_writer_free(struct rnn_stream_writer *writer)
{
  if (writer == NULL)
    return;
  rnn_memory_free(writer->length);
  rnn_memory_free(writer->symbol);
  rnn_memory_free(writer->target);
  rnn_memory_free(writer->frame);
  rnn_memory_free(writer->missing);
  rnn_strings_clear(&writer->symbol_strings);
  rnn_strings_clear(&writer->label_strings);
  rnn_memory_free(writer);
}

/* ---- a block as a document ---- */

static enum rnn_status add_metadata(const struct rnn_stream_writer *writer, struct rnn_document *document,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_stream_facts *facts = &writer->facts;
  RNN_TRY(rnn_document_add_metadata(document, "format", RNN_STREAM_FORMAT, error));
  RNN_TRY(rnn_document_add_metadata(document, "task", rnn_task_name(facts->task), error));
  char size[RNN_PICTURE_SIZE_BYTES], columns[RNN_COLUMNS_BYTES];
  if (facts->columns.count > 0)
    RNN_TRY(rnn_document_add_metadata(document, "columns", rnn_columns_write(&facts->columns, columns), error));
  if (facts->text.picture.columns > 0)
    RNN_TRY(rnn_document_add_metadata(document, "picture", rnn_picture_size_name(facts->text.picture, size), error));
  if (facts->frame_width == 0) {
    RNN_TRY(rnn_document_add_metadata(document, "level", rnn_level_name(facts->text.level), error));
    RNN_TRY(rnn_document_add_metadata(document, "lowercase", facts->text.lowercase ? "true" : "false", error));
  }
  RNN_TRY(rnn_document_add_metadata(document, "dictionary", writer->begun ? "continues" : "starts", error));
out:
  return status;
}

/* Missing numbers are 0 in the block, and marked in a tensor of their own. */
static enum rnn_status add_frames(struct rnn_stream_writer *writer, struct rnn_document *document,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t shape[2] = {writer->steps, writer->facts.frame_width}, count = shape[0] * shape[1], missing = 0;
  RNN_TRY(rnn_memory_grow(&writer->missing, &writer->capacity_missing, count, 1, "frames", error));
  for (size_t i = 0; i < count; i++) {
    bool gap = isnan(writer->frame[i]);
    writer->missing[i] = gap;
    missing += gap;
    writer->frame[i] = gap ? 0 : writer->frame[i];
  }
  RNN_TRY(rnn_document_add_tensor(document, "frame", RNN_F32, shape, 2, writer->frame, error));
  if (missing > 0)
    RNN_TRY(rnn_document_add_tensor(document, "missing", RNN_U8, shape, 2, writer->missing, error));
out:
  return status;
}

static enum rnn_status add_numbers(struct rnn_stream_writer *writer, struct rnn_document *document,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_stream_facts *facts = &writer->facts;
  RNN_TRY(rnn_document_add_tensor(document, "length", RNN_I32, &writer->count, 1, writer->length, error));
  if (facts->frame_width > 0)
    RNN_TRY(add_frames(writer, document, error));
  else
    RNN_TRY(rnn_document_add_tensor(document, "symbol", RNN_I32, &writer->steps, 1, writer->symbol, error));
  if (facts->task == RNN_CLASSIFY)
    RNN_TRY(rnn_document_add_tensor(document, "label", RNN_I32, &writer->targets, 1, writer->target, error));
  size_t tags[2] = {writer->steps, rnn_columns_count(&facts->columns)};
  if (facts->task == RNN_TAG)
    RNN_TRY(rnn_document_add_tensor(document, "tag", RNN_I32, tags, tags[1] > 1 ? 2 : 1, writer->target, error));
out:
  return status;
}

static enum rnn_status add_strings(const struct rnn_stream_writer *writer, struct rnn_document *document,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_strings *symbols = &writer->symbol_strings, *labels = &writer->label_strings;
  if (symbols->count > 0)
    RNN_TRY(rnn_document_add_tensor(document, "symbols.length", RNN_I32, &symbols->count, 1, symbols->length, error));
  if (labels->count > 0)
    RNN_TRY(rnn_document_add_tensor(document, "labels.length", RNN_I32, &labels->count, 1, labels->length, error));
  if (symbols->count > 0)
    RNN_TRY(rnn_document_add_tensor(document, "symbols", RNN_U8, &symbols->size_bytes, 1, symbols->bytes, error));
  if (labels->count > 0)
    RNN_TRY(rnn_document_add_tensor(document, "labels", RNN_U8, &labels->size_bytes, 1, labels->bytes, error));
out:
  return status;
}

static enum rnn_status encode_block(struct rnn_stream_writer *writer, char **block, size_t *size_bytes,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_document *document;
  RNN_TRY(rnn_document_create(&document, error));
  RNN_TRY(add_metadata(writer, document, error));
  RNN_TRY(add_numbers(writer, document, error));
  RNN_TRY(add_strings(writer, document, error));
  RNN_TRY(rnn_document_encode(document, block, size_bytes, error));
out:
  rnn_document_free(document);
  return status;
}

/* ---- filling a block ---- */

static void empty_block(struct rnn_stream_writer *writer)
{
  writer->begun = true;
  rnn_strings_empty(&writer->symbol_strings);
  rnn_strings_empty(&writer->label_strings);
  writer->count = writer->steps = writer->targets = 0;
}

enum rnn_status rnn_stream_writer_flush(struct rnn_stream_writer *writer, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  char *block = NULL;
  size_t size;
  if (writer->count == 0)
    return RNN_OK;
  RNN_TRY(encode_block(writer, &block, &size, error));
  if (size > RNN_LIMIT_BLOCK_BYTES)
    RNN_TRY(rnn_error_set(error, RNN_DATA, "a sequence takes %zu bytes in a block, the limit is %zu", size,
                          RNN_LIMIT_BLOCK_BYTES));
  RNN_TRY(rnn_container_write(writer->output, block, size, error));
  empty_block(writer);
out:
  rnn_memory_free(block);
  return status;
}

/* What a step of a sequence takes in a block. */
static size_t step_bytes(const struct rnn_stream_writer *writer)
{
  size_t width = writer->facts.frame_width;
  size_t tags = writer->facts.task == RNN_TAG ? rnn_columns_count(&writer->facts.columns) : 0;
  return tags * sizeof(int32_t) + (width > 0 ? width * sizeof(float) : sizeof(int32_t));
}

static size_t block_bytes(const struct rnn_stream_writer *writer)
{
  const struct rnn_strings *symbols = &writer->symbol_strings, *labels = &writer->label_strings;
  return sizeof(int32_t) * (2 * writer->count + symbols->count + labels->count) + symbols->size_bytes +
         labels->size_bytes + step_bytes(writer) * writer->steps;
}

/* Takes the strings a vocabulary has gained. */
static enum rnn_status take_strings(struct rnn_strings *strings, const struct rnn_vocabulary *vocabulary, size_t *seen,
                                    size_t most, const char *what, struct rnn_error *error)
{
  if (vocabulary == NULL)
    return RNN_OK;
  size_t count = rnn_vocabulary_count(vocabulary);
  if (count > most)
    return rnn_error_set(error, RNN_DATA, "more than %zu different %s", most, what);
  enum rnn_status status = rnn_strings_append(strings, vocabulary, *seen, error);
  *seen = count;
  return status;
}

static enum rnn_status take_numbers(int32_t **to, size_t *capacity, size_t *count, const int32_t *from, size_t more,
                                    struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_grow(to, capacity, *count + more, sizeof **to, "numbers of a block", error);
  if (status != RNN_OK)
    return status;
  if (more > 0)
    memcpy(*to + *count, from, more * sizeof **to);
  *count += more;
  return RNN_OK;
}

static enum rnn_status take_input(struct rnn_stream_writer *writer, const struct rnn_sequence *sequence,
                                  struct rnn_error *error)
{
  size_t width = writer->facts.frame_width;
  if (width == 0)
    return take_numbers(&writer->symbol, &writer->capacity_symbol, &writer->steps, sequence->symbol, sequence->length,
                        error);
  enum rnn_status status = rnn_memory_grow(&writer->frame, &writer->capacity_frame,
                                           (writer->steps + sequence->length) * width, sizeof(float), "frames", error);
  if (status != RNN_OK)
    return status;
  if (sequence->length > 0)
    memcpy(writer->frame + writer->steps * width, sequence->frame, sequence->length * width * sizeof(float));
  writer->steps += sequence->length;
  return RNN_OK;
}

static enum rnn_status take_targets(struct rnn_stream_writer *writer, const struct rnn_sequence *sequence,
                                    struct rnn_error *error)
{
  if (writer->facts.task == RNN_CLASSIFY)
    return take_numbers(&writer->target, &writer->capacity_target, &writer->targets, &sequence->label, 1, error);
  if (writer->facts.task == RNN_TAG)
    return take_numbers(&writer->target, &writer->capacity_target, &writer->targets, sequence->target,
                        sequence->length * rnn_columns_count(&writer->facts.columns), error);
  return RNN_OK;
}

enum rnn_status rnn_stream_writer_add(struct rnn_stream_writer *writer, const struct rnn_sequence *sequence,
                                      const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                      struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t step = step_bytes(writer);
  int32_t length = (int32_t)sequence->length;
  if (sequence->length > RNN_LIMIT_BLOCK_BYTES / step)
    return rnn_error_set(error, RNN_DATA, "a sequence of %zu steps, the limit is %zu", sequence->length,
                         RNN_LIMIT_BLOCK_BYTES / step);
  if (block_bytes(writer) + sequence->length * step > BLOCK_BYTES)
    RNN_TRY(rnn_stream_writer_flush(writer, error));
  RNN_TRY(take_strings(&writer->symbol_strings, symbols, &writer->seen_symbols, RNN_LIMIT_SYMBOLS, "symbols", error));
  RNN_TRY(take_strings(&writer->label_strings, labels, &writer->seen_labels, RNN_LIMIT_LABELS, "labels", error));
  RNN_TRY(take_numbers(&writer->length, &writer->capacity_length, &writer->count, &length, 1, error));
  RNN_TRY(take_input(writer, sequence, error));
  RNN_TRY(take_targets(writer, sequence, error));
out:
  return status;
}
