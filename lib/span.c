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

/* Tag j of the column. */
static const char *string_of(const struct rnn_tags *tags, size_t j, size_t *length)
{
  const char *label = rnn_vocabulary_string(tags->labels, (int32_t)(tags->column.first + j), length);
  *length -= tags->skip;
  return label + tags->skip;
}

static struct rnn_mark mark_of(const struct rnn_tags *tags, size_t j)
{
  size_t length;
  return rnn_mark_of(string_of(tags, j, &length));
}

static bool is_met(const struct rnn_tags *tags, size_t j)
{
  return rnn_vocabulary_frequency(tags->labels, (int32_t)(tags->column.first + j)) > 0;
}

/* True if a tag was met that is one of these parts. */
static bool has_part(const struct rnn_tags *tags, const char *parts)
{
  for (size_t j = 0; j < tags->column.k; j++)
    if (is_met(tags, j) && strchr(parts, mark_of(tags, j).part) != NULL)
      return true;
  return false;
}

bool rnn_span_marks(const struct rnn_tags *tags)
{
  for (size_t j = 0; j < tags->column.k; j++) {
    size_t length;
    const char *bytes = string_of(tags, j, &length);
    if (!is_met(tags, j) || (length == 1 && bytes[0] == 'O'))
      continue;
    if (length < 3 || bytes[1] != '-' || memchr("BIES", bytes[0], 4) == NULL)
      return false;
  }
  return has_part(tags, "BIES");
}

bool rnn_span_begins(const struct rnn_tags *tags)
{
  return rnn_span_marks(tags) && has_part(tags, "B");
}

/* `ends`: E and S are among the marks, so that a span cannot end with B or I. */
static bool may_follow(struct rnn_mark before, struct rnn_mark mark, bool ends)
{
  bool open = before.part == 'B' || before.part == 'I', goes_on = mark.part == 'I' || mark.part == 'E';
  if (goes_on)
    return open && strcmp(before.type, mark.type) == 0;
  return !(open && ends);
}

/* The tags of a sequence of the corpus. */
static bool keeps_rules(const struct rnn_tags *tags, bool ends, const struct rnn_corpus *corpus, size_t column,
                        size_t sequence)
{
  size_t columns = rnn_columns_count(&corpus->columns);
  struct rnn_mark before = rnn_mark_of(NULL);
  for (size_t t = corpus->begin[sequence]; t < corpus->begin[sequence + 1]; t++) {
    int32_t tag = corpus->tag[t * columns + column];
    if (tag == RNN_ABSENT)
      return false;
    struct rnn_mark mark = mark_of(tags, (size_t)tag - tags->column.first);
    if (!may_follow(before, mark, ends))
      return false;
    before = mark;
  }
  return may_follow(before, rnn_mark_of(NULL), ends);
}

void rnn_span_start(real *a, const struct rnn_tags *tags, const struct rnn_corpus *corpus, size_t column)
{
  size_t k = tags->column.k;
  bool ends = has_part(tags, "ES");
  const struct rnn_mark edge = rnn_mark_of(NULL);
  if (!rnn_span_marks(tags))
    return;
  for (size_t i = 0; i < corpus->count; i++)
    if (!keeps_rules(tags, ends, corpus, column, i))
      return;
  for (size_t j = 0; j < k; j++) {
    struct rnn_mark mark = mark_of(tags, j);
    for (size_t i = 0; i < k; i++)
      if (!may_follow(mark_of(tags, i), mark, ends))
        a[i * k + j] = ruled_out;
    if (!may_follow(edge, mark, ends))
      a[k * k + j] = ruled_out;
    if (!may_follow(mark, edge, ends))
      a[(k + 1) * k + j] = ruled_out;
  }
}
