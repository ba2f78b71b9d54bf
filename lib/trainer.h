/* Training, one update a call: the caller shows progress, minds signals and the clock, and writes what it likes in
 * between.
 *
 *   while ((status = rnn_trainer_step(trainer, &report, &error)) == RNN_OK && report.event != RNN_EVENT_DONE) ...
 *
 * An epoch reads every sequence once, in batches of like length (trainer_plan.h). With bptt = full a batch is read
 * whole; with tau, in windows of tau steps whose state is carried, one update a window. Each batch is cut into a fixed
 * number of shards (by its number of lanes, never by the number of threads) whose gradients are summed in order of
 * index (trainer_shard.h): the model's bytes do not depend on the number of threads. The loss is the sum over steps of
 * the cross-entropy; an update follows its gradient divided by the number of targets (RNN_CLASSIFY: of sequences). */
#ifndef RNN_TRAINER_H
#define RNN_TRAINER_H

#include "model.h"
#include "part.h"
#include "pool.h"
#include "sequence.h"

struct rnn_trainer;

enum rnn_event {
  RNN_EVENT_UPDATE, /* one update was made */
  RNN_EVENT_EPOCH,  /* an epoch ended, validation is in report.epoch_end, the model's history has it */
  RNN_EVENT_BACK, /* the loss was not finite: back to the last good state with half the rate (report.retries so far) */
  RNN_EVENT_DONE  /* epochs or patience used up, or rnn_trainer_finish; the model holds the best parameters */
};

struct rnn_report {
  enum rnn_event event;
  uint32_t epoch;           /* from 1 */
  uint64_t update, updates; /* made; expected in all */
  double share;             /* of the epoch done, 0 ... 1 */
  double nats;              /* running mean loss a target in this epoch; NAN before its first update */
  double learning_rate;     /* of the last update */
  uint64_t steps;           /* time steps read since the start */
  unsigned retries;
  bool best, last; /* EPOCH: the best so far; the one that ends the training */
  struct rnn_epoch epoch_end;
};

/* `model`, `train` and `valid` (NULL: none) belong to the caller and must outlive the trainer, as must `pool`; corpora
 * are in the model's numbers. Training is as model->config says. RNN_DATA for a corpus without targets or for a
 * validation sequence too long for a bidirectional model. */
enum rnn_status rnn_trainer_create(struct rnn_trainer **trainer, struct rnn_model *model,
                                   const struct rnn_corpus *train, const struct rnn_corpus *valid,
                                   struct rnn_pool *pool, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_trainer_free(struct rnn_trainer *trainer); /* NULL is allowed */

/* Makes one update, or ends an epoch. With validation, the best parameters are kept and put into the model at the end,
 * and config.patience epochs without a better loss end the training; without, the last ones are. RNN_DIVERGED the third
 * time that loss or gradient were not finite; the model then holds the best parameters, or the last good ones.
 * Allocates nothing but the model's history. Sets flush-to-zero in the calling thread. */
enum rnn_status rnn_trainer_step(struct rnn_trainer *trainer, struct rnn_report *report,
                                 struct rnn_error *error) RNN_MUST_CHECK;

/* Ends early (time is up): puts the best parameters so far into the model, or the present ones where no validation was
 * made. Every later step answers RNN_EVENT_DONE. */
void rnn_trainer_finish(struct rnn_trainer *trainer);

/* All that changes from update to update but the model's history, for a checkpoint: to be read before the next step.
 * Another trainer of the same model, data and config whose parts, and whose model's history, were overwritten with
 * these goes on from there to the same bytes, once rnn_trainer_resume has looked at them: RNN_DATA where no training
 * can stand there; it is then of no further use. Not after rnn_trainer_finish. */
enum rnn_status rnn_trainer_parts(struct rnn_trainer *trainer, struct rnn_parts *parts,
                                  struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_trainer_resume(struct rnn_trainer *trainer, struct rnn_error *error) RNN_MUST_CHECK;

#endif
