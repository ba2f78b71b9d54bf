/* A whole corpus, read and split. */
#include "corpus.h"

#include <string.h>

#include "random.h"

void rnn_dataset_clear(struct rnn_dataset *dataset)
{
  rnn_corpus_clear(&dataset->corpus);
  rnn_source_free(dataset->source);
  memset(dataset, 0, sizeof *dataset);
}

enum rnn_status rnn_dataset_read(struct rnn_dataset *dataset, const struct rnn_source_settings *settings,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_corpus *corpus = &dataset->corpus;
  struct rnn_sequence sequence;
  struct rnn_stream_facts facts;
  bool end = false;
  memset(dataset, 0, sizeof *dataset);
  RNN_TRY(rnn_source_create(&dataset->source, settings, error));
  for (;;) {
    RNN_TRY(rnn_source_next(dataset->source, &sequence, &facts, &end, error));
    if (end)
      break;
    if (sequence.length == 0) {
      dataset->empty++;
      continue;
    }
    if (corpus->count == 0) {
      rnn_corpus_init(corpus, facts.task, facts.frame_width);
      corpus->columns = facts.columns;
      corpus->spool = settings->spool;
      dataset->text = facts.text;
    }
    RNN_TRY(rnn_corpus_add(corpus, &sequence, error));
  }
  if (corpus->count == 0)
    return rnn_error_set(error, RNN_DATA, "%s: there is no sequence in it",
                         strcmp(settings->name[0], "-") == 0 ? "(stdin)" : settings->name[0]);
  dataset->symbols = corpus->frame_width == 0 ? rnn_source_symbols(dataset->source) : NULL;
  dataset->labels = corpus->task != RNN_COMPLETE ? rnn_source_labels(dataset->source) : NULL;
out:
  return status;
}

enum rnn_status rnn_corpus_split(struct rnn_corpus *corpus, double share, uint64_t seed, struct rnn_corpus *held,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_corpus kept;
  rnn_corpus_init(&kept, corpus->task, corpus->frame_width);
  rnn_corpus_init(held, corpus->task, corpus->frame_width);
  kept.columns = held->columns = corpus->columns;
  kept.spool = held->spool = corpus->spool;
  for (size_t i = 0; i < corpus->count; i++) {
    struct rnn_sequence sequence = rnn_corpus_sequence(corpus, i);
    struct rnn_random random;
    rnn_random_init(&random, seed, RNN_PURPOSE_SPLIT, 0, i);
    bool hold = rnn_random_uniform(&random) < share;
    RNN_TRY(rnn_corpus_add(hold ? held : &kept, &sequence, error));
  }
  if (kept.count == 0 || held->count == 0) {
    status = rnn_error_set(error, RNN_DATA, "too few sequences (%zu) to hold out a share of %g of them", corpus->count,
                           share);
    goto out;
  }
  rnn_corpus_clear(corpus);
  *corpus = kept;
  rnn_corpus_init(&kept, corpus->task, corpus->frame_width);
out:
  rnn_corpus_clear(&kept);
  return status;
}
