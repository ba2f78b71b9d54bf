/* Streams written and read for the tests. */
#include "stream_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const some_tokens[] = {"abca", "", "b", "dddddddd"},
                         *const some_tags[] = {"XYXX", "", "-", "ZXXXXXX-"},
                         *const some_labels[] = {"good", "bad", NULL, "good"};
static const char *const more_tokens[] = {"eba", "zz"}, *const more_tags[] = {"ZWX", "VV"},
                         *const more_labels[] = {"ugly", "bad"};
static const char *const some_second[] = {"-XXQ", "", "Q", "PPPPPPPX"}, *const more_second[] = {"R-P", "XX"};

const struct text_case some[] = {
    {RNN_COMPLETE, 0, 4, some_tokens, NULL, NULL},        {RNN_TAG, 0, 4, some_tokens, some_tags, NULL},
    {RNN_CLASSIFY, 0, 4, some_tokens, some_labels, NULL}, {RNN_TAG, 3, 4, some_tokens, some_tags, NULL},
    {RNN_CLASSIFY, 3, 4, some_tokens, some_labels, NULL}, {RNN_TAG, 0, 4, some_tokens, some_tags, some_second}};
const struct text_case more[] = {
    {RNN_COMPLETE, 0, 2, more_tokens, NULL, NULL},        {RNN_TAG, 0, 2, more_tokens, more_tags, NULL},
    {RNN_CLASSIFY, 0, 2, more_tokens, more_labels, NULL}, {RNN_TAG, 3, 2, more_tokens, more_tags, NULL},
    {RNN_CLASSIFY, 3, 2, more_tokens, more_labels, NULL}, {RNN_TAG, 0, 2, more_tokens, more_tags, more_second}};

void writing_begin(struct writing *writing, const char *path, const struct rnn_stream_facts *facts)
{
  cr_assert_eq(rnn_vocabulary_create(&writing->symbols, NULL), RNN_OK);
  cr_assert_eq(rnn_vocabulary_create(&writing->labels, NULL), RNN_OK);
  cr_assert_eq(rnn_output_open(&writing->output, path, true, false, NULL), RNN_OK);
  cr_assert_eq(rnn_stream_writer_create(&writing->writer, writing->output, facts, NULL), RNN_OK);
}

void writing_end(struct writing *writing)
{
  cr_assert_eq(rnn_stream_writer_flush(writing->writer, NULL), RNN_OK);
  cr_assert_eq(rnn_output_finish(writing->output, NULL), RNN_OK);
  rnn_stream_writer_free(writing->writer);
  rnn_vocabulary_free(writing->symbols);
  rnn_vocabulary_free(writing->labels);
}

int32_t number_of(struct rnn_vocabulary *vocabulary, const char *string, size_t length)
{
  int32_t number;
  cr_assert_eq(rnn_vocabulary_add(vocabulary, string, length, &number, NULL), RNN_OK);
  return number;
}

static struct rnn_stream_facts facts_of(const struct text_case *text)
{
  struct rnn_stream_facts facts = {.task = text->task, .frame_width = text->width};
  if (text->width == 0)
    facts.text = (struct rnn_text){.level = RNN_LEVEL_BYTE, .lowercase = true};
  if (text->second != NULL)
    cr_assert(rnn_columns_read(&facts.columns, "a,b"));
  return facts;
}

/* The number of a tag of column c, with the column's name before it where there are two. */
static int32_t number_of_tag(struct writing *writing, const struct text_case *text, size_t c, char tag)
{
  char label[] = {c == 0 ? 'a' : 'b', '=', tag};
  if (tag == '-')
    return RNN_ABSENT;
  return text->second == NULL ? number_of(writing->labels, &tag, 1) : number_of(writing->labels, label, 3);
}

/* The numbers of frame t of the token c. */
static float frame_of(char c, size_t column)
{
  return (float)c + (float)column / 4;
}

void writing_add(struct writing *writing, const struct text_case *text)
{
  for (size_t i = 0; i < text->count; i++) {
    size_t length = strlen(text->tokens[i]);
    int32_t symbol[16], tag[2 * 16];
    float frame[16 * 3];
    struct rnn_sequence sequence = {.length = length, .label = RNN_ABSENT};
    for (size_t t = 0; t < length; t++) {
      if (text->width == 0)
        symbol[t] = number_of(writing->symbols, &text->tokens[i][t], 1);
      for (size_t column = 0; column < text->width; column++)
        frame[t * text->width + column] = frame_of(text->tokens[i][t], column);
      if (text->task == RNN_TAG)
        tag[text->second == NULL ? t : 2 * t] = number_of_tag(writing, text, 0, text->tags[i][t]);
      if (text->second != NULL)
        tag[2 * t + 1] = number_of_tag(writing, text, 1, text->second[i][t]);
    }
    if (text->task == RNN_CLASSIFY && text->tags[i] != NULL)
      sequence.label = number_of(writing->labels, text->tags[i], strlen(text->tags[i]));
    sequence.symbol = text->width == 0 ? symbol : NULL;
    sequence.frame = text->width > 0 ? frame : NULL;
    sequence.target = text->task == RNN_TAG ? tag : NULL;
    cr_assert_eq(rnn_stream_writer_add(writing->writer, &sequence, text->width == 0 ? writing->symbols : NULL,
                                       text->task == RNN_COMPLETE ? NULL : writing->labels, NULL),
                 RNN_OK);
  }
}

const char *write_cases(const char *name, const struct text_case *const *texts, size_t count, bool flush)
{
  struct writing writing;
  const char *path = file_path(name);
  struct rnn_stream_facts facts = facts_of(texts[0]);
  writing_begin(&writing, path, &facts);
  for (size_t i = 0; i < count; i++) {
    writing_add(&writing, texts[i]);
    if (flush)
      cr_assert_eq(rnn_stream_writer_flush(writing.writer, NULL), RNN_OK);
  }
  writing_end(&writing);
  return path;
}

void reading_begin(struct reading *reading, const char *path)
{
  cr_assert_eq(rnn_input_open_raw(&reading->raw, path, NULL), RNN_OK);
  cr_assert_eq(rnn_stream_reader_create(&reading->reader, reading->raw, NULL), RNN_OK);
}

void reading_end(struct reading *reading)
{
  rnn_stream_reader_free(reading->reader);
  rnn_input_close(reading->raw);
}

enum rnn_status tell(const char *path, char **told, struct rnn_error *error)
{
  struct reading reading;
  struct rnn_sequence sequence;
  struct rnn_stream_facts facts;
  enum rnn_status status;
  bool at_end = false;
  size_t size;
  FILE *text = open_memstream(told, &size);
  reading_begin(&reading, path);
  while ((status = rnn_stream_reader_next(reading.reader, &sequence, &facts, &at_end, error)) == RNN_OK && !at_end) {
    fprintf(text, "%llu %s %zu %s %d label %d:", (unsigned long long)sequence.index, rnn_task_name(facts.task),
            facts.frame_width, rnn_level_name(facts.text.level), facts.text.lowercase, sequence.label);
    for (size_t t = 0; t < sequence.length; t++) {
      if (sequence.symbol != NULL)
        fprintf(text, " %d", sequence.symbol[t]);
      for (size_t column = 0; column < facts.frame_width; column++)
        fprintf(text, " %a", (double)sequence.frame[t * facts.frame_width + column]);
      size_t columns = rnn_columns_count(&facts.columns);
      for (size_t c = 0; c < columns && sequence.target != NULL; c++)
        fprintf(text, "%s%d", c == 0 ? "/" : "+", sequence.target[t * columns + c]);
    }
    fprintf(text, "\n");
  }
  struct rnn_vocabulary *both[] = {rnn_stream_reader_symbols(reading.reader), rnn_stream_reader_labels(reading.reader)};
  for (size_t v = 0; v < 2; v++)
    for (size_t i = 0; i < rnn_vocabulary_count(both[v]); i++) {
      size_t length;
      const char *string = rnn_vocabulary_string(both[v], (int32_t)i, &length);
      fprintf(text, "%zu %zu '%.*s' %llu\n", v, i, (int)length, string,
              (unsigned long long)rnn_vocabulary_frequency(both[v], (int32_t)i));
    }
  reading_end(&reading);
  fclose(text);
  return status;
}

char *expect_told(const char *path)
{
  char *told;
  struct rnn_error error = {.text = ""};
  cr_assert_eq(tell(path, &told, &error), RNN_OK, "%s", error.text);
  return told;
}

void expect_refused_stream(const char *path, const char *wanted)
{
  char *told;
  struct rnn_error error = {.text = ""};
  const char *name = strrchr(path, '/') + 1;
  cr_assert_eq(tell(path, &told, &error), RNN_DATA, "%s", wanted);
  cr_assert_not_null(strstr(error.text, wanted), "'%s' is not in '%s'", wanted, error.text);
  cr_assert_not_null(strstr(error.text, name), "%s", error.text);
  cr_assert_not_null(strstr(error.text, ": zstd frame "), "%s", error.text);
  free(told);
}

const char *concatenate(const char *name, const char *a, const char *b)
{
  size_t a_size, b_size;
  char *a_bytes = file_read(a, &a_size), *b_bytes = file_read(b, &b_size);
  a_bytes = realloc(a_bytes, a_size + b_size);
  memcpy(a_bytes + a_size, b_bytes, b_size);
  const char *path = file_path(name);
  file_write(path, a_bytes, a_size + b_size);
  free(a_bytes);
  free(b_bytes);
  return path;
}
