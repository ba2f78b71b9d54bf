/* Readers: records of every format, what is refused and with which sentence, whatever the pieces. */
#include "reader.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input_limits.h"
#include "memory.h"
#include "number.h"
#include "text_case.h"

static void add_slice(struct text_sink *sink, const char *name, struct rnn_slice slice)
{
  if (slice.bytes == NULL)
    return;
  text_add_string(sink, name);
  text_add(sink, slice.bytes, slice.length_bytes);
}

static void add_step(struct text_sink *sink, const struct rnn_record *record, size_t t)
{
  char number[RNN_NUMBER_BYTES];
  text_add_string(sink, " ");
  if (record->content == RNN_CONTENT_TOKENS)
    text_add(sink, record->token[t].bytes, record->token[t].length_bytes);
  for (size_t i = 0; record->content == RNN_CONTENT_FRAMES && i < record->frame_width; i++) {
    text_add_string(sink, i == 0 ? "" : ",");
    text_add_string(sink, rnn_number_float(record->frame[t * record->frame_width + i], number));
  }
  size_t columns = rnn_columns_count(&record->columns);
  for (size_t c = 0; c < columns && record->has_tags; c++)
    add_slice(sink, c == 0 ? "/" : "+", record->tag[t * columns + c]);
}

/* "(line label=... key=... 'text' token/tag 1,2,3)" */
static void add_record(struct text_sink *sink, const struct rnn_record *record)
{
  char head[40];
  snprintf(head, sizeof head, "(%llu%s", (unsigned long long)record->line, record->filler ? " filler" : "");
  text_add_string(sink, head);
  cr_expect_eq(record->has_label, record->label.bytes != NULL && record->label.length_bytes > 0);
  if (record->has_label)
    add_slice(sink, " label=", record->label);
  add_slice(sink, " key=", record->key);
  if (record->content == RNN_CONTENT_TEXT) {
    add_slice(sink, " '", record->text);
    text_add_string(sink, "'");
  }
  for (size_t t = 0; t < record->steps; t++)
    add_step(sink, record, t);
  text_add_string(sink, ")");
}

static const struct rnn_reader_settings plain;

/* All that is left, errors as "!sentence!"; raw, if given, gets the bytes of all records. */
static void take_records(const struct rnn_format *format, struct rnn_input *input,
                         const struct rnn_reader_settings *settings, bool wait, struct text_sink *sink,
                         struct text_sink *raw)
{
  struct rnn_record record;
  rnn_record_init(&record);
  while (wait || !rnn_format_would_block(format, input)) {
    struct rnn_error error = {.text = ""};
    bool end;
    enum rnn_status status = format->next(input, settings, &record, &end, &error);
    if (status == RNN_OK && end)
      break;
    if (raw != NULL)
      text_add(raw, record.raw.bytes, record.raw.length_bytes);
    if (status == RNN_OK) {
      add_record(sink, &record);
      continue;
    }
    text_add_string(sink, "!");
    text_add_string(sink, error.text);
    text_add_string(sink, "!");
  }
  rnn_record_clear(&record);
}

static char *records_of(const char *name, const void *bytes, size_t size, const struct rnn_reader_settings *settings)
{
  struct text_sink sink = {.bytes = NULL};
  const struct rnn_format *format = rnn_format_find(name);
  cr_assert_not_null(format, "%s", name);
  struct rnn_input *input = text_open(bytes, size, RNN_UTF8_STRICT, '\n', 0);
  text_add(&sink, "", 0);
  take_records(format, input, settings, true, &sink, NULL);
  rnn_input_close(input);
  return sink.bytes;
}

static void expect(const char *name, const char *text, const struct rnn_reader_settings *settings, const char *wanted)
{
  char *got = records_of(name, text, strlen(text), settings);
  cr_expect_str_eq(got, wanted, "%s:\n%s\nnot\n%s", name, got, wanted);
  free(got);
}

/* ---- one by one ---- */

Test(readers, text)
{
  expect("text", "", &plain, "");
  expect("text", "one\n\n two \r\nlast", &plain, "(1 'one')(2 '')(3 ' two ')(4 'last')");
  expect("text", "ok\nb\xFF\nok\n", &plain, "(1 'ok')!text:2: invalid UTF-8 at byte 2!(3 'ok')");
  struct rnn_reader_settings labelled = {.label = "spam"};
  expect("text", "a\nb\n", &labelled, "(1 label=spam 'a')(2 label=spam 'b')");
}

Test(readers, tsv)
{
  expect("tsv", "pos\tgood film\nneg\t\n\tunlabelled\npos\ta\tb\n", &plain,
         "(1 label=pos 'good film')(2 label=neg '')(3 'unlabelled')(4 label=pos 'a')");
  expect("tsv", "pos\nneg\tx\n\n", &plain,
         "!text:1: 2 columns expected, 1 found!(2 label=neg 'x')"
         "!text:3: 2 columns expected, 1 found (a blank line; -F columns?)!");
  struct rnn_reader_settings other = {.label_column = 3, .text_column = 1};
  expect("tsv", "text\tx\tyes\nmore\tx\n", &other, "(1 label=yes 'text')!text:2: 3 columns expected, 2 found!");
  struct rnn_reader_settings labelled = {.label = "all"};
  expect("tsv", "pos\tx\n", &labelled, "(1 label=all 'x')");
}

Test(readers, fasttext)
{
  expect("fasttext", "__label__pos good film\n__label__a\tb \n__label__x\n", &plain,
         "(1 label=pos 'good film')(2 label=a 'b')(3 label=x '')");
  expect("fasttext",
         "good __label__pos\n__label__ x\n__label__a __label__b x\n__label__a x __label__b\n\n"
         "__label__a x__label__b\n",
         &plain,
         "!text:1: __label__NAME expected at the beginning of the line!"
         "!text:2: __label__NAME expected at the beginning of the line!"
         "!text:3: more than one __label__: one label a record is read!"
         "!text:4: more than one __label__: one label a record is read!"
         "!text:5: __label__NAME expected at the beginning of the line!"
         "(6 label=a 'x__label__b')");
}

#define ROW(id, form, upos) id "\t" form "\tlemma\t" upos "\tX\tF=1\t0\troot\t_\tSpace=No"

static const char sentences[] =
    "# newdoc\n# sent_id = 1\n" ROW("1-2", "Don't", "_") "\n" ROW("1", "Do", "AUX") "\r\n" ROW(
        "2", "n't", "PART") "\n" ROW("2.1", "empty",
                                     "VERB") "\n" ROW("3", "_", "_") "\n\n"
                                                                     "\n# comments alone\n\n" ROW("1", "Last one",
                                                                                                  "NOUN") "\n \n\n";

Test(readers, conllu)
{
  expect("conllu", sentences, &plain, "(1 Do/AUX n't/PART _)(9 filler)(12 Last one/NOUN)(14 filler)");
  struct rnn_reader_settings xpos = {.tag_columns = {1, {"deprel"}}};
  expect("conllu", sentences, &xpos, "(1 Do/root n't/root _/root)(9 filler)(12 Last one/root)(14 filler)");
  expect("conllu", ROW("1", "no", "X") "\n" ROW("2", "end", "Y"), &plain, "(1 no/X end/Y)");
  expect("conllu", "# only\n", &plain, "(1 filler)");
  expect("conllu", "", &plain, "");
  struct rnn_reader_settings unknown = {.tag_columns = {1, {"colour"}}};
  struct rnn_input *input = text_open("1\n", 2, RNN_UTF8_STRICT, '\n', 0);
  struct rnn_error error;
  struct rnn_record record;
  bool end;
  rnn_record_init(&record);
  cr_expect_eq(rnn_format_conllu.next(input, &unknown, &record, &end, &error), RNN_USAGE);
  rnn_record_clear(&record);
  rnn_input_close(input);
}

Test(readers, conllu_refused)
{
  expect("conllu", "# x\n1\tnine\t_\t_\t_\t_\t_\t_\t_\n\n" ROW("1", "good", "X") "\n\n", &plain,
         "!text:2: 10 columns expected, 9 found!(4 good/X)");
  expect("conllu", ROW("1", "ok", "X") "\n" ROW("2", "eleven", "X") "\t_\n", &plain,
         "!text:2: 10 columns expected, 11 found!");
  expect("conllu", "no tabs at all\n", &plain, "!text:1: 10 columns expected, 1 found!");
  expect("conllu", ROW("1", "", "X") "\n", &plain, "!text:1: column 2 (FORM) is empty!");
  expect("conllu",
         ROW("one", "x", "X") "\n\n" ROW("1-", "x", "X") "\n\n" ROW("1.2.3", "x", "X") "\n\n" ROW("", "x", "X"), &plain,
         "!text:1: ID 'one' is no number, no range (1-2) and no empty node (5.1)!"
         "!text:3: ID '1-' is no number, no range (1-2) and no empty node (5.1)!"
         "!text:5: ID '1.2.3' is no number, no range (1-2) and no empty node (5.1)!"
         "!text:7: ID '' is no number, no range (1-2) and no empty node (5.1)!");
  expect("conllu", ROW("1", "a", "X") "\n" ROW("2", "\xFF", "X") "\n" ROW("3", "b", "X") "\n\n" ROW("1", "c", "X") "\n",
         &plain, "!text:2: invalid UTF-8 at byte 3!(5 c/X)");
}

/* The column's bytes lie where `spot` says, and nothing else of the record. */
Test(readers, conllu_spots)
{
  struct rnn_input *input = text_open(sentences, sizeof sentences - 1, RNN_UTF8_STRICT, '\n', 0);
  struct rnn_error error;
  struct rnn_record record;
  bool end;
  rnn_record_init(&record);
  cr_assert_eq(rnn_format_conllu.next(input, &plain, &record, &end, &error), RNN_OK);
  static const char *const column[] = {"AUX", "PART", "_"};
  for (size_t t = 0; t < 3; t++) {
    cr_expect_eq(record.spot[t].length_bytes, strlen(column[t]));
    cr_expect_eq(memcmp(record.spot[t].bytes, column[t], strlen(column[t])), 0);
    cr_expect(record.spot[t].bytes > record.raw.bytes);
    cr_expect(record.spot[t].bytes < record.raw.bytes + record.raw.length_bytes);
    cr_expect_eq(record.spot[t].bytes[-1], '\t');
  }
  rnn_record_clear(&record);
  rnn_input_close(input);
}

Test(readers, columns)
{
  expect("columns", "Paris\tB-LOC\nis\tO\n\n\nnew\tO\n", &plain, "(1 Paris/B-LOC is/O)(4 new/O)");
  expect("columns", "Paris NNP  B-LOC\nis VB O \n", &plain, "(1 Paris/B-LOC is/O)");
  expect("columns", "New York\tx\tB-LOC\n", &plain, "(1 New York/B-LOC)");
  expect("columns", "one\ntwo\n\nthree\n", &plain, "(1 one two)(4 three)");
  expect("columns", "\n\n", &plain, "(1 filler)");
  expect("columns", "a\tX\nb\n\nc\tY\n\nd\tx\tZ\n\ne\tY\n", &plain,
         "!text:2: 2 columns expected, 1 found!(4 c/Y)!text:6: 2 columns expected, 3 found!(8 e/Y)");
  expect("columns", "a\t\tX\n", &plain, "!text:1: a column is empty!");
}

static const struct rnn_reader_settings several = {.tag_columns = {2, {"xpos", "upos"}}},
                                        numbers = {.tag_columns = {2, {"3", "2"}}}, third = {.tag_columns = {1, {"3"}}},
                                        fills = {.tag_columns = {2, {"xpos", "upos"}}, .fills = true};

Test(readers, several_columns_of_conllu)
{
  static const char text[] = "1\ta\t_\tDET\tDT\tX=1\t_\t_\t_\t_\n2\tb\t_\tNOUN\t_\t_\t_\t_\t_\t_\n";
  const struct rnn_reader_settings feats = {.tag_columns = {1, {"feats"}}};
  expect("conllu", text, &several, "(1 a/DT+DET b+NOUN)");
  expect("conllu", text, &fills, "(1 a b)");
  expect("conllu", text, &feats, "(1 a/X=1 b/_)"); /* no features are a value */
  struct rnn_input *input = text_open(text, sizeof text - 1, RNN_UTF8_STRICT, '\n', 0);
  struct rnn_error error;
  struct rnn_record record;
  bool end;
  rnn_record_init(&record);
  cr_assert_eq(rnn_format_conllu.next(input, &fills, &record, &end, &error), RNN_OK);
  cr_expect_eq(record.columns.count, 2);
  cr_expect_str_eq(record.columns.name[0], "xpos");
  cr_expect_eq(strncmp(record.spot[0].bytes, "DT\t", 3), 0);
  cr_expect_eq(strncmp(record.spot[1].bytes, "DET\t", 4), 0);
  cr_expect_eq(strncmp(record.spot[3].bytes, "NOUN\t", 5), 0);
  rnn_record_clear(&record);
  rnn_input_close(input);
}

Test(readers, several_columns_of_columns)
{
  expect("columns", "a X Y Z\nb U V W\n", &numbers, "(1 a/Y+X b/V+U)");
  expect("columns", "a\tX\tY\tZ\n", &third, "(1 a/Y)");
  expect("columns", "a X\n\nb U V\n", &numbers, "!text:1: column 3 of the tags is not there: 2 found!(3 b/V+U)");
  expect("columns", "a\n\n", &third, "!text:1: column 3 of the tags is not there: 1 found!");
  expect("columns", "a X Y\nb U V\n", &fills, "(1 a b)");
  expect("columns", "a\nb\n", &fills, "(1 a b)");
  static const char *const no_columns[] = {"xpos", "0", "-1", "2147483647", "99999999999999999999", "1.5"};
  for (size_t i = 0; i < sizeof no_columns / sizeof *no_columns; i++) {
    struct rnn_input *input = text_open("a b\n", 4, RNN_UTF8_STRICT, '\n', 0);
    struct rnn_reader_settings settings = {.tag_columns = {.count = 1}};
    struct rnn_error error;
    struct rnn_record record;
    char wanted[100];
    bool end;
    strcpy(settings.tag_columns.name[0], no_columns[i]);
    snprintf(wanted, sizeof wanted, "--column: '%s' is no column of this format: numbers, from 1, are", no_columns[i]);
    rnn_record_init(&record);
    cr_expect_eq(rnn_format_columns.next(input, &settings, &record, &end, &error), RNN_USAGE);
    cr_expect_str_eq(error.text, wanted);
    rnn_record_clear(&record);
    rnn_input_close(input);
  }
}

Test(readers, several_columns_of_jsonl)
{
  static const char text[] = "{\"tokens\":[\"a\",\"b\"],\"tags\":{\"upos\":[\"D\",\"N\"],\"xpos\":[\"DT\",null]}}\n";
  const struct rnn_reader_settings xpos = {.tag_columns = {1, {"xpos"}}}, other = {.tag_columns = {1, {"feats"}}};
  expect("jsonl", text, &plain, "(1 a/D+DT b/N)");
  expect("jsonl", text, &several, "(1 a/DT+D b+N)");
  expect("jsonl", text, &xpos, "(1 a/DT b)");
  expect("jsonl", text, &fills, "(1 a b)");
  expect("jsonl", text, &other, "!text:1: \"tags\" has no \"feats\"!");
  expect("jsonl", "{\"tokens\":[\"a\"],\"tags\":{\"x\":[\"D\"]}}\n", &plain, "(1 a/D)");
  expect("jsonl", "{\"tokens\":[\"a\"],\"tags\":{}}\n", &plain, "!text:1: \"tags\" is an object without a column!");
  expect("jsonl", "{\"tokens\":[\"a\"],\"tags\":{\"a=b\":[\"D\"]}}\n", &plain,
         "!text:1: \"tags\": \"a=b\" cannot be a column: at most 8, of short names, are!");
  expect("jsonl", "{\"tokens\":[\"a\"],\"tags\":[\"D\"]}\n", &several,
         "!text:1: \"tags\" must be an object with an array for each column!");
  expect("jsonl", "{\"tokens\":[\"a\"],\"tags\":{\"x\":[\"D\"],\"y\":[]}}\n", &plain, "!text:1: 1 tokens but 0 tags!");
}

Test(readers, columns_spots_are_line_ends)
{
  static const char text[] = "a\tX\r\nb\tY \n";
  struct rnn_input *input = text_open(text, sizeof text - 1, RNN_UTF8_STRICT, '\n', 0);
  struct rnn_error error;
  struct rnn_record record;
  bool end;
  rnn_record_init(&record);
  cr_assert_eq(rnn_format_columns.next(input, &plain, &record, &end, &error), RNN_OK);
  cr_expect_eq(record.spot[0].bytes - record.raw.bytes, 3);
  cr_expect_eq(record.spot[1].bytes - record.raw.bytes, 9);
  cr_expect_eq(record.spot[0].length_bytes, 0U);
  rnn_record_clear(&record);
  rnn_input_close(input);
}

Test(readers, jsonl)
{
  expect("jsonl",
         "{\"text\": \"a\\tb\\u00e9\", \"label\": \"pos\", \"key\": \"k1\"}\n\n{\"text\":\"\",\"label\":1,\"key\":7}\n",
         &plain, "(1 label=pos key=k1 'a\tb\xC3\xA9')(2 filler '')(3 label=1 key=7 '')");
  expect("jsonl", "{\"tokens\":[\"New York\",\"is\"],\"tags\":[\"LOC\",null],\"other\":{\"a\":[1]}}\n{\"tokens\":[]}\n",
         &plain, "(1 New York/LOC is)(2)");
  expect("jsonl",
         "{\"frames\":[[1,2.5],[-3e-2,4]],\"label\":\"wave\"}\n{\"frames\":[[0,0]],\"tags\":[\"x\"],\"text\":null}\n",
         &plain, "(1 label=wave 1,2.5 -0.03,4)(2 0,0/x)");
}

Test(readers, jsonl_refused)
{
  static const struct {
    const char *line, *sentence;
  } row[] = {
      {"[1]", "a JSON object expected"},
      {"{}", "one of \"text\", \"tokens\" and \"frames\" expected"},
      {"{\"text\":\"a\",\"tokens\":[]}", "one of \"text\", \"tokens\" and \"frames\" expected"},
      {"{\"text\":1}", "\"text\" must be a string"},
      {"{\"text\":\"a\",\"label\":1.5}", "\"label\" must be a string"},
      {"{\"text\":\"a\",\"label\":\"\"}", "\"label\" is empty"},
      {"{\"text\":\"a\",\"key\":[]}", "\"key\" must be a string"},
      {"{\"text\":\"a\",\"tags\":[]}", "\"tags\" without \"tokens\" or \"frames\""},
      {"{\"tokens\":\"a\"}", "\"tokens\" must be an array of strings"},
      {"{\"tokens\":[\"a\",1]}", "\"tokens\" must be an array of strings: element 2 is none"},
      {"{\"tokens\":[\"a\",\"\"]}", "\"tokens\": element 2 is empty"},
      {"{\"tokens\":[\"a\"],\"tags\":[]}", "1 tokens but 0 tags"},
      {"{\"tokens\":[\"a\"],\"tags\":\"x\"}", "\"tags\" must be an array of strings, or an object of such arrays"},
      {"{\"tokens\":[\"a\"],\"tags\":[true]}", "\"tags\" must be a string"},
      {"{\"frames\":1}", "\"frames\" must be an array of arrays of numbers"},
      {"{\"frames\":[1]}", "frame 1 has no numbers"},
      {"{\"frames\":[]}", "a sequence without frames"},
      {"{\"frames\":[[]]}", "frame 1 has no numbers"},
      {"{\"frames\":[[1,2],3]}", "\"frames\" must be an array of arrays of numbers"},
      {"{\"frames\":[[1,2],[3]]}", "frame 2: 2 numbers expected, 1 found"},
      {"{\"frames\":[[1,\"2\"]]}", "frame 1: element 2 is no number in range"},
      {"{\"frames\":[[1,1e39]]}", "frame 1: element 2 is no number in range"},
  };
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    char wanted[200];
    snprintf(wanted, sizeof wanted, "!text:1: %s!", row[i].sentence);
    expect("jsonl", row[i].line, &plain, wanted);
  }
  static const char *const broken[] = {"{",
                                       "text",
                                       "{\"text\":\"a\"} x",
                                       "{\"text\":\"a\",\"text\":\"b\"}",
                                       "{\"text\":\"\\ud800\"}",
                                       "{\"text\":\"a\\u0000\"}",
                                       "{\"frames\":[[nan]]}",
                                       "{\"frames\":[[1e999]]}",
                                       "{'text':1}"};
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    char *got = records_of("jsonl", broken[i], strlen(broken[i]), &plain);
    cr_expect_eq(strncmp(got, "!text:1: no JSON at byte ", 25), 0, "%s: %s", broken[i], got);
    free(got);
  }
  expect("jsonl", "{\"frames\":[[1,2]]}\n{\"frames\":[[1]]}\n{\"frames\":[[3,4]]}\n", &plain,
         "(1 1,2)!text:2: frame 1: 2 numbers expected, 1 found!(3 3,4)");
}

Test(readers, frames)
{
  expect("frames", "# label: wave\n# key: a_1\n1 2.5 -3e-2\n4\t5 , 6\n\n\n#label:stand up\n7,8,9\n", &plain,
         "(1 label=wave key=a_1 1,2.5,-0.03 4,5,6)(6 label=stand up 7,8,9)");
  expect("frames", "# a comment\n  1   2  \n# another\n3,4\n\n\n", &plain, "(1 1,2 3,4)(6 filler)");
  expect("frames", "# nothing but this\n\n\n", &plain, "(1 filler)(3 filler)");
  struct rnn_reader_settings labelled = {.label = "run"};
  expect("frames", "1\n\n# label: x\n2\n", &labelled, "(1 label=run 1)(3 label=run 2)");
}

Test(readers, frames_refused)
{
  expect("frames", "1 2\n3\n\n4 5\n\n6 7 8\n", &plain,
         "!text:2: 2 numbers expected, 1 found!(4 4,5)!text:6: 2 numbers expected, 3 found!");
  static const struct {
    const char *line;
    unsigned field;
    const char *quote;
  } row[] = {{"1 nan", 2, "nan"},
             {"inf", 1, "inf"},
             {"1,-Infinity", 2, "-Infinity"},
             {"0x10 1", 1, "0x10"},
             {"1 2 1e999", 3, "1e999"},
             {"1,,2", 2, ""},
             {"1,2,", 3, ""},
             {",1", 1, ""},
             {"1;2", 1, "1;2"},
             {"1 x", 2, "x"},
             {"1 4e38", 2, "4e38"},
             {"1 - 2", 2, "-"}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    char wanted[100];
    snprintf(wanted, sizeof wanted, "!text:1: field %u: '%s' is no decimal number!", row[i].field, row[i].quote);
    expect("frames", row[i].line, &plain, wanted);
  }
  expect("frames", "# label: x\n\n", &plain, "!text:1: a sequence without frames!");
  expect("frames", "# label:\n1\n", &plain, "!text:1: \"# label:\" without a value!");
  expect("frames", "# key: a\n# key: b\n1\n", &plain, "!text:2: \"# key:\" must stand once and before the frames!");
  expect("frames", "1\n# label: x\n\n2\n", &plain, "!text:2: \"# label:\" must stand once and before the frames!(4 2)");
}

Test(readers, one_frame_of_so_many)
{
  const struct rnn_reader_settings every_third = {.every = 3};
  expect("frames", "# key: a\n1\n2\n3\n4\n5\n\n6\n7\n\n", &every_third, "(1 key=a 1 4)(8 6)");
  expect("jsonl", "{\"frames\":[[1],[2],[3],[4]],\"tags\":[\"w\",\"x\",\"y\",\"z\"]}\n{\"frames\":[[5],[6]]}\n",
         &every_third, "(1 1/w 4/z)(2 5)");
}

/* The parts of all sequences, "..." where one goes on. */
static void expect_parts(const char *text, const struct rnn_reader_settings *settings, size_t most_steps,
                         const char *wanted)
{
  struct text_sink sink = {.bytes = NULL};
  struct rnn_input *input = text_open(text, strlen(text), RNN_UTF8_STRICT, '\n', 0);
  struct rnn_record record;
  text_add(&sink, "", 0);
  rnn_record_init(&record);
  for (bool end = false;;) {
    struct rnn_error error = {.text = ""};
    enum rnn_status status = rnn_format_frames.next_part(input, settings, most_steps, &record, &end, &error);
    if (status == RNN_OK && end)
      break;
    if (status == RNN_OK)
      add_record(&sink, &record);
    text_add_string(&sink, status != RNN_OK ? "!" : record.more ? "..." : "");
    text_add_string(&sink, status != RNN_OK ? error.text : "");
    text_add_string(&sink, status != RNN_OK ? "!" : "");
  }
  rnn_record_clear(&record);
  rnn_input_close(input);
  cr_expect_str_eq(sink.bytes, wanted, "%s:\n%s\nnot\n%s", text, sink.bytes, wanted);
  free(sink.bytes);
}

Test(readers, frames_in_parts)
{
  const struct rnn_reader_settings second = {.every = 2}, labelled = {.label = "run"};
  expect_parts("\n# label: x\n1 2\n# key: k\n\n3 4\n", &plain, 4,
               "!text:4: \"# key:\" must stand once and before the frames!(6 3,4)");
  expect_parts("# key: k\n# label: x\n1\n2\n3\n\n4\n5\n", &plain, 2,
               "(1 label=x key=k 1 2)...(5 label=x key=k 3)(7 4 5)...(0)");
  expect_parts("1\n2\n3\n4\n5\n\n6\n", &second, 2, "(1 1 3)...(4 5)(7 6)");
  expect_parts("1\n2\n\n3\n", &labelled, 1,
               "(1 label=run 1)...(2 label=run 2)...(0 label=run)(4 label=run 3)...(0 label=run)");
  expect_parts("1\n2\n# label: x\n3\n\n4\n", &plain, 2,
               "(1 1 2)...!text:3: \"# label:\" must stand once and before the frames!(6 4)");
  expect_parts("# label: x\n\n# key: k\n\n# only this\n\n7\n", &plain, 2,
               "!text:1: a sequence without frames!!text:3: a sequence without frames!(5 filler)(7 7)");
  expect_parts("# label: x\n# label: y\n1\n\n2\n", &plain, 2,
               "!text:2: \"# label:\" must stand once and before the frames!(5 2)");
  expect_parts("1 x\nb\xFF\n3\n\n4\n", &plain, 9, "!text:1: field 2: 'x' is no decimal number!(5 4)");
  expect_parts("1 2\n3\n4\n", &plain, 9, "!text:2: 2 numbers expected, 1 found!");
}

Test(readers, quoted_input_is_short_and_whole)
{
  expect("frames", "12345678901234567890123456789012345678\xE2\x82\xAC\xE2\x82\xAC\n", &plain,
         "!text:1: field 1: '12345678901234567890123456789012345678...' is no decimal number!");
}

Test(readers, limits)
{
  size_t size = RNN_LIMIT_TOKEN_BYTES + 1;
  char *text = malloc(2 * size + 20);
  memset(text, 'x', size);
  strcpy(text + size, "\ty\n\na\tb\n");
  char *got = records_of("columns", text, strlen(text), &plain);
  cr_expect_str_eq(got, "!text:1: token of 65537 bytes, at most 65536 are allowed!(3 a/b)");
  free(got);
  got = records_of("tsv", text, strlen(text), &plain);
  cr_expect_eq(strncmp(got, "!text:1: label of 65537 bytes, at most 65536 are allowed!", 57), 0);
  free(got);
  size = 2 * (RNN_LIMIT_FRAME_WIDTH + 1);
  text = realloc(text, size + 1);
  for (size_t i = 0; i < size; i += 2)
    memcpy(text + i, "1 ", 2);
  got = records_of("frames", text, size, &plain);
  cr_expect_str_eq(got, "!text:1: more than 65536 numbers in a frame!");
  free(got);
  free(text);
}

/* 70 MB of short lines without a blank one; what follows is read. */
Test(readers, a_record_past_the_limit_is_refused)
{
  size_t size = RNN_LIMIT_RECORD_BYTES + (6 << 20);
  char *text = malloc(size + 20);
  for (size_t i = 0; i < size; i += 1024) {
    memset(text + i, 'x', 1024);
    text[i + 1023] = '\n';
  }
  strcpy(text + size, "\nnext\n");
  char *got = records_of("columns", text, size + 6, &plain);
  cr_expect_str_eq(got, "!text:1: record longer than 64 MiB!(71682 next)");
  free(got);
  free(text);
}

/* ---- all together ---- */

static const struct {
  const char *name, *text;
} sample[] = {
    {"text", "\xEF\xBB\xBFone\r\n\n\xE2\x82\xAC\nlast"},
    {"tsv", "a\tb c\nbroken\nd\te\r\n"},
    {"fasttext", "__label__a b c\nbroken\n__label__d e"},
    {"conllu", sentences},
    {"conllu", "# c\n1\tbroken\n\n" ROW("1", "ok", "X")},
    {"columns", "a\tX\nb\tY\n\n\n \nc\tZ\nbroken\n\nd\tX\r\n\r\n"},
    {"jsonl", "{\"text\":\"a\"}\n\n{\"tokens\":[\"b\"],\"tags\":[\"c\"]}\n{\n{\"frames\":[[1,2]]}"},
    {"frames", "# label: a\n1 2\n3 4\n\n\n# key: b\n5 6\nnan 1\n\n7,8"},
};
enum { SAMPLES = sizeof sample / sizeof *sample };

Test(readers, pieces_of_any_size_give_the_same_records)
{
  static const struct rnn_input_settings strict = {.record_end = '\n'};
  for (size_t s = 0; s < SAMPLES; s++) {
    const struct rnn_format *format = rnn_format_find(sample[s].name);
    char *wanted = records_of(sample[s].name, sample[s].text, strlen(sample[s].text), &plain);
    for (size_t size = 1; size < 40; size = size * 3 / 2 + 1) {
      struct text_sink sink = {.bytes = NULL};
      struct rnn_input *input;
      int fd = text_pipe();
      text_add(&sink, "", 0);
      cr_assert_eq(rnn_input_open(&input, "-", &strict, NULL), RNN_OK);
      for (size_t i = 0, count = strlen(sample[s].text); i < count; i += size) {
        text_send(fd, sample[s].text + i, count - i < size ? count - i : size);
        take_records(format, input, &plain, false, &sink, NULL);
      }
      close(fd);
      take_records(format, input, &plain, true, &sink, NULL);
      for (char *p; (p = strstr(sink.bytes, "(stdin):")) != NULL;) {
        memcpy(p, "text:", 5);
        memmove(p + 5, p + 8, strlen(p + 8) + 1);
      }
      cr_expect_str_eq(sink.bytes, wanted, "%s, %zu bytes at a time:\n%s\nnot\n%s", sample[s].name, size, sink.bytes,
                       wanted);
      free(sink.bytes);
      rnn_input_close(input);
    }
    free(wanted);
  }
}

/* Bad records too: nothing that can be read is lost. */
Test(readers, raw_of_all_records_is_the_input)
{
  static const char *const exact[] = {"text", "tsv", "fasttext", "conllu", "columns"};
  for (size_t s = 0; s < SAMPLES; s++)
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
      if (strcmp(sample[s].name, exact[i]) != 0)
        continue;
      const char *text = sample[s].text;
      struct text_sink sink = {.bytes = NULL}, raw = {.bytes = NULL};
      struct rnn_input *input = text_open(text, strlen(text), RNN_UTF8_STRICT, '\n', 0);
      take_records(rnn_format_find(exact[i]), input, &plain, true, &sink, &raw);
      text += rnn_input_had_bom(input) ? 3 : 0; /* the mark alone is dropped */
      cr_expect_str_eq(raw.bytes, text, "%s: %s", exact[i], raw.bytes);
      rnn_input_close(input);
      free(sink.bytes);
      free(raw.bytes);
    }
}

Test(readers, lines_around_an_unreadable_one_are_kept)
{
  static const char text[] = "a\tX\nb\xFF\tY\nc\tZ\n\nd\tX\n";
  struct text_sink sink = {.bytes = NULL}, raw = {.bytes = NULL};
  struct rnn_input *input = text_open(text, sizeof text - 1, RNN_UTF8_STRICT, '\n', 0);
  take_records(&rnn_format_columns, input, &plain, true, &sink, &raw);
  cr_expect_str_eq(sink.bytes, "!text:2: invalid UTF-8 at byte 2!(5 d/X)");
  cr_expect_str_eq(raw.bytes, "a\tX\nc\tZ\n\nd\tX\n");
  rnn_input_close(input);
  free(sink.bytes);
  free(raw.bytes);
}

static void add_many(struct text_sink *sink, const char *text, size_t times)
{
  for (size_t i = 0; i < times; i++)
    text_add_string(sink, text);
}

/* jsonl is not among them: the JSON library has memory of its own. */
Test(readers, records_use_the_same_memory_again)
{
  static const char *const text[][2] = {
      {"text", "a line of text\n"},   {"tsv", "a\tb\n"},
      {"fasttext", "__label__a b\n"}, {"conllu", ROW("1", "a", "X") "\n" ROW("2", "b", "Y") "\n\n"},
      {"columns", "a\tb\nc\td\n\n"},  {"frames", "# label: a\n1 2 3\n4 5 6\n\n"}};
  for (size_t s = 0; s < sizeof text / sizeof *text; s++) {
    const struct rnn_format *format = rnn_format_find(text[s][0]);
    struct text_sink sink = {.bytes = NULL};
    struct rnn_record record;
    struct rnn_error error;
    size_t count = 0, before = 0;
    add_many(&sink, text[s][1], 5000);
    struct rnn_input *input = text_open(sink.bytes, sink.size, RNN_UTF8_STRICT, '\n', 0);
    rnn_record_init(&record);
    for (bool end = false; !end; count++) {
      if (count == 1)
        before = rnn_memory_allocations();
      cr_assert_eq(format->next(input, &plain, &record, &end, &error), RNN_OK);
    }
    cr_expect_eq(count, 5001U, "%s", format->name);
    cr_expect_eq(rnn_memory_allocations(), before, "%s", format->name);
    rnn_record_clear(&record);
    rnn_input_close(input);
    free(sink.bytes);
  }
}

Test(readers, nul_ends_lines_of_all_formats)
{
  static const char text[] = "a\tX\0b\nc\tY\0\0d\tZ\0";
  struct text_sink sink = {.bytes = NULL};
  struct rnn_input *input = text_open(text, sizeof text - 1, RNN_UTF8_STRICT, '\0', 0);
  take_records(&rnn_format_columns, input, &plain, true, &sink, NULL);
  cr_expect_str_eq(sink.bytes, "(1 a/X b\nc/Y)(4 d/Z)");
  free(sink.bytes);
  rnn_input_close(input);
}

/* ---- guessing ---- */

Test(readers, formats_are_told_by_their_first_line)
{
  static const struct {
    const char *text, *name, *with_tabs;
  } row[] = {
      {"", "text", "text"},
      {"\n", "text", "text"},
      {"Some text.\nlabel\tx\n", "text", "text"},
      {"label\tsome text\n", "text", "tsv"},
      {"# A heading\n", "text", "text"},
      {"# sent_id = 1\n", "conllu", "conllu"},
      {"# newdoc id = x\n", "conllu", "conllu"},
      {"# text = x\r\n", "conllu", "conllu"},
      {"\xEF\xBB\xBF# newpar\n", "conllu", "conllu"},
      {ROW("1", "x", "X") "\r\n", "conllu", "conllu"},
      {ROW("1-2", "x", "X") "\n", "conllu", "conllu"},
      {"1\tx\t_\t_\t_\t_\t_\t_\t_\n", "conllu", "conllu"},
      {"1\tx\t_\t_\t_\t_\t_\n", "text", "tsv"},
      {"1\ta\tb\tc\td\te\tf\tg\th\n", "text", "tsv"},
      {"1\tx\n", "text", "tsv"},
      {"{\"text\": \"x\"}\n", "jsonl", "jsonl"},
      {" { \"text\": \"x\"}\n", "jsonl", "jsonl"},
      {"{}\n", "jsonl", "jsonl"},
      {"{see above}\n", "text", "text"},
      {"__label__x y\n", "fasttext", "fasttext"},
      {"# label: wave\n", "frames", "frames"},
      {"# key: 1\n", "frames", "frames"},
      {"0.5 1 2\n", "frames", "frames"},
      {"0.5,1,2\n", "frames", "frames"},
      {"1e3\t2\n", "frames", "frames"},
      {"1 2 3 4 5 6 7 8\n", "frames", "frames"},
      {"3 4\n", "text", "text"},
      {"1984\n", "text", "text"},
      {"2.5\n", "text", "text"},
      {"3.5 stars\n", "text", "text"},
      {"Paris\tB-LOC\n", "columns", "columns"},
      {"The\tDT\tO\n", "columns", "columns"},
      {"Paris is O\n", "text", "text"},
  };
  for (size_t i = 0; i < sizeof row / sizeof *row; i++)
    for (int tabs = 0; tabs < 2; tabs++) {
      const struct rnn_format *format;
      struct rnn_input *input = text_open(row[i].text, strlen(row[i].text), RNN_UTF8_STRICT, '\n', 0);
      cr_assert_eq(rnn_format_guess(input, tabs, &format, NULL), RNN_OK);
      cr_expect_str_eq(format->name, tabs ? row[i].with_tabs : row[i].name, "%s", row[i].text);
      size_t lines = 0;
      for (char *all = text_lines(input), *p = all; p != NULL; p = NULL, free(all))
        for (; *p != '\0'; p++)
          lines += *p == '[';
      cr_expect(lines > 0 || row[i].text[0] == '\0', "nothing is taken");
      rnn_input_close(input);
    }
}

Test(readers, the_table_of_formats)
{
  static const char *const name[] = {"text", "tsv", "fasttext", "conllu", "columns", "jsonl", "frames"};
  for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
    cr_assert_not_null(rnn_format_find(name[i]));
    cr_expect_str_eq(rnn_format_find(name[i])->name, name[i]);
  }
  cr_expect_null(rnn_format_find("csv"));
  size_t column;
  cr_expect(rnn_conllu_column_find("misc", &column));
  cr_expect_eq(column, 9U);
  cr_expect(!rnn_conllu_column_find("UPOS", &column));
}
