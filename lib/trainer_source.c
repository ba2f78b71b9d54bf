/* Parts of sequences. */
#include "trainer_source.h"

struct rnn_sequence rnn_source_view(const struct rnn_source *source, size_t i, size_t begin, size_t length)
{
  struct rnn_sequence view = rnn_corpus_sequence(source->corpus, i);
  bool ends = begin + length == view.length;
  view.length = length;
  if (view.symbol != NULL)
    view.symbol += begin;
  if (view.frame != NULL)
    view.frame += begin * source->corpus->frame_width;
  if (view.target != NULL)
    view.target += begin * rnn_columns_count(&source->corpus->columns);
  if (source->corpus->task == RNN_COMPLETE) {
    view.target = view.symbol + 1;
    view.last_target = ends ? &source->stop : NULL;
  }
  if (!ends)
    view.label = RNN_ABSENT;
  return view;
}
