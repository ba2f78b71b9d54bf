/* Which tag may follow which. */
#include "span.h"

#include <string.h>

static const real ruled_out = -20; /* exp of it is nothing beside any tagging that is allowed */

struct mark {
  char part; /* B, I, E, S or O; also O: the edge of a sequence */
  const char *type;
  size_t length_bytes; /* of the type */
};

static const struct mark edge = {'O', "", 0};

static struct mark mark_of(const struct rnn_vocabulary *labels, int32_t label)
{
  size_t length;
  const char *bytes = rnn_vocabulary_string(labels, label, &length);
  return length < 3 ? edge : (struct mark){bytes[0], bytes + 2, length - 2};
}

bool rnn_span_marks(const struct rnn_vocabulary *labels)
{
  bool begins = false;
  for (size_t i = 0; i < rnn_vocabulary_count(labels); i++) {
    size_t length;
    const char *bytes = rnn_vocabulary_string(labels, (int32_t)i, &length);
    if (rnn_vocabulary_frequency(labels, (int32_t)i) == 0 || (length == 1 && bytes[0] == 'O'))
      continue;
    if (length < 3 || bytes[1] != '-' || memchr("BIES", bytes[0], 4) == NULL)
      return false;
    begins |= bytes[0] == 'B';
  }
  return begins;
}

/* True if E or S is among the marks, so that a span cannot end with B or I. */
static bool have_ends(const struct rnn_vocabulary *labels)
{
  for (size_t i = 0; i < rnn_vocabulary_count(labels); i++) {
    char part = mark_of(labels, (int32_t)i).part;
    if (part == 'E' || part == 'S')
      return true;
  }
  return false;
}

static bool may_follow(struct mark before, struct mark mark, bool ends)
{
  bool open = before.part == 'B' || before.part == 'I', goes_on = mark.part == 'I' || mark.part == 'E';
  if (goes_on)
    return open && before.length_bytes == mark.length_bytes && memcmp(before.type, mark.type, mark.length_bytes) == 0;
  return !(open && ends);
}

static bool keeps_rules(const struct rnn_vocabulary *labels, bool ends, const int32_t *tag, size_t length)
{
  struct mark before = edge;
  for (size_t t = 0; t < length; t++) {
    if (tag[t] == RNN_ABSENT)
      return false;
    struct mark mark = mark_of(labels, tag[t]);
    if (!may_follow(before, mark, ends))
      return false;
    before = mark;
  }
  return may_follow(before, edge, ends);
}

void rnn_span_start(struct rnn_parameters *parameters, const struct rnn_vocabulary *labels,
                    const struct rnn_corpus *corpus)
{
  size_t k = parameters->shape.k;
  real *a = parameters->value + parameters->layout.a;
  bool ends = have_ends(labels);
  if (!rnn_span_marks(labels))
    return;
  for (size_t i = 0; i < corpus->count; i++)
    if (!keeps_rules(labels, ends, corpus->tag + corpus->begin[i], corpus->begin[i + 1] - corpus->begin[i]))
      return;
  for (size_t j = 0; j < k; j++) {
    struct mark mark = mark_of(labels, (int32_t)j);
    for (size_t i = 0; i < k; i++)
      if (!may_follow(mark_of(labels, (int32_t)i), mark, ends))
        a[i * k + j] = ruled_out;
    if (!may_follow(edge, mark, ends))
      a[k * k + j] = ruled_out;
    if (!may_follow(mark, edge, ends))
      a[(k + 1) * k + j] = ruled_out;
  }
}
