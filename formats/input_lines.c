/* Lines of an input: found in its buffer and returned from there. */
#include <string.h>

#include "input_private.h"
#include "memory.h"
#include "utf8.h"

enum { LOOK_AHEAD_BYTES = 1 << 20, BOM_BYTES = 3 };

/* Until the next line can be told without reading: *at is the offset of its end from `begin`, SIZE_MAX where there is
 * none (the line is too long, or the last). False if that means waiting and `wait` is not set. */
static bool find_line(struct rnn_input *input, bool wait, size_t *at)
{
  for (;;) {
    const char *begin = input->buffer + input->begin;
    size_t count = input->end - input->begin;
    const char *hit = memchr(begin + input->searched, input->settings.record_end, count - input->searched);
    *at = hit == NULL ? SIZE_MAX : (size_t)(hit - begin);
    input->searched = hit == NULL ? count : *at;
    if (input->discarding) {
      input->begin += hit == NULL ? count : *at + 1;
      input->searched = 0;
      if (hit != NULL || input->at_end) {
        input->discarding = false;
        continue;
      }
    } else if (hit != NULL || input->at_end || count > input->settings.most_line_bytes + 1) {
      return true;
    }
    if (!rnn_input_fill(input, wait))
      return false;
  }
}

static enum rnn_status refuse_length(struct rnn_input *input, struct rnn_error *error)
{
  size_t most = input->settings.most_line_bytes;
  const char *unit = "bytes";
  if (most % ((size_t)1 << 20) == 0) {
    most >>= 20;
    unit = "MiB";
  } else if (most % ((size_t)1 << 10) == 0) {
    most >>= 10;
    unit = "KiB";
  }
  return rnn_error_set(error, RNN_DATA, "%s:%llu: line longer than %zu %s (--max-line)", input->name,
                       (unsigned long long)input->line, most, unit);
}

static enum rnn_status refuse_byte(struct rnn_input *input, const char *line, size_t at, struct rnn_error *error)
{
  const char *what = line[at] == '\0' ? "NUL" : "invalid UTF-8";
  unsigned char first = (unsigned char)line[0];
  bool utf16 = input->line == 1 && at == 0 && (first == 0xFE || first == 0xFF);
  return rnn_error_set(error, RNN_DATA, "%s:%llu: %s at byte %zu%s", input->name, (unsigned long long)input->line, what,
                       at + 1, utf16 ? " (UTF-16? convert it with iconv)" : "");
}

/* The line's bytes as settings.utf8 wants them. */
static enum rnn_status check(struct rnn_input *input, const char **line, size_t *length_bytes, struct rnn_error *error)
{
  if (input->settings.utf8 == RNN_UTF8_BYTES || *length_bytes == 0)
    return RNN_OK;
  size_t bad = rnn_utf8_valid_text(*line, *length_bytes);
  if (bad == *length_bytes)
    return RNN_OK;
  if (input->settings.utf8 == RNN_UTF8_STRICT)
    return refuse_byte(input, *line, bad, error);
  enum rnn_status status =
      rnn_memory_grow(&input->mended, &input->capacity_mended, 3 * *length_bytes, 1, "a line of invalid UTF-8", error);
  if (status != RNN_OK)
    return status;
  *length_bytes = rnn_utf8_mend(*line, *length_bytes, input->mended);
  *line = input->mended;
  return RNN_OK;
}

static size_t skip_bom(struct rnn_input *input, size_t count)
{
  static const char bom[BOM_BYTES] = {(char)0xEF, (char)0xBB, (char)0xBF};
  if (input->line > 0 || count < BOM_BYTES || memcmp(input->buffer + input->begin, bom, BOM_BYTES) != 0)
    return 0;
  input->had_bom = true;
  rnn_input_take(input, BOM_BYTES);
  return BOM_BYTES;
}

/* `count` bytes, the record end among them if `ended`. */
static enum rnn_status return_line(struct rnn_input *input, size_t count, bool ended, const char **line,
                                   size_t *length_bytes, struct rnn_error *error)
{
  const char *begin = input->buffer + input->begin;
  size_t end_bytes = ended;
  if (ended && input->settings.record_end == '\n' && count > 1 && begin[count - 2] == '\r')
    end_bytes = 2;
  rnn_input_take(input, count);
  input->line_end = end_bytes == 2 ? "\r\n" : !ended ? "" : input->settings.record_end == '\n' ? "\n" : "\0";
  input->line_end_bytes = end_bytes;
  size_t length = count - end_bytes;
  if (length > input->settings.most_line_bytes)
    return refuse_length(input, error);
  const char *found = begin;
  enum rnn_status status = check(input, &found, &length, error);
  if (status == RNN_OK) {
    *line = found;
    *length_bytes = length;
  }
  return status;
}

enum rnn_status rnn_input_next_line(struct rnn_input *input, const char **line, size_t *length_bytes,
                                    struct rnn_error *error)
{
  size_t at;
  *line = NULL;
  *length_bytes = 0;
  input->line_end = "";
  input->line_end_bytes = 0;
  find_line(input, true, &at);
  bool ended = at != SIZE_MAX;
  size_t count = ended ? at + 1 : input->end - input->begin;
  count -= skip_bom(input, count);
  if (!ended && input->failed) {
    rnn_input_take(input, count);
    return rnn_input_report_failure(input, error);
  }
  if (count == 0)
    return RNN_OK;
  input->line++;
  if (ended || input->at_end)
    return return_line(input, count, ended, line, length_bytes, error);
  rnn_input_take(input, count);
  input->discarding = true;
  return refuse_length(input, error);
}

bool rnn_input_would_block(struct rnn_input *input)
{
  size_t at;
  if (input->raw)
    return input->begin == input->end && !input->at_end && !rnn_input_fill(input, false);
  return !find_line(input, false, &at);
}

bool rnn_input_is_blank(const char *line, size_t length_bytes)
{
  size_t i = 0;
  while (i < length_bytes && (line[i] == ' ' || line[i] == '\t'))
    i++;
  return i == length_bytes;
}

/* `count` bytes before a record end: a blank line, in the file? */
static bool is_blank(const struct rnn_input *input, const char *line, size_t count)
{
  if (count > 0 && input->settings.record_end == '\n' && line[count - 1] == '\r')
    count--;
  return rnn_input_is_blank(line, count);
}

bool rnn_input_would_block_paragraph(struct rnn_input *input)
{
  bool begun = false;
  size_t line = 0; /* offset from `begin` */
  if (input->discarding)
    return rnn_input_would_block(input);
  for (;;) {
    const char *begin = input->buffer + input->begin;
    size_t count = input->end - input->begin;
    const char *hit = memchr(begin + line, input->settings.record_end, count - line);
    if (hit != NULL) {
      size_t next = (size_t)(hit - begin) + 1;
      bool blank = is_blank(input, begin + line, next - 1 - line);
      if (blank && begun)
        return false;
      begun |= !blank;
      line = next;
    } else if (input->at_end || count > LOOK_AHEAD_BYTES) {
      return false;
    } else if (!rnn_input_fill(input, false)) {
      return true;
    }
  }
}
