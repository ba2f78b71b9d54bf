/* Sequences of numbers from any input: text formats cut into symbols, streams as they stand, one file after another.
 *
 * Numbers are given by first occurrence, so raw input, its stream, and two streams laid end to end give the same. */
#ifndef RNN_SOURCE_H
#define RNN_SOURCE_H

#include "reader.h"
#include "sequence.h"
#include "stream.h"

enum rnn_on_error { RNN_ON_ERROR_FAIL, RNN_ON_ERROR_MARK, RNN_ON_ERROR_SKIP }; /* --on-error: a bad record */

struct rnn_source_settings {
  const char *const *name; /* [names] of the inputs; "-": standard input */
  size_t names;
  const struct rnn_format *format; /* NULL: to be guessed, */
  bool stream;                     /* unless all are streams */
  struct rnn_reader_settings reader;
  struct rnn_input_settings input;
  struct rnn_text text; /* how raw text is cut and pictures are measured (not as reader.size has it); */
  bool text_given;      /* streams cut in another way are refused; else labelled single words are cut into characters */
  enum rnn_on_error on_error;
  struct rnn_spool *spool; /* of rnn_dataset_read: where a large corpus lies; NULL: in memory */
  void (*complain)(void *context, const char *sentence); /* of each record marked or skipped; NULL: silence */
  void *context;
};

struct rnn_source;

/* The names and the strings in the settings must outlive the source. */
enum rnn_status rnn_source_create(struct rnn_source **source, const struct rnn_source_settings *settings,
                                  struct rnn_error *error) RNN_MUST_CHECK;
void rnn_source_free(struct rnn_source *source); /* NULL is allowed */

/* They grow as sequences are read, with frequencies. */
struct rnn_vocabulary *rnn_source_symbols(struct rnn_source *source);
struct rnn_vocabulary *rnn_source_labels(struct rnn_source *source);

/* The next sequence, valid until the next call, and what all of them are; *end is true when there is none. A marked
 * record is a sequence of length 0 without a label. RNN_DATA "name:line: ..." for a bad record one unlike those
 * before (a label missing, frames of another width), or one that is not, and cannot be, cut as settings.text says. */
enum rnn_status rnn_source_next(struct rnn_source *source, struct rnn_sequence *sequence,
                                struct rnn_stream_facts *facts, bool *end, struct rnn_error *error) RNN_MUST_CHECK;

/* Puts the place of the sequence last read before the sentence of an error about it; answers error->status. */
enum rnn_status rnn_source_blame(const struct rnn_source *source, struct rnn_error *error);

size_t rnn_source_bad(const struct rnn_source *source); /* records marked or skipped so far */

#endif
