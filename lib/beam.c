/* Beam search and drawing, one step at a time. */
#include "beam.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "vocabulary.h"

#define ROOT UINT32_MAX /* the empty completion */

struct rnn_node {
  uint32_t parent;
  int32_t symbol;
};

/* A way on: a living hypothesis and a symbol. */
struct rnn_candidate {
  double log_probability;
  size_t parent;
  int32_t symbol;
};

enum rnn_status rnn_beam_init(struct rnn_beam *beam, const struct rnn_completion_settings *settings, int32_t stop,
                              int32_t unknown, struct rnn_error *error)
{
  enum rnn_status status;
  size_t width = settings->sample || settings->beam < settings->top ? settings->top : settings->beam;
  /* Each living hypothesis has at most two ways to stop: among so many there are always `width` that go on. */
  size_t most_candidates = settings->sample ? width : 3 * width;
  *beam = (struct rnn_beam){
      .settings = settings, .stop = stop, .unknown = unknown, .width = width, .most_candidates = most_candidates};
  RNN_TRY(rnn_memory_new(&beam->living, width, sizeof *beam->living, "hypotheses", error));
  RNN_TRY(rnn_memory_new(&beam->heirs, width, sizeof *beam->heirs, "hypotheses", error));
  RNN_TRY(rnn_memory_new(&beam->done, settings->top, sizeof *beam->done, "hypotheses", error));
  RNN_TRY(rnn_memory_new(&beam->candidate, most_candidates, sizeof *beam->candidate, "candidates", error));
  RNN_TRY(rnn_memory_new(&beam->random, settings->sample ? width : 0, sizeof *beam->random, "draws", error));
  RNN_TRY(rnn_memory_new(&beam->completion, settings->top, sizeof *beam->completion, "completions", error));
out:
  return status;
}

void rnn_beam_clear(struct rnn_beam *beam)
{
  rnn_memory_free(beam->living);
  rnn_memory_free(beam->heirs);
  rnn_memory_free(beam->done);
  rnn_memory_free(beam->candidate);
  rnn_memory_free(beam->node);
  rnn_memory_free(beam->random);
  rnn_memory_free(beam->completion);
  rnn_memory_free(beam->symbol);
  *beam = (struct rnn_beam){0};
}

void rnn_beam_start(struct rnn_beam *beam, uint64_t index, size_t lane)
{
  beam->nodes = beam->dones = beam->candidates = 0;
  beam->lives = beam->settings->sample ? beam->width : 1;
  for (size_t i = 0; i < beam->lives; i++) {
    beam->living[i] = (struct rnn_hypothesis){.node = ROOT, .lane = lane, .number = i};
    if (beam->settings->sample)
      rnn_random_init(&beam->random[i], beam->settings->seed, RNN_PURPOSE_SAMPLE, (uint32_t)i, index);
  }
}

/* Keeps the candidates sorted; among equals the earlier one, which is the better parent or the lower symbol, stays
 * before. */
static void note(struct rnn_beam *beam, struct rnn_candidate fresh)
{
  size_t place = beam->candidates;
  while (place > 0 && beam->candidate[place - 1].log_probability < fresh.log_probability)
    place--;
  if (place == beam->most_candidates)
    return;
  size_t moved = beam->candidates - place;
  if (beam->candidates == beam->most_candidates)
    moved--;
  else
    beam->candidates++;
  memmove(&beam->candidate[place + 1], &beam->candidate[place], moved * sizeof fresh);
  beam->candidate[place] = fresh;
}

/* A probability below this cannot become a candidate of `parent`: spares most of the logarithms. */
static double least_probability(const struct rnn_beam *beam, const struct rnn_hypothesis *parent)
{
  if (beam->candidates < beam->most_candidates)
    return 0.0;
  return exp(beam->candidate[beam->candidates - 1].log_probability - parent->log_probability) * (1.0 - 1e-9);
}

static void note_best(struct rnn_beam *beam, size_t i, size_t k, const real *y)
{
  const struct rnn_hypothesis *parent = &beam->living[i];
  double least = least_probability(beam, parent);
  for (size_t j = 0; j < k; j++) {
    if (!((double)y[j] > least) || (int32_t)j == beam->unknown)
      continue;
    note(beam, (struct rnn_candidate){
                   .log_probability = parent->log_probability + log((double)y[j]), .parent = i, .symbol = (int32_t)j});
    least = least_probability(beam, parent);
  }
}

/* y^(1/temperature), relative to that of the most probable symbol. */
static double weight(const struct rnn_beam *beam, real y, real highest)
{
  if (beam->settings->temperature == 1.0)
    return (double)y;
  return y > 0 ? exp(log((double)y / (double)highest) / beam->settings->temperature) : 0.0;
}

static void draw(struct rnn_beam *beam, size_t i, size_t k, const real *y)
{
  const struct rnn_hypothesis *parent = &beam->living[i];
  real highest = 0;
  for (size_t j = 0; j < k; j++)
    if ((int32_t)j != beam->unknown && y[j] > highest)
      highest = y[j];
  double total = 0.0;
  for (size_t j = 0; j < k; j++)
    total += (int32_t)j == beam->unknown ? 0.0 : weight(beam, y[j], highest);
  double left = total * rnn_random_uniform(&beam->random[parent->number]);
  size_t drawn = 0;
  for (size_t j = 0; j < k; j++) {
    double share = (int32_t)j == beam->unknown ? 0.0 : weight(beam, y[j], highest);
    if (share <= 0.0)
      continue;
    drawn = j;
    if (left < share)
      break;
    left -= share;
  }
  double log_probability = parent->log_probability + log((double)y[drawn]);
  beam->candidate[beam->candidates++] =
      (struct rnn_candidate){.log_probability = log_probability, .parent = i, .symbol = (int32_t)drawn};
}

void rnn_beam_take(struct rnn_beam *beam, size_t lane, size_t k, const real *y)
{
  for (size_t i = 0; i < beam->lives; i++)
    if (beam->living[i].lane == lane) {
      if (beam->settings->sample)
        draw(beam, i, k, y);
      else
        note_best(beam, i, k, y);
    }
}

static void add_done(struct rnn_beam *beam, struct rnn_hypothesis hypothesis)
{
  size_t top = beam->settings->top, place = beam->dones;
  if (beam->settings->sample)
    place = hypothesis.number;
  else
    while (place > 0 && beam->done[place - 1].log_probability < hypothesis.log_probability)
      place--;
  if (place == top)
    return;
  if (!beam->settings->sample) {
    size_t moved = (beam->dones < top ? beam->dones : top - 1) - place;
    memmove(&beam->done[place + 1], &beam->done[place], moved * sizeof hypothesis);
  }
  beam->done[place] = hypothesis;
  if (beam->dones < top)
    beam->dones++;
}

/* The hypothesis that a candidate makes, with a node of its own. */
static enum rnn_status extend(struct rnn_beam *beam, const struct rnn_candidate *candidate, struct rnn_hypothesis *heir,
                              struct rnn_error *error)
{
  enum rnn_status status;
  *heir = beam->living[candidate->parent];
  RNN_TRY(
      rnn_memory_grow(&beam->node, &beam->capacity_nodes, beam->nodes + 1, sizeof *beam->node, "hypotheses", error));
  beam->node[beam->nodes] = (struct rnn_node){.parent = heir->node, .symbol = candidate->symbol};
  heir->node = (uint32_t)beam->nodes++;
  heir->length++;
  heir->log_probability = candidate->log_probability;
out:
  return status;
}

/* True if no living hypothesis can still come among the best: probabilities only fall. */
static bool is_settled(const struct rnn_beam *beam)
{
  return !beam->settings->sample && beam->dones == beam->settings->top && beam->lives > 0 &&
         beam->done[beam->dones - 1].log_probability >= beam->living[0].log_probability;
}

enum rnn_status rnn_beam_advance(struct rnn_beam *beam, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t heirs = 0;
  for (size_t i = 0; i < beam->candidates && (i < beam->width || heirs < beam->width); i++) {
    const struct rnn_candidate *candidate = &beam->candidate[i];
    bool stops = candidate->symbol == beam->stop ||
                 (beam->settings->stop != RNN_ABSENT && candidate->symbol == beam->settings->stop);
    if (stops && i < beam->width) {
      struct rnn_hypothesis done = beam->living[candidate->parent];
      done.log_probability = candidate->log_probability;
      done.stopped = true;
      add_done(beam, done);
    } else if (!stops && heirs < beam->width) {
      RNN_TRY(extend(beam, candidate, &beam->heirs[heirs++], error));
    }
  }
  struct rnn_hypothesis *parents = beam->living;
  beam->living = beam->heirs;
  beam->heirs = parents;
  beam->lives = heirs;
  beam->candidates = 0;
  if (is_settled(beam))
    beam->lives = 0;
out:
  return status;
}

int32_t rnn_beam_last(const struct rnn_beam *beam, size_t living)
{
  return beam->node[beam->living[living].node].symbol;
}

enum rnn_status rnn_beam_finish(struct rnn_beam *beam, struct rnn_error *error)
{
  enum rnn_status status;
  size_t symbols = 1; /* so that an empty completion points somewhere too */
  for (size_t i = 0; i < beam->lives; i++)
    add_done(beam, beam->living[i]);
  beam->lives = 0;
  for (size_t i = 0; i < beam->dones; i++)
    symbols += beam->done[i].length;
  RNN_TRY(rnn_memory_grow(&beam->symbol, &beam->capacity_symbols, symbols, sizeof *beam->symbol, "completions", error));
  int32_t *end = beam->symbol;
  for (size_t i = 0; i < beam->dones; i++) {
    const struct rnn_hypothesis *done = &beam->done[i];
    beam->completion[i] = (struct rnn_completion){
        .symbol = end, .length = done->length, .log_probability = done->log_probability, .stopped = done->stopped};
    uint32_t node = done->node;
    for (size_t step = done->length; step-- > 0; node = beam->node[node].parent)
      end[step] = beam->node[node].symbol;
    end += done->length;
  }
out:
  return status;
}
