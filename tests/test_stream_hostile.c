/* No damaged or contradictory block comes through. */
#include "stream.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream_case.h"

static const char *seal(const char *header, const void *data, size_t data_bytes)
{
  size_t length = strlen(header), size = 8 + length + data_bytes, packed;
  char *block = calloc(1, size);
  for (size_t i = 0; i < 8; i++)
    block[i] = (char)((uint64_t)length >> (8 * i));
  memcpy(block + 8, header, length);
  memcpy(block + 8 + length, data, data_bytes);
  char *frame = file_pack(block, size, &packed);
  const char *path = file_path("hand.seq.zst");
  file_write(path, frame, packed);
  free(frame);
  free(block);
  return path;
}

Test(hostile_stream, another_writer_may_order_and_space_as_it_likes)
{
  char *told =
      expect_told(seal("{\"symbols\": {\"dtype\": \"U8\", \"shape\": [3], \"data_offsets\": [0, 3]},\n"
                       "\"symbol\": {\"shape\": [2], \"dtype\": \"I32\", \"data_offsets\": [11, 19]},\n"
                       "\"symbols.length\": {\"shape\": [2], \"dtype\": \"I32\", \"data_offsets\": [3, 11]},\n"
                       "\"length\": {\"shape\": [1], \"dtype\": \"I32\", \"data_offsets\": [19, 23]},\n"
                       "\"__metadata__\": {\"dictionary\": \"starts\", \"task\": \"complete\", \"level\": \"char\","
                       " \"lowercase\": \"false\", \"format\": \"rnn-sequences/1\"}}  ",
                       "abc\1\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0", 23));
  cr_assert_str_eq(told, "0 complete 0 char 0 label -1: 1 0\n0 0 'a' 1\n0 1 'bc' 1\n");
  free(told);
}

#define HEAD(task, more)                                                                                               \
  "{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"" task                                                 \
  "\",\"level\":\"word\",\"lowercase\":\"false\",\"dictionary\":\"starts\"}" more "}"
/* The same of two columns, a and b, and of two steps of the labels a=x and b=x. */
#define COLUMNS(columns, more)                                                                                         \
  "{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"tag\",\"columns\":\"" columns                          \
  "\",\"level\":\"word\",\"lowercase\":\"false\",\"dictionary\":\"starts\"}" more "}"
#define TAGS      TENSOR("tag", "I32", "2,2", "22", "38")
#define LABELS    TENSOR("labels.length", "I32", "2", "38", "46") TENSOR("labels", "U8", "6", "46", "52")
#define TAG_BYTES "\0\0\0\0\1\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF"
#define TENSOR(name, type, shape, begin, end)                                                                          \
  ",\"" name "\":{\"dtype\":\"" type "\",\"shape\":[" shape "],\"data_offsets\":[" begin "," end "]}"
/* One sequence of two steps, symbols a and b. */
#define LENGTH  TENSOR("length", "I32", "1", "0", "4")
#define SYMBOL  TENSOR("symbol", "I32", "2", "4", "12")
#define STRINGS TENSOR("symbols.length", "I32", "2", "12", "20") TENSOR("symbols", "U8", "2", "20", "22")
#define DATA    "\2\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0ab"

Test(hostile_stream, blocks_that_contradict_themselves)
{
  static const struct {
    const char *header, *data;
    size_t data_bytes;
    const char *sentence;
  } evil[] = {
      {"{}", "", 0, "not a sequence stream: a document without metadata 'format'"},
      {"{\"__metadata__\":{\"format\":\"rnn-model/1\"}}", "", 0, "is a model, not a sequence stream"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/2\"}}", "", 0, "'rnn-sequences/2' is not a format"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\"}}", "", 0, "metadata 'task' is none of"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/"
       "1\",\"task\":\"tag\",\"dictionary\":\"starts\",\"level\":\"line\"}}",
       "", 0, "metadata 'level' is none of"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"tag\",\"dictionary\":\"begins\"}}", "", 0,
       "metadata 'dictionary' is neither"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/"
       "1\",\"task\":\"tag\",\"dictionary\":\"starts\",\"level\":\"char\","
       "\"lowercase\":\"no\"}}",
       "", 0, "metadata 'lowercase' is neither"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/"
       "1\",\"task\":\"tag\",\"dictionary\":\"starts\",\"level\":\"char\","
       "\"lowercase\":\"true\",\"author\":\"me\"}}",
       "", 0, "metadata 'author' have no place in a stream of symbols"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/"
       "1\",\"task\":\"complete\",\"level\":\"word\",\"lowercase\":\"false\","
       "\"dictionary\":\"continues\"}" LENGTH SYMBOL STRINGS "}",
       DATA, 22, "continues a dictionary that is not there"},
      {HEAD("complete", ""), "", 0, "tensor 'length' is missing"},
      {HEAD("complete", LENGTH), DATA, 4, "tensor 'symbol' is missing"},
      {HEAD("complete", LENGTH SYMBOL), DATA, 12, "symbol[0] is 0, the dictionary has 0 strings"},
      {HEAD("complete", LENGTH SYMBOL TENSOR("symbols.length", "I32", "2", "12", "20")), DATA, 20,
       "tensor 'symbols' is missing"},
      {HEAD("complete", LENGTH SYMBOL TENSOR("symbols", "U8", "2", "12", "14")), DATA, 14,
       "tensor 'symbols.length' is missing"},
      {HEAD("tag", LENGTH SYMBOL STRINGS), DATA, 22, "tensor 'tag' is missing"},
      {HEAD("classify", LENGTH SYMBOL STRINGS), DATA, 22, "tensor 'label' is missing"},
      {HEAD("complete", LENGTH SYMBOL STRINGS TENSOR("label", "I32", "1", "22", "26")), DATA "\0\0\0\0", 26,
       "tensor 'label' has no place in a block of symbols for task 'complete'"},
      {HEAD("complete", LENGTH SYMBOL STRINGS TENSOR("extra", "U8", "0", "22", "22")), DATA, 22,
       "tensor 'extra' has no place"},
      {HEAD("classify", LENGTH SYMBOL STRINGS TENSOR("tag", "I32", "2", "22", "30")), DATA "\0\0\0\0\0\0\0\0", 30,
       "tensor 'tag' has no place"},
      {HEAD("classify", LENGTH SYMBOL STRINGS TENSOR("label", "I32", "1", "22", "26")), DATA "\0\0\0\0", 26,
       "label[0] is 0, the dictionary has 0 strings"},
      {HEAD("classify", LENGTH SYMBOL STRINGS TENSOR("label", "I32", "1", "22", "26")), DATA "\xFE\xFF\xFF\xFF", 26,
       "label[0] is -2, the dictionary"},
      {HEAD("classify", LENGTH SYMBOL STRINGS TENSOR("label", "I32", "2", "22", "30")), DATA "\0\0\0\0\0\0\0\0", 30,
       "tensor 'label' has 2 numbers, 1 are needed"},
      {HEAD("complete", LENGTH TENSOR("symbol", "I64", "1", "4", "12") STRINGS), DATA, 22,
       "tensor 'symbol' is not I32 with 1 dimension"},
      {HEAD("complete", LENGTH TENSOR("symbol", "I32", "1,2", "4", "12") STRINGS), DATA, 22,
       "tensor 'symbol' is not I32 with 1 dimension"},
      {HEAD("complete", TENSOR("length", "I32", "", "0", "4") SYMBOL STRINGS), DATA, 22, "tensor 'length' is not I32"},
      {COLUMNS("a", LENGTH SYMBOL STRINGS TAGS LABELS), DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb=x", 52,
       "metadata 'columns' is no list of two to eight"},
      {COLUMNS("a,a", LENGTH SYMBOL STRINGS TAGS LABELS), DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb=x", 52,
       "metadata 'columns' is no list of two to eight"},
      {COLUMNS("a,c", LENGTH SYMBOL STRINGS TAGS LABELS), DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb=x", 52,
       "labels: 'b=x' does not begin with a column's name"},
      {COLUMNS("a,b", LENGTH SYMBOL STRINGS TAGS LABELS), DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb-x", 52,
       "labels: 'b-x' does not begin with a column's name"},
      {COLUMNS("b,a", LENGTH SYMBOL STRINGS TAGS LABELS), DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb=x", 52,
       "tag[0][0] is of another column"},
      {COLUMNS("a,b,c", LENGTH SYMBOL STRINGS TAGS LABELS), DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb=x", 52,
       "tensor 'tag' is [2][2], [2][3] is needed"},
      {COLUMNS("a,b", LENGTH SYMBOL STRINGS TENSOR("tag", "I32", "4", "22", "38") LABELS),
       DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb=x", 52, "tensor 'tag' is not I32 with 2 dimensions"},
      {COLUMNS("a,b", LENGTH SYMBOL STRINGS TENSOR("tag", "I32", "1,4", "22", "38") LABELS),
       DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb=x", 52, "tensor 'tag' is [1][4], [2][2] is needed"},
      {COLUMNS("a,b", LENGTH SYMBOL STRINGS TAGS LABELS), DATA "\2\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\3\0\0\0\3\0\0\0a=xb=x",
       52, "tag[0] is 2, the dictionary has 2"},
      {HEAD("tag", LENGTH SYMBOL STRINGS TAGS LABELS), DATA TAG_BYTES "\3\0\0\0\3\0\0\0a=xb=x", 52,
       "tensor 'tag' is not I32 with 1 dimension"},
      {HEAD("complete", LENGTH SYMBOL STRINGS), "\3\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0ab", 22,
       "tensor 'symbol' has 2 numbers, 3 are needed"},
      {HEAD("complete", LENGTH SYMBOL STRINGS), "\xFF\xFF\xFF\xFF\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0ab", 22,
       "length[0] is -1, not a length"},
      {HEAD("complete", LENGTH SYMBOL STRINGS), "\2\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0\1\0\0\0ab", 22,
       "symbol[1] is 2, the dictionary has 2 strings"},
      {HEAD("complete", LENGTH SYMBOL STRINGS), "\2\0\0\0\xFF\xFF\xFF\xFF\1\0\0\0\1\0\0\0\1\0\0\0ab", 22,
       "symbol[0] is -1, the dictionary has 2 strings"},
      {HEAD("complete", LENGTH SYMBOL STRINGS), "\2\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0ab", 22,
       "symbols: lengths add up to 3, there are 2 bytes"},
      {HEAD("complete", LENGTH SYMBOL STRINGS),
       "\2\0\0\0\0\0\0\0\1\0\0\0\3\0\0\0\xFF\xFF\xFF\xFF"
       "ab",
       22, "symbols.length[1] is -1, not a length"},
      {HEAD("complete", LENGTH SYMBOL STRINGS), "\2\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0aa", 22,
       "symbols: 'a' is there twice"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"complete\",\"dictionary\":\"starts\"}" LENGTH
           TENSOR("frame", "F32", "2,1", "4", "12") "}",
       "\2\0\0\0\0\0\x80\x7F\0\0\0\0", 12, "sequence 1: frame 1: number 1 is not finite"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"complete\",\"dictionary\":\"starts\"}" LENGTH
           TENSOR("frame", "F32", "2,1", "4", "12") "}",
       "\2\0\0\0\0\0\0\0\0\0\xC0\x7F", 12, "sequence 1: frame 2: number 1 is not finite"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"complete\",\"dictionary\":\"starts\"}" LENGTH
           TENSOR("frame", "F32", "2,1", "4", "12") TENSOR("missing", "U8", "1,2", "12", "14") "}",
       "\2\0\0\0\0\0\0\0\0\0\0\0\0\1", 14, "tensor 'missing' is not U8 of the shape"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"complete\",\"dictionary\":\"starts\"}" LENGTH
           TENSOR("frame", "F32", "2,1", "4", "12") TENSOR("missing", "U8", "2", "12", "14") "}",
       "\2\0\0\0\0\0\0\0\0\0\0\0\0\1", 14, "tensor 'missing' is not U8 of the shape"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"complete\",\"dictionary\":\"starts\"}" LENGTH
           TENSOR("frame", "F32", "2,1", "4", "12") TENSOR("missing", "U8", "2,1", "12", "14") "}",
       "\2\0\0\0\0\0\0\0\0\0\0\0\1\2", 14, "sequence 1: frame 2: number 1 is marked neither 0 nor 1 in 'missing'"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"complete\",\"dictionary\":\"starts\"}" LENGTH
           TENSOR("frame", "F32", "2,0", "4", "4") "}",
       "\2\0\0\0", 4, "frames of 0 numbers"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"complete\",\"dictionary\":\"starts\"}" LENGTH
           TENSOR("frame", "F32", "1,2", "4", "12") "}",
       "\2\0\0\0\0\0\0\0\0\0\0\0", 12, "tensor 'frame' has 1 rows, 2 are needed"},
      {"{\"__metadata__\":{\"format\":\"rnn-sequences/1\",\"task\":\"complete\",\"dictionary\":\"starts\"}" LENGTH
           SYMBOL "}",
       DATA, 12, "metadata 'level' is none of"},
  };
  char *told = expect_told(seal(HEAD("complete", LENGTH SYMBOL STRINGS), DATA, 22));
  cr_assert_str_eq(told, "0 complete 0 word 0 label -1: 0 1\n0 0 'a' 1\n0 1 'b' 1\n");
  free(told);
  for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++)
    expect_refused_stream(seal(evil[i].header, evil[i].data, evil[i].data_bytes), evil[i].sentence);
}

/* ---- damage ---- */

/* The stream with a change: refused, or the same as before. */
static void expect_same_or_refused(const char *path, const char *told, bool may_differ, const char *what, size_t at)
{
  char *now;
  struct rnn_error error = {.text = ""};
  enum rnn_status status = tell(path, &now, &error);
  cr_assert(status == RNN_OK || status == RNN_DATA, "%s %zu", what, at);
  if (status == RNN_DATA)
    cr_assert_not_null(strstr(error.text, "damaged.seq.zst: zstd frame "), "%s %zu: %s", what, at, error.text);
  else if (!may_differ)
    cr_assert_str_eq(now, told, "%s %zu is another answer", what, at);
  free(now);
}

Test(hostile_stream, every_prefix_and_every_flipped_bit)
{
  for (size_t i = 0; i < TEXT_CASES; i++) {
    const char *whole = write_cases("a.seq.zst", (const struct text_case *[]){&some[i], &more[i]}, 2, true);
    const char *damaged = file_path("damaged.seq.zst");
    char *told = expect_told(whole), *first;
    size_t size, first_size;
    char *bytes = file_read(whole, &size);
    first = file_read(write_cases("b.seq.zst", (const struct text_case *[]){&some[i]}, 1, true), &first_size);
    for (size_t cut = 1; cut < size; cut++) {
      char *now;
      file_write(damaged, bytes, cut);
      enum rnn_status status = tell(damaged, &now, NULL);
      cr_assert_eq(status, cut == first_size ? RNN_OK : RNN_DATA, "cut at %zu", cut);
      free(now);
    }
    for (size_t bit = i % 8; bit < 8 * size; bit += i == 1 ? 1 : 5) {
      bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
      file_write(damaged, bytes, size);
      expect_same_or_refused(damaged, told, false, "bit", bit);
      bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
    }
    free(first);
    free(bytes);
    free(told);
  }
}

/* The damage is in the document, the checksum fits it: nothing but the reader's own care is left. */
Test(hostile_stream, every_bit_flipped_under_a_mended_checksum)
{
  for (size_t i = 0; i < TEXT_CASES; i++) {
    const char *whole = write_cases("a.seq.zst", (const struct text_case *[]){&some[i]}, 1, false);
    const char *damaged = file_path("damaged.seq.zst");
    size_t size, plain_size, packed;
    char *bytes = file_read(whole, &size), *plain = file_unpack(bytes, size, &plain_size);
    for (size_t bit = i % 3; bit < 8 * plain_size; bit += i == 1 ? 1 : 3) {
      plain[bit / 8] = (char)(plain[bit / 8] ^ 1 << bit % 8);
      char *frame = file_pack(plain, plain_size, &packed);
      file_write(damaged, frame, packed);
      expect_same_or_refused(damaged, NULL, true, "bit", bit);
      plain[bit / 8] = (char)(plain[bit / 8] ^ 1 << bit % 8);
      free(frame);
    }
    free(plain);
    free(bytes);
  }
}

Test(hostile_stream, a_refused_stream_stays_refused)
{
  const char *a = write_cases("a.seq.zst", (const struct text_case *[]){&some[0]}, 1, false);
  const char *b = write_cases("b.seq.zst", (const struct text_case *[]){&some[1]}, 1, false);
  concatenate("c.seq.zst", a, b);
  struct reading reading;
  struct rnn_sequence sequence;
  struct rnn_stream_facts facts;
  struct rnn_error error;
  bool at_end = false;
  reading_begin(&reading, concatenate("d.seq.zst", file_path("c.seq.zst"), a));
  for (size_t i = 0; i < 4; i++)
    cr_assert_eq(rnn_stream_reader_next(reading.reader, &sequence, &facts, &at_end, &error), RNN_OK);
  for (size_t i = 0; i < 3; i++) {
    cr_assert_eq(rnn_stream_reader_next(reading.reader, &sequence, &facts, &at_end, &error), RNN_DATA);
    cr_assert_not_null(strstr(error.text, "zstd frame 2: task 'tag'"), "%s", error.text);
  }
  reading_end(&reading);
}
