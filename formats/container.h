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

/* By the four bytes of the magic number of a frame (skippable frames included). */
bool rnn_container_is_zstd(const void *bytes, size_t size);

/* Reads one frame from a raw input into a block that the caller frees with rnn_memory_free; *size_bytes = 0 and
 * *block = NULL at the end of input between frames. `frame` is its number for messages, from 1; 0: the input holds only
 * one. Takes not a byte more than the frame. Refused with RNN_DATA "name: zstd frame 3: ...": no declared size, no
 * checksum, a window past the limit, a size past `most_bytes`, a cut, damaged, empty or skippable frame, a dictionary.
 * Memory grows as bytes arrive. Unless `plain` is NULL, an input that does not begin with the magic number is read
 * whole as one plain document; what does not begin as one is refused as "not " `plain` ("a model"). */
enum rnn_status rnn_container_read(struct rnn_input *raw, uint64_t frame, const char *plain, size_t most_bytes,
                                   char **block, size_t *size_bytes, struct rnn_error *error) RNN_MUST_CHECK;

/* The same for an input that holds one document and no more: RNN_DATA where it is empty or goes on. */
enum rnn_status rnn_container_read_alone(struct rnn_input *raw, const char *plain, size_t most_bytes, char **block,
                                         size_t *size_bytes, struct rnn_error *error) RNN_MUST_CHECK;

/* Writes one frame: level 3, declared size, checksum: the same bytes for the same content. */
enum rnn_status rnn_container_write(struct rnn_output *output, const void *block, size_t size_bytes,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* The same as all of an output, which it takes over: finished, or abandoned where something fails. */
enum rnn_status rnn_container_write_alone(struct rnn_output *output, const void *block, size_t size_bytes,
                                          struct rnn_error *error) RNN_MUST_CHECK;

/* Decompression of text as it streams through input.c: whatever the zstd command decompresses, in several frames, with
 * or without sizes and checksums, skippable frames left out, windows up to 128 MiB (taken only as bytes arrive). */
struct rnn_inflate;
enum rnn_status rnn_inflate_create(struct rnn_inflate **inflate, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_inflate_free(struct rnn_inflate *inflate); /* NULL is allowed */

/* Takes from `in`, gives to `out`; *used and *made say how much; both 0 only if it needs more of the one that is used
 * up. *between is true where a frame has ended exactly there (and at the start): elsewhere the end of input is a cut
 * frame. RNN_DATA "damaged zstd data: ..." without a name, for the caller to put the place before it. */
enum rnn_status rnn_inflate_run(struct rnn_inflate *inflate, const void *in, size_t in_bytes, size_t *used, void *out,
                                size_t out_bytes, size_t *made, bool *between, struct rnn_error *error) RNN_MUST_CHECK;

#endif
