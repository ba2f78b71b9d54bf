/* The parts of a state as tensors of a document. */
#ifndef RNN_PART_DOCUMENT_H
#define RNN_PART_DOCUMENT_H

#include "part.h"
#include "safetensors.h"

/* A tensor of one dimension for each part; their data are borrowed until the document is encoded. */
enum rnn_status rnn_parts_to_document(const struct rnn_parts *parts, struct rnn_document *document,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* Overwrites the parts, but only if all of them are there in their kind and size, and nothing else but `others` more
 * tensors: RNN_DATA "damaged: ...". */
enum rnn_status rnn_parts_from_document(const struct rnn_parts *parts, size_t others,
                                        const struct rnn_document *document, struct rnn_error *error) RNN_MUST_CHECK;

#endif
