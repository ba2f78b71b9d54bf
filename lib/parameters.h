/* All parameters of a network in one block, with named views. */
#ifndef RNN_PARAMETERS_H
#define RNN_PARAMETERS_H

#include "batch.h"
#include "shape.h"

struct rnn_parameters {
  struct rnn_shape shape;
  struct rnn_layout layout;
  struct rnn_frame_scale frame; /* of x_t that were frames; fixed before training begins */
  real *value;                  /* [layout.count] */
  void *block;                  /* what `value` lies in, freed with it; NULL where that is a mapped file */
  bool unchecked;               /* the rows of the embedding may hold what is not finite: rnn_parameters_check_rows */
};

enum rnn_status rnn_parameters_create(struct rnn_parameters **parameters, const struct rnn_shape *shape,
                                      struct rnn_error *error) RNN_MUST_CHECK; /* all zero */
/* The values and what belongs to frames, of another block of the same shape. */
void rnn_parameters_copy(const struct rnn_parameters *from, struct rnn_parameters *to);
void rnn_parameters_free(struct rnn_parameters *parameters); /* NULL is allowed */

/* Random start: U and V uniform within sqrt(6 / (rows + columns)) of a gate (Glorot, Bengio 2010); W as config.initial
 * says (uniform likewise; orthogonal, Saxe et al. 2014; identity, Le et al. 2015) times config.initial_gain, gate by
 * gate; a diagonal w by identity 1, else uniform within [0, 1] (Li et al. 2018), times the same; biases, q and
 * s_0 zero but for the cell's own; embedding normal with deviation 1/sqrt(e), features zero. A function of the seed and
 * the shape alone. */
void rnn_parameters_randomise(struct rnn_parameters *parameters, const struct rnn_config *config);

/* RNN_DATA "the model: tensor 'embedding': element N is not finite" where one of these rows of the embedding is not;
 * RNN_OK at once unless they are `unchecked`. */
enum rnn_status rnn_parameters_check_rows(const struct rnn_parameters *parameters, const int32_t *row, size_t rows,
                                          struct rnn_error *error) RNN_MUST_CHECK;

/* The vector x [e] of a symbol: its row of the embedding, of a word of the lexicon (which may be NULL) its own row and
 * those of its features together. */
void rnn_parameters_embed(const struct rnn_parameters *parameters, const struct rnn_lexicon *lexicon, int32_t symbol,
                          real *x);

/* Index of a tensor by name, or -1. */
int rnn_parameters_find(const struct rnn_parameters *parameters, const char *name);

/* The gradient of a block of parameters: dense for all but the embedding and the features, of which only the rows met
 * in the batch exist (an embedding that is V is dense). Features are numbered on from the last row of the embedding. */
struct rnn_gradient {
  size_t dense_count, e;
  real *dense;          /* [dense_count], laid out as the parameters are */
  size_t rows;          /* of the embedding and the features that were met */
  const int32_t *row;   /* [rows] their numbers, rising */
  real *embedding;      /* [rows][e] */
  size_t capacity_rows; /* of row and embedding */
  int32_t *row_storage;
  size_t n, sparse_rows; /* of the embedding, and with the features; without features 0 */
  uint64_t *met;         /* [sparse_rows / 64 + 1] one bit a row, all zero between calls */
  int32_t *place;        /* [sparse_rows] row -> 0 ... rows-1, for those met alone */
};

/* Room for the rows of most_symbols distinct symbols, of width e. */
enum rnn_status rnn_gradient_create(struct rnn_gradient **gradient, const struct rnn_layout *layout, size_t e,
                                    size_t most_symbols, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_gradient_free(struct rnn_gradient *gradient); /* NULL is allowed */
void rnn_gradient_zero(struct rnn_gradient *gradient); /* and forgets the rows */

/* Sets the rows to those that the distinct symbols of the batch are made of, their values undefined. */
void rnn_gradient_meet(struct rnn_gradient *gradient, const struct rnn_batch *batch);

/* Of an embedding that is V: the rows are added to the dense gradient of V, which begins at `v`, and forgotten. */
void rnn_gradient_tie(struct rnn_gradient *gradient, size_t v);

/* The rows from dx [D][e], the gradients of the distinct symbols' vectors; after rnn_gradient_meet of the batch. */
void rnn_gradient_spread(struct rnn_gradient *gradient, const struct rnn_batch *batch, const real *dx);

#endif
