/* Which tag may follow which. */
#include "span.h"

#include <string.h>

static const real ruled_out = -20; /* exp of it is nothing beside any tagging that is allowed */

struct rnn_mark rnn_mark_of(const char *tag)
{
  if (tag == NULL || tag[0] == '\0')
    return (struct rnn_mark){'O', ""};
  const char *hyphen = strchr(tag, '-');
  return (struct rnn_mark){tag[0], hyphen == NULL ? "" : hyphen + 1};
}

static struct rnn_mark mark_of(const struct rnn_vocabulary *labels, int32_t label)
{
  size_t length;
  return rnn_mark_of(rnn_vocabulary_string(labels, label, &length));
}

/* True if a label was met that is one of these parts. */
static bool has_part(const struct rnn_vocabulary *labels, const char *parts)
{
  for (size_t i = 0; i < rnn_vocabulary_count(labels); i++)
    if (rnn_vocabulary_frequency(labels, (int32_t)i) > 0 && strchr(parts, mark_of(labels, (int32_t)i).part) != NULL)
      return true;
  return false;
}

bool rnn_span_marks(const struct rnn_vocabulary *labels)
{
  for (size_t i = 0; i < rnn_vocabulary_count(labels); i++) {
    size_t length;
    const char *bytes = rnn_vocabulary_string(labels, (int32_t)i, &length);
    if (rnn_vocabulary_frequency(labels, (int32_t)i) == 0 || (length == 1 && bytes[0] == 'O'))
      continue;
    if (length < 3 || bytes[1] != '-' || memchr("BIES", bytes[0], 4) == NULL)
      return false;
  }
  return has_part(labels, "BIES");
}

bool rnn_span_begins(const struct rnn_vocabulary *labels)
{
  return rnn_span_marks(labels) && has_part(labels, "B");
}

/* `ends`: E and S are among the marks, so that a span cannot end with B or I. */
static bool may_follow(struct rnn_mark before, struct rnn_mark mark, bool ends)
{
  bool open = before.part == 'B' || before.part == 'I', goes_on = mark.part == 'I' || mark.part == 'E';
  if (goes_on)
    return open && strcmp(before.type, mark.type) == 0;
  return !(open && ends);
}

static bool keeps_rules(const struct rnn_vocabulary *labels, bool ends, const int32_t *tag, size_t length)
{
  struct rnn_mark before = rnn_mark_of(NULL);
  for (size_t t = 0; t < length; t++) {
    if (tag[t] == RNN_ABSENT)
      return false;
    struct rnn_mark mark = mark_of(labels, tag[t]);
    if (!may_follow(before, mark, ends))
      return false;
    before = mark;
  }
  return may_follow(before, rnn_mark_of(NULL), ends);
}

void rnn_span_start(struct rnn_parameters *parameters, const struct rnn_vocabulary *labels,
                    const struct rnn_corpus *corpus)
{
  size_t k = parameters->shape.k;
  real *a = parameters->value + parameters->layout.a;
  bool ends = has_part(labels, "ES");
  const struct rnn_mark edge = rnn_mark_of(NULL);
  if (!rnn_span_marks(labels))
    return;
  for (size_t i = 0; i < corpus->count; i++)
    if (!keeps_rules(labels, ends, corpus->tag + corpus->begin[i], corpus->begin[i + 1] - corpus->begin[i]))
      return;
  for (size_t j = 0; j < k; j++) {
    struct rnn_mark mark = mark_of(labels, (int32_t)j);
    for (size_t i = 0; i < k; i++)
      if (!may_follow(mark_of(labels, (int32_t)i), mark, ends))
        a[i * k + j] = ruled_out;
    if (!may_follow(edge, mark, ends))
      a[k * k + j] = ruled_out;
    if (!may_follow(mark, edge, ends))
      a[(k + 1) * k + j] = ruled_out;
  }
}
