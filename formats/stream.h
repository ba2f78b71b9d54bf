/* Sequence streams: rnn-sequences/1, specified in formats/sequences.md. Any number of zstd frames, each a block of
 * sequences with the strings first seen in it. */
#ifndef RNN_STREAM_H
#define RNN_STREAM_H

#include "input.h"
#include "output.h"
#include "sequence.h"

#define RNN_STREAM_FORMAT "rnn-sequences/1"

/* What a stream says of itself. */
struct rnn_stream_facts {
  enum rnn_task task;
  size_t frame_width; /* 0 for symbols */
  struct rnn_text text;
  struct rnn_columns columns; /* of tags, where there are several */
};

struct rnn_stream_writer;

/* `facts` are those of the first sequence; every later one must have the same kind of content. The output is borrowed,
 * and not closed. */
enum rnn_status rnn_stream_writer_create(struct rnn_stream_writer **writer, struct rnn_output *output,
                                         const struct rnn_stream_facts *facts, struct rnn_error *error) RNN_MUST_CHECK;

/* Numbers of symbols, tags and labels are those of the two vocabularies, which the caller grows as it goes on (the same
 * two in every call; NULL where there are none); each new string is written with the block it was first met in. A tag
 * or label may be RNN_ABSENT. A block is written when the next
 * sequence would make it larger than 1 MiB, and by flush. RNN_DATA for a sequence, a
 * string or a number of strings past the limits of a reader. */
enum rnn_status rnn_stream_writer_add(struct rnn_stream_writer *writer, const struct rnn_sequence *sequence,
                                      const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                      struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_stream_writer_flush(struct rnn_stream_writer *writer, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_stream_writer_free(struct rnn_stream_writer *writer); /* NULL is allowed; does not flush */

struct rnn_stream_reader;

/* From a raw input, which is borrowed. The vocabularies belong to the reader and grow with the stream, merged by string
 * over `cat`ed streams: reading cat a b gives the numbers of one stream of both. */
enum rnn_status rnn_stream_reader_create(struct rnn_stream_reader **reader, struct rnn_input *raw,
                                         struct rnn_error *error) RNN_MUST_CHECK;
void rnn_stream_reader_free(struct rnn_stream_reader *reader); /* NULL is allowed */
struct rnn_vocabulary *rnn_stream_reader_symbols(struct rnn_stream_reader *reader);
struct rnn_vocabulary *rnn_stream_reader_labels(struct rnn_stream_reader *reader);

/* The next sequence in the merged numbers, and the facts of the stream (the same in all blocks, or RNN_DATA); its
 * arrays are kept until the next call; *end is true when there is none (a stream may be empty; facts are then
 * untouched). sequence.target holds tags. Frequencies of symbols, tags and labels are counted as the sequences come
 * out. A block is checked whole before its first sequence comes out. RNN_DATA "name: zstd frame 3: ...". */
enum rnn_status rnn_stream_reader_next(struct rnn_stream_reader *reader, struct rnn_sequence *sequence,
                                       struct rnn_stream_facts *facts, bool *end,
                                       struct rnn_error *error) RNN_MUST_CHECK;

/* True if the next sequence is in the block at hand: no byte need be waited for. */
bool rnn_stream_reader_ready(const struct rnn_stream_reader *reader);

#endif
