/* The wide path and the temperature. */
#include "train_finish.h"

#include <string.h>

#include "temperature.h"
#include "wide_fit.h"

/* Fits the path again, to what was held back too; its shares stay. */
static enum rnn_status fit_to_all(const struct rnn_train_finish *finish, struct rnn_wide **wide,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_wide *again = NULL;
  for (size_t i = 0; i < finish->valid->count; i++) {
    struct rnn_sequence sequence = rnn_corpus_sequence(finish->valid, i);
    RNN_TRY(rnn_corpus_add(finish->train, &sequence, error));
  }
  RNN_TRY(rnn_wide_fit(&again, finish->model, finish->train, finish->pool, error));
  if (again != NULL) {
    memcpy(again->share, (*wide)->share, sizeof again->share);
    rnn_wide_free(*wide);
    *wide = again;
  }
out:
  return status;
}

/* The wide path beside the trained network; there may be none to fit. */
static enum rnn_status widen(const struct rnn_train_finish *finish, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_model *model = finish->model;
  struct rnn_wide *wide = NULL;
  struct rnn_wide_report report = {.texts = 0};
  RNN_TRY(rnn_wide_fit(&wide, model, finish->train, finish->pool, error));
  if (wide == NULL)
    return RNN_OK;
  if (finish->valid->count > 0)
    RNN_TRY(rnn_wide_calibrate(wide, model, finish->valid, finish->pool, &report, error));
  rnn_train_report_wide(finish->report, wide, &report);
  if (finish->valid->count > 0 && finish->held_back)
    RNN_TRY(fit_to_all(finish, &wide, error));
  model->wide = wide;
  wide = NULL;
out:
  rnn_wide_free(wide);
  return status;
}

static enum rnn_status calibrate(const struct rnn_train_finish *finish, struct rnn_error *error)
{
  struct rnn_temperature found[RNN_MOST_COLUMNS];
  enum rnn_status status = rnn_temperature_fit(finish->model, finish->valid, finish->pool, found, error);
  for (size_t c = 0; status == RNN_OK && c < finish->model->parameters->shape.columns; c++)
    rnn_train_report_temperature(finish->report, &found[c]);
  return status;
}

enum rnn_status rnn_train_finish(const struct rnn_train_finish *finish, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_model *model = finish->model;
  if (model->config.wide > 0)
    RNN_TRY(widen(finish, error));
  if (model->wide == NULL && model->task != RNN_COMPLETE && finish->valid->count > 0)
    RNN_TRY(calibrate(finish, error));
out:
  return status;
}
