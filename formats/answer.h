/* Answers as text, CoNLL-U, columns or JSON Lines: one record out for each record in. In tab-separated output, tabs and
 * line ends inside a label or token become blanks. Specified in formats/answer.md. */
#ifndef RNN_ANSWER_H
#define RNN_ANSWER_H

#include "encode.h"
#include "output.h"

struct rnn_answer_style {
  bool json;        /* one object a line */
  bool probability; /* beside each label */
  bool key;         /* the record's key stands first */
  bool labels_only; /* tags of a record on one line, without its tokens */
  bool echo;        /* tags go into the record's own lines where it has places for them (conllu, columns); else token
                       TAB tag */
  bool misc;        /* with echo: probabilities go into the last column, as Prob= (conllu) */
  bool open;        /* the last record may go on elsewhere: the end of its tags is not written */
  const struct rnn_columns *columns; /* of tags; NULL: one */
  char record_end;
};

struct rnn_answer_label {
  struct rnn_slice text; /* bytes NULL: no answer */
  double probability;
};

/* A line for record i: its labels, best first. step > 0: the running label after so many steps, whose number stands
 * before it. */
enum rnn_status rnn_answer_write_labels(struct rnn_output *output, const struct rnn_answer_style *style,
                                        const struct rnn_encoder *encoder, size_t i, size_t step,
                                        const struct rnn_answer_label *label, size_t count,
                                        struct rnn_error *error) RNN_MUST_CHECK;

/* The tags of record i: several paths, best first, or one. Of several columns of tags one path holds all. */
struct rnn_answer_path {
  const struct rnn_answer_label *tag;   /* [columns][T] */
  double probability[RNN_MOST_COLUMNS]; /* of all tags of a column together */
};
/* With style->open the end of a record whose steps have a line each is left to rnn_answer_write_end. */
enum rnn_status rnn_answer_write_tags(struct rnn_output *output, const struct rnn_answer_style *style,
                                      const struct rnn_encoder *encoder, size_t i, const struct rnn_answer_path *path,
                                      size_t paths, struct rnn_error *error) RNN_MUST_CHECK;

enum rnn_status rnn_answer_write_end(struct rnn_output *output, const struct rnn_answer_style *style,
                                     struct rnn_error *error) RNN_MUST_CHECK;

/* A line for each completion: the whole text, what was given included. */
struct rnn_answer_completion {
  struct rnn_slice text;
  double probability; /* of what was added */
  bool stopped;
};
enum rnn_status rnn_answer_write_completions(struct rnn_output *output, const struct rnn_answer_style *style,
                                             const struct rnn_encoder *encoder, size_t i, struct rnn_slice prefix,
                                             const struct rnn_answer_completion *completion, size_t count,
                                             struct rnn_error *error) RNN_MUST_CHECK;

/* A line with one number for record i, called `name` in JSON; NAN: none. */
enum rnn_status rnn_answer_write_score(struct rnn_output *output, const struct rnn_answer_style *style,
                                       const struct rnn_encoder *encoder, size_t i, const char *name, double value,
                                       struct rnn_error *error) RNN_MUST_CHECK;

/* A growing text. */
struct rnn_answer_text {
  char *bytes; /* freed with rnn_memory_free */
  size_t length_bytes, capacity;
};
enum rnn_status rnn_answer_append(struct rnn_answer_text *text, const char *bytes, size_t length_bytes,
                                  struct rnn_error *error) RNN_MUST_CHECK;

/* Appends a symbol to a text of this level: words stand apart. */
enum rnn_status rnn_answer_append_symbol(struct rnn_answer_text *text, enum rnn_level level, struct rnn_slice symbol,
                                         struct rnn_error *error) RNN_MUST_CHECK;

#endif
