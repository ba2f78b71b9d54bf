/* Columns separated by single TABs, two of which are the label and the text. */
#include "reader_common.h"

static enum rnn_status next_tsv(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                struct rnn_record *record, bool *end, struct rnn_error *error)
{
  size_t label = settings->label_column > 0 ? settings->label_column : 1;
  size_t text = settings->text_column > 0 ? settings->text_column : 2;
  size_t expected = label > text ? label : text, found = 0;
  struct rnn_slice rest;
  enum rnn_status status;
  RNN_TRY(rnn_reader_line(input, RNN_CONTENT_TEXT, record, &rest, end, error));
  if (*end)
    return RNN_OK;
  while (rest.bytes != NULL && found < expected) {
    struct rnn_slice piece = rnn_reader_cut(&rest, '\t');
    found++;
    if (found == label)
      record->label = piece;
    if (found == text)
      record->text = piece;
  }
  if (found < expected)
    RNN_TRY(rnn_reader_refuse(
        input, record->line, error, "%zu columns expected, %zu found%s", expected, found,
        record->text.length_bytes + record->label.length_bytes == 0 ? " (a blank line; -F columns?)" : ""));
  RNN_TRY(rnn_reader_check_length(input, record->line, "label", record->label, error));
  record->has_label = record->label.length_bytes > 0;
  rnn_reader_give_label(record, settings);
out:
  return status;
}

const struct rnn_format rnn_format_tsv = {
    .name = "tsv", .help = "label TAB text; more columns: --label-column, --text-column", .next = next_tsv};
