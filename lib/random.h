/* Counter-based random numbers: every number is a function of (seed, purpose, epoch, index, position), so a resumed
 * run, another order of batches or another number of threads draws the same ones. Nothing has to be saved. Philox
 * 4x32-10 of Random123 (Salmon, Moraes, Dror, Shaw 2011). */
#ifndef RNN_RANDOM_H
#define RNN_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum rnn_purpose {
  RNN_PURPOSE_INITIAL = 1, /* initial parameters; index = number of the tensor */
  RNN_PURPOSE_SHUFFLE,     /* order of the batches of an epoch */
  RNN_PURPOSE_SPLIT,       /* which sequences are held out */
  RNN_PURPOSE_DROPOUT,     /* index = first step of a sequence's window, and place */
  RNN_PURPOSE_WORD_DROPOUT,
  RNN_PURPOSE_OFFSET, /* where an epoch cuts a long sequence */
  RNN_PURPOSE_SAMPLE, /* sampled completions; index = record */
  RNN_PURPOSE_TEST,
  RNN_PURPOSE_SYMBOL_DROPOUT, /* index = update and symbol */
  RNN_PURPOSE_CANDIDATE,      /* sampled softmax; index = update */
  RNN_PURPOSE_AUGMENT,        /* changes to frames; index = sequence */
  RNN_PURPOSE_WIDE,           /* order of the texts; epoch = pass, index = class */
  RNN_PURPOSE_INTERVAL        /* samples of records; index = record */
};

struct rnn_random {
  uint32_t key[2];
  uint32_t counter[4];
  uint32_t block[4]; /* the numbers of the present counter */
  unsigned used;     /* how many of them are spent */
};

void rnn_random_init(struct rnn_random *random, uint64_t seed, enum rnn_purpose purpose, uint32_t epoch,
                     uint64_t index);
uint32_t rnn_random_next(struct rnn_random *random);                  /* uniform in [0, 2^32) */
uint64_t rnn_random_below(struct rnn_random *random, uint64_t bound); /* uniform in [0, bound), without bias */
double rnn_random_uniform(struct rnn_random *random);                 /* uniform in [0, 1) */
void rnn_random_skip(struct rnn_random *random, uint64_t numbers);    /* as if rnn_random_next had given so many */
double rnn_random_normal(struct rnn_random *random);                  /* mean 0, deviation 1 */
void rnn_random_shuffle(struct rnn_random *random, size_t *item, size_t count); /* Fisher-Yates */

/* A number that no one outside of this process knows, the same as long as it runs; never 0. For the seeds of hash
 * tables alone, whose order is in no result: against keys chosen to collide. */
uint64_t rnn_random_secret(void);

#endif
