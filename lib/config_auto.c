/* What `auto` becomes: defaults by task and size of the corpus. */
#include "config.h"

#include <stdio.h>
#include <string.h>

static void decide(int64_t *value, int64_t decided)
{
  if (*value == RNN_AUTO)
    *value = decided;
}

static void decide_choice(int *value, int decided)
{
  if (*value == RNN_AUTO)
    *value = decided;
}

static void decide_real(double *value, double decided)
{
  if (*value == RNN_AUTO)
    *value = decided;
}

static void decide_cell(struct rnn_config *config, const char *cell)
{
  if (strcmp(config->cell, "auto") == 0)
    snprintf(config->cell, sizeof config->cell, "%s", cell);
}

static void decide_network(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  enum { LARGE_STEPS = 20000 }; /* enough for words met once to teach what an unknown word is like */
  bool words = facts->words && !facts->frames;
  decide_cell(config, "elman");
  decide(&config->state, 128);
  decide(&config->layers, 1);
  decide_choice(&config->bidirectional, 0);
  decide(&config->embedding, !words ? 0 : facts->task == RNN_TAG ? 100 : 64);
  decide_choice(&config->initial, config->activation == RNN_RELU ? RNN_INITIAL_IDENTITY : RNN_INITIAL_ORTHOGONAL);
  decide(&config->min_count, words && facts->steps >= LARGE_STEPS ? 2 : 1);
  decide(&config->max_steps, 0);
}

/* Epochs for at least `least` updates in all, where the data are few. */
static int64_t enough_epochs(const struct rnn_config *config, const struct rnn_corpus_facts *facts, int64_t epochs,
                             uint64_t least)
{
  enum { MOST_EPOCHS = 1000 };
  uint64_t an_epoch = facts->sequences / (uint64_t)config->batch + 1;
  if (facts->task == RNN_COMPLETE && config->bptt != RNN_FULL) {
    uint64_t cut = facts->steps / (uint64_t)(config->batch * config->bptt) + 1;
    an_epoch = cut > an_epoch ? cut : an_epoch;
  }
  uint64_t wanted = least / an_epoch;
  if (wanted > MOST_EPOCHS)
    wanted = MOST_EPOCHS;
  return (int64_t)wanted > epochs ? (int64_t)wanted : epochs;
}

static void decide_training(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  static const double rates[] = {[RNN_SGD] = 0.3, [RNN_MOMENTUM] = 0.05, [RNN_ADAM] = 0.002};
  static const double norms[] = {[RNN_COMPLETE] = 1, [RNN_TAG] = 5, [RNN_CLASSIFY] = 1};
  static const int64_t epochs[] = {[RNN_COMPLETE] = 20, [RNN_TAG] = 10, [RNN_CLASSIFY] = 8};
  static const double dropouts[] = {[RNN_COMPLETE] = 0, [RNN_TAG] = 0.3, [RNN_CLASSIFY] = 0.3};
  enum { LEAST_UPDATES = 600 };
  bool large = facts->sequences >= 1000;
  decide(&config->bptt, facts->task == RNN_COMPLETE ? 64 : RNN_FULL);
  decide_real(&config->learning_rate, rates[config->optimizer]);
  decide_choice(&config->schedule, RNN_COSINE);
  decide_real(&config->clip_norm, norms[facts->task]);
  decide(&config->batch, facts->task == RNN_TAG ? 16 : 32);
  decide(&config->epochs, enough_epochs(config, facts, epochs[facts->task], LEAST_UPDATES));
  decide(&config->patience, config->epochs / 4 > 5 ? config->epochs / 4 : 5);
  decide_real(&config->dropout, large ? dropouts[facts->task] : 0);
  decide_real(&config->dropout_input, config->dropout);
  decide_real(&config->dropout_layer, config->dropout);
  decide_real(&config->dropout_output, config->dropout);
  decide_real(&config->word_dropout, facts->task == RNN_TAG && config->min_count > 1 && !facts->frames ? 0.05 : 0);
}

enum rnn_status rnn_config_resolve(struct rnn_config *config, const struct rnn_corpus_facts *facts,
                                   struct rnn_error *error)
{
  if (config->bidirectional == 1 && facts->task == RNN_COMPLETE)
    return rnn_error_set(error, RNN_BAD_CONFIG,
                         "bidirectional: completion predicts the next symbol, so it cannot read from the end");
  if (facts->frames && config->embedding > 0)
    return rnn_error_set(error, RNN_BAD_CONFIG, "embedding: frames have none; only symbols have");
  if (facts->frames && config->word_dropout > 0)
    return rnn_error_set(error, RNN_BAD_CONFIG, "word_dropout: frames are no symbols that could be unknown");
  if (config->bidirectional == 1 && config->bptt > 0)
    return rnn_error_set(error, RNN_BAD_CONFIG, "bptt: a bidirectional network needs bptt: full");
  decide_network(config, facts);
  decide_training(config, facts);
  return RNN_OK;
}

enum rnn_status rnn_config_keep_network(const struct rnn_config *old, struct rnn_config *config,
                                        struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    char was[RNN_CONFIG_TEXT_BYTES], is[RNN_CONFIG_TEXT_BYTES];
    rnn_config_get(old, key, was, sizeof was);
    rnn_config_get(config, key, is, sizeof is);
    if (strcmp(key->group, "network") != 0 || strcmp(was, is) == 0)
      continue;
    if (strcmp(is, "auto") != 0)
      return rnn_error_set(error, RNN_BAD_CONFIG, "%s: the model has %s, which cannot become %s", key->name, was, is);
    RNN_TRY(rnn_config_set(config, key->name, was, error));
  }
out:
  return status;
}
