/* Safetensors documents, strictly, by jansson. */
#include "safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "input_limits.h"
#include "json_memory.h"
#include "memory.h"
#include "random.h"

enum { LENGTH_BYTES = 8, ALIGNMENT_BYTES = 64, QUOTE_BYTES = 60 };

static const struct {
  const char *name;
  size_t size_bytes;
} dtypes[] = {[RNN_U8] = {"U8", 1},   [RNN_I32] = {"I32", 4}, [RNN_I64] = {"I64", 8},
              [RNN_F16] = {"F16", 2}, [RNN_F32] = {"F32", 4}, [RNN_F64] = {"F64", 8}};

struct pair {
  const char *key, *value;
};

struct rnn_document {
  json_t *root; /* owns all strings */
  struct pair *metadata;
  size_t pairs, capacity_pairs;
  struct rnn_document_tensor *tensor;
  size_t tensors, capacity_tensors;
  size_t data_bytes;
};

size_t rnn_dtype_bytes(enum rnn_dtype dtype)
{
  return dtypes[dtype].size_bytes;
}

const char *rnn_dtype_name(enum rnn_dtype dtype)
{
  return dtypes[dtype].name;
}

/* Copies elements between the order of bytes of this machine and little-endian. */
static void copy_elements(void *to, const void *from, size_t count, size_t element_bytes)
{
  if (count == 0)
    return;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  memcpy(to, from, count * element_bytes);
#else
  for (size_t i = 0; i < count; i++)
    for (size_t b = 0; b < element_bytes; b++)
      ((char *)to)[i * element_bytes + b] = ((const char *)from)[(i + 1) * element_bytes - 1 - b];
#endif
}

void rnn_document_copy(const struct rnn_document_tensor *tensor, size_t first, size_t count, void *to)
{
  size_t element_bytes = rnn_dtype_bytes(tensor->dtype);
  copy_elements(to, (const char *)tensor->data + first * element_bytes, count, element_bytes);
}

static enum rnn_status no_memory(struct rnn_error *error)
{
  return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: the header of a document");
}

void rnn_document_free(struct rnn_document *document)
{
  if (document == NULL)
    return;
  json_decref(document->root);
  rnn_memory_free(document->metadata);
  rnn_memory_free(document->tensor);
  rnn_memory_free(document);
}

static enum rnn_status add_pair(struct rnn_document *document, const char *key, const char *value,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(rnn_memory_grow(&document->metadata, &document->capacity_pairs, document->pairs + 1, sizeof(struct pair),
                          "metadata", error));
  document->metadata[document->pairs++] = (struct pair){key, value};
out:
  return status;
}

static enum rnn_status add_tensor(struct rnn_document *document, const struct rnn_document_tensor *tensor,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(rnn_memory_grow(&document->tensor, &document->capacity_tensors, document->tensors + 1, sizeof *tensor,
                          "tensors of a document", error));
  document->tensor[document->tensors++] = *tensor;
out:
  return status;
}

/* ---- building ---- */

enum rnn_status rnn_document_create(struct rnn_document **document, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_new(document, 1, sizeof **document, "a document", error);
  if (status != RNN_OK)
    return status;
  json_object_seed((size_t)rnn_random_secret());
  json_set_alloc_funcs(rnn_json_allocate, rnn_json_release);
  (*document)->root = json_pack("{s:{}}", "__metadata__");
  if ((*document)->root == NULL) {
    rnn_document_free(*document);
    *document = NULL;
    return no_memory(error);
  }
  return RNN_OK;
}

/* Puts a value the document takes over under a new key; *stored is the document's own copy of the key. */
static enum rnn_status put(json_t *object, const char *key, json_t *value, const char **stored, struct rnn_error *error)
{
  if (json_object_get(object, key) != NULL) {
    json_decref(value);
    return rnn_error_set(error, RNN_BUG, "'%s' was added to a document twice", key);
  }
  if (value == NULL || json_object_set_new(object, key, value) != 0)
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: '%s' of a document", key);
  *stored = json_object_iter_key(json_object_iter_at(object, key));
  return RNN_OK;
}

enum rnn_status rnn_document_add_metadata(struct rnn_document *document, const char *key, const char *value,
                                          struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  json_t *metadata = json_object_get(document->root, "__metadata__"), *text = json_string(value);
  const char *stored;
  RNN_TRY(put(metadata, key, text, &stored, error));
  RNN_TRY(add_pair(document, stored, json_string_value(text), error));
out:
  return status;
}

enum rnn_status rnn_document_add_tensor(struct rnn_document *document, const char *name, enum rnn_dtype dtype,
                                        const size_t *shape, size_t dimensions, const void *data,
                                        struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_document_tensor tensor = {.dtype = dtype, .dimensions = dimensions, .data = data};
  json_t *list = json_array();
  tensor.size_bytes = rnn_dtype_bytes(dtype);
  for (size_t i = 0; i < dimensions; i++) {
    tensor.shape[i] = shape[i];
    if (json_array_append_new(list, json_integer((json_int_t)shape[i])) != 0 ||
        !rnn_size_multiply(tensor.size_bytes, shape[i], &tensor.size_bytes))
      RNN_TRY(rnn_error_set(error, RNN_NO_MEMORY, "out of memory: tensor '%s'", name));
  }
  size_t end;
  if (!rnn_size_add(document->data_bytes, tensor.size_bytes, &end))
    RNN_TRY(rnn_error_set(error, RNN_NO_MEMORY, "out of memory: tensor '%s'", name));
  json_t *entry = json_pack("{s:s, s:O, s:[I, I]}", "dtype", rnn_dtype_name(dtype), "shape", list, "data_offsets",
                            (json_int_t)document->data_bytes, (json_int_t)end);
  RNN_TRY(put(document->root, name, entry, &tensor.name, error));
  RNN_TRY(add_tensor(document, &tensor, error));
  document->data_bytes = end;
out:
  json_decref(list);
  return status;
}

/* Length of the header with blanks so that the first F32 tensor, or else the first tensor, is aligned. */
static size_t padded_length(const struct rnn_document *document, size_t length)
{
  size_t before = 0;
  for (size_t i = 0; i < document->tensors; i++) {
    if (document->tensor[i].dtype == RNN_F32)
      break;
    before += document->tensor[i].size_bytes;
    if (i + 1 == document->tensors)
      before = 0;
  }
  size_t past = (LENGTH_BYTES + length + before) % ALIGNMENT_BYTES;
  return past == 0 ? length : length + ALIGNMENT_BYTES - past;
}

static void fill_block(const struct rnn_document *document, const char *header, size_t length, size_t padded,
                       char *block)
{
  for (size_t i = 0; i < LENGTH_BYTES; i++)
    block[i] = (char)((uint64_t)padded >> (8 * i));
  memcpy(block + LENGTH_BYTES, header, length);
  memset(block + LENGTH_BYTES + length, ' ', padded - length);
  char *data = block + LENGTH_BYTES + padded;
  for (size_t i = 0; i < document->tensors; i++) {
    const struct rnn_document_tensor *tensor = &document->tensor[i];
    size_t element_bytes = rnn_dtype_bytes(tensor->dtype);
    copy_elements(data, tensor->data, tensor->size_bytes / element_bytes, element_bytes);
    data += tensor->size_bytes;
  }
}

struct header_text {
  const json_t *root;
  char *header;
};

static void print_header(void *context)
{
  struct header_text *text = context;
  text->header = json_dumps(text->root, JSON_COMPACT);
}

enum rnn_status rnn_document_encode(const struct rnn_document *document, char **block, size_t *size_bytes,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t length, padded, size;
  struct header_text text = {.root = document->root};
  if (!rnn_json_try(print_header, &text) || text.header == NULL)
    return no_memory(error);
  char *header = text.header;
  length = strlen(header);
  padded = padded_length(document, length);
  if (padded > RNN_LIMIT_HEADER_BYTES)
    RNN_TRY(rnn_error_set(error, RNN_DATA, "the header of the document would be longer than %zu bytes",
                          RNN_LIMIT_HEADER_BYTES));
  if (!rnn_size_add(LENGTH_BYTES + padded, document->data_bytes, &size))
    RNN_TRY(no_memory(error));
  RNN_TRY(rnn_memory_new(block, size, 1, "an encoded document", error));
  fill_block(document, header, length, padded, *block);
  *size_bytes = size;
out:
  rnn_json_release(header);
  return status;
}

/* ---- reading ---- */

static uint64_t read_length(const void *bytes)
{
  const unsigned char *at = bytes;
  uint64_t length = 0;
  for (size_t i = 0; i < LENGTH_BYTES; i++)
    length |= (uint64_t)at[i] << (8 * i);
  return length;
}

bool rnn_document_begins(const void *bytes, size_t size)
{
  return size >= RNN_DOCUMENT_FIRST_BYTES && read_length(bytes) <= RNN_LIMIT_HEADER_BYTES &&
         ((const char *)bytes)[LENGTH_BYTES] == '{';
}

/* Nesting is bounded before the parser, which recurses, sees the text. */
static bool nests_too_deep(const char *text, size_t length)
{
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (in_string) {
      if (c == '\\')
        i++;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > RNN_LIMIT_JSON_DEPTH)
        return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      depth--;
    }
  }
  return false;
}

static enum rnn_status decode_metadata(struct rnn_document *document, json_t *metadata, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (!json_is_object(metadata))
    return rnn_error_set(error, RNN_DATA, "header: __metadata__ is not an object");
  const char *key;
  json_t *value;
  json_object_foreach(metadata, key, value)
  {
    if (!json_is_string(value))
      return rnn_error_set(error, RNN_DATA, "header: metadata '%.*s' is not a string", QUOTE_BYTES, key);
    RNN_TRY(add_pair(document, key, json_string_value(value), error));
  }
out:
  return status;
}

static bool decode_dtype(const json_t *json, enum rnn_dtype *dtype)
{
  if (!json_is_string(json))
    return false;
  for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++)
    if (strcmp(json_string_value(json), dtypes[i].name) == 0) {
      *dtype = (enum rnn_dtype)i;
      return true;
    }
  return false;
}

static bool decode_size(const json_t *json, size_t *size)
{
  json_int_t value = json_integer_value(json);
  if (!json_is_integer(json) || value < 0 || (uint64_t)value > SIZE_MAX)
    return false;
  *size = (size_t)value;
  return true;
}

/* Reads the shape; *size_bytes is what such a tensor takes. */
static bool decode_shape(const json_t *json, struct rnn_document_tensor *tensor, size_t *size_bytes)
{
  if (!json_is_array(json) || json_array_size(json) > RNN_MOST_DIMENSIONS)
    return false;
  tensor->dimensions = json_array_size(json);
  *size_bytes = rnn_dtype_bytes(tensor->dtype);
  bool fits = true;
  for (size_t i = 0; i < tensor->dimensions; i++)
    fits = fits && decode_size(json_array_get(json, i), &tensor->shape[i]) &&
           rnn_size_multiply(*size_bytes, tensor->shape[i], size_bytes);
  return fits;
}

static enum rnn_status decode_tensor(struct rnn_document *document, const char *name, const json_t *entry,
                                     const char *data, struct rnn_error *error)
{
  struct rnn_document_tensor tensor = {.name = name};
  size_t begin, end, wanted;
  if (!json_is_object(entry) || json_object_size(entry) != 3)
    return rnn_error_set(error, RNN_DATA, "header: tensor '%.*s' is not dtype, shape and data_offsets alone",
                         QUOTE_BYTES, name);
  if (!decode_dtype(json_object_get(entry, "dtype"), &tensor.dtype))
    return rnn_error_set(error, RNN_DATA, "header: tensor '%.*s': dtype is none of U8, I32, I64, F32, F64", QUOTE_BYTES,
                         name);
  if (!decode_shape(json_object_get(entry, "shape"), &tensor, &wanted))
    return rnn_error_set(error, RNN_DATA, "header: tensor '%.*s': shape is not a list of at most %d sizes", QUOTE_BYTES,
                         name, RNN_MOST_DIMENSIONS);
  const json_t *offsets = json_object_get(entry, "data_offsets");
  if (!json_is_array(offsets) || json_array_size(offsets) != 2 || !decode_size(json_array_get(offsets, 0), &begin) ||
      !decode_size(json_array_get(offsets, 1), &end) || begin > end || end > document->data_bytes)
    return rnn_error_set(error, RNN_DATA, "header: tensor '%.*s': data_offsets do not lie in the document", QUOTE_BYTES,
                         name);
  if (end - begin != wanted)
    return rnn_error_set(error, RNN_DATA, "header: tensor '%.*s': %zu bytes for a shape of %zu", QUOTE_BYTES, name,
                         end - begin, wanted);
  tensor.size_bytes = wanted;
  tensor.data = data + begin;
  return add_tensor(document, &tensor, error);
}

static int by_place(const void *a, const void *b)
{
  const struct rnn_document_tensor *left = a, *right = b;
  if (left->data != right->data)
    return (const char *)left->data < (const char *)right->data ? -1 : 1;
  return (left->size_bytes > right->size_bytes) - (left->size_bytes < right->size_bytes);
}

/* Tensors lie one behind the other from the first byte of the data to the last. Leaves them in that order. */
static enum rnn_status check_tiling(struct rnn_document *document, const char *data, struct rnn_error *error)
{
  size_t at = 0;
  if (document->tensors > 0)
    qsort(document->tensor, document->tensors, sizeof document->tensor[0], by_place);
  for (size_t i = 0; i < document->tensors; i++) {
    const struct rnn_document_tensor *tensor = &document->tensor[i];
    size_t begin = (size_t)((const char *)tensor->data - data);
    if (begin != at)
      return rnn_error_set(error, RNN_DATA, "header: tensor '%.*s' begins at byte %zu, %s", QUOTE_BYTES, tensor->name,
                           begin, begin < at ? "inside another" : "behind a hole");
    at += tensor->size_bytes;
  }
  if (at != document->data_bytes)
    return rnn_error_set(error, RNN_DATA, "header: %zu bytes behind the last tensor", document->data_bytes - at);
  return RNN_OK;
}

static enum rnn_status decode_root(struct rnn_document *document, const char *data, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const char *name;
  json_t *entry;
  json_object_foreach(document->root, name, entry)
  {
    if (strcmp(name, "__metadata__") == 0)
      RNN_TRY(decode_metadata(document, entry, error));
    else
      RNN_TRY(decode_tensor(document, name, entry, data, error));
  }
  RNN_TRY(check_tiling(document, data, error));
out:
  return status;
}

struct header {
  const char *text;
  size_t length;
  json_t *root;
  json_error_t why;
};

static void load_header(void *context)
{
  struct header *header = context;
  header->root = json_loadb(header->text, header->length, JSON_REJECT_DUPLICATES, &header->why);
}

static enum rnn_status parse_header(const char *text, size_t length, json_t **root, struct rnn_error *error)
{
  struct header header = {.text = text, .length = length};
  if (nests_too_deep(text, length))
    return rnn_error_set(error, RNN_DATA, "header: nested deeper than %d levels", RNN_LIMIT_JSON_DEPTH);
  json_object_seed((size_t)rnn_random_secret());
  json_set_alloc_funcs(rnn_json_allocate, rnn_json_release);
  if (!rnn_json_try(load_header, &header))
    return no_memory(error);
  *root = header.root;
  if (*root == NULL)
    return rnn_error_set(error, RNN_DATA, "header: byte %d: %s", header.why.position, header.why.text);
  if (!json_is_object(*root))
    return rnn_error_set(error, RNN_DATA, "header: not a JSON object");
  return RNN_OK;
}

enum rnn_status rnn_document_decode(struct rnn_document **document, const char *block, size_t size_bytes,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  *document = NULL;
  if (!rnn_document_begins(block, size_bytes))
    return rnn_error_set(error, RNN_DATA, "header: not a safetensors document");
  size_t length = (size_t)read_length(block);
  if (length > size_bytes - LENGTH_BYTES)
    return rnn_error_set(error, RNN_DATA, "header: declares %zu bytes, the document has %zu", length,
                         size_bytes - LENGTH_BYTES);
  RNN_TRY(rnn_memory_new(document, 1, sizeof **document, "a document", error));
  RNN_TRY(parse_header(block + LENGTH_BYTES, length, &(*document)->root, error));
  (*document)->data_bytes = size_bytes - LENGTH_BYTES - length;
  RNN_TRY(decode_root(*document, block + LENGTH_BYTES + length, error));
out:
  if (status != RNN_OK) {
    rnn_document_free(*document);
    *document = NULL;
  }
  return status;
}

/* ---- what is in it ---- */

const char *rnn_document_metadata(const struct rnn_document *document, const char *key)
{
  for (size_t i = 0; i < document->pairs; i++)
    if (strcmp(document->metadata[i].key, key) == 0)
      return document->metadata[i].value;
  return NULL;
}

size_t rnn_document_metadata_count(const struct rnn_document *document)
{
  return document->pairs;
}

const char *rnn_document_metadata_key(const struct rnn_document *document, size_t i)
{
  return document->metadata[i].key;
}

const char *rnn_document_strange_metadata(const struct rnn_document *document, const char *const *known)
{
  for (size_t i = 0; i < document->pairs; i++) {
    size_t k = 0;
    while (known[k] != NULL && strcmp(known[k], document->metadata[i].key) != 0)
      k++;
    if (known[k] == NULL)
      return document->metadata[i].key;
  }
  return NULL;
}

size_t rnn_document_tensors(const struct rnn_document *document)
{
  return document->tensors;
}

const struct rnn_document_tensor *rnn_document_tensor_at(const struct rnn_document *document, size_t i)
{
  return &document->tensor[i];
}

const struct rnn_document_tensor *rnn_document_tensor(const struct rnn_document *document, const char *name)
{
  for (size_t i = 0; i < document->tensors; i++)
    if (strcmp(document->tensor[i].name, name) == 0)
      return &document->tensor[i];
  return NULL;
}
