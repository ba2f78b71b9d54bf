/* One record of any text format: what was read, as bytes to echo, and what it means. */
#ifndef RNN_RECORD_H
#define RNN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* Bytes inside record->raw, or in record->owned. */
struct rnn_slice {
  const char *bytes;
  size_t length_bytes;
};

enum rnn_content { RNN_CONTENT_TEXT, RNN_CONTENT_TOKENS, RNN_CONTENT_FRAMES };

struct rnn_record {
  enum rnn_content content;
  struct rnn_slice raw;  /* all bytes of the record, line ends included, as they are to be echoed */
  struct rnn_slice text; /* RNN_CONTENT_TEXT: to be cut into symbols */
  size_t steps;
  struct rnn_slice *token; /* [steps] RNN_CONTENT_TOKENS */
  struct rnn_slice *tag;   /* [steps] if has_tags; bytes == NULL where the step has none */
  struct rnn_slice *spot;  /* [steps] where in `raw` a tag is to be put: the column's bytes (conllu), or an empty slice
                              at the line's end (columns) */
  float *frame;            /* [steps][frame_width] */
  size_t frame_width;
  bool has_tags, has_label;
  struct rnn_slice label, key; /* key.bytes == NULL where there is none */
  uint64_t line;               /* of its first byte */
  /* storage of the reader */
  char *owned;
  size_t owned_bytes, capacity_owned, capacity_raw, capacity_steps, capacity_tags, capacity_spots, capacity_frames;
  char *raw_storage;
};

void rnn_record_init(struct rnn_record *record);
void rnn_record_clear(struct rnn_record *record); /* releases the storage */

#endif
