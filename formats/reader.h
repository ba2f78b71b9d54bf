/* Readers of text formats: input in, records out. Each format is one file with a row in the table of reader.c. All are
 * specified in formats/text.md. */
#ifndef RNN_READER_H
#define RNN_READER_H

#include "input.h"
#include "picture.h"
#include "record.h"
#include "sequence.h"

/* What a reader knows of a sequence of frames that goes on in another input (--state-in). */
struct rnn_reader_carry {
  bool taken;      /* the sequence that goes on was found: others begin anew */
  uint64_t passed; /* record.passed */
};

struct rnn_reader_settings {
  size_t label_column, text_column; /* tsv, from 1; 0: the first and the second */
  struct rnn_columns tag_columns;   /* those of the tags, one or more: of conllu by name, of columns by number, of jsonl
                                       keys in "tags"; none: upos, the last one, all that are there */
  bool fills;                       /* these are to be filled: tags that are there are not read */
  const char *label;                /* given to every record (--label), or NULL */
  size_t every;                     /* of so many frames of a sequence the first is read; 0 and 1: all */
  struct rnn_picture_size size;     /* y4m: that pictures are scaled to; 0, 0: the usual one */
  struct rnn_reader_carry *carry;   /* where next_part goes on with its first sequence, and leaves its last; or NULL */
};

struct rnn_format {
  const char *name; /* as in --from */
  const char *help;
  bool many_lines; /* a record may be of many lines */
  /* The next record into *record (storage reused); *end at the end of input. RNN_DATA "name:line: ...", after which the
   * next call goes on with the next record (--on-error=skip); record->line and record->raw then tell what was read. */
  enum rnn_status (*next)(struct rnn_input *input, const struct rnn_reader_settings *settings,
                          struct rnn_record *record, bool *end, struct rnn_error *error);
  /* The same in parts, for sequences that need not end (live video): at most `most_steps` steps at a time. record->more
   * says that the sequence goes on in the next call, which must be given the same record; record->continues, that it
   * did not begin in this one. The label and key of the sequence stay. NULL where records come whole. */
  enum rnn_status (*next_part)(struct rnn_input *input, const struct rnn_reader_settings *settings, size_t most_steps,
                               struct rnn_record *record, bool *end, struct rnn_error *error);
};

extern const struct rnn_format rnn_format_text, rnn_format_tsv, rnn_format_fasttext, rnn_format_conllu,
    rnn_format_columns, rnn_format_jsonl, rnn_format_frames, rnn_format_npy, rnn_format_y4m;
extern const struct rnn_format *const rnn_formats[]; /* ends with NULL */
const struct rnn_format *rnn_format_find(const char *name);

bool rnn_conllu_column_find(const char *name, size_t *column); /* "id", "form", ..., "misc": 0 ... 9 */

/* True if the next record would have to wait for bytes that are not there yet: answer first. */
bool rnn_format_would_block(const struct rnn_format *format, struct rnn_input *input);

/* By the first line, where it is unambiguous:
 *   "# sent_id", "# newdoc", "# newpar", "# text =", "# global.columns", or ten columns of which the first is a number:
 * conllu; "YUV4MPEG2 ": y4m; npy's magic number: npy; "{" and then '"' or "}": jsonl; "__label__": fasttext;
 * "# label:", "# key:", or numbers alone (two with a point or an exponent among them, or eight): frames; "O" or "B-..."
 * behind a TAB: columns; a TAB, with `tabs_are_tsv`: tsv; else text. Waits for that line.
 */
enum rnn_status rnn_format_guess(struct rnn_input *input, bool tabs_are_tsv, const struct rnn_format **format,
                                 struct rnn_error *error) RNN_MUST_CHECK;

/* How labelled texts (tsv, fasttext; a label before the text) are best cut: into characters where hardly any of those
 * in the first 64 KiB, at least 20, has a blank in it, names or words; else, and in other formats, into words. Waits
 * for so many bytes. */
enum rnn_status rnn_format_guess_level(struct rnn_input *input, const struct rnn_format *format, enum rnn_level *level,
                                       struct rnn_error *error) RNN_MUST_CHECK;

/* Is it a compressed document of tensors, that is, a sequence stream? If so the input has become raw, for
 * rnn_stream_reader_create. To be asked before anything is taken. */
enum rnn_status rnn_format_is_stream(struct rnn_input *input, bool *is_stream, struct rnn_error *error) RNN_MUST_CHECK;

#endif
