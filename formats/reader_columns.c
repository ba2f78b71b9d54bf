/* Columns of tokens and tags as in the CoNLL shared tasks: a step a line, a blank line ends the sequence. Where a line
 * holds a TAB, TABs separate its columns, else blanks. */
#include <string.h>

#include "reader_common.h"

/* The first and the last column; answers how many there are, 0 if one is empty. */
static size_t read_columns(struct rnn_slice line, struct rnn_slice *first, struct rnn_slice *last)
{
  bool tabs = memchr(line.bytes, '\t', line.length_bytes) != NULL;
  struct rnn_slice rest = tabs ? line : rnn_reader_trim(line);
  size_t count = 0;
  while (rest.bytes != NULL) {
    struct rnn_slice piece = rnn_reader_cut(&rest, tabs ? '\t' : ' ');
    if (piece.length_bytes == 0 && !tabs)
      continue; /* a run of blanks is one separator */
    if (piece.length_bytes == 0)
      return 0;
    if (count++ == 0)
      *first = piece;
    *last = piece;
  }
  return count;
}

/* *width is the number of columns of the lines before, 0 at the first. */
static enum rnn_status read_row(struct rnn_input *input, const struct rnn_lines *lines, size_t *width,
                                struct rnn_record *record, struct rnn_error *error)
{
  struct rnn_slice token, tag;
  size_t found = read_columns(lines->line, &token, &tag);
  enum rnn_status status;
  if (found == 0)
    RNN_TRY(rnn_reader_refuse(input, lines->number, error, "a column is empty"));
  if (*width == 0)
    *width = found;
  if (found != *width)
    RNN_TRY(rnn_reader_refuse(input, lines->number, error, "%zu columns expected, %zu found", *width, found));
  RNN_TRY(rnn_reader_check_length(input, lines->number, "token", token, error));
  RNN_TRY(rnn_reader_check_length(input, lines->number, "tag", tag, error));
  record->token[record->steps] = token;
  record->tag[record->steps] = tag;
  record->spot[record->steps] = (struct rnn_slice){lines->line.bytes + lines->line.length_bytes, 0};
  record->steps++;
out:
  return status;
}

static enum rnn_status next_columns(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                    struct rnn_record *record, bool *end, struct rnn_error *error)
{
  size_t count, width = *rnn_input_width(input);
  enum rnn_status status;
  RNN_TRY(rnn_reader_paragraph(input, RNN_CONTENT_TOKENS, record, &count, end, error));
  RNN_TRY(rnn_record_reserve_tokens(record, count, true, true, error));
  struct rnn_lines lines = rnn_reader_lines(input, record);
  while (rnn_lines_next(&lines))
    if (!rnn_input_is_blank(lines.line.bytes, lines.line.length_bytes))
      RNN_TRY(read_row(input, &lines, &width, record, error));
  *rnn_input_width(input) = width; /* that of the first good record holds for the file */
  record->has_tags = width > 1;
  record->filler = record->steps == 0;
  rnn_reader_give_label(record, settings);
out:
  return status;
}

const struct rnn_format rnn_format_columns = {.name = "columns",
                                              .help = "token and tag columns, a blank line ends a sequence",
                                              .many_lines = true,
                                              .next = next_columns};
