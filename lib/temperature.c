/* A search for the temperature. */
#include "temperature.h"

#include <math.h>

#include "memory.h"
#include "network.h"
#include "trainer_validate.h"
#include "vector.h"

/* What is divided: rows of V, elements of c, and A. */
enum { OUTPUTS = 3 };

static const double greatest = 2.302585093, /* log 10: how far log T is looked for */
    precision = 0.02;

/* For the temperature of one column. */
struct search {
  struct rnn_parameters *parameters;
  size_t column;
  struct {
    real *value, *trained; /* [count] in the parameters, and what stood there */
    size_t count;
  } output[OUTPUTS];
  struct rnn_network *network;
  struct rnn_validation *validation;
  size_t targets;
};

static enum rnn_status search_init(struct search *search, const struct rnn_model *model, size_t c,
                                   const struct rnn_corpus *valid, struct rnn_pool *pool, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_parameters *parameters = model->parameters;
  const struct rnn_shape *shape = &parameters->shape;
  const struct rnn_column *column = &shape->column[c];
  const size_t begin[OUTPUTS] = {parameters->layout.v + column->first * shape->pooled,
                                 parameters->layout.c + column->first, parameters->layout.a[c]},
               count[OUTPUTS] = {column->k * shape->pooled, column->k, (column->k + 2) * column->k};
  *search = (struct search){.parameters = parameters, .column = c};
  for (size_t i = 0; i < OUTPUTS; i++) {
    if (begin[i] == SIZE_MAX)
      continue;
    search->output[i].value = parameters->value + begin[i];
    search->output[i].count = count[i];
    RNN_TRY(rnn_memory_new(&search->output[i].trained, count[i], sizeof(real), "an output layer", error));
    rnn_vector_copy(count[i], search->output[i].value, search->output[i].trained);
  }
  RNN_TRY(rnn_network_create(&search->network, parameters, false, error));
  RNN_TRY(rnn_validation_create(&search->validation, model, valid, search->network, pool, error));
out:
  return status;
}

static void search_clear(struct search *search)
{
  rnn_validation_free(search->validation);
  rnn_network_free(search->network);
  for (size_t i = 0; i < OUTPUTS; i++)
    rnn_memory_free(search->output[i].trained);
}

/* The output layer as it was trained, divided by exp(log_t). */
static void set_temperature(struct search *search, double log_t)
{
  for (size_t i = 0; i < OUTPUTS; i++) {
    rnn_vector_copy(search->output[i].count, search->output[i].trained, search->output[i].value);
    rnn_vector_scale(search->output[i].count, (real)exp(-log_t), search->output[i].value);
  }
}

/* Of all targets, and of what draws T to 1 about as much as one target would: where none is mistaken, it stays a
 * number. */
static enum rnn_status measure(struct search *search, double log_t, double *nats, struct rnn_error *error)
{
  struct rnn_loss loss[RNN_MOST_COLUMNS];
  set_temperature(search, log_t);
  rnn_network_pack(search->network);
  enum rnn_status status = rnn_validation_run(search->validation, loss, error);
  search->targets = loss[search->column].terms;
  *nats = loss[search->column].nats + log_t * log_t / 2;
  return status;
}

/* By golden sections (Kiefer 1953): the loss is convex in 1/T. */
static enum rnn_status find(struct search *search, double *log_t, double *nats, struct rnn_error *error)
{
  enum rnn_status status;
  const double golden = (sqrt(5) - 1) / 2;
  double low = -greatest, high = greatest, at[2] = {high - golden * (high - low), low + golden * (high - low)}, loss[2];
  for (size_t i = 0; i < 2; i++)
    RNN_TRY(measure(search, at[i], &loss[i], error));
  while (high - low > precision) {
    size_t worse = loss[0] < loss[1], better = 1 - worse; /* the one becomes an end, the other its neighbour */
    *(worse == 0 ? &low : &high) = at[worse];
    at[worse] = at[better];
    loss[worse] = loss[better];
    at[better] = worse == 0 ? low + golden * (high - low) : high - golden * (high - low);
    RNN_TRY(measure(search, at[better], &loss[better], error));
  }
  *log_t = loss[0] <= loss[1] ? at[0] : at[1];
  *nats = fmin(loss[0], loss[1]);
out:
  return status;
}

static enum rnn_status fit_column(struct rnn_model *model, size_t column, const struct rnn_corpus *valid,
                                  struct rnn_pool *pool, struct rnn_temperature *found, struct rnn_error *error)
{
  enum rnn_status status;
  struct search search;
  double log_t = 0, nats, untouched;
  RNN_TRY(search_init(&search, model, column, valid, pool, error));
  RNN_TRY(measure(&search, 0, &untouched, error));
  RNN_TRY(find(&search, &log_t, &nats, error));
  log_t = nats < untouched ? log_t : 0;
  set_temperature(&search, log_t);
  *found = (struct rnn_temperature){.temperature = exp(log_t), .nats = fmin(nats, untouched) / (double)search.targets};
out:
  search_clear(&search);
  return status;
}

enum rnn_status rnn_temperature_fit(struct rnn_model *model, const struct rnn_corpus *valid, struct rnn_pool *pool,
                                    struct rnn_temperature *found, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t c = 0; c < model->parameters->shape.columns; c++)
    RNN_TRY(fit_column(model, c, valid, pool, &found[c], error));
out:
  return status;
}
