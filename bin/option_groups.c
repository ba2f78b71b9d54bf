/* The groups of options that programs share. */
#include "option_groups.h"

#include <sched.h>
#include <string.h>

#include "memory.h"
#include "picture.h"
#include "program.h"

enum {
  KEY_PRINT_CONFIG = 0x200,
  KEY_LABEL_COLUMN,
  KEY_TEXT_COLUMN,
  KEY_COLUMN,
  KEY_LABEL,
  KEY_EVERY,
  KEY_SIZE,
  KEY_UTF8,
  KEY_MAX_LINE,
  KEY_LEVEL,
  KEY_LOWERCASE,
  KEY_ON_ERROR,
  KEY_BATCH,
  KEY_LINE_BUFFERED,
  KEY_PROGRESS,
  KEY_SANDBOX,
  KEY_USAGE,
  KEY_CONFIG = 0x1000, /* + place in rnn_keys */
  PLACE_INPUT = 2,     /* order in --help */
  PLACE_CONFIG,
  PLACE_KEYS,
  MOST_THREADS = 1024,
  MOST_COLUMN = 65536,
  MOST_BATCH = 65536,
  KEY_NAME_BYTES = 64,
  KEY_TEXT_BYTES = 320 /* its name and its help */
};

static struct rnn_options *options_of(const struct argp_state *state)
{
  const struct rnn_option_input *input = state->input;
  return input->options;
}

/* ---- -m, -o, -J, -j, -s, --progress ---- */

static const struct argp_option model_options[] = {
    {"model", 'm', "MODEL", 0, "a file, a pipe, - or the name of an installed model", 0}, {0}};

static error_t parse_model(int key, char *text, struct argp_state *state)
{
  if (key != 'm')
    return ARGP_ERR_UNKNOWN;
  options_of(state)->model = text;
  return 0;
}

static const struct argp_option output_options[] = {
    {NULL, 'o', "FILE", 0, "write to FILE, which appears whole or not at all (default: standard output)", 0},
    {"force", 'f', NULL, 0, "write binary data even to a terminal", 0},
    {0}};

static error_t parse_output(int key, char *text, struct argp_state *state)
{
  if (key == 'o')
    options_of(state)->output = text;
  else if (key == 'f')
    options_of(state)->force = true;
  else
    return ARGP_ERR_UNKNOWN;
  return 0;
}

static const struct argp_option json_options[] = {{"json", 'J', NULL, 0, "JSON, one object a line", 0}, {0}};

static error_t parse_json(int key, char *text, struct argp_state *state)
{
  (void)text;
  if (key != 'J')
    return ARGP_ERR_UNKNOWN;
  options_of(state)->json = true;
  return 0;
}

static const struct argp_option threads_options[] = {{"threads", 'j', "N", 0, "threads; 0: all usable processors", 0},
                                                     {0}};

static error_t parse_threads(int key, char *text, struct argp_state *state)
{
  if (key != 'j')
    return ARGP_ERR_UNKNOWN;
  size_t threads = (size_t)rnn_option_integer(state, "--threads", text, 0, MOST_THREADS);
  options_of(state)->threads = threads == 0 ? rnn_option_processors() : threads;
  return 0;
}

size_t rnn_option_processors(void)
{
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : (size_t)count;
}

static const struct argp_option seed_options[] = {{"seed", 's', "N", 0, "seed of all random numbers (1)", 0}, {0}};

static error_t parse_seed(int key, char *text, struct argp_state *state)
{
  if (key != 's')
    return ARGP_ERR_UNKNOWN;
  options_of(state)->seed = (uint64_t)rnn_option_integer(state, "--seed", text, 0, INT64_MAX);
  return 0;
}

static const struct argp_option progress_options[] = {
    {"progress", KEY_PROGRESS, "WHEN", 0, "auto (on a terminal), always, never or json (auto)", 0}, {0}};

static error_t parse_progress(int key, char *text, struct argp_state *state)
{
  static const char *const choices[] = {"auto", "always", "never", "json", NULL};
  if (key != KEY_PROGRESS)
    return ARGP_ERR_UNKNOWN;
  options_of(state)->progress = (enum rnn_progress_mode)rnn_option_choice(state, "--progress", text, choices);
  return 0;
}

/* ---- input ---- */

static const struct argp_option reader_options[] = {
    {NULL, 0, NULL, 0, "Input:", PLACE_INPUT},
    {"from", 'F', "FORMAT", 0,
     "text, tsv, fasttext, conllu, columns, jsonl, frames, npy, y4m or seq (default: guessed from the content)", 0},
    {"label-column", KEY_LABEL_COLUMN, "N", 0, "tsv: the column of the label, from 1 (1)", 0},
    {"text-column", KEY_TEXT_COLUMN, "N", 0, "tsv: the column of the text, from 1 (2)", 0},
    {"column", KEY_COLUMN, "NAME,...", 0,
     "the column of the tag, or several: of conllu upos, xpos, feats, ... (upos); of columns 2, 3, ... (the last)", 0},
    {"label", KEY_LABEL, "NAME", 0, "the label of every record", 0},
    {"every", KEY_EVERY, "N", 0, "frames and videos: of every N frames of a sequence, the first alone (1)", 0},
    {"size", KEY_SIZE, "WxH", 0,
     "y4m: each picture is scaled to W x H, multiples of 12 up to 252 (48x36; else as the model has it)", 0},
    {"utf8", KEY_UTF8, "HOW", 0, "invalid UTF-8 is: strict (an error), replace (U+FFFD), bytes (kept) (strict)", 0},
    {"null", 'z', NULL, 0, "NUL ends records, not a line end, in and out", 0},
    {"max-line", KEY_MAX_LINE, "BYTES", 0, "longest line (16777216)", 0},
    {0}};

static void set_format(struct argp_state *state, struct rnn_options *options, const char *name)
{
  options->from = name;
  options->stream = strcmp(name, "seq") == 0;
  options->format = options->stream ? NULL : rnn_format_find(name);
  if (options->stream || options->format != NULL)
    return;
  char list[256] = "";
  for (size_t i = 0; rnn_formats[i] != NULL; i++) {
    size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s, ", rnn_formats[i]->name);
  }
  argp_error(state, "--from=%s: one of %sseq is expected", name, list);
}

static error_t parse_reader(int key, char *text, struct argp_state *state)
{
  static const char *const utf8_choices[] = {"strict", "replace", "bytes", NULL};
  struct rnn_options *options = options_of(state);
  switch (key) {
  case 'F':
    set_format(state, options, text);
    break;
  case KEY_LABEL_COLUMN:
    options->reader.label_column = (size_t)rnn_option_integer(state, "--label-column", text, 1, MOST_COLUMN);
    break;
  case KEY_TEXT_COLUMN:
    options->reader.text_column = (size_t)rnn_option_integer(state, "--text-column", text, 1, MOST_COLUMN);
    break;
  case KEY_COLUMN:
    if (!rnn_columns_read(&options->reader.tag_columns, text))
      argp_error(state, "--column=%s: names of one to eight columns are expected, with commas between", text);
    break;
  case KEY_EVERY:
    options->reader.every = (size_t)rnn_option_integer(state, "--every", text, 1, INT64_MAX);
    break;
  case KEY_SIZE:
    if (!rnn_picture_size_find(text, &options->text.picture))
      argp_error(state, "--size=%s: WIDTHxHEIGHT is expected, multiples of 12 up to 252, such as 96x72", text);
    break;
  case KEY_LABEL:
    options->reader.label = text;
    break;
  case KEY_UTF8:
    options->input.utf8 = (enum rnn_utf8)rnn_option_choice(state, "--utf8", text, utf8_choices);
    break;
  case 'z':
    options->input.record_end = '\0';
    break;
  case KEY_MAX_LINE:
    options->input.most_line_bytes = (size_t)rnn_option_integer(state, "--max-line", text, 1, (int64_t)1 << 40);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static const struct argp_option text_options[] = {
    {"level", KEY_LEVEL, "WHAT", 0,
     "text is cut into: word, char or byte (word; char where labelled texts are single words)", PLACE_INPUT},
    {"lowercase", KEY_LOWERCASE, NULL, 0, "make text lower case", 0},
    {0}};

static error_t parse_text(int key, char *text, struct argp_state *state)
{
  static const char *const level_choices[] = {"word", "char", "byte", NULL};
  struct rnn_options *options = options_of(state);
  if (key == KEY_LEVEL)
    options->text.level = (enum rnn_level)rnn_option_choice(state, "--level", text, level_choices);
  else if (key == KEY_LOWERCASE)
    options->text.lowercase = true;
  else
    return ARGP_ERR_UNKNOWN;
  options->text_given = true;
  return 0;
}

static const struct argp_option records_options[] = {
    {"on-error", KEY_ON_ERROR, "HOW", 0, "a bad record: fail (ends the run), mark (an empty answer) or skip (fail)",
     PLACE_INPUT},
    {0}};

static error_t parse_records(int key, char *text, struct argp_state *state)
{
  static const char *const choices[] = {"fail", "mark", "skip", NULL};
  if (key != KEY_ON_ERROR)
    return ARGP_ERR_UNKNOWN;
  options_of(state)->on_error = (enum rnn_on_error)rnn_option_choice(state, "--on-error", text, choices);
  return 0;
}

static const struct argp_option filter_options[] = {
    {"batch", KEY_BATCH, "N", 0, "read at most N records before answering", PLACE_INPUT},
    {"line-buffered", KEY_LINE_BUFFERED, NULL, 0, "write each answer at once", 0},
    {0}};

static error_t parse_filter(int key, char *text, struct argp_state *state)
{
  if (key == KEY_BATCH)
    options_of(state)->batch = (size_t)rnn_option_integer(state, "--batch", text, 1, MOST_BATCH);
  else if (key == KEY_LINE_BUFFERED)
    options_of(state)->line_buffered = true;
  else
    return ARGP_ERR_UNKNOWN;
  return 0;
}

/* ---- configuration ---- */

static const struct argp_option config_options[] = {
    {NULL, 0, NULL, 0, "Configuration:", PLACE_CONFIG},
    {"config", 'c', "FILE", 0, "read the configuration from a YAML file", 0},
    {"set", 'D', "KEY=VALUE", 0, "set one key of the configuration", 0},
    {"print-config", KEY_PRINT_CONFIG, NULL, 0, "print the merged configuration and exit", 0},
    {0}};

static void add_setting(struct rnn_options *options, const char *key, const char *text)
{
  options->setting[options->settings++] = (struct rnn_setting){key, text};
}

static error_t parse_config(int key, char *text, struct argp_state *state)
{
  struct rnn_options *options = options_of(state);
  char *equals;
  switch (key) {
  case 'c':
    options->config_file = text;
    break;
  case 'D':
    equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
      argp_error(state, "--set %s: KEY=VALUE is expected", text);
    } else {
      *equals = '\0';
      add_setting(options, text, equals + 1);
    }
    break;
  case KEY_PRINT_CONFIG:
    options->print_config = true;
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

enum rnn_status rnn_option_keys(struct argp_option **options, char **text, struct rnn_error *error)
{
  enum rnn_status status;
  size_t count = 0;
  while (rnn_keys[count].name != NULL)
    count++;
  RNN_TRY(rnn_memory_new(options, count + 2, sizeof **options, "options", error));
  RNN_TRY(rnn_memory_new(text, count, KEY_TEXT_BYTES, "options", error));
  (*options)[0] = (struct argp_option){.doc = "Keys of the configuration:", .group = PLACE_KEYS};
  for (size_t i = 0; i < count; i++) {
    const struct rnn_key *key = &rnn_keys[i];
    char *name = *text + i * KEY_TEXT_BYTES, *help = name + KEY_NAME_BYTES;
    snprintf(name, KEY_NAME_BYTES, "%s", key->name);
    for (char *p = name; *p != '\0'; p++)
      *p = (char)(*p == '_' ? '-' : *p);
    snprintf(help, KEY_TEXT_BYTES - KEY_NAME_BYTES, "%s (%s)", key->help, key->initial);
    (*options)[i + 1] = (struct argp_option){.name = name,
                                             .key = strcmp(name, "seed") == 0 ? 's' : KEY_CONFIG + (int)i,
                                             .arg = key->argument,
                                             .flags = key->type == RNN_KEY_BOOL ? OPTION_ARG_OPTIONAL : 0,
                                             .doc = help};
  }
out:
  return status;
}

error_t rnn_option_parse_key(int key, char *text, struct argp_state *state)
{
  if (key == 's')
    add_setting(options_of(state), "seed", text);
  else if (key >= KEY_CONFIG && key < RNN_OPTION_OWN)
    add_setting(options_of(state), rnn_keys[key - KEY_CONFIG].name, text != NULL ? text : "true");
  else
    return ARGP_ERR_UNKNOWN;
  return 0;
}

/* ---- for every program ---- */

const char *const rnn_option_sandbox_modes[] = {"auto", "require", "off", "test", NULL};

const struct argp_option rnn_option_common[] = {{"quiet", 'q', NULL, 0, "no warnings", 0},
                                                {"verbose", 'v', NULL, 0, "say what is done", 0},
                                                {"sandbox", KEY_SANDBOX, "HOW", 0,
                                                 "give up all but the files named: auto (where the system can), "
                                                 "require, off, or test: try what is forbidden (auto)",
                                                 0},
                                                {"help", 'h', NULL, 0, "show this help", -1},
                                                {NULL, '?', NULL, OPTION_HIDDEN, NULL, -1},
                                                {"usage", KEY_USAGE, NULL, 0, "show a short usage message", -1},
                                                {"version", 'V', NULL, 0, "show the version", -1},
                                                {0}};

char *rnn_option_filter_help(int key, const char *text, void *input)
{
  const struct rnn_program *program = input != NULL ? ((const struct rnn_option_input *)input)->program : NULL;
  char *help = NULL;
  int length = -1;
  if (program != NULL && key == 'm')
    length = asprintf(&help, "%s (default: $RNN_MODEL%s%s)", text, program->model != NULL ? ", else " : "",
                      program->model != NULL ? program->model : "");
  else if (program != NULL && key == 'j')
    length = asprintf(&help, "%s (%d)", text, program->all_threads ? 0 : 1);
  return length < 0 ? (char *)(uintptr_t)text : help;
}

static void show(struct argp_state *state, unsigned flags)
{
  argp_state_help(state, stdout, flags);
  rnn_program_exit(RNN_OK);
}

error_t rnn_option_parse_common(int key, char *text, struct argp_state *state)
{
  const struct rnn_option_input *input = state->input;
  struct rnn_options *options = input->options;
  switch (key) {
  case 'q':
    options->quiet = true;
    break;
  case 'v':
    options->verbose = true;
    break;
  case KEY_SANDBOX:
    options->sandbox_mode =
        (enum rnn_sandbox_mode)rnn_option_choice(state, "--sandbox", text, rnn_option_sandbox_modes);
    break;
  case 'h':
  case '?':
    show(state, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK);
    break;
  case KEY_USAGE:
    show(state, ARGP_HELP_USAGE);
    break;
  case 'V':
    printf("%s (rnn-tools) %s\n", input->program->name, RNN_VERSION);
    rnn_program_exit(RNN_OK);
  case ARGP_KEY_ARG:
    options->operand[options->operands++] = text;
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

const struct rnn_option_table rnn_option_tables[] = {{RNN_OPTIONS_MODEL, model_options, parse_model},
                                                     {RNN_OPTIONS_OUTPUT, output_options, parse_output},
                                                     {RNN_OPTIONS_JSON, json_options, parse_json},
                                                     {RNN_OPTIONS_SEED, seed_options, parse_seed},
                                                     {RNN_OPTIONS_PROGRESS, progress_options, parse_progress},
                                                     {RNN_OPTIONS_THREADS, threads_options, parse_threads},
                                                     {RNN_OPTIONS_READER, reader_options, parse_reader},
                                                     {RNN_OPTIONS_TEXT, text_options, parse_text},
                                                     {RNN_OPTIONS_RECORDS, records_options, parse_records},
                                                     {RNN_OPTIONS_FILTER, filter_options, parse_filter},
                                                     {RNN_OPTIONS_CONFIG, config_options, parse_config},
                                                     {0, NULL, NULL}};
