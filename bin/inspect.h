/* rnn-inspect: what its views share. Each view is one function, with a row in the table of bin/rnn-inspect.c. */
#ifndef RNN_INSPECT_H
#define RNN_INSPECT_H

#include "model.h"
#include "options.h"
#include "output.h"
#include "stream.h"
#include "table.h"

struct inspect {
  struct rnn_options *options;
  const char *model;    /* -m, or NULL */
  const char **operand; /* [operands] after the name of the view */
  size_t operands;
  struct rnn_output *output;
  enum rnn_table_style style;
  size_t most_parameters; /* check: of each tensor; 0: all */
};

/* What an operand, -m or standard input holds, told by its content: one of the two is not NULL. */
struct inspect_source {
  const char *name; /* for messages */
  struct rnn_input *input;
  struct rnn_model *model;
  struct rnn_stream_reader *stream;
};

/* Opens the only operand, else -m, else standard input, else (where that is a terminal) $RNN_MODEL. */
enum rnn_status inspect_open(const struct inspect *inspect, struct inspect_source *source,
                             struct rnn_error *error) RNN_MUST_CHECK;
/* Opens what `name` holds. */
enum rnn_status inspect_open_name(const char *name, struct inspect_source *source,
                                  struct rnn_error *error) RNN_MUST_CHECK;
void inspect_close(struct inspect_source *source);

/* As inspect_open, but a stream is RNN_DATA. */
enum rnn_status inspect_open_model(const struct inspect *inspect, struct inspect_source *source,
                                   struct rnn_error *error) RNN_MUST_CHECK;

/* Reads a stream to its end. `facts` may be NULL. */
struct inspect_counts {
  uint64_t sequences, steps;
  size_t shortest, longest;
};
enum rnn_status inspect_read_stream(struct inspect_source *source, struct rnn_stream_facts *facts,
                                    struct inspect_counts *counts, struct rnn_error *error) RNN_MUST_CHECK;

/* Rows of a list of facts. */
enum rnn_status inspect_fact(struct rnn_table *table, const char *name, const char *text,
                             struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_fact_count(struct rnn_table *table, const char *name, uint64_t count,
                                   struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_fact_real(struct rnn_table *table, const char *name, double number,
                                  struct rnn_error *error) RNN_MUST_CHECK;

/* The views. */
enum rnn_status inspect_summary(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_history(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_vocabulary(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_labels(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_config(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_check(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_diff(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_limits(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;

#endif
