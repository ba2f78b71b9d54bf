/* The container: zstd frames, each with its content size declared and its checksum on. The only file that knows zstd.
 */
#ifndef RNN_CONTAINER_H
#define RNN_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "input.h"
#include "output.h"

bool rnn_container_is_zstd(const void *bytes, size_t size); /* by the four bytes of the magic number */

/* Reads one frame from a raw input into a growing block that the caller frees with rnn_memory_free; *size_bytes = 0 and
 * *block = NULL at the end of input between frames. Refused with RNN_DATA "name: frame 3: ...": no declared size, no
 * checksum, a window past the limit, a size past `most_bytes`, a cut, damaged or skippable frame, a dictionary. Memory
 * grows as bytes arrive. A file that does not begin with the magic number is read whole as one plain document with
 * `plain` true, refused else. */
enum rnn_status rnn_container_read(struct rnn_input *raw, bool plain, size_t most_bytes, char **block,
                                   size_t *size_bytes, struct rnn_error *error) RNN_MUST_CHECK;

/* Writes one frame: level 3, declared size, checksum: the same bytes for the same content. */
enum rnn_status rnn_container_write(struct rnn_output *output, const void *block, size_t size_bytes,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* Decompression of text as it streams through input.c. */
struct rnn_inflate;
enum rnn_status rnn_inflate_create(struct rnn_inflate **inflate, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_inflate_free(struct rnn_inflate *inflate);
/* Takes from `in`, gives to `out`; *used and *made say how much. *between is true where a frame has ended exactly
 * there. */
enum rnn_status rnn_inflate_run(struct rnn_inflate *inflate, const void *in, size_t in_bytes, size_t *used, void *out,
                                size_t out_bytes, size_t *made, bool *between, struct rnn_error *error) RNN_MUST_CHECK;

#endif
