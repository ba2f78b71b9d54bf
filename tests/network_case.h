/* Small networks with random parameters and data, for the tests of the network. */
#ifndef NETWORK_CASE_H
#define NETWORK_CASE_H

#include "bptt.h"
#include "network.h"

enum case_input {
  CASE_EMBEDDING,
  CASE_ONE_HOT,
  CASE_TIED /* completion alone */,
  CASE_FRAMES,
  CASE_JOINTS,
  CASE_WORDS /* with features */
};

/* What a network may be. */
struct network_case {
  const char *cell;
  int activation, start; /* of config.h */
  int layers;
  bool bidirectional;
  enum case_input input;
  enum rnn_task task;
  size_t d; /* 0: 3 */
  bool residual;
  double dropout; /* all three shares */
  int pooling;    /* of config.h */
  bool crf;       /* of tags */
  size_t columns; /* of tags, numbered from the last to the first, of 4, 3, ... tags; 0: 1 */
  const struct rnn_objective *objective;
  bool apart; /* the batch tells its rows apart */
};

enum { CASE_LANES = 24, CASE_STEPS = 64, CASE_WIDTH = 8, CASE_COLUMNS = 3 };

struct network_fixture {
  struct rnn_config config;
  struct rnn_features *features; /* of CASE_WORDS, as the lexicon */
  struct rnn_lexicon *lexicon;
  struct rnn_parameters *parameters;
  struct rnn_network *network;
  struct rnn_state *state;
  struct rnn_tape *tape;
  struct rnn_batch *batch;
  struct rnn_gradient *gradient;
  size_t lanes;
  struct rnn_sequence sequence[CASE_LANES];
  int32_t symbol[CASE_LANES][CASE_STEPS], target[CASE_LANES][CASE_STEPS * CASE_COLUMNS];
  float frame[CASE_LANES][CASE_STEPS][CASE_WIDTH]; /* of CASE_FRAMES 3 numbers each, of CASE_JOINTS all */
};

/* The name of a case, for messages; overwritten by the next call. */
const char *case_name(const struct network_case *what);

/* Completion reads no frames and has no features; it alone may have V be the embedding. */
bool case_input_fits(enum case_input input, enum rnn_task task);

/* Calls visit for every case there is: cells, activations, starts, 1 and 2 layers, the latter residual or not,
 * directions, inputs, tasks, and with an embedding and s_0 = 0 the ways of pooling; with the same dropout. */
void case_visit_all(double dropout, void (*visit)(const struct network_case *what));

/* Calls visit for taggers of several columns, of one and of two directions, with that objective (NULL: none). */
void case_visit_columns(bool crf, double dropout, const struct rnn_objective *objective,
                        void (*visit)(const struct network_case *what));

/* A network with every parameter random, biases too, and `lanes` random sequences of these lengths, some symbols and
 * targets RNN_ABSENT. The batch holds them all, the state is at s_0. */
struct network_fixture *case_create(const struct network_case *what, const size_t *length, size_t lanes);
void case_free(struct network_fixture *fixture);

/* Fills the batch with `count` sequences. */
void case_fill(struct network_fixture *fixture, const struct rnn_sequence *sequence, size_t count);

/* Forward from s_0, or from the state as it is; answers the loss. */
double case_forward(struct network_fixture *fixture, bool from_start);

/* A random state, as if something had gone before. */
void case_carry(struct network_fixture *fixture, uint64_t seed);

/* Parameters of a tensor by name; of an embedding that is V by both. */
real *case_tensor(const struct network_fixture *fixture, const char *name);

/* Uniform in [-1, 1]. */
void case_random(uint64_t seed, uint64_t index, size_t count, real *x);

#endif
