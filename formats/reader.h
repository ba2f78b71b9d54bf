/* Readers of text formats: input in, records out. Each format is one file with a row in the table of reader.c. */
#ifndef RNN_READER_H
#define RNN_READER_H

#include "input.h"
#include "record.h"
#include "sequence.h"

struct rnn_reader_settings {
  size_t label_column, text_column; /* tsv, from 1 (1 and 2) */
  const char *tag_column;           /* conllu: "upos", ... */
  const char *label;                /* given to every record (--label), or NULL */
};

struct rnn_format {
  const char *name; /* as in --from */
  const char *help;
  bool many_lines; /* a record may be of many lines */
  /* The next record into *record (storage reused); *end at the end of input. Its slices live until this record is read
   * into again, whatever is read into others: a filter keeps a batch of records. RNN_DATA "name:line: ...", after which
   * the next call goes on with the next record (--on-error=skip). */
  enum rnn_status (*next)(struct rnn_input *input, const struct rnn_reader_settings *settings,
                          struct rnn_record *record, bool *end, struct rnn_error *error);
};

extern const struct rnn_format *const rnn_formats[]; /* ends with NULL */
const struct rnn_format *rnn_format_find(const char *name);

/* By content, where it is unambiguous: the magic number of a stream is told by rnn_format_is_stream; ten TAB columns or
 * "# sent_id": conllu; "{": jsonl; "__label__": fasttext; "# label:" or lines of numbers: frames; else text.
 * `tabs_are_tsv`: a TAB in the first line means tsv. */
enum rnn_status rnn_format_guess(struct rnn_input *input, bool tabs_are_tsv, const struct rnn_format **format,
                                 struct rnn_error *error) RNN_MUST_CHECK;

#endif
