/* Progress on standard error. */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "number.h"

static const double terminal_interval_sec = 0.1, line_interval_sec = 1;

static double now_sec(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void rnn_progress_begin(struct rnn_progress *progress, const struct rnn_options *options)
{
  bool terminal = isatty(STDERR_FILENO);
  *progress = (struct rnn_progress){.show = RNN_SHOW_NOTHING, .begun_sec = now_sec()};
  if (options->progress == RNN_PROGRESS_JSON)
    progress->show = RNN_SHOW_JSON;
  else if (options->progress == RNN_PROGRESS_ALWAYS)
    progress->show = terminal ? RNN_SHOW_BAR : RNN_SHOW_LINES;
  else if (options->progress == RNN_PROGRESS_AUTO && terminal && !options->quiet)
    progress->show = RNN_SHOW_BAR;
}

double rnn_progress_seconds(const struct rnn_progress *progress)
{
  return now_sec() - progress->begun_sec;
}

void rnn_progress_clear(struct rnn_progress *progress)
{
  if (progress->on_screen)
    fputs("\r\033[K", stderr);
  progress->on_screen = false;
}

static void show_json(const struct rnn_progress_values *values, double rate, double left_sec)
{
  char share[RNN_NUMBER_BYTES], nats[RNN_NUMBER_BYTES];
  bool finite = __builtin_isfinite(values->nats);
  fprintf(stderr,
          "{\"epoch\":%u,\"epochs\":%u,\"update\":%llu,\"steps\":%llu,\"share\":%s,\"nats\":%s,\"steps_per_sec\":%.0f,"
          "\"left_sec\":%.0f}\n",
          values->epoch, values->epochs, (unsigned long long)values->update, (unsigned long long)values->steps,
          rnn_number_float((float)values->share, share), finite ? rnn_number_float((float)values->nats, nats) : "null",
          rate, left_sec);
}

static void show_text(const struct rnn_progress *progress, const struct rnn_progress_values *values, double rate,
                      double left_sec)
{
  enum { CELLS = 20, HOUR = 3600, MINUTE = 60 };
  char bar[CELLS + 1];
  unsigned long left = (unsigned long)left_sec;
  for (int i = 0; i < CELLS; i++)
    bar[i] = (i + 0.5) / CELLS < values->share ? '#' : '.';
  bar[CELLS] = '\0';
  fprintf(stderr, "%s[%s] %3.0f %%  epoch %u of %u  %.4f nats  %.1f k steps/s  %lu:%02lu:%02lu left%s",
          progress->show == RNN_SHOW_BAR ? "\r" : "", bar, 100 * values->share, values->epoch, values->epochs,
          values->nats, rate / 1000, left / HOUR, left / MINUTE % MINUTE, left % MINUTE,
          progress->show == RNN_SHOW_BAR ? "\033[K" : "\n");
}

void rnn_progress_show(struct rnn_progress *progress, const struct rnn_progress_values *values)
{
  if (progress->show == RNN_SHOW_NOTHING)
    return;
  double elapsed_sec = rnn_progress_seconds(progress);
  double interval_sec = progress->show == RNN_SHOW_BAR ? terminal_interval_sec : line_interval_sec;
  if (elapsed_sec - progress->shown_sec < interval_sec)
    return;
  progress->shown_sec = elapsed_sec;
  double rate = (double)values->steps / elapsed_sec;
  double left_sec = values->share > 0 ? elapsed_sec * (1 - values->share) / values->share : 0;
  if (values->limit_sec > 0 && values->limit_sec - elapsed_sec < left_sec)
    left_sec = values->limit_sec > elapsed_sec ? values->limit_sec - elapsed_sec : 0;
  if (progress->show == RNN_SHOW_JSON) {
    show_json(values, rate, left_sec);
  } else {
    show_text(progress, values, rate, left_sec);
    progress->on_screen = progress->show == RNN_SHOW_BAR;
  }
}
