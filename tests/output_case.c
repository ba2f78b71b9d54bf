/* A disk that is full, for the tests of what writes. */
#include "output_case.h"

#include <criterion/criterion.h>
#include <string.h>

enum { BUFFER_BYTES = 64 << 10 }; /* what an output keeps before it must write */

static char padding[BUFFER_BYTES / 2];

void output_expect_refused(output_writer *write, const void *what, size_t length_bytes)
{
  for (size_t room = 0; room < length_bytes; room++) {
    struct rnn_error error;
    struct rnn_output *output;
    cr_assert_eq(rnn_output_open(&output, "/dev/full", false, false, &error), RNN_OK);
    cr_assert_eq(rnn_output_write(output, padding, sizeof padding, &error), RNN_OK);
    cr_assert_eq(rnn_output_write(output, padding, sizeof padding - room, &error), RNN_OK);
    cr_assert_eq(write(output, what, &error), RNN_WRITE_FAILED, "room for %zu of %zu bytes", room, length_bytes);
    cr_assert_str_eq(error.text, "/dev/full: No space left on device");
    rnn_output_abandon(output);
  }
}
