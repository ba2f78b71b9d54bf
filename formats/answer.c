/* Answers in the shape that the input had. */
#include "answer_parts.h"

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

enum rnn_status rnn_answer_put_text(struct rnn_output *output, const char *text, struct rnn_error *error)
{
  return rnn_output_write(output, text, strlen(text), error);
}

/* A cell of tab-separated values. */
enum rnn_status rnn_answer_put_cell(struct rnn_output *output, struct rnn_slice slice, struct rnn_error *error)
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
enum rnn_status rnn_answer_put_probability(struct rnn_output *output, double probability, struct rnn_error *error)
{
  char text[RNN_NUMBER_BYTES];
  if (probability > 0.0 && probability < (double)FLT_MIN)
    return rnn_answer_put_text(output, rnn_number_double(probability, text), error);
  return rnn_answer_put_text(output, rnn_number_float((float)probability, text), error);
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

enum rnn_status rnn_answer_put_string(struct rnn_output *output, struct rnn_slice text, struct rnn_error *error)
{
  if (text.bytes == NULL)
    return rnn_answer_put_text(output, "null", error);
  return rnn_json_string(output, text.bytes, text.length_bytes, error);
}

enum rnn_status rnn_answer_begin_object(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                        struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_slice key = key_of(encoder, i);
  RNN_TRY(rnn_answer_put_text(output, "{", error));
  if (key.bytes != NULL) {
    RNN_TRY(rnn_answer_put_text(output, "\"key\":", error));
    RNN_TRY(rnn_answer_put_string(output, key, error));
    RNN_TRY(rnn_answer_put_text(output, ",", error));
  }
out:
  return status;
}

static enum rnn_status write_json_member(struct rnn_output *output, const char *name, struct rnn_slice value,
                                         struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_output_print(output, error, "\"%s\":", name));
  RNN_TRY(rnn_answer_put_string(output, value, error));
out:
  return status;
}

enum rnn_status rnn_answer_put_json_probability(struct rnn_output *output, double probability, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_answer_put_text(output, ",\"probability\":", error));
  RNN_TRY(rnn_answer_put_probability(output, probability, error));
out:
  return status;
}

static enum rnn_status write_json_label(struct rnn_output *output, const struct rnn_answer_label *label,
                                        struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(write_json_member(output, "label", label->text, error));
  RNN_TRY(rnn_answer_put_json_probability(output, label->probability, error));
out:
  return status;
}

static enum rnn_status write_json_labels(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                         size_t step, const struct rnn_answer_label *label, size_t count,
                                         struct rnn_error *error)
{
  enum rnn_status status;
  static const struct rnn_answer_label none;
  RNN_TRY(rnn_answer_begin_object(output, encoder, i, error));
  if (step > 0)
    RNN_TRY(rnn_output_print(output, error, "\"step\":%zu,", step));
  RNN_TRY(write_json_label(output, count > 0 ? &label[0] : &none, error));
  if (count > 1)
    RNN_TRY(rnn_answer_put_text(output, ",\"top\":[", error));
  for (size_t j = 0; j < count && count > 1; j++) {
    RNN_TRY(rnn_answer_put_text(output, j > 0 ? ",{" : "{", error));
    RNN_TRY(write_json_label(output, &label[j], error));
    RNN_TRY(rnn_answer_put_text(output, j + 1 < count ? "}" : "}]", error));
  }
  RNN_TRY(rnn_answer_put_text(output, "}", error));
out:
  return status;
}

/* ---- labels ---- */

enum rnn_status rnn_answer_put_key(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_answer_put_cell(output, key_of(encoder, i), error));
  RNN_TRY(rnn_answer_put_text(output, "\t", error));
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
    RNN_TRY(rnn_answer_put_key(output, encoder, i, error));
  if (step > 0)
    RNN_TRY(rnn_output_print(output, error, "%zu\t", step));
  for (size_t j = 0; j < count || j == 0; j++) {
    const struct rnn_answer_label *answer = j < count ? &label[j] : &none;
    if (j > 0)
      RNN_TRY(rnn_answer_put_text(output, "\t", error));
    RNN_TRY(rnn_answer_put_cell(output, answer->text, error));
    if (style->probability) {
      RNN_TRY(rnn_answer_put_text(output, "\t", error));
      RNN_TRY(rnn_answer_put_probability(output, answer->probability, error));
    }
  }
  RNN_TRY(rnn_answer_write_end(output, style, error));
out:
  return status;
}

/* ---- completions ---- */

static enum rnn_status write_json_completions(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                              struct rnn_slice prefix, const struct rnn_answer_completion *completion,
                                              size_t count, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_answer_begin_object(output, encoder, i, error));
  RNN_TRY(write_json_member(output, "prefix", prefix, error));
  RNN_TRY(rnn_answer_put_text(output, ",\"completions\":[", error));
  for (size_t j = 0; j < count; j++) {
    RNN_TRY(rnn_answer_put_text(output, j > 0 ? ",{" : "{", error));
    RNN_TRY(write_json_member(output, "text", completion[j].text, error));
    RNN_TRY(rnn_answer_put_json_probability(output, completion[j].probability, error));
    RNN_TRY(rnn_output_print(output, error, ",\"stopped\":%s}", completion[j].stopped ? "true" : "false"));
  }
  RNN_TRY(rnn_answer_put_text(output, "]}", error));
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
      RNN_TRY(rnn_answer_put_key(output, encoder, i, error));
    RNN_TRY(write_slice(output, completion[j].text, error));
    if (style->probability) {
      RNN_TRY(rnn_answer_put_text(output, "\t", error));
      RNN_TRY(rnn_answer_put_probability(output, completion[j].probability, error));
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
    RNN_TRY(rnn_answer_begin_object(output, encoder, i, error));
    RNN_TRY(rnn_output_print(output, error, "\"%s\":%s}", name, *digits == '\0' ? "null" : digits));
  } else {
    if (style->key)
      RNN_TRY(rnn_answer_put_key(output, encoder, i, error));
    RNN_TRY(rnn_answer_put_text(output, digits, error));
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
