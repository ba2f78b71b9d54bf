/* Frames come back as they went out; whatever is cut, damaged or larger than it may be is refused, and cheaply. */
#include "container.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file_case.h"
#include "input_limits.h"
#include "memory.h"
#include "memory_case.h"

enum { LIMIT = 4 << 20 };

static struct rnn_input *open_bytes(const void *bytes, size_t size)
{
  struct rnn_input *raw;
  const char *path = file_path("frames.zst");
  file_write(path, bytes, size);
  cr_assert_eq(rnn_input_open_raw(&raw, path, NULL), RNN_OK);
  return raw;
}

/* The sentence without the directory of the test. */
static const char *sentence(const struct rnn_error *error)
{
  const char *name = strstr(error->text, "frames.zst");
  return name == NULL ? error->text : name;
}

static enum rnn_status read_one(const void *bytes, size_t size, const char *plain, size_t most, char **block,
                                size_t *got, struct rnn_error *error)
{
  struct rnn_input *raw = open_bytes(bytes, size);
  enum rnn_status status = rnn_container_read(raw, 3, plain, most, block, got, error);
  cr_assert(status == RNN_OK || (*block == NULL && *got == 0));
  rnn_input_close(raw);
  return status;
}

static void expect_refused(const void *bytes, size_t size, const char *wanted)
{
  struct rnn_error error = {.status = RNN_OK};
  char *block;
  size_t got;
  cr_assert_eq(read_one(bytes, size, NULL, LIMIT, &block, &got, &error), RNN_DATA, "%s", wanted);
  cr_assert_eq(strncmp(sentence(&error), "frames.zst: zstd frame 3: ", 26), 0, "%s", error.text);
  cr_assert_not_null(strstr(error.text, wanted), "'%s' is not in '%s'", wanted, error.text);
}

static char *numbers(size_t size)
{
  char *bytes = malloc(size);
  uint32_t state = 7;
  for (size_t i = 0; i < size; i++) {
    state = state * 1664525U + 1013904223U;
    bytes[i] = (char)(i % 5 == 0 ? state >> 24 : 'a');
  }
  return bytes;
}

Test(container, magic_numbers)
{
  cr_assert(rnn_container_is_zstd("\x28\xB5\x2F\xFD", 4));
  cr_assert(rnn_container_is_zstd("\x53\x2A\x4D\x18", 4), "a skippable frame");
  cr_assert(!rnn_container_is_zstd("\x28\xB5\x2F\xFD", 3));
  cr_assert(!rnn_container_is_zstd("text", 4));
}

Test(container, frames_come_back_one_by_one)
{
  static const size_t sizes[] = {1, 2, 100, 70000, 131072, 131073, 3000000};
  enum { COUNT = sizeof sizes / sizeof sizes[0] };
  const char *path = file_path("frames.zst");
  struct rnn_output *output;
  struct rnn_input *raw;
  char *block;
  size_t got;
  cr_assert_eq(rnn_output_open(&output, path, true, false, NULL), RNN_OK);
  for (size_t i = 0; i < COUNT; i++) {
    char *bytes = numbers(sizes[i]);
    cr_assert_eq(rnn_container_write(output, bytes, sizes[i], NULL), RNN_OK);
    free(bytes);
  }
  cr_assert_eq(rnn_output_finish(output, NULL), RNN_OK);
  cr_assert_eq(rnn_input_open_raw(&raw, path, NULL), RNN_OK);
  for (size_t i = 0; i < COUNT; i++) {
    char *bytes = numbers(sizes[i]);
    cr_assert_eq(rnn_container_read(raw, i + 1, NULL, LIMIT, &block, &got, NULL), RNN_OK);
    cr_assert_eq(got, sizes[i]);
    cr_assert(memcmp(block, bytes, got) == 0);
    rnn_memory_free(block);
    free(bytes);
  }
  for (int twice = 0; twice < 2; twice++) {
    cr_assert_eq(rnn_container_read(raw, COUNT + 1, NULL, LIMIT, &block, &got, NULL), RNN_OK);
    cr_assert(block == NULL && got == 0);
  }
  rnn_input_close(raw);
}

Test(container, same_content_same_bytes_with_size_and_checksum)
{
  char *bytes = numbers(500000), *file[2];
  size_t size[2];
  for (int i = 0; i < 2; i++) {
    struct rnn_output *output;
    const char *path = file_path("frames.zst");
    cr_assert_eq(rnn_output_open(&output, path, true, false, NULL), RNN_OK);
    cr_assert_eq(rnn_container_write(output, bytes, 500000, NULL), RNN_OK);
    cr_assert_eq(rnn_output_finish(output, NULL), RNN_OK);
    file[i] = file_read(path, &size[i]);
  }
  cr_assert(size[0] == size[1] && memcmp(file[0], file[1], size[0]) == 0);
  cr_assert(file[0][4] & 4, "checksum");
  cr_assert((unsigned char)file[0][4] >> 6 >= 1, "size");
  free(file[0]);
  free(file[1]);
  free(bytes);
}

Test(container, what_lacks_size_or_checksum_is_refused)
{
  char *bytes = numbers(300000);
  size_t size;
  char *frame = file_pack_as(bytes, 300000, false, true, 0, &size);
  expect_refused(frame, size, "has no checksum");
  free(frame);
  frame = file_pack_as(bytes, 300000, true, false, 0, &size);
  expect_refused(frame, size, "does not declare its size");
  free(frame);
  free(bytes);
}

Test(container, windows_past_8_MiB_are_refused)
{
  enum { MUCH = 10 << 20 };
  char *bytes = calloc(1, MUCH), *block;
  struct rnn_error error;
  size_t size, got;
  char *frame = file_pack_as(bytes, MUCH, true, true, 24, &size);
  cr_assert_eq(read_one(frame, size, NULL, MUCH, &block, &got, &error), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "its zstd window is larger than 8 MiB"), "%s", error.text);
  free(frame);
  frame = file_pack_as(bytes, MUCH, true, true, 23, &size);
  cr_assert_eq(read_one(frame, size, NULL, MUCH, &block, &got, &error), RNN_OK);
  rnn_memory_free(block);
  free(frame);
  free(bytes);
  expect_refused("\x28\xB5\x2F\xFD\x44\xA8\x00\x00\x01\x00\x00", 11, "window");
}

Test(container, other_frames_are_refused)
{
  expect_refused("\x50\x2A\x4D\x18\x00\x00\x00\x00", 8, "a skippable frame");
  expect_refused("hello, world", 12, "not a zstd frame, or cut off");
  expect_refused("\x28", 1, "not a zstd frame, or cut off");
  expect_refused("\x28\xB5\x2F\xFD\x25\x01\x01\x00\x00", 9, "compressed with a dictionary");
  expect_refused("\x28\xB5\x2F\xFD\x2C\x01\x00\x00\x00", 9, "a reserved bit");
  expect_refused("\x28\xB5\x2F\xFD\x24\x00\x01\x00\x00\x99\xE9\xD8\x51", 13, "is empty");
}

Test(container, a_frame_that_lies_about_its_size_is_refused)
{
  /* Declares 5 bytes, holds a raw block of 3 / 7; then declares 5 and repeats a byte 65536 times. */
  expect_refused("\x28\xB5\x2F\xFD\x24\x05\x19\x00\x00xyz\0\0\0\0", 16, "damaged");
  expect_refused("\x28\xB5\x2F\xFD\x24\x05\x39\x00\x00xxxxxxx\0\0\0\0", 20, "damaged");
  expect_refused("\x28\xB5\x2F\xFD\x24\x05\x03\x00\x08x\0\0\0\0", 14, "damaged");
}

/* What is declared costs nothing. */
Test(container, bombs_cost_nothing)
{
  static const char declared_10_GiB[] = "\x28\xB5\x2F\xFD\xC4\x68\x00\x00\x00\x80\x02\x00\x00\x00";
  static const char declared_900_MiB[] = "\x28\xB5\x2F\xFD\x84\x68\x00\x00\x40\x38\x03\x00\x00";
  static const char declared_all[] = "\x28\xB5\x2F\xFD\xC4\x68\xFD\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
  size_t before = peak_bytes(), got, size;
  char *block;
  struct rnn_error error;
  expect_refused(declared_10_GiB, 14, "declares 10737418240 bytes, the limit is 4194304");
  expect_refused(declared_all, 14, "declares");
  cr_assert_eq(read_one(declared_900_MiB, 13, "a model", RNN_LIMIT_MODEL_BYTES, &block, &got, &error), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "cut off"), "%s", error.text);
  char *frame = file_pack_zeros((size_t)64 << 20, &size);
  cr_assert_lt(size, 20000);
  expect_refused(frame, size, "declares 67108864 bytes");
  free(frame);
  size_t grown = peak_bytes() - before;
  cr_assert(sanitized || grown < (size_t)16 << 20, "%zu", grown);
}

Test(container, every_prefix_and_every_flipped_bit)
{
  char *bytes = numbers(700), *first, *both, *block;
  size_t first_size, got;
  first = file_pack(bytes, 700, &first_size);
  both = malloc(first_size);
  memcpy(both, first, first_size);
  for (size_t cut = 1; cut < first_size; cut++)
    expect_refused(both, cut, "");
  for (size_t bit = 0; bit < 8 * first_size; bit++) {
    struct rnn_error error = {.text = ""};
    both[bit / 8] = (char)(both[bit / 8] ^ 1 << bit % 8);
    if (read_one(both, first_size, NULL, LIMIT, &block, &got, &error) == RNN_OK) {
      cr_assert(got == 700 && memcmp(block, bytes, 700) == 0, "bit %zu is another answer", bit);
      rnn_memory_free(block);
    } else {
      cr_assert_eq(error.status, RNN_DATA);
      cr_assert_eq(strncmp(sentence(&error), "frames.zst: zstd frame 3: ", 26), 0, "%s", error.text);
    }
    both[bit / 8] = (char)(both[bit / 8] ^ 1 << bit % 8);
  }
  free(first);
  free(both);
  free(bytes);
}

Test(container, plain_documents)
{
  struct rnn_error error;
  char *block;
  size_t got;
  char document[10 + 100] = "\x02\0\0\0\0\0\0\0{}";
  cr_assert_eq(read_one(document, sizeof document, "a model", LIMIT, &block, &got, &error), RNN_OK);
  cr_assert(got == sizeof document && memcmp(block, document, got) == 0);
  rnn_memory_free(block);
  cr_assert_eq(read_one(document, sizeof document, "a model", 100, &block, &got, &error), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "larger than the limit"), "%s", error.text);
  cr_assert_eq(read_one(document, sizeof document, "a model", sizeof document, &block, &got, &error), RNN_OK);
  rnn_memory_free(block);
  expect_refused(document, sizeof document, "not a zstd frame");
  static const char *const other[] = {"hello, this is a text of some length", "short", "x", "\x02\0\0\0\0\0\0\0[]"};
  for (size_t i = 0; i < 4; i++) {
    cr_assert_eq(read_one(other[i], i == 3 ? 10 : strlen(other[i]), "a model", LIMIT, &block, &got, &error), RNN_DATA);
    cr_assert_str_eq(sentence(&error), "frames.zst: not a model (neither a zstd frame nor a safetensors document)");
  }
}

Test(container, a_long_plain_document_grows_as_it_comes)
{
  enum { SIZE = 3500001 };
  char *document = numbers(SIZE), *block;
  size_t got;
  memcpy(document, "\x02\0\0\0\0\0\0\0{}", 10);
  cr_assert_eq(read_one(document, SIZE, "a model", LIMIT, &block, &got, NULL), RNN_OK);
  cr_assert(got == SIZE && memcmp(block, document, got) == 0);
  rnn_memory_free(block);
  free(document);
}

/* ---- text ---- */

/* Inflates in steps of so many bytes in and out; *between as at the last step. Answers the text, freed with free. */
static enum rnn_status inflate(const char *bytes, size_t size, size_t step_in, size_t step_out, char **text,
                               size_t *length, bool *between, struct rnn_error *error)
{
  struct rnn_inflate *inflater;
  enum rnn_status status = RNN_OK;
  size_t at = 0, used, made, capacity = 1 << 20;
  *text = malloc(capacity);
  *length = 0;
  cr_assert_eq(rnn_inflate_create(&inflater, NULL), RNN_OK);
  do {
    size_t in = size - at < step_in ? size - at : step_in;
    cr_assert_leq(*length + step_out, capacity);
    status = rnn_inflate_run(inflater, bytes + at, in, &used, *text + *length, step_out, &made, between, error);
    at += used;
    *length += made;
  } while (status == RNN_OK && (at < size || made == step_out));
  rnn_inflate_free(inflater);
  return status;
}

static size_t append(char *to, size_t at, const char *bytes, size_t size)
{
  memcpy(to + at, bytes, size);
  return at + size;
}

Test(inflate, whatever_the_zstd_command_takes)
{
  static const size_t steps[] = {1, 2, 3, 7, 1000, 100000};
  char *bytes = numbers(50000), file[200000], *text;
  size_t size, at = 0, length;
  bool between;
  char *checked = file_pack(bytes, 20000, &size);
  at = append(file, at, checked, size);
  at = append(file, at, "\x5F\x2A\x4D\x18\x05\x00\x00\x00skip!", 13);
  char *bare = file_pack_as(bytes + 20000, 30000, false, false, 0, &size);
  at = append(file, at, bare, size);
  char *empty = file_pack(bytes, 0, &size);
  at = append(file, at, empty, size);
  for (size_t i = 0; i < 6; i++)
    for (size_t k = 0; k < 6; k++) {
      cr_assert_eq(inflate(file, at, steps[i], steps[k], &text, &length, &between, NULL), RNN_OK);
      cr_assert(between);
      cr_assert(length == 50000 && memcmp(text, bytes, length) == 0, "steps of %zu and %zu", steps[i], steps[k]);
      free(text);
    }
  free(checked);
  free(bare);
  free(empty);
  free(bytes);
}

Test(inflate, a_cut_is_told_from_an_end)
{
  char *bytes = numbers(2000), *text;
  size_t size, length;
  bool between;
  char *frame = file_pack(bytes, 2000, &size);
  for (size_t cut = 0; cut <= size; cut++) {
    cr_assert_eq(inflate(frame, cut, 100, 1000, &text, &length, &between, NULL), RNN_OK);
    cr_assert_eq(between, cut == 0 || cut == size, "cut at %zu", cut);
    free(text);
  }
  free(frame);
  free(bytes);
}

Test(inflate, damage_has_a_sentence)
{
  char *bytes = numbers(2000), *text;
  size_t size, length;
  bool between;
  struct rnn_error error;
  char *frame = file_pack(bytes, 2000, &size);
  frame[size - 1] ^= 1;
  cr_assert_eq(inflate(frame, size, size, 5000, &text, &length, &between, &error), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "damaged zstd data: "), "%s", error.text);
  free(text);
  frame[size - 1] ^= 1;
  char *more = malloc(size + 4);
  memcpy(more, frame, size);
  memcpy(more + size, "text", 4);
  cr_assert_eq(inflate(more, size + 4, 3, 5000, &text, &length, &between, &error), RNN_DATA);
  cr_assert_str_eq(error.text, "damaged zstd data: bytes after the end of a frame");
  free(text);
  cr_assert_eq(inflate("\x28\xB5\x2F\xFD\x00\xA8\x00\x00\x00", 9, 9, 100, &text, &length, &between, &error), RNN_DATA);
  cr_assert_str_eq(error.text, "its zstd window is larger than 128 MiB");
  free(text);
  free(more);
  free(frame);
  free(bytes);
}
