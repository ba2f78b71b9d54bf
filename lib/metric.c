/* Counting answers: everything is read off one matrix of counts. */
#include "metric.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "memory.h"
#include "span.h"

struct rnn_metric {
  size_t k;
  uint64_t count, known; /* known: with a gold label of the model */
  double nats;
  uint64_t *cell; /* [k+1][k+1] gold, predicted */
};

enum rnn_status rnn_metric_create(struct rnn_metric **metric, size_t k, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_metric *fresh = NULL;
  *metric = NULL;
  size_t cells;
  if (!rnn_size_multiply(k + 1, k + 1, &cells))
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: a confusion matrix of %zu labels", k);
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a confusion matrix", error));
  fresh->k = k;
  RNN_TRY(rnn_memory_new(&fresh->cell, cells, sizeof *fresh->cell, "a confusion matrix", error));
  *metric = fresh;
  fresh = NULL;
out:
  rnn_metric_free(fresh);
  return status;
}

void rnn_metric_free(struct rnn_metric *metric)
{
  if (metric == NULL)
    return;
  rnn_memory_free(metric->cell);
  rnn_memory_free(metric);
}

static size_t place(const struct rnn_metric *metric, int32_t label)
{
  return label == RNN_ABSENT ? metric->k : (size_t)label;
}

void rnn_metric_add(struct rnn_metric *metric, int32_t gold, int32_t predicted, double nats)
{
  metric->cell[place(metric, gold) * (metric->k + 1) + place(metric, predicted)]++;
  metric->count++;
  metric->known += gold != RNN_ABSENT;
  metric->nats += nats;
}

void rnn_metric_merge(struct rnn_metric *metric, const struct rnn_metric *more)
{
  for (size_t i = 0; i < (metric->k + 1) * (metric->k + 1); i++)
    metric->cell[i] += more->cell[i];
  metric->count += more->count;
  metric->known += more->known;
  metric->nats += more->nats;
}

uint64_t rnn_metric_count(const struct rnn_metric *metric)
{
  return metric->count;
}

uint64_t rnn_metric_cell(const struct rnn_metric *metric, size_t gold, size_t predicted)
{
  return metric->cell[gold * (metric->k + 1) + predicted];
}

static double ratio(uint64_t part, uint64_t whole)
{
  return whole == 0 ? NAN : (double)part / (double)whole;
}

double rnn_metric_accuracy(const struct rnn_metric *metric)
{
  uint64_t correct = 0;
  for (size_t label = 0; label < metric->k; label++)
    correct += rnn_metric_cell(metric, label, label);
  return ratio(correct, metric->count);
}

double rnn_metric_mean_nats(const struct rnn_metric *metric)
{
  return metric->known == 0 ? NAN : metric->nats / (double)metric->known;
}

static uint64_t gold_count(const struct rnn_metric *metric, size_t label)
{
  uint64_t sum = 0;
  for (size_t predicted = 0; predicted <= metric->k; predicted++)
    sum += rnn_metric_cell(metric, label, predicted);
  return sum;
}

static uint64_t predicted_count(const struct rnn_metric *metric, size_t label)
{
  uint64_t sum = 0;
  for (size_t gold = 0; gold <= metric->k; gold++)
    sum += rnn_metric_cell(metric, gold, label);
  return sum;
}

double rnn_metric_precision(const struct rnn_metric *metric, size_t label)
{
  return ratio(rnn_metric_cell(metric, label, label), predicted_count(metric, label));
}

double rnn_metric_recall(const struct rnn_metric *metric, size_t label)
{
  return ratio(rnn_metric_cell(metric, label, label), gold_count(metric, label));
}

double rnn_metric_f1(const struct rnn_metric *metric, size_t label)
{
  return ratio(2 * rnn_metric_cell(metric, label, label), gold_count(metric, label) + predicted_count(metric, label));
}

double rnn_metric_macro_f1(const struct rnn_metric *metric)
{
  double sum = 0;
  size_t labels = 0;
  for (size_t label = 0; label < metric->k; label++)
    if (gold_count(metric, label) > 0) {
      sum += rnn_metric_f1(metric, label);
      labels++;
    }
  return labels == 0 ? NAN : sum / (double)labels;
}

static bool outside(struct rnn_mark tag)
{
  return tag.part == 'O';
}

static bool begins(struct rnn_mark before, struct rnn_mark tag)
{
  if (outside(tag))
    return false;
  return tag.part == 'B' || tag.part == 'S' || outside(before) || before.part == 'E' || before.part == 'S' ||
         strcmp(before.type, tag.type) != 0;
}

/* The entities of one side as they are walked through: where the open one began. */
struct walker {
  const char *const *tags;
  struct rnn_mark before;
  size_t begin;
};

enum { NO_ENTITY = 0 };

/* Goes to step t; *ended is the entity that the step before was the last of: its first step + 1, or NO_ENTITY. */
static struct rnn_mark walk(struct walker *walker, size_t t, size_t length, size_t *ended)
{
  struct rnn_mark last = walker->before;
  struct rnn_mark tag = t < length ? rnn_mark_of(walker->tags[t]) : rnn_mark_of(NULL);
  bool begun = begins(last, tag);
  *ended = outside(last) || (!begun && !outside(tag)) ? NO_ENTITY : walker->begin + 1;
  if (begun)
    walker->begin = t;
  walker->before = tag;
  return last;
}

void rnn_entities_add(struct rnn_entities *entities, const char *const *gold, const char *const *predicted,
                      size_t length)
{
  struct walker right = {.tags = gold, .before = rnn_mark_of(NULL)},
                told = {.tags = predicted, .before = rnn_mark_of(NULL)};
  for (size_t t = 0; t <= length; t++) {
    size_t right_ended, told_ended;
    struct rnn_mark right_last = walk(&right, t, length, &right_ended);
    struct rnn_mark told_last = walk(&told, t, length, &told_ended);
    entities->gold += right_ended != NO_ENTITY;
    entities->predicted += told_ended != NO_ENTITY;
    entities->correct +=
        right_ended != NO_ENTITY && right_ended == told_ended && strcmp(right_last.type, told_last.type) == 0;
  }
}

double rnn_entities_precision(const struct rnn_entities *entities)
{
  return ratio(entities->correct, entities->predicted);
}

double rnn_entities_recall(const struct rnn_entities *entities)
{
  return ratio(entities->correct, entities->gold);
}

double rnn_entities_f1(const struct rnn_entities *entities)
{
  return ratio(2 * entities->correct, entities->gold + entities->predicted);
}
