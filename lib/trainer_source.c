/* Parts of sequences. */
#include "trainer_source.h"

struct rnn_sequence rnn_source_view(const struct rnn_source *source, size_t i, size_t begin, size_t length)
{
  const struct rnn_corpus *corpus = source->corpus;
  const struct rnn_config *config = &source->model->config;
  struct rnn_sequence whole = rnn_corpus_sequence(corpus, i);
  if (corpus->task == RNN_COMPLETE) {
    whole.target = whole.symbol + 1;
    whole.last_target = &source->stop;
  }
  if (corpus->task == RNN_CLASSIFY)
    whole = rnn_sequence_kept(&whole, (size_t)config->max_steps, (enum rnn_kept)config->kept, corpus->frame_width);
  return rnn_sequence_part(&whole, begin, length, corpus->frame_width, rnn_columns_count(&corpus->columns));
}

size_t rnn_source_step(const struct rnn_source *source, const struct rnn_sequence *view)
{
  const struct rnn_corpus *corpus = source->corpus;
  return view->symbol != NULL ? (size_t)(view->symbol - corpus->symbol)
                              : (size_t)(view->frame - corpus->frame) / corpus->frame_width;
}
