/* One record of any text format: what was read, as bytes to echo, and what it means. */
#ifndef RNN_RECORD_H
#define RNN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "sequence.h"

/* Bytes inside record->raw, or in record->owned. */
struct rnn_slice {
  const char *bytes;
  size_t length_bytes;
};

enum rnn_content { RNN_CONTENT_TEXT, RNN_CONTENT_TOKENS, RNN_CONTENT_FRAMES };

/* All that a slice points to belongs to the record (a label given by the settings: to them) and lives until the record
 * is read into again or cleared. */
struct rnn_record {
  enum rnn_content content;
  struct rnn_slice raw;    /* all bytes of the record, line ends included, as they are to be echoed (without a BOM) */
  struct rnn_slice text;   /* RNN_CONTENT_TEXT: to be cut into symbols */
  size_t steps;            /* of tokens or frames; 0 for text, which is not cut yet */
  struct rnn_slice *token; /* [steps] RNN_CONTENT_TOKENS */
  struct rnn_columns columns; /* of tags, where there are several */
  struct rnn_slice *tag;      /* [steps][columns] if has_tags; bytes == NULL where the step has none */
  struct rnn_slice *spot;     /* [steps][columns] where in `raw` a tag is to be put: the column's bytes (conllu), or an
                                 empty slice at the line's end (columns); NULL in other formats */
  float *frame;               /* [steps][frame_width]; NAN: missing */
  size_t frame_width;
  struct rnn_picture_size picture; /* of whose greys a frame is; 0, 0: of none */
  bool has_tags, has_label;
  bool filler;                 /* comments or blank lines alone: no sequence, but what a tagger writes through */
  bool continues, more;        /* a part of a sequence: not the first, not the last */
  size_t passed;               /* of frames: how many of the sequence were read, those left out by --every too */
  struct rnn_slice label, key; /* key.bytes == NULL where there is none */
  uint64_t line;               /* of its first byte; 0 in a format without lines */
  /* storage of the reader */
  char *owned;
  size_t owned_bytes, capacity_owned, capacity_raw, capacity_steps, capacity_tags, capacity_spots, capacity_frames;
  char *raw_storage;
  struct rnn_slice *token_storage, *tag_storage, *spot_storage;
  float *frame_storage;
};

void rnn_record_init(struct rnn_record *record);
void rnn_record_clear(struct rnn_record *record); /* releases the storage; the record is as after init */

/* For readers. Empties the record, keeps the storage. */
void rnn_record_start(struct rnn_record *record, enum rnn_content content);

/* Appends to raw: bytes of a line and of its end. Slices into raw are to be made when it is complete: it moves. */
enum rnn_status rnn_record_add_raw(struct rnn_record *record, const char *line, size_t length_bytes, const char *end,
                                   size_t end_bytes, struct rnn_error *error) RNN_MUST_CHECK;

/* Room for so many tokens, and for tags and spots, as many a step as record->columns says, where wanted (else those are
 * NULL). */
enum rnn_status rnn_record_reserve_tokens(struct rnn_record *record, size_t steps, bool tags, bool spots,
                                          struct rnn_error *error) RNN_MUST_CHECK;

enum rnn_status rnn_record_reserve_tags(struct rnn_record *record, size_t steps,
                                        struct rnn_error *error) RNN_MUST_CHECK;

/* Room for so many numbers in `frame`; those that are there are kept. */
enum rnn_status rnn_record_reserve_frames(struct rnn_record *record, size_t numbers,
                                          struct rnn_error *error) RNN_MUST_CHECK;

/* Room for so many bytes in all of rnn_record_own. */
enum rnn_status rnn_record_reserve_owned(struct rnn_record *record, size_t bytes,
                                         struct rnn_error *error) RNN_MUST_CHECK;

/* "name:line: " or "name: " before the sentence of an error about the record; answers error->status. */
enum rnn_status rnn_record_blame(const struct rnn_record *record, const char *name, struct rnn_error *error);

/* Of several columns of tags: the tag of one, *label, with that column's name before it, in a buffer that grows;
 * unchanged where there is but one. */
enum rnn_status rnn_record_label(const struct rnn_columns *columns, size_t column, struct rnn_slice *label,
                                 char **buffer, size_t *capacity, struct rnn_error *error) RNN_MUST_CHECK;

/* A copy of the bytes that belongs to the record; never NULL bytes. */
struct rnn_slice rnn_record_own(struct rnn_record *record, const char *bytes, size_t length_bytes);

#endif
