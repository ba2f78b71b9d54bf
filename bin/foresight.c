/* Scores of a language model. */
#include "foresight.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "score.h"
#include "vector.h"

enum { MOST_LANES = 64 };

static void take(void *context, size_t i, size_t t, size_t k, const real *y)
{
  struct rnn_foresight *foresight = context;
  const struct rnn_sequence *sequence = &foresight->filter->sequence[i];
  struct rnn_foreseen *foreseen = &foresight->foreseen[i];
  int32_t next = t + 1 < sequence->length ? sequence->symbol[t + 1] : rnn_model_stop(foresight->filter->model);
  if (next < 0)
    return;
  foreseen->nats -= log((double)y[next]);
  foreseen->symbols++;
  foreseen->correct += rnn_vector_argmax(k, y) == (size_t)next;
}

static enum rnn_status write_line(const struct rnn_foresight *foresight, size_t i, struct rnn_error *error)
{
  const struct rnn_filter *filter = foresight->filter;
  const struct rnn_foreseen *foreseen = &foresight->foreseen[i];
  double bits = foreseen->nats / (double)foreseen->symbols / M_LN2;
  return rnn_answer_write_score(filter->output, &filter->style, filter->encoder, i, "bits_per_symbol", bits, error);
}

static enum rnn_status answer(struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_foresight *foresight = filter->own;
  struct rnn_answer receiver = {.take = take, .context = foresight};
  RNN_TRY(rnn_memory_grow(&foresight->foreseen, &foresight->capacity, filter->count, sizeof *foresight->foreseen,
                          "scores", error));
  memset(foresight->foreseen, 0, filter->count * sizeof *foresight->foreseen);
  RNN_TRY(rnn_predictor_run(foresight->predictor, filter->sequence, filter->count, &receiver, error));
  for (size_t i = 0; i < filter->count; i++) {
    foresight->all.nats += foresight->foreseen[i].nats;
    foresight->all.symbols += foresight->foreseen[i].symbols;
    foresight->all.correct += foresight->foreseen[i].correct;
    if (foresight->lines)
      RNN_TRY(write_line(foresight, i, error));
  }
out:
  return status;
}

enum rnn_status rnn_foresight_open(struct rnn_foresight *foresight, struct rnn_filter *filter, struct rnn_error *error)
{
  foresight->filter = filter;
  filter->scores = !foresight->lines;
  filter->answer = answer;
  filter->own = foresight;
  return rnn_predictor_create(&foresight->predictor, filter->model, MOST_LANES, filter->pool, error);
}

void rnn_foresight_close(struct rnn_foresight *foresight)
{
  rnn_predictor_free(foresight->predictor);
  rnn_memory_free(foresight->foreseen);
}

enum rnn_status rnn_foresight_write(struct rnn_foresight *foresight, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_foreseen *all = &foresight->all;
  double nats = all->nats / (double)all->symbols;
  const struct {
    const char *name;
    double value;
  } measure[] = {{"nats", nats},
                 {"bits", nats / M_LN2},
                 {"perplexity", exp(nats)},
                 {"accuracy", (double)all->correct / (double)all->symbols}};
  struct rnn_table *table = NULL;
  if (all->symbols == 0)
    return RNN_OK;
  RNN_TRY(rnn_table_create(&table, 2, error));
  RNN_TRY(rnn_table_add_text(table, "count", error));
  RNN_TRY(rnn_table_add_count(table, all->symbols, error));
  for (size_t i = 0; i < sizeof measure / sizeof measure[0]; i++) {
    RNN_TRY(rnn_table_add_text(table, measure[i].name, error));
    RNN_TRY(rnn_table_add_number(table, measure[i].value, error));
  }
  RNN_TRY(rnn_table_write(table, foresight->filter->output, rnn_score_style(foresight->filter->options), error));
out:
  rnn_table_free(table);
  return status;
}
