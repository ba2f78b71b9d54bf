/* Answers in the shape that the input had. */
#include "answer.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "json_text.h"
#include "memory.h"
#include "number.h"

static enum rnn_status write_slice(struct rnn_output *output, struct rnn_slice slice, struct rnn_error *error)
{
  return rnn_output_write(output, slice.bytes, slice.length_bytes, error);
}

static enum rnn_status write_text(struct rnn_output *output, const char *text, struct rnn_error *error)
{
  return rnn_output_write(output, text, strlen(text), error);
}

/* A cell of tab-separated values. */
static enum rnn_status write_cell(struct rnn_output *output, struct rnn_slice slice, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t written = 0;
  if (slice.length_bytes == 0) /* of a record without a key there are no bytes either */
    return RNN_OK;
  for (size_t i = 0; i < slice.length_bytes; i++)
    if ((unsigned char)slice.bytes[i] < 0x20) {
      RNN_TRY(rnn_output_write(output, slice.bytes + written, i - written, error));
      RNN_TRY(rnn_output_write(output, " ", 1, error));
      written = i + 1;
    }
  RNN_TRY(rnn_output_write(output, slice.bytes + written, slice.length_bytes - written, error));
out:
  return status;
}

/* As a float, the precision it has; a product of many that is too small for one as a double. */
static enum rnn_status write_probability(struct rnn_output *output, double probability, struct rnn_error *error)
{
  char text[RNN_NUMBER_BYTES];
  if (probability > 0.0 && probability < (double)FLT_MIN)
    return write_text(output, rnn_number_double(probability, text), error);
  return write_text(output, rnn_number_float((float)probability, text), error);
}

enum rnn_status rnn_answer_write_end(struct rnn_output *output, const struct rnn_answer_style *style,
                                     struct rnn_error *error)
{
  return rnn_output_write(output, &style->record_end, 1, error);
}

static struct rnn_slice key_of(const struct rnn_encoder *encoder, size_t i)
{
  const struct rnn_record *record = rnn_encoder_record(encoder, i);
  return record == NULL ? (struct rnn_slice){0} : record->key;
}

/* ---- JSON ---- */

static enum rnn_status write_json_string(struct rnn_output *output, struct rnn_slice text, struct rnn_error *error)
{
  if (text.bytes == NULL)
    return write_text(output, "null", error);
  return rnn_json_string(output, text.bytes, text.length_bytes, error);
}

static enum rnn_status begin_object(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                    struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_slice key = key_of(encoder, i);
  RNN_TRY(write_text(output, "{", error));
  if (key.bytes != NULL) {
    RNN_TRY(write_text(output, "\"key\":", error));
    RNN_TRY(write_json_string(output, key, error));
    RNN_TRY(write_text(output, ",", error));
  }
out:
  return status;
}

static enum rnn_status write_json_member(struct rnn_output *output, const char *name, struct rnn_slice value,
                                         struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_output_print(output, error, "\"%s\":", name));
  RNN_TRY(write_json_string(output, value, error));
out:
  return status;
}

static enum rnn_status write_json_probability(struct rnn_output *output, double probability, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(write_text(output, ",\"probability\":", error));
  RNN_TRY(write_probability(output, probability, error));
out:
  return status;
}

static enum rnn_status write_json_label(struct rnn_output *output, const struct rnn_answer_label *label,
                                        struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(write_json_member(output, "label", label->text, error));
  RNN_TRY(write_json_probability(output, label->probability, error));
out:
  return status;
}

static enum rnn_status write_json_labels(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                         size_t step, const struct rnn_answer_label *label, size_t count,
                                         struct rnn_error *error)
{
  enum rnn_status status;
  static const struct rnn_answer_label none;
  RNN_TRY(begin_object(output, encoder, i, error));
  if (step > 0)
    RNN_TRY(rnn_output_print(output, error, "\"step\":%zu,", step));
  RNN_TRY(write_json_label(output, count > 0 ? &label[0] : &none, error));
  if (count > 1)
    RNN_TRY(write_text(output, ",\"top\":[", error));
  for (size_t j = 0; j < count && count > 1; j++) {
    RNN_TRY(write_text(output, j > 0 ? ",{" : "{", error));
    RNN_TRY(write_json_label(output, &label[j], error));
    RNN_TRY(write_text(output, j + 1 < count ? "}" : "}]", error));
  }
  RNN_TRY(write_text(output, "}", error));
out:
  return status;
}

static enum rnn_status write_json_tags(struct rnn_output *output, const struct rnn_answer_style *style, size_t steps,
                                       const struct rnn_answer_path *path, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(write_text(output, "\"tags\":[", error));
  for (size_t t = 0; t < steps; t++) {
    if (t > 0)
      RNN_TRY(write_text(output, ",", error));
    RNN_TRY(write_json_string(output, path->tag[t].text, error));
  }
  RNN_TRY(write_text(output, style->probability ? "],\"probabilities\":[" : "]", error));
  for (size_t t = 0; t < steps && style->probability; t++) {
    if (t > 0)
      RNN_TRY(write_text(output, ",", error));
    RNN_TRY(write_probability(output, path->tag[t].probability, error));
  }
  RNN_TRY(write_text(output, style->probability ? "]" : "", error));
out:
  return status;
}

static enum rnn_status write_json_sentence(struct rnn_output *output, const struct rnn_answer_style *style,
                                           const struct rnn_encoder *encoder, size_t i,
                                           const struct rnn_answer_path *path, size_t paths, struct rnn_error *error)
{
  enum rnn_status status;
  size_t steps = rnn_encoder_sequence(encoder, i).length;
  RNN_TRY(begin_object(output, encoder, i, error));
  RNN_TRY(write_text(output, "\"tokens\":[", error));
  for (size_t t = 0; t < steps; t++) {
    struct rnn_slice token = rnn_encoder_token(encoder, i, t);
    if (t > 0)
      RNN_TRY(write_text(output, ",", error));
    RNN_TRY(write_json_string(output, token, error));
  }
  RNN_TRY(write_text(output, "],", error));
  RNN_TRY(write_json_tags(output, style, steps, &path[0], error));
  if (paths > 1)
    RNN_TRY(write_text(output, ",\"nbest\":[", error));
  for (size_t j = 0; j < paths && paths > 1; j++) {
    RNN_TRY(write_text(output, j > 0 ? ",{" : "{", error));
    RNN_TRY(write_json_tags(output, style, steps, &path[j], error));
    RNN_TRY(write_json_probability(output, path[j].probability, error));
    RNN_TRY(write_text(output, j + 1 < paths ? "}" : "}]", error));
  }
  RNN_TRY(write_text(output, "}", error));
out:
  return status;
}

/* ---- labels ---- */

static enum rnn_status write_key(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(write_cell(output, key_of(encoder, i), error));
  RNN_TRY(write_text(output, "\t", error));
out:
  return status;
}

enum rnn_status rnn_answer_write_labels(struct rnn_output *output, const struct rnn_answer_style *style,
                                        const struct rnn_encoder *encoder, size_t i, size_t step,
                                        const struct rnn_answer_label *label, size_t count, struct rnn_error *error)
{
  enum rnn_status status;
  static const struct rnn_answer_label none;
  if (style->json) {
    RNN_TRY(write_json_labels(output, encoder, i, step, label, count, error));
    return rnn_answer_write_end(output, style, error);
  }
  if (style->key)
    RNN_TRY(write_key(output, encoder, i, error));
  if (step > 0)
    RNN_TRY(rnn_output_print(output, error, "%zu\t", step));
  for (size_t j = 0; j < count || j == 0; j++) {
    const struct rnn_answer_label *answer = j < count ? &label[j] : &none;
    if (j > 0)
      RNN_TRY(write_text(output, "\t", error));
    RNN_TRY(write_cell(output, answer->text, error));
    if (style->probability) {
      RNN_TRY(write_text(output, "\t", error));
      RNN_TRY(write_probability(output, answer->probability, error));
    }
  }
  RNN_TRY(rnn_answer_write_end(output, style, error));
out:
  return status;
}

/* ---- tags ---- */

/* token TAB tag lines (a frame has no token), then the end of the record. */
static enum rnn_status write_token_lines(struct rnn_output *output, const struct rnn_answer_style *style,
                                         const struct rnn_encoder *encoder, size_t i, size_t steps,
                                         const struct rnn_answer_path *path, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t t = 0; t < steps; t++) {
    struct rnn_slice token = rnn_encoder_token(encoder, i, t);
    RNN_TRY(write_cell(output, token, error));
    RNN_TRY(write_text(output, token.bytes != NULL ? "\t" : "", error));
    RNN_TRY(write_cell(output, path->tag[t].text, error));
    if (style->probability) {
      RNN_TRY(write_text(output, "\t", error));
      RNN_TRY(write_probability(output, path->tag[t].probability, error));
    }
    RNN_TRY(write_text(output, "\n", error));
  }
  if (!style->open)
    RNN_TRY(rnn_answer_write_end(output, style, error));
out:
  return status;
}

static enum rnn_status write_tag_line(struct rnn_output *output, const struct rnn_answer_style *style,
                                      const struct rnn_encoder *encoder, size_t i, size_t steps,
                                      const struct rnn_answer_path *path, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (style->key)
    RNN_TRY(write_key(output, encoder, i, error));
  for (size_t t = 0; t < steps; t++) {
    if (t > 0)
      RNN_TRY(write_text(output, " ", error));
    RNN_TRY(write_cell(output, path->tag[t].text, error));
  }
  if (style->probability) {
    RNN_TRY(write_text(output, "\t", error));
    RNN_TRY(write_probability(output, path->probability, error));
  }
  RNN_TRY(rnn_answer_write_end(output, style, error));
out:
  return status;
}

/* Where the line around `at` begins and ends, its line end not counted. */
static struct rnn_slice line_around(struct rnn_slice raw, const char *at)
{
  const char *begin = at, *end = memchr(at, '\n', (size_t)(raw.bytes + raw.length_bytes - at));
  while (begin > raw.bytes && begin[-1] != '\n')
    begin--;
  if (end == NULL)
    end = raw.bytes + raw.length_bytes;
  if (end > at && end[-1] == '\r')
    end--;
  return (struct rnn_slice){.bytes = begin, .length_bytes = (size_t)(end - begin)};
}

/* The rest of a CoNLL-U line after the tag: the last column gets the probability. Answers where it ends. */
static enum rnn_status write_misc(struct rnn_output *output, struct rnn_slice line, const char **cursor,
                                  double probability, struct rnn_error *error)
{
  enum rnn_status status;
  const char *end = line.bytes + line.length_bytes, *misc = end;
  while (misc > *cursor && misc[-1] != '\t')
    misc--;
  bool empty = end - misc == 1 && *misc == '_';
  RNN_TRY(rnn_output_write(output, *cursor, (size_t)((empty ? misc : end) - *cursor), error));
  RNN_TRY(write_text(output, empty ? "Prob=" : "|Prob=", error));
  RNN_TRY(write_probability(output, probability, error));
  *cursor = end;
out:
  return status;
}

/* One more column, set apart as the others are. */
static enum rnn_status write_column(struct rnn_output *output, struct rnn_slice line,
                                    const struct rnn_answer_style *style, const struct rnn_answer_label *tag,
                                    struct rnn_error *error)
{
  enum rnn_status status;
  bool blanks =
      memchr(line.bytes, '\t', line.length_bytes) == NULL && memchr(line.bytes, ' ', line.length_bytes) != NULL;
  RNN_TRY(write_text(output, blanks ? " " : "\t", error));
  RNN_TRY(write_cell(output, tag->text, error));
  if (style->probability) {
    RNN_TRY(write_text(output, blanks ? " " : "\t", error));
    RNN_TRY(write_probability(output, tag->probability, error));
  }
out:
  return status;
}

/* The record's own bytes with the tags put in. */
static enum rnn_status write_echo(struct rnn_output *output, const struct rnn_answer_style *style,
                                  const struct rnn_record *record, const struct rnn_answer_path *path,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const char *cursor = record->raw.bytes, *end = cursor + record->raw.length_bytes;
  for (size_t t = 0; t < record->steps; t++) {
    struct rnn_slice spot = record->spot[t];
    RNN_TRY(rnn_output_write(output, cursor, (size_t)(spot.bytes - cursor), error));
    cursor = spot.bytes + spot.length_bytes;
    if (!style->misc) {
      RNN_TRY(write_column(output, line_around(record->raw, spot.bytes), style, &path->tag[t], error));
    } else {
      RNN_TRY(write_cell(output, path->tag[t].text, error));
      if (style->probability)
        RNN_TRY(write_misc(output, line_around(record->raw, spot.bytes), &cursor, path->tag[t].probability, error));
    }
  }
  RNN_TRY(rnn_output_write(output, cursor, (size_t)(end - cursor), error));
out:
  return status;
}

static enum rnn_status write_path(struct rnn_output *output, const struct rnn_answer_style *style,
                                  const struct rnn_encoder *encoder, size_t i, const struct rnn_answer_path *path,
                                  struct rnn_error *error)
{
  const struct rnn_record *record = rnn_encoder_record(encoder, i);
  size_t steps = rnn_encoder_sequence(encoder, i).length;
  if (style->labels_only)
    return write_tag_line(output, style, encoder, i, steps, path, error);
  if (style->echo && record != NULL && (record->spot != NULL || record->filler))
    return write_echo(output, style, record, path, error);
  return write_token_lines(output, style, encoder, i, steps, path, error);
}

enum rnn_status rnn_answer_write_tags(struct rnn_output *output, const struct rnn_answer_style *style,
                                      const struct rnn_encoder *encoder, size_t i, const struct rnn_answer_path *path,
                                      size_t paths, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (style->json) {
    RNN_TRY(write_json_sentence(output, style, encoder, i, path, paths, error));
    return rnn_answer_write_end(output, style, error);
  }
  for (size_t j = 0; j < paths; j++) {
    if (paths > 1 && !style->labels_only) {
      RNN_TRY(rnn_output_print(output, error, "# rank = %zu\n# probability = ", j + 1));
      RNN_TRY(write_probability(output, path[j].probability, error));
      RNN_TRY(write_text(output, "\n", error));
    }
    RNN_TRY(write_path(output, style, encoder, i, &path[j], error));
  }
out:
  return status;
}

/* ---- completions ---- */

static enum rnn_status write_json_completions(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                              struct rnn_slice prefix, const struct rnn_answer_completion *completion,
                                              size_t count, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(begin_object(output, encoder, i, error));
  RNN_TRY(write_json_member(output, "prefix", prefix, error));
  RNN_TRY(write_text(output, ",\"completions\":[", error));
  for (size_t j = 0; j < count; j++) {
    RNN_TRY(write_text(output, j > 0 ? ",{" : "{", error));
    RNN_TRY(write_json_member(output, "text", completion[j].text, error));
    RNN_TRY(write_json_probability(output, completion[j].probability, error));
    RNN_TRY(rnn_output_print(output, error, ",\"stopped\":%s}", completion[j].stopped ? "true" : "false"));
  }
  RNN_TRY(write_text(output, "]}", error));
out:
  return status;
}

enum rnn_status rnn_answer_write_completions(struct rnn_output *output, const struct rnn_answer_style *style,
                                             const struct rnn_encoder *encoder, size_t i, struct rnn_slice prefix,
                                             const struct rnn_answer_completion *completion, size_t count,
                                             struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (style->json) {
    RNN_TRY(write_json_completions(output, encoder, i, prefix, completion, count, error));
    return rnn_answer_write_end(output, style, error);
  }
  for (size_t j = 0; j < count; j++) {
    if (style->key)
      RNN_TRY(write_key(output, encoder, i, error));
    RNN_TRY(write_slice(output, completion[j].text, error));
    if (style->probability) {
      RNN_TRY(write_text(output, "\t", error));
      RNN_TRY(write_probability(output, completion[j].probability, error));
    }
    RNN_TRY(rnn_answer_write_end(output, style, error));
  }
out:
  return status;
}

enum rnn_status rnn_answer_write_score(struct rnn_output *output, const struct rnn_answer_style *style,
                                       const struct rnn_encoder *encoder, size_t i, const char *name, double value,
                                       struct rnn_error *error)
{
  enum rnn_status status;
  char text[RNN_NUMBER_BYTES];
  const char *digits = isfinite(value) ? rnn_number_float((float)value, text) : "";
  if (style->json) {
    RNN_TRY(begin_object(output, encoder, i, error));
    RNN_TRY(rnn_output_print(output, error, "\"%s\":%s}", name, *digits == '\0' ? "null" : digits));
  } else {
    if (style->key)
      RNN_TRY(write_key(output, encoder, i, error));
    RNN_TRY(write_text(output, digits, error));
  }
  RNN_TRY(rnn_answer_write_end(output, style, error));
out:
  return status;
}

enum rnn_status rnn_answer_append(struct rnn_answer_text *text, const char *bytes, size_t length_bytes,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_memory_grow(&text->bytes, &text->capacity, text->length_bytes + length_bytes, 1, "text", error));
  if (length_bytes > 0)
    memcpy(text->bytes + text->length_bytes, bytes, length_bytes);
  text->length_bytes += length_bytes;
out:
  return status;
}

enum rnn_status rnn_answer_append_symbol(struct rnn_answer_text *text, enum rnn_level level, struct rnn_slice symbol,
                                         struct rnn_error *error)
{
  enum rnn_status status;
  if (level == RNN_LEVEL_WORD && text->length_bytes > 0 && text->bytes[text->length_bytes - 1] != ' ')
    RNN_TRY(rnn_answer_append(text, " ", 1, error));
  RNN_TRY(rnn_answer_append(text, symbol.bytes, symbol.length_bytes, error));
out:
  return status;
}
