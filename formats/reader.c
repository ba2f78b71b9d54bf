/* The table of formats, and how a format is told by its first line. */
#include "reader.h"

#include <string.h>

#include "input_limits.h"
#include "reader_common.h"

const struct rnn_format *const rnn_formats[] = {&rnn_format_text,   &rnn_format_tsv,     &rnn_format_fasttext,
                                                &rnn_format_conllu, &rnn_format_columns, &rnn_format_jsonl,
                                                &rnn_format_frames, &rnn_format_npy,     &rnn_format_y4m,     NULL};

const struct rnn_format *rnn_format_find(const char *name)
{
  for (size_t i = 0; rnn_formats[i] != NULL; i++)
    if (strcmp(name, rnn_formats[i]->name) == 0)
      return rnn_formats[i];
  return NULL;
}

bool rnn_format_would_block(const struct rnn_format *format, struct rnn_input *input)
{
  return format->many_lines ? rnn_input_would_block_paragraph(input) : rnn_input_would_block(input);
}

static bool begins_with(struct rnn_slice line, const char *text)
{
  size_t length = strlen(text);
  return line.length_bytes >= length && memcmp(line.bytes, text, length) == 0;
}

static bool begins_with_one_of(struct rnn_slice line, const char *const *text)
{
  while (*text != NULL && !begins_with(line, *text))
    text++;
  return *text != NULL;
}

/* Also a row that lost a column: it is to be refused, not read as text. */
static bool is_conllu_row(struct rnn_slice line)
{
  enum { COLUMNS = 10, LOST = 2 };
  struct rnn_slice rest = line, id = rnn_reader_cut(&rest, '\t');
  size_t columns = 1, empty = 0;
  while (rest.bytes != NULL) {
    struct rnn_slice column = rnn_reader_cut(&rest, '\t');
    empty += column.length_bytes == 1 && column.bytes[0] == '_';
    columns++;
  }
  bool width = columns == COLUMNS || (columns + LOST >= COLUMNS && empty > 0);
  return width && id.length_bytes > 0 && id.bytes[0] >= '0' && id.bytes[0] <= '9';
}

/* Numbers alone, enough of them that a sentence is not meant. */
static bool is_frame(struct rnn_slice line)
{
  size_t count = 0;
  bool fraction = false;
  const char *p = line.bytes, *end = p + line.length_bytes;
  while (p < end) {
    const char *begin = p;
    float ignored;
    while (p < end && !rnn_reader_is_space(*p) && *p != ',') {
      fraction |= *p == '.' || *p == 'e' || *p == 'E';
      p++;
    }
    if (p > begin && !rnn_reader_number((struct rnn_slice){begin, (size_t)(p - begin)}, &ignored))
      return false;
    count += p > begin;
    p += p < end;
  }
  return fraction ? count >= 2 : count >= 8;
}

static bool is_json(struct rnn_slice line)
{
  struct rnn_slice text = rnn_reader_trim(line);
  if (text.length_bytes < 2 || text.bytes[0] != '{')
    return false;
  struct rnn_slice inside = rnn_reader_trim((struct rnn_slice){text.bytes + 1, text.length_bytes - 1});
  return inside.length_bytes > 0 && (inside.bytes[0] == '"' || inside.bytes[0] == '}');
}

/* "Paris TAB B-LOC": behind the last TAB a tag of the begin-inside-outside kind. */
static bool is_chunk_row(struct rnn_slice line)
{
  const char *tab = memrchr(line.bytes, '\t', line.length_bytes);
  if (tab == NULL || tab == line.bytes)
    return false;
  struct rnn_slice tag = {tab + 1, line.length_bytes - (size_t)(tab + 1 - line.bytes)};
  bool blank = memchr(tag.bytes, ' ', tag.length_bytes) != NULL;
  return !blank && ((tag.length_bytes == 1 && tag.bytes[0] == 'O') || (tag.length_bytes > 2 && begins_with(tag, "B-")));
}

static const struct rnn_format *guess(struct rnn_slice line, bool tabs_are_tsv)
{
  static const char *const conllu[] = {"# sent_id", "# newdoc", "# newpar", "# text =", "# global.columns", NULL};
  static const char *const frames[] = {"# label:", "# key:", NULL};
  if (begins_with_one_of(line, conllu) || is_conllu_row(line))
    return &rnn_format_conllu;
  if (begins_with(line, "YUV4MPEG2 "))
    return &rnn_format_y4m;
  if (begins_with(line, "\x93NUMPY"))
    return &rnn_format_npy;
  if (begins_with(line, "__label__"))
    return &rnn_format_fasttext;
  if (begins_with_one_of(line, frames) || is_frame(line))
    return &rnn_format_frames;
  if (is_json(line))
    return &rnn_format_jsonl;
  if (is_chunk_row(line))
    return &rnn_format_columns;
  if (tabs_are_tsv && memchr(line.bytes, '\t', line.length_bytes) != NULL)
    return &rnn_format_tsv;
  return &rnn_format_text;
}

enum rnn_status rnn_format_guess(struct rnn_input *input, bool tabs_are_tsv, const struct rnn_format **format,
                                 struct rnn_error *error)
{
  enum { MOST_BYTES = 1 << 20 };
  struct rnn_slice line;
  char record_end = rnn_input_record_end(input);
  enum rnn_status status = rnn_input_peek(input, &line.bytes, MOST_BYTES, &line.length_bytes, error);
  if (status != RNN_OK)
    return status;
  if (begins_with(line, "\xEF\xBB\xBF"))
    line = (struct rnn_slice){line.bytes + 3, line.length_bytes - 3};
  struct rnn_slice rest = line;
  line = rnn_reader_cut(&rest, record_end);
  if (record_end == '\n' && line.length_bytes > 0 && line.bytes[line.length_bytes - 1] == '\r')
    line.length_bytes--;
  *format = guess(line, tabs_are_tsv);
  return RNN_OK;
}

/* The text of a record of tsv or fasttext, to the end of its line. */
static struct rnn_slice labelled_text(struct rnn_slice line, const struct rnn_format *format)
{
  const char *end = line.bytes + line.length_bytes, *text = line.bytes;
  if (format == &rnn_format_tsv) {
    text = memchr(text, '\t', line.length_bytes);
    text = text == NULL ? end : text + 1;
  }
  while (format == &rnn_format_fasttext && begins_with((struct rnn_slice){text, (size_t)(end - text)}, "__label__")) {
    while (text < end && !rnn_reader_is_space(*text))
      text++;
    while (text < end && rnn_reader_is_space(*text))
      text++;
  }
  return rnn_reader_trim((struct rnn_slice){text, (size_t)(end - text)});
}

static bool has_blank(struct rnn_slice text)
{
  for (size_t i = 0; i < text.length_bytes; i++)
    if (rnn_reader_is_space(text.bytes[i]))
      return true;
  return false;
}

enum rnn_status rnn_format_guess_level(struct rnn_input *input, const struct rnn_format *format, enum rnn_level *level,
                                       struct rnn_error *error)
{
  enum { LOOKED_AT_BYTES = 1 << 16, LEAST_RECORDS = 20, MOST_WITH_BLANKS = 10 /* one in so many */ };
  struct rnn_slice rest;
  size_t records = 0, with_blanks = 0;
  *level = RNN_LEVEL_WORD;
  if (format != &rnn_format_tsv && format != &rnn_format_fasttext)
    return RNN_OK;
  enum rnn_status status = rnn_input_peek_far(input, &rest.bytes, LOOKED_AT_BYTES, &rest.length_bytes, error);
  if (status != RNN_OK)
    return status;
  while (rest.length_bytes > 0) {
    struct rnn_slice text = labelled_text(rnn_reader_cut(&rest, rnn_input_record_end(input)), format);
    records += text.length_bytes > 0;
    with_blanks += has_blank(text);
  }
  if (records >= LEAST_RECORDS && with_blanks * MOST_WITH_BLANKS <= records)
    *level = RNN_LEVEL_CHAR;
  return RNN_OK;
}

enum rnn_status rnn_format_is_stream(struct rnn_input *input, bool *is_stream, struct rnn_error *error)
{
  enum { LENGTH_BYTES = 8 };
  const char *bytes;
  size_t got;
  uint64_t length = 0;
  *is_stream = false;
  enum rnn_status status = rnn_input_peek(input, &bytes, LENGTH_BYTES + 1, &got, error);
  if (status != RNN_OK || !rnn_input_is_compressed(input) || got <= LENGTH_BYTES || bytes[LENGTH_BYTES] != '{')
    return status;
  for (size_t i = LENGTH_BYTES; i-- > 0;)
    length = length << 8 | (unsigned char)bytes[i];
  if (length > RNN_LIMIT_HEADER_BYTES)
    return RNN_OK;
  *is_stream = true;
  return rnn_input_use_raw(input, error);
}
