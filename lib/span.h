/* Tags that mark spans: B-x begins one of type x and I-x goes on in it, O is outside (Ramshaw, Marcus 1995); with E-x,
 * its last step, and S-x, a span of one step, every span has an end of its own. */
#ifndef RNN_SPAN_H
#define RNN_SPAN_H

#include <stdbool.h>

#include "real.h"
#include "sequence.h"
#include "vocabulary.h"

/* A tag taken apart: "B-loc" is 'B' and "loc", which lies in it. No tag, before and after a sequence, counts as O. */
struct rnn_mark {
  char part;
  const char *type;
};
struct rnn_mark rnn_mark_of(const char *tag); /* NULL is allowed */

/* The tags of one column: a part of all labels. */
struct rnn_tags {
  const struct rnn_vocabulary *labels;
  struct rnn_column column; /* their numbers */
  size_t skip;              /* bytes before each tag's own, the column's name */
};

/* True if the tags met (frequency above zero) mark spans: all are O or begin with a letter of BIES and a hyphen, at
 * least one of them; and if one of these begins with B-. */
bool rnn_span_marks(const struct rnn_tags *tags);
bool rnn_span_begins(const struct rnn_tags *tags);

/* Lets A [k+2][k] of a network for these tags, column `column` of the corpus, begin with what the marks rule out, such
 * as I-x after O: it costs so much that no tagging has it, and training need not find out. Where the tags of the corpus
 * break a rule, A stays as it is. */
void rnn_span_start(real *a, const struct rnn_tags *tags, const struct rnn_corpus *corpus, size_t column);

#endif
