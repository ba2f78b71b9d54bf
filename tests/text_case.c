/* Text as files and pipes. */
#include "text_case.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file_case.h"

struct rnn_input *text_open(const void *bytes, size_t size, enum rnn_utf8 utf8, char record_end, size_t most_line_bytes)
{
  struct rnn_input_settings settings = {.utf8 = utf8, .record_end = record_end, .most_line_bytes = most_line_bytes};
  struct rnn_input *input;
  struct rnn_error error = {.text = ""};
  file_write(file_path("text"), bytes, size);
  cr_assert_eq(chdir(file_path("")), 0);
  cr_assert_eq(rnn_input_open(&input, "text", &settings, &error), RNN_OK, "%s", error.text);
  return input;
}

int text_pipe(void)
{
  int ends[2];
  cr_assert_eq(pipe(ends), 0);
  cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
  close(ends[0]);
  cr_assert_neq(fcntl(ends[1], F_SETFD, FD_CLOEXEC), -1);
  return ends[1];
}

void text_send(int fd, const void *bytes, size_t size)
{
  cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
}

void text_add(struct text_sink *sink, const void *bytes, size_t size)
{
  if (sink->size + size + 1 > sink->capacity) {
    sink->capacity = 2 * (sink->size + size + 1);
    sink->bytes = realloc(sink->bytes, sink->capacity);
    cr_assert_not_null(sink->bytes);
  }
  if (size > 0)
    memcpy(sink->bytes + sink->size, bytes, size);
  sink->size += size;
  sink->bytes[sink->size] = '\0';
}

void text_add_string(struct text_sink *sink, const char *string)
{
  text_add(sink, string, strlen(string));
}

char *text_lines(struct rnn_input *input)
{
  struct text_sink sink = {.bytes = NULL};
  struct rnn_error error;
  const char *line;
  size_t length;
  text_add(&sink, "", 0);
  for (;;) {
    enum rnn_status status = rnn_input_next_line(input, &line, &length, &error);
    if (status == RNN_OK && line == NULL)
      return sink.bytes;
    text_add_string(&sink, status == RNN_OK ? "[" : "!");
    text_add(&sink, status == RNN_OK ? line : error.text, status == RNN_OK ? length : strlen(error.text));
    text_add_string(&sink, status == RNN_OK ? "]" : "!");
  }
}
