/* Training and prediction speed of whole networks, on request: reads lines
 *
 *   CASE CELL train|predict SECONDS
 *
 * from standard input and answers each with `STEPS CPU_SEC WALL_SEC`: how many time steps were trained on (forward,
 * loss, backward, clipping, Adam) or predicted (forward, softmax, argmax) in a window of at least that long.
 * bench/peer_torch.py speaks the same protocol; bench/compare.sh asks both in turn.
 *
 *   a  characters   65 symbols, embedding 64, d = 256, 64 lanes, tau = 64, a target at each step
 *   b  tagger       20,000 symbols, embedding 128, both directions, d = 128, batch 32, mean length 16, 17 tags
 *   c  classifier   30,000 symbols, embedding 128, d = 128, batch 32, mean length 230 (at most 400), 2 classes at the
 * last step d  frames       75 numbers, 60 frames, d = 128, batch 32, 10 classes at the last step
 *
 * usage: network [THREADS] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory.h"
#include "predictor.h"
#include "random.h"
#include "trainer.h"
#include "vector.h"

struct bench_case {
  char name;
  enum rnn_task task;
  size_t symbols, frame_width, classes, sequences;
  double mean_length;
  size_t longest, batch;
  const char *setting[4]; /* key=value */
};

static const struct bench_case cases[] = {
    {'a', RNN_COMPLETE, 65, 0, 0, 1, 64 * 64 * 64, 64 * 64 * 64, 64, {"embedding=64", "state=256", "bptt=64", NULL}},
    {'b', RNN_TAG, 20000, 0, 17, 8192, 16, 120, 32, {"embedding=128", "state=128", "bidirectional=true", NULL}},
    {'c', RNN_CLASSIFY, 30000, 0, 2, 4096, 230, 400, 32, {"embedding=128", "state=128", NULL, NULL}},
    {'d', RNN_CLASSIFY, 0, 75, 10, 2048, 60, 60, 32, {"state=128", NULL, NULL, NULL}}};

/* What the peer does not do either, and a corpus of such a size would be given unless told: all that makes of the case
 * another network or other data. The last ones are of frames. */
static const char *const plain[][2] = {
    {"min_count", "1"},  {"dropout", "0"},         {"word_dropout", "0"}, {"epochs", "100000"},  {"average", "0"},
    {"pooling", "last"}, {"features", "false"},    {"wide", "none"},      {"output", "softmax"}, {"joints", "none"},
    {"motion", "none"},  {"standardise", "false"}, {"time_warp", "0"},    {"rotation", "0"},     {NULL, NULL}};
enum { PLAIN_OF_ALL = 9 };

/* One network with its corpus, trainer and predictor, made at the first request for it. */
struct bench {
  const struct bench_case *of;
  char cell[RNN_CELL_NAME_BYTES];
  struct rnn_corpus corpus;
  struct rnn_model *model;
  struct rnn_trainer *trainer;
  struct rnn_predictor *predictor;
  struct rnn_sequence *sequence;
};

static struct rnn_error error;

static void must(enum rnn_status status)
{
  if (status == RNN_OK)
    return;
  fprintf(stderr, "network: %s\n", error.text);
  exit((int)status);
}

static double clock_sec(clockid_t clock)
{
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void add_names(struct rnn_vocabulary **names, size_t count)
{
  must(rnn_vocabulary_create(names, &error));
  for (size_t i = 0; i < count; i++) {
    char name[32];
    int32_t number;
    snprintf(name, sizeof name, "%zu", i);
    must(rnn_vocabulary_add(*names, name, strlen(name), &number, &error));
  }
}

/* Gamma-like, shape 2: the sum of two exponentials. */
static size_t draw_length(struct rnn_random *random, const struct bench_case *of)
{
  if ((double)of->longest <= of->mean_length)
    return of->longest;
  double drawn = -log((1 - rnn_random_uniform(random)) * (1 - rnn_random_uniform(random))) * of->mean_length / 2;
  size_t length = (size_t)(drawn + 0.5);
  return length < 1 ? 1 : length > of->longest ? of->longest : length;
}

/* Symbols as unequally frequent as words: the cube of a uniform number. Every symbol occurs: the first sequences list
 * them. */
static void add_sequences(struct bench *bench)
{
  const struct bench_case *of = bench->of;
  struct rnn_random random;
  rnn_random_init(&random, 1, RNN_PURPOSE_TEST, 0, (uint64_t)of->name);
  int32_t *symbol, *tag;
  float *frame;
  must(rnn_memory_new(&symbol, of->longest, sizeof *symbol, "bench", &error));
  must(rnn_memory_new(&tag, of->longest, sizeof *tag, "bench", &error));
  must(rnn_memory_new(&frame, of->longest * of->frame_width, sizeof *frame, "bench", &error));
  for (size_t i = 0; i < of->sequences; i++) {
    struct rnn_sequence sequence = {.length = draw_length(&random, of), .label = RNN_ABSENT, .index = i};
    for (size_t t = 0; t < sequence.length; t++) {
      double u = rnn_random_uniform(&random);
      symbol[t] = (int32_t)((double)of->symbols * u * u * u);
      tag[t] = of->classes > 0 ? (int32_t)rnn_random_below(&random, of->classes) : 0;
    }
    for (size_t j = 0; j < sequence.length * of->frame_width; j++)
      frame[j] = (float)rnn_random_normal(&random);
    if (of->task == RNN_CLASSIFY)
      sequence.label = tag[0];
    sequence.symbol = of->frame_width > 0 ? NULL : symbol;
    sequence.frame = of->frame_width > 0 ? frame : NULL;
    sequence.target = of->task == RNN_TAG ? tag : NULL;
    must(rnn_corpus_add(&bench->corpus, &sequence, &error));
  }
  rnn_memory_free(symbol);
  rnn_memory_free(tag);
  rnn_memory_free(frame);
}

static void make(struct bench *bench, struct rnn_pool *pool)
{
  const struct bench_case *of = bench->of;
  struct rnn_vocabulary *symbols = NULL, *labels = NULL;
  struct rnn_config config;
  char batch[32];
  rnn_corpus_init(&bench->corpus, of->task, of->frame_width);
  add_sequences(bench);
  if (of->symbols > 0)
    add_names(&symbols, of->symbols);
  if (of->classes > 0)
    add_names(&labels, of->classes);
  rnn_config_init(&config);
  must(rnn_config_set(&config, "cell", bench->cell, &error));
  for (size_t i = 0; plain[i][0] != NULL; i++)
    if (of->frame_width > 0 || i < PLAIN_OF_ALL)
      must(rnn_config_set(&config, plain[i][0], plain[i][1], &error));
  snprintf(batch, sizeof batch, "%zu", of->batch);
  must(rnn_config_set(&config, "batch", batch, &error));
  for (size_t i = 0; of->setting[i] != NULL; i++) {
    char key[64];
    snprintf(key, sizeof key, "%s", of->setting[i]);
    char *value = strchr(key, '=');
    *value = '\0';
    must(rnn_config_set(&config, key, value + 1, &error));
  }
  must(rnn_model_create(&bench->model, &config, (struct rnn_text){.level = RNN_LEVEL_WORD}, &bench->corpus, symbols,
                        labels, &error));
  must(rnn_trainer_create(&bench->trainer, bench->model, &bench->corpus, NULL, pool, &error));
  must(rnn_predictor_create(&bench->predictor, bench->model, 256, pool, &error));
  must(rnn_memory_new(&bench->sequence, bench->corpus.count, sizeof *bench->sequence, "bench", &error));
  for (size_t i = 0; i < bench->corpus.count; i++)
    bench->sequence[i] = rnn_corpus_sequence(&bench->corpus, i);
  rnn_vocabulary_free(symbols);
  rnn_vocabulary_free(labels);
}

static size_t train(struct bench *bench)
{
  static struct rnn_report report;
  uint64_t before = report.steps;
  do
    must(rnn_trainer_step(bench->trainer, &report, &error));
  while (report.event != RNN_EVENT_UPDATE);
  return (size_t)(report.steps > before ? report.steps - before : report.steps);
}

static void take_best(void *context, size_t i, size_t t, size_t k, const real *y)
{
  (void)i;
  (void)t;
  *(volatile size_t *)context = rnn_vector_argmax(k, y);
}

/* Case a is one long text: it is predicted as 64 of its parts side by side, as the peer does. */
static size_t predict(struct bench *bench)
{
  enum { PARTS = 64, PART_STEPS = 64, AT_ONCE = 256 };
  volatile size_t best;
  struct rnn_answer answer = {.take = take_best, .context = (void *)&best};
  struct rnn_sequence part[PARTS];
  const struct rnn_sequence *sequence = bench->sequence;
  size_t count = bench->corpus.count < AT_ONCE ? bench->corpus.count : AT_ONCE, steps = 0;
  if (bench->of->task == RNN_COMPLETE) {
    for (size_t i = 0; i < PARTS; i++) {
      part[i] = bench->sequence[0];
      part[i].symbol += i * PART_STEPS;
      part[i].length = PART_STEPS;
    }
    sequence = part;
    count = PARTS;
  }
  must(rnn_predictor_run(bench->predictor, sequence, count, &answer, &error));
  for (size_t i = 0; i < count; i++)
    steps += sequence[i].length;
  return steps;
}

static struct bench *find(char name, const char *cell, struct rnn_pool *pool)
{
  static struct bench made[64];
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    struct bench *bench = &made[i];
    if (bench->of != NULL && bench->of->name == name && strcmp(bench->cell, cell) == 0)
      return bench;
    if (bench->of != NULL)
      continue;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
      if (cases[c].name == name)
        bench->of = &cases[c];
    if (bench->of == NULL || strlen(cell) >= sizeof bench->cell)
      return NULL;
    strcpy(bench->cell, cell);
    make(bench, pool);
    train(bench);
    predict(bench);
    return bench;
  }
  return NULL;
}

int main(int argc, char **argv)
{
  struct rnn_pool *pool;
  char name, cell[32], mode[32];
  double window_sec;
  must(rnn_pool_create(&pool, argc > 1 ? (size_t)atoi(argv[1]) : 1, &error));
  while (scanf(" %c %31s %31s %lf", &name, cell, mode, &window_sec) == 4) {
    struct bench *bench = find(name, cell, pool);
    if (bench == NULL) {
      fprintf(stderr, "network: no case %c\n", name);
      return 64;
    }
    size_t (*run)(struct bench *) = strcmp(mode, "train") == 0 ? train : predict;
    double cpu = clock_sec(CLOCK_PROCESS_CPUTIME_ID), wall = clock_sec(CLOCK_MONOTONIC);
    size_t steps = 0;
    do
      steps += run(bench);
    while (clock_sec(CLOCK_MONOTONIC) - wall < window_sec);
    printf("%zu %.6f %.6f\n", steps, clock_sec(CLOCK_PROCESS_CPUTIME_ID) - cpu, clock_sec(CLOCK_MONOTONIC) - wall);
    fflush(stdout);
  }
  return 0;
}
