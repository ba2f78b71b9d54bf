/* The fuzz targets on mutants of samples: the same ones in every run. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz/fuzz.h"
#include "file_case.h"
#include "memory.h"
#include "model_file.h"
#include "stream_case.h"

enum { MOST_BYTES = 4000 };

static uint64_t draw(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* Changes, removes, repeats or puts in a few bytes; answers the new size. */
static size_t mutate(uint8_t *bytes, size_t size, uint64_t *state)
{
  static const uint8_t telling[] = "\n\r\t ,#_{}[]\"\\0123-.e:\x80\xC3\xA9\xE2\xEF\xF0\xFF(";
  uint8_t old[MOST_BYTES];
  size_t at = size > 0 ? draw(state) % size : 0, count = 1 + draw(state) % 8;
  memcpy(old, bytes, size);
  count = count < size - at ? count : size - at;
  switch (draw(state) % 4) {
  case 0:
    if (size > 0)
      bytes[at] = (uint8_t)(bytes[at] ^ 1 << draw(state) % 8);
    return size;
  case 1:
    memmove(bytes + at, old + at + count, size - at - count);
    return size - count;
  case 2:
    if (size + count > MOST_BYTES)
      return size;
    memcpy(bytes + at + count, old + at, size - at);
    return size + count;
  default:
    if (size == MOST_BYTES)
      return size;
    memcpy(bytes + at + 1, old + at, size - at);
    bytes[at] = telling[draw(state) % sizeof telling];
    return size + 1;
  }
}

static void run_mutants(int (*target)(const uint8_t *, size_t), const void *sample, size_t size, unsigned mutants)
{
  uint64_t state = 0x9E3779B97F4A7C15;
  cr_assert_leq(size, (size_t)MOST_BYTES);
  for (unsigned i = 0; i < mutants; i++) {
    uint8_t bytes[MOST_BYTES];
    size_t now = size;
    memcpy(bytes, sample, size);
    for (uint64_t changes = draw(&state) % 6; changes > 0; changes--)
      now = mutate(bytes, now, &state);
    uint8_t *exact = malloc(now + 1); /* so that a sanitizer sees one byte too many */
    memcpy(exact, bytes, now);
    cr_assert_eq(target(exact, now), 0);
    free(exact);
  }
}

/* The first byte chooses the format in the order of rnn_formats; strict UTF-8, +16 for each other way with it. */
static const char *const records[] = {
    "\0Some text. Don't stop <br /> 1,000.5\r\n\n\xC3\x89t\xC3\xA9 \xE2\x80\x9Cx\xE2\x80\x9D\n",
    "\1pos\tgood film\nneg\tbad\tfilm\n",
    "\2__label__a b c\n__label__d e\n",
    "\3# sent_id = 1\n1-2\tDon't\t_\t_\t_\t_\t_\t_\t_\t_\n1\tDo\tdo\tAUX\tV\t_\t0\troot\t_\t_\n"
    "2\tn't\tnot\tPART\tR\t_\t1\tadvmod\t_\t_\n2.1\te\t_\t_\t_\t_\t_\t_\t_\t_\n\n# end\n\n",
    "\4a\tX\nb\tY\n\n\nParis\tB-LOC\nis\tO\n\n",
    "\5{\"text\":\"a b\",\"label\":\"x\",\"key\":1}\n{\"tokens\":[\"a\",\"b\"],\"tags\":[\"X\",null]}\n\n"
    "{\"frames\":[[1,2],[3,4.5]],\"label\":\"w\"}\n",
    "\6# label: a\n# key: b\n1 2.5 -3e-2\n4,5 ,6\n\n\n1 2 3\nnan 1 2\n\n"};

static size_t size_of(const char *sample)
{
  return 1 + strlen(sample + 1);
}

Test(fuzz, mutants_of_records)
{
  for (size_t i = 0; i < sizeof records / sizeof *records; i++)
    for (unsigned setting = 0; setting < 48; setting += 16) {
      char sample[MOST_BYTES];
      size_t size = size_of(records[i]);
      memcpy(sample, records[i], size);
      sample[0] = (char)((unsigned)sample[0] + setting);
      run_mutants(fuzz_reader, sample, size, 400);
    }
}

Test(fuzz, mutants_of_compressed_records)
{
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
    char sample[MOST_BYTES];
    size_t packed;
    char *frame = file_pack_as(records[i] + 1, size_of(records[i]) - 1, i % 2, true, 0, &packed);
    sample[0] = records[i][0];
    memcpy(sample + 1, frame, packed);
    run_mutants(fuzz_reader, sample, packed + 1, 400);
    free(frame);
  }
}

Test(fuzz, mutants_of_text)
{
  static const char *const text[] = {
      "Don't stop. <br /> 3.14 1,000 a.b a_1 it's 10/10!!!",
      "\xC4\xB0\xCE\xA3\xCE\x91\xCE\xA3 \xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB "
      "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA \xCC\x81 l\xE2\x80\x99x\xC2\xA0y \xD7\x90\"\xD7\x91"};
  for (size_t i = 0; i < sizeof text / sizeof *text; i++)
    run_mutants(fuzz_token, text[i], strlen(text[i]), 10000);
}

Test(fuzz, mutants_of_numbers)
{
  static const char *const text[] = {"-1.5e-7", "9007199254740993", "10m",           "1e999", "0.1234567890123456789",
                                     "3.4e38",  "5e-324",           "1.1754944e-38", "0x1p3", "+.5"};
  for (size_t i = 0; i < sizeof text / sizeof *text; i++)
    run_mutants(fuzz_number, text[i], strlen(text[i]), 3000);
}

Test(fuzz, mutants_of_vectors)
{
  static const char *const text[] = {"3 2\nthe 0.5 -1e-3 \n\xC3\xA9 1 2 \nx y 3 4 \n", "a .5 1\nb 2 3\nthe 4 5\n"};
  for (size_t i = 0; i < sizeof text / sizeof *text; i++)
    run_mutants(fuzz_embeddings, text[i], strlen(text[i]), 3000);
}

/* Sealed and plain. */
static void run_document_mutants(int (*target)(const uint8_t *, size_t), const char *document, size_t size)
{
  uint8_t sample[MOST_BYTES];
  cr_assert_lt(size, (size_t)MOST_BYTES);
  memcpy(sample + 1, document, size);
  for (uint8_t sealed = 0; sealed < 2; sealed++) {
    sample[0] = sealed;
    run_mutants(target, sample, size + 1, 500);
  }
}

Test(fuzz, mutants_of_models)
{
  static const struct model_case cases[] = {{.task = RNN_TAG, .cell = "gru", .unknown = true, .epochs = 1},
                                            {.task = RNN_CLASSIFY, .cell = "elman", .frames = true},
                                            {.task = RNN_COMPLETE, .cell = "lstm", .learned_start = true},
                                            {.task = RNN_TAG, .cell = "gru", .features = true, .crf = true},
                                            {.task = RNN_CLASSIFY, .cell = "elman", .frames = true, .joints = true},
                                            {.task = RNN_CLASSIFY, .cell = "elman", .wide = true},
                                            {.task = RNN_TAG, .cell = "gru", .columns = true},
                                            {.task = RNN_TAG, .cell = "elman", .columns = true, .crf = true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct rnn_model *model = file_model(&cases[i]);
    char *block;
    size_t size;
    cr_assert_eq(rnn_model_encode(model, &block, &size, NULL), RNN_OK);
    run_document_mutants(fuzz_model, block, size);
    rnn_memory_free(block);
    rnn_model_free(model);
  }
}

Test(fuzz, mutants_of_streams)
{
  for (size_t i = 0; i < TEXT_CASES; i++) {
    size_t size, document_bytes;
    char *frame = file_read(write_cases("a.seq.zst", (const struct text_case *[]){&some[i]}, 1, false), &size);
    char *document = file_unpack(frame, size, &document_bytes);
    run_document_mutants(fuzz_stream, document, document_bytes);
    free(document);
    free(frame);
  }
}

Test(fuzz, mutants_of_configs)
{
  static const char *const text[] = {"\0cell: lstm\nstate: 7\nlearning_rate: 1e-3\nbidirectional: true # both\n",
                                     "\1state=9\nepochs=3\ndropout=0.5\ncell=gru\noptimizer=momentum\n"};
  for (size_t i = 0; i < sizeof text / sizeof *text; i++)
    run_mutants(fuzz_config, text[i], size_of(text[i]), 2000);
}

/* A byte for the format, four that choose how to train, the corpus. */
Test(fuzz, mutants_of_corpora)
{
  static const char *const corpora[] = {"\0abcdcode abba", "\1zyxwpos\tgood film\nneg\tbad film\npos\tgood\n",
                                        "\4stuva\tX\nab\tY\n\nabc\tX\nb\tY\n\n",
                                        "\6klmn# label: a\n1 2 3\n3 4 5\n\n# label: b\n5 6 7\n\n"};
  for (size_t i = 0; i < sizeof corpora / sizeof *corpora; i++)
    for (char setting = 0; setting < 16; setting++) {
      char sample[MOST_BYTES];
      size_t size = size_of(corpora[i]);
      memcpy(sample, corpora[i], size);
      sample[1] = (char)(sample[1] + setting);
      run_mutants(fuzz_train, sample, size, 20);
    }
}

Test(fuzz, mutants_of_checkpoints)
{
  static const char changes[] = "\1\0\20\x7F\x40\20\x80\0\1 ";
  run_mutants(fuzz_checkpoint, changes, sizeof changes - 1, 2000);
}

Test(fuzz, mutants_of_states)
{
  static const char changes[] = "\1\0\20\x7F\x40\20\x80\0\1 ";
  run_mutants(fuzz_state, changes, sizeof changes - 1, 2000);
}

/* Frames of documents, and documents. */
Test(fuzz, mutants_of_containers)
{
  size_t size, document_bytes;
  uint8_t sample[MOST_BYTES];
  char *frame = file_read(write_cases("a.seq.zst", (const struct text_case *[]){&some[0]}, 1, false), &size);
  char *document = file_unpack(frame, size, &document_bytes);
  sample[0] = 0;
  memcpy(sample + 1, frame, size);
  run_mutants(fuzz_container, sample, size + 1, 1000);
  for (uint8_t kind = 1; kind < 3; kind++) {
    sample[0] = kind;
    memcpy(sample + 1, document, document_bytes);
    run_mutants(fuzz_container, sample, document_bytes + 1, 1000);
  }
  free(document);
  free(frame);
}
