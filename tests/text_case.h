/* Text as files and pipes, for the tests of input, readers and tokens. */
#ifndef TEXT_CASE_H
#define TEXT_CASE_H

#include <stddef.h>

#include "input.h"

/* An input named "text" that holds these bytes; in the test's own directory, which becomes the current one. */
struct rnn_input *text_open(const void *bytes, size_t size, enum rnn_utf8 utf8, char record_end,
                            size_t most_line_bytes);

/* "-" is the reading end of a new pipe from here on; answers the writing end. */
int text_pipe(void);
void text_send(int fd, const void *bytes, size_t size);

/* A growing string; free with free. */
struct text_sink {
  char *bytes;
  size_t size, capacity;
};
void text_add(struct text_sink *sink, const void *bytes, size_t size);
void text_add_string(struct text_sink *sink, const char *string);

/* All lines of an input, each in brackets, errors as "!sentence!", up to the end. */
char *text_lines(struct rnn_input *input);

#endif
