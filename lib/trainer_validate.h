/* The exact loss of a corpus: whole sequences; long ones in windows whose state is carried, in constant memory. */
#ifndef RNN_TRAINER_VALIDATE_H
#define RNN_TRAINER_VALIDATE_H

#include "model.h"
#include "network.h"
#include "pool.h"

struct rnn_validation;

/* `model`, `corpus` (in the model's numbers), `network` (of the model's parameters) and `pool` must outlive it.
 * RNN_DATA for a sequence too long for a bidirectional network. */
enum rnn_status rnn_validation_create(struct rnn_validation **validation, const struct rnn_model *model,
                                      const struct rnn_corpus *corpus, const struct rnn_network *network,
                                      struct rnn_pool *pool, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_validation_free(struct rnn_validation *validation); /* NULL is allowed */

/* loss [columns] = that of all targets of each column. Of RNN_CLASSIFY what config.max_steps leaves is read. The
 * sum does not depend on the number of threads. */
enum rnn_status rnn_validation_run(struct rnn_validation *validation, struct rnn_loss *loss,
                                   struct rnn_error *error) RNN_MUST_CHECK;

#endif
