/* Records in, answers out: one for one, and the input is in the output wherever that is promised. */
#include "answer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file_case.h"
#include "memory.h"
#include "output_case.h"
#include "predict_case.h"
#include "reader.h"

enum { MOST_STEPS = 16 };

#define OK(call) cr_assert_eq((call), RNN_OK, "%s", error.text)

static struct rnn_error error;
static const char *const words[] = {"the", "dog", "barks", ".", "\xC3\xA4rger", NULL};
static const char *const tags[] = {"B-x", "O", "a\tb", NULL};
static struct rnn_columns two_columns = {.count = 2, .name = {"xpos", "upos"}};
static bool reads_two;
static const struct predict_case tagging = {.task = RNN_TAG, .symbols = words, .labels = tags, .unknown = true};

/* The first record of `text`, encoded; it lives until the next call. */
static struct rnn_encoder *encode(const struct predict_case *what, const struct rnn_format *format, const char *text)
{
  static struct rnn_encoder *encoder;
  static struct rnn_record record;
  static const struct rnn_input_settings settings = {.record_end = '\n'};
  struct rnn_reader_settings reader = {.label_column = 1, .text_column = 2};
  struct rnn_input *input;
  bool end;
  const char *path = file_path("input");
  if (reads_two)
    reader.tag_columns = two_columns;
  file_write(path, text, strlen(text));
  rnn_encoder_free(encoder);
  rnn_record_clear(&record);
  OK(rnn_encoder_create(&encoder, predict_model(what), true, &error));
  OK(rnn_input_open(&input, path, &settings, &error));
  OK(format->next(input, &reader, &record, &end, &error));
  cr_assert(!end);
  rnn_input_close(input);
  OK(rnn_encoder_add(encoder, &record, &error));
  return encoder;
}

static void expect_file(const char *path, const char *wanted)
{
  size_t size;
  char *got = file_read(path, &size);
  cr_assert_str_eq(got, wanted);
  free(got);
}

/* It is written, and on a full disk refused. */
static void expect_written(output_writer *write, const void *what, const char *wanted)
{
  struct rnn_output *output;
  OK(rnn_output_open(&output, file_path("output"), false, false, &error));
  OK(write(output, what, &error));
  OK(rnn_output_finish(output, &error));
  expect_file(file_path("output"), wanted);
  output_expect_refused(write, what, strlen(wanted));
}

static struct rnn_slice text_of(const char *text)
{
  return (struct rnn_slice){text, strlen(text)};
}

/* Tags "t0", "t1", ... with probabilities 0.5, 0.25, 0.125, ... */
static struct rnn_answer_path make_path(struct rnn_answer_label *tag, const char *letter, double probability)
{
  static char names[2][MOST_STEPS][8];
  for (int t = 0; t < MOST_STEPS; t++) {
    char *name = names[*letter == 't'][t];
    snprintf(name, sizeof names[0][0], "%s%d", letter, t);
    tag[t] = (struct rnn_answer_label){.text = text_of(name), .probability = pow(0.5, t + 1)};
  }
  return (struct rnn_answer_path){.tag = tag, .probability = {probability}};
}

struct tagging {
  const struct rnn_answer_style *style;
  const struct rnn_encoder *encoder;
  const struct rnn_answer_path *path;
  size_t paths;
};

static enum rnn_status write_tags(struct rnn_output *output, const void *what, struct rnn_error *why)
{
  const struct tagging *tagged = what;
  return rnn_answer_write_tags(output, tagged->style, tagged->encoder, 0, tagged->path, tagged->paths, why);
}

static void expect_tags(const struct rnn_format *format, const char *text, const struct rnn_answer_style *style,
                        size_t paths, const char *wanted)
{
  struct rnn_answer_label first[MOST_STEPS], second[MOST_STEPS];
  struct rnn_answer_path path[2] = {make_path(first, "t", 0.5), make_path(second, "u", 1e-60)};
  const struct tagging tagged = {style, encode(&tagging, format, text), path, paths};
  expect_written(write_tags, &tagged, wanted);
}

static const struct rnn_answer_style plain = {.echo = true, .record_end = '\n'};

Test(answer, tags_of_text)
{
  struct rnn_answer_style style = plain;
  expect_tags(&rnn_format_text, "The dog.\n", &style, 1, "The\tt0\ndog\tt1\n.\tt2\n\n");
  expect_tags(&rnn_format_text, "\n", &style, 1, "\n");
  style.probability = true;
  expect_tags(&rnn_format_text, "dog .", &style, 1, "dog\tt0\t0.5\n.\tt1\t0.25\n\n");
  expect_tags(&rnn_format_text, "dog", &style, 2,
              "# rank = 1\n# probability = 0.5\ndog\tt0\t0.5\n\n# rank = 2\n# probability = 1e-60\ndog\tu0\t0.5\n\n");
  style.record_end = '\0';
  style.probability = false;
  style.labels_only = true;
  expect_tags(&rnn_format_text, "dog .", &style, 1, "t0 t1");
}

Test(answer, tags_on_one_line)
{
  struct rnn_answer_style style = {.labels_only = true, .record_end = '\n'};
  expect_tags(&rnn_format_text, "the dog\n", &style, 2, "t0 t1\nu0 u1\n");
  expect_tags(&rnn_format_conllu, "1\tdog\t_\t_\t_\t_\t_\t_\t_\t_\n\n", &style, 1, "t0\n");
  style.probability = style.key = true;
  expect_tags(&rnn_format_jsonl, "{\"key\":\"k\",\"tokens\":[\"the\",\"dog\"]}\n", &style, 1, "k\tt0 t1\t0.5\n");
  expect_tags(&rnn_format_text, "the dog\n", &style, 1, "\tt0 t1\t0.5\n");
}

/* Everything that is not the column stays byte for byte: comments, ranges, empty nodes, CR LF, a missing last line end.
 */
Test(answer, tags_in_conllu)
{
  struct rnn_answer_style style = plain;
  style.misc = true;
  expect_tags(&rnn_format_conllu,
              "# sent_id = 1\r\n1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\r\n1\tde\tde\tADP\tx\ty\t0\tr\t_\tA=b\r\n"
              "2\tle\tle\t_\t_\t_\t0\tr\t_\t_\r\n2.1\tno\tno\tVERB\t_\t_\t_\t_\t_\t_\r\n\r\n",
              &style, 1,
              "# sent_id = 1\r\n1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\r\n1\tde\tde\tt0\tx\ty\t0\tr\t_\tA=b\r\n"
              "2\tle\tle\tt1\t_\t_\t0\tr\t_\t_\r\n2.1\tno\tno\tVERB\t_\t_\t_\t_\t_\t_\r\n\r\n");
  expect_tags(&rnn_format_conllu, "1\tdog\t_\tX\t_\t_\t_\t_\t_\t_", &style, 1, "1\tdog\t_\tt0\t_\t_\t_\t_\t_\t_");
  style.probability = true;
  expect_tags(&rnn_format_conllu, "1\ta\t_\tX\t_\t_\t_\t_\t_\tA=b\r\n2\tb\t_\tX\t_\t_\t_\t_\t_\t_\n\n", &style, 1,
              "1\ta\t_\tt0\t_\t_\t_\t_\t_\tA=b|Prob=0.5\r\n2\tb\t_\tt1\t_\t_\t_\t_\t_\tProb=0.25\n\n");
}

Test(answer, tags_in_columns)
{
  struct rnn_answer_style style = plain;
  expect_tags(&rnn_format_columns, "the\tDT\ndog\tNN\n\n", &style, 1, "the\tDT\tt0\ndog\tNN\tt1\n\n");
  expect_tags(&rnn_format_columns, "the DT\r\ndog NN\r\n", &style, 1, "the DT t0\r\ndog NN t1\r\n");
  expect_tags(&rnn_format_columns, "the\ndog", &style, 1, "the\tt0\ndog\tt1");
  style.probability = true;
  expect_tags(&rnn_format_columns, "the DT\n\n", &style, 1, "the DT t0 0.5\n\n");
}

Test(answer, tags_as_json)
{
  struct rnn_answer_style style = {.json = true, .record_end = '\n'};
  expect_tags(&rnn_format_text, "the \"dog\n", &style, 1,
              "{\"tokens\":[\"the\",\"\\\"\",\"dog\"],\"tags\":[\"t0\",\"t1\",\"t2\"]}\n");
  expect_tags(&rnn_format_text, "\n", &style, 1, "{\"tokens\":[],\"tags\":[]}\n");
  style.probability = true;
  expect_tags(&rnn_format_jsonl, "{\"key\":\"k\",\"tokens\":[\"the\"]}\n", &style, 2,
              "{\"key\":\"k\",\"tokens\":[\"the\"],\"tags\":[\"t0\"],\"probabilities\":[0.5],\"nbest\":["
              "{\"tags\":[\"t0\"],\"probabilities\":[0.5],\"probability\":0.5},"
              "{\"tags\":[\"u0\"],\"probabilities\":[0.5],\"probability\":1e-60}]}\n");
}

/* Of two columns in the order they were asked for, wherever they stand in a line. */
Test(answer, tags_of_two_columns)
{
  struct rnn_answer_style style = {.columns = &two_columns, .record_end = '\n'};
  expect_tags(&rnn_format_text, "the dog\n", &style, 1, "the\tt0\tt2\ndog\tt1\tt3\n\n");
  style.labels_only = style.probability = true;
  expect_tags(&rnn_format_text, "the dog\n", &style, 1, "t0 t1\t0.5\tt2 t3\t0\n");
  style.json = true;
  expect_tags(&rnn_format_text, "the dog\n", &style, 1,
              "{\"tokens\":[\"the\",\"dog\"],\"tags\":{\"xpos\":[\"t0\",\"t1\"],\"upos\":[\"t2\",\"t3\"]},"
              "\"probabilities\":{\"xpos\":[0.5,0.25],\"upos\":[0.125,0.0625]}}\n");
  reads_two = true;
  style = (struct rnn_answer_style){.echo = true, .columns = &two_columns, .probability = true, .record_end = '\n'};
  style.misc = true;
  expect_tags(&rnn_format_conllu, "1\ta\t_\tU\tX\t_\t_\t_\t_\t_\n\n", &style, 1,
              "1\ta\t_\tt1\tt0\t_\t_\t_\t_\tProb.xpos=0.5|Prob.upos=0.25\n\n");
}

struct labels {
  const struct rnn_answer_style *style;
  const struct rnn_encoder *encoder;
  size_t step, count;
};

static enum rnn_status write_labels(struct rnn_output *output, const void *what, struct rnn_error *why)
{
  static const struct rnn_answer_label label[] = {{{"a\tb\n", 4}, 0.75}, {{"c", 1}, 0.2}};
  const struct labels *labels = what;
  return rnn_answer_write_labels(output, labels->style, labels->encoder, 0, labels->step, label, labels->count, why);
}

static void expect_labels(const char *text, const struct rnn_answer_style *style, size_t step, size_t count,
                          const char *wanted)
{
  static const struct predict_case what = {.task = RNN_CLASSIFY, .symbols = words};
  const struct labels labels = {style, encode(&what, &rnn_format_jsonl, text), step, count};
  expect_written(write_labels, &labels, wanted);
}

Test(answer, labels)
{
  struct rnn_answer_style style = {.record_end = '\n'};
  const char *text = "{\"key\":\"k\",\"text\":\"the dog\"}\n";
  expect_labels(text, &style, 0, 1, "a b \n");
  expect_labels(text, &style, 0, 2, "a b \tc\n");
  expect_labels(text, &style, 7, 1, "7\ta b \n");
  expect_labels(text, &style, 0, 0, "\n");
  style.probability = style.key = true;
  expect_labels(text, &style, 0, 2, "k\ta b \t0.75\tc\t0.2\n");
  expect_labels("{\"text\":\"the dog\"}\n", &style, 0, 0, "\t\t0\n");
  style.json = true;
  expect_labels(text, &style, 3, 1, "{\"key\":\"k\",\"step\":3,\"label\":\"a\\tb\\n\",\"probability\":0.75}\n");
  expect_labels(text, &style, 0, 0, "{\"key\":\"k\",\"label\":null,\"probability\":0}\n");
  expect_labels(text, &style, 0, 2,
                "{\"key\":\"k\",\"label\":\"a\\tb\\n\",\"probability\":0.75,\"top\":["
                "{\"label\":\"a\\tb\\n\",\"probability\":0.75},{\"label\":\"c\",\"probability\":0.2}]}\n");
}

struct completions {
  struct rnn_answer_style style;
  const struct rnn_encoder *encoder;
};

/* Two completions, then a score and one that is none. */
static enum rnn_status write_completions(struct rnn_output *output, const void *what, struct rnn_error *why)
{
  const struct rnn_answer_completion completion[] = {{text_of("the dog"), 0.5, true}, {text_of("the"), 1e-50, false}};
  const struct completions *all = what;
  const struct rnn_answer_style *style = &all->style;
  enum rnn_status status;
  RNN_TRY(rnn_answer_write_completions(output, style, all->encoder, 0, text_of("the"), completion, 2, why));
  RNN_TRY(rnn_answer_write_score(output, style, all->encoder, 0, "bits", 1.5, why));
  RNN_TRY(rnn_answer_write_score(output, style, all->encoder, 0, "bits", NAN, why));
out:
  return status;
}

Test(answer, completions_and_scores)
{
  static const struct predict_case what = {.task = RNN_COMPLETE, .symbols = words};
  struct completions all = {{.record_end = '\n', .probability = true}, encode(&what, &rnn_format_text, "the\n")};
  expect_written(write_completions, &all, "the dog\t0.5\nthe\t1e-50\n1.5\n\n");
  all.style.json = true;
  expect_written(write_completions, &all,
                 "{\"prefix\":\"the\",\"completions\":["
                 "{\"text\":\"the dog\",\"probability\":0.5,\"stopped\":true},"
                 "{\"text\":\"the\",\"probability\":1e-50,\"stopped\":false}]}\n"
                 "{\"bits\":1.5}\n{\"bits\":null}\n");
  all = (struct completions){{.record_end = '\n', .key = true},
                             encode(&what, &rnn_format_jsonl, "{\"key\":\"k\",\"text\":\"the\"}\n")};
  expect_written(write_completions, &all, "k\tthe dog\nk\tthe\nk\t1.5\nk\t\n");
}

Test(answer, symbols_are_joined_by_level)
{
  struct rnn_answer_text text = {0};
  OK(rnn_answer_append_symbol(&text, RNN_LEVEL_WORD, text_of("the"), &error));
  OK(rnn_answer_append_symbol(&text, RNN_LEVEL_WORD, text_of("dog"), &error));
  OK(rnn_answer_append(&text, " ", 1, &error));
  OK(rnn_answer_append_symbol(&text, RNN_LEVEL_WORD, text_of("barks"), &error));
  OK(rnn_answer_append_symbol(&text, RNN_LEVEL_CHAR, text_of("!"), &error));
  OK(rnn_answer_append_symbol(&text, RNN_LEVEL_BYTE, text_of("?"), &error));
  cr_assert_eq(text.length_bytes, strlen("the dog barks!?"));
  cr_assert(memcmp(text.bytes, "the dog barks!?", text.length_bytes) == 0);
  rnn_memory_free(text.bytes);
}
