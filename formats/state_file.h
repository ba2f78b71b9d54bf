/* The state between two calls of a program: rnn-state/1, specified in formats/state.md. A sequence that was cut, a
 * camera's stream in files, goes on in the next call as if it had not been. */
#ifndef RNN_STATE_FILE_H
#define RNN_STATE_FILE_H

#include "model.h"
#include "reader.h"
#include "state.h"

#define RNN_STATE_FORMAT "rnn-state/1"

/* What goes on: belongs to one model. */
struct rnn_kept_state {
  uint64_t steps;                /* that the network has read */
  struct rnn_state *state;       /* of one lane */
  struct rnn_reader_carry carry; /* of the reader */
  char model_digest[17];         /* of the model as it would be written: 16 hexadecimal digits */
};

/* That before the first step. RNN_USAGE for a model that reads in both directions, has a chain of tags or n-grams: it
 * needs the whole. */
enum rnn_status rnn_kept_state_init(struct rnn_kept_state *kept, const struct rnn_model *model,
                                    struct rnn_error *error) RNN_MUST_CHECK;
void rnn_kept_state_clear(struct rnn_kept_state *kept); /* a zeroed one is allowed */

/* From a file. RNN_DATA "name: ..." for what is no state, a damaged one, or that of another model; RNN_NO_INPUT. */
enum rnn_status rnn_kept_state_read(struct rnn_kept_state *kept, const char *name,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* The document before compression: read, and made (*block is freed with rnn_memory_free). */
enum rnn_status rnn_kept_state_decode(struct rnn_kept_state *kept, const char *block, size_t size,
                                      struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_kept_state_encode(struct rnn_kept_state *kept, char **block, size_t *size,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* To a file that appears whole or not at all; the same state is the same bytes. */
enum rnn_status rnn_kept_state_write(struct rnn_kept_state *kept, const char *name,
                                     struct rnn_error *error) RNN_MUST_CHECK;

#endif
