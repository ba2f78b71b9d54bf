/* Sequences as text again: what each task's lines hold, and a full disk at each byte of them. */
#include "plain.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "file_case.h"
#include "output_case.h"
#include "vocabulary.h"

#define OK(call) cr_assert_eq((call), RNN_OK, "%s", error.text)

static struct rnn_error error;
static struct rnn_vocabulary *symbols, *labels;

/* What is to be written: a sequence, or, without facts, the vocabulary of the symbols. */
struct writing {
  struct rnn_sequence sequence;
  const struct rnn_stream_facts *facts;
  char record_end;
};

static enum rnn_status write_it(struct rnn_output *output, const void *what, struct rnn_error *why)
{
  const struct writing *writing = what;
  if (writing->facts == NULL)
    return rnn_plain_write_vocabulary(output, symbols, why);
  return rnn_plain_write(output, &writing->sequence, writing->facts, symbols, labels, writing->record_end, why);
}

static void expect_bytes(const struct writing *writing, const char *wanted, size_t length)
{
  struct rnn_output *output;
  OK(rnn_output_open(&output, file_path("output"), false, false, &error));
  OK(write_it(output, writing, &error));
  OK(rnn_output_finish(output, &error));
  size_t size;
  char *got = file_read(file_path("output"), &size);
  cr_assert_eq(size, length, "%s", got);
  cr_assert_eq(memcmp(got, wanted, length), 0, "%s", got);
  free(got);
  output_expect_refused(write_it, writing, length);
}

static void expect(const struct rnn_sequence *sequence, const struct rnn_stream_facts *facts, const char *wanted)
{
  const struct writing writing = {*sequence, facts, '\n'};
  expect_bytes(&writing, wanted, strlen(wanted));
}

static struct rnn_vocabulary *vocabulary(const char *const *strings)
{
  struct rnn_vocabulary *made;
  int32_t number;
  OK(rnn_vocabulary_create(&made, &error));
  for (size_t i = 0; strings[i] != NULL; i++)
    OK(rnn_vocabulary_add(made, strings[i], strlen(strings[i]), &number, &error));
  return made;
}

static void make_vocabularies(void)
{
  symbols = vocabulary((const char *const[]){"the", "a\tb", "c\r\n\\", NULL});
  labels = vocabulary((const char *const[]){"x", "y\tz", "p=1", "q=2", NULL});
}

static void free_vocabularies(void)
{
  rnn_vocabulary_free(symbols);
  rnn_vocabulary_free(labels);
}

TestSuite(plain, .init = make_vocabularies, .fini = free_vocabularies);

static const int32_t three[] = {0, 1, 2};

Test(plain, text_of_each_level)
{
  const struct rnn_sequence sequence = {.length = 3, .symbol = three};
  struct rnn_stream_facts facts = {.task = RNN_COMPLETE, .text.level = RNN_LEVEL_WORD};
  expect(&sequence, &facts, "the a b c  \\\n");
  facts.text.level = RNN_LEVEL_CHAR;
  expect(&sequence, &facts, "thea\tbc\r\n\\\n");
}

Test(plain, labels_stand_first)
{
  struct rnn_sequence sequence = {.length = 2, .symbol = three, .label = 1};
  struct rnn_stream_facts facts = {.task = RNN_CLASSIFY, .text.level = RNN_LEVEL_CHAR};
  expect(&sequence, &facts, "y z\tthea b\n");
  sequence.label = RNN_ABSENT;
  expect(&sequence, &facts, "\tthea b\n");
}

Test(plain, tags_stand_behind_their_tokens)
{
  static const int32_t tags[] = {0, RNN_ABSENT, 1}, pairs[] = {2, 3, 2, RNN_ABSENT, RNN_ABSENT, 3};
  struct rnn_sequence sequence = {.length = 3, .symbol = three, .target = tags};
  struct rnn_stream_facts facts = {.task = RNN_TAG, .text.level = RNN_LEVEL_WORD};
  expect(&sequence, &facts, "the\tx\na b\t\nc  \\\ty z\n\n");
  sequence.target = pairs;
  facts.columns = (struct rnn_columns){.count = 2, .name = {"p", "q"}};
  expect(&sequence, &facts, "the\t1\t2\na b\t1\t\nc  \\\t\t2\n\n");
}

Test(plain, frames_are_lines_of_numbers)
{
  const float frames[] = {1, -0.5f, NAN, 1e9f};
  static const int32_t tags[] = {0, 1};
  struct rnn_sequence sequence = {.length = 2, .frame = frames, .target = tags, .label = 0};
  struct rnn_stream_facts facts = {.task = RNN_CLASSIFY, .frame_width = 2};
  expect(&sequence, &facts, "# label: x\n1 -0.5\nnull 1000000000\n\n");
  sequence.label = RNN_ABSENT;
  expect(&sequence, &facts, "1 -0.5\nnull 1000000000\n\n");
  facts.task = RNN_TAG;
  expect(&sequence, &facts, "1 -0.5\tx\nnull 1000000000\ty z\n\n");
}

Test(plain, lines_may_end_with_nul)
{
  const struct rnn_stream_facts facts = {.task = RNN_TAG, .text.level = RNN_LEVEL_WORD};
  const struct writing writing = {{.length = 2, .symbol = three, .target = three}, &facts, '\0'};
  expect_bytes(&writing, "the\tx\0a b\ty z\0", 15);
}

Test(plain, a_vocabulary_is_a_line_a_symbol)
{
  int32_t number;
  OK(rnn_vocabulary_add(symbols, "\0", 1, &number, &error));
  rnn_vocabulary_add_frequency(symbols, number, 7);
  rnn_vocabulary_add_frequency(symbols, 2, 8);
  const struct writing writing = {.facts = NULL};
  const char *wanted = "c\\r\\n\\\\\t8\n\\0\t7\na\\tb\t1\nthe\t1\n";
  rnn_vocabulary_add_frequency(symbols, 0, 1);
  rnn_vocabulary_add_frequency(symbols, 1, 1);
  expect_bytes(&writing, wanted, strlen(wanted));
}
