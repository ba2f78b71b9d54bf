/* The wide path of a classifier of symbols: a linear classifier over the n-grams of the text, beside the network. It
 * reads what a network is slow to learn from few texts, which words and phrases are there, and the two answer together:
 *
 *   y ~ exp(g log y_network + h z)        z[j] = bias[j] + the sum over the n-grams met of weight[n-gram][j]
 *
 * normalised over the classes; each n-gram counts once, however often it is met. Of two classes z[0] = 0 and there is
 * one column of weights, z[1]. How the weights come about is in wide_fit.h.
 *
 * An n-gram is 1 to `longest` consecutive symbols, with a mark before the first and one after the last symbol as
 * further symbols (neither is an n-gram alone). Upper and lower case are one; no n-gram reaches over a symbol that the
 * vocabulary does not have. It is known by 31 bits of a hash of its strings (formats/model.md). */
#ifndef RNN_WIDE_H
#define RNN_WIDE_H

#include "real.h"
#include "sequence.h"

enum { RNN_WIDE_LONGEST = 5 };

/* The shares g and h where no text was held out to choose them by. */
#define RNN_WIDE_USUAL_NETWORK 0.25
#define RNN_WIDE_USUAL_WIDE    1.0

struct rnn_wide {
  size_t longest;          /* symbols of an n-gram, at most */
  size_t classes, columns; /* k; k, or 1 of two classes */
  size_t features;
  int32_t *key;   /* [features] rising, none below 0 */
  float *weight;  /* [features][columns] */
  float *bias;    /* [columns] */
  float share[2]; /* g and h */
  size_t symbols; /* of the vocabulary */
  uint64_t *hash; /* [symbols] of their strings */
};

/* A path without weights yet, for text of this level: longest = 3 of words, 5 of characters and bytes. */
enum rnn_status rnn_wide_create(struct rnn_wide **wide, const struct rnn_vocabulary *symbols, enum rnn_level level,
                                size_t classes, size_t features, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_wide_free(struct rnn_wide *wide); /* NULL is allowed */

/* ---- the n-grams of a text ---- */

struct rnn_grams {
  size_t held;                     /* the last symbols, at most `longest` - 1 */
  uint64_t last[RNN_WIDE_LONGEST]; /* their hashes, newest first */
};

void rnn_grams_start(struct rnn_grams *grams); /* before the first symbol */

/* The keys of the n-grams that end with this symbol of the vocabulary (any other number: none): into key, as many as
 * answered. */
size_t rnn_grams_next(struct rnn_grams *grams, const struct rnn_wide *wide, int32_t symbol,
                      int32_t key[RNN_WIDE_LONGEST]);

/* Those that end after the last symbol. */
size_t rnn_grams_end(const struct rnn_grams *grams, int32_t key[RNN_WIDE_LONGEST]);

/* The place of a key (not below 0), or `features`. */
size_t rnn_wide_find(const struct rnn_wide *wide, int32_t wanted);

/* ---- reading a text ---- */

enum { RNN_WIDE_TOUCHES = 512 };

/* A text that is being read; in constant memory, in pieces of any size. */
struct rnn_wide_reader {
  const struct rnn_wide *wide;
  struct rnn_grams grams;
  size_t steps;   /* read so far */
  uint64_t *seen; /* a bit for each feature */
  size_t touches; /* words of `seen` to clear, RNN_WIDE_TOUCHES: all of them */
  uint32_t touched[RNN_WIDE_TOUCHES];
  double *sum, *z; /* [columns] of all that is read; [classes] for the answer */
};

/* The path must outlive the reader. It must be started before use. */
enum rnn_status rnn_wide_reader_init(struct rnn_wide_reader *reader, const struct rnn_wide *wide,
                                     struct rnn_error *error) RNN_MUST_CHECK;
void rnn_wide_reader_clear(struct rnn_wide_reader *reader); /* releases what it owns; a zeroed reader is allowed */
void rnn_wide_reader_start(struct rnn_wide_reader *reader);

/* The next symbols [count] of the text. */
void rnn_wide_reader_read(struct rnn_wide_reader *reader, const int32_t *symbol, size_t count);

/* z [classes] if the text ended here: valid until the next call. More of it may be read afterwards. */
const double *rnn_wide_reader_z(struct rnn_wide_reader *reader);

/* y [classes] if the text ended here, from that of the network. */
void rnn_wide_reader_answer(struct rnn_wide_reader *reader, const real *network, real *y);

/* share[0] log(network) + share[1] z, of one class; a probability of 0 counts as the least normal float. */
double rnn_wide_mixed(const float share[2], real network, double z);

/* y = the softmax of that, all [classes], y apart from the others. */
void rnn_wide_mix(size_t classes, const float share[2], const real *network, const double *z, real *y);

#endif
