/* Streams written and read for the tests: what they say, as text. */
#ifndef STREAM_CASE_H
#define STREAM_CASE_H

#include "file_case.h"
#include "stream.h"

/* A corpus of strings. */
struct text_case {
  enum rnn_task task;
  size_t width; /* of frames; 0: symbols */
  size_t count;
  const char *const *tokens; /* one sequence a string: its bytes are its symbols */
  const char *const *tags;   /* RNN_TAG: a byte a step, '-' for none; RNN_CLASSIFY: the label, NULL for none */
  const char *const *second; /* RNN_TAG: of the second of two columns, "a" and "b"; NULL: there is one */
};

enum { TEXT_CASES = 6 };
extern const struct text_case some[TEXT_CASES], more[TEXT_CASES]; /* the kinds are the same in both */

/* A stream that is being written. */
struct writing {
  struct rnn_vocabulary *symbols, *labels;
  struct rnn_stream_writer *writer;
  struct rnn_output *output;
};
void writing_begin(struct writing *writing, const char *path, const struct rnn_stream_facts *facts);
void writing_add(struct writing *writing, const struct text_case *text);
void writing_end(struct writing *writing);
int32_t number_of(struct rnn_vocabulary *vocabulary, const char *string, size_t length);

/* Writes corpora into one stream; with `flush`, a block each. Answers the path. */
const char *write_cases(const char *name, const struct text_case *const *texts, size_t count, bool flush);
const char *concatenate(const char *name, const char *a, const char *b);

/* A stream that is being read. */
struct reading {
  struct rnn_input *raw;
  struct rnn_stream_reader *reader;
};
void reading_begin(struct reading *reading, const char *path);
void reading_end(struct reading *reading);

/* All that a stream says, as text: numbers, strings, frequencies; freed with free. */
enum rnn_status tell(const char *path, char **told, struct rnn_error *error);
char *expect_told(const char *path);

/* RNN_DATA, and a sentence with the name of the file, the number of the frame, and this. */
void expect_refused_stream(const char *path, const char *wanted);

#endif
