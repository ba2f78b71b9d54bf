/* A disk that is full, for the tests of what writes. */
#ifndef OUTPUT_CASE_H
#define OUTPUT_CASE_H

#include <stddef.h>

#include "output.h"

/* Writes what is to be written. */
typedef enum rnn_status output_writer(struct rnn_output *output, const void *what, struct rnn_error *error);

/* Of the `length_bytes` that are written, whichever finds no room: the writer itself says so, RNN_WRITE_FAILED. */
void output_expect_refused(output_writer *write, const void *what, size_t length_bytes);

#endif
