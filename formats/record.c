/* Storage of a record: it grows to the longest one and is used again. */
#include "record.h"

#include <string.h>

#include "memory.h"

void rnn_record_init(struct rnn_record *record)
{
  *record = (struct rnn_record){.content = RNN_CONTENT_TEXT};
}

void rnn_record_clear(struct rnn_record *record)
{
  rnn_memory_free(record->owned);
  rnn_memory_free(record->raw_storage);
  rnn_memory_free(record->token_storage);
  rnn_memory_free(record->tag_storage);
  rnn_memory_free(record->spot_storage);
  rnn_memory_free(record->frame_storage);
  rnn_record_init(record);
}

void rnn_record_start(struct rnn_record *record, enum rnn_content content)
{
  static const struct rnn_slice none;
  record->content = content;
  record->raw = (struct rnn_slice){.bytes = "", .length_bytes = 0};
  record->text = record->label = record->key = none;
  record->columns.count = 0;
  record->steps = record->frame_width = record->owned_bytes = 0;
  record->token = record->tag = record->spot = NULL;
  record->frame = NULL;
  record->picture = (struct rnn_picture_size){.columns = 0};
  record->has_tags = record->has_label = record->filler = record->continues = record->more = false;
  record->line = record->passed = 0;
}

enum rnn_status rnn_record_add_raw(struct rnn_record *record, const char *line, size_t length_bytes, const char *end,
                                   size_t end_bytes, struct rnn_error *error)
{
  size_t used = record->raw.length_bytes, wanted = used + length_bytes + end_bytes;
  enum rnn_status status =
      rnn_memory_grow(&record->raw_storage, &record->capacity_raw, wanted, 1, "bytes of a record", error);
  if (status != RNN_OK || wanted == used)
    return status;
  if (length_bytes > 0)
    memcpy(record->raw_storage + used, line, length_bytes);
  if (end_bytes > 0)
    memcpy(record->raw_storage + used + length_bytes, end, end_bytes);
  record->raw = (struct rnn_slice){record->raw_storage, wanted};
  return RNN_OK;
}

/* As many slices as the steps have tags. */
static size_t tags_of(const struct rnn_record *record, size_t steps)
{
  size_t tags;
  return rnn_size_multiply(steps, rnn_columns_count(&record->columns), &tags) ? tags : SIZE_MAX;
}

enum rnn_status rnn_record_reserve_tags(struct rnn_record *record, size_t steps, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_grow(&record->tag_storage, &record->capacity_tags, tags_of(record, steps),
                                           sizeof(struct rnn_slice), "tags of a record", error);
  record->tag = record->tag_storage;
  return status;
}

enum rnn_status rnn_record_reserve_tokens(struct rnn_record *record, size_t steps, bool tags, bool spots,
                                          struct rnn_error *error)
{
  const size_t size = sizeof(struct rnn_slice);
  enum rnn_status status;
  RNN_TRY(rnn_memory_grow(&record->token_storage, &record->capacity_steps, steps, size, "tokens of a record", error));
  if (tags)
    RNN_TRY(rnn_record_reserve_tags(record, steps, error));
  if (spots)
    RNN_TRY(rnn_memory_grow(&record->spot_storage, &record->capacity_spots, tags_of(record, steps), size,
                            "lines of a record", error));
  record->token = record->token_storage;
  record->spot = spots ? record->spot_storage : NULL;
out:
  return status;
}

enum rnn_status rnn_record_reserve_frames(struct rnn_record *record, size_t numbers, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_grow(&record->frame_storage, &record->capacity_frames, numbers, sizeof(float),
                                           "frames of a record", error);
  record->frame = record->frame_storage;
  return status;
}

enum rnn_status rnn_record_reserve_owned(struct rnn_record *record, size_t bytes, struct rnn_error *error)
{
  return rnn_memory_grow(&record->owned, &record->capacity_owned, bytes, 1, "strings of a record", error);
}

enum rnn_status rnn_record_blame(const struct rnn_record *record, const char *name, struct rnn_error *error)
{
  if (record->line == 0)
    return rnn_error_prefix(error, "%s", name);
  return rnn_error_prefix(error, "%s:%llu", name, (unsigned long long)record->line);
}

enum rnn_status rnn_record_label(const struct rnn_columns *columns, size_t column, struct rnn_slice *label,
                                 char **buffer, size_t *capacity, struct rnn_error *error)
{
  if (columns->count == 0)
    return RNN_OK;
  size_t name = strlen(columns->name[column]), whole = name + 1 + label->length_bytes;
  enum rnn_status status = rnn_memory_grow(buffer, capacity, whole, 1, "a label", error);
  if (status != RNN_OK)
    return status;
  memcpy(*buffer, columns->name[column], name);
  (*buffer)[name] = '=';
  memcpy(*buffer + name + 1, label->bytes, label->length_bytes);
  *label = (struct rnn_slice){*buffer, whole};
  return RNN_OK;
}

struct rnn_slice rnn_record_own(struct rnn_record *record, const char *bytes, size_t length_bytes)
{
  if (length_bytes == 0)
    return (struct rnn_slice){.bytes = "", .length_bytes = 0};
  char *copy = record->owned + record->owned_bytes;
  memcpy(copy, bytes, length_bytes);
  record->owned_bytes += length_bytes;
  return (struct rnn_slice){copy, length_bytes};
}
