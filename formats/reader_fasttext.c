/* "__label__x text", as fastText reads it (https://fasttext.cc/docs/en/supervised-tutorial.html), with one label. */
#include <string.h>

#include "reader_common.h"

static const char mark[] = "__label__";
enum { MARK_BYTES = sizeof mark - 1 };

static bool begins_with_mark(struct rnn_slice text)
{
  return text.length_bytes >= MARK_BYTES && memcmp(text.bytes, mark, MARK_BYTES) == 0;
}

/* Takes blanks and then a word off the front of *text. */
static struct rnn_slice take_word(struct rnn_slice *text)
{
  const char *p = text->bytes, *end = p + text->length_bytes;
  while (p < end && rnn_reader_is_space(*p))
    p++;
  struct rnn_slice word = {.bytes = p};
  while (p < end && !rnn_reader_is_space(*p))
    p++;
  word.length_bytes = (size_t)(p - word.bytes);
  *text = (struct rnn_slice){p, (size_t)(end - p)};
  return word;
}

/* A word of `text` that is a label. */
static bool has_label(struct rnn_slice text)
{
  const char *end = text.bytes + text.length_bytes;
  for (const char *p = text.bytes; (p = memmem(p, (size_t)(end - p), mark, MARK_BYTES)) != NULL; p++)
    if (p == text.bytes || rnn_reader_is_space(p[-1]))
      return true;
  return false;
}

static enum rnn_status next_fasttext(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                     struct rnn_record *record, bool *end, struct rnn_error *error)
{
  struct rnn_slice rest;
  enum rnn_status status;
  RNN_TRY(rnn_reader_line(input, RNN_CONTENT_TEXT, record, &rest, end, error));
  if (*end)
    return RNN_OK;
  struct rnn_slice label = take_word(&rest);
  if (!begins_with_mark(label) || label.length_bytes == MARK_BYTES)
    RNN_TRY(rnn_reader_refuse(input, record->line, error, "__label__NAME expected at the beginning of the line"));
  if (has_label(rest))
    RNN_TRY(rnn_reader_refuse(input, record->line, error, "more than one __label__: one label a record is read"));
  record->label = (struct rnn_slice){label.bytes + MARK_BYTES, label.length_bytes - MARK_BYTES};
  RNN_TRY(rnn_reader_check_length(input, record->line, "label", record->label, error));
  record->has_label = true;
  record->text = rnn_reader_trim(rest);
  rnn_reader_give_label(record, settings);
out:
  return status;
}

const struct rnn_format rnn_format_fasttext = {.name = "fasttext", .help = "__label__NAME text", .next = next_fasttext};
