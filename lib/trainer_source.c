/* Parts of sequences. */
#include "trainer_source.h"

#include "memory.h"

enum rnn_status rnn_source_init(struct rnn_source *source, const struct rnn_model *model,
                                const struct rnn_corpus *corpus, struct rnn_error *error)
{
  *source = (struct rnn_source){.model = model, .corpus = corpus};
  if (corpus->task != RNN_COMPLETE)
    return RNN_OK;
  enum rnn_status status =
      rnn_memory_new(&source->next, rnn_corpus_steps(corpus), sizeof *source->next, "the symbols to come", error);
  if (status != RNN_OK)
    return status;
  for (size_t i = 0; i < corpus->count; i++)
    rnn_model_next_symbols(model, corpus->symbol + corpus->begin[i], corpus->begin[i + 1] - corpus->begin[i],
                           source->next + corpus->begin[i]);
  return RNN_OK;
}

void rnn_source_clear(struct rnn_source *source)
{
  rnn_memory_free(source->next);
  *source = (struct rnn_source){.next = NULL};
}

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
  if (source->next != NULL)
    view.target = source->next + source->corpus->begin[i] + begin;
  if (!ends)
    view.label = RNN_ABSENT;
  return view;
}
