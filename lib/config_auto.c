/* What `auto` becomes: defaults by task and size of the corpus. */
#include "config.h"

#include <math.h>
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

/* Updates in all that so many epochs make. */
static double updates_of(const struct rnn_config *config, const struct rnn_corpus_facts *facts, int64_t epochs)
{
  double an_epoch = (double)facts->sequences / (double)config->batch + 1;
  if (facts->task == RNN_COMPLETE && config->bptt != RNN_FULL)
    an_epoch = fmax(an_epoch, (double)facts->steps / (double)(config->batch * config->bptt) + 1);
  return an_epoch * (double)epochs;
}

/* Epochs for at least `least` updates in all, where the data are few. */
static int64_t enough_epochs(const struct rnn_config *config, const struct rnn_corpus_facts *facts, int64_t epochs,
                             double least)
{
  enum { MOST_EPOCHS = 1000 };
  double wanted = least / updates_of(config, facts, 1);
  return wanted < MOST_EPOCHS ? (int64_t)fmax(wanted, (double)epochs) : MOST_EPOCHS;
}

enum { LEAST_UPDATES = 600 };

/* The decay of averaged weights that forgets within so many updates. */
static double average_over(double updates)
{
  return updates > 1000 ? 0.999 : updates > 1 ? floor((1 - 1 / updates) * 1e4) / 1e4 : 0;
}

/* ---- each task ---- */

/* Chosen on Shakespeare alone (whole, by lines, and the first 50,000 characters).
 * Epochs fall with the size, so that time grows less than the data do, and few data are not learnt by heart. */
static void decide_completion(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  const double millions = (double)facts->steps / 1e6;
  const bool small = facts->steps < 100000;
  enum { MANY_SYMBOLS = 10000 };
  decide_cell(config, "gru");
  decide(&config->state, small ? 128 : 256);
  decide(&config->layers, 1);
  decide(&config->embedding, config->tied ? config->state : facts->words ? 128 : 0);
  decide(&config->bptt, 64);
  decide(&config->batch, 32);
  decide_real(&config->clip_norm, 1);
  decide(&config->epochs,
         enough_epochs(config, facts, (int64_t)fmax(2, round(10 * pow(millions, -0.3))), LEAST_UPDATES));
  decide(&config->sampled_softmax, facts->symbols >= MANY_SYMBOLS ? 1000 : 0);
  decide_real(&config->dropout, millions < 0.5 ? 0.3 : 0.2);
  if (config->optimizer == RNN_ADAM)
    decide_real(&config->learning_rate, 0.005);
  decide_real(&config->average, average_over(updates_of(config, facts, config->epochs) / 20));
}

/* Symbols to tag: chosen on English parts of speech (12,544 sentences, 2,000 and 500 of them), on chunks (8,043) and on
 * slots of questions (4,478). Epochs fall with the number of sentences; many sentences are worth a larger network.
 * Weights that have learnt already are changed in smaller steps, and their words are relied upon less. */
static void decide_tagged_symbols(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  const double thousands = (double)facts->sequences / 1e3;
  decide_cell(config, "lstm");
  decide(&config->state, thousands < 5 ? 100 : 200);
  decide_choice(&config->bidirectional, true);
  decide(&config->embedding, facts->words ? 64 : 32);
  decide_choice(&config->features, facts->words && config->embedding > 0);
  decide(&config->epochs,
         enough_epochs(config, facts, (int64_t)fmin(30, fmax(5, round(45 * pow(thousands, -0.6)))), LEAST_UPDATES));
  if (config->dropout == RNN_AUTO)
    decide_real(&config->dropout_input, facts->sequences < 50 ? 0 : facts->begun ? 0.4 : 0.25);
  decide_real(&config->dropout, facts->sequences < 50 ? 0 : 0.5);
  decide_real(&config->word_dropout, facts->begun ? 0.15 : config->min_count > 1 ? 0.05 : 0);
  if (config->optimizer == RNN_ADAM)
    decide_real(&config->learning_rate, facts->begun ? 0.002 : 0.005);
  decide_real(&config->average, average_over(updates_of(config, facts, config->epochs) / 5));
}

static void decide_tagging(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  decide(&config->bptt, RNN_FULL);
  decide(&config->batch, facts->sequences < 5000 ? 16 : 32);
  decide_real(&config->clip_norm, 5);
  decide_choice(&config->output, facts->spans && config->bptt == RNN_FULL ? RNN_OUTPUT_CRF : RNN_OUTPUT_SOFTMAX);
  if (!facts->frames)
    decide_tagged_symbols(config, facts);
  decide_cell(config, "elman");
  decide(&config->state, 128);
  decide(&config->layers, 1);
  decide_choice(&config->bidirectional, false);
  decide(&config->embedding, 0);
  decide(&config->epochs, enough_epochs(config, facts, 10, LEAST_UPDATES));
  decide_real(&config->dropout, facts->sequences >= 1000 ? 0.3 : 0);
  decide_real(&config->word_dropout, 0);
}

/* Texts: chosen on film reviews (2,000 and 22,500 of them) and on first names. Every state is read, for what a text is
 * about may stand anywhere in it. */
static void decide_texts(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  const double millions = (double)facts->steps / 1e6;
  decide_cell(config, "gru");
  decide(&config->state, 64);
  decide(&config->embedding, facts->words ? 64 : 32);
  decide_choice(&config->pooling, RNN_POOL_MEAN_MAX);
  decide(&config->wide, 1000000);
  decide(&config->epochs,
         enough_epochs(config, facts, (int64_t)fmin(10, fmax(3, round(7 * pow(millions, -0.3)))), LEAST_UPDATES));
  decide_real(&config->dropout, facts->sequences < 1000 ? 0.2 : facts->words ? 0.5 : 0.3);
  decide_real(&config->average, average_over(updates_of(config, facts, config->epochs) / 20));
}

static void decide_classification(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  decide(&config->bptt, RNN_FULL);
  decide(&config->batch, 32);
  decide_real(&config->clip_norm, 1);
  if (!facts->frames)
    decide_texts(config, facts);
  decide_cell(config, "elman");
  decide(&config->state, 128);
  decide(&config->layers, 1);
  decide_choice(&config->bidirectional, false);
  decide(&config->embedding, 0);
  decide(&config->epochs, enough_epochs(config, facts, 8, LEAST_UPDATES));
  decide_real(&config->dropout, facts->sequences >= 1000 ? 0.3 : 0);
}

/* ---- frames ---- */

/* Of all tasks. Chosen on joints and depth videos of 431 actions and joints of 129 yoga exercises, each with people
 * left out. */
static void decide_frames(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  bool whole = config->bptt == RNN_AUTO || config->bptt == RNN_FULL;
  decide(&config->joints, (int64_t)facts->joints);
  decide_choice(&config->motion, RNN_MOTION_VELOCITY);
  decide_choice(&config->standardise, true);
  decide_real(&config->rotation, whole && config->joints > 0 ? 30 : 0);
  decide_real(&config->viewpoint, whole && facts->pictures ? 0.12 : 0);
  decide_real(&config->time_warp, whole ? 0.5 : 0);
}

/* Seen from another side each time, few videos are read often; many, which show more sides themselves, less. */
static int64_t epochs_of_pictures(const struct rnn_corpus_facts *facts)
{
  return (int64_t)fmin(240, fmax(30, round(240 * sqrt(400 / (double)facts->sequences))));
}

static void decide_frame_classification(struct rnn_config *config, const struct rnn_corpus_facts *facts)
{
  decide_cell(config, "gru");
  decide(&config->state, 128);
  decide_choice(&config->pooling, RNN_POOL_ATTENTION);
  decide(&config->batch, 16);
  decide(&config->epochs,
         enough_epochs(config, facts, facts->pictures ? epochs_of_pictures(facts) : 60, LEAST_UPDATES));
  decide_real(&config->dropout, config->joints > 0 ? 0.3 : 0.5);
}

bool rnn_config_changes_frames(const struct rnn_config *config)
{
  return config->time_warp > 0 || config->frame_dropout > 0 || config->frame_noise > 0 || config->rotation > 0 ||
         config->viewpoint > 0 || config->mirror != RNN_MIRROR_NONE;
}

static enum rnn_status check_frames(const struct rnn_config *config, const struct rnn_corpus_facts *facts,
                                    struct rnn_error *error)
{
  bool changed = rnn_config_changes_frames(config);
  bool shaped = config->joints > 0 || config->motion > RNN_MOTION_NONE || config->standardise == 1;
  if (!facts->frames && (changed || shaped))
    return rnn_error_set(error, RNN_BAD_CONFIG, "%s: of frames alone, and these are symbols",
                         shaped ? "joints, motion and standardise"
                                : "time_warp, frame_dropout, frame_noise, rotation, viewpoint and mirror");
  if (changed && config->bptt > 0)
    return rnn_error_set(
        error, RNN_BAD_CONFIG,
        "bptt: frames are warped, left out, turned, moved, mirrored or made noisy with bptt: full alone");
  if (config->rotation > 0 && config->joints == 0)
    return rnn_error_set(error, RNN_BAD_CONFIG, "rotation: only joints can be turned");
  if (config->viewpoint > 0 && !facts->pictures)
    return rnn_error_set(error, RNN_BAD_CONFIG, "viewpoint: only pictures of a video can be seen from elsewhere");
  if (config->joints > 0 && facts->pictures)
    return rnn_error_set(error, RNN_BAD_CONFIG, "joints: a picture has none");
  if (config->mirror != RNN_MIRROR_NONE && config->joints == 0 && !(facts->pictures && config->mirror == RNN_MIRROR_X))
    return rnn_error_set(error, RNN_BAD_CONFIG, "mirror: only joints can be mirrored, and pictures, by x");
  return RNN_OK;
}

/* ---- all of them ---- */

static void decide_rest(struct rnn_config *config)
{
  static const double rates[] = {[RNN_SGD] = 0.3, [RNN_MOMENTUM] = 0.05, [RNN_ADAM] = 0.002};
  decide_choice(&config->bidirectional, false);
  decide_choice(&config->output, RNN_OUTPUT_SOFTMAX);
  decide_choice(&config->pooling, RNN_POOL_LAST);
  decide_choice(&config->features, false);
  decide_choice(&config->initial, config->activation == RNN_RELU ? RNN_INITIAL_IDENTITY : RNN_INITIAL_ORTHOGONAL);
  decide(&config->wide, 0);
  decide(&config->max_steps, 0);
  decide_real(&config->learning_rate, rates[config->optimizer]);
  decide_choice(&config->schedule, RNN_COSINE);
  decide(&config->patience, config->epochs / 4 > 5 ? config->epochs / 4 : 5);
  decide_real(&config->dropout_input, config->dropout);
  decide_real(&config->dropout_layer, config->dropout);
  decide_real(&config->dropout_output, config->dropout);
  decide_real(&config->word_dropout, 0);
  decide(&config->joints, 0);
  decide_choice(&config->motion, RNN_MOTION_NONE);
  decide_choice(&config->standardise, false);
  decide_real(&config->time_warp, 0);
  decide_real(&config->frame_dropout, 0);
  decide_real(&config->frame_noise, 0);
  decide_real(&config->rotation, 0);
  decide_real(&config->viewpoint, 0);
  decide(&config->sampled_softmax, 0);
  decide_real(&config->average, 0);
}

/* What training may make of the loss is a matter of single targets with a label. */
static enum rnn_status check_objective(const struct rnn_config *config, const struct rnn_corpus_facts *facts,
                                       struct rnn_error *error)
{
  const char *key = config->class_weights != RNN_WEIGHTS_NONE ? "class_weights"
                    : config->label_smoothing > 0             ? "label_smoothing"
                                                              : NULL;
  if (key != NULL && facts->task == RNN_COMPLETE)
    return rnn_error_set(error, RNN_BAD_CONFIG, "%s: only labels and tags have it", key);
  if (key != NULL && config->output == RNN_OUTPUT_CRF)
    return rnn_error_set(error, RNN_BAD_CONFIG, "%s: a chain of tags is learnt as a whole; output: softmax has it",
                         key);
  return RNN_OK;
}

enum rnn_status rnn_config_resolve(struct rnn_config *config, const struct rnn_corpus_facts *facts,
                                   struct rnn_error *error)
{
  enum { LARGE_STEPS = 20000 }; /* enough for words met once to teach what an unknown word is like */
  static void (*const decide_task[])(struct rnn_config *, const struct rnn_corpus_facts *) = {
      [RNN_COMPLETE] = decide_completion, [RNN_TAG] = decide_tagging, [RNN_CLASSIFY] = decide_classification};
  if (config->bidirectional == 1 && facts->task == RNN_COMPLETE)
    return rnn_error_set(error, RNN_BAD_CONFIG,
                         "bidirectional: completion predicts the next symbol, so it cannot read from the end");
  if (facts->frames && config->embedding > 0)
    return rnn_error_set(error, RNN_BAD_CONFIG, "embedding: frames have none; only symbols have");
  if (facts->frames && config->word_dropout > 0)
    return rnn_error_set(error, RNN_BAD_CONFIG, "word_dropout: frames are no symbols that could be unknown");
  if (config->features == 1 &&
      (facts->frames || !facts->words || facts->task == RNN_COMPLETE || config->embedding == 0))
    return rnn_error_set(error, RNN_BAD_CONFIG, "features: words to tag or to classify, with an embedding, have them");
  if (config->wide > 0 && (facts->task != RNN_CLASSIFY || facts->frames))
    return rnn_error_set(error, RNN_BAD_CONFIG, "wide: only texts to classify have n-grams");
  if (config->sampled_softmax > 0 && facts->task != RNN_COMPLETE)
    return rnn_error_set(error, RNN_BAD_CONFIG, "sampled_softmax: only completion has so many classes");
  if (config->bptt > 0)
    decide_choice(&config->bidirectional, false);
  if (config->bidirectional == 1 && config->bptt > 0)
    return rnn_error_set(error, RNN_BAD_CONFIG, "bptt: a bidirectional network needs bptt: full");
  if (config->output == RNN_OUTPUT_CRF && (facts->task != RNN_TAG || config->bptt > 0))
    return rnn_error_set(error, RNN_BAD_CONFIG, "output: crf is for tags, over whole sequences (bptt: full)");
  decide(&config->min_count, facts->words && !facts->frames && facts->steps >= LARGE_STEPS ? 2 : 1);
  if (facts->frames)
    decide_frames(config, facts);
  if (facts->frames && facts->task == RNN_CLASSIFY)
    decide_frame_classification(config, facts);
  decide_task[facts->task](config, facts);
  decide_rest(config);
  if (config->adversarial > 0 && (facts->frames || config->embedding == 0))
    return rnn_error_set(error, RNN_BAD_CONFIG, "adversarial: it moves the vectors of symbols, of an embedding");
  if (check_objective(config, facts, error) != RNN_OK)
    return RNN_BAD_CONFIG;
  return check_frames(config, facts, error);
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

/* What its weights are made for; the rest of the network may differ. */
static const char *const of_pretrained[] = {"cell", "activation", "state", "embedding", "start", "min_count", NULL};

enum rnn_status rnn_config_start_from(const struct rnn_config *pretrained, struct rnn_config *config,
                                      struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  rnn_config_init(config);
  for (size_t i = 0; of_pretrained[i] != NULL; i++) {
    char text[RNN_CONFIG_TEXT_BYTES];
    rnn_config_get(pretrained, rnn_config_find_key(of_pretrained[i]), text, sizeof text);
    RNN_TRY(rnn_config_set(config, of_pretrained[i], text, error));
  }
out:
  return status;
}

enum rnn_status rnn_config_check_start(const struct rnn_config *pretrained, const struct rnn_config *config,
                                       struct rnn_error *error)
{
  for (size_t i = 0; of_pretrained[i] != NULL; i++) {
    const struct rnn_key *key = rnn_config_find_key(of_pretrained[i]);
    char was[RNN_CONFIG_TEXT_BYTES], is[RNN_CONFIG_TEXT_BYTES];
    rnn_config_get(pretrained, key, was, sizeof was);
    rnn_config_get(config, key, is, sizeof is);
    if (strcmp(key->name, "min_count") != 0 && strcmp(was, is) != 0)
      return rnn_error_set(error, RNN_BAD_CONFIG, "%s: the model to start from has %s, its weights do not fit %s",
                           key->name, was, is);
  }
  return RNN_OK;
}
