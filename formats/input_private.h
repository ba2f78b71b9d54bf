/* What input.c and input_lines.c share. Theirs alone. */
#ifndef RNN_INPUT_PRIVATE_H
#define RNN_INPUT_PRIVATE_H

#include "container.h"
#include "input.h"

enum rnn_input_kind { RNN_INPUT_UNDECIDED, RNN_INPUT_PLAIN, RNN_INPUT_COMPRESSED };

struct rnn_input {
  char *name;
  int fd;
  struct rnn_input_settings settings;
  enum rnn_input_kind kind;
  size_t undecided; /* bytes at the front of the buffer until the kind is known */
  bool raw;         /* no lines are looked for */
  /* compressed bytes; while nothing has been taken they are kept from the first on */
  struct rnn_inflate *inflate;
  char *packed;
  size_t packed_begin, packed_end;
  bool keeps_packed, inflate_has_more, between_frames;
  /* bytes to be taken: buffer[begin ... end) */
  char *buffer;
  size_t begin, end, capacity;
  size_t searched; /* of them, so many hold no record end */
  bool taken;      /* any byte, ever */
  bool at_end;     /* no further byte comes into the buffer, */
  bool failed;     /* because of this */
  struct rnn_error failure;
  bool discarding; /* the rest of a line that was too long */
  uint64_t line;
  bool had_bom;
  const char *line_end;
  size_t line_end_bytes;
  char *mended;
  size_t capacity_mended, width;
  void *kept; /* by a reader */
};

/* More bytes into the buffer, or at_end; false if none are there without waiting. */
bool rnn_input_fill(struct rnn_input *input, bool wait);

/* Takes `count` bytes from the front. */
void rnn_input_take(struct rnn_input *input, size_t count);

/* Answers why the bytes ended, once; RNN_OK where nothing failed. */
enum rnn_status rnn_input_report_failure(struct rnn_input *input, struct rnn_error *error);

#endif
