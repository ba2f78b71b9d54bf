/* Bytes in: files and standard input one after another, compressed by zstd or plain (told by the magic number), with
 * the name and the line number for messages. Retries EINTR, waits on EAGAIN. */
#ifndef RNN_INPUT_H
#define RNN_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

enum rnn_utf8 { RNN_UTF8_STRICT, RNN_UTF8_REPLACE, RNN_UTF8_BYTES };

struct rnn_input_settings {
  enum rnn_utf8 utf8;
  char record_end;        /* '\n', or '\0' with -z */
  size_t most_line_bytes; /* 0: RNN_LIMIT_LINE_BYTES */
};

struct rnn_input;

/* Reads `name` ("-": standard input). RNN_NO_INPUT with "name: reason" if it is missing, unreadable or a directory;
 * RNN_USAGE if it is the regular file that standard output is, too. */
enum rnn_status rnn_input_open(struct rnn_input **input, const char *name, const struct rnn_input_settings *settings,
                               struct rnn_error *error) RNN_MUST_CHECK;
void rnn_input_close(struct rnn_input *input); /* NULL is allowed; leaves standard input open */

const char *rnn_input_name(const struct rnn_input *input); /* "(stdin)" for "-" */
uint64_t rnn_input_line(const struct rnn_input *input);    /* number of the line last returned, from 1 */

/* The next line without its end (LF or CR LF, or NUL with -z; a last one without counts), without a BOM at the start of
 * the file. settings.utf8 says what becomes of ill-formed UTF-8 and of NUL: strict refuses both, replace puts U+FFFD,
 * bytes lets them pass. *line is NULL at the end of input; valid until the next call on this input.
 * A line past the limit, ill-formed UTF-8, a cut or damaged zstd frame: RNN_DATA "name:line: ..."; a failed read:
 * RNN_NO_INPUT "name: ...". The next call goes on with the next line, or with the end where nothing more can be read.
 */
enum rnn_status rnn_input_next_line(struct rnn_input *input, const char **line, size_t *length_bytes,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* How the line last returned ended in the file: "\n", "\r\n", "\0" or "" (with its length), for byte-exact copies. */
const char *rnn_input_line_end(const struct rnn_input *input, size_t *length_bytes);
bool rnn_input_had_bom(const struct rnn_input *input);

/* At least one and at most `size` bytes as they are (decompressed); *got = 0 at the end. For binary formats. */
enum rnn_status rnn_input_read(struct rnn_input *input, void *bytes, size_t size, size_t *got,
                               struct rnn_error *error) RNN_MUST_CHECK;

/* Up to `size` bytes that will be read next (decompressed, a BOM included), without taking them: for guessing the
 * format. Waits until `size` bytes, a whole line or the end of input are there. Valid until the next call. */
enum rnn_status rnn_input_peek(struct rnn_input *input, const char **bytes, size_t size, size_t *got,
                               struct rnn_error *error) RNN_MUST_CHECK;

/* The same, but a whole line is not enough: waits until `size` bytes or the end of input are there, so that the answer
 * does not depend on how the input comes. */
enum rnn_status rnn_input_peek_far(struct rnn_input *input, const char **bytes, size_t size, size_t *got,
                                   struct rnn_error *error) RNN_MUST_CHECK;

/* True if the next line would have to wait for bytes that are not there yet: answer first. It reads what is there, so
 * the line last returned is no longer valid. Of a raw input: true if no byte is there. */
bool rnn_input_would_block(struct rnn_input *input);

/* The same of lines up to a blank one or the end of input, for records of many lines. Looks 1 MiB ahead at most: in a
 * longer record the answer is false. */
bool rnn_input_would_block_paragraph(struct rnn_input *input);

/* As the file has them: compressed bytes are not decompressed. For the container, which reads frames itself. */
enum rnn_status rnn_input_open_raw(struct rnn_input **input, const char *name, struct rnn_error *error) RNN_MUST_CHECK;

/* Makes an input that has only been peeked at a raw one, from its first byte on; RNN_BUG if bytes have been taken.
 * RNN_DATA where compressed bytes begin with skippable frames of more than the buffer, which nobody writes. */
enum rnn_status rnn_input_use_raw(struct rnn_input *input, struct rnn_error *error) RNN_MUST_CHECK;

bool rnn_input_is_compressed(const struct rnn_input *input); /* known once bytes have been peeked at or taken */
char rnn_input_record_end(const struct rnn_input *input);
bool rnn_input_is_blank(const char *line, size_t length_bytes); /* spaces and TABs alone, or nothing */

/* A number that the reader of a format keeps with its input: how many columns or numbers a line has; 0 at first. */
size_t *rnn_input_width(struct rnn_input *input);

/* A block that the reader of a format keeps with its input, from rnn_memory_new; NULL at first, freed at close. */
void **rnn_input_keep(struct rnn_input *input);

/* Passes over all that is there; from now on the input is at its end. */
void rnn_input_end(struct rnn_input *input);

#endif
