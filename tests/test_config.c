/* The table of keys, the values it takes, what auto becomes, and the YAML that holds it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "config_file.h"
#include "memory.h"

static struct rnn_error error;

static enum rnn_status set(struct rnn_config *config, const char *name, const char *text)
{
  memset(&error, 0, sizeof error);
  return rnn_config_set(config, name, text, &error);
}

static enum rnn_status read_text(struct rnn_config *config, const char *text)
{
  memset(&error, 0, sizeof error);
  return rnn_config_read_text(config, "train.yaml", text, strlen(text), &error);
}

/* Every field that a key may take to auto is decided, whatever the corpus. */
static const struct rnn_corpus_facts corpora[] = {
    {.task = RNN_COMPLETE, .sequences = 1, .steps = 1000000, .symbols = 65},
    {.task = RNN_COMPLETE, .words = true, .sequences = 3, .steps = 12, .symbols = 4},
    {.task = RNN_TAG, .words = true, .sequences = 12544, .steps = 204577, .symbols = 19000, .labels = 17},
    {.task = RNN_CLASSIFY, .words = true, .sequences = 22516, .steps = 6000000, .symbols = 90000, .labels = 2},
    {.task = RNN_CLASSIFY, .frames = true, .sequences = 431, .steps = 30000, .labels = 27},
    {.task = RNN_CLASSIFY},
    {.task = RNN_TAG, .words = true, .spans = true, .sequences = 8043, .steps = 190000, .symbols = 17000, .labels = 22},
    {.task = RNN_CLASSIFY, .frames = true, .joints = 4, .sequences = 129, .steps = 30000, .labels = 7},
    {.task = RNN_TAG,
     .words = true,
     .begun = true,
     .sequences = 12544,
     .steps = 204577,
     .symbols = 60000,
     .labels = 17}};

Test(config, every_default_is_read_and_written_back)
{
  struct rnn_config config, again;
  rnn_config_init(&config);
  rnn_config_init(&again);
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    char text[RNN_CONFIG_TEXT_BYTES];
    cr_assert_str_eq(rnn_config_get(&config, key, text, sizeof text), key->initial, "%s", key->name);
    cr_assert_eq(set(&again, key->name, text), RNN_OK, "%s: %s", key->name, error.text);
    cr_assert_eq(rnn_config_find_key(key->name), key);
    cr_assert(strlen(key->help) > 0 && strlen(key->argument) > 0, "%s", key->name);
    cr_assert(strcmp(key->group, "network") == 0 || strcmp(key->group, "training") == 0, "%s", key->name);
  }
  cr_assert_eq(memcmp(&config, &again, sizeof config), 0);
}

Test(config, what_has_learnt_already_takes_smaller_steps)
{
  struct rnn_config fresh, begun;
  struct rnn_corpus_facts facts = {.task = RNN_TAG, .words = true, .sequences = 12544, .steps = 204577, .labels = 17};
  rnn_config_init(&fresh);
  begun = fresh;
  cr_assert_eq(rnn_config_resolve(&fresh, &facts, &error), RNN_OK);
  facts.begun = true;
  cr_assert_eq(rnn_config_resolve(&begun, &facts, &error), RNN_OK);
  cr_assert_lt(begun.learning_rate, fresh.learning_rate);
  cr_assert_gt(begun.word_dropout, fresh.word_dropout);
  cr_assert_gt(begun.dropout_input, fresh.dropout_input);
}

Test(config, ranges_include_their_ends_and_nothing_beyond)
{
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    if (key->type != RNN_KEY_INTEGER && key->type != RNN_KEY_REAL)
      continue;
    struct rnn_config config;
    char text[RNN_CONFIG_TEXT_BYTES];
    rnn_config_init(&config);
    int digits = key->type == RNN_KEY_INTEGER ? 16 : 17; /* %.16g of a whole number below 2^53 has no exponent */
    snprintf(text, sizeof text, "%.*g", digits, key->least);
    cr_assert_eq(set(&config, key->name, text), RNN_OK, "%s", error.text);
    snprintf(text, sizeof text, "%.*g", digits, key->most);
    cr_assert_eq(set(&config, key->name, text), RNN_OK, "%s", error.text);
    snprintf(text, sizeof text, "%.*g", digits, key->most * 2 + 1);
    cr_assert_eq(set(&config, key->name, text), RNN_BAD_CONFIG, "%s %s", key->name, text);
    cr_assert_eq(set(&config, key->name, "-1"), RNN_BAD_CONFIG, "%s", key->name);
  }
}

Test(config, numbers_are_strict)
{
  static const char *const bad[] = {
      "",    " 1",    "1 ",  "0x10", "1e999", "nan", "inf",  "-inf", "1,5",  "1_000",
      "abc", "1.2.3", "--1", "+",    ".",     "e5",  "0o17", "1e",   "1\t2", "99999999999999999999999"};
  struct rnn_config config, before;
  rnn_config_init(&config);
  before = config;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    cr_assert_eq(set(&config, "learning_rate", bad[i]), RNN_BAD_CONFIG, "'%s'", bad[i]);
    cr_assert_eq(set(&config, "state", bad[i]), RNN_BAD_CONFIG, "'%s'", bad[i]);
    cr_assert_eq(set(&config, "max_time", bad[i]), RNN_BAD_CONFIG, "'%s'", bad[i]);
  }
  cr_assert_eq(set(&config, "state", "1.5"), RNN_BAD_CONFIG);
  cr_assert_eq(set(&config, "state", "1e3"), RNN_BAD_CONFIG);
  cr_assert_eq(set(&config, "seed", "auto"), RNN_BAD_CONFIG, "the seed has no auto");
  cr_assert_eq(set(&config, "bidirectional", "yes"), RNN_BAD_CONFIG);
  cr_assert_eq(set(&config, "bidirectional", "True"), RNN_BAD_CONFIG);
  cr_assert_eq(set(&config, "cell", "a-name-that-is-far-too-long"), RNN_BAD_CONFIG);
  cr_assert_eq(set(&config, "cell", "../elman"), RNN_BAD_CONFIG);
  cr_assert_eq(memcmp(&config, &before, sizeof config), 0, "a refused value changes nothing");
}

Test(config, values_read_back_exactly)
{
  static const char *const numbers[] = {"0.1", "0.30000000000000004", "1e-05", "3", "100", "0.000123", "99.999999999"};
  struct rnn_config config;
  char text[RNN_CONFIG_TEXT_BYTES];
  rnn_config_init(&config);
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    cr_assert_eq(set(&config, "learning_rate", numbers[i]), RNN_OK, "%s", error.text);
    cr_assert_str_eq(rnn_config_get(&config, rnn_config_find_key("learning_rate"), text, sizeof text), numbers[i]);
  }
  static const struct {
    const char *text, *shown;
    double sec;
  } times[] = {
      {"500ms", "0.5s", 0.5}, {"30s", "30s", 30},  {"10m", "600s", 600}, {"2h", "7200s", 7200},
      {"1.5m", "90s", 90},    {"none", "none", 0}, {"0", "none", 0},     {"0.123456789s", "0.123456789s", 0.123456789}};
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
    cr_assert_eq(set(&config, "max_time", times[i].text), RNN_OK, "%s", error.text);
    cr_assert_eq(config.max_time_sec, times[i].sec);
    cr_assert_str_eq(rnn_config_get(&config, rnn_config_find_key("max_time"), text, sizeof text), times[i].shown);
  }
  cr_assert_eq(set(&config, "seed", "9007199254740991"), RNN_OK);
  cr_assert_eq(config.seed, 9007199254740991u);
  cr_assert_str_eq(rnn_config_get(&config, rnn_config_find_key("seed"), text, sizeof text), "9007199254740991");
  cr_assert_eq(set(&config, "bptt", "full"), RNN_OK);
  cr_assert_eq(config.bptt, RNN_FULL);
  cr_assert_eq(set(&config, "bptt", "auto"), RNN_OK);
  cr_assert_eq(config.bptt, RNN_AUTO);
  cr_assert_eq(set(&config, "activation", "relu"), RNN_OK);
  cr_assert_eq(config.activation, RNN_RELU);
  cr_assert_eq(set(&config, "bidirectional", "true"), RNN_OK);
  cr_assert(config.bidirectional);
}

Test(config, mistakes_are_answered_with_what_is_allowed)
{
  struct rnn_config config;
  rnn_config_init(&config);
  set(&config, "hiden", "3");
  cr_assert_str_eq(error.text, "unknown key 'hiden'; did you mean 'state'?");
  set(&config, "learning-rte", "3");
  cr_assert_str_eq(error.text, "unknown key 'learning-rte'; did you mean 'learning_rate'?");
  set(&config, "state", "0");
  cr_assert_str_eq(error.text, "state: '0' is not a whole number from 1 to 65536, or auto");
  set(&config, "dropout", "1");
  cr_assert_str_eq(error.text, "dropout: '1' is not a number from 0 to 0.95, or auto");
  set(&config, "activation", "sigmoid");
  cr_assert_str_eq(error.text, "activation: 'sigmoid' is not one of tanh, logistic, relu");
  set(&config, "bptt", "-3");
  cr_assert_str_eq(error.text, "bptt: '-3' is not a whole number from 1 to 134217728, or full, or auto");
  set(&config, "max_time", "10");
  cr_assert_str_eq(error.text, "max_time: '10' is not a time such as 500ms, 30s, 10m or 2h, or none");
}

Test(config, an_option_may_have_dashes)
{
  cr_assert_eq(rnn_config_find_key("learning-rate"), rnn_config_find_key("learning_rate"));
  cr_assert_null(rnn_config_find_key("learning_rat"));
  cr_assert_null(rnn_config_find_key("learning_rate_"));
  cr_assert_null(rnn_config_find_key(""));
}

Test(config, the_nearest_key_is_always_one_that_exists)
{
  static const char *const names[] = {
      "",         "x",           "STATE",
      "lr",       "hidden_size", "patients",
      "\xC3\xA4", "clip-norm-",  "a name longer than any key could be, so that the distance has to be cut somewhere"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    cr_assert_not_null(rnn_config_find_key(rnn_config_nearest_key(names[i])), "%s", names[i]);
  cr_assert_str_eq(rnn_config_nearest_key("lr"), "learning_rate");
  cr_assert_str_eq(rnn_config_nearest_key("hidden-size"), "state");
  cr_assert_str_eq(rnn_config_nearest_key("patients"), "patience");
}

Test(config, nothing_stays_auto)
{
  for (size_t i = 0; i < sizeof corpora / sizeof corpora[0]; i++) {
    struct rnn_config config, again;
    rnn_config_init(&config);
    cr_assert_eq(rnn_config_resolve(&config, &corpora[i], &error), RNN_OK, "%s", error.text);
    for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
      char text[RNN_CONFIG_TEXT_BYTES];
      rnn_config_get(&config, key, text, sizeof text);
      cr_assert_str_neq(text, "auto", "%s", key->name);
      cr_assert_eq(set(&config, key->name, text), RNN_OK, "what was decided is in range: %s", error.text);
    }
    again = config;
    cr_assert_eq(rnn_config_resolve(&again, &corpora[i], &error), RNN_OK);
    cr_assert_eq(memcmp(&again, &config, sizeof config), 0, "an explicit config is left as it is");
  }
}

Test(config, what_does_not_fit_together_is_refused)
{
  /* One or two keys, the corpus they do not fit, and how the sentence begins. */
  static const struct {
    const char *name, *text, *second, *value;
    size_t corpus;
    const char *begins;
  } cases[] = {
      {"bidirectional", "true", NULL, NULL, 0, "bidirectional: completion"},
      {"bidirectional", "true", "bptt", "20", 2, "bptt: a bidirectional network"},
      {"embedding", "8", NULL, NULL, 4, "embedding: frames have none"},
      {"word_dropout", "0.1", NULL, NULL, 4, "word_dropout: frames"},
      {"features", "true", NULL, NULL, 0, "features: words"},
      {"features", "true", NULL, NULL, 1, "features: words"},
      {"features", "true", NULL, NULL, 4, "features: words"},
      {"features", "true", NULL, NULL, 5, "features: words"},
      {"features", "true", "embedding", "none", 2, "features: words"},
      {"wide", "100", NULL, NULL, 2, "wide: only texts"},
      {"wide", "100", NULL, NULL, 4, "wide: only texts"},
      {"sampled_softmax", "100", NULL, NULL, 3, "sampled_softmax: only completion"},
      {"output", "crf", NULL, NULL, 3, "output: crf is for tags"},
      {"output", "crf", "bptt", "20", 2, "output: crf is for tags"},
      {"output", "crf", "class_weights", "balanced", 2, "class_weights: a chain"},
      {"output", "crf", "label_smoothing", "0.1", 2, "label_smoothing: a chain"},
      {"class_weights", "balanced", NULL, NULL, 0, "class_weights: only labels"},
      {"label_smoothing", "0.1", NULL, NULL, 1, "label_smoothing: only labels"},
      {"adversarial", "0.1", NULL, NULL, 4, "adversarial: it moves"},
      {"adversarial", "0.1", "embedding", "none", 3, "adversarial: it moves"},
      {"joints", "4", NULL, NULL, 3, "joints, motion and standardise: of frames alone"},
      {"motion", "velocity", NULL, NULL, 3, "joints, motion and standardise: of frames alone"},
      {"standardise", "true", NULL, NULL, 2, "joints, motion and standardise: of frames alone"},
      {"time_warp", "0.1", NULL, NULL, 3, "time_warp, frame_dropout"},
      {"frame_noise", "0.1", NULL, NULL, 0, "time_warp, frame_dropout"},
      {"frame_dropout", "0.1", "bptt", "20", 4, "bptt: frames are warped"},
      {"rotation", "10", NULL, NULL, 4, "rotation: only joints"},
      {"mirror", "x", NULL, NULL, 4, "mirror: only joints"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct rnn_config config;
    rnn_config_init(&config);
    cr_assert_eq(set(&config, cases[i].name, cases[i].text), RNN_OK, "%s", error.text);
    if (cases[i].second != NULL)
      cr_assert_eq(set(&config, cases[i].second, cases[i].value), RNN_OK, "%s", error.text);
    cr_expect_eq(rnn_config_resolve(&config, &corpora[cases[i].corpus], &error), RNN_BAD_CONFIG, "%s %zu",
                 cases[i].name, i);
    cr_expect_eq(strncmp(error.text, cases[i].begins, strlen(cases[i].begins)), 0, "%s", error.text);
  }
}

Test(config_file, text_reads_back_to_the_same_config)
{
  struct rnn_config config, again;
  char *text = NULL, *second = NULL;
  rnn_config_init(&config);
  cr_assert_eq(set(&config, "state", "77"), RNN_OK);
  cr_assert_eq(set(&config, "learning_rate", "0.30000000000000004"), RNN_OK);
  cr_assert_eq(set(&config, "max_time", "1234567s"), RNN_OK);
  cr_assert_eq(rnn_config_text(&config, &text, &error), RNN_OK);
  rnn_config_init(&again);
  cr_assert_eq(read_text(&again, text), RNN_OK, "%s", error.text);
  cr_assert_eq(memcmp(&config, &again, sizeof config), 0);
  cr_assert_eq(rnn_config_text(&again, &second, &error), RNN_OK);
  cr_assert_str_eq(text, second);
  rnn_memory_free(text);
  rnn_memory_free(second);
}

Test(config_file, good_files)
{
  static const char *const good[] = {"",
                                     "# nothing but a comment\n",
                                     "---\n",
                                     "state: 12\n",
                                     "state: 12",
                                     "\xEF\xBB\xBFstate: 12\r\nseed: 2\r\n",
                                     "---\nstate: 12 # units\nlearning-rate: 1e-3\n...\n",
                                     "{state: 12, seed: 2}\n",
                                     "'state': \"12\"\n",
                                     "%YAML 1.1\n---\nstate: 12\n"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    struct rnn_config config;
    rnn_config_init(&config);
    cr_assert_eq(read_text(&config, good[i]), RNN_OK, "%s", error.text);
    cr_assert_eq(config.state, strstr(good[i], "12") != NULL ? 12 : RNN_AUTO);
  }
}

Test(config_file, bad_files_are_named_by_line_and_column)
{
  static const struct {
    const char *text, *says;
  } bad[] = {
      {"seed: 2\n\nhiden: 3\n", "train.yaml:3:1: unknown key 'hiden'; did you mean 'state'?"},
      {"state: 1\nseed: 2\nstate: 3\n", "train.yaml:3:1: 'state' is given twice, first in line 1"},
      {"learning_rate: 1\nlearning-rate: 1\n", "train.yaml:2:1: 'learning_rate' is given twice, first in line 1"},
      {"state: [1, 2]\n", "train.yaml:1:8: one value is expected, not a list or a mapping"},
      {"state:\n  size: 3\n", "train.yaml:2:3: one value is expected, not a list or a mapping"},
      {"- state: 3\n", "train.yaml:1:1: 'key: value' lines are expected"},
      {"state\n", "train.yaml:1:1: 'key: value' lines are expected"},
      {"? [a]\n: 3\n", "train.yaml:1:3: a key is expected"},
      {"state: &a 3\n", "train.yaml:1:8: anchors are not allowed"},
      {"&a state: 3\n", "train.yaml:1:1: anchors are not allowed"},
      {"state: *a\n", "train.yaml:1:8: aliases are not allowed"},
      {"state: !!int 3\n", "train.yaml:1:8: tags are not allowed"},
      {"!!map {state: 3}\n", "train.yaml:1:1: tags are not allowed"},
      {"%TAG ! tag:x,2000:\n---\nstate: 3\n", "train.yaml:1:1: tags are not allowed"},
      {"<<: {state: 3}\n", "train.yaml:1:1: unknown key '<<'; did you mean 'learning_rate'?"},
      {"state: 3\n---\nseed: 3\n", "train.yaml:2:1: a second document is not allowed"},
      {"state: yes\n", "train.yaml:1:8: state: 'yes' is not a whole number from 1 to 65536, or auto"},
      {"bidirectional: yes\n", "train.yaml:1:16: bidirectional: 'yes' is not true or false, or auto"},
      {"dropout: .nan\n", "train.yaml:1:10: dropout: '.nan' is not a number from 0 to 0.95, or auto"},
      {"dropout: 1e400\n", "train.yaml:1:10: dropout: '1e400' is not a number from 0 to 0.95, or auto"},
      {"state: 0o17\n", "train.yaml:1:8: state: '0o17' is not a whole number from 1 to 65536, or auto"},
      {"state:\n", "train.yaml:1:7: state: '' is not a whole number from 1 to 65536, or auto"},
      {"state: \"1\\0\"\n", "train.yaml:1:8: a NUL is not allowed"},
      {"\xFF\xFEs\0", "train.yaml:1:1: UTF-16 is not allowed; UTF-8 is expected"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct rnn_config config, before;
    rnn_config_init(&config);
    before = config;
    cr_assert_eq(read_text(&config, bad[i].text), RNN_BAD_CONFIG, "%s", bad[i].text);
    cr_assert_str_eq(error.text, bad[i].says);
    cr_assert_eq(memcmp(&config, &before, sizeof config), 0, "a bad file changes nothing: %s", bad[i].text);
  }
}

/* Syntax errors, whose words are libyaml's: the place is ours to promise. */
Test(config_file, bad_yaml_is_refused_with_its_place)
{
  static const struct {
    const char *text, *place;
  } bad[] = {{"state: 1\n\tseed: 2\n", "train.yaml:2:"},
             {"state: 'a\n", "train.yaml:2:"},
             {"state: 1\nseed: \xC3(\n", "train.yaml:2:"},
             {"%YAML 9.9\n---\nstate: 3\n", "train.yaml:1:"},
             {"state: 1\nseed: \x01\n", "train.yaml:2:"},
             {"state: {\n", "train.yaml:"},
             {"state: 1: 2\n", "train.yaml:1:"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct rnn_config config;
    rnn_config_init(&config);
    cr_assert_eq(read_text(&config, bad[i].text), RNN_BAD_CONFIG, "%s", bad[i].text);
    cr_assert_eq(strncmp(error.text, bad[i].place, strlen(bad[i].place)), 0, "%s", error.text);
  }
}

static double cpu_sec(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* What sends libyaml 0.2.5 on for minutes when it is read to its end. */
Test(config_file, a_hostile_file_is_refused_at_once)
{
  enum { BYTES = 1 << 20 };
  static const char *const patterns[] = {"[",          "{",   "- ",   "? ",  "&a ",  "*a ", "!a ",  "'",
                                         "\"",         "a: ", "a: [", "|\n", "#",    " ",   "\n",   "9",
                                         "state: 1\n", ",",   "]",    "%",   "--- ", "a\n", "!<a>", "\t"};
  static char text[BYTES + 1];
  for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
    size_t length = strlen(patterns[i]);
    for (size_t at = 0; at < BYTES; at++)
      text[at] = patterns[i][at % length];
    struct rnn_config config;
    rnn_config_init(&config);
    double begin = cpu_sec();
    enum rnn_status status = rnn_config_read_text(&config, "train.yaml", text, BYTES, &error);
    double took = cpu_sec() - begin;
    bool nothing = strchr("# \n", patterns[i][0]) != NULL && patterns[i][1] == '\0';
    cr_expect_eq(status, nothing ? RNN_OK : RNN_BAD_CONFIG, "%s", patterns[i]);
    cr_expect_lt(took, 0.5, "%zu bytes of '%s' took %g s", (size_t)BYTES, patterns[i], took);
  }
  cr_assert_eq(rnn_config_read_text(&(struct rnn_config){0}, "train.yaml", text, BYTES + 1, &error), RNN_BAD_CONFIG);
  cr_assert_str_eq(error.text, "train.yaml: longer than 1048576 bytes");
}

Test(config, a_model_keeps_its_network)
{
  struct rnn_config old, config;
  rnn_config_init(&old);
  cr_assert_eq(set(&old, "state", "128"), RNN_OK);
  cr_assert_eq(set(&old, "embedding", "50"), RNN_OK);
  cr_assert_eq(set(&old, "min_count", "3"), RNN_OK);
  rnn_config_init(&config); /* embedding and min_count: auto */
  cr_assert_eq(set(&config, "epochs", "7"), RNN_OK);
  cr_assert_eq(rnn_config_keep_network(&old, &config, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(config.embedding, 50);
  cr_assert_eq(config.min_count, 3);
  cr_assert_eq(config.epochs, 7, "training may change");
  cr_assert_eq(set(&config, "state", "64"), RNN_OK);
  cr_assert_eq(rnn_config_keep_network(&old, &config, &error), RNN_BAD_CONFIG);
  cr_assert_str_eq(error.text, "state: the model has 128, which cannot become 64");
}

Test(config, auto_of_switches_and_names)
{
  struct rnn_config config;
  char text[RNN_CONFIG_TEXT_BYTES];
  rnn_config_init(&config);
  cr_assert_eq(set(&config, "bidirectional", "true"), RNN_OK);
  cr_assert_eq(set(&config, "bidirectional", "auto"), RNN_OK);
  cr_assert_str_eq(rnn_config_get(&config, rnn_config_find_key("bidirectional"), text, sizeof text), "auto");
  cr_assert_eq(set(&config, "bptt", "8"), RNN_OK);
  cr_assert_eq(rnn_config_resolve(&config, &corpora[2], &error), RNN_OK, "%s", error.text);
  cr_assert_eq(config.bidirectional, false, "truncated back-propagation leaves no choice");
  cr_assert_eq(set(&config, "cell", "auto"), RNN_OK);
  cr_assert_str_eq(config.cell, "auto");
  cr_assert_eq(set(&config, "residual", "auto"), RNN_BAD_CONFIG);
}
