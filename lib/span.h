/* Tags that mark spans: B-x begins one of type x and I-x goes on in it, O is outside (Ramshaw, Marcus 1995); with E-x,
 * its last step, and S-x, a span of one step, every span has an end of its own. */
#ifndef RNN_SPAN_H
#define RNN_SPAN_H

#include <stdbool.h>

#include "parameters.h"
#include "sequence.h"
#include "vocabulary.h"

/* A tag taken apart: "B-loc" is 'B' and "loc", which lies in it. No tag, before and after a sequence, counts as O. */
struct rnn_mark {
  char part;
  const char *type;
};
struct rnn_mark rnn_mark_of(const char *tag); /* NULL is allowed */

/* True if the labels met (frequency above zero) mark spans: all are O or begin with a letter of BIES and a hyphen, at
 * least one of them; and if one of these begins with B-. */
bool rnn_span_marks(const struct rnn_vocabulary *labels);
bool rnn_span_begins(const struct rnn_vocabulary *labels);

/* Lets output.A, of a network for `labels`, begin with what the marks rule out, such as I-x after O: it costs so much
 * that no tagging has it, and training need not find out. Where the tags of the corpus break a rule, A stays as it
 * is. */
void rnn_span_start(struct rnn_parameters *parameters, const struct rnn_vocabulary *labels,
                    const struct rnn_corpus *corpus);

#endif
