/* Sequence streams: rnn-sequences/1, specified in formats/sequences.md. Any number of zstd frames, each a block of
 * sequences with the strings first seen in it. */
#ifndef RNN_STREAM_H
#define RNN_STREAM_H

#include "input.h"
#include "output.h"
#include "sequence.h"

/* What a stream says of itself. */
struct rnn_stream_facts {
  enum rnn_task task;
  size_t frame_width; /* 0 for symbols */
  struct rnn_text text;
};

struct rnn_stream_writer;

/* `facts` are those of the first sequence; every later one must have the same kind of content. */
enum rnn_status rnn_stream_writer_create(struct rnn_stream_writer **writer, struct rnn_output *output,
                                         const struct rnn_stream_facts *facts, struct rnn_error *error) RNN_MUST_CHECK;

/* Numbers of symbols, tags and labels are those of the two vocabularies, which the caller grows as it goes on; the
 * writer writes the new strings with each block. A block is written when it is full (1 MiB of symbols) and by flush. */
enum rnn_status rnn_stream_writer_add(struct rnn_stream_writer *writer, const struct rnn_sequence *sequence,
                                      const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                      struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_stream_writer_flush(struct rnn_stream_writer *writer, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_stream_writer_free(struct rnn_stream_writer *writer); /* does not flush */

struct rnn_stream_reader;

/* From a raw input. The vocabularies belong to the reader and grow with the stream, merged by string over `cat`ed
 * streams. */
enum rnn_status rnn_stream_reader_create(struct rnn_stream_reader **reader, struct rnn_input *raw,
                                         struct rnn_error *error) RNN_MUST_CHECK;
void rnn_stream_reader_free(struct rnn_stream_reader *reader);
struct rnn_vocabulary *rnn_stream_reader_symbols(struct rnn_stream_reader *reader);
struct rnn_vocabulary *rnn_stream_reader_labels(struct rnn_stream_reader *reader);

/* The next sequence in the merged numbers, and the facts of its block (equal in all blocks, or RNN_DATA);
 * *sequence.length is kept until the next call; *end is true when there is none. Frequencies of symbols and labels are
 * counted. */
enum rnn_status rnn_stream_reader_next(struct rnn_stream_reader *reader, struct rnn_sequence *sequence,
                                       struct rnn_stream_facts *facts, bool *end,
                                       struct rnn_error *error) RNN_MUST_CHECK;

#endif
