/* The hypotheses of one prefix: which completions are alive, which are done. A hypothesis is a leaf of a tree of
 * symbols whose root is the empty completion; each living one has a lane of the state that belongs to it. */
#ifndef RNN_BEAM_H
#define RNN_BEAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "random.h"
#include "real.h"

struct rnn_completion {
  const int32_t *symbol; /* [length] what follows the prefix, without what stopped it */
  size_t length;
  double log_probability; /* nats, of all that follows, the stop symbol included where it came */
  bool stopped;           /* a stop symbol came within the limit */
};

struct rnn_completion_settings {
  size_t top;         /* how many completions of each prefix; > 0 */
  size_t beam;        /* width of the beam is the larger of this and top; 1: greedy */
  size_t most_steps;  /* longest completion; > 0 */
  bool sample;        /* draw instead of search */
  double temperature; /* > 0: probabilities go to the power 1/temperature before drawing */
  int32_t stop;       /* RNN_ABSENT, or a further symbol that ends a completion */
  uint64_t seed;      /* draw j of a prefix is a function of (seed, prefix.index, j) */
};

struct rnn_hypothesis {
  double log_probability;
  uint32_t node; /* its last symbol */
  size_t length;
  size_t lane;   /* the state before its next symbol */
  size_t number; /* which draw it is */
  bool stopped;
};

struct rnn_beam {
  const struct rnn_completion_settings *settings;
  int32_t stop, unknown; /* of the model */
  size_t width;
  size_t lives, dones, candidates;
  struct rnn_hypothesis *living; /* [width] best first; drawing: in order of number */
  struct rnn_hypothesis *heirs;  /* [width] of the step to come */
  struct rnn_hypothesis *done;   /* [top] best first; drawing: by number */
  struct rnn_candidate *candidate;
  size_t most_candidates;
  struct rnn_node *node; /* the tree */
  size_t nodes, capacity_nodes;
  struct rnn_random *random;         /* [top], drawing only */
  struct rnn_completion *completion; /* [top] */
  int32_t *symbol;                   /* of all completions */
  size_t capacity_symbols;
};

/* `stop` and `unknown` are the model's; the settings must outlive the beam. */
enum rnn_status rnn_beam_init(struct rnn_beam *beam, const struct rnn_completion_settings *settings, int32_t stop,
                              int32_t unknown, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_beam_clear(struct rnn_beam *beam); /* releases what it owns; also after a failed init */

/* The empty completion, whose state is in `lane`; `index` keys the draws. */
void rnn_beam_start(struct rnn_beam *beam, uint64_t index, size_t lane);

/* y [k] after the hypotheses of a lane: notes the best ways on, or draws one. Lanes in rising order. */
void rnn_beam_take(struct rnn_beam *beam, size_t lane, size_t k, const real *y);

/* Goes on to the best ways on that were noted; `lane` of a hypothesis is then its parent's. */
enum rnn_status rnn_beam_advance(struct rnn_beam *beam, struct rnn_error *error) RNN_MUST_CHECK;

/* The symbol a living hypothesis ends with. */
int32_t rnn_beam_last(const struct rnn_beam *beam, size_t living);

/* Ends what still lives, at the limit of length, and writes out beam->completion [beam->dones]. */
enum rnn_status rnn_beam_finish(struct rnn_beam *beam, struct rnn_error *error) RNN_MUST_CHECK;

#endif
