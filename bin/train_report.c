/* Progress, a line for each epoch, the log in JSON Lines. */
#include "train_report.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "program.h"

enum rnn_status rnn_train_report_open(struct rnn_train_report *report, const struct rnn_options *options,
                                      const char *log, struct rnn_error *error)
{
  *report = (struct rnn_train_report){.options = options, .log_name = log};
  if (log == NULL)
    return RNN_OK;
  report->log = fopen(log, "we");
  if (report->log == NULL)
    return rnn_error_set(error, errno == ENOMEM ? RNN_NO_MEMORY : RNN_CANNOT_CREATE, "%s: %s", log, strerror(errno));
  return RNN_OK;
}

void rnn_train_report_close(struct rnn_train_report *report)
{
  if (report->log != NULL)
    fclose(report->log);
  report->log = NULL;
}

void rnn_train_report_begin(struct rnn_train_report *report, const struct rnn_config *config, bool valid)
{
  report->config = config;
  report->valid = valid;
  rnn_progress_begin(&report->progress, report->options);
}

static const char *json_number(double number, char *text)
{
  return __builtin_isfinite(number) ? rnn_number_double(number, text) : "null";
}

static enum rnn_status write_log(struct rnn_train_report *report, const struct rnn_report *step,
                                 struct rnn_error *error)
{
  const struct rnn_epoch *end = &step->epoch_end;
  char train[RNN_NUMBER_BYTES], valid[RNN_NUMBER_BYTES], accuracy[RNN_NUMBER_BYTES], rate[RNN_NUMBER_BYTES],
      norm[RNN_NUMBER_BYTES], clipped[RNN_NUMBER_BYTES];
  if (report->log == NULL)
    return RNN_OK;
  fprintf(report->log,
          "{\"epoch\":%u,\"updates\":%llu,\"train_nats\":%s,\"valid_nats\":%s,\"valid_accuracy\":%s,"
          "\"learning_rate\":%s,\"gradient_norm\":%s,\"clipped\":%s,\"best\":%s}\n",
          end->epoch, (unsigned long long)end->updates, json_number(end->train_nats, train),
          json_number(end->valid_nats, valid), json_number(end->valid_accuracy, accuracy),
          json_number(end->learning_rate, rate), json_number(end->gradient_norm, norm),
          json_number(end->clipped, clipped), step->best ? "true" : "false");
  if (fflush(report->log) != 0)
    return rnn_error_set(error, RNN_WRITE_FAILED, "%s: %s", report->log_name, strerror(errno));
  return RNN_OK;
}

enum rnn_status rnn_train_report_repeat(struct rnn_train_report *report, const struct rnn_model *model,
                                        struct rnn_error *error)
{
  const struct rnn_epoch *best = NULL;
  for (size_t i = 0; i < model->epochs; i++) {
    struct rnn_report step = {.event = RNN_EVENT_EPOCH, .epoch_end = model->history[i]};
    step.best = rnn_epoch_is_better(model->task, &step.epoch_end, best);
    best = step.best ? &model->history[i] : best;
    enum rnn_status status = write_log(report, &step, error);
    if (status != RNN_OK)
      return status;
  }
  return RNN_OK;
}

static bool is_told(const struct rnn_train_report *report)
{
  return report->options->verbose || (!report->options->quiet && isatty(STDERR_FILENO));
}

static void tell_epoch(const struct rnn_train_report *report, const struct rnn_report *step)
{
  const struct rnn_epoch *end = &step->epoch_end;
  if (!is_told(report))
    return;
  fprintf(stderr, "epoch %3u  train %.4f nats", end->epoch, end->train_nats);
  if (report->valid)
    fprintf(stderr, "  valid %.4f nats, %.2f %% right%s", end->valid_nats, 100 * end->valid_accuracy,
            step->best ? "  best" : "");
  fputc('\n', stderr);
}

enum rnn_status rnn_train_report_tell(struct rnn_train_report *report, const struct rnn_report *step,
                                      struct rnn_error *error)
{
  const double epochs = (double)report->config->epochs;
  if (step->event == RNN_EVENT_UPDATE) {
    rnn_progress_show(&report->progress,
                      &(struct rnn_progress_values){.epoch = step->epoch,
                                                    .epochs = (uint32_t)report->config->epochs,
                                                    .update = step->update,
                                                    .steps = step->steps,
                                                    .share = (step->epoch - 1 + step->share) / epochs,
                                                    .nats = step->nats,
                                                    .limit_sec = report->config->max_time_sec});
    return RNN_OK;
  }
  rnn_progress_clear(&report->progress);
  if (step->event == RNN_EVENT_BACK)
    rnn_program_warn(report->options,
                     "the loss is not finite after %llu updates: back to the last good state, with half the rate",
                     (unsigned long long)step->update);
  if (step->event != RNN_EVENT_EPOCH)
    return RNN_OK;
  tell_epoch(report, step);
  return write_log(report, step, error);
}

void rnn_train_report_wide(const struct rnn_train_report *report, const struct rnn_wide *wide,
                           const struct rnn_wide_report *measure)
{
  if (!is_told(report))
    return;
  fprintf(stderr, "wide       %zu n-grams, shares %.3f and %.3f", wide->features, (double)wide->share[0],
          (double)wide->share[1]);
  if (measure->texts > 0)
    fprintf(stderr, "  valid %.4f nats, %.2f %% right", measure->nats, 100 * measure->accuracy);
  fputc('\n', stderr);
}

void rnn_train_report_temperature(const struct rnn_train_report *report, const struct rnn_temperature *found)
{
  if (is_told(report))
    fprintf(stderr, "temperature %.2f  valid %.4f nats\n", found->temperature, found->nats);
}
