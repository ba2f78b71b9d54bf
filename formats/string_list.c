/* Lists of strings in a document. */
#include "string_list.h"

#include <stdio.h>
#include <string.h>

#include "input_limits.h"
#include "memory.h"

void rnn_strings_clear(struct rnn_strings *strings)
{
  rnn_memory_free(strings->length);
  rnn_memory_free(strings->bytes);
  memset(strings, 0, sizeof *strings);
}

void rnn_strings_empty(struct rnn_strings *strings)
{
  strings->count = strings->size_bytes = 0;
}

enum rnn_status rnn_strings_append(struct rnn_strings *strings, const struct rnn_vocabulary *vocabulary, size_t from,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t i = from; i < rnn_vocabulary_count(vocabulary); i++) {
    size_t length;
    const char *string = rnn_vocabulary_string(vocabulary, (int32_t)i, &length);
    if (length > RNN_LIMIT_TOKEN_BYTES)
      return rnn_error_set(error, RNN_DATA, "a symbol or label of %zu bytes, the limit is %zu", length,
                           RNN_LIMIT_TOKEN_BYTES);
    RNN_TRY(rnn_memory_grow(&strings->length, &strings->capacity_count, strings->count + 1, sizeof *strings->length,
                            "lengths of strings", error));
    RNN_TRY(
        rnn_memory_grow(&strings->bytes, &strings->capacity_bytes, strings->size_bytes + length, 1, "strings", error));
    if (length > 0)
      memcpy(strings->bytes + strings->size_bytes, string, length);
    strings->length[strings->count++] = (int32_t)length;
    strings->size_bytes += length;
  }
out:
  return status;
}

static int32_t length_at(const struct rnn_document_tensor *tensor, size_t i)
{
  int32_t length;
  rnn_document_copy(tensor, i, 1, &length);
  return length;
}

enum rnn_status rnn_strings_reader_init(struct rnn_strings_reader *reader, const struct rnn_document *document,
                                        const char *name, size_t most, struct rnn_error *error)
{
  char name_length[64];
  snprintf(name_length, sizeof name_length, "%s.length", name);
  const struct rnn_document_tensor *bytes = rnn_document_tensor(document, name);
  const struct rnn_document_tensor *length = rnn_document_tensor(document, name_length);
  *reader = (struct rnn_strings_reader){.length = length, .bytes = bytes};
  if (bytes == NULL && length == NULL)
    return RNN_OK;
  if (bytes == NULL || length == NULL)
    return rnn_error_set(error, RNN_DATA, "tensor '%s' is missing", bytes == NULL ? name : name_length);
  if (bytes->dtype != RNN_U8 || bytes->dimensions != 1)
    return rnn_error_set(error, RNN_DATA, "tensor '%s' is not U8 with one dimension", name);
  if (length->dtype != RNN_I32 || length->dimensions != 1)
    return rnn_error_set(error, RNN_DATA, "tensor '%s' is not I32 with one dimension", name_length);
  if (length->shape[0] > most)
    return rnn_error_set(error, RNN_DATA, "%s: %zu strings, the limit is %zu", name, length->shape[0], most);
  uint64_t sum = 0;
  for (size_t i = 0; i < length->shape[0]; i++) {
    int32_t one = length_at(length, i);
    if (one < 0 || (size_t)one > RNN_LIMIT_TOKEN_BYTES)
      return rnn_error_set(error, RNN_DATA, "%s[%zu] is %d, not a length up to %zu", name_length, i, one,
                           RNN_LIMIT_TOKEN_BYTES);
    sum += (uint64_t)one;
  }
  if (sum != bytes->size_bytes)
    return rnn_error_set(error, RNN_DATA, "%s: lengths add up to %llu, there are %zu bytes", name,
                         (unsigned long long)sum, bytes->size_bytes);
  reader->count = reader->left = length->shape[0];
  return RNN_OK;
}

const char *rnn_strings_reader_next(struct rnn_strings_reader *reader, size_t *length_bytes)
{
  if (reader->left == 0)
    return NULL;
  *length_bytes = (size_t)length_at(reader->length, reader->count - reader->left);
  const char *string = (const char *)reader->bytes->data + reader->offset;
  reader->offset += *length_bytes;
  reader->left--;
  return string;
}
