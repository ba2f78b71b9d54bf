/* No damaged file, and no file that contradicts itself, is taken for a model. */
#include "model_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../fuzz/answers.h"
#include "file_case.h"
#include "memory.h"

static const struct model_case tagger = {
    .task = RNN_TAG, .cell = "elman", .unknown = true, .learned_start = true, .epochs = 2};
static const struct model_case speller_of_words = {.task = RNN_TAG, .cell = "gru", .features = true};
static const struct model_case gestures = {.task = RNN_CLASSIFY, .cell = "elman", .frames = true, .epochs = 1};
static const struct model_case dancers = {
    .task = RNN_CLASSIFY, .cell = "gru", .frames = true, .joints = true, .epochs = 1};
static const struct model_case chunker = {.task = RNN_TAG, .cell = "elman", .crf = true};
static const struct model_case several = {.task = RNN_TAG, .cell = "elman", .crf = true, .columns = true};
static const struct model_case speller = {.task = RNN_COMPLETE, .cell = "lstm", .one_hot = true};
static const struct model_case reviews = {.task = RNN_CLASSIFY, .cell = "elman", .wide = true};

static char *document_of(const struct model_case *what, size_t *size)
{
  struct rnn_model *model = file_model(what);
  char *block;
  cr_assert_eq(rnn_model_encode(model, &block, size, NULL), RNN_OK);
  rnn_model_free(model);
  return block;
}

static void expect_refused(const char *path, enum rnn_status wanted_status, const char *wanted)
{
  struct rnn_model *model;
  struct rnn_error error = {.text = ""};
  cr_assert_eq(rnn_model_read(&model, path, &error), wanted_status, "%s", wanted);
  cr_assert_null(model);
  cr_assert_eq(strncmp(error.text, path, strlen(path)), 0, "%s", error.text);
  cr_assert_not_null(strstr(error.text, wanted), "'%s' is not in '%s'", wanted, error.text);
}

static const char *write_bytes(const char *name, const void *bytes, size_t size)
{
  const char *path = file_path(name);
  file_write(path, bytes, size);
  return path;
}

static const char *write_packed(const char *name, const void *bytes, size_t size)
{
  size_t packed;
  char *frame = file_pack(bytes, size, &packed);
  const char *path = write_bytes(name, frame, packed);
  free(frame);
  return path;
}

/* A document of a header alone. */
static const char *write_header(const char *header)
{
  char block[256] = {(char)strlen(header)};
  memcpy(block + 8, header, strlen(header));
  return write_packed("a", block, 8 + strlen(header));
}

/* ---- what is no model ---- */

Test(hostile_model, what_is_not_there)
{
  expect_refused(file_path("missing"), RNN_NO_INPUT, "missing: No such file or directory");
  const char *directory = file_path("directory");
  cr_assert_eq(mkdir(directory, 0700), 0);
  expect_refused(directory, RNN_NO_INPUT, "directory: Is a directory");
  rmdir(directory);
  const char *secret = write_bytes("secret", "x", 1);
  chmod(secret, 0);
  if (geteuid() != 0)
    expect_refused(secret, RNN_NO_INPUT, "secret: Permission denied");
}

Test(hostile_model, what_is_something_else)
{
  static const char text[] = "What a wonderful film, I laughed and cried.\n";
  expect_refused(write_bytes("empty", "", 0), RNN_DATA, "empty: empty, not a model");
  expect_refused(write_bytes("review.txt", text, strlen(text)), RNN_DATA, "review.txt: not a model (neither a zstd");
  expect_refused(write_packed("review.zst", text, strlen(text)), RNN_DATA, "review.zst: not a model (compressed data");
  expect_refused(write_header("{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"more\":\"1\"}}"), RNN_DATA,
                 "a: is a sequence stream, not a model");
  expect_refused(write_header("{\"__metadata__\":{\"format\":\"rnn-checkpoint/1\"}}"), RNN_DATA,
                 "a: is a checkpoint, not a model");
  expect_refused(write_header("{\"__metadata__\":{\"format\":\"rnn-model/2\"}}"), RNN_DATA,
                 "a: 'rnn-model/2' is not a format this program reads; rnn-model/1 is");
  expect_refused(write_header("{}"), RNN_DATA, "a: not a model (a document without metadata 'format')");
}

Test(hostile_model, one_byte_more)
{
  size_t size, packed;
  char *block = document_of(&tagger, &size), *frame = file_pack(block, size, &packed);
  char *longer = calloc(1, size + 1), *twice = malloc(2 * packed);
  memcpy(longer, block, size);
  expect_refused(write_bytes("a", longer, size + 1), RNN_DATA, "a: header: 1 bytes behind the last tensor");
  expect_refused(write_packed("a", longer, size + 1), RNN_DATA, "a: header: 1 bytes behind the last tensor");
  memcpy(twice, frame, packed);
  memcpy(twice + packed, frame, packed);
  expect_refused(write_bytes("a", twice, 2 * packed), RNN_DATA, "a: bytes after the end of the model");
  expect_refused(write_bytes("a", twice, packed + 1), RNN_DATA, "a: bytes after the end of the model");
  free(longer);
  free(twice);
  free(frame);
  rnn_memory_free(block);
}

/* ---- what contradicts itself ---- */

/* The document with the first `from` of its header replaced; written as a file. */
static const char *edit(const struct model_case *what, const char *from, const char *to)
{
  size_t size, old_header = 0;
  char *block = document_of(what, &size);
  for (size_t i = 0; i < 8; i++)
    old_header |= (size_t)(unsigned char)block[i] << (8 * i);
  char *header = strndup(block + 8, old_header), *at = strstr(header, from);
  cr_assert_not_null(at, "%s in %s", from, header);
  size_t before = (size_t)(at - header), header_bytes = old_header - strlen(from) + strlen(to);
  char *edited = calloc(1, 8 + header_bytes + size);
  for (size_t i = 0; i < 8; i++)
    edited[i] = (char)(header_bytes >> (8 * i));
  memcpy(edited + 8, header, before);
  memcpy(edited + 8 + before, to, strlen(to));
  memcpy(edited + 8 + before + strlen(to), at + strlen(from), old_header - before - strlen(from));
  memcpy(edited + 8 + header_bytes, block + 8 + old_header, size - 8 - old_header);
  const char *path = write_packed("edited", edited, header_bytes + size - old_header);
  free(edited);
  free(header);
  rnn_memory_free(block);
  return path;
}

Test(hostile_model, documents_that_contradict_themselves)
{
  static const struct {
    const struct model_case *what;
    const char *from, *to, *sentence;
  } evil[] = {
      {&tagger, "\"task\":\"tag\"", "\"task\":\"tags\"", "metadata 'task' is 'tags', 'complete', 'tag' or 'classify'"},
      {&tagger, "\"task\":\"tag\",", "", "metadata 'task' is missing"},
      {&tagger, "\"task\":\"tag\"", "\"task\":\"complete\"", "has no place in this model"},
      {&gestures, "\"task\":\"classify\"", "\"task\":\"complete\"", "task 'complete' needs symbols, not frames"},
      {&tagger, "\"level\":\"char\"", "\"level\":\"Char\"", "metadata 'level' is 'Char'"},
      {&tagger, "\"lowercase\":\"true\"", "\"lowercase\":\"yes\"", "metadata 'lowercase' is 'yes'"},
      {&tagger, "\"unknown\":\"true\"", "\"unknown\":\"false\"", "tensor 'embedding' is not F32 [5, 2]"},
      {&tagger,
       "\"config\":", "\"author\":\"me\",\"config\":", "metadata 'author' have no place in a model of symbols"},
      {&tagger,
       "\"config\":", "\"frame_width\":\"5\",\"config\":", "metadata 'level' have no place in a model of frames"},
      {&gestures, "\"frame_width\":\"5\"", "\"frame_width\":\"0\"", "metadata 'frame_width' is '0', at least 1"},
      {&gestures, "\"frame_width\":\"5\"", "\"frame_width\":\"65537\"", "metadata 'frame_width' is '65537'"},
      {&gestures, "\"frame_width\":\"5\"", "\"frame_width\":\"05\"", "metadata 'frame_width' is '05'"},
      {&gestures, "\"frame_width\":\"5\"", "\"frame_width\":\"6\"", "tensor 'layer0.U' is not F32 [3, 6]"},
      {&dancers, "\"frame_width\":\"6\"", "\"frame_width\":\"7\"", "config: joints: 7 numbers a frame are no joints"},
      {&dancers, "\"frame_width\":\"6\"", "\"frame_width\":\"9\"", "tensor 'layer0.U' is not F32 [9, 24]"},
      {&dancers, "motion: velocity", "motion: none", "tensor 'layer0.U' is not F32 [9, 9]"},
      {&dancers, "standardise: true", "standardise: false", "tensor 'frame.mean' has no place in this model"},
      {&gestures, "standardise: auto", "standardise: true", "tensor 'frame.mean' is missing"},
      {&dancers, "\"frame.mean\"", "\"frame.Mean\"", "tensor 'frame.Mean' has no place in this model"},
      {&dancers, "\"frame.deviation\":{\"dtype\":\"F32\",\"shape\":[18]",
       "\"frame.deviation\":{\"dtype\":\"F32\",\"shape\":[2,9]",
       "tensor 'frame.deviation' is not F32 [18], as it has to be here"},
      {&tagger, "\"best_epoch\":\"2\"", "\"best_epoch\":\"-2\"", "metadata 'best_epoch' is '-2'"},
      {&tagger, "\"best_epoch\":\"2\"", "\"best_epoch\":\"4294967296\"", "metadata 'best_epoch' is '4294967296'"},
      {&tagger, "\"train_steps\":\"18446744073709551615\"", "\"train_steps\":\"18446744073709551616\"",
       "metadata 'train_steps' is '18446744073709551616'"},
      {&tagger, "0000000000abcdef", "abcdef", "metadata 'data_digest' is 'abcdef', 16 hexadecimal digits"},
      {&tagger, "0000000000abcdef", "0000000000ABCDEF", "metadata 'data_digest'"},
      {&tagger, "cell: elman", "cell: elmo", "edited: config: cell: there is no cell 'elmo'"},
      {&tagger, "state: 3", "state: 4", "tensor 'layer0.U' is not F32 [4, 2], as it has to be here"},
      {&tagger, "state: 3", "stat: 3", "edited: config:"},
      {&tagger, "state: 3", "state: 65536", "tensor 'layer0.U' is not F32 [65536, 2], as it has to be here"},
      {&tagger, "layers: 1", "layers: 2", "tensor 'layer1.U' is missing"},
      {&tagger, "bidirectional: false", "bidirectional: true", "tensor 'layer0.reverse.U' is missing"},
      {&tagger, "start: learned", "start: zero", "tensor 'layer0.s0' has no place in this model"},
      {&speller, "bidirectional: false", "bidirectional: true", "config: bidirectional: "},
      {&tagger, "\"layer0.W\"", "\"layer0.X\"", "tensor 'layer0.X' has no place in this model"},
      {&chunker, "output: crf", "output: softmax", "tensor 'output.A' has no place in this model"},
      {&chunker, "output: crf", "output: auto", "tensor 'output.A' has no place in this model"},
      {&tagger, "output: auto", "output: crf", "tensor 'output.A' is missing"},
      {&gestures, "output: auto", "output: crf", "config: output: "},
      {&chunker, "\"output.A\"", "\"output.a\"", "tensor 'output.a' has no place in this model"},
      {&chunker, "\"shape\":[6,4]", "\"shape\":[4,6]", "tensor 'output.A' is not F32 [6, 4]"},
      {&chunker, "\"shape\":[6,4]", "\"shape\":[24]", "tensor 'output.A' is not F32 [6, 4]"},
      {&chunker, "\"shape\":[6,4]", "\"shape\":[5,4]", "tensor 'output.A': "},
      {&several, "\"columns\":\"b,a\"", "\"columns\":\"b\"", "metadata 'columns' is 'b', a list of two to eight"},
      {&several, "\"columns\":\"b,a\"", "\"columns\":\"b,,a\"", "metadata 'columns' is 'b,,a', a list"},
      {&several, "\"columns\":\"b,a\"", "\"columns\":\"b,c\"", "label 0 is of no column"},
      {&several, "\"columns\":\"b,a\"", "\"columns\":\"b,a,c\"", "the column 'c' has none"},
      {&several, "\"columns\":\"b,a\",", "", "tensor 'output.1.A' has no place in this model"},
      {&several, "\"columns\":\"b,a\"", "\"columns\":\"a,b\"", "tensor 'output.A' is not F32 [5, 3]"},
      {&several, "\"output.1.A\"", "\"output.2.A\"", "tensor 'output.2.A' has no place in this model"},
      {&several, "output: crf", "output: softmax", "tensor 'output.A' has no place in this model"},
      {&reviews, "\"level\":", "\"columns\":\"b,a\",\"level\":", "metadata 'columns' is 'b,a', a list"},
      {&reviews, "\"wide.bias\"", "\"wide.base\"", "tensor 'wide.base' has no place in this model"},
      {&reviews, "\"task\":\"classify\"", "\"task\":\"tag\"", "tensor 'wide.share' has no place in this model"},
      {&reviews, "\"wide.share\":{\"dtype\":\"F32\",\"shape\":[2]", "\"wide.share\":{\"dtype\":\"I32\",\"shape\":[2]",
       "tensor 'wide.share' is not F32"},
      {&reviews, "\"wide.key\":{\"dtype\":\"I32\",\"shape\":[4]", "\"wide.key\":{\"dtype\":\"I32\",\"shape\":[2,2]",
       "tensor 'wide.key' is not I32"},
      {&reviews, "\"shape\":[4,4],\"data", "\"shape\":[2,8],\"data", "tensor 'wide.weight' is not F16"},
      {&tagger, "\"history\"", "\"History\"", "tensor 'History' has no place in this model"},
      {&tagger, "\"vocabulary.frequency\"", "\"vocabulary.Frequency\"", "tensor 'vocabulary.frequency' is missing"},
      {&tagger, "\"labels\"", "\"Labels\"", "tensor 'labels' is missing"},
      {&tagger, "\"F64\",\"shape\":[2,8]", "\"F64\",\"shape\":[4,4]", "tensor 'history' is not F64 [epochs, 8]"},
      {&tagger, "\"shape\":[6,2]", "\"shape\":[2,6]", "tensor 'embedding' is not F32 [6, 2]"},
      {&tagger, "\"shape\":[6,2]", "\"shape\":[12]", "tensor 'embedding' is not F32 [6, 2]"},
      {&tagger, "\"shape\":[6,2],\"data_offsets\":[", "\"shape\":[6,2],\"data_offsets\":[1",
       "tensor 'embedding': data_offsets do not lie in the document"},
      {&tagger, "\"shape\":[6,2]", "\"shape\":[1073741824,10]", "tensor 'embedding': "},
      {&speller_of_words, "features: true", "features: false", "has no place in this model"},
      {&tagger, "features: false", "features: true", "tensor 'features.key' is missing"},
      {&speller_of_words, "\"features.key\"", "\"features.Key\"", "tensor 'features.key' is missing"},
      {&speller_of_words, "\"I32\",\"shape\":[3]", "\"I32\",\"shape\":[3,1]", "tensor 'features.key' "},
      {&speller_of_words, "\"shape\":[3,2]", "\"shape\":[2,3]", "tensor 'features' is not F32 [3, 2]"},
      {&speller_of_words, "embedding: 2", "embedding: none", "config: features: "},
      {&tagger, "\"config\":\"", "\"config\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "edited: config:1:1: "},
  };
  for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++)
    expect_refused(edit(evil[i].what, evil[i].from, evil[i].to), RNN_DATA, evil[i].sentence);
}

static size_t data_of(const char *block, const char *name)
{
  size_t header = (unsigned char)block[0] | (size_t)(unsigned char)block[1] << 8;
  char key[64];
  snprintf(key, sizeof key, "\"%s\":{", name);
  char *text = strndup(block + 8, header), *at = strstr(strstr(text, key), "data_offsets\":[") + 15;
  size_t offset = 8 + header + strtoul(at, NULL, 10);
  free(text);
  return offset;
}

struct evil_number {
  const char *tensor;
  size_t offset, size_bytes;
  const char *bytes, *sentence;
};

static void expect_evil(const struct model_case *what, const struct evil_number *evil, size_t count)
{
  size_t size;
  char *block = document_of(what, &size), *changed = malloc(size);
  for (size_t i = 0; i < count; i++) {
    memcpy(changed, block, size);
    memcpy(changed + data_of(block, evil[i].tensor) + evil[i].offset, evil[i].bytes, evil[i].size_bytes);
    expect_refused(write_bytes("changed", changed, size), RNN_DATA, evil[i].sentence);
    expect_refused(write_packed("changed", changed, size), RNN_DATA, evil[i].sentence);
  }
  free(changed);
  rnn_memory_free(block);
}

Test(hostile_model, numbers_that_mean_nothing)
{
  static const struct evil_number of_reviews[] = {
      {"wide.key", 4, 4, "\0\0\0\0", "wide.key[1] does not rise"},
      {"wide.key", 0, 4, "\xFF\xFF\xFF\xFF", "wide.key[0] does not rise"},
      {"wide.weight", 2 * 5, 2, "\0\x7E", "tensor 'wide.weight': element 5 is not finite"},
      {"wide.bias", 4, 4, "\0\0\x80\x7F", "tensor 'wide.bias': element 1 is not finite"},
      {"wide.share", 4, 4, "\0\0\x80\xBF", "wide.share[1] is below zero"},
      {"wide.share", 0, 4, "\0\0\xC0\x7F", "tensor 'wide.share': element 0 is not finite"},
  };
  static const struct evil_number of_chunker[] = {
      {"output.A", 4 * 23, 4, "\0\0\x80\x7F", "tensor 'output.A': element 23 is not finite"},
      {"output.A", 0, 4, "\0\0\xC0\xFF", "tensor 'output.A': element 0 is not finite"},
  };
  static const struct evil_number of_dancers[] = {
      {"frame.mean", 4, 4, "\0\0\xC0\x7F", "tensor 'frame.mean': element 1 is not finite"},
      {"frame.deviation", 8, 4, "\0\0\x80\x7F", "tensor 'frame.deviation': element 2 is not finite and above 0"},
      {"frame.deviation", 8, 4, "\0\0\0\x80", "tensor 'frame.deviation': element 2 is not finite and above 0"},
      {"frame.deviation", 0, 4, "\0\0\x80\xBF", "tensor 'frame.deviation': element 0 is not finite and above 0"},
  };
  static const struct evil_number evil[] = {
      {"layer0.W", 4 * 7, 4, "\0\0\xC0\x7F", "tensor 'layer0.W': element 7 is not finite"},
      {"output.c", 4 * 3, 4, "\0\0\x80\xFF", "tensor 'output.c': element 3 is not finite"},
      {"embedding", 0, 4, "\xFF\xFF\xFF\xFF", "tensor 'embedding': element 0 is not finite"},
      {"vocabulary.frequency", 8, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "vocabulary.frequency[1] is below zero"},
      {"history", 0, 8, "\0\0\0\0\0\0\xF8\x3F", "history[0] does not begin with two whole numbers"},
      {"history", 8 * 8, 8, "\0\0\0\0\0\0\xF8\x7F", "history[1] does not begin with two whole numbers"},
      {"history", 8, 8, "\0\0\0\0\0\0\xF0\xBF", "history[0] does not begin with two whole numbers"},
      {"vocabulary.length", 4, 4, "\xFF\xFF\xFF\xFF", "vocabulary.length[1] is -1, not a length up to 65536"},
      {"vocabulary.length", 4, 4, "\1\0\1\0", "vocabulary.length[1] is 65537, not a length up to 65536"},
      {"vocabulary.length", 4, 4, "\3\0\0\0", "vocabulary: lengths add up to 9, there are 8 bytes"},
      {"labels", 0, 2, "\xFF\x32", "labels: '\xFF\x32' is there twice"},
  };
  expect_evil(&tagger, evil, sizeof evil / sizeof evil[0]);
  expect_evil(&reviews, of_reviews, sizeof of_reviews / sizeof of_reviews[0]);
  expect_evil(&chunker, of_chunker, sizeof of_chunker / sizeof of_chunker[0]);
  expect_evil(&dancers, of_dancers, sizeof of_dancers / sizeof of_dancers[0]);
}

Test(hostile_model, features_out_of_order)
{
  static const char *const bytes[] = {"\0\0\0\0", "\xFF\xFF\xFF\xFF", "\xFF\xFF\xFF\x7F"};
  static const char *const wanted[] = {"features.key[1] does not rise", "features.key[1] does not rise",
                                       "features.key[2] does not rise"};
  size_t size;
  char *block = document_of(&speller_of_words, &size);
  for (size_t i = 0; i < 3; i++) {
    memcpy(block + data_of(block, "features.key") + 4, bytes[i], 4);
    expect_refused(write_bytes("changed", block, size), RNN_DATA, wanted[i]);
    expect_refused(write_packed("changed", block, size), RNN_DATA, wanted[i]);
  }
  rnn_memory_free(block);
}

#ifndef RNN_DOUBLE
/* A program that predicts reads a damaged row of the embedding only where a symbol leads there. */
Test(hostile_model, rows_are_checked_when_they_are_read)
{
  size_t size;
  char *block = document_of(&tagger, &size);
  const int32_t one[] = {0, 1}, other[] = {0, 2};
  const size_t bad = 2 * 2 + 1; /* row 2, of two */
  memcpy(block + data_of(block, "embedding") + 4 * bad, "\0\0\x80\x7F", 4);
  for (int packed = 0; packed < 2; packed++) {
    const char *path = packed ? write_packed("changed", block, size) : write_bytes("changed", block, size);
    struct rnn_model *model;
    struct rnn_error error = {.text = ""};
    cr_assert_eq(rnn_model_read(&model, path, &error), RNN_DATA);
    cr_assert_eq(rnn_model_open(&model, path, &error), RNN_OK, "%s", error.text);
    cr_assert_eq(rnn_parameters_check_rows(model->parameters, one, 2, &error), RNN_OK);
    cr_assert_eq(rnn_parameters_check_rows(model->parameters, other, 2, &error), RNN_DATA);
    char wanted[96];
    snprintf(wanted, sizeof wanted, "the model: tensor 'embedding': element %zu is not finite", bad);
    cr_assert_str_eq(error.text, wanted);
    rnn_model_free(model);
  }
  rnn_memory_free(block);
}
#endif

Test(hostile_model, what_is_not_finite_is_not_written)
{
  struct rnn_model *model = file_model(&tagger);
  struct rnn_error error;
  char *block;
  size_t size;
  int c = rnn_parameters_find(model->parameters, "output.c");
  model->parameters->value[model->parameters->layout.tensor[c].offset + 2] = (real)(1e300 * 1e300);
  cr_assert_eq(rnn_model_encode(model, &block, &size, &error), RNN_DATA);
  cr_assert_str_eq(error.text, "the model cannot be written: output.c[2] is not finite");
  cr_assert_null(block);
  rnn_model_free(model);
}

/* ---- damage ---- */

/* RNN_DATA with the name of the file; or the model of `block`; or, if it may, any model that answers and can be
 * written. */
static void expect_damage(const char *path, const char *block, size_t size, bool may_differ, const char *what,
                          size_t at)
{
  struct rnn_model *model;
  struct rnn_error error = {.text = ""};
  enum rnn_status status = rnn_model_read(&model, path, &error);
  cr_assert(status == RNN_OK || status == RNN_DATA, "%s %zu: %s", what, at, error.text);
  if (status == RNN_DATA) {
    cr_assert_eq(strncmp(error.text, path, strlen(path)), 0, "%s %zu: %s", what, at, error.text);
    return;
  }
  char *again;
  size_t again_size;
  cr_assert_eq(rnn_model_encode(model, &again, &again_size, NULL), RNN_OK, "%s %zu", what, at);
  if (may_differ)
    fuzz_answers(model);
  else
    cr_assert(again_size == size && memcmp(again, block, size) == 0, "%s %zu is another model", what, at);
  rnn_memory_free(again);
  rnn_model_free(model);
}

static const struct model_case *const damaged[] = {&tagger,  &gestures, &speller, &speller_of_words,
                                                   &chunker, &dancers,  &reviews, &several};
enum { DAMAGED = sizeof damaged / sizeof damaged[0] };

Test(hostile_model, every_prefix)
{
  for (size_t i = 0; i < DAMAGED; i++) {
    size_t size, packed;
    char *block = document_of(damaged[i], &size), *frame = file_pack(block, size, &packed);
    for (size_t cut = 0; cut < packed; cut++)
      expect_refused(write_bytes("cut", frame, cut), RNN_DATA, "cut: ");
    for (size_t cut = 0; cut < size; cut++)
      expect_refused(write_bytes("cut", block, cut), RNN_DATA, "cut: ");
    for (size_t cut = 1; cut < size; cut += 7)
      expect_refused(write_packed("cut", block, cut), RNN_DATA, "cut: ");
    free(frame);
    rnn_memory_free(block);
  }
}

/* Of three models; of the others one in three, where there is no time for all. */
Test(hostile_model, every_flipped_bit)
{
  size_t bits = 0;
  for (size_t i = 0; i < DAMAGED; i++) {
    size_t size, packed, every = i < 3 || getenv("RNN_LONG") != NULL ? 1 : 3;
    char *block = document_of(damaged[i], &size), *frame = file_pack(block, size, &packed);
    const char *path = file_path("flipped");
    for (size_t bit = 0; bit < 8 * packed; bit += every, bits++) {
      frame[bit / 8] = (char)(frame[bit / 8] ^ 1 << bit % 8);
      file_write(path, frame, packed);
      expect_damage(path, block, size, false, "bit", bit);
      frame[bit / 8] = (char)(frame[bit / 8] ^ 1 << bit % 8);
    }
    free(frame);
    rnn_memory_free(block);
  }
  cr_log_info("%zu bits", bits);
}

static void flip_under_a_mended_checksum(const char *path, const char *block, char *changed, size_t size, size_t bit)
{
  changed[bit / 8] = (char)(block[bit / 8] ^ 1 << bit % 8);
  file_write(path, changed, size);
  expect_damage(path, block, size, true, "bit", bit);
  write_packed("flipped", changed, size);
  expect_damage(path, block, size, true, "bit", bit);
  changed[bit / 8] = block[bit / 8];
}

/* The damage is in the document and the checksum fits it: every 13th bit, plain and sealed again; every bit where there
 * is time. */
Test(hostile_model, flipped_under_a_mended_checksum)
{
  size_t cases = 0, every = getenv("RNN_LONG") != NULL ? 1 : 13;
  for (size_t i = 0; i < DAMAGED; i++) {
    size_t size;
    char *block = document_of(damaged[i], &size), *changed = malloc(size);
    memcpy(changed, block, size);
    for (size_t bit = 0; bit < 8 * size; bit += every, cases += 2)
      flip_under_a_mended_checksum(file_path("flipped"), block, changed, size, bit);
    free(changed);
    rnn_memory_free(block);
  }
  cr_log_info("%zu cases", cases);
}
