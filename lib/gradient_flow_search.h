/* What the files of gradient_flow share: the search for the parts of a gradient while it goes on. */
#ifndef RNN_GRADIENT_FLOW_SEARCH_H
#define RNN_GRADIENT_FLOW_SEARCH_H

#include "gradient_flow.h"

/* Where a direction of a layer lies in a part: W, U, b one after another. */
struct rnn_flow_place {
  size_t begin[RNN_FLOW_MATRICES], count[RNN_FLOW_MATRICES], columns; /* of U: of symbols, only those that occur */
};

struct rnn_flow_search {
  struct rnn_flow *flow;
  const struct rnn_model *model;
  const struct rnn_shape *shape;
  const struct rnn_sequence *sequence;
  size_t sequences, longest;
  struct rnn_probe *probe;
  struct rnn_flow_place place[RNN_MOST_LAYERS][2];
  int32_t *column;     /* [n] symbol -> column of U in a part; one-hot input alone */
  size_t *term;        /* [longest] */
  size_t size;         /* of a part */
  size_t signs;        /* 2 where distances below zero occur */
  size_t first, block; /* distances held: first ... first + block - 1, each with its negative */
  real *part;          /* [block][signs][size] */
  real *whole;         /* [size] by BPTT */
  real *sum;           /* [size] of the parts so far */
  size_t *row;         /* [lanes] rows of one distance, */
  real *da, *s, *x;    /* and what is gathered from them */
  real *scratch;       /* [2 d + 2 G d] of a cell's step */
};

/* Adds a gradient, laid out as the parameters are, to one laid out as a part. */
void rnn_flow_add_gradient(const struct rnn_flow_search *search, const struct rnn_gradient *gradient, real *to);

/* Describes the parts of the block, and adds them to the sum, distance after distance. */
enum rnn_status rnn_flow_sum_block(struct rnn_flow_search *search, struct rnn_error *error) RNN_MUST_CHECK;

/* Once the sum is complete: how far it is from the whole. */
void rnn_flow_find_worst(struct rnn_flow_search *search);

/* The gradients of windows of tau steps, as training goes through them, for tau = 1, 2, 3, 5, 7, 10, 15, 20, ... */
enum rnn_status rnn_flow_find_windows(struct rnn_flow_search *search, struct rnn_error *error) RNN_MUST_CHECK;

#endif
