/* What a block of a stream says of itself. The stream reader's alone. */
#ifndef RNN_STREAM_FACTS_H
#define RNN_STREAM_FACTS_H

#include "safetensors.h"
#include "stream.h"

/* RNN_DATA, with a sentence that says what it is, for a document that is no block. */
enum rnn_status rnn_stream_read_format(const struct rnn_document *document, struct rnn_error *error) RNN_MUST_CHECK;

/* All but the width of frames; *starts: the dictionary does. RNN_DATA for metadata that are missing, strange or in the
 * wrong place. */
enum rnn_status rnn_stream_read_facts(const struct rnn_document *document, struct rnn_stream_facts *facts, bool *starts,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* RNN_DATA where the blocks before said something else. */
enum rnn_status rnn_stream_check_facts(const struct rnn_stream_facts *facts, const struct rnn_stream_facts *first,
                                       struct rnn_error *error) RNN_MUST_CHECK;

#endif
