/* Any bytes as the state of a small model of joints or of pictures: refused, or the sequence goes on from there and the
 * state can be written again. The first byte chooses the model and what they are: the document, or changes to one that
 * is whole, three bytes each: where (little end first) and what. */
#include <string.h>

#include "fuzz.h"
#include "memory.h"
#include "picture.h"
#include "predictor.h"
#include "state_file.h"

enum { JOINTS = 5, SIDE = 12, MOST_WIDTH = SIDE * SIDE, STEPS = 4, LABELS = 2 };

struct going_on {
  struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_predictor *predictor;
  struct rnn_sequence sequence;
  float frame[STEPS * MOST_WIDTH];
  char *block, *changed; /* [block_bytes] the document after the sequence, and one with damage */
  size_t block_bytes;
};

static void make_model(struct going_on *it, bool pictures)
{
  static const char *const settings[][2] = {
      {"state", "3"}, {"cell", "lstm"}, {"pooling", "attention"}, {"motion", "acceleration"}, {"standardise", "true"}};
  const struct rnn_text text = {.picture = {pictures ? SIDE : 0, pictures ? SIDE : 0}};
  const size_t width = pictures ? SIDE * SIDE : 3 * JOINTS;
  struct rnn_config config;
  struct rnn_corpus corpus;
  struct rnn_vocabulary *labels;
  int32_t number;
  rnn_config_init(&config);
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
    FUZZ_EXPECT(rnn_config_set(&config, settings[i][0], settings[i][1], NULL) == RNN_OK);
  FUZZ_EXPECT(rnn_config_set(&config, "joints", pictures ? "none" : "3", NULL) == RNN_OK);
  for (size_t i = 0; i < STEPS * width; i++)
    it->frame[i] = (float)(i * i % 17) / 4;
  it->sequence = (struct rnn_sequence){.length = STEPS, .frame = it->frame};
  rnn_corpus_init(&corpus, RNN_CLASSIFY, width);
  FUZZ_EXPECT(rnn_vocabulary_create(&labels, NULL) == RNN_OK);
  for (size_t i = 0; i < LABELS; i++) {
    FUZZ_EXPECT(rnn_vocabulary_add(labels, &"ab"[i], 1, &number, NULL) == RNN_OK);
    it->sequence.label = number;
    FUZZ_EXPECT(rnn_corpus_add(&corpus, &it->sequence, NULL) == RNN_OK);
  }
  FUZZ_EXPECT(rnn_model_create(&it->model, &config, text, &corpus, NULL, labels, NULL) == RNN_OK);
  rnn_vocabulary_free(labels);
  rnn_corpus_clear(&corpus);
}

static void take(void *context, size_t i, size_t t, size_t k, const real *y)
{
  (void)context, (void)i, (void)t;
  FUZZ_EXPECT(k == LABELS && y != NULL);
}

/* The sequence from the state on; then that state is the predictor's. */
static void run(struct going_on *it, struct rnn_kept_state *kept)
{
  struct rnn_answer answer = {.take = take};
  rnn_predictor_resume(it->predictor, kept->state);
  FUZZ_EXPECT(rnn_predictor_run_part(it->predictor, &it->sequence, (size_t)kept->steps, &answer, NULL) == RNN_OK);
  rnn_state_copy_lane(kept->state, 0, rnn_predictor_state(it->predictor), 0);
  kept->steps += STEPS;
}

/* The same two models for all runs. */
static struct going_on *begin(struct rnn_kept_state *kept, bool pictures)
{
  static struct going_on both[2];
  struct going_on *it = &both[pictures];
  bool first = it->model == NULL;
  if (first) {
    make_model(it, pictures);
    FUZZ_EXPECT(rnn_pool_create(&it->pool, 1, NULL) == RNN_OK);
    FUZZ_EXPECT(rnn_predictor_create(&it->predictor, it->model, 1, it->pool, NULL) == RNN_OK);
  }
  FUZZ_EXPECT(rnn_kept_state_init(kept, it->model, NULL) == RNN_OK);
  if (first) {
    run(it, kept);
    FUZZ_EXPECT(rnn_kept_state_encode(kept, &it->block, &it->block_bytes, NULL) == RNN_OK);
    FUZZ_EXPECT((it->changed = malloc(it->block_bytes)) != NULL);
  }
  return it;
}

static void read_state(struct going_on *it, struct rnn_kept_state *kept, const char *block, size_t size)
{
  struct rnn_error error = {.text = ""};
  enum rnn_status status = rnn_kept_state_decode(kept, block, size, &error);
  if (status != RNN_OK) {
    FUZZ_EXPECT(status == RNN_DATA && error.text[0] != '\0');
    return;
  }
  char *again;
  size_t again_bytes;
  FUZZ_EXPECT(rnn_kept_state_encode(kept, &again, &again_bytes, NULL) == RNN_OK);
  rnn_memory_free(again);
  run(it, kept);
}

int fuzz_state(const uint8_t *data, size_t size)
{
  struct rnn_kept_state kept;
  if (size == 0)
    return 0;
  struct going_on *it = begin(&kept, (data[0] & 2) != 0);
  const char *block = (const char *)data + 1;
  size_t block_bytes = size - 1;
  if (data[0] % 2 == 1) {
    memcpy(it->changed, it->block, it->block_bytes);
    for (size_t i = 1; i + 3 <= size; i += 3)
      it->changed[(data[i] | (size_t)data[i + 1] << 8) % it->block_bytes] = (char)data[i + 2];
    block = it->changed;
    block_bytes = it->block_bytes;
  }
  read_state(it, &kept, block, block_bytes);
  rnn_kept_state_clear(&kept);
  return 0;
}
