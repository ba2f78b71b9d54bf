/* Parts of sequences. */
#include "trainer_source.h"

struct rnn_sequence rnn_source_view(const struct rnn_source *source, size_t i, size_t begin, size_t length)
{
  const struct rnn_corpus *corpus = source->corpus;
  struct rnn_sequence whole = rnn_corpus_sequence(corpus, i);
  if (corpus->task == RNN_COMPLETE) {
    whole.target = whole.symbol + 1;
    whole.last_target = &source->stop;
  }
  whole = rnn_model_reads(source->model, &whole);
  return rnn_sequence_part(&whole, begin, length, corpus->frame_width, rnn_columns_count(&corpus->columns));
}

size_t rnn_source_step(const struct rnn_source *source, const struct rnn_sequence *view)
{
  struct rnn_sequence first = rnn_corpus_sequence(source->corpus, 0);
  return rnn_sequence_offset(view, &first, source->corpus->frame_width);
}
