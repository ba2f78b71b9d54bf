/* Sequences back as text, in the natural format of their task: lines of text, label TAB text, token TAB tag, frames.
 *
 * Words stand apart by a blank; what stood between them is not known any more. Within tab-separated fields, tabs and
 * record ends become blanks. */
#ifndef RNN_PLAIN_H
#define RNN_PLAIN_H

#include "output.h"
#include "stream.h"

/* One sequence in the numbers of the vocabularies (NULL where facts have none). `record_end` ends lines: '\n', or '\0'.
 * RNN_WRITE_FAILED. */
enum rnn_status rnn_plain_write(struct rnn_output *output, const struct rnn_sequence *sequence,
                                const struct rnn_stream_facts *facts, const struct rnn_vocabulary *symbols,
                                const struct rnn_vocabulary *labels, char record_end,
                                struct rnn_error *error) RNN_MUST_CHECK;

/* The vocabulary as lines `symbol TAB count`, by count (falling), then bytes. TAB, LF, CR, NUL and backslash in a
 * symbol are written \t, \n, \r, \0 and \\. */
enum rnn_status rnn_plain_write_vocabulary(struct rnn_output *output, const struct rnn_vocabulary *vocabulary,
                                           struct rnn_error *error) RNN_MUST_CHECK;

#endif
