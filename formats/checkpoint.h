/* Checkpoints: rnn-checkpoint/1, specified in formats/checkpoint.md. A training that is stopped goes on from one to the
 * same bytes.
 *
 * FILE is written as FILE.new, synced, and renamed; what it replaces stays as FILE.previous. FILE.lock is there, and
 * locked, while a run uses it. At every moment FILE or FILE.previous is a whole checkpoint. */
#ifndef RNN_CHECKPOINT_H
#define RNN_CHECKPOINT_H

#include "model.h"
#include "part.h"

struct rnn_checkpoint;

/* Locks `path` for a training of `model`, as it is before its first update, that is measured on data of the digest
 * `valid_digest` (0: none). RNN_CANNOT_CREATE where it cannot be written, or another run has it. */
enum rnn_status rnn_checkpoint_open(struct rnn_checkpoint **checkpoint, const char *path, const struct rnn_model *model,
                                    uint64_t valid_digest, struct rnn_error *error) RNN_MUST_CHECK;

/* Lets go of the lock; what was saved stays. NULL is allowed. */
void rnn_checkpoint_close(struct rnn_checkpoint *checkpoint);

enum rnn_generation { RNN_GENERATION_NONE, RNN_GENERATION_LAST, RNN_GENERATION_PREVIOUS };

/* Overwrites the parts and the model's history with those saved last; with those before where FILE is damaged or not
 * there: *damage then says why (owned by the checkpoint; NULL: not there). RNN_GENERATION_NONE: there is nothing, and
 * nothing was changed. A checkpoint of another training is refused: RNN_BAD_CONFIG where only the configuration
 * differs, else RNN_DATA. max_time alone may differ. RNN_DATA where there is a checkpoint, but none that is whole. */
enum rnn_status rnn_checkpoint_load(struct rnn_checkpoint *checkpoint, struct rnn_model *model,
                                    const struct rnn_parts *parts, enum rnn_generation *generation, const char **damage,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* Saves. Where it fails (RNN_WRITE_FAILED, RNN_CANNOT_CREATE), what was saved before is still there. */
enum rnn_status rnn_checkpoint_save(struct rnn_checkpoint *checkpoint, const struct rnn_model *model,
                                    const struct rnn_parts *parts, struct rnn_error *error) RNN_MUST_CHECK;

#endif
