/* The options that programs share: argp tables, one for each group, and what becomes of their values. */
#include "options.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "input_limits.h"
#include "memory.h"
#include "number.h"
#include "program.h"

enum {
  KEY_PRINT_CONFIG = 0x200,
  KEY_LABEL_COLUMN,
  KEY_TEXT_COLUMN,
  KEY_COLUMN,
  KEY_LABEL,
  KEY_UTF8,
  KEY_MAX_LINE,
  KEY_LEVEL,
  KEY_LOWERCASE,
  KEY_ON_ERROR,
  KEY_BATCH,
  KEY_LINE_BUFFERED,
  KEY_PROGRESS,
  KEY_USAGE,
  KEY_CONFIG = 0x1000, /* + place in rnn_keys */
  MOST_THREADS = 1024,
  MOST_KEY_BYTES = 64,
  KEY_HELP_BYTES = 256
};

static const char *const utf8_choices[] = {"strict", "replace", "bytes", NULL};
static const char *const level_choices[] = {"word", "char", "byte", NULL};
static const char *const on_error_choices[] = {"fail", "mark", "skip", NULL};
static const char *const progress_choices[] = {"auto", "always", "never", "json", NULL};

int64_t rnn_option_integer(const struct argp_state *state, const char *name, const char *text, int64_t least,
                           int64_t most)
{
  int64_t value;
  if (!rnn_number_parse_integer(text, strlen(text), &value) || value < least || value > most) {
    if (most == INT64_MAX)
      argp_error(state, "%s=%s: a whole number of at least %lld is expected", name, text, (long long)least);
    else
      argp_error(state, "%s=%s: a whole number from %lld to %lld is expected", name, text, (long long)least,
                 (long long)most);
  }
  return value;
}

double rnn_option_real(const struct argp_state *state, const char *name, const char *text, double least, double most)
{
  double value;
  if (!rnn_number_parse_double(text, strlen(text), &value) || !(value >= least && value <= most)) {
    char low[RNN_NUMBER_BYTES], high[RNN_NUMBER_BYTES];
    argp_error(state, "%s=%s: a number from %s to %s is expected", name, text, rnn_number_double(least, low),
               rnn_number_double(most, high));
  }
  return value;
}

int rnn_option_choice(const struct argp_state *state, const char *name, const char *text, const char *const *choices)
{
  char list[256] = "";
  for (int i = 0; choices[i] != NULL; i++) {
    if (strcmp(choices[i], text) == 0)
      return i;
    size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", choices[i]);
  }
  argp_error(state, "%s=%s: one of %s is expected", name, text, list);
  return 0;
}

/* ---- the groups ---- */

static const struct argp_option model_options[] = {
    {"model", 'm', "MODEL", 0, "a file, a pipe, - or the name of an installed model (default: $RNN_MODEL, else %s)", 0},
    {0}};

static const struct argp_option reader_options[] = {
    {"from", 'F', "FORMAT", 0,
     "text, tsv, fasttext, conllu, columns, jsonl, frames or seq (default: guessed from the content)", 0},
    {"label-column", KEY_LABEL_COLUMN, "N", 0, "tsv: the column of the label, from 1 (1)", 0},
    {"text-column", KEY_TEXT_COLUMN, "N", 0, "tsv: the column of the text, from 1 (2)", 0},
    {"column", KEY_COLUMN, "NAME", 0, "conllu: the column of the tag: upos, xpos, deprel, ... (upos)", 0},
    {"label", KEY_LABEL, "NAME", 0, "the label of every record", 0},
    {"utf8", KEY_UTF8, "HOW", 0, "invalid UTF-8 is: strict (an error), replace (U+FFFD), bytes (kept) (strict)", 0},
    {"null", 'z', NULL, 0, "NUL ends records, not a line end, in and out", 0},
    {"max-line", KEY_MAX_LINE, "BYTES", 0, "longest line (16777216)", 0},
    {0}};

static const struct argp_option text_options[] = {
    {"level", KEY_LEVEL, "WHAT", 0, "text is cut into: word, char or byte (word)", 0},
    {"lowercase", KEY_LOWERCASE, NULL, 0, "make text lower case", 0},
    {0}};

static const struct argp_option output_options[] = {
    {NULL, 'o', "FILE", 0, "write to FILE, which appears whole or not at all (default: standard output)", 0},
    {"force", 'f', NULL, 0, "write binary data even to a terminal", 0},
    {0}};

static const struct argp_option records_options[] = {
    {"on-error", KEY_ON_ERROR, "HOW", 0, "a bad record: fail (ends the run), mark (an empty answer) or skip (fail)", 0},
    {0}};

static const struct argp_option filter_options[] = {
    {"batch", KEY_BATCH, "N", 0, "read at most N records before answering", 0},
    {"line-buffered", KEY_LINE_BUFFERED, NULL, 0, "write each answer at once", 0},
    {0}};

static const struct argp_option json_options[] = {{"json", 'J', NULL, 0, "JSON, one object a line", 0}, {0}};

static const struct argp_option threads_options[] = {
    {"threads", 'j', "N", 0, "threads; 0: all usable processors (default: %s)", 0}, {0}};

static const struct argp_option seed_options[] = {{"seed", 's', "N", 0, "seed of all random numbers (1)", 0}, {0}};

static const struct argp_option progress_options[] = {
    {"progress", KEY_PROGRESS, "WHEN", 0, "auto (on a terminal), always, never or json (auto)", 0}, {0}};

static const struct argp_option common_options[] = {{"quiet", 'q', NULL, 0, "no warnings", 0},
                                                    {"verbose", 'v', NULL, 0, "say what is done", 0},
                                                    {"help", 'h', NULL, 0, "show this help", -1},
                                                    {NULL, '?', NULL, OPTION_HIDDEN, NULL, -1},
                                                    {"usage", KEY_USAGE, NULL, 0, "show a short usage message", -1},
                                                    {"version", 'V', NULL, 0, "show the version", -1},
                                                    {0}};

static const struct argp_option config_options[] = {
    {"config", 'c', "FILE", 0, "read the configuration from a YAML file", 0},
    {"set", 'D', "KEY=VALUE", 0, "set one key of the configuration", 0},
    {"print-config", KEY_PRINT_CONFIG, NULL, 0, "print the merged configuration and exit", 0},
    {0}};

/* All that one parse needs, on its way through argp. */
struct parse {
  struct rnn_options *options;
  const struct rnn_program *program;
  void *own;
  struct argp_child children[16];
  void *inputs[16];
  struct argp argp[16];
  struct argp_option *keys; /* one for each key of the configuration */
  char (*key_text)[MOST_KEY_BYTES + KEY_HELP_BYTES];
  struct argp root;
  char model_help[KEY_HELP_BYTES], threads_help[KEY_HELP_BYTES];
  struct argp_option model_options[2], threads_options[2];
};

static void add_setting(struct rnn_options *options, const char *key, const char *text)
{
  options->setting[options->settings++] = (struct rnn_setting){key, text};
}

static void set_key_value(struct argp_state *state, struct rnn_options *options, char *argument)
{
  char *equals = strchr(argument, '=');
  if (equals == NULL || equals == argument)
    argp_error(state, "--set %s: KEY=VALUE is expected", argument);
  else {
    *equals = '\0';
    add_setting(options, argument, equals + 1);
  }
}

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

static size_t usable_processors(void)
{
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1 : (size_t)count;
}

static void show(const struct parse *parse, unsigned flags)
{
  argp_help(&parse->root, stdout, flags, (char *)(uintptr_t)parse->program->name);
  rnn_program_exit(RNN_OK);
}

static error_t parse_shared(int key, char *text, struct argp_state *state)
{
  const struct parse *parse = state->input;
  struct rnn_options *options = parse->options;
  size_t column;
  switch (key) {
  case 'm':
    options->model = text;
    break;
  case 'c':
    options->config_file = text;
    break;
  case 'D':
    set_key_value(state, options, text);
    break;
  case KEY_PRINT_CONFIG:
    options->print_config = true;
    break;
  case 'F':
    set_format(state, options, text);
    break;
  case KEY_LABEL_COLUMN:
    options->reader.label_column = (size_t)rnn_option_integer(state, "--label-column", text, 1, 65536);
    break;
  case KEY_TEXT_COLUMN:
    options->reader.text_column = (size_t)rnn_option_integer(state, "--text-column", text, 1, 65536);
    break;
  case KEY_COLUMN:
    if (!rnn_conllu_column_find(text, &column))
      argp_error(state, "--column=%s: conllu has no such column", text);
    options->reader.tag_column = text;
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
  case KEY_LEVEL:
    options->text.level = (enum rnn_level)rnn_option_choice(state, "--level", text, level_choices);
    options->text_given = true;
    break;
  case KEY_LOWERCASE:
    options->text.lowercase = true;
    options->text_given = true;
    break;
  case 'o':
    options->output = text;
    break;
  case 'f':
    options->force = true;
    break;
  case KEY_ON_ERROR:
    options->on_error = (enum rnn_on_error)rnn_option_choice(state, "--on-error", text, on_error_choices);
    break;
  case KEY_BATCH:
    options->batch = (size_t)rnn_option_integer(state, "--batch", text, 1, 65536);
    break;
  case KEY_LINE_BUFFERED:
    options->line_buffered = true;
    break;
  case 'J':
    options->json = true;
    break;
  case 'j':
    options->threads = (size_t)rnn_option_integer(state, "--threads", text, 0, MOST_THREADS);
    if (options->threads == 0)
      options->threads = usable_processors();
    break;
  case 's':
    if (parse->program->groups & RNN_OPTIONS_CONFIG)
      add_setting(options, "seed", text);
    else
      options->seed = (uint64_t)rnn_option_integer(state, "--seed", text, 0, INT64_MAX);
    break;
  case KEY_PROGRESS:
    options->progress = (enum rnn_progress_mode)rnn_option_choice(state, "--progress", text, progress_choices);
    break;
  case 'q':
    options->quiet = true;
    break;
  case 'v':
    options->verbose = true;
    break;
  case 'h':
  case '?':
    show(parse, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK);
    break;
  case KEY_USAGE:
    show(parse, ARGP_HELP_USAGE);
    break;
  case 'V':
    printf("%s (rnn-tools) %s\n", parse->program->name, RNN_VERSION);
    rnn_program_exit(RNN_OK);
  case ARGP_KEY_ARG:
    options->operand[options->operands++] = text;
    break;
  default:
    if (key < KEY_CONFIG || key >= RNN_OPTION_OWN)
      return ARGP_ERR_UNKNOWN;
    add_setting(options, rnn_keys[key - KEY_CONFIG].name, text != NULL ? text : "true");
  }
  return 0;
}

static error_t parse_root(int key, char *text, struct argp_state *state)
{
  const struct parse *parse = state->input;
  if (key == ARGP_KEY_INIT) {
    state->name = (char *)(uintptr_t)parse->program->name;
    for (size_t i = 0; parse->children[i].argp != NULL; i++)
      state->child_inputs[i] = parse->inputs[i];
    return 0;
  }
  return parse_shared(key, text, state);
}

static void add_child(struct parse *parse, const struct argp_option *options, const char *header, int group)
{
  size_t i = 0;
  while (parse->children[i].argp != NULL)
    i++;
  parse->argp[i] = (struct argp){.options = options, .parser = parse_shared};
  parse->children[i] = (struct argp_child){.argp = &parse->argp[i], .header = header, .group = group};
  parse->inputs[i] = parse;
}

/* A long option for every key of the configuration, under the heading of its group. */
static enum rnn_status make_key_options(struct parse *parse, struct rnn_error *error)
{
  enum rnn_status status;
  size_t count = 0;
  while (rnn_keys[count].name != NULL)
    count++;
  RNN_TRY(rnn_memory_new(&parse->keys, count + 1, sizeof *parse->keys, "options", error));
  RNN_TRY(rnn_memory_new(&parse->key_text, count, sizeof *parse->key_text, "options", error));
  for (size_t i = 0; i < count; i++) {
    const struct rnn_key *key = &rnn_keys[i];
    char *name = parse->key_text[i], *help = name + MOST_KEY_BYTES;
    snprintf(name, MOST_KEY_BYTES, "%s", key->name);
    for (char *p = name; *p != '\0'; p++)
      if (*p == '_')
        *p = '-';
    snprintf(help, KEY_HELP_BYTES, "%s (%s)", key->help, key->initial);
    parse->keys[i] = (struct argp_option){.name = name,
                                          .key = strcmp(name, "seed") == 0 ? 's' : KEY_CONFIG + (int)i,
                                          .arg = key->argument,
                                          .flags = key->type == RNN_KEY_BOOL ? OPTION_ARG_OPTIONAL : 0,
                                          .doc = help};
  }
out:
  return status;
}

static enum rnn_status add_groups(struct parse *parse, struct rnn_error *error)
{
  const struct rnn_program *program = parse->program;
  unsigned groups = program->groups;
  if (groups & RNN_OPTIONS_MODEL) {
    memcpy(parse->model_options, model_options, sizeof model_options);
    if (program->model != NULL)
      snprintf(parse->model_help, sizeof parse->model_help,
               "a file, a pipe, - or the name of an installed model (default: $RNN_MODEL, else %s)", program->model);
    else
      snprintf(parse->model_help, sizeof parse->model_help,
               "a file, a pipe, - or the name of an installed model (default: $RNN_MODEL)");
    parse->model_options[0].doc = parse->model_help;
    add_child(parse, parse->model_options, NULL, 0);
  }
  if (groups & RNN_OPTIONS_OUTPUT)
    add_child(parse, output_options, NULL, 0);
  if (groups & RNN_OPTIONS_JSON)
    add_child(parse, json_options, NULL, 0);
  if (groups & RNN_OPTIONS_SEED)
    add_child(parse, seed_options, NULL, 0);
  if (groups & RNN_OPTIONS_PROGRESS)
    add_child(parse, progress_options, NULL, 0);
  if (groups & RNN_OPTIONS_THREADS) {
    memcpy(parse->threads_options, threads_options, sizeof threads_options);
    parse->threads_options[0].doc =
        program->all_threads ? "threads; 0: all usable processors (0)" : "threads; 0: all usable processors (1)";
    add_child(parse, parse->threads_options, NULL, 0);
  }
  if (groups & RNN_OPTIONS_READER)
    add_child(parse, reader_options, "Input:", 2);
  if (groups & RNN_OPTIONS_TEXT)
    add_child(parse, text_options, NULL, 2);
  if (groups & RNN_OPTIONS_RECORDS)
    add_child(parse, records_options, NULL, 2);
  if (groups & RNN_OPTIONS_FILTER)
    add_child(parse, filter_options, NULL, 2);
  if (!(groups & RNN_OPTIONS_CONFIG))
    return RNN_OK;
  enum rnn_status status = make_key_options(parse, error);
  add_child(parse, config_options, "Configuration:", 3);
  if (status == RNN_OK)
    add_child(parse, parse->keys, "Keys of the configuration:", 4);
  return status;
}

static enum rnn_status set_defaults(struct rnn_options *options, const struct rnn_program *program, int argc,
                                    struct rnn_error *error)
{
  memset(options, 0, sizeof *options);
  options->reader = (struct rnn_reader_settings){.label_column = 1, .text_column = 2, .tag_column = "upos"};
  options->input = (struct rnn_input_settings){.record_end = '\n', .most_line_bytes = RNN_LIMIT_LINE_BYTES};
  options->threads = program->all_threads ? usable_processors() : 1;
  options->seed = 1;
  const char *model = getenv("RNN_MODEL");
  options->model = model != NULL && *model != '\0' ? model : program->model;
  enum rnn_status status;
  RNN_TRY(rnn_memory_new(&options->operand, (size_t)argc + 1, sizeof *options->operand, "operands", error));
  RNN_TRY(rnn_memory_new(&options->setting, (size_t)argc + 1, sizeof *options->setting, "settings", error));
out:
  return status;
}

enum rnn_status rnn_options_parse(struct rnn_options *options, const struct rnn_program *program, void *own, int argc,
                                  char **argv, struct rnn_error *error)
{
  enum rnn_status status;
  struct parse parse = {.options = options, .program = program, .own = own};
  RNN_TRY(set_defaults(options, program, argc, error));
  if (program->options != NULL) {
    parse.argp[0] = (struct argp){.options = program->options, .parser = program->parse};
    parse.children[0] = (struct argp_child){.argp = &parse.argp[0]};
    parse.inputs[0] = own;
  }
  RNN_TRY(add_groups(&parse, error));
  parse.root = (struct argp){.options = common_options,
                             .parser = parse_root,
                             .args_doc = program->operands,
                             .doc = program->about,
                             .children = parse.children};
  argv[0] = (char *)(uintptr_t)program->name;
  argp_err_exit_status = RNN_USAGE;
  error_t failed = argp_parse(&parse.root, argc, argv, ARGP_NO_HELP, NULL, &parse);
  if (failed != 0) {
    status = rnn_error_set(error, RNN_NO_MEMORY, "cannot parse the command line: %s", strerror(failed));
    goto out;
  }
  if (options->operands == 0 && program->operand != NULL)
    options->operand[options->operands++] = program->operand;
out:
  rnn_memory_free(parse.keys);
  rnn_memory_free(parse.key_text);
  return status;
}

void rnn_options_clear(struct rnn_options *options)
{
  rnn_memory_free(options->operand);
  rnn_memory_free(options->setting);
  rnn_memory_free(options->model_path);
  memset(options, 0, sizeof *options);
}

/* RNN_LEARNING_RATE and so on. */
static enum rnn_status apply_environment(struct rnn_config *config, struct rnn_error *error)
{
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    char name[MOST_KEY_BYTES + 4] = "RNN_";
    for (size_t i = 0; key->name[i] != '\0' && i < MOST_KEY_BYTES - 1; i++)
      name[4 + i] = (char)(key->name[i] >= 'a' && key->name[i] <= 'z' ? key->name[i] - 'a' + 'A' : key->name[i]);
    const char *text = getenv(name);
    if (text != NULL && rnn_config_set(config, key->name, text, error) != RNN_OK)
      return rnn_error_prefix(error, "environment");
  }
  return RNN_OK;
}

enum rnn_status rnn_options_config(const struct rnn_options *options, const struct rnn_config *base,
                                   struct rnn_config *config, struct rnn_error *error)
{
  enum rnn_status status;
  if (base != NULL)
    *config = *base;
  else
    rnn_config_init(config);
  if (options->config_file != NULL)
    RNN_TRY(rnn_config_read(config, options->config_file, error));
  RNN_TRY(apply_environment(config, error));
  for (size_t i = 0; i < options->settings; i++) {
    status = rnn_config_set(config, options->setting[i].key, options->setting[i].text, error);
    if (status == RNN_BAD_CONFIG)
      error->status = status = RNN_USAGE;
    if (status != RNN_OK)
      goto out;
  }
out:
  return status;
}

static void complain(void *context, const char *sentence)
{
  rnn_program_warn(context, "%s", sentence);
}

struct rnn_source_settings rnn_options_source(const struct rnn_options *options)
{
  return (struct rnn_source_settings){.name = options->operand,
                                      .names = options->operands,
                                      .format = options->format,
                                      .stream = options->stream,
                                      .reader = options->reader,
                                      .input = options->input,
                                      .text = options->text,
                                      .text_given = options->text_given,
                                      .on_error = options->on_error,
                                      .complain = complain,
                                      .context = (void *)(uintptr_t)options};
}

static bool is_stdin(const char *name)
{
  return strcmp(name, "-") == 0 || strcmp(name, "/dev/stdin") == 0 || strcmp(name, "/dev/fd/0") == 0 ||
         strcmp(name, "/proc/self/fd/0") == 0;
}

enum rnn_status rnn_options_claim(struct rnn_options *options, const char *name, const char *what,
                                  struct rnn_error *error)
{
  if (name == NULL || !is_stdin(name))
    return RNN_OK;
  if (options->stdin_taken_by != NULL && strcmp(options->stdin_taken_by, what) == 0)
    return rnn_error_set(error, RNN_USAGE, "standard input is named twice");
  if (options->stdin_taken_by != NULL)
    return rnn_error_set(error, RNN_USAGE, "standard input is named twice: for %s and for %s", options->stdin_taken_by,
                         what);
  options->stdin_taken_by = what;
  return RNN_OK;
}
