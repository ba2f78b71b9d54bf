/* Tags, in JSON, in lines of their own, or in those of the record. */
#include <string.h>

#include "answer_parts.h"
#include "json_text.h"

/* ---- JSON ---- */

static size_t columns_of(const struct rnn_answer_style *style)
{
  return style->columns == NULL ? 1 : rnn_columns_count(style->columns);
}

/* An array of the tags of one column, or of their probabilities. */
static enum rnn_status write_json_column(struct rnn_output *output, const struct rnn_answer_label *tag, size_t steps,
                                         bool probability, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_answer_put_text(output, "[", error));
  for (size_t t = 0; t < steps; t++) {
    if (t > 0)
      RNN_TRY(rnn_answer_put_text(output, ",", error));
    RNN_TRY(probability ? rnn_answer_put_probability(output, tag[t].probability, error)
                        : rnn_answer_put_string(output, tag[t].text, error));
  }
  RNN_TRY(rnn_answer_put_text(output, "]", error));
out:
  return status;
}

/* That array; of several columns an object with an array for each. */
static enum rnn_status write_json_columns(struct rnn_output *output, const struct rnn_answer_style *style, size_t steps,
                                          const struct rnn_answer_path *path, bool probability, struct rnn_error *error)
{
  enum rnn_status status;
  size_t columns = columns_of(style);
  if (columns == 1)
    return write_json_column(output, path->tag, steps, probability, error);
  for (size_t c = 0; c < columns; c++) {
    const char *name = style->columns->name[c];
    RNN_TRY(rnn_answer_put_text(output, c == 0 ? "{" : ",", error));
    RNN_TRY(rnn_json_string(output, name, strlen(name), error));
    RNN_TRY(rnn_answer_put_text(output, ":", error));
    RNN_TRY(write_json_column(output, path->tag + c * steps, steps, probability, error));
  }
  RNN_TRY(rnn_answer_put_text(output, "}", error));
out:
  return status;
}

static enum rnn_status write_json_tags(struct rnn_output *output, const struct rnn_answer_style *style, size_t steps,
                                       const struct rnn_answer_path *path, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_answer_put_text(output, "\"tags\":", error));
  RNN_TRY(write_json_columns(output, style, steps, path, false, error));
  if (!style->probability)
    return RNN_OK;
  RNN_TRY(rnn_answer_put_text(output, ",\"probabilities\":", error));
  RNN_TRY(write_json_columns(output, style, steps, path, true, error));
out:
  return status;
}

static enum rnn_status write_json_sentence(struct rnn_output *output, const struct rnn_answer_style *style,
                                           const struct rnn_encoder *encoder, size_t i,
                                           const struct rnn_answer_path *path, size_t paths, struct rnn_error *error)
{
  enum rnn_status status;
  size_t steps = rnn_encoder_sequence(encoder, i).length;
  RNN_TRY(rnn_answer_begin_object(output, encoder, i, error));
  RNN_TRY(rnn_answer_put_text(output, "\"tokens\":[", error));
  for (size_t t = 0; t < steps; t++) {
    struct rnn_slice token = rnn_encoder_token(encoder, i, t);
    if (t > 0)
      RNN_TRY(rnn_answer_put_text(output, ",", error));
    RNN_TRY(rnn_answer_put_string(output, token, error));
  }
  RNN_TRY(rnn_answer_put_text(output, "],", error));
  RNN_TRY(write_json_tags(output, style, steps, &path[0], error));
  if (paths > 1)
    RNN_TRY(rnn_answer_put_text(output, ",\"nbest\":[", error));
  for (size_t j = 0; j < paths && paths > 1; j++) {
    RNN_TRY(rnn_answer_put_text(output, j > 0 ? ",{" : "{", error));
    RNN_TRY(write_json_tags(output, style, steps, &path[j], error));
    RNN_TRY(rnn_answer_put_json_probability(output, path[j].probability[0], error));
    RNN_TRY(rnn_answer_put_text(output, j + 1 < paths ? "}" : "}]", error));
  }
  RNN_TRY(rnn_answer_put_text(output, "}", error));
out:
  return status;
}

/* ---- text ---- */

/* A tag behind a separator, and so its probability if that is asked for. */
static enum rnn_status write_tag(struct rnn_output *output, const struct rnn_answer_style *style, const char *separator,
                                 const struct rnn_answer_label *tag, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_answer_put_text(output, separator, error));
  RNN_TRY(rnn_answer_put_cell(output, tag->text, error));
  if (style->probability) {
    RNN_TRY(rnn_answer_put_text(output, *separator == '\0' ? "\t" : separator, error));
    RNN_TRY(rnn_answer_put_probability(output, tag->probability, error));
  }
out:
  return status;
}

/* token TAB tag lines (a frame has no token), then the end of the record. */
static enum rnn_status write_token_lines(struct rnn_output *output, const struct rnn_answer_style *style,
                                         const struct rnn_encoder *encoder, size_t i, size_t steps,
                                         const struct rnn_answer_path *path, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t t = 0; t < steps; t++) {
    struct rnn_slice token = rnn_encoder_token(encoder, i, t);
    RNN_TRY(rnn_answer_put_cell(output, token, error));
    for (size_t c = 0; c < columns_of(style); c++)
      RNN_TRY(write_tag(output, style, token.bytes != NULL || c > 0 ? "\t" : "", &path->tag[c * steps + t], error));
    RNN_TRY(rnn_answer_put_text(output, "\n", error));
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
    RNN_TRY(rnn_answer_put_key(output, encoder, i, error));
  for (size_t c = 0; c < columns_of(style); c++) {
    for (size_t t = 0; t < steps; t++) {
      if (t > 0 || c > 0)
        RNN_TRY(rnn_answer_put_text(output, t > 0 ? " " : "\t", error));
      RNN_TRY(rnn_answer_put_cell(output, path->tag[c * steps + t].text, error));
    }
    if (style->probability) {
      RNN_TRY(rnn_answer_put_text(output, "\t", error));
      RNN_TRY(rnn_answer_put_probability(output, path->probability[c], error));
    }
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

/* The rest of a CoNLL-U line after the tags: the last column gets the probabilities, of several columns with their
 * names. Answers where it ends. */
static enum rnn_status write_misc(struct rnn_output *output, const struct rnn_answer_style *style,
                                  struct rnn_slice line, const char **cursor, const struct rnn_answer_label *const *tag,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  const char *end = line.bytes + line.length_bytes, *misc = end;
  while (misc > *cursor && misc[-1] != '\t')
    misc--;
  bool empty = end - misc == 1 && *misc == '_';
  RNN_TRY(rnn_output_write(output, *cursor, (size_t)((empty ? misc : end) - *cursor), error));
  for (size_t c = 0; c < columns_of(style); c++) {
    RNN_TRY(rnn_answer_put_text(output, empty && c == 0 ? "Prob" : "|Prob", error));
    if (columns_of(style) > 1)
      RNN_TRY(rnn_output_print(output, error, ".%s", style->columns->name[c]));
    RNN_TRY(rnn_answer_put_text(output, "=", error));
    RNN_TRY(rnn_answer_put_probability(output, tag[c]->probability, error));
  }
  *cursor = end;
out:
  return status;
}

/* One more column for each of the tags, set apart as the others are. */
static enum rnn_status write_columns(struct rnn_output *output, const struct rnn_answer_style *style,
                                     struct rnn_slice line, const struct rnn_answer_label *const *tag,
                                     struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  bool blanks =
      memchr(line.bytes, '\t', line.length_bytes) == NULL && memchr(line.bytes, ' ', line.length_bytes) != NULL;
  for (size_t c = 0; c < columns_of(style); c++)
    RNN_TRY(write_tag(output, style, blanks ? " " : "\t", tag[c], error));
out:
  return status;
}

/* The columns in the order in which they stand in a line. */
static void order_spots(const struct rnn_slice *spot, size_t columns, size_t *order)
{
  for (size_t i = 0; i < columns; i++) {
    size_t at = i;
    for (; at > 0 && spot[order[at - 1]].bytes > spot[i].bytes; at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
}

/* A line of CoNLL-U with the tags in their columns, up to *cursor. */
static enum rnn_status fill_line(struct rnn_output *output, const struct rnn_answer_style *style, struct rnn_slice line,
                                 const struct rnn_slice *spot, const struct rnn_answer_label *const *tag,
                                 const char **cursor, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t order[RNN_MOST_COLUMNS];
  order_spots(spot, columns_of(style), order);
  for (size_t i = 0; i < columns_of(style); i++) {
    const struct rnn_slice *one = &spot[order[i]];
    RNN_TRY(rnn_output_write(output, *cursor, (size_t)(one->bytes - *cursor), error));
    RNN_TRY(rnn_answer_put_cell(output, tag[order[i]]->text, error));
    *cursor = one->bytes + one->length_bytes;
  }
  if (style->probability)
    RNN_TRY(write_misc(output, style, line, cursor, tag, error));
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
  size_t spots = rnn_columns_count(&record->columns);
  for (size_t t = 0; t < record->steps; t++) {
    const struct rnn_slice *spot = &record->spot[t * spots];
    struct rnn_slice line = line_around(record->raw, spot->bytes);
    const struct rnn_answer_label *tag[RNN_MOST_COLUMNS];
    for (size_t c = 0; c < columns_of(style); c++)
      tag[c] = &path->tag[c * record->steps + t];
    if (style->misc) {
      RNN_TRY(fill_line(output, style, line, spot, tag, &cursor, error));
      continue;
    }
    RNN_TRY(rnn_output_write(output, cursor, (size_t)(spot->bytes - cursor), error));
    RNN_TRY(write_columns(output, style, line, tag, error));
    cursor = spot->bytes;
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
      RNN_TRY(rnn_answer_put_probability(output, path[j].probability[0], error));
      RNN_TRY(rnn_answer_put_text(output, "\n", error));
    }
    RNN_TRY(write_path(output, style, encoder, i, &path[j], error));
  }
out:
  return status;
}
