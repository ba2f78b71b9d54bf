/* A model that was let in answers: it tags, classifies or completes a few small sequences, known and strange symbols
 * among them, and reads and writes nowhere but in its own memory. */
#include <string.h>

#include "answers.h"
#include "completion.h"
#include "encode.h"
#include "fuzz.h"
#include "memory.h"
#include "predictor.h"

enum { SEQUENCES = 3, MOST_TEXT_BYTES = 64, MOST_FRAME_NUMBERS = 1 << 12, STEPS = 4, KNOWN = 3 };

struct asked {
  const struct rnn_model *model;
  struct rnn_encoder *encoder;
  struct rnn_record record[SEQUENCES];
  char text[SEQUENCES][MOST_TEXT_BYTES];
  float frame[MOST_FRAME_NUMBERS];
  struct rnn_sequence sequence[SEQUENCES];
};

static volatile real sum;

static void take(void *context, size_t i, size_t t, size_t k, const real *y)
{
  const struct asked *asked = context;
  FUZZ_EXPECT(i < SEQUENCES && t < asked->sequence[i].length && k == rnn_model_classes(asked->model));
  for (size_t j = 0; j < k; j++)
    sum += y[j];
}

static void decide(void *context, size_t i, size_t t, size_t column, int32_t tag, real probability)
{
  const struct asked *asked = context;
  FUZZ_EXPECT(i < SEQUENCES && t < asked->sequence[i].length);
  const struct rnn_column *own = &asked->model->parameters->shape.column[column];
  FUZZ_EXPECT(tag >= 0 && (size_t)tag >= own->first && (size_t)tag < own->first + own->k);
  sum += probability;
}

/* The first symbols, strangers between them; strangers alone; the last symbol. */
static void write_texts(struct asked *asked)
{
  static const char strange[] = " Strange \xC3\x89t\xC3\xA9 x ";
  size_t count = rnn_vocabulary_count(asked->model->symbols);
  strcpy(asked->text[1], strange);
  for (size_t i = 0; i < 2; i++) {
    char *to = asked->text[2 * i], *end = to + MOST_TEXT_BYTES - sizeof strange;
    for (size_t j = 0; j < (i == 0 ? KNOWN : 1) && j < count; j++) {
      size_t length;
      const char *bytes = rnn_vocabulary_string(asked->model->symbols, (int32_t)(i == 0 ? j : count - 1), &length);
      length = length < (size_t)(end - to) ? length : (size_t)(end - to);
      memcpy(to, bytes, length);
      to += length;
    }
    strcpy(to, i == 0 ? strange : "");
  }
}

static void add(struct asked *asked, size_t i)
{
  struct rnn_record *record = &asked->record[i];
  size_t width = asked->model->frame_width;
  rnn_record_init(record);
  if (width == 0) {
    size_t length = strnlen(asked->text[i], MOST_TEXT_BYTES);
    *record = (struct rnn_record){.content = RNN_CONTENT_TEXT, .text = {asked->text[i], length}};
  } else {
    for (size_t j = 0; i == 0 && j < STEPS * width; j++)
      asked->frame[j] = (float)j - 2.5F;
    *record =
        (struct rnn_record){.content = RNN_CONTENT_FRAMES, .steps = 1 + i, .frame = asked->frame, .frame_width = width};
  }
  FUZZ_EXPECT(rnn_encoder_add(asked->encoder, record, NULL) == RNN_OK);
}

static void predict(struct asked *asked, struct rnn_pool *pool, size_t each)
{
  const struct rnn_answer answer = {.take = take, .context = asked, .decide = decide};
  struct rnn_predictor *predictor;
  struct rnn_error error;
  FUZZ_EXPECT(rnn_predictor_create(&predictor, asked->model, 2, pool, &error) == RNN_OK);
  enum rnn_status status = each == 0 ? RNN_OK : rnn_predictor_each(predictor, each, &error);
  if (status == RNN_OK)
    status = rnn_predictor_run(predictor, asked->sequence, SEQUENCES, &answer, &error);
  FUZZ_EXPECT(status == RNN_OK || status == RNN_DATA || (each > 0 && status == RNN_USAGE));
  rnn_predictor_free(predictor);
}

static void complete(struct asked *asked, struct rnn_pool *pool)
{
  const struct rnn_completion_settings settings = {
      .top = 2, .beam = 3, .most_steps = STEPS, .temperature = 1, .stop = RNN_ABSENT};
  struct rnn_completer *completer;
  struct rnn_error error;
  for (size_t i = 0; i < SEQUENCES; i++)
    if (asked->sequence[i].length == 0)
      return;
  FUZZ_EXPECT(rnn_completer_create(&completer, asked->model, &settings, pool, &error) == RNN_OK);
  enum rnn_status status = rnn_completer_run(completer, asked->sequence, SEQUENCES, &error);
  FUZZ_EXPECT(status == RNN_OK || status == RNN_DATA);
  for (size_t i = 0; status == RNN_OK && i < SEQUENCES; i++) {
    size_t count;
    const struct rnn_completion *completion = rnn_completer_result(completer, i, &count);
    for (size_t j = 0; j < count; j++)
      for (size_t t = 0; t < completion[j].length; t++)
        FUZZ_EXPECT((size_t)completion[j].symbol[t] < rnn_model_classes(asked->model));
  }
  rnn_completer_free(completer);
}

void fuzz_answers(const struct rnn_model *model)
{
  static struct rnn_pool *pool;
  static struct asked asked;
  if (pool == NULL)
    FUZZ_EXPECT(rnn_pool_create(&pool, 1, NULL) == RNN_OK);
  if (model->frame_width > MOST_FRAME_NUMBERS / STEPS)
    return;
  memset(&asked, 0, sizeof asked);
  asked.model = model;
  if (model->frame_width == 0)
    write_texts(&asked);
  FUZZ_EXPECT(rnn_encoder_create(&asked.encoder, model, false, NULL) == RNN_OK);
  for (size_t i = 0; i < SEQUENCES; i++)
    add(&asked, i);
  for (size_t i = 0; i < SEQUENCES; i++)
    asked.sequence[i] = rnn_encoder_sequence(asked.encoder, i);
  predict(&asked, pool, 0);
  if (model->task == RNN_CLASSIFY)
    predict(&asked, pool, 1);
  if (model->task == RNN_COMPLETE)
    complete(&asked, pool);
  rnn_encoder_free(asked.encoder);
}
