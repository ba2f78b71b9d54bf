/* What rnn-classify, rnn-tag and rnn-complete share: read records until a batch is full or the next byte would have to
 * be waited for, answer them, write the answers in order, and only then wait. */
#ifndef RNN_FILTER_H
#define RNN_FILTER_H

#include "answer.h"
#include "encode.h"
#include "model.h"
#include "options.h"
#include "pool.h"

struct rnn_filter {
  const struct rnn_options *options;
  struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_output *output;
  struct rnn_reader_settings reader; /* as the options and the model have it */
  struct rnn_answer_style style;
  /* set by the program before it runs */
  bool tabs_are_tsv; /* a TAB in the first line means tsv */
  size_t part_steps; /* where a format can, long sequences come in parts of at most so many steps; 0: never */
  bool live;         /* each part, even that of a short sequence, is a batch, and is answered at once */
  bool scores;       /* nothing is written for a record, so a bad one is not marked but left out */
  bool named;        /* at first as rnn_columns_choose has it */
  enum rnn_status (*answer)(struct rnn_filter *filter, struct rnn_error *error); /* answers and writes the batch */
  void *own;
  /* the batch at hand */
  struct rnn_encoder *encoder;
  const struct rnn_sequence *sequence; /* [count] */
  size_t count;
  uint64_t first; /* number of its first record, from 0 */
  /* of the loop */
  bool parts; /* the operand is read part by part */
  struct rnn_sequence *storage;
  size_t most_records;
  struct rnn_record *record; /* [most_records], of which the first `records` have been read into */
  size_t records;
  uint64_t bad; /* records that could not be read */
};

/* Reads the model, which must be one for this task (RNN_DATA: it says which program takes it), and opens the output. */
enum rnn_status rnn_filter_open(struct rnn_filter *filter, const struct rnn_options *options, enum rnn_task task,
                                struct rnn_error *error) RNN_MUST_CHECK;

/* Answers all records of all operands. */
enum rnn_status rnn_filter_run(struct rnn_filter *filter, struct rnn_error *error) RNN_MUST_CHECK;

/* True if record i of the batch, its last, is a part of a sequence: see record.continues, record.more. */
bool rnn_filter_is_part(const struct rnn_filter *filter, size_t i);

/* Ends the output in the way that `status` asks for, and releases everything. Answers `status`, a failed write, or
 * RNN_NEGATIVE if all went well but for records that could not be read, which --on-error let pass. */
enum rnn_status rnn_filter_close(struct rnn_filter *filter, enum rnn_status status,
                                 struct rnn_error *error) RNN_MUST_CHECK;

/* "file:line: " before the sentence of an error about record i of the batch. */
enum rnn_status rnn_filter_blame(const struct rnn_filter *filter, size_t i, struct rnn_error *error);

#endif
