/* Bytes out: standard output, or a file that appears whole or not at all. Retries EINTR, waits on EAGAIN. */
#ifndef RNN_OUTPUT_H
#define RNN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct rnn_output;

/* `name` NULL or "-": standard output. A file is written as a temporary one in the same directory, without a name where
 * that can be, and put in its place by finish
 * (fsync of file and directory), through a symbolic link to where it points; a device or a named pipe is written as it
 * stands. RNN_CANNOT_CREATE "name: reason". With `binary`, a terminal is refused (RNN_USAGE) unless `force`. */
enum rnn_status rnn_output_open(struct rnn_output **output, const char *name, bool binary, bool force,
                                struct rnn_error *error) RNN_MUST_CHECK;

/* A file of which the generation before is kept as `previous`; `temporary` is the name it is written under, in the same
 * directory, and what is there by that name is lost: for a caller who holds a lock. Finished as any other. */
enum rnn_status rnn_output_open_generation(struct rnn_output **output, const char *name, const char *temporary,
                                           const char *previous, struct rnn_error *error) RNN_MUST_CHECK;

/* Buffered. A failed write is remembered and answered by every later call (RNN_WRITE_FAILED, "name: No space left on
 * device"). */
enum rnn_status rnn_output_write(struct rnn_output *output, const void *bytes, size_t length_bytes,
                                 struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_output_print(struct rnn_output *output, struct rnn_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4))) RNN_MUST_CHECK;
enum rnn_status rnn_output_flush(struct rnn_output *output, struct rnn_error *error) RNN_MUST_CHECK;

/* Flushes, syncs, renames, closes (standard output stays open); the output is freed whatever the answer. */
enum rnn_status rnn_output_finish(struct rnn_output *output, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_output_abandon(struct rnn_output *output); /* NULL is allowed: removes the temporary file */

/* Removes all temporary files there are; may be called by a handler of a signal that ends the program. */
void rnn_output_remove_temporaries(void);

#endif
