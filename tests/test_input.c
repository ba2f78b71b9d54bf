/* Inputs: lines and bytes as they are, whatever the pieces they come in. */
#include "input.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include <zstd.h>

#include "file_case.h"
#include "memory.h"
#include "text_case.h"

static const struct rnn_input_settings strict = {.utf8 = RNN_UTF8_STRICT, .record_end = '\n'};

static struct rnn_input *open_named(const char *name)
{
  struct rnn_input *input;
  struct rnn_error error = {.text = ""};
  cr_assert_eq(rnn_input_open(&input, name, &strict, &error), RNN_OK, "%s", error.text);
  return input;
}

static void expect_lines(const char *bytes, size_t size, enum rnn_utf8 utf8, char record_end, size_t most,
                         const char *wanted)
{
  struct rnn_input *input = text_open(bytes, size, utf8, record_end, most);
  char *got = text_lines(input);
  cr_expect_str_eq(got, wanted, "%s, not %s", got, wanted);
  free(got);
  rnn_input_close(input);
}

#define EXPECT_LINES(bytes, wanted) expect_lines(bytes, sizeof(bytes) - 1, RNN_UTF8_STRICT, '\n', 0, wanted)

Test(input, lines)
{
  EXPECT_LINES("", "");
  EXPECT_LINES("a", "[a]");
  EXPECT_LINES("a\n", "[a]");
  EXPECT_LINES("\n", "[]");
  EXPECT_LINES("a\n\nb\n", "[a][][b]");
  EXPECT_LINES("a\r\nb\r\n\r\n", "[a][b][]");
  EXPECT_LINES("a\rb\r\n", "[a\rb]");
  EXPECT_LINES("a\r", "[a\r]");
  EXPECT_LINES("a\r\r\n", "[a\r]");
  EXPECT_LINES(" \t\n", "[ \t]");
  EXPECT_LINES("\xC3\xA9\n\xE2\x82\xAC\n\xF0\x9F\x98\x80", "[\xC3\xA9][\xE2\x82\xAC][\xF0\x9F\x98\x80]");
}

Test(input, mark_at_the_start_alone)
{
  EXPECT_LINES("\xEF\xBB\xBF", "");
  EXPECT_LINES("\xEF\xBB\xBF\n", "[]");
  EXPECT_LINES("\xEF\xBB\xBF"
               "a\n\xEF\xBB\xBF"
               "b\n",
               "[a][\xEF\xBB\xBF"
               "b]");
  expect_lines("\xEF\xBB\xBFx", 4, RNN_UTF8_BYTES, '\n', 0, "[x]");
  struct rnn_input *input = text_open("\xEF\xBB\xBFx", 4, RNN_UTF8_STRICT, '\n', 0);
  free(text_lines(input));
  cr_expect(rnn_input_had_bom(input));
  rnn_input_close(input);
}

Test(input, nul_ends_records)
{
  expect_lines("a\nb\0c\r\n\0\0d", 10, RNN_UTF8_STRICT, '\0', 0, "[a\nb][c\r\n][][d]");
}

Test(input, line_ends_and_numbers)
{
  static const struct {
    const char *end;
    size_t bytes;
  } wanted[] = {{"\n", 1}, {"\r\n", 2}, {"", 0}};
  struct rnn_input *input = text_open("a\nb\r\nc", 6, RNN_UTF8_STRICT, '\n', 0);
  struct rnn_error error;
  const char *line;
  size_t length, end_bytes;
  cr_expect_eq(rnn_input_line(input), 0U);
  for (size_t i = 0; i < 3; i++) {
    cr_assert_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
    cr_expect_eq(rnn_input_line(input), i + 1);
    cr_expect_str_eq(rnn_input_line_end(input, &end_bytes), wanted[i].end);
    cr_expect_eq(end_bytes, wanted[i].bytes);
  }
  cr_expect_str_eq(rnn_input_name(input), "text");
  rnn_input_close(input);
}

Test(input, strict_utf8)
{
  EXPECT_LINES("ok\nab\xFF\nok\n", "[ok]!text:2: invalid UTF-8 at byte 3![ok]");
  EXPECT_LINES("\xC0\x80", "!text:1: invalid UTF-8 at byte 1!");         /* overlong */
  EXPECT_LINES("\xE0\x9F\xBF", "!text:1: invalid UTF-8 at byte 1!");     /* overlong */
  EXPECT_LINES("\xF0\x8F\xBF\xBF", "!text:1: invalid UTF-8 at byte 1!"); /* overlong */
  EXPECT_LINES("\xED\xA0\x80", "!text:1: invalid UTF-8 at byte 1!");     /* surrogate */
  EXPECT_LINES("\xF4\x90\x80\x80", "!text:1: invalid UTF-8 at byte 1!"); /* past 10FFFF */
  EXPECT_LINES("\xF5\x80\x80\x80", "!text:1: invalid UTF-8 at byte 1!");
  EXPECT_LINES("\x80", "!text:1: invalid UTF-8 at byte 1!");
  EXPECT_LINES("x\xE2\x82\n", "!text:1: invalid UTF-8 at byte 2!"); /* cut */
  EXPECT_LINES("x\xE2\x82", "!text:1: invalid UTF-8 at byte 2!");
  EXPECT_LINES("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF", "[\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF]");
  EXPECT_LINES("\xFF\xFEh\0i\0", "!text:1: invalid UTF-8 at byte 1 (UTF-16? convert it with iconv)!");
  expect_lines("a\nb\0c\nd", 7, RNN_UTF8_STRICT, '\n', 0, "[a]!text:2: NUL at byte 2![d]");
}

/* Every place in lines of many lengths: the fast path sees what the slow one sees. */
Test(input, one_bad_byte_anywhere)
{
  static const unsigned char bad[] = {0x00, 0x80, 0xFF, 0xC3};
  struct rnn_error error;
  const char *line;
  size_t length;
  for (size_t size = 5; size < 80; size += 33)
    for (size_t at = 0; at < size; at++)
      for (size_t i = 0; i < sizeof bad; i++) {
        char bytes[80], wanted[80];
        memset(bytes, 'a', size);
        bytes[at] = (char)bad[i];
        struct rnn_input *input = text_open(bytes, size, RNN_UTF8_STRICT, '\n', 0);
        cr_assert_eq(rnn_input_next_line(input, &line, &length, &error), RNN_DATA);
        snprintf(wanted, sizeof wanted, "text:1: %s at byte %zu", bad[i] == 0 ? "NUL" : "invalid UTF-8", at + 1);
        cr_assert_eq(strncmp(error.text, wanted, strlen(wanted)), 0, "%s", error.text);
        rnn_input_close(input);
      }
}

Test(input, replaced_and_passed_bytes)
{
  static const char bytes[] = "a\xFF"
                              "b\xE2\x82"
                              "c\xF0\x9F\x98\n\xED\xA0\x80\xC3";
  static const char mark[] = "\xEF\xBF\xBD";
  char wanted[100];
  snprintf(wanted, sizeof wanted, "[a%sb%sc%s][%s%s%s%s]", mark, mark, mark, mark, mark, mark, mark);
  expect_lines(bytes, sizeof bytes - 1, RNN_UTF8_REPLACE, '\n', 0, wanted);
  expect_lines("a\0b", 3, RNN_UTF8_REPLACE, '\n', 0,
               "[a\xEF\xBF\xBD"
               "b]");
  struct rnn_input *input = text_open("a\0\xFF\n", 4, RNN_UTF8_BYTES, '\n', 0);
  struct rnn_error error;
  const char *line;
  size_t length;
  cr_assert_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
  cr_assert_eq(length, 3U);
  cr_assert_eq(memcmp(line, "a\0\xFF", 3), 0);
  rnn_input_close(input);
}

Test(input, longest_line)
{
  expect_lines("12345678\n123456789\n1\n", 21, RNN_UTF8_STRICT, '\n', 8,
               "[12345678]!text:2: line longer than 8 bytes (--max-line)![1]");
  expect_lines("12345678\r\n123456789\r\n1", 22, RNN_UTF8_STRICT, '\n', 8,
               "[12345678]!text:2: line longer than 8 bytes (--max-line)![1]");
  expect_lines("12345678", 8, RNN_UTF8_STRICT, '\n', 8, "[12345678]");
  expect_lines("123456789", 9, RNN_UTF8_STRICT, '\n', 8, "!text:1: line longer than 8 bytes (--max-line)!");
  static char bytes[3000];
  memset(bytes, 'x', sizeof bytes);
  bytes[2997] = '\n';
  expect_lines(bytes, sizeof bytes, RNN_UTF8_STRICT, '\n', 1024, "!text:1: line longer than 1 KiB (--max-line)![xx]");
}

/* 100 MB without a line end, then a line. */
static void *send_a_long_line(void *data)
{
  static char block[1 << 16];
  int fd = *(const int *)data;
  memset(block, 'x', sizeof block);
  for (int i = 0; i < 1600; i++)
    text_send(fd, block, sizeof block);
  text_send(fd, "\nnext\n", 6);
  close(fd);
  return NULL;
}

Test(input, hundred_megabytes_are_refused_in_little_memory)
{
  pthread_t writer;
  struct rusage before, after;
  int fd = text_pipe();
  getrusage(RUSAGE_SELF, &before);
  cr_assert_eq(pthread_create(&writer, NULL, send_a_long_line, &fd), 0);
  struct rnn_input *input = open_named("-");
  char *got = text_lines(input);
  getrusage(RUSAGE_SELF, &after);
  pthread_join(writer, NULL);
  cr_expect_str_eq(got, "!(stdin):1: line longer than 16 MiB (--max-line)![next]");
  if (getenv("ASAN_OPTIONS") == NULL)
    cr_expect_lt(after.ru_maxrss - before.ru_maxrss, 40 << 10, "%ld kB", after.ru_maxrss - before.ru_maxrss);
  free(got);
  rnn_input_close(input);
}

Test(input, what_cannot_be_read)
{
  struct rnn_input *input;
  struct rnn_error error;
  cr_expect_eq(rnn_input_open(&input, "/nowhere/text", &strict, &error), RNN_NO_INPUT);
  cr_expect_str_eq(error.text, "/nowhere/text: No such file or directory");
  cr_expect_null(input);
  cr_expect_eq(rnn_input_open(&input, "/", &strict, &error), RNN_NO_INPUT);
  cr_expect_str_eq(error.text, "/: Is a directory");
  int fd = open("/", O_RDONLY);
  dup2(fd, STDIN_FILENO);
  cr_expect_eq(rnn_input_open(&input, "-", &strict, &error), RNN_NO_INPUT);
  cr_expect_str_eq(error.text, "(stdin): Is a directory");
  close(STDIN_FILENO);
  cr_expect_eq(rnn_input_open(&input, "-", &strict, &error), RNN_NO_INPUT);
  cr_expect_str_eq(error.text, "(stdin): Bad file descriptor");
  rnn_input_close(NULL);
}

Test(input, failed_read_is_told_once)
{
  struct rnn_error error;
  const char *line;
  size_t length;
  int fd = open("/dev/null", O_WRONLY);
  cr_assert_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
  struct rnn_input *input = open_named("-");
  cr_expect_eq(rnn_input_next_line(input, &line, &length, &error), RNN_NO_INPUT);
  cr_expect_str_eq(error.text, "(stdin): Bad file descriptor");
  cr_expect_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
  cr_expect_null(line);
  rnn_input_close(input);
}

/* ---- pieces ---- */

static const char pieces[] = "\xEF\xBB\xBF"
                             "first\r\n\nthird \xE2\x82\xAC\nno \xFF utf-8\n\r\n(\nlast";
static const char pieces_lines[] = "[first][][third \xE2\x82\xAC]!(stdin):4: invalid UTF-8 at byte 4![][(][last]";

/* Sends `size` bytes at a time and takes every line that is there. */
static char *take_in_pieces(const char *bytes, size_t count, size_t size)
{
  struct text_sink sink = {.bytes = NULL};
  int fd = text_pipe();
  struct rnn_input *input = open_named("-");
  text_add(&sink, "", 0);
  for (size_t i = 0; i < count; i += size) {
    text_send(fd, bytes + i, count - i < size ? count - i : size);
    while (!rnn_input_would_block(input)) {
      struct rnn_error error;
      const char *line;
      size_t length;
      enum rnn_status status = rnn_input_next_line(input, &line, &length, &error);
      cr_assert(status != RNN_OK || line != NULL, "the input has not ended");
      text_add_string(&sink, status == RNN_OK ? "[" : "!");
      text_add(&sink, status == RNN_OK ? line : error.text, status == RNN_OK ? length : strlen(error.text));
      text_add_string(&sink, status == RNN_OK ? "]" : "!");
    }
  }
  close(fd);
  cr_assert(!rnn_input_would_block(input), "the end waits for nothing");
  char *rest = text_lines(input);
  text_add_string(&sink, rest);
  free(rest);
  rnn_input_close(input);
  return sink.bytes;
}

Test(input, pieces_of_any_size)
{
  for (size_t size = 1; size <= sizeof pieces; size++) {
    char *got = take_in_pieces(pieces, sizeof pieces - 1, size);
    cr_expect_str_eq(got, pieces_lines, "%zu bytes at a time: %s", size, got);
    free(got);
  }
}

Test(input, compressed_pieces_of_any_size)
{
  size_t packed, half = 20;
  struct text_sink frames = {.bytes = NULL};
  char *first = file_pack(pieces, half, &packed);
  text_add(&frames, first, packed);
  free(first);
  char *second = file_pack_as(pieces + half, sizeof pieces - 1 - half, false, false, 0, &packed);
  text_add(&frames, second, packed);
  free(second);
  for (size_t size = 1; size <= frames.size; size++) {
    char *got = take_in_pieces(frames.bytes, frames.size, size);
    cr_expect_str_eq(got, pieces_lines, "%zu bytes at a time: %s", size, got);
    free(got);
  }
  free(frames.bytes);
}

Test(input, a_line_is_there_without_a_further_byte)
{
  struct rnn_error error;
  const char *line;
  size_t length;
  int fd = text_pipe();
  struct rnn_input *input = open_named("-");
  cr_expect(rnn_input_would_block(input));
  text_send(fd, "one", 3);
  cr_expect(rnn_input_would_block(input), "no line end yet");
  text_send(fd, "\ntwo\nthr", 8);
  cr_expect(!rnn_input_would_block(input));
  cr_assert_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
  cr_expect_eq(strncmp(line, "one", length), 0);
  cr_expect(!rnn_input_would_block(input), "the second is there too");
  cr_assert_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
  cr_expect_eq(strncmp(line, "two", length), 0);
  cr_expect(rnn_input_would_block(input));
  rnn_input_close(input);
}

/* As `zstd` does when its own input is flushed: a block that ends no frame. */
Test(input, a_flushed_block_is_a_line)
{
  struct rnn_error error;
  const char *line;
  size_t length;
  char block[1000];
  ZSTD_CCtx *context = ZSTD_createCCtx();
  int fd = text_pipe();
  struct rnn_input *input = open_named("-");
  for (int i = 0; i < 3; i++) {
    ZSTD_inBuffer in = {"a line\n", 7, 0};
    ZSTD_outBuffer out = {block, sizeof block, 0};
    cr_assert_eq(ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush), 0);
    cr_expect(rnn_input_would_block(input));
    text_send(fd, block, out.pos);
    cr_assert(!rnn_input_would_block(input), "line %d", i);
    cr_assert_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
    cr_expect_eq(length, 6U);
  }
  close(fd);
  cr_expect_eq(rnn_input_next_line(input, &line, &length, &error), RNN_DATA);
  cr_expect_str_eq(error.text, "(stdin):4: the zstd data are cut in the middle of a frame");
  cr_expect_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
  cr_expect_null(line);
  ZSTD_freeCCtx(context);
  rnn_input_close(input);
}

/* ---- compressed ---- */

static char *many_lines(size_t count, size_t *size)
{
  struct text_sink sink = {.bytes = NULL};
  char line[64];
  for (size_t i = 0; i < count; i++) {
    snprintf(line, sizeof line, "line %zu of many, %zx\n", i, i * 2654435761U);
    text_add_string(&sink, line);
  }
  *size = sink.size;
  return sink.bytes;
}

Test(input, compressed_is_as_plain)
{
  size_t size, packed;
  char *bytes = many_lines(50000, &size); /* more than all buffers */
  char *frame = file_pack(bytes, size, &packed);
  struct rnn_input *plain = text_open(bytes, size, RNN_UTF8_STRICT, '\n', 0);
  char *wanted = text_lines(plain);
  rnn_input_close(plain);
  struct rnn_input *input = text_open(frame, packed, RNN_UTF8_STRICT, '\n', 0);
  char *got = text_lines(input);
  cr_expect(strcmp(got, wanted) == 0);
  cr_expect(rnn_input_is_compressed(input));
  rnn_input_close(input);
  free(got);
  free(wanted);
  free(frame);
  free(bytes);
}

/* Cut anywhere: what comes before the cut, then a sentence. */
Test(input, cut_frames_are_told)
{
  size_t size, packed;
  char *bytes = many_lines(40, &size), *frame = file_pack(bytes, size, &packed);
  struct rnn_input *whole = text_open(bytes, size, RNN_UTF8_STRICT, '\n', 0);
  char *wanted = text_lines(whole);
  rnn_input_close(whole);
  for (size_t cut = 4; cut < packed; cut++) {
    struct rnn_input *input = text_open(frame, cut, RNN_UTF8_STRICT, '\n', 0);
    char *got = text_lines(input), *sentence = strchr(got, '!');
    cr_assert_not_null(sentence, "cut at %zu", cut);
    cr_assert_eq(strncmp(got, wanted, (size_t)(sentence - got)), 0);
    size_t lines = 1;
    for (char *p = got; p < sentence; p++)
      lines += *p == '[';
    char place[64];
    snprintf(place, sizeof place, "!text:%zu: the zstd data are cut in the middle of a frame!", lines);
    cr_assert_str_eq(sentence, place);
    free(got);
    rnn_input_close(input);
  }
  free(wanted);
  free(frame);
  free(bytes);
}

Test(input, damaged_frames_are_told)
{
  size_t size, packed;
  char *bytes = many_lines(40, &size), *frame = file_pack(bytes, size, &packed);
  struct rnn_input *whole = text_open(bytes, size, RNN_UTF8_BYTES, '\n', 0);
  char *wanted = text_lines(whole);
  rnn_input_close(whole);
  for (size_t i = 4; i < packed; i++) {
    frame[i] = (char)(frame[i] ^ 0x10);
    struct rnn_input *input = text_open(frame, packed, RNN_UTF8_BYTES, '\n', 0);
    char *got = text_lines(input);
    cr_assert(strchr(got, '!') != NULL || strcmp(got, wanted) == 0, "byte %zu: another answer", i);
    free(got);
    rnn_input_close(input);
    frame[i] = (char)(frame[i] ^ 0x10);
  }
  frame = realloc(frame, packed + 4);
  memcpy(frame + packed, "rest", 4);
  struct rnn_input *input = text_open(frame, packed + 4, RNN_UTF8_BYTES, '\n', 0);
  char *got = text_lines(input);
  cr_assert_not_null(strstr(got, "!text:41: damaged zstd data"));
  free(got);
  rnn_input_close(input);
  free(wanted);
  free(frame);
  free(bytes);
}

Test(input, beginning_of_the_magic_number_is_text)
{
  EXPECT_LINES("(", "[(]");
  expect_lines("(\xB5/", 3, RNN_UTF8_BYTES, '\n', 0, "[(\xB5/]");
  EXPECT_LINES("(a)\n", "[(a)]");
}

/* As pzstd writes it: how long each frame is stands before it, in a frame to be left out. */
Test(input, frames_to_be_left_out)
{
  size_t packed;
  char *frame = file_pack("a\nb\n", 4, &packed), bytes[256];
  for (int kind = 0; kind < 16; kind++) {
    memcpy(bytes, "\x50\x2A\x4D\x18\x04\0\0\0size", 12);
    bytes[0] = (char)(bytes[0] + kind);
    memcpy(bytes + 12, frame, packed);
    expect_lines(bytes, 12 + packed, RNN_UTF8_STRICT, '\n', 0, "[a][b]");
    expect_lines(bytes, 12, RNN_UTF8_STRICT, '\n', 0, "");
  }
  expect_lines(bytes, 11, RNN_UTF8_STRICT, '\n', 0, "!text:1: the zstd data are cut in the middle of a frame!");
  EXPECT_LINES("P", "[P]");
  EXPECT_LINES("P*M", "[P*M]");
  EXPECT_LINES("_*a\n", "[_*a]");
  free(frame);
}

/* ---- signals and descriptors that do not block ---- */

static void nothing(int number)
{
  (void)number;
}

static void *send_slowly(void *data)
{
  int fd = *(const int *)data;
  for (size_t i = 0; i < 100; i++) {
    text_send(fd, i % 10 == 9 ? "\n" : "x", 1);
    usleep(1000);
  }
  close(fd);
  return NULL;
}

static void read_slow_pipe(void)
{
  pthread_t writer;
  int fd = text_pipe();
  cr_assert_eq(pthread_create(&writer, NULL, send_slowly, &fd), 0);
  struct rnn_input *input = open_named("-");
  char *got = text_lines(input);
  pthread_join(writer, NULL);
  cr_expect_eq(strlen(got), 110U);
  cr_expect_null(strchr(got, '!'));
  free(got);
  rnn_input_close(input);
}

Test(input, interrupted_reads_go_on)
{
  struct sigaction action = {.sa_handler = nothing}; /* without SA_RESTART */
  struct itimerval often = {{0, 300}, {0, 300}};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
  read_slow_pipe();
  struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &never, NULL);
}

Test(input, pipe_that_does_not_block_is_waited_for)
{
  int fd = text_pipe();
  cr_assert_neq(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), -1);
  struct rnn_input *input = open_named("-");
  cr_expect(rnn_input_would_block(input));
  text_send(fd, "a\nb\n", 4);
  close(fd);
  char *got = text_lines(input);
  cr_expect_str_eq(got, "[a][b]");
  free(got);
  rnn_input_close(input);
  read_slow_pipe();
}

/* ---- bytes ---- */

Test(input, peeked_bytes_are_not_taken)
{
  struct rnn_error error;
  const char *bytes;
  size_t got;
  struct rnn_input *input = text_open("ab\ncd\n", 6, RNN_UTF8_STRICT, '\n', 0);
  cr_assert_eq(rnn_input_peek(input, &bytes, 100, &got, &error), RNN_OK);
  cr_expect_eq(got, 6U);
  cr_expect_eq(memcmp(bytes, "ab\ncd\n", 6), 0);
  cr_assert_eq(rnn_input_peek(input, &bytes, 2, &got, &error), RNN_OK);
  cr_expect_eq(got, 2U);
  char *lines = text_lines(input);
  cr_expect_str_eq(lines, "[ab][cd]");
  free(lines);
  cr_assert_eq(rnn_input_peek(input, &bytes, 2, &got, &error), RNN_OK);
  cr_expect_eq(got, 0U);
  rnn_input_close(input);
}

static size_t read_all(struct rnn_input *input, char *to, size_t size)
{
  struct rnn_error error;
  size_t count = 0, got;
  do {
    cr_assert_eq(rnn_input_read(input, to + count, size - count, &got, &error), RNN_OK);
    count += got;
  } while (got > 0);
  return count;
}

Test(input, raw_bytes_are_not_decompressed)
{
  char block[200];
  const char *bytes;
  size_t packed, got;
  struct rnn_error error;
  struct rnn_input *input;
  char *frame = file_pack("some text\nmore\n", 15, &packed);
  cr_assert_lt(packed, sizeof block);
  input = text_open(frame, packed, RNN_UTF8_STRICT, '\n', 0);
  cr_assert_eq(read_all(input, block, sizeof block), 15U);
  cr_expect_eq(memcmp(block, "some text\nmore\n", 15), 0);
  cr_expect_eq(rnn_input_use_raw(input, &error), RNN_BUG, "taken already");
  rnn_input_close(input);
  cr_assert_eq(rnn_input_open_raw(&input, "text", &error), RNN_OK);
  cr_assert_eq(read_all(input, block, sizeof block), packed);
  cr_expect_eq(memcmp(block, frame, packed), 0);
  rnn_input_close(input);
  input = text_open(frame, packed, RNN_UTF8_STRICT, '\n', 0);
  cr_assert_eq(rnn_input_peek(input, &bytes, 4, &got, &error), RNN_OK);
  cr_expect_eq(memcmp(bytes, "some", 4), 0, "seen decompressed");
  cr_assert_eq(rnn_input_use_raw(input, &error), RNN_OK);
  cr_assert_eq(read_all(input, block, sizeof block), packed);
  cr_expect_eq(memcmp(block, frame, packed), 0, "and read as it is");
  rnn_input_close(input);
  free(frame);
}

Test(input, a_big_frame_becomes_raw_after_a_peek)
{
  size_t size, packed, got;
  struct rnn_error error;
  const char *bytes;
  char *text = many_lines(100000, &size), *frame = file_pack(text, size, &packed), *back = malloc(packed + 1);
  cr_assert_gt(packed, (size_t)600000, "more than the buffer of compressed bytes");
  struct rnn_input *input = text_open(frame, packed, RNN_UTF8_STRICT, '\n', 0);
  cr_assert_eq(rnn_input_peek(input, &bytes, 9, &got, &error), RNN_OK);
  cr_assert_eq(rnn_input_use_raw(input, &error), RNN_OK);
  cr_assert_eq(read_all(input, back, packed + 1), packed);
  cr_expect_eq(memcmp(back, frame, packed), 0);
  rnn_input_close(input);
  free(back);
  free(frame);
  free(text);
}

/* ---- paragraphs ---- */

Test(input, a_paragraph_is_there_when_its_blank_line_is)
{
  int fd = text_pipe();
  struct rnn_input *input = open_named("-");
  text_send(fd, "\n \r\n", 4);
  cr_expect(rnn_input_would_block_paragraph(input), "blank lines before are none");
  text_send(fd, "a\nb\n", 4);
  cr_expect(rnn_input_would_block_paragraph(input));
  text_send(fd, " \t", 2);
  cr_expect(rnn_input_would_block_paragraph(input), "the blank line has no end yet");
  text_send(fd, "\r\n", 2);
  cr_expect(!rnn_input_would_block_paragraph(input));
  for (int i = 0; i < 5; i++) {
    struct rnn_error error;
    const char *line;
    size_t length;
    cr_assert_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
  }
  text_send(fd, "c\n", 2);
  cr_expect(rnn_input_would_block_paragraph(input));
  close(fd);
  cr_expect(!rnn_input_would_block_paragraph(input), "the end of input ends it");
  rnn_input_close(input);
}

/* ---- memory ---- */

Test(input, lines_take_no_memory_of_their_own)
{
  size_t size, length, before = 0;
  struct rnn_error error;
  const char *line = "";
  char *bytes = many_lines(50000, &size);
  struct rnn_input *input = text_open(bytes, size, RNN_UTF8_STRICT, '\n', 0);
  for (size_t i = 0; line != NULL; i++) {
    if (i == 1)
      before = rnn_memory_allocations();
    cr_assert_eq(rnn_input_next_line(input, &line, &length, &error), RNN_OK);
  }
  cr_expect_eq(rnn_memory_allocations(), before);
  rnn_input_close(input);
  free(bytes);
}
