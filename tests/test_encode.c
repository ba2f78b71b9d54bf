/* Records and streams in a model's numbers. */
#include "encode.h"

#include <criterion/criterion.h>
#include <string.h>

#include "predict_case.h"

#define OK(call) cr_assert_eq((call), RNN_OK, "%s", error.text)

static struct rnn_error error;
static const char *const words[] = {"the", "dog", "\xC3\xA4rger", NULL};

static void free_encoder(void *encoder)
{
  rnn_encoder_free(encoder);
}

static struct rnn_encoder *create(const struct rnn_model *model)
{
  struct rnn_encoder *encoder;
  OK(rnn_encoder_create(&encoder, model, true, &error));
  predict_keep(encoder, free_encoder);
  return encoder;
}

static struct rnn_slice slice(const char *text)
{
  return (struct rnn_slice){text, strlen(text)};
}

static struct rnn_record text_record(const char *text)
{
  struct rnn_record record;
  rnn_record_init(&record);
  record.content = RNN_CONTENT_TEXT;
  record.text = slice(text);
  return record;
}

static void expect_symbols(const struct rnn_encoder *encoder, size_t i, const int32_t *symbol, size_t count)
{
  struct rnn_sequence sequence = rnn_encoder_sequence(encoder, i);
  cr_assert_eq(sequence.length, count);
  for (size_t t = 0; t < count; t++)
    cr_assert_eq(sequence.symbol[t], symbol[t], "sequence %zu, step %zu", i, t);
}

static void expect_token(const struct rnn_encoder *encoder, size_t i, size_t t, const char *wanted)
{
  struct rnn_slice token = rnn_encoder_token(encoder, i, t);
  cr_assert_eq(token.length_bytes, strlen(wanted));
  cr_assert(memcmp(token.bytes, wanted, token.length_bytes) == 0);
}

Test(encode, text_is_cut_as_the_model_was)
{
  const struct rnn_model *model = predict_model(
      &(struct predict_case){.task = RNN_CLASSIFY, .symbols = words, .unknown = true, .text = {RNN_LEVEL_WORD, true}});
  struct rnn_encoder *encoder = create(model);
  struct rnn_record first = text_record("The dog, the \xC3\x84rger"), second = text_record(""),
                    third = text_record("dog");
  OK(rnn_encoder_add(encoder, &first, &error));
  OK(rnn_encoder_add(encoder, &second, &error));
  OK(rnn_encoder_add_empty(encoder, &error));
  OK(rnn_encoder_add(encoder, &third, &error));
  cr_assert_eq(rnn_encoder_count(encoder), 4);
  cr_assert_eq(rnn_encoder_steps(encoder), 6);
  expect_symbols(encoder, 0, (const int32_t[]){0, 1, 3, 0, 2}, 5);
  expect_symbols(encoder, 1, NULL, 0);
  expect_symbols(encoder, 2, NULL, 0);
  expect_symbols(encoder, 3, (const int32_t[]){1}, 1);
  expect_token(encoder, 0, 0, "The");
  expect_token(encoder, 0, 4, "\xC3\x84rger");
  expect_token(encoder, 3, 0, "dog");
  cr_assert_eq(rnn_encoder_record(encoder, 0), &first);
  cr_assert_null(rnn_encoder_record(encoder, 2));
  cr_assert_null(rnn_encoder_label(encoder, 0).bytes);
  rnn_encoder_reset(encoder);
  cr_assert_eq(rnn_encoder_count(encoder), 0);
  OK(rnn_encoder_add(encoder, &third, &error));
  expect_symbols(encoder, 0, (const int32_t[]){1}, 1);
}

Test(encode, unknown_without_an_unknown_symbol)
{
  const struct rnn_model *model = predict_model(&(struct predict_case){.task = RNN_CLASSIFY, .symbols = words});
  struct rnn_encoder *encoder = create(model);
  struct rnn_record record = text_record("the cat");
  OK(rnn_encoder_add(encoder, &record, &error));
  expect_symbols(encoder, 0, (const int32_t[]){0, RNN_ABSENT}, 2);
}

Test(encode, targets)
{
  const struct rnn_model *model = predict_model(&(struct predict_case){.task = RNN_TAG, .symbols = words});
  struct rnn_encoder *encoder = create(model);
  struct rnn_slice token[] = {slice("the"), slice("dog"), slice("the")}, tag[] = {slice("z"), slice("?"), {NULL, 0}};
  struct rnn_record record;
  rnn_record_init(&record);
  record.content = RNN_CONTENT_TOKENS;
  record.steps = 3;
  record.token = token;
  record.tag = tag;
  record.has_tags = record.has_label = true;
  record.label = slice("y");
  OK(rnn_encoder_add(encoder, &record, &error));
  struct rnn_sequence sequence = rnn_encoder_sequence(encoder, 0);
  cr_assert_eq(sequence.target[0], 2);
  cr_assert_eq(sequence.target[1], RNN_ABSENT);
  cr_assert_eq(sequence.target[2], RNN_ABSENT);
  cr_assert_eq(sequence.label, 1);
  cr_assert_eq(rnn_encoder_tag(encoder, 0, 1, 0).bytes, tag[1].bytes);
  cr_assert_null(rnn_encoder_tag(encoder, 0, 2, 0).bytes);
  cr_assert_eq(rnn_encoder_label(encoder, 0).bytes, record.label.bytes);
}

static void expect_refused(struct rnn_encoder *encoder, const struct rnn_record *record, const char *sentence)
{
  size_t count = rnn_encoder_count(encoder), steps = rnn_encoder_steps(encoder);
  cr_assert_eq(rnn_encoder_add(encoder, record, &error), RNN_DATA);
  cr_assert_str_eq(error.text, sentence);
  cr_assert_eq(rnn_encoder_count(encoder), count);
  cr_assert_eq(rnn_encoder_steps(encoder), steps);
}

Test(encode, what_the_model_cannot_read_is_refused)
{
  const struct rnn_model *frames = predict_model(&(struct predict_case){.task = RNN_CLASSIFY, .frame_width = 3});
  const struct rnn_model *letters =
      predict_model(&(struct predict_case){.task = RNN_CLASSIFY, .symbols = words, .text = {RNN_LEVEL_CHAR, false}});
  struct rnn_encoder *of_frames = create(frames), *of_letters = create(letters);
  struct rnn_record text = text_record("abc"), frame, tokens;
  float numbers[] = {1, 2, 3, 4};
  struct rnn_slice token = slice("the");
  rnn_record_init(&frame);
  frame.content = RNN_CONTENT_FRAMES;
  frame.frame = numbers;
  frame.frame_width = 4;
  frame.steps = 1;
  rnn_record_init(&tokens);
  tokens.content = RNN_CONTENT_TOKENS;
  tokens.token = &token;
  tokens.steps = 1;
  expect_refused(of_frames, &text, "text, but the model reads frames of 3 numbers");
  expect_refused(of_frames, &frame, "frames of 4 numbers, but the model reads frames of 3");
  expect_refused(of_letters, &frame, "frames of 4 numbers, but the model reads characters");
  expect_refused(of_letters, &tokens, "tokens, but the model reads characters");
  rnn_encoder_set_longest(of_letters, 2);
  expect_refused(of_letters, &text, "3 steps, but this model takes at most 2");
  frame.frame_width = 3;
  OK(rnn_encoder_add(of_frames, &frame, &error));
  cr_assert_eq(rnn_encoder_sequence(of_frames, 0).frame, numbers);
}

/* ---- streams ---- */

static struct rnn_vocabulary *make_vocabulary(void)
{
  struct rnn_vocabulary *vocabulary;
  OK(rnn_vocabulary_create(&vocabulary, &error));
  return vocabulary;
}

static void add(struct rnn_vocabulary *vocabulary, const char *text)
{
  int32_t number;
  OK(rnn_vocabulary_add(vocabulary, text, strlen(text), &number, &error));
}

Test(encode, streams_are_mapped_by_string)
{
  const struct rnn_model *model = predict_model(
      &(struct predict_case){.task = RNN_TAG, .symbols = words, .unknown = true, .text = {RNN_LEVEL_WORD, true}});
  struct rnn_encoder *encoder = create(model);
  struct rnn_vocabulary *symbols = make_vocabulary(), *labels = make_vocabulary();
  struct rnn_stream_facts facts = {.task = RNN_TAG};
  add(symbols, "Dog");
  add(symbols, "cat");
  add(labels, "z");
  int32_t symbol[] = {1, 0, 2}, tag[] = {0, RNN_ABSENT, 1};
  struct rnn_sequence sequence = {.length = 2, .symbol = symbol, .target = tag, .label = RNN_ABSENT};
  OK(rnn_encoder_begin_stream(encoder, &facts, symbols, labels, &error));
  OK(rnn_encoder_add_sequence(encoder, &sequence, &error));
  add(symbols, "THE"); /* the stream goes on and brings new strings */
  add(labels, "w");
  sequence.length = 3;
  OK(rnn_encoder_add_sequence(encoder, &sequence, &error));
  symbol[0] = 0;
  expect_symbols(encoder, 0, (const int32_t[]){3, 1}, 2);
  expect_symbols(encoder, 1, (const int32_t[]){3, 1, 0}, 3);
  expect_token(encoder, 0, 0, "cat");
  expect_token(encoder, 1, 2, "THE");
  cr_assert_eq(rnn_encoder_sequence(encoder, 1).target[0], 2);
  cr_assert_eq(rnn_encoder_sequence(encoder, 1).target[1], RNN_ABSENT);
  cr_assert_eq(rnn_encoder_sequence(encoder, 1).target[2], RNN_ABSENT);
  cr_assert_str_eq(rnn_encoder_tag(encoder, 1, 2, 0).bytes, "w");
  cr_assert_null(rnn_encoder_tag(encoder, 1, 1, 0).bytes);
  facts.text.level = RNN_LEVEL_CHAR;
  cr_assert_eq(rnn_encoder_begin_stream(encoder, &facts, symbols, labels, &error), RNN_DATA);
  cr_assert_str_eq(error.text, "a stream of characters, but the model reads words");
  facts.frame_width = 2;
  cr_assert_eq(rnn_encoder_begin_stream(encoder, &facts, symbols, labels, &error), RNN_DATA);
  rnn_vocabulary_free(symbols);
  rnn_vocabulary_free(labels);
}

Test(encode, frames_of_a_stream_are_copied)
{
  const struct rnn_model *model = predict_model(&(struct predict_case){.task = RNN_CLASSIFY, .frame_width = 2});
  struct rnn_encoder *encoder = create(model);
  struct rnn_vocabulary *symbols = make_vocabulary(), *labels = make_vocabulary();
  struct rnn_stream_facts facts = {.task = RNN_CLASSIFY, .frame_width = 2};
  add(labels, "y");
  float numbers[] = {1, 2, 3, 4};
  struct rnn_sequence sequence = {.length = 2, .frame = numbers, .label = 0};
  OK(rnn_encoder_begin_stream(encoder, &facts, symbols, labels, &error));
  OK(rnn_encoder_add_sequence(encoder, &sequence, &error));
  numbers[0] = 5;
  OK(rnn_encoder_add_sequence(encoder, &sequence, &error));
  cr_assert_eq(rnn_encoder_sequence(encoder, 0).frame[0], 1);
  cr_assert_eq(rnn_encoder_sequence(encoder, 1).frame[0], 5);
  cr_assert_eq(rnn_encoder_sequence(encoder, 1).label, 1);
  cr_assert_str_eq(rnn_encoder_label(encoder, 1).bytes, "y");
  rnn_vocabulary_free(symbols);
  rnn_vocabulary_free(labels);
}
