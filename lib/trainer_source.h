/* Views of parts of the sequences of a corpus, with their targets as the task has them. */
#ifndef RNN_TRAINER_SOURCE_H
#define RNN_TRAINER_SOURCE_H

#include "model.h"
#include "sequence.h"

struct rnn_source {
  const struct rnn_model *model;
  const struct rnn_corpus *corpus;
  int32_t *next; /* [S] the targets of RNN_COMPLETE, else NULL */
};

/* Model and corpus, which is in the model's numbers, must outlive the source. */
enum rnn_status rnn_source_init(struct rnn_source *source, const struct rnn_model *model,
                                const struct rnn_corpus *corpus, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_source_clear(struct rnn_source *source); /* releases what it owns; a zeroed source is allowed */

/* Steps [begin, begin + length) of sequence i. It has the label of the sequence only if it reaches the end. */
struct rnn_sequence rnn_source_view(const struct rnn_source *source, size_t i, size_t begin, size_t length);

#endif
