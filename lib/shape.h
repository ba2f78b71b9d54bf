/* The sizes of a network and the list of its tensors, derived from the config: no size in a model file is free. */
#ifndef RNN_SHAPE_H
#define RNN_SHAPE_H

#include "cell.h"
#include "config.h"
#include "error.h"
#include "frame.h"
#include "sequence.h"

enum { RNN_MOST_LAYERS = 16, RNN_TENSOR_NAME_BYTES = 48, RNN_MOST_TENSORS = 8 * RNN_MOST_LAYERS + 16 };

struct rnn_shape {
  enum rnn_task task;
  const struct rnn_cell *cell;
  enum rnn_activation activation;
  bool frames;                  /* x_t is a frame; else a symbol */
  bool learned_start;           /* s_0 is a parameter; else zero */
  struct rnn_frame_shape frame; /* what becomes of a frame; zero for symbols */
  size_t n;                     /* number of symbols, or of numbers that a frame becomes */
  size_t e;                     /* width of the embedding; 0: x_t goes into U as it is (one-hot or frame) */
  bool tied;                    /* V is the embedding: k = n, pooled = e */
  size_t features;              /* rows of the table of features, beside the embedding's; 0: without */
  size_t d, layers, directions;
  bool residual;            /* layers above the first add what they read to what they hand up */
  enum rnn_pooling pooling; /* of RNN_CLASSIFY */
  size_t pooled;            /* width of what V reads: directions * d, of mean-max twice that */
  size_t k;                 /* classes, of all columns together */
  size_t columns;           /* of tags, each with a softmax or a chain of its own; 1 of what is no tagger; */
  struct rnn_column column[RNN_MOST_COLUMNS]; /* [columns] and these rows of V; together they have all k */
  bool crf;                                   /* the tags are a chain */
};

/* One tensor: rows x columns in the flat block of parameters. Names are those of DESIGN: "embedding" (n x e),
 * "layer0.U", "layer0.W" (of an element-wise cell "layer0.w", a vector, or nothing), "layer0.b", "layer0.s0",
 * "layer0.reverse.U", ..., "output.V" (tied: the embedding, too, which has no name of its own), "output.c", with
 * attention "output.q", of a chain "output.A" (k + 2 x k; of more columns "output.1.A", ...), with
 * features "features" (their number x e). A vector has one column. */
struct rnn_tensor {
  char name[RNN_TENSOR_NAME_BYTES];
  size_t rows, columns;
  size_t offset; /* in elements */
};

/* A layer's direction in the flat block. */
struct rnn_layer_view {
  size_t width;       /* of its input: n, e, or directions * d */
  size_t u, w, b, s0; /* offsets; w = SIZE_MAX where the cell has neither W nor w, s0 = SIZE_MAX where s_0 is zero (with
                         a second state, c_0 is zero always) */
};

struct rnn_layout {
  size_t count;        /* of all parameters */
  size_t dense;        /* of all but the embedding, unless it is tied, and the features, which come last, */
  size_t sparse_rows;  /* with so many rows together; 0 without an embedding; */
  size_t feature_rows; /* so many of them features' */
  size_t tensors;
  struct rnn_tensor tensor[RNN_MOST_TENSORS];
  struct rnn_layer_view layer[RNN_MOST_LAYERS][2]; /* [layer][direction] */
  size_t v, c, q, a[RNN_MOST_COLUMNS];             /* offsets; q = SIZE_MAX without attention, a without a chain */
  size_t embedding;                                /* offset = dense; tied: v */
  size_t features;                                 /* offset, just after the embedding */
};

/* From the resolved config and k, and n of symbols, or the width of a frame, which becomes n numbers; RNN_BAD_CONFIG
 * for what does not fit together. Frames have no embedding: e = 0. */
enum rnn_status rnn_shape_init(struct rnn_shape *shape, const struct rnn_config *config, enum rnn_task task,
                               bool frames, size_t n, size_t k, struct rnn_error *error) RNN_MUST_CHECK;

/* The frames are pictures of this size; 0 x 0 changes nothing. RNN_BAD_CONFIG where they cannot be. */
enum rnn_status rnn_shape_add_picture(struct rnn_shape *shape, struct rnn_picture_size size,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* So many features beside the embedding; RNN_BAD_CONFIG without an embedding or for completion. */
enum rnn_status rnn_shape_add_features(struct rnn_shape *shape, size_t features,
                                       struct rnn_error *error) RNN_MUST_CHECK;

/* The k classes are those of several columns of tags, which have each a run of its own; RNN_BAD_CONFIG but for tags. */
enum rnn_status rnn_shape_add_columns(struct rnn_shape *shape, const struct rnn_column *column, size_t columns,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* Checked multiplication throughout; RNN_NO_MEMORY past SIZE_MAX/16 parameters. */
enum rnn_status rnn_shape_layout(const struct rnn_shape *shape, struct rnn_layout *layout,
                                 struct rnn_error *error) RNN_MUST_CHECK;

#endif
