/* Parsing a command line: the groups a program takes and its own options, and what becomes of their values. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "input_limits.h"
#include "memory.h"
#include "number.h"
#include "option_groups.h"
#include "picture.h"
#include "program.h"

enum { MOST_CHILDREN = 16, MOST_KEY_BYTES = 64 };

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

/* All that one parse needs, on its way through argp. The program's own options are the first child. */
struct parse {
  struct rnn_option_input input;
  size_t children;
  struct argp_child child[MOST_CHILDREN];
  struct argp argp[MOST_CHILDREN];
  void *child_input[MOST_CHILDREN];
  struct argp_option *keys;
  char *key_text;
};

static void add_child(struct parse *parse, const struct rnn_option_table *table, void *input)
{
  size_t i = parse->children++;
  parse->argp[i] = (struct argp){.options = table->options, .parser = table->parse};
  if (input == &parse->input)
    parse->argp[i].help_filter = rnn_option_filter_help;
  parse->child[i] = (struct argp_child){.argp = &parse->argp[i]};
  parse->child_input[i] = input;
}

static enum rnn_status add_children(struct parse *parse, void *own, struct rnn_error *error)
{
  const struct rnn_program *program = parse->input.program;
  if (program->options != NULL)
    add_child(parse, &(struct rnn_option_table){.options = program->options, .parse = program->parse}, own);
  for (const struct rnn_option_table *table = rnn_option_tables; table->options != NULL; table++)
    if (program->groups & table->group)
      add_child(parse, table, &parse->input);
  if (!(program->groups & RNN_OPTIONS_CONFIG))
    return RNN_OK;
  enum rnn_status status = rnn_option_keys(&parse->keys, &parse->key_text, error);
  if (status == RNN_OK)
    add_child(parse, &(struct rnn_option_table){.options = parse->keys, .parse = rnn_option_parse_key}, &parse->input);
  return status;
}

static error_t parse_root(int key, char *text, struct argp_state *state)
{
  const struct rnn_option_input *input = state->input;
  if (key != ARGP_KEY_INIT)
    return rnn_option_parse_common(key, text, state);
  const struct parse *parse = state->input;
  state->name = (char *)(uintptr_t)input->program->name;
  for (size_t i = 0; i < parse->children; i++)
    state->child_inputs[i] = parse->child_input[i];
  return 0;
}

static enum rnn_status default_sandbox(struct rnn_options *options, struct rnn_error *error)
{
  const char *text = getenv("RNN_SANDBOX");
  if (text == NULL || *text == '\0')
    return RNN_OK;
  for (int i = 0; rnn_option_sandbox_modes[i] != NULL; i++)
    if (strcmp(text, rnn_option_sandbox_modes[i]) == 0) {
      options->sandbox_mode = (enum rnn_sandbox_mode)i;
      return RNN_OK;
    }
  return rnn_error_set(error, RNN_USAGE, "RNN_SANDBOX=%s: auto, require, off or test is expected", text);
}

static enum rnn_status set_defaults(struct rnn_options *options, const struct rnn_program *program, int argc,
                                    struct rnn_error *error)
{
  memset(options, 0, sizeof *options);
  options->reader = (struct rnn_reader_settings){.label_column = 1, .text_column = 2};
  options->input = (struct rnn_input_settings){.record_end = '\n', .most_line_bytes = RNN_LIMIT_LINE_BYTES};
  options->threads = program->all_threads ? rnn_option_processors() : 1;
  options->seed = 1;
  const char *model = getenv("RNN_MODEL");
  options->model = model != NULL && *model != '\0' ? model : program->model;
  enum rnn_status status;
  RNN_TRY(default_sandbox(options, error));
  RNN_TRY(rnn_memory_new(&options->operand, (size_t)argc + 1, sizeof *options->operand, "operands", error));
  RNN_TRY(rnn_memory_new(&options->setting, (size_t)argc + 1, sizeof *options->setting, "settings", error));
out:
  return status;
}

enum rnn_status rnn_options_parse(struct rnn_options *options, const struct rnn_program *program, void *own, int argc,
                                  char **argv, struct rnn_error *error)
{
  enum rnn_status status;
  struct parse parse = {.input = {.options = options, .program = program}};
  const struct argp root = {.options = rnn_option_common,
                            .parser = parse_root,
                            .args_doc = program->operands,
                            .doc = program->about,
                            .children = parse.child};
  RNN_TRY(set_defaults(options, program, argc, error));
  RNN_TRY(add_children(&parse, own, error));
  argv[0] = (char *)(uintptr_t)program->name;
  argp_err_exit_status = RNN_USAGE;
  error_t failed = argp_parse(&root, argc, argv, ARGP_NO_HELP, NULL, &parse);
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
    for (size_t i = 0; i < MOST_KEY_BYTES - 1 && key->name[i] != '\0'; i++)
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

enum rnn_status rnn_options_source_as(const struct rnn_options *options, struct rnn_text known, bool frames,
                                      struct rnn_source_settings *settings, struct rnn_error *error)
{
  *settings = rnn_options_source(options);
  settings->text = known;
  settings->text_given = !frames;
  return rnn_options_picture(options, known.picture, &settings->text.picture, error);
}

enum rnn_status rnn_options_picture(const struct rnn_options *options, struct rnn_picture_size known,
                                    struct rnn_picture_size *size, struct rnn_error *error)
{
  struct rnn_picture_size asked = options->text.picture;
  char one[RNN_PICTURE_SIZE_BYTES], other[RNN_PICTURE_SIZE_BYTES];
  if (rnn_picture_size_differ(asked, known))
    return rnn_error_set(error, RNN_USAGE, "--size=%s: the model was trained on pictures of %s",
                         rnn_picture_size_name(asked, one), rnn_picture_size_name(known, other));
  *size = known.columns > 0 ? known : asked;
  return RNN_OK;
}

static bool is_stdin(const char *name)
{
  return strcmp(name, "-") == 0 || strcmp(name, "/dev/stdin") == 0 || strcmp(name, "/dev/fd/0") == 0 ||
         strcmp(name, "/proc/self/fd/0") == 0;
}

enum rnn_status rnn_options_claim(struct rnn_options *options, const char *name, const char *what,
                                  struct rnn_error *error)
{
  if (name != NULL)
    rnn_sandbox_allow(&options->sandbox, name, RNN_SANDBOX_READ);
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
