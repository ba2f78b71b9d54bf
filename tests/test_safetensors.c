/* Documents come back as they went in, and no header, however evil, is believed. */
#include "safetensors.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input_limits.h"
#include "memory.h"

/* A document of this header and `data_bytes` zeros; freed with free. */
static char *craft(const char *header, size_t header_bytes, uint64_t declared, size_t data_bytes, size_t *size_bytes)
{
  *size_bytes = 8 + header_bytes + data_bytes;
  char *block = calloc(1, *size_bytes);
  for (size_t i = 0; i < 8; i++)
    block[i] = (char)(declared >> (8 * i));
  memcpy(block + 8, header, header_bytes);
  return block;
}

static enum rnn_status decode_crafted(const char *header, size_t data_bytes, struct rnn_error *error)
{
  size_t size;
  char *block = craft(header, strlen(header), strlen(header), data_bytes, &size);
  struct rnn_document *document;
  enum rnn_status status = rnn_document_decode(&document, block, size, error);
  cr_assert(status == RNN_OK || document == NULL);
  rnn_document_free(document);
  free(block);
  return status;
}

static char *sample(size_t *size_bytes)
{
  static const float weight[2][3] = {{1, 2, 3}, {4, 5, -6}};
  static const int64_t count[2] = {7, INT64_MIN};
  static const char text[3] = "abc";
  struct rnn_document *document;
  char *block;
  cr_assert_eq(rnn_document_create(&document, NULL), RNN_OK);
  cr_assert_eq(rnn_document_add_metadata(document, "format", "sample/1", NULL), RNN_OK);
  cr_assert_eq(rnn_document_add_metadata(document, "config", "a: \"b\"\nc: d\n", NULL), RNN_OK);
  cr_assert_eq(rnn_document_add_tensor(document, "count", RNN_I64, (size_t[]){2}, 1, count, NULL), RNN_OK);
  cr_assert_eq(rnn_document_add_tensor(document, "weight", RNN_F32, (size_t[]){2, 3}, 2, weight, NULL), RNN_OK);
  cr_assert_eq(rnn_document_add_tensor(document, "nothing", RNN_I32, (size_t[]){0}, 1, NULL, NULL), RNN_OK);
  cr_assert_eq(rnn_document_add_tensor(document, "text", RNN_U8, (size_t[]){3}, 1, text, NULL), RNN_OK);
  cr_assert_eq(rnn_document_encode(document, &block, size_bytes, NULL), RNN_OK);
  rnn_document_free(document);
  return block;
}

static const char sample_header[] = "{\"__metadata__\":{\"format\":\"sample/1\",\"config\":\"a: \\\"b\\\"\\nc: d\\n\"},"
                                    "\"count\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]},"
                                    "\"weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[16,40]},"
                                    "\"nothing\":{\"dtype\":\"I32\",\"shape\":[0],\"data_offsets\":[40,40]},"
                                    "\"text\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[40,43]}}";

Test(safetensors, bytes_are_those_of_the_specification)
{
  size_t size;
  char *block = sample(&size);
  size_t header = (unsigned char)block[0] | (size_t)(unsigned char)block[1] << 8;
  cr_assert_eq(size, 8 + header + 43);
  cr_assert(memcmp(block + 2, "\0\0\0\0\0\0", 6) == 0);
  cr_assert(memcmp(block + 8, sample_header, strlen(sample_header)) == 0);
  for (size_t i = strlen(sample_header); i < header; i++)
    cr_assert_eq(block[8 + i], ' ');
  cr_assert_lt(header - strlen(sample_header), 64);
  cr_assert_eq((8 + header + 16) % 64, 0, "the first F32 tensor is aligned");
  cr_assert(memcmp(block + 8 + header,
                   "\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\0\0\x80\x3F\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xA0\x40\0\0"
                   "\xC0\xC0"
                   "abc",
                   43) == 0);
  rnn_memory_free(block);
}

Test(safetensors, what_went_in_comes_out)
{
  size_t size;
  char *block = sample(&size);
  struct rnn_document *document;
  struct rnn_error error;
  cr_assert_eq(rnn_document_decode(&document, block, size, &error), RNN_OK);
  cr_assert_str_eq(rnn_document_metadata(document, "format"), "sample/1");
  cr_assert_str_eq(rnn_document_metadata(document, "config"), "a: \"b\"\nc: d\n");
  cr_assert_null(rnn_document_metadata(document, "Format"));
  cr_assert_eq(rnn_document_metadata_count(document), 2);
  cr_assert_str_eq(rnn_document_metadata_key(document, 1), "config");
  cr_assert_eq(rnn_document_tensors(document), 4);
  const struct rnn_document_tensor *weight = rnn_document_tensor(document, "weight");
  cr_assert_eq(weight->dtype, RNN_F32);
  cr_assert_eq(weight->dimensions, 2);
  cr_assert(weight->shape[0] == 2 && weight->shape[1] == 3 && weight->size_bytes == 24);
  float last[2];
  rnn_document_copy(weight, 4, 2, last);
  cr_assert(last[0] == 5 && last[1] == -6);
  int64_t least;
  rnn_document_copy(rnn_document_tensor(document, "count"), 1, 1, &least);
  cr_assert_eq(least, INT64_MIN);
  cr_assert_eq(rnn_document_tensor(document, "nothing")->size_bytes, 0);
  cr_assert_null(rnn_document_tensor(document, "weigh"));
  rnn_document_free(document);
  rnn_memory_free(block);
}

Test(safetensors, twice_the_same_name_is_our_bug)
{
  struct rnn_document *document;
  struct rnn_error error;
  cr_assert_eq(rnn_document_create(&document, NULL), RNN_OK);
  cr_assert_eq(rnn_document_add_metadata(document, "a", "1", &error), RNN_OK);
  cr_assert_eq(rnn_document_add_metadata(document, "a", "2", &error), RNN_BUG);
  cr_assert_eq(rnn_document_add_tensor(document, "b", RNN_U8, (size_t[]){0}, 1, NULL, &error), RNN_OK);
  cr_assert_eq(rnn_document_add_tensor(document, "b", RNN_U8, (size_t[]){0}, 1, NULL, &error), RNN_BUG);
  rnn_document_free(document);
}

Test(safetensors, other_orders_and_blanks_are_documents_too)
{
  cr_assert_eq(decode_crafted("{}", 0, NULL), RNN_OK);
  cr_assert_eq(decode_crafted("{\"b\": {\"data_offsets\": [4, 8], \"shape\": [2, 2], \"dtype\": \"U8\"}, "
                              "\"a\": {\"shape\": [], \"dtype\": \"F32\", \"data_offsets\": [0, 4]}, "
                              "\"__metadata__\": {}}   ",
                              8, NULL),
               RNN_OK);
}

Test(safetensors, evil_headers)
{
  static const struct {
    const char *header;
    size_t data_bytes;
    const char *sentence;
  } evil[] = {
      {"{", 0, "header: byte 1: string or '}' expected"},
      {"{}x", 0, "end of file expected"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{}}", 1, "duplicate object key"},
      {"{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "duplicate object key"},
      {"{\"__metadata__\":[]}", 0, "__metadata__ is not an object"},
      {"{\"__metadata__\":{\"k\":1}}", 0, "metadata 'k' is not a string"},
      {"{\"__metadata__\":{\"k\":\"\\u0000\"}}", 0, "NUL"},
      {"{\"__metadata__\":{\"k\":\"\xFF\"}}", 0, "unable to decode byte 0xff"},
      {"{\"a\":1}", 0, "tensor 'a' is not dtype, shape and data_offsets alone"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"more\":1}}", 0, "alone"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"offsets\":[0,0]}}", 0, "data_offsets do not lie"},
      {"{\"a\":{\"dtype\":\"F8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "dtype is none of"},
      {"{\"a\":{\"dtype\":7,\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "dtype is none of"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,1]}}", 1, "shape is not"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1, "shape is not"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1, "shape is not"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":\"1\",\"data_offsets\":[0,1]}}", 1, "shape is not"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775808],\"data_offsets\":[0,1]}}", 1, "too big integer"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0, "shape is not"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, "shape is not"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}}", 1, "tensor 'a': 1 bytes for a shape of 2"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1, "do not lie in the document"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, "do not lie in the document"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 1, "do not lie in the document"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 2, "1 bytes behind the last tensor"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2,
       "tensor 'a' begins at byte 1, behind a hole"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
       "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
       3, "tensor 'b' begins at byte 1, inside another"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
       "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
       2, "inside another"},
      {"{}", 1, "1 bytes behind the last tensor"},
  };
  for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
    struct rnn_error error = {.status = RNN_OK};
    cr_assert_eq(decode_crafted(evil[i].header, evil[i].data_bytes, &error), RNN_DATA, "%s", evil[i].header);
    cr_assert_not_null(strstr(error.text, evil[i].sentence), "%s: %s", evil[i].header, error.text);
    cr_assert_eq(strncmp(error.text, "header: ", 8), 0, "%s", error.text);
  }
}

Test(safetensors, evil_lengths_of_the_header)
{
  static const uint64_t evil[] = {0,
                                  1,
                                  3,
                                  UINT64_MAX,
                                  UINT64_MAX - 7,
                                  (uint64_t)1 << 63,
                                  10ULL << 30,
                                  RNN_LIMIT_HEADER_BYTES,
                                  RNN_LIMIT_HEADER_BYTES + 1};
  for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
    size_t size;
    char *block = craft("{}", 2, evil[i], 0, &size);
    struct rnn_document *document;
    struct rnn_error error;
    cr_assert_eq(rnn_document_decode(&document, block, size, &error), RNN_DATA);
    free(block);
  }
}

Test(safetensors, deep_nesting_is_refused_before_it_is_parsed)
{
  char header[200] = "{\"a\":";
  memset(header + 5, '[', 100);
  struct rnn_error error;
  cr_assert_eq(decode_crafted(header, 0, &error), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "nested deeper than 32 levels"), "%s", error.text);
  cr_assert_eq(
      decode_crafted("{\"__metadata__\":{\"k\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[\"}}", 0, &error),
      RNN_OK, "brackets in a string nest nothing");
}

/* Each integer of the header in turn is replaced by values at every edge. */
Test(safetensors, every_number_at_every_edge)
{
  static const char *const edges[] = {"0",          "1",          "2",          "15",         "16",
                                      "17",         "39",         "41",         "43",         "44",
                                      "255",        "256",        "65536",      "2147483647", "2147483648",
                                      "4294967295", "4294967296", "4294967297", "-1",         "2305843009213693952",
                                      "1e3",        "00",         "",           "null",       "9223372036854775807",
                                      "[]",         "{}",         "\"8\"",      "0.0",        "18446744073709551615"};
  size_t tried = 0;
  for (const char *at = strstr(sample_header, "\"count\""); *at != '\0'; at++) {
    if ((*at < '0' || *at > '9') || (at[-1] != '[' && at[-1] != ','))
      continue;
    size_t digits = strspn(at, "0123456789");
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
      char header[1024];
      snprintf(header, sizeof header, "%.*s%s%s", (int)(at - sample_header), sample_header, edges[i], at + digits);
      if (strcmp(header, sample_header) != 0)
        cr_assert_eq(decode_crafted(header, 43, NULL), RNN_DATA, "%s", header);
      tried++;
    }
  }
  cr_assert_eq(tried, 13 * sizeof edges / sizeof edges[0]);
}

Test(safetensors, every_prefix_and_every_flipped_bit)
{
  size_t size;
  char *block = sample(&size);
  struct rnn_document *document;
  for (size_t cut = 0; cut < size; cut++) {
    char *copy = malloc(cut + 1); /* a block of its own, so that a sanitizer sees a read past its end */
    memcpy(copy, block, cut);
    cr_assert_eq(rnn_document_decode(&document, copy, cut, NULL), RNN_DATA, "cut at %zu", cut);
    free(copy);
  }
  for (size_t bit = 0; bit < 8 * size; bit++) {
    block[bit / 8] = (char)(block[bit / 8] ^ 1 << bit % 8);
    if (rnn_document_decode(&document, block, size, NULL) == RNN_OK) {
      cr_assert_leq(rnn_document_tensors(document), 4);
      rnn_document_free(document);
    }
    block[bit / 8] = (char)(block[bit / 8] ^ 1 << bit % 8);
  }
  rnn_memory_free(block);
}
