/* Where a corpus lies that is larger than memory. */
#ifndef RNN_TRAIN_SPOOL_H
#define RNN_TRAIN_SPOOL_H

#include "spool.h"

/* Opens the files of the spool, without names, in $TMPDIR or else /var/tmp: before the sandbox, which leaves what is
 * open. No files, and no error, where $RNN_SPOOL is none, the directory cannot be written, or is itself memory. */
void rnn_train_open_spool(struct rnn_spool *spool);
void rnn_train_close_spool(struct rnn_spool *spool);

#endif
