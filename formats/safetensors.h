/* A safetensors document: 8-byte little-endian length, JSON header, tensors without holes or overlap.
 * https://github.com/huggingface/safetensors (format only). Little-endian on every machine. */
#ifndef RNN_SAFETENSORS_H
#define RNN_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum rnn_dtype { RNN_U8, RNN_I32, RNN_I64, RNN_F16, RNN_F32, RNN_F64 };
enum { RNN_MOST_DIMENSIONS = 4 };

struct rnn_document; /* metadata strings and tensors, by name */

/* Building. Metadata and tensors are written in the order added (canonical: the caller's order is fixed); the header is
 * padded so that the first F32 tensor (or else the first tensor) begins at a multiple of 64 bytes. `data` is not
 * copied: it must live until rnn_document_encode. A name given twice is RNN_BUG. */
enum rnn_status rnn_document_create(struct rnn_document **document, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_document_add_metadata(struct rnn_document *document, const char *key, const char *value,
                                          struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_document_add_tensor(struct rnn_document *document, const char *name, enum rnn_dtype dtype,
                                        const size_t *shape, size_t dimensions, const void *data,
                                        struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_document_encode(const struct rnn_document *document, char **block, size_t *size_bytes,
                                    struct rnn_error *error) RNN_MUST_CHECK; /* freed with rnn_memory_free */

/* True if a document may begin with these bytes (at least RNN_DOCUMENT_FIRST_BYTES of them): the length of a header
 * within limits, and '{'. No text does. */
enum { RNN_DOCUMENT_FIRST_BYTES = 9 };
bool rnn_document_begins(const void *bytes, size_t size);

/* Reading. Strict: no duplicate, no hole, no overlap, no trailing byte, sizes equal to dtype times shape, nothing but
 * dtype, shape and data_offsets of a tensor, nothing but strings as metadata. The document looks into `block`, which
 * must outlive it. RNN_DATA "header: ...", without a name. */
enum rnn_status rnn_document_decode(struct rnn_document **document, const char *block, size_t size_bytes,
                                    struct rnn_error *error) RNN_MUST_CHECK;
void rnn_document_free(struct rnn_document *document); /* NULL is allowed */

const char *rnn_document_metadata(const struct rnn_document *document, const char *key); /* NULL where absent */
size_t rnn_document_metadata_count(const struct rnn_document *document);
const char *rnn_document_metadata_key(const struct rnn_document *document, size_t i);

/* The first key that is not in the list `known`, which ends with NULL; NULL if there is none. */
const char *rnn_document_strange_metadata(const struct rnn_document *document, const char *const *known);

struct rnn_document_tensor {
  const char *name;
  enum rnn_dtype dtype;
  size_t shape[RNN_MOST_DIMENSIONS];
  size_t dimensions;
  const void *data; /* as in the file; may be unaligned */
  size_t size_bytes;
};
size_t rnn_document_tensors(const struct rnn_document *document);
const struct rnn_document_tensor *rnn_document_tensor_at(const struct rnn_document *document, size_t i);
const struct rnn_document_tensor *rnn_document_tensor(const struct rnn_document *document,
                                                      const char *name); /* NULL where absent */

/* The tensor that must be there in this dtype and shape [dimensions], one or two. RNN_DATA "tensor 'x' is missing", or
 * "... is not F32 [3, 4], as it has to be here". */
enum rnn_status rnn_document_need(const struct rnn_document *document, const char *name, enum rnn_dtype dtype,
                                  const size_t *shape, size_t dimensions, const struct rnn_document_tensor **tensor,
                                  struct rnn_error *error) RNN_MUST_CHECK;

/* Copies `count` elements from element `first` on into `to` [count], in the order of bytes of this machine. */
void rnn_document_copy(const struct rnn_document_tensor *tensor, size_t first, size_t count, void *to);

size_t rnn_dtype_bytes(enum rnn_dtype dtype);
const char *rnn_dtype_name(enum rnn_dtype dtype); /* "F32" */

#endif
