/* --test: predictions against the targets that came with the data; --confusion, --coverage and --fail-under. */
#ifndef RNN_SCORE_H
#define RNN_SCORE_H

#include <argp.h>

#include "confidence.h"
#include "interval.h"
#include "metric.h"
#include "model.h"
#include "nbest.h"
#include "options.h"
#include "output.h"
#include "record.h"
#include "table.h"

enum { RNN_KEY_TEST = 0x4100, RNN_KEY_CONFUSION, RNN_KEY_COVERAGE, RNN_KEY_FAIL_UNDER, RNN_MOST_CONDITIONS = 8 };

/* Rows for the options of a program that scores. */
#define RNN_SCORE_OPTIONS                                                                                              \
  {"test", RNN_KEY_TEST, NULL, 0, "compare with the targets in the data; print measures, not answers", 1},             \
      {"confusion", RNN_KEY_CONFUSION, "FILE", 0, "with --test: write how often each label was taken for each", 1},    \
      {"coverage",                                                                                                     \
       RNN_KEY_COVERAGE,                                                                                               \
       "FILE",                                                                                                         \
       0,                                                                                                              \
       "with --test: write how many answers --min-prob keeps, and how many of these are right",                        \
       1},                                                                                                             \
  {                                                                                                                    \
    "fail-under", RNN_KEY_FAIL_UNDER, "NAME=X", 0,                                                                     \
        "with --test: exit 1 if a measure is less: accuracy, macro_f1, entity_f1, of another column xpos.accuracy", 1  \
  }

/* What is counted of one column; of labels there is one. */
struct rnn_score_column {
  struct rnn_column labels; /* their numbers */
  struct rnn_metric *metric;
  struct rnn_entities entities;
  struct rnn_confidence confidence;
  struct rnn_interval accuracy, entity_f1; /* over records */
  uint64_t right, targets;                 /* of the present record */
  bool spans;                              /* tags mark spans */
};

struct rnn_score {
  bool test;
  const char *confusion, *coverage; /* files, or NULL */
  struct {
    const char *column; /* [column_bytes] "xpos" of "xpos.accuracy=0.9"; NULL: the first */
    size_t column_bytes;
    const char *measure;
    double least;
  } condition[RNN_MOST_CONDITIONS];
  size_t conditions;
  const struct rnn_model *model;
  size_t columns;
  struct rnn_score_column *column;  /* [columns] */
  struct rnn_output *table, *curve; /* --confusion, --coverage */
  /* storage for the tags of a sequence */
  const char **gold, **predicted;
  char *bytes;
  size_t capacity_gold, capacity_predicted, capacity_bytes;
};

/* For the parser of the program: answers ARGP_ERR_UNKNOWN for keys that are not of RNN_SCORE_OPTIONS. */
error_t rnn_score_parse(struct rnn_score *score, int key, const char *text, struct argp_state *state);

enum rnn_status rnn_score_open(struct rnn_score *score, const struct rnn_model *model,
                               struct rnn_error *error) RNN_MUST_CHECK;
void rnn_score_close(struct rnn_score *score); /* releases all that open has taken */

/* One target of a column and the answer (label RNN_ABSENT: there is none); `nats` = -log y[gold]. */
void rnn_score_add(struct rnn_score *score, size_t column, int32_t gold, const struct rnn_ranked *answer, double nats);
void rnn_score_end_record(struct rnn_score *score); /* after all its targets */

/* A column's tags of a whole sequence, for entities: as they came, and as they were predicted. */
enum rnn_status rnn_score_add_tags(struct rnn_score *score, size_t column, const struct rnn_slice *gold,
                                   const int32_t *predicted, size_t steps, struct rnn_error *error) RNN_MUST_CHECK;

/* The measures and, for each label, precision, recall and F1; of several columns with their names. RNN_NEGATIVE where
 * --fail-under says so. */
enum rnn_status rnn_score_write(struct rnn_score *score, struct rnn_output *output, const struct rnn_options *options,
                                struct rnn_error *error) RNN_MUST_CHECK;

/* How tables are to look: JSON with -J, aligned on a terminal, else tab-separated. */
enum rnn_table_style rnn_score_style(const struct rnn_options *options);

#endif
