/* Plain text: a line is a record without a target. An empty line is a record of no symbols. */
#include "reader_common.h"

static enum rnn_status next_text(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                 struct rnn_record *record, bool *end, struct rnn_error *error)
{
  enum rnn_status status = rnn_reader_line(input, RNN_CONTENT_TEXT, record, &record->text, end, error);
  rnn_reader_give_label(record, settings);
  return status;
}

const struct rnn_format rnn_format_text = {.name = "text", .help = "a line", .next = next_text};
