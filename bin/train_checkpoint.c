/* Checkpoints of rnn-train. */
#include "train_checkpoint.h"

#include <string.h>
#include <time.h>

#include "number.h"
#include "program.h"

static double now_sec(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

bool rnn_train_checkpoint_parse(const char *text, uint64_t *updates, double *seconds)
{
  int64_t number;
  *updates = 0;
  *seconds = 0;
  if (rnn_number_parse_integer(text, strlen(text), &number)) {
    *updates = (uint64_t)number;
    return number > 0;
  }
  return rnn_number_parse_duration(text, seconds);
}

double rnn_train_checkpoint_seconds(const struct rnn_train_checkpoint *checkpoint)
{
  return checkpoint->before_sec + now_sec() - checkpoint->begun_sec;
}

static enum rnn_status list_parts(struct rnn_train_checkpoint *checkpoint, struct rnn_parts *parts,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_trainer_parts(checkpoint->trainer, parts, error));
  RNN_TRY(rnn_parts_add_double(parts, "run", "seconds", &checkpoint->trained_sec, error));
out:
  return status;
}

enum rnn_status rnn_train_checkpoint_begin(struct rnn_train_checkpoint *checkpoint, const char *path,
                                           uint64_t valid_digest, bool *resumed, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  enum rnn_generation generation;
  const char *damage;
  struct rnn_parts parts;
  *resumed = false;
  checkpoint->begun_sec = checkpoint->saved_sec = now_sec();
  if (path == NULL)
    return RNN_OK;
  RNN_TRY(rnn_checkpoint_open(&checkpoint->checkpoint, path, checkpoint->model, valid_digest, error));
  RNN_TRY(list_parts(checkpoint, &parts, error));
  RNN_TRY(rnn_checkpoint_load(checkpoint->checkpoint, checkpoint->model, &parts, &generation, &damage, error));
  if (generation == RNN_GENERATION_NONE)
    goto out;
  if (generation == RNN_GENERATION_PREVIOUS)
    rnn_program_warn(checkpoint->options, "%s%sgoing on from %s.previous", damage == NULL ? "" : damage,
                     damage == NULL ? "" : ": ", path);
  if (rnn_trainer_resume(checkpoint->trainer, error) != RNN_OK) {
    status = rnn_error_prefix(error, "%s", path);
    goto out;
  }
  checkpoint->before_sec = checkpoint->trained_sec;
  *resumed = true;
out:
  return status;
}

static enum rnn_status save(struct rnn_train_checkpoint *checkpoint, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_parts parts;
  checkpoint->trained_sec = rnn_train_checkpoint_seconds(checkpoint);
  RNN_TRY(list_parts(checkpoint, &parts, error));
  RNN_TRY(rnn_checkpoint_save(checkpoint->checkpoint, checkpoint->model, &parts, error));
out:
  checkpoint->saved_sec = now_sec();
  return status;
}

void rnn_train_checkpoint_tell(struct rnn_train_checkpoint *checkpoint, const struct rnn_report *report)
{
  struct rnn_error error;
  if (checkpoint->checkpoint == NULL || report->event == RNN_EVENT_DONE)
    return;
  bool due = checkpoint->every_updates > 0 ? report->update - checkpoint->saved_update >= checkpoint->every_updates
                                           : now_sec() - checkpoint->saved_sec >= checkpoint->every_sec;
  if (!due)
    return;
  checkpoint->saved_update = report->update;
  if (save(checkpoint, &error) != RNN_OK)
    rnn_program_warn(checkpoint->options, "the checkpoint was not saved: %s; training goes on", error.text);
}

enum rnn_status rnn_train_checkpoint_save(struct rnn_train_checkpoint *checkpoint, struct rnn_error *error)
{
  return checkpoint->checkpoint == NULL ? RNN_OK : save(checkpoint, error);
}

void rnn_train_checkpoint_close(struct rnn_train_checkpoint *checkpoint)
{
  rnn_checkpoint_close(checkpoint->checkpoint);
  checkpoint->checkpoint = NULL;
}
