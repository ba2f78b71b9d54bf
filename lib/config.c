/* The table of keys: names, ranges and help, and how a value is read and written. */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct rnn_config, name)

static const char *const activation_choices[] = {"tanh", "logistic", "relu", NULL};
static const char *const start_choices[] = {"zero", "learned", NULL};
static const char *const initial_choices[] = {"uniform", "orthogonal", "identity", NULL};
static const char *const pooling_choices[] = {"last", "mean", "max", "mean-max", "attention", NULL};
static const char *const motion_choices[] = {"none", "velocity", "acceleration", NULL};
static const char *const mirror_choices[] = {"none", "x", "kinect", "mediapipe", "coco", NULL};
static const char *const output_choices[] = {"softmax", "crf", NULL};
static const char *const weights_choices[] = {"none", "balanced", NULL};
static const char *const kept_choices[] = {"last", "first", "ends", NULL};
static const char *const optimizer_choices[] = {"sgd", "momentum", "adam", NULL};
static const char *const storage_choices[] = {"float32", "float16", NULL};
static const char *const schedule_choices[] = {"constant", "linear", "cosine", "exponential", "plateau", NULL};

static const double most_seed = 9007199254740992.0; /* 2^53: exact as a double too */

const struct rnn_key rnn_keys[] = {
    /* name, type, field, default, least, most, choices, zero, automatic, argument, help, group */
    {"cell", RNN_KEY_TEXT, FIELD(cell), "auto", 0, 0, NULL, NULL, true, "NAME",
     "the recurrent cell: elman, gru, lstm, sru, mingru or indrnn", "network"},
    {"activation", RNN_KEY_CHOICE, FIELD(activation), "tanh", 0, 0, activation_choices, NULL, false, "F",
     "f of the cells elman and indrnn: tanh, logistic or relu", "network"},
    {"state", RNN_KEY_INTEGER, FIELD(state), "auto", 1, 65536, NULL, NULL, true, "D", "d, the size of the hidden state",
     "network"},
    {"layers", RNN_KEY_INTEGER, FIELD(layers), "auto", 1, 16, NULL, NULL, true, "N", "layers, one above the other",
     "network"},
    {"bidirectional", RNN_KEY_BOOL, FIELD(bidirectional), "auto", 0, 1, NULL, NULL, true, "BOOL",
     "read the sequence from its end too", "network"},
    {"residual", RNN_KEY_BOOL, FIELD(residual), "false", 0, 1, NULL, NULL, false, "BOOL",
     "layers above the first add what they read to their states", "network"},
    {"embedding", RNN_KEY_INTEGER, FIELD(embedding), "auto", 1, 65536, NULL, "none", true, "E",
     "width of the embedding of symbols; none: one-hot", "network"},
    {"tied", RNN_KEY_BOOL, FIELD(tied), "false", 0, 1, NULL, NULL, false, "BOOL",
     "completion: the embedding is V too, so that e = d", "network"},
    {"features", RNN_KEY_BOOL, FIELD(features), "auto", 0, 1, NULL, NULL, true, "BOOL",
     "words are known by their spelling too: beginnings, ends, pieces, shape", "network"},
    {"start", RNN_KEY_CHOICE, FIELD(start), "zero", 0, 0, start_choices, NULL, false, "S0",
     "the start state s_0: zero or learned", "network"},
    {"initial", RNN_KEY_CHOICE, FIELD(initial), "auto", 0, 0, initial_choices, NULL, true, "HOW",
     "what W is at first: uniform, orthogonal or identity", "network"},
    {"initial_gain", RNN_KEY_REAL, FIELD(initial_gain), "1", 0, 100, NULL, NULL, false, "FACTOR",
     "W at first is multiplied by it", "network"},
    {"pooling", RNN_KEY_CHOICE, FIELD(pooling), "auto", 0, 0, pooling_choices, NULL, true, "HOW",
     "what a sequence is classified by: its last state, or mean, max, mean-max or attention over all", "network"},
    {"joints", RNN_KEY_INTEGER, FIELD(joints), "auto", 3, 4, NULL, "none", true, "N",
     "frames are joints of a body, of 3 numbers (x, y, z) or 4 (and a confidence); none: of other numbers", "network"},
    {"motion", RNN_KEY_CHOICE, FIELD(motion), "auto", 0, 0, motion_choices, NULL, true, "HOW",
     "what frames are read with: none, their velocity, or their velocity and acceleration", "network"},
    {"standardise", RNN_KEY_BOOL, FIELD(standardise), "auto", 0, 1, NULL, NULL, true, "BOOL",
     "bring the numbers of frames to mean 0 and deviation 1", "network"},
    {"output", RNN_KEY_CHOICE, FIELD(output), "auto", 0, 0, output_choices, NULL, true, "HOW",
     "tags are judged one by one (softmax) or as a chain (crf); auto: crf for BIO tags", "network"},
    {"min_count", RNN_KEY_INTEGER, FIELD(min_count), "auto", 1, 1e9, NULL, NULL, true, "N",
     "symbols met less often become the unknown symbol", "network"},
    {"wide", RNN_KEY_INTEGER, FIELD(wide), "auto", 1, 4194304, NULL, "none", true, "N",
     "texts are classified by n-grams too: at most so many weights of them are kept", "network"},
    {"max_steps", RNN_KEY_INTEGER, FIELD(max_steps), "auto", 1, 134217728, NULL, "all", true, "STEPS",
     "classification reads at most so many steps of a sequence", "training"},
    {"kept", RNN_KEY_CHOICE, FIELD(kept), "last", 0, 0, kept_choices, NULL, false, "WHICH",
     "of a sequence of more steps: the last, the first, or half of them at each end (ends)", "training"},

    {"bptt", RNN_KEY_INTEGER, FIELD(bptt), "auto", 1, 134217728, NULL, "full", true, "STEPS",
     "steps that gradients go back: tau, or full", "training"},
    {"optimizer", RNN_KEY_CHOICE, FIELD(optimizer), "adam", 0, 0, optimizer_choices, NULL, false, "NAME",
     "sgd, momentum or adam", "training"},
    {"learning_rate", RNN_KEY_REAL, FIELD(learning_rate), "auto", 0, 100, NULL, NULL, true, "RATE",
     "the highest learning rate", "training"},
    {"momentum", RNN_KEY_REAL, FIELD(momentum), "0.9", 0, 0.999999, NULL, NULL, false, "SHARE",
     "momentum: share of the step before", "training"},
    {"beta1", RNN_KEY_REAL, FIELD(beta1), "0.9", 0, 0.999999, NULL, NULL, false, "SHARE",
     "adam: decay of the mean gradient", "training"},
    {"beta2", RNN_KEY_REAL, FIELD(beta2), "0.999", 0, 0.999999, NULL, NULL, false, "SHARE",
     "adam: decay of the mean square", "training"},
    {"epsilon", RNN_KEY_REAL, FIELD(epsilon), "1e-08", 1e-30, 1, NULL, NULL, false, "NUMBER",
     "adam: is added to the root mean square", "training"},
    {"weight_decay", RNN_KEY_REAL, FIELD(weight_decay), "0", 0, 1, NULL, NULL, false, "RATE",
     "weights shrink by it times the learning rate an update", "training"},
    {"schedule", RNN_KEY_CHOICE, FIELD(schedule), "auto", 0, 0, schedule_choices, NULL, true, "NAME",
     "of the learning rate: constant, linear, cosine, exponential or plateau", "training"},
    {"decay", RNN_KEY_REAL, FIELD(decay), "0.5", 1e-6, 1, NULL, NULL, false, "FACTOR",
     "exponential: factor an epoch; plateau: factor where validation gains nothing", "training"},
    {"warmup_updates", RNN_KEY_INTEGER, FIELD(warmup_updates), "0", 0, 1e9, NULL, NULL, false, "N",
     "updates in which the learning rate rises from 0", "training"},
    {"clip_norm", RNN_KEY_REAL, FIELD(clip_norm), "auto", 1e-9, 1e9, NULL, "none", true, "NORM",
     "greatest global norm of the gradient", "training"},
    {"batch", RNN_KEY_INTEGER, FIELD(batch), "auto", 1, 65536, NULL, NULL, true, "SEQUENCES", "sequences an update",
     "training"},
    {"epochs", RNN_KEY_INTEGER, FIELD(epochs), "auto", 1, 1000000, NULL, NULL, true, "EPOCHS",
     "most passes over the data", "training"},
    {"patience", RNN_KEY_INTEGER, FIELD(patience), "auto", 1, 1000000, NULL, "none", true, "EPOCHS",
     "stop when validation gains nothing for so many epochs", "training"},
    {"max_time", RNN_KEY_DURATION, FIELD(max_time_sec), "none", 0.001, 1e9, NULL, "none", false, "TIME",
     "stop after 30s, 10m, 2h, ...", "training"},
    {"dropout", RNN_KEY_REAL, FIELD(dropout), "auto", 0, 0.95, NULL, NULL, true, "SHARE",
     "share of the units left out in training", "training"},
    {"dropout_input", RNN_KEY_REAL, FIELD(dropout_input), "auto", 0, 0.95, NULL, NULL, true, "SHARE",
     "of those of frames and embeddings; auto: dropout", "training"},
    {"dropout_layer", RNN_KEY_REAL, FIELD(dropout_layer), "auto", 0, 0.95, NULL, NULL, true, "SHARE",
     "of what the layers above the first read; auto: dropout", "training"},
    {"dropout_output", RNN_KEY_REAL, FIELD(dropout_output), "auto", 0, 0.95, NULL, NULL, true, "SHARE",
     "of what the output reads; auto: dropout", "training"},
    {"word_dropout", RNN_KEY_REAL, FIELD(word_dropout), "auto", 0, 0.95, NULL, NULL, true, "SHARE",
     "share of the symbols read as the unknown symbol", "training"},
    {"time_warp", RNN_KEY_REAL, FIELD(time_warp), "auto", 0, 4, NULL, NULL, true, "SHARE",
     "sequences of frames are read up to so much faster or slower; 0.5: up to half", "training"},
    {"frame_dropout", RNN_KEY_REAL, FIELD(frame_dropout), "auto", 0, 0.95, NULL, NULL, true, "SHARE",
     "share of the frames that are left out", "training"},
    {"frame_noise", RNN_KEY_REAL, FIELD(frame_noise), "auto", 0, 10, NULL, NULL, true, "SIZE",
     "deviation of noise, in sizes of the body, greys of 0 to 255 or the deviations of the numbers", "training"},
    {"rotation", RNN_KEY_REAL, FIELD(rotation), "auto", 0, 180, NULL, NULL, true, "DEGREES",
     "joints are turned up to so far about the vertical axis, y", "training"},
    {"viewpoint", RNN_KEY_REAL, FIELD(viewpoint), "auto", 0, 1, NULL, NULL, true, "SHARE",
     "half of the videos are seen from up to so much nearer or farther, and half of that from beside", "training"},
    {"mirror", RNN_KEY_CHOICE, FIELD(mirror), "none", 0, 0, mirror_choices, NULL, false, "BODY",
     "half of the sequences are seen in a mirror: joints of kinect, mediapipe, coco; x: their sides stay, pictures",
     "training"},
    {"class_weights", RNN_KEY_CHOICE, FIELD(class_weights), "none", 0, 0, weights_choices, NULL, false, "HOW",
     "labels and tags count alike in training, or each class as much as any other (balanced)", "training"},
    {"label_smoothing", RNN_KEY_REAL, FIELD(label_smoothing), "0", 0, 0.5, NULL, NULL, false, "SHARE",
     "share of each label or tag that training gives to all classes alike", "training"},
    {"other_columns", RNN_KEY_REAL, FIELD(other_columns), "0.3", 0.001, 1000, NULL, NULL, false, "WEIGHT",
     "of several columns of tags: what those after the first count in training, beside the first", "training"},
    {"adversarial", RNN_KEY_REAL, FIELD(adversarial), "0", 0, 1, NULL, NULL, false, "SHARE",
     "training moves the vectors of each sequence against itself, by so much of their length; over twice the time",
     "training"},
    {"sampled_softmax", RNN_KEY_INTEGER, FIELD(sampled_softmax), "auto", 1, 1e6, NULL, "none", true, "N",
     "completion trains against N symbols drawn for each window; none: against all", "training"},
    {"average", RNN_KEY_REAL, FIELD(average), "auto", 0, 0.999999, NULL, NULL, true, "DECAY",
     "decay of averaged weights an update; 0: no averaging", "training"},
    {"storage", RNN_KEY_CHOICE, FIELD(storage), "float32", 0, 0, storage_choices, NULL, false, "TYPE",
     "of the weights in the model: float32 or float16, half the size", "training"},
    {"seed", RNN_KEY_INTEGER, FIELD(seed), "1", 0, most_seed, NULL, NULL, false, "N", "seed of all random numbers",
     "training"},
    {0}};

void rnn_config_init(struct rnn_config *config)
{
  memset(config, 0, sizeof *config);
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    enum rnn_status status = rnn_config_set(config, key->name, key->initial, NULL);
    assert(status == RNN_OK); /* else a row of the table above is wrong, and the test of every row fails */
    (void)status;
  }
}

/* ---- names ---- */

static char plain(char c)
{
  return c == '-' ? '_' : c;
}

const struct rnn_key *rnn_config_find_key(const char *name)
{
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    size_t i = 0;
    while (name[i] != '\0' && plain(name[i]) == key->name[i])
      i++;
    if (name[i] == '\0' && key->name[i] == '\0')
      return key;
  }
  return NULL;
}

/* What other tools call it. */
static const struct {
  const char *name, *key;
} synonyms[] = {{"hidden", "state"},
                {"hidden_size", "state"},
                {"units", "state"},
                {"size", "state"},
                {"nonlinearity", "activation"},
                {"rnn", "cell"},
                {"lr", "learning_rate"},
                {"eta", "learning_rate"},
                {"batch_size", "batch"},
                {"clip", "clip_norm"},
                {"gradient_clip", "clip_norm"},
                {"tau", "bptt"},
                {"truncate", "bptt"},
                {"scheduler", "schedule"},
                {"algorithm", "optimizer"},
                {"embedding_size", "embedding"},
                {"num_layers", "layers"},
                {"tie_weights", "tied"},
                {"class_weight", "class_weights"},
                {"smoothing", "label_smoothing"},
                {"time_limit", "max_time"},
                {"early_stopping", "patience"},
                {"random_seed", "seed"}};

enum { MOST_NAME_BYTES = 64 };

/* Edit distance (Levenshtein 1966) of the first MOST_NAME_BYTES of each. */
static size_t distance(const char *a, const char *b)
{
  size_t row[MOST_NAME_BYTES + 1], n = strnlen(b, MOST_NAME_BYTES);
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 1; i <= MOST_NAME_BYTES && a[i - 1] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= n; j++) {
      size_t best = diagonal + (plain(a[i - 1]) == b[j - 1] ? 0 : 1);
      if (row[j] + 1 < best)
        best = row[j] + 1;
      if (row[j - 1] + 1 < best)
        best = row[j - 1] + 1;
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[n];
}

const char *rnn_config_nearest_key(const char *name)
{
  const char *nearest = rnn_keys[0].name;
  size_t least = SIZE_MAX;
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    size_t d = distance(name, key->name);
    if (d < least) {
      least = d;
      nearest = key->name;
    }
  }
  for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++) {
    size_t d = distance(name, synonyms[i].name);
    if (d < least) {
      least = d;
      nearest = synonyms[i].key;
    }
  }
  return nearest;
}

/* ---- values as text ---- */

/* A decimal number and nothing else: no blanks, no hexadecimal, no nan. */
static bool parse_real(const char *text, double *value)
{
  size_t length = strlen(text);
  if (length == 0 || strspn(text, "0123456789+-.eE") != length || strpbrk(text, "0123456789") == NULL)
    return false;
  char *end;
  *value = strtod(text, &end);
  return *end == '\0' && __builtin_isfinite(*value);
}

static bool parse_integer(const char *text, int64_t *value)
{
  size_t digits = strspn(text + (*text == '-'), "0123456789");
  if (digits == 0 || digits > 18 || text[digits + (*text == '-')] != '\0')
    return false;
  *value = strtoll(text, NULL, 10);
  return true;
}

static bool parse_duration(const char *text, double *seconds)
{
  static const struct {
    const char *name;
    double sec;
  } units[] = {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
  char number[RNN_CONFIG_TEXT_BYTES];
  size_t length = strlen(text), digits = strspn(text, "0123456789.");
  if (length >= sizeof number || digits == 0)
    return false;
  memcpy(number, text, digits);
  number[digits] = '\0';
  if (!parse_real(number, seconds))
    return false;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
    if (strcmp(text + digits, units[i].name) == 0) {
      *seconds *= units[i].sec;
      return true;
    }
  return false;
}

/* The fewest digits that read back exactly, with an exponent for small and huge numbers alone. */
static void print_real(double value, char *text, size_t size_bytes)
{
  int digits = 1;
  do
    snprintf(text, size_bytes, "%.*g", digits, value);
  while (strtod(text, NULL) != value && digits++ < 17);
  while (value >= 1 && strchr(text, 'e') != NULL && digits < 15)
    snprintf(text, size_bytes, "%.*g", ++digits, value);
}

static void print_duration(double seconds, char *text, size_t size_bytes)
{
  int decimals = 0;
  do
    snprintf(text, size_bytes, "%.*fs", decimals, seconds);
  while (strtod(text, NULL) != seconds && decimals++ < 18);
}

static void set_text(char *field, const char *text, bool *good)
{
  size_t length = strlen(text);
  *good = length > 0 && length < RNN_CELL_NAME_BYTES && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
  if (*good)
    memcpy(field, text, length + 1);
}

static bool find_choice(const struct rnn_key *key, const char *text, int *place)
{
  for (int i = 0; key->choices[i] != NULL; i++)
    if (strcmp(key->choices[i], text) == 0) {
      *place = i;
      return true;
    }
  return false;
}

/* What a value may be, for a message. */
static void describe(const struct rnn_key *key, char *text, size_t size_bytes)
{
  char low[RNN_CONFIG_TEXT_BYTES], high[RNN_CONFIG_TEXT_BYTES];
  size_t used = 0;
  print_real(key->least, low, sizeof low);
  print_real(key->most, high, sizeof high);
  switch (key->type) {
  case RNN_KEY_TEXT:
    snprintf(text, size_bytes, "a short name in lower case");
    break;
  case RNN_KEY_BOOL:
    snprintf(text, size_bytes, "true or false");
    break;
  case RNN_KEY_INTEGER:
    snprintf(text, size_bytes, "a whole number from %s to %s", low, high);
    break;
  case RNN_KEY_REAL:
    snprintf(text, size_bytes, "a number from %s to %s", low, high);
    break;
  case RNN_KEY_DURATION:
    snprintf(text, size_bytes, "a time such as 500ms, 30s, 10m or 2h");
    break;
  case RNN_KEY_CHOICE:
    text[0] = '\0';
    for (size_t i = 0; key->choices[i] != NULL; i++) {
      used = strlen(text);
      snprintf(text + used, size_bytes - used, "%s%s", i > 0 ? ", " : "one of ", key->choices[i]);
    }
  }
  used = strlen(text);
  snprintf(text + used, size_bytes - used, "%s%s%s", key->zero != NULL ? ", or " : "",
           key->zero != NULL ? key->zero : "", key->automatic ? ", or auto" : "");
}

/* A number into its field, whatever the field's type; into a text, which has but one, RNN_AUTO. */
static void store(void *field, const struct rnn_key *key, int64_t integer, double number)
{
  if (key->type == RNN_KEY_REAL || key->type == RNN_KEY_DURATION) {
    memcpy(field, &number, sizeof number);
  } else if (key->type == RNN_KEY_CHOICE || key->type == RNN_KEY_BOOL) {
    int choice = (int)integer;
    memcpy(field, &choice, sizeof choice);
  } else if (key->type == RNN_KEY_TEXT) {
    memcpy(field, "auto", sizeof "auto");
  } else {
    memcpy(field, &integer, sizeof integer);
  }
}

static bool set_value(void *field, const struct rnn_key *key, const char *text)
{
  int64_t integer = 0;
  double number = 0;
  int choice = 0;
  bool good = false;
  if (key->automatic && strcmp(text, "auto") == 0) {
    store(field, key, RNN_AUTO, RNN_AUTO);
    return true;
  }
  if (key->zero != NULL && (strcmp(text, key->zero) == 0 || strcmp(text, "0") == 0)) {
    store(field, key, 0, 0);
    return true;
  }
  switch (key->type) {
  case RNN_KEY_TEXT:
    set_text(field, text, &good);
    return good;
  case RNN_KEY_BOOL:
    good = strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    integer = text[0] == 't';
    break;
  case RNN_KEY_INTEGER:
    good = parse_integer(text, &integer) && (double)integer >= key->least && (double)integer <= key->most;
    break;
  case RNN_KEY_REAL:
    good = parse_real(text, &number) && number >= key->least && number <= key->most;
    break;
  case RNN_KEY_DURATION:
    good = parse_duration(text, &number) && number >= key->least && number <= key->most;
    break;
  case RNN_KEY_CHOICE:
    good = find_choice(key, text, &choice);
    integer = choice;
  }
  if (good)
    store(field, key, integer, number);
  return good;
}

enum rnn_status rnn_config_set(struct rnn_config *config, const char *name, const char *text, struct rnn_error *error)
{
  const struct rnn_key *key = rnn_config_find_key(name);
  if (key == NULL)
    return rnn_error_set(error, RNN_BAD_CONFIG, "unknown key '%.64s'; did you mean '%s'?", name,
                         rnn_config_nearest_key(name));
  if (set_value((char *)config + key->offset, key, text))
    return RNN_OK;
  char wanted[256];
  describe(key, wanted, sizeof wanted);
  return rnn_error_set(error, RNN_BAD_CONFIG, "%s: '%.64s' is not %s", key->name, text, wanted);
}

/* The number in a field; *integer too, except where it is real. */
static double load(const void *field, const struct rnn_key *key, int64_t *integer)
{
  double number;
  int choice;
  switch (key->type) {
  case RNN_KEY_REAL:
  case RNN_KEY_DURATION:
    memcpy(&number, field, sizeof number);
    return number;
  case RNN_KEY_CHOICE:
  case RNN_KEY_BOOL:
    memcpy(&choice, field, sizeof choice);
    *integer = choice;
    break;
  case RNN_KEY_INTEGER:
    memcpy(integer, field, sizeof *integer);
    break;
  case RNN_KEY_TEXT:
    *integer = 0;
  }
  return (double)*integer;
}

const char *rnn_config_get(const struct rnn_config *config, const struct rnn_key *key, char *text, size_t size_bytes)
{
  const char *field = (const char *)config + key->offset;
  int64_t integer = 0;
  double number = load(field, key, &integer);
  if (key->automatic && number == RNN_AUTO)
    snprintf(text, size_bytes, "auto");
  else if (key->zero != NULL && number == 0)
    snprintf(text, size_bytes, "%s", key->zero);
  else if (key->type == RNN_KEY_TEXT)
    snprintf(text, size_bytes, "%s", field);
  else if (key->type == RNN_KEY_BOOL)
    snprintf(text, size_bytes, "%s", integer ? "true" : "false");
  else if (key->type == RNN_KEY_CHOICE)
    snprintf(text, size_bytes, "%s", key->choices[integer]);
  else if (key->type == RNN_KEY_INTEGER)
    snprintf(text, size_bytes, "%lld", (long long)integer);
  else if (key->type == RNN_KEY_DURATION)
    print_duration(number, text, size_bytes);
  else
    print_real(number, text, size_bytes);
  return text;
}
