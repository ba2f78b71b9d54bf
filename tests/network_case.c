/* Small networks with random parameters and data. */
#include "network_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "random.h"
#include "vector.h"

static struct rnn_error error;

static const char *const input_names[] = {"embedding", "one-hot", "tied", "frames", "joints", "words"};
static const char *const activation_names[] = {"tanh", "logistic", "relu"};
static const char *const task_names[] = {"complete", "tag", "classify"};
static const char *const pooling_names[] = {"last", "mean", "max", "mean-max", "attention"};

const char *case_name(const struct network_case *what)
{
  static char name[160];
  snprintf(name, sizeof name, "%s %s, %s start, %d layers%s, %s, %s, %s %s, %zu columns, dropout %g", what->cell,
           activation_names[what->activation], what->start == RNN_START_LEARNED ? "learned" : "zero", what->layers,
           what->residual ? " residual" : "", what->bidirectional ? "two directions" : "one direction",
           input_names[what->input], what->crf ? "chain" : task_names[what->task], pooling_names[what->pooling],
           what->columns > 1 ? what->columns : 1, what->dropout);
  return name;
}

bool case_input_fits(enum case_input input, enum rnn_task task)
{
  return task == RNN_COMPLETE ? input < CASE_FRAMES : input != CASE_TIED;
}

static void visit_poolings(struct network_case what, void (*visit)(const struct network_case *what))
{
  bool all = what.task == RNN_CLASSIFY && what.input == CASE_EMBEDDING && what.start == RNN_START_ZERO;
  for (what.pooling = RNN_POOL_LAST; what.pooling <= (all ? RNN_POOL_ATTENTION : RNN_POOL_LAST); what.pooling++)
    visit(&what);
}

static void visit_shapes(struct network_case what, void (*visit)(const struct network_case *what))
{
  for (what.start = RNN_START_ZERO; what.start <= RNN_START_LEARNED; what.start++)
    for (what.layers = 1; what.layers <= 2; what.layers++)
      for (int directions = 1; directions <= 2; directions++)
        for (int input = CASE_EMBEDDING; input <= CASE_WORDS; input++)
          for (int task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++) {
            what.bidirectional = directions == 2;
            what.input = (enum case_input)input;
            what.task = (enum rnn_task)task;
            for (int residual = 0; residual < what.layers; residual++) {
              what.residual = residual == 1;
              if (case_input_fits(what.input, what.task) && !(what.task == RNN_COMPLETE && what.bidirectional))
                visit_poolings(what, visit);
            }
          }
}

void case_visit_all(double dropout, void (*visit)(const struct network_case *what))
{
  for (size_t i = 0; rnn_cells[i] != NULL; i++) {
    for (int activation = RNN_TANH; activation <= (rnn_cells[i]->activation ? RNN_RELU : RNN_TANH); activation++)
      visit_shapes((struct network_case){.cell = rnn_cells[i]->name, .activation = activation, .dropout = dropout},
                   visit);
  }
}

void case_visit_columns(bool crf, double dropout, const struct rnn_objective *objective,
                        void (*visit)(const struct network_case *what))
{
  for (int directions = 1; directions <= 2; directions++)
    for (size_t columns = 2; columns <= CASE_COLUMNS; columns++)
      visit(&(struct network_case){.cell = "gru",
                                   .layers = 1,
                                   .bidirectional = directions == 2,
                                   .input = CASE_EMBEDDING,
                                   .task = RNN_TAG,
                                   .dropout = dropout,
                                   .crf = crf,
                                   .columns = columns,
                                   .objective = objective});
}

void case_random(uint64_t seed, uint64_t index, size_t count, real *x)
{
  struct rnn_random random;
  rnn_random_init(&random, seed, RNN_PURPOSE_TEST, 0, index);
  for (size_t i = 0; i < count; i++)
    x[i] = (real)(2 * rnn_random_uniform(&random) - 1);
}

/* Four words known and an unknown symbol, then two strangers, which share features; one of those has all there are. */
static void make_lexicon(struct network_fixture *fixture)
{
  static const char *const words[] = {"Dogs", "dog", "cats", "3-4", "hot-dogs", "x"};
  struct rnn_vocabulary *counted;
  int32_t number;
  cr_assert_eq(rnn_vocabulary_create(&counted, &error), RNN_OK);
  for (size_t i = 0; i < 6; i++) {
    cr_assert_eq(rnn_vocabulary_add(counted, words[i], strlen(words[i]), &number, &error), RNN_OK);
    rnn_vocabulary_add_frequency(counted, number, i < 4);
  }
  cr_assert_eq(rnn_features_create(&fixture->features, counted, &error), RNN_OK);
  cr_assert_gt(fixture->features->count, 4);
  rnn_vocabulary_free(counted);
  cr_assert_eq(rnn_lexicon_create(&fixture->lexicon, fixture->features, 5, 4, &error), RNN_OK);
  for (int32_t i = 0; i < 6; i++) {
    cr_assert_eq(rnn_lexicon_add(fixture->lexicon, i < 4 ? i : RNN_ABSENT, words[i], strlen(words[i]), &number, &error),
                 RNN_OK);
    cr_assert_eq(number, i < 4 ? i : i + 1);
  }
}

static int32_t random_symbol(struct rnn_random *random, const struct network_fixture *fixture)
{
  size_t n = fixture->parameters->shape.n;
  if (fixture->lexicon == NULL)
    return (int32_t)rnn_random_below(random, n + 1) - 1;
  int32_t symbol = (int32_t)rnn_random_below(random, n + 3) - 1;
  return symbol >= 0 && rnn_random_below(random, 4) == 0 ? symbol | RNN_MASKED : symbol;
}

/* The tags of the columns, absent ones too. */
static void make_tags(struct rnn_random *random, const struct rnn_shape *shape, int32_t *tag)
{
  for (size_t c = 0; c < shape->columns; c++) {
    tag[c] = (int32_t)rnn_random_below(random, shape->column[c].k + 1) - 1;
    tag[c] += tag[c] == RNN_ABSENT ? 0 : (int32_t)shape->column[c].first;
  }
}

static void make_sequences(struct network_fixture *fixture, const size_t *length)
{
  const struct rnn_shape *shape = &fixture->parameters->shape;
  struct rnn_random random;
  size_t width = shape->frame.width;
  rnn_random_init(&random, 5, RNN_PURPOSE_TEST, 0, 1);
  for (size_t i = 0; i < fixture->lanes; i++) {
    float *frame = &fixture->frame[i][0][0];
    cr_assert(length[i] <= CASE_STEPS);
    for (size_t t = 0; t < length[i]; t++) {
      fixture->symbol[i][t] = random_symbol(&random, fixture);
      make_tags(&random, shape, fixture->target[i] + t * shape->columns);
      for (size_t j = 0; j < width; j++)
        frame[t * width + j] = (float)rnn_random_normal(&random);
    }
    fixture->sequence[i] = (struct rnn_sequence){.length = length[i],
                                                 .symbol = shape->frames ? NULL : fixture->symbol[i],
                                                 .frame = shape->frames ? &fixture->frame[i][0][0] : NULL,
                                                 .target = fixture->target[i],
                                                 .label = (int32_t)rnn_random_below(&random, shape->k),
                                                 .lexicon = fixture->lexicon,
                                                 .index = i};
  }
  if (fixture->lanes > 2)
    fixture->sequence[1].label = RNN_ABSENT;
}

struct network_fixture *case_create(const struct network_case *what, const size_t *length, size_t lanes)
{
  struct network_fixture *fixture;
  struct rnn_shape shape;
  bool frames = what->input == CASE_FRAMES || what->input == CASE_JOINTS;
  size_t n = what->input == CASE_JOINTS ? CASE_WIDTH
             : frames                   ? 3
                                        : 5,
         k = what->task == RNN_COMPLETE ? 5 : 4, rows = 0, steps = 0;
  for (size_t i = 0; i < lanes; i++) {
    rows += length[i];
    steps = length[i] > steps ? length[i] : steps;
  }
  int64_t d = what->d == 0 ? 3 : (int64_t)what->d;
  cr_assert(lanes <= CASE_LANES);
  cr_assert_eq(rnn_memory_new(&fixture, 1, sizeof *fixture, "fixture", &error), RNN_OK);
  fixture->config = (struct rnn_config){.activation = what->activation,
                                        .start = what->start,
                                        .layers = what->layers,
                                        .state = d,
                                        .bidirectional = what->bidirectional,
                                        .residual = what->residual,
                                        .pooling = what->pooling,
                                        .output = what->crf ? RNN_OUTPUT_CRF : RNN_OUTPUT_SOFTMAX,
                                        .tied = what->input == CASE_TIED,
                                        .embedding = what->input == CASE_TIED                                     ? d
                                                     : what->input == CASE_EMBEDDING || what->input == CASE_WORDS ? 4
                                                                                                                  : 0};
  if (what->input == CASE_JOINTS) {
    fixture->config.joints = 4;
    fixture->config.motion = RNN_MOTION_ACCELERATION;
    fixture->config.standardise = 1;
  }
  strcpy(fixture->config.cell, what->cell);
  struct rnn_column column[CASE_COLUMNS] = {{.k = k}};
  for (size_t c = 1; c < what->columns; c++)
    column[c].k = 4 - c;
  for (size_t c = what->columns; c > 1; c--)
    column[c - 2].first = column[c - 1].first + column[c - 1].k;
  k = column[0].first + column[0].k;
  cr_assert_eq(rnn_shape_init(&shape, &fixture->config, what->task, frames, n, k, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(rnn_shape_add_columns(&shape, column, what->columns > 1 ? what->columns : 1, &error), RNN_OK);
  if (what->input == CASE_WORDS) {
    make_lexicon(fixture);
    cr_assert_eq(rnn_shape_add_features(&shape, fixture->features->count, &error), RNN_OK, "%s", error.text);
  }
  cr_assert_eq(rnn_parameters_create(&fixture->parameters, &shape, &error), RNN_OK, "%s", error.text);
  case_random(1, 0, fixture->parameters->layout.count, fixture->parameters->value);
  for (size_t i = 0; what->input == CASE_JOINTS && i < shape.n; i++) {
    fixture->parameters->frame.mean[i] = (real)0.125;
    fixture->parameters->frame.deviation[i] = 2;
  }
  if (what->input == CASE_JOINTS) /* else relu units grow beyond all bounds */
    rnn_vector_scale(fixture->parameters->layout.count, (real)0.5, fixture->parameters->value);
  cr_assert_eq(rnn_network_create(&fixture->network, fixture->parameters, true, &error), RNN_OK);
  cr_assert_eq(rnn_state_create(&fixture->state, &shape, lanes, &error), RNN_OK);
  struct rnn_shape room = shape;
  room.n = what->apart && rows > shape.n ? rows : shape.n;
  cr_assert_eq(rnn_tape_create(&fixture->tape, &room, lanes, steps, rows, true, &error), RNN_OK);
  fixture->tape->objective = what->objective;
  struct rnn_dropout_shares share = {what->dropout, what->dropout, what->dropout, 17};
  cr_assert_eq(rnn_tape_add_dropout(fixture->tape, &shape, share, &error), RNN_OK);
  cr_assert_eq(rnn_batch_create(&fixture->batch, lanes, steps, rows, frames ? 0 : n, frames ? n : 0, &error), RNN_OK);
  if (what->apart)
    cr_assert_eq(rnn_batch_tell_apart(fixture->batch, &error), RNN_OK);
  cr_assert_eq(rnn_batch_add_columns(fixture->batch, shape.column, shape.columns, &error), RNN_OK);
  cr_assert_eq(rnn_gradient_create(&fixture->gradient, &fixture->parameters->layout, shape.e, rows, &error), RNN_OK);
  fixture->lanes = lanes;
  make_sequences(fixture, length);
  case_fill(fixture, fixture->sequence, lanes);
  rnn_state_start(fixture->state, fixture->parameters, 0, lanes);
  return fixture;
}

void case_free(struct network_fixture *fixture)
{
  rnn_gradient_free(fixture->gradient);
  rnn_batch_free(fixture->batch);
  rnn_tape_free(fixture->tape);
  rnn_state_free(fixture->state);
  rnn_network_free(fixture->network);
  rnn_parameters_free(fixture->parameters);
  rnn_lexicon_free(fixture->lexicon);
  rnn_features_free(fixture->features);
  rnn_memory_free(fixture);
}

void case_fill(struct network_fixture *fixture, const struct rnn_sequence *sequence, size_t count)
{
  cr_assert_eq(rnn_batch_fill(fixture->batch, fixture->parameters->shape.task, sequence, count, true, &error), RNN_OK,
               "%s", error.text);
}

double case_forward(struct network_fixture *fixture, bool from_start)
{
  struct rnn_loss loss[CASE_COLUMNS] = {{.nats = 0}};
  if (from_start)
    rnn_state_start(fixture->state, fixture->parameters, 0, fixture->lanes);
  rnn_network_forward(fixture->network, fixture->batch, fixture->state, fixture->tape, true, loss);
  return rnn_loss_sum(loss, fixture->parameters->shape.columns).nats;
}

/* As if two steps had gone before. */
static void carry_pooled(const struct rnn_state *state, uint64_t seed)
{
  size_t count = state->lanes * state->directions * state->d;
  if (state->sum != NULL)
    case_random(seed, 4, count, state->sum);
  if (state->greatest != NULL)
    case_random(seed, 5, count, state->greatest);
  for (size_t lane = 0; state->weight != NULL && lane < state->lanes; lane++) {
    state->weight[lane] = 2;
    state->peak[lane] = 0.25;
  }
}

void case_carry(struct network_fixture *fixture, uint64_t seed)
{
  const struct rnn_state *state = fixture->state;
  size_t count = state->layers * state->directions * state->lanes * state->d;
  case_random(seed, 2, count, state->s);
  if (state->second)
    case_random(seed, 3, count, state->c);
  for (size_t lane = 0; lane < state->lanes && state->frame != NULL; lane++)
    rnn_frame_start(&state->frame_shape, state->frame + lane * rnn_frame_memory(&state->frame_shape));
  carry_pooled(state, seed);
}

real *case_tensor(const struct network_fixture *fixture, const char *name)
{
  bool tied = fixture->parameters->shape.tied && strcmp(name, "embedding") == 0;
  int i = rnn_parameters_find(fixture->parameters, tied ? "output.V" : name);
  cr_assert(i >= 0, "no tensor %s", name);
  return fixture->parameters->value + fixture->parameters->layout.tensor[i].offset;
}
