/* Views of parts of the sequences of a corpus, with their targets as the task has them. */
#ifndef RNN_TRAINER_SOURCE_H
#define RNN_TRAINER_SOURCE_H

#include "model.h"
#include "sequence.h"

struct rnn_source {
  const struct rnn_model *model;
  const struct rnn_corpus *corpus;
  int32_t stop; /* rnn_model_stop */
};

/* Model and corpus, which is in the model's numbers, must outlive the source. */
static inline struct rnn_source rnn_source_of(const struct rnn_model *model, const struct rnn_corpus *corpus)
{
  return (struct rnn_source){.model = model, .corpus = corpus, .stop = rnn_model_stop(model)};
}

/* Steps [begin, begin + length) of what is read of sequence i: of RNN_CLASSIFY, what config.max_steps leaves. It has
 * the label of the sequence only if it reaches the end; of RNN_COMPLETE, whose targets are the symbols themselves from
 * the second on, the stop symbol. */
struct rnn_sequence rnn_source_view(const struct rnn_source *source, size_t i, size_t begin, size_t length);

/* Which step of the corpus the view begins with. */
size_t rnn_source_step(const struct rnn_source *source, const struct rnn_sequence *view);

#endif
