/* CoNLL-U (https://universaldependencies.org/format.html): sentences of ten columns separated by TABs. Comments, ranges
 * of multiword tokens and empty nodes stay in raw and are no steps. */
#include <string.h>

#include "reader_common.h"

enum { COLUMNS = 10, ID = 0, FORM = 1, UPOS = 3, FEATS = 5 };

static const char *const column_name[COLUMNS] = {"id",    "form", "lemma",  "upos", "xpos",
                                                 "feats", "head", "deprel", "deps", "misc"};

bool rnn_conllu_column_find(const char *name, size_t *column)
{
  for (*column = 0; *column < COLUMNS; ++*column)
    if (strcmp(name, column_name[*column]) == 0)
      return true;
  return false;
}

enum row { ROW_WORD, ROW_OTHER, ROW_BAD };

static size_t skip_digits(struct rnn_slice id, size_t i)
{
  while (i < id.length_bytes && id.bytes[i] >= '0' && id.bytes[i] <= '9')
    i++;
  return i;
}

/* "7" is a word; "7-8" a range, "7.1" an empty node. */
static enum row classify(struct rnn_slice id)
{
  size_t first = skip_digits(id, 0);
  if (first == 0)
    return ROW_BAD;
  if (first == id.length_bytes)
    return ROW_WORD;
  size_t second = skip_digits(id, first + 1);
  bool two = (id.bytes[first] == '-' || id.bytes[first] == '.') && second > first + 1 && second == id.length_bytes;
  return two ? ROW_OTHER : ROW_BAD;
}

/* The columns of the tags. */
struct places {
  size_t count, column[RNN_MOST_COLUMNS];
};

static enum rnn_status find_places(const struct rnn_columns *columns, struct places *places, struct rnn_error *error)
{
  *places = (struct places){.count = rnn_columns_count(columns), .column = {UPOS}};
  for (size_t c = 0; c < columns->count; c++)
    if (!rnn_conllu_column_find(columns->name[c], &places->column[c]))
      return rnn_error_set(error, RNN_USAGE,
                           "--column: '%s' is no column of CoNLL-U: id, form, lemma, upos, xpos, feats, head, "
                           "deprel, deps, misc",
                           columns->name[c]);
  return RNN_OK;
}

/* "_" is a word without a tag, but of features it says that there are none. */
static bool is_tag(struct rnn_slice tag, size_t column)
{
  bool blank = tag.length_bytes == 1 && tag.bytes[0] == '_';
  return tag.length_bytes > 0 && (!blank || column == FEATS);
}

static enum rnn_status add_word(struct rnn_input *input, const struct rnn_lines *lines, const struct rnn_slice *field,
                                const struct places *places, struct rnn_record *record, struct rnn_error *error)
{
  enum rnn_status status;
  if (field[FORM].length_bytes == 0)
    RNN_TRY(rnn_reader_refuse(input, lines->number, error, "column 2 (FORM) is empty"));
  RNN_TRY(rnn_reader_check_length(input, lines->number, "token", field[FORM], error));
  record->token[record->steps] = field[FORM];
  for (size_t c = 0; c < places->count; c++) {
    struct rnn_slice tag = field[places->column[c]];
    size_t at = record->steps * places->count + c;
    RNN_TRY(rnn_reader_check_length(input, lines->number, "tag", tag, error));
    record->tag[at] = is_tag(tag, places->column[c]) ? tag : (struct rnn_slice){.bytes = NULL};
    record->spot[at] = tag;
  }
  record->steps++;
out:
  return status;
}

static enum rnn_status read_row(struct rnn_input *input, const struct rnn_lines *lines, const struct places *places,
                                struct rnn_record *record, struct rnn_error *error)
{
  struct rnn_slice field[COLUMNS], rest = lines->line;
  size_t found = 0;
  for (; rest.bytes != NULL; found++) {
    struct rnn_slice piece = rnn_reader_cut(&rest, '\t');
    if (found < COLUMNS)
      field[found] = piece;
  }
  if (found != COLUMNS)
    return rnn_reader_refuse(input, lines->number, error, "%d columns expected, %zu found", COLUMNS, found);
  char quote[RNN_QUOTE_BYTES];
  switch (classify(field[ID])) {
  case ROW_WORD:
    return add_word(input, lines, field, places, record, error);
  case ROW_OTHER:
    return RNN_OK;
  default:
    return rnn_reader_refuse(input, lines->number, error,
                             "ID '%s' is no number, no range (1-2) and no empty node (5.1)",
                             rnn_reader_quote(field[ID], quote));
  }
}

static enum rnn_status next_conllu(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                   struct rnn_record *record, bool *end, struct rnn_error *error)
{
  struct places places;
  size_t count;
  enum rnn_status status = RNN_OK;
  RNN_TRY(find_places(&settings->tag_columns, &places, error));
  RNN_TRY(rnn_reader_paragraph(input, RNN_CONTENT_TOKENS, record, &count, end, error));
  rnn_reader_name_columns(record, settings);
  RNN_TRY(rnn_record_reserve_tokens(record, count, true, true, error));
  struct rnn_lines lines = rnn_reader_lines(input, record);
  while (rnn_lines_next(&lines))
    if (!rnn_input_is_blank(lines.line.bytes, lines.line.length_bytes) && lines.line.bytes[0] != '#')
      RNN_TRY(read_row(input, &lines, &places, record, error));
  record->has_tags = !settings->fills;
  record->filler = record->steps == 0;
  rnn_reader_give_label(record, settings);
out:
  return status;
}

const struct rnn_format rnn_format_conllu = {
    .name = "conllu", .help = "CoNLL-U sentences; the tag is --column (upos)", .many_lines = true, .next = next_conllu};
