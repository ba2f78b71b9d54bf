/* Readers of lanes. */
#include "predictor_wide.h"

#include "memory.h"

enum rnn_status rnn_predictor_wide_init(struct rnn_predictor_wide *path, const struct rnn_wide *wide, bool running,
                                        size_t lanes, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  *path = (struct rnn_predictor_wide){.wide = wide, .running = running};
  if (wide == NULL)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(&path->y, wide->classes, sizeof *path->y, "answers", error));
  RNN_TRY(rnn_memory_new(&path->reader, running ? lanes : 1, sizeof *path->reader, "readers of n-grams", error));
  for (; path->readers < (running ? lanes : 1); path->readers++)
    RNN_TRY(rnn_wide_reader_init(&path->reader[path->readers], wide, error));
out:
  if (status != RNN_OK)
    rnn_predictor_wide_clear(path);
  return status;
}

void rnn_predictor_wide_clear(struct rnn_predictor_wide *path)
{
  for (size_t i = 0; i < path->readers; i++)
    rnn_wide_reader_clear(&path->reader[i]);
  rnn_memory_free(path->reader);
  rnn_memory_free(path->y);
  *path = (struct rnn_predictor_wide){.wide = NULL};
}

void rnn_predictor_wide_start(struct rnn_predictor_wide *path)
{
  for (size_t i = 0; i < path->readers; i++)
    rnn_wide_reader_start(&path->reader[i]);
}

const real *rnn_predictor_wide_answer(struct rnn_predictor_wide *path, size_t lane, const int32_t *symbol, size_t from,
                                      size_t steps, const real *network)
{
  if (path->wide == NULL)
    return network;
  struct rnn_wide_reader *reader = &path->reader[path->running ? lane : 0];
  rnn_wide_reader_read(reader, symbol + (reader->steps - from), steps - reader->steps);
  rnn_wide_reader_answer(reader, network, path->y);
  return path->y;
}
