/* The course of a training, and its parts. */
#include "trainer_course.h"

enum rnn_status rnn_course_parts(struct rnn_course *course, const char *prefix, struct rnn_parts *parts,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(rnn_parts_add_count(parts, prefix, "epoch", &course->epoch, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "turn", &course->turn, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "window", &course->window, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "updates", &course->updates, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "steps", &course->steps, error));
  RNN_TRY(rnn_parts_add_double(parts, prefix, "learning_rate", &course->learning_rate, error));
  RNN_TRY(rnn_parts_add_double(parts, prefix, "plateau", &course->plateau, error));
  RNN_TRY(rnn_parts_add_double(parts, prefix, "nats", &course->nats, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "terms", &course->terms, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "epoch_updates", &course->epoch_updates, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "clipped", &course->clipped, error));
  RNN_TRY(rnn_parts_add_double(parts, prefix, "norm_sum", &course->norm_sum, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "best_epoch", &course->best_epoch, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "since_best", &course->since_best, error));
  RNN_TRY(rnn_parts_add_count(parts, prefix, "ended", &course->ended, error));
out:
  return status;
}

bool rnn_course_fits(const struct rnn_course *course, struct rnn_plan *plan, uint64_t epochs)
{
  if (course->ended > 1 || course->best_epoch > course->epoch)
    return false;
  if (course->ended == 1)
    return course->epoch > 0 && course->epoch <= epochs && course->turn == 0 && course->window == 0;
  if (course->epoch >= epochs)
    return false;
  rnn_plan_epoch(plan, (uint32_t)course->epoch);
  if (course->turn >= plan->batches)
    return course->turn == plan->batches && course->window == 0;
  return course->window == 0 || course->window < rnn_plan_windows(plan, (size_t)course->turn);
}
