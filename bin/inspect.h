/* rnn-inspect: what its views share. Each view is one function, with a row in the table of bin/rnn-inspect.c. */
#ifndef RNN_INSPECT_H
#define RNN_INSPECT_H

#include "model.h"
#include "options.h"
#include "output.h"
#include "stream.h"
#include "table.h"

struct inspect_plot;
struct inspect_picture;

struct inspect {
  struct rnn_options *options;
  const char *model;    /* -m, or NULL */
  const char **operand; /* [operands] after the name of the view */
  size_t operands;
  struct rnn_output *output;
  enum rnn_table_style style;
  bool terminal;               /* output is one */
  size_t most_parameters;      /* check, tensor: so many are checked; 0: the view's choice */
  struct rnn_setting *setting; /* [settings] --set: a new network */
  size_t settings;
  size_t most_sequences, most_steps; /* of the data; 0 steps: the view's choice */
  const char *show;                  /* which table of the view, or NULL */
  struct inspect_plot *plot;         /* or NULL */
  size_t step;                       /* --step, or SIZE_MAX */
  size_t layer;                      /* --layer; SIZE_MAX: the top one */
  bool every_column;                 /* set by the view: all columns of tags, not the first or that of --column */
  bool whole;                        /* set by the view: sequences, not what the model reads of them (max_steps) */
  bool reverse;                      /* --reverse: the backward direction */
  size_t index[3];                   /* --p, --q, --r, or SIZE_MAX */
  bool html, npy;
};

/* One of the tables of a view; those that can be drawn have a picture. A list of them ends with name = NULL. */
struct inspect_show {
  const char *name;
  const struct inspect_picture *picture;
};

/* The table that --show names; without it the first, or with --plot the first that can be drawn. */
enum rnn_status inspect_choose(const struct inspect *inspect, const struct inspect_show *shows, size_t *show,
                               struct rnn_error *error) RNN_MUST_CHECK;

/* Writes the table, and draws its picture (NULL: there is none, and --plot is RNN_USAGE). */
enum rnn_status inspect_write(const struct inspect *inspect, struct rnn_table *table,
                              const struct inspect_picture *picture, struct rnn_error *error) RNN_MUST_CHECK;

/* Fills in the top layer for --layer; RNN_USAGE where the network has no such layer or direction. */
enum rnn_status inspect_check_place(struct inspect *inspect, const struct rnn_shape *shape,
                                    struct rnn_error *error) RNN_MUST_CHECK;

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

/* Facts that views share: what the data is, and the least tau for shares of the gradient. */
struct inspect_data;
struct rnn_flow;
enum rnn_status inspect_add_data(struct rnn_table *table, const struct inspect_data *data,
                                 struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_add_tau(struct rnn_table *table, const struct rnn_flow *flow,
                                struct rnn_error *error) RNN_MUST_CHECK;

/* The views. */
enum rnn_status inspect_summary(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_history(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_vocabulary(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_labels(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_config(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_check(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_gradients(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_jacobians(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_tensor(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_states(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_saliency(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_diff(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status inspect_limits(struct inspect *inspect, struct rnn_error *error) RNN_MUST_CHECK;

#endif
