/* Columns of tokens and tags as in the CoNLL shared tasks: a step a line, a blank line ends the sequence. Where a line
 * holds a TAB, TABs separate its columns, else blanks. */
#include <limits.h>
#include <string.h>

#include "number.h"
#include "reader_common.h"

/* The columns of the tags, from 0; LAST: the last one. */
struct places {
  size_t count, column[RNN_MOST_COLUMNS];
  bool given; /* by number */
};

enum { LAST = INT_MAX };

static enum rnn_status find_places(const struct rnn_reader_settings *settings, struct places *places,
                                   struct rnn_error *error)
{
  const struct rnn_columns *columns = &settings->tag_columns;
  *places = (struct places){.count = 1, .column = {LAST}};
  if (settings->fills || columns->count == 0)
    return RNN_OK;
  places->given = true;
  places->count = columns->count;
  for (size_t c = 0; c < columns->count; c++) {
    int64_t number;
    if (!rnn_number_parse_integer(columns->name[c], strlen(columns->name[c]), &number) || number < 1 || number >= LAST)
      return rnn_error_set(error, RNN_USAGE, "--column: '%s' is no column of this format: numbers, from 1, are",
                           columns->name[c]);
    places->column[c] = (size_t)number - 1;
  }
  return RNN_OK;
}

/* The first column, and those of the tags, bytes == NULL where the line has none; answers how many columns there are, 0
 * if one is empty. */
static size_t read_columns(struct rnn_slice line, const struct places *places, struct rnn_slice *first,
                           struct rnn_slice *tag)
{
  bool tabs = memchr(line.bytes, '\t', line.length_bytes) != NULL;
  struct rnn_slice rest = tabs ? line : rnn_reader_trim(line);
  size_t count = 0;
  for (size_t c = 0; c < places->count; c++)
    tag[c] = (struct rnn_slice){.bytes = NULL};
  while (rest.bytes != NULL) {
    struct rnn_slice piece = rnn_reader_cut(&rest, tabs ? '\t' : ' ');
    if (piece.length_bytes == 0 && !tabs)
      continue; /* a run of blanks is one separator */
    if (piece.length_bytes == 0)
      return 0;
    if (count == 0)
      *first = piece;
    for (size_t c = 0; c < places->count; c++)
      if (places->column[c] == count || places->column[c] == LAST)
        tag[c] = piece;
    count++;
  }
  return count;
}

static enum rnn_status add_tags(struct rnn_input *input, const struct rnn_lines *lines, const struct places *places,
                                size_t found, const struct rnn_slice *tag, struct rnn_record *record,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t c = 0; c < places->count; c++) {
    if (tag[c].bytes == NULL)
      RNN_TRY(rnn_reader_refuse(input, lines->number, error, "column %zu of the tags is not there: %zu found",
                                places->column[c] + 1, found));
    RNN_TRY(rnn_reader_check_length(input, lines->number, "tag", tag[c], error));
    record->tag[record->steps * places->count + c] = tag[c];
    record->spot[record->steps * places->count + c] =
        (struct rnn_slice){lines->line.bytes + lines->line.length_bytes, 0};
  }
out:
  return status;
}

/* *width is the number of columns of the lines before, 0 at the first. */
static enum rnn_status read_row(struct rnn_input *input, const struct rnn_lines *lines, const struct places *places,
                                size_t *width, struct rnn_record *record, struct rnn_error *error)
{
  struct rnn_slice token, tag[RNN_MOST_COLUMNS];
  size_t found = read_columns(lines->line, places, &token, tag);
  enum rnn_status status;
  if (found == 0)
    RNN_TRY(rnn_reader_refuse(input, lines->number, error, "a column is empty"));
  if (*width == 0)
    *width = found;
  if (found != *width)
    RNN_TRY(rnn_reader_refuse(input, lines->number, error, "%zu columns expected, %zu found", *width, found));
  RNN_TRY(rnn_reader_check_length(input, lines->number, "token", token, error));
  record->token[record->steps] = token;
  RNN_TRY(add_tags(input, lines, places, found, tag, record, error));
  record->steps++;
out:
  return status;
}

static enum rnn_status next_columns(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                    struct rnn_record *record, bool *end, struct rnn_error *error)
{
  struct places places;
  size_t count, width = *rnn_input_width(input);
  enum rnn_status status;
  RNN_TRY(find_places(settings, &places, error));
  RNN_TRY(rnn_reader_paragraph(input, RNN_CONTENT_TOKENS, record, &count, end, error));
  if (places.given)
    rnn_reader_name_columns(record, settings);
  RNN_TRY(rnn_record_reserve_tokens(record, count, true, true, error));
  struct rnn_lines lines = rnn_reader_lines(input, record);
  while (rnn_lines_next(&lines))
    if (!rnn_input_is_blank(lines.line.bytes, lines.line.length_bytes))
      RNN_TRY(read_row(input, &lines, &places, &width, record, error));
  *rnn_input_width(input) = width; /* that of the first good record holds for the file */
  record->has_tags = (width > 1 || places.given) && !settings->fills;
  record->filler = record->steps == 0;
  rnn_reader_give_label(record, settings);
out:
  return status;
}

const struct rnn_format rnn_format_columns = {
    .name = "columns",
    .help = "token and tag columns, a blank line ends a sequence; the tag is --column (the last)",
    .many_lines = true,
    .next = next_columns};
