/* A whole corpus in memory, from any input, with its vocabularies. */
#ifndef RNN_CORPUS_H
#define RNN_CORPUS_H

#include "source.h"

struct rnn_dataset {
  struct rnn_corpus corpus;
  struct rnn_vocabulary *symbols; /* NULL for frames */
  struct rnn_vocabulary *labels;  /* NULL for RNN_COMPLETE */
  struct rnn_text text;
  size_t empty;              /* sequences of length 0 left out: there is nothing to learn from them */
  struct rnn_source *source; /* owns the vocabularies */
};

/* Reads all there is; an input without sequences is RNN_DATA. Released with rnn_dataset_clear, whatever the answer. */
enum rnn_status rnn_dataset_read(struct rnn_dataset *dataset, const struct rnn_source_settings *settings,
                                 struct rnn_error *error) RNN_MUST_CHECK;
void rnn_dataset_clear(struct rnn_dataset *dataset);

/* Moves a share (0 < share < 1) of the sequences, drawn by (seed, index of the sequence), into *held, in the same
 * numbers. RNN_DATA where either would be left empty. *held is released with rnn_corpus_clear, whatever the answer. */
enum rnn_status rnn_corpus_split(struct rnn_corpus *corpus, double share, uint64_t seed, struct rnn_corpus *held,
                                 struct rnn_error *error) RNN_MUST_CHECK;

#endif
