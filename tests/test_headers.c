/* Headers of models in which one number, or two, say something else: each is refused, at once and for little memory. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file_case.h"
#include "memory.h"
#include "memory_case.h"
#include "model_file.h"

enum { LEAST_HEADERS = 1000, MOST_MILLISECONDS = 50, MOST_BYTES = 16 << 20 };

static const char *const edges[] = {"0",
                                    "1",
                                    "7",
                                    "65535",
                                    "65536",
                                    "65537",
                                    "2147483647",
                                    "2147483648",
                                    "4294967295",
                                    "4294967296",
                                    "4294967297",
                                    "1073741824",
                                    "2305843009213693951",
                                    "2305843009213693952",
                                    "4611686018427387904",
                                    "9223372036854775807",
                                    "-1",
                                    "-9223372036854775808"};

struct document {
  char *block, *header;
  size_t size, header_bytes;
};

static struct document make_document(const struct model_case *what)
{
  struct document document;
  struct rnn_model *model = file_model(what);
  cr_assert_eq(rnn_model_encode(model, &document.block, &document.size, NULL), RNN_OK);
  rnn_model_free(model);
  document.header_bytes = 0;
  for (size_t i = 0; i < 8; i++)
    document.header_bytes |= (size_t)(unsigned char)document.block[i] << (8 * i);
  document.header = strndup(document.block + 8, document.header_bytes);
  return document;
}

static double cpu_milliseconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void expect_refused(const struct document *document, const char *header)
{
  const char *path = file_path("model");
  size_t header_bytes = strlen(header), data_bytes = document->size - 8 - document->header_bytes;
  char *changed = malloc(8 + header_bytes + data_bytes);
  for (size_t i = 0; i < 8; i++)
    changed[i] = (char)(header_bytes >> (8 * i));
  memcpy(changed + 8, header, header_bytes);
  memcpy(changed + 8 + header_bytes, document->block + 8 + document->header_bytes, data_bytes);
  file_write(path, changed, 8 + header_bytes + data_bytes);
  free(changed);
  struct rnn_model *model;
  struct rnn_error error = {.text = ""};
  double begun = cpu_milliseconds();
  cr_assert_eq(rnn_model_read(&model, path, &error), RNN_DATA, "%s", header);
  double taken = cpu_milliseconds() - begun;
  cr_assert_lt(taken, MOST_MILLISECONDS, "%g ms for %s", taken, header);
  cr_assert_eq(strncmp(error.text, path, strlen(path)), 0, "%s", error.text);
}

/* The numbers of shapes and offsets, one at a time; answers how many headers that were. */
static size_t change_each_number(const struct document *document)
{
  size_t tried = 0;
  char *changed = malloc(document->header_bytes + 64);
  for (const char *at = document->header; *at != '\0'; at++) {
    if (*at < '0' || *at > '9' || (at[-1] != '[' && at[-1] != ','))
      continue;
    size_t digits = strspn(at, "0123456789");
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
      sprintf(changed, "%.*s%s%s", (int)(at - document->header), document->header, edges[i], at + digits);
      if (strcmp(changed, document->header) == 0)
        continue;
      expect_refused(document, changed);
      tried++;
    }
  }
  free(changed);
  return tried;
}

/* Both sides of each matrix: products that overflow to something small. */
static size_t change_each_shape(const struct document *document)
{
  static const char *const pairs[] = {"65536,65536",           "2147483648,2",          "4294967296,4294967296",
                                      "4294967297,4294967295", "2305843009213693952,8", "2305843009213693953,8",
                                      "9223372036854775807,2"};
  size_t tried = 0;
  char *changed = malloc(document->header_bytes + 64);
  for (const char *at = document->header; (at = strstr(at, "\"shape\":[")) != NULL;) {
    at += strlen("\"shape\":[");
    const char *end = strchr(at, ']');
    if (memchr(at, ',', (size_t)(end - at)) == NULL)
      continue;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
      sprintf(changed, "%.*s%s%s", (int)(at - document->header), document->header, pairs[i], end);
      expect_refused(document, changed);
      tried++;
    }
  }
  free(changed);
  return tried;
}

Test(headers, a_thousand_hostile_ones)
{
  static const struct model_case cases[] = {
      {.task = RNN_TAG, .cell = "gru", .bidirectional = true, .unknown = true, .epochs = 2},
      {.task = RNN_CLASSIFY, .cell = "elman", .frames = true, .epochs = 1},
      {.task = RNN_TAG, .cell = "elman", .columns = true, .crf = true},
      {.task = RNN_COMPLETE, .cell = "lstm", .one_hot = true}};
  size_t tried = 0;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct document document = make_document(&cases[i]);
    size_t before = peak_bytes();
    tried += change_each_number(&document) + change_each_shape(&document);
    size_t grown = peak_bytes() - before;
    cr_assert(sanitized || grown < MOST_BYTES, "%zu", grown);
    free(document.header);
    rnn_memory_free(document.block);
  }
  cr_assert_geq(tried, LEAST_HEADERS, "%zu", tried);
  cr_log_info("%zu headers", tried);
}
