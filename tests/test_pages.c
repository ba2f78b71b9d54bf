/* The worked examples of the pages formats/container.md, sequences.md and model.md are what the programs read and
 * write. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "file_case.h"
#include "memory.h"
#include "model_file.h"
#include "predictor.h"
#include "stream_case.h"

static char *read_page(const char *name)
{
  const char *root = getenv("RNN_SOURCE");
  char path[1024];
  size_t size;
  snprintf(path, sizeof path, "%s/formats/%s", root == NULL ? "." : root, name);
  return file_read(path, &size);
}

/* The first block of this language, without its fences; freed with free. */
static char *fenced(const char *page, const char *language)
{
  char fence[32];
  snprintf(fence, sizeof fence, "\n```%s\n", language);
  const char *begin = strstr(page, fence);
  cr_assert_not_null(begin, "%s", language);
  begin += strlen(fence);
  return strndup(begin, (size_t)(strstr(begin, "```") - begin));
}

/* The bytes of lines "0000  01 02 03  what they are". */
static size_t parse_hex(const char *text, char *bytes)
{
  size_t size = 0;
  for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
    char *at;
    cr_assert_eq(strtoul(line, &at, 16), size, "offset of %.40s", line);
    at++;
    while (at[0] == ' ' && at[1] != ' ' && at[1] != '\n') {
      char pair[3] = {at[1], at[2], '\0'};
      bytes[size++] = (char)strtoul(pair, NULL, 16);
      at += 3;
    }
  }
  return size;
}

/* The document of a page: its header with blanks so that byte `aligned` of the data is at a multiple of 64. */
static size_t assemble(const char *page, size_t aligned, char *document)
{
  char *json = fenced(page, "json"), *hex = fenced(page, "hex");
  size_t length = 0;
  for (const char *c = json; *c != '\0'; c++)
    if (*c != '\n')
      document[8 + length++] = *c;
  while ((8 + length + aligned) % 64 != 0)
    document[8 + length++] = ' ';
  for (size_t i = 0; i < 8; i++)
    document[i] = (char)((uint64_t)length >> (8 * i));
  size_t size = 8 + length + parse_hex(hex, document + 8 + length);
  char said[64];
  int written = snprintf(said, sizeof said, "`");
  for (size_t i = 0; i < 8; i++)
    written += snprintf(said + written, sizeof said - (size_t)written, "%02x%s", (unsigned char)document[i],
                        i < 7 ? " " : "`");
  cr_assert_not_null(strstr(page, said), "the page does not say %s", said);
  free(json);
  free(hex);
  return size;
}

Test(pages, the_frame)
{
  char *page = read_page("container.md"), *hex = fenced(page, "hex"), bytes[256], *block;
  size_t size = parse_hex(hex, bytes), got;
  struct rnn_input *raw;
  const char *path = file_path("frame.zst");
  file_write(path, bytes, size);
  cr_assert_eq(rnn_input_open_raw(&raw, path, NULL), RNN_OK);
  cr_assert_eq(rnn_container_read(raw, 0, NULL, 1000, &block, &got, NULL), RNN_OK);
  cr_assert(got == 10 && memcmp(block, "\2\0\0\0\0\0\0\0{}", 10) == 0);
  rnn_memory_free(block);
  rnn_input_close(raw);
  free(hex);
  free(page);
}

Test(pages, the_stream)
{
  static const char *const tokens[] = {"deep", "ped"}, *const labels[] = {"word", "noise"};
  static const struct text_case example = {RNN_CLASSIFY, 0, 2, tokens, labels, NULL};
  char *page = read_page("sequences.md"), document[4096], *packed;
  size_t size = assemble(page, 0, document), packed_size, written_size;
  packed = file_pack(document, size, &packed_size);
  const char *path = file_path("page.seq.zst");
  file_write(path, packed, packed_size);
  char *told = expect_told(path);
  cr_assert_str_eq(told, "0 classify 0 char 0 label 0: 0 1 1 2\n"
                         "1 classify 0 char 0 label 1: 2 1 0\n"
                         "0 0 'd' 2\n0 1 'e' 3\n0 2 'p' 2\n1 0 'word' 1\n1 1 'noise' 1\n");
  struct rnn_stream_facts facts = {.task = RNN_CLASSIFY, .text = {.level = RNN_LEVEL_CHAR}};
  const char *ours = file_path("ours.seq.zst");
  struct writing writing;
  writing_begin(&writing, ours, &facts);
  writing_add(&writing, &example);
  writing_end(&writing);
  char *frame = file_read(ours, &packed_size), *written = file_unpack(frame, packed_size, &written_size);
  cr_assert(written_size == size && memcmp(written, document, size) == 0, "our writer writes the page's document");
  free(written);
  free(frame);
  free(told);
  free(packed);
  free(page);
}

static void take_word(void *context, size_t i, size_t t, size_t k, const real *y)
{
  cr_assert(i == 0 && t == 3 && k == 2);
  *(double *)context = (double)y[1];
}

static double answer_deep(const struct rnn_model *model)
{
  double word = -1;
  int32_t symbol[4];
  struct rnn_sequence deep = {.length = 4, .symbol = symbol, .label = RNN_ABSENT};
  struct rnn_answer answer = {.take = take_word, .context = &word};
  struct rnn_pool *pool;
  struct rnn_predictor *predictor;
  for (size_t t = 0; t < 4; t++)
    symbol[t] = rnn_model_symbol(model, &"deep"[t], 1);
  cr_assert_eq(rnn_pool_create(&pool, 1, NULL), RNN_OK);
  cr_assert_eq(rnn_predictor_create(&predictor, model, 1, pool, NULL), RNN_OK);
  cr_assert_eq(rnn_predictor_run(predictor, &deep, 1, &answer, NULL), RNN_OK);
  rnn_predictor_free(predictor);
  rnn_pool_free(pool);
  return word;
}

Test(pages, the_model)
{
  enum { BEFORE_WEIGHTS = 104 };
  char *page = read_page("model.md"), document[4096], *written;
  size_t size = assemble(page, BEFORE_WEIGHTS, document), written_size, data = 208;
  struct rnn_model *model;
  struct rnn_error error = {.text = ""};
  const char *path = file_path("page.safetensors");
  file_write(path, document, size);
  cr_assert_eq(rnn_model_read(&model, path, &error), RNN_OK, "%s", error.text);
  cr_assert(model->epochs == 1 && model->history[0].train_nats == 0.75 && isnan(model->history[0].valid_nats));
  cr_assert_eq(rnn_vocabulary_frequency(model->symbols, 0), 3);
  cr_assert_eq(model->data_digest, 0x0123456789abcdef);
  cr_assert_eq(model->parameters->value[2], -1);
  cr_assert_eq(rnn_model_encode(model, &written, &written_size, NULL), RNN_OK);
  cr_assert(memcmp(written + written_size - data, document + size - data, data) == 0, "tensors are in our order");
  const char *probability = strstr(page, "with the probability ");
  cr_assert_not_null(probability);
  cr_assert_float_eq(answer_deep(model), strtod(probability + strlen("with the probability "), NULL), 1e-6);
  rnn_memory_free(written);
  rnn_model_free(model);
  free(page);
}
