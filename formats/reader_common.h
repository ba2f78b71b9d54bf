/* What the readers of text formats share. Theirs alone. */
#ifndef RNN_READER_COMMON_H
#define RNN_READER_COMMON_H

#include "reader.h"

/* RNN_DATA "name:line: ..." */
enum rnn_status rnn_reader_refuse(const struct rnn_input *input, uint64_t line, struct rnn_error *error,
                                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A piece of input for a message: at most 40 bytes of it, cut between code points. text [RNN_QUOTE_BYTES]; answers
 * text. */
enum { RNN_QUOTE_BYTES = 48 };
const char *rnn_reader_quote(struct rnn_slice piece, char *text);

/* RNN_DATA if `piece` ("token", "tag", "label", "key") is longer than RNN_LIMIT_TOKEN_BYTES. */
enum rnn_status rnn_reader_check_length(const struct rnn_input *input, uint64_t line, const char *what,
                                        struct rnn_slice piece, struct rnn_error *error) RNN_MUST_CHECK;

/* Starts the record with the next line as its raw; *line is the line without its end. */
enum rnn_status rnn_reader_line(struct rnn_input *input, enum rnn_content content, struct rnn_record *record,
                                struct rnn_slice *line, bool *end, struct rnn_error *error) RNN_MUST_CHECK;

/* Starts the record with the next lines as its raw: blank ones, others, and one blank one (or the end of input).
 * *lines is their number. If one of them cannot be read, the others are, before its error is answered. */
enum rnn_status rnn_reader_paragraph(struct rnn_input *input, enum rnn_content content, struct rnn_record *record,
                                     size_t *lines, bool *end, struct rnn_error *error) RNN_MUST_CHECK;

/* `size` bytes of a binary format; *got is less at the end of the input. */
enum rnn_status rnn_reader_bytes(struct rnn_input *input, void *bytes, size_t size, size_t *got,
                                 struct rnn_error *error) RNN_MUST_CHECK;

/* Walks over the lines of record->raw. */
struct rnn_lines {
  const char *next, *end;
  char record_end;
  struct rnn_slice line; /* without its end */
  uint64_t number;       /* in the file */
};
struct rnn_lines rnn_reader_lines(const struct rnn_input *input, const struct rnn_record *record);
bool rnn_lines_next(struct rnn_lines *lines);

/* Starts a record of frames in parts: a new sequence, perhaps that of settings->carry, or the one it holds goes on. */
void rnn_reader_begin_part(struct rnn_record *record, const struct rnn_reader_settings *settings, bool continues);
void rnn_reader_end_part(const struct rnn_record *record, const struct rnn_reader_settings *settings);

/* Counts a frame; true if it is one of those to be read (--every). */
bool rnn_reader_wants_frame(struct rnn_record *record, const struct rnn_reader_settings *settings);

/* Leaves out the frames and tags of a whole record that are not to be read. */
void rnn_reader_thin(struct rnn_record *record, const struct rnn_reader_settings *settings);

/* The names of the columns of tags, where there are several; before room is made for the tags. */
void rnn_reader_name_columns(struct rnn_record *record, const struct rnn_reader_settings *settings);

/* The label of --label, if it is given. */
void rnn_reader_give_label(struct rnn_record *record, const struct rnn_reader_settings *settings);

/* A number of a frame as text has it: decimal, or "null" for one that is missing (NAN). False for anything else. */
bool rnn_reader_number(struct rnn_slice text, float *number);

static inline bool rnn_reader_is_space(char c)
{
  return c == ' ' || c == '\t';
}
struct rnn_slice rnn_reader_trim(struct rnn_slice text); /* without spaces and TABs at both ends */

/* The piece up to the next `separator`; *rest begins behind it, rest->bytes is NULL after the last piece. */
struct rnn_slice rnn_reader_cut(struct rnn_slice *rest, char separator);

#endif
