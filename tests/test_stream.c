/* A stream comes back as it went out, cut into blocks or not, and cat makes one of two. */
#include "stream.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "input_limits.h"
#include "memory.h"
#include "stream_case.h"

Test(stream, what_went_in_comes_out)
{
  char *told = expect_told(write_cases("a.seq.zst", (const struct text_case *[]){&some[1]}, 1, false));
  cr_assert_str_eq(told, "0 tag 0 byte 1 label -1: 0/0 1/1 2/0 0/0\n"
                         "1 tag 0 byte 1 label -1:\n"
                         "2 tag 0 byte 1 label -1: 1/-1\n"
                         "3 tag 0 byte 1 label -1: 3/2 3/0 3/0 3/0 3/0 3/0 3/0 3/-1\n"
                         "0 0 'a' 2\n0 1 'b' 2\n0 2 'c' 1\n0 3 'd' 8\n"
                         "1 0 'X' 9\n1 1 'Y' 1\n1 2 'Z' 1\n");
  free(told);
  told = expect_told(write_cases("a.seq.zst", (const struct text_case *[]){&some[2]}, 1, false));
  cr_assert_str_eq(told, "0 classify 0 byte 1 label 0: 0 1 2 0\n"
                         "1 classify 0 byte 1 label 1:\n"
                         "2 classify 0 byte 1 label -1: 1\n"
                         "3 classify 0 byte 1 label 0: 3 3 3 3 3 3 3 3\n"
                         "0 0 'a' 2\n0 1 'b' 2\n0 2 'c' 1\n0 3 'd' 8\n"
                         "1 0 'good' 2\n1 1 'bad' 1\n");
  free(told);
}

Test(stream, columns_come_back_with_their_names)
{
  char *told = expect_told(write_cases("a.seq.zst", (const struct text_case *[]){&some[5]}, 1, false));
  cr_assert_str_eq(told, "0 tag 0 byte 1 label -1: 0/0+-1 1/1+2 2/0+2 0/0+3\n"
                         "1 tag 0 byte 1 label -1:\n"
                         "2 tag 0 byte 1 label -1: 1/-1+3\n"
                         "3 tag 0 byte 1 label -1: 3/4+5 3/0+5 3/0+5 3/0+5 3/0+5 3/0+5 3/0+5 3/-1+2\n"
                         "0 0 'a' 2\n0 1 'b' 2\n0 2 'c' 1\n0 3 'd' 8\n"
                         "1 0 'a=X' 9\n1 1 'a=Y' 1\n1 2 'b=X' 3\n1 3 'b=Q' 2\n1 4 'a=Z' 1\n1 5 'b=P' 7\n");
  free(told);
}

Test(stream, frames_come_back_exactly)
{
  char *told = expect_told(write_cases("a.seq.zst", (const struct text_case *[]){&some[4]}, 1, false));
  cr_assert_eq(strncmp(told, "0 classify 3 word 0 label 0: 0x1.84p+6 0x1.85p+6 0x1.86p+6 0x1.88p+6", 68), 0, "%s",
               told);
  free(told);
}

Test(stream, nothing_written_is_an_empty_stream)
{
  struct writing writing;
  struct rnn_stream_facts facts = {.task = RNN_COMPLETE};
  const char *path = file_path("a.seq.zst");
  writing_begin(&writing, path, &facts);
  writing_end(&writing);
  char *told = expect_told(path);
  cr_assert_str_eq(told, "");
  free(told);
}

Test(stream, blocks_change_nothing_but_the_bytes)
{
  for (size_t i = 0; i < TEXT_CASES; i++) {
    const struct text_case *both[] = {&some[i], &more[i]};
    char *one = expect_told(write_cases("one.seq.zst", both, 2, false));
    char *two = expect_told(write_cases("two.seq.zst", both, 2, true));
    cr_assert_str_eq(one, two);
    free(one);
    free(two);
  }
}

/* The law of cat: numbers, strings and frequencies are those of one stream of both. */
Test(stream, cat_of_two_is_one_stream_of_both)
{
  for (size_t i = 0; i < TEXT_CASES; i++)
    for (int order = 0; order < 2; order++) {
      const struct text_case *both[] = {order == 0 ? &some[i] : &more[i], order == 0 ? &more[i] : &some[i], &some[i]};
      char *one = expect_told(write_cases("one.seq.zst", both, 3, false));
      const char *a = write_cases("a.seq.zst", both, 1, false), *b = write_cases("b.seq.zst", both + 1, 2, true);
      char *two = expect_told(concatenate("two.seq.zst", a, b));
      cr_assert_str_eq(one, two);
      free(one);
      free(two);
    }
}

Test(stream, cat_of_unlike_streams_is_refused)
{
  static const struct {
    size_t a, b;
    const char *sentence;
  } unlike[] = {{1, 2, "zstd frame 2: task 'classify', but 'tag' in the blocks before"},
                {0, 1, "zstd frame 2: task 'tag', but 'complete' in the blocks before"},
                {1, 3, "zstd frame 2: frames, but symbols in the blocks before"},
                {4, 2, "zstd frame 2: symbols, but frames in the blocks before"}};
  for (size_t i = 0; i < sizeof unlike / sizeof unlike[0]; i++) {
    const char *a = write_cases("a.seq.zst", (const struct text_case *[]){&some[unlike[i].a]}, 1, false);
    const char *b = write_cases("b.seq.zst", (const struct text_case *[]){&some[unlike[i].b]}, 1, false);
    expect_refused_stream(concatenate("two.seq.zst", a, b), unlike[i].sentence);
  }
}

Test(stream, the_same_content_is_the_same_bytes)
{
  size_t size[2];
  char *file[2];
  for (int i = 0; i < 2; i++)
    file[i] = file_read(write_cases("a.seq.zst", (const struct text_case *[]){&some[1], &more[1]}, 2, true), &size[i]);
  cr_assert(size[0] == size[1] && memcmp(file[0], file[1], size[0]) == 0);
  free(file[0]);
  free(file[1]);
}

/* A million and a half steps, many of them new strings: blocks of at most about 1 MiB, all of it comes back. */
Test(stream, long_streams_are_cut_into_blocks)
{
  enum { SEQUENCES = 5000, STEPS = 300 };
  struct writing writing;
  struct rnn_stream_facts facts = {.task = RNN_CLASSIFY, .text = {RNN_LEVEL_WORD, false}}, read_facts;
  const char *path = file_path("long.seq.zst");
  writing_begin(&writing, path, &facts);
  int32_t symbol[STEPS];
  for (size_t i = 0; i < SEQUENCES; i++) {
    for (size_t t = 0; t < STEPS; t++) {
      char word[32];
      size_t length = (size_t)snprintf(word, sizeof word, "%zu", t < 10 ? 10 * i + t : i * t % 1000);
      symbol[t] = number_of(writing.symbols, word, length);
    }
    struct rnn_sequence sequence = {.length = STEPS, .symbol = symbol, .label = (int32_t)(i % 2)};
    number_of(writing.labels, i % 2 ? "odd" : "even", i % 2 ? 3 : 4);
    cr_assert_eq(rnn_stream_writer_add(writing.writer, &sequence, writing.symbols, writing.labels, NULL), RNN_OK);
  }
  writing_end(&writing);
  struct reading reading;
  struct rnn_sequence sequence;
  bool at_end;
  reading_begin(&reading, path);
  for (size_t i = 0; i < SEQUENCES; i++) {
    cr_assert_eq(rnn_stream_reader_next(reading.reader, &sequence, &read_facts, &at_end, NULL), RNN_OK);
    cr_assert(!at_end && sequence.length == STEPS && sequence.index == i && sequence.label == (int32_t)(i % 2));
    char word[32];
    size_t length, t = i % STEPS;
    snprintf(word, sizeof word, "%zu", t < 10 ? 10 * i + t : i * t % 1000);
    cr_assert_str_eq(rnn_vocabulary_string(rnn_stream_reader_symbols(reading.reader), sequence.symbol[t], &length),
                     word);
  }
  cr_assert_eq(rnn_stream_reader_next(reading.reader, &sequence, &read_facts, &at_end, NULL), RNN_OK);
  cr_assert(at_end);
  reading_end(&reading);
  struct rnn_input *raw;
  size_t frames = 0, size = 1;
  cr_assert_eq(rnn_input_open_raw(&raw, path, NULL), RNN_OK);
  while (size > 0) {
    char *block;
    cr_assert_eq(rnn_container_read(raw, 1, NULL, (1 << 20) + 65536, &block, &size, NULL), RNN_OK);
    frames += size > 0;
    rnn_memory_free(block);
  }
  rnn_input_close(raw);
  cr_assert(frames >= 6 && frames <= 9, "%zu", frames);
}

Test(stream, what_no_reader_takes_is_not_written)
{
  struct writing writing;
  struct rnn_error error;
  struct rnn_stream_facts facts = {.task = RNN_COMPLETE};
  char *word = malloc(RNN_LIMIT_TOKEN_BYTES + 1);
  int32_t zero = 0;
  memset(word, 'w', RNN_LIMIT_TOKEN_BYTES + 1);
  struct rnn_sequence sequence = {.length = 1, .symbol = &zero, .label = RNN_ABSENT};
  writing_begin(&writing, file_path("a.seq.zst"), &facts);
  number_of(writing.symbols, word, RNN_LIMIT_TOKEN_BYTES);
  cr_assert_eq(rnn_stream_writer_add(writing.writer, &sequence, writing.symbols, NULL, &error), RNN_OK);
  number_of(writing.symbols, word, RNN_LIMIT_TOKEN_BYTES + 1);
  cr_assert_eq(rnn_stream_writer_add(writing.writer, &sequence, writing.symbols, NULL, &error), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "65537 bytes, the limit is 65536"), "%s", error.text);
  sequence.length = RNN_LIMIT_BLOCK_BYTES / 4 + 1;
  cr_assert_eq(rnn_stream_writer_add(writing.writer, &sequence, NULL, NULL, &error), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "a sequence of 67108865 steps, the limit is 67108864"), "%s", error.text);
  writing_end(&writing);
  free(word);
}
