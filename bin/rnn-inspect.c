/* rnn-inspect: looks inside models and sequence streams. Compiled in double: what it computes is meant as a proof. */
#include <string.h>
#include <unistd.h>

#include "inspect.h"
#include "program.h"

struct settings {
  const char *model;
  bool limits;
  size_t most_parameters;
};

struct view {
  const char *name;
  size_t most_operands; /* after the name */
  enum rnn_status (*run)(struct inspect *inspect, struct rnn_error *error);
};

static const struct view views[] = {
    {"summary", 1, inspect_summary}, {"history", 1, inspect_history}, {"vocabulary", 1, inspect_vocabulary},
    {"labels", 1, inspect_labels},   {"config", 1, inspect_config},   {"check", SIZE_MAX, inspect_check},
    {"diff", 2, inspect_diff},
};

enum { KEY_LIMITS = RNN_OPTION_OWN, KEY_PARAMETERS };

static const struct argp_option own_options[] = {
    {"model", 'm', "MODEL", 0, "the model: a file, a pipe, - or the name of an installed one (default: -)", 0},
    {"limits", KEY_LIMITS, NULL, 0, "print the limits on what is read, and exit", 0},
    {"parameters", KEY_PARAMETERS, "N", 0, "check: N parameters of each tensor, spread evenly (default: all)", 0},
    {0}};

static error_t parse_own(int key, char *text, struct argp_state *state)
{
  struct settings *settings = state->input;
  switch (key) {
  case 'm':
    settings->model = text;
    return 0;
  case KEY_LIMITS:
    settings->limits = true;
    return 0;
  case KEY_PARAMETERS:
    settings->most_parameters = (size_t)rnn_option_integer(state, "--parameters", text, 1, INT64_MAX);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static enum rnn_status no_such_view(const char *name, struct rnn_error *error)
{
  char known[512] = "";
  for (size_t i = 0, used = 0; i < sizeof views / sizeof views[0] && used < sizeof known; i++)
    used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i == 0 ? "" : ", ", views[i].name);
  return rnn_error_set(error, RNN_USAGE, "there is no view '%s', only %s", name, known);
}

/* The view that the first operand names, which is then taken; else the summary. */
static enum rnn_status choose_view(struct inspect *inspect, const struct view **view, struct rnn_error *error)
{
  bool named = false;
  *view = &views[0];
  for (size_t i = 0; inspect->operands > 0 && i < sizeof views / sizeof views[0]; i++)
    if (strcmp(inspect->operand[0], views[i].name) == 0) {
      *view = &views[i];
      inspect->operand++;
      inspect->operands--;
      named = true;
      break;
    }
  if (!named && inspect->operands > 1)
    return no_such_view(inspect->operand[0], error);
  if (inspect->operands > (*view)->most_operands)
    return rnn_error_set(error, RNN_USAGE, "%s: %s '%s'", (*view)->name,
                         (*view)->most_operands == 1 ? "one operand at most; what is" : "two operands; what is",
                         inspect->operand[(*view)->most_operands]);
  return RNN_OK;
}

static enum rnn_status run(struct rnn_options *options, void *own, struct rnn_error *error)
{
  const struct settings *settings = own;
  struct inspect inspect = {.options = options,
                            .model = settings->model,
                            .operand = options->operand,
                            .operands = options->operands,
                            .most_parameters = settings->most_parameters};
  enum rnn_status status;
  const struct view *view;
  bool terminal = options->output == NULL && isatty(STDOUT_FILENO);
  inspect.style = options->json ? RNN_TABLE_JSON : terminal ? RNN_TABLE_ALIGNED : RNN_TABLE_TSV;
  RNN_TRY(rnn_options_claim(options, inspect.model, "the model", error));
  RNN_TRY(choose_view(&inspect, &view, error));
  RNN_TRY(rnn_output_open(&inspect.output, options->output, false, false, error));
  status = settings->limits ? inspect_limits(&inspect, error) : view->run(&inspect, error);
  if (status != RNN_OK && status != RNN_NEGATIVE) {
    rnn_output_abandon(inspect.output);
    goto out;
  }
  enum rnn_status finished = rnn_output_finish(inspect.output, error);
  status = finished != RNN_OK ? finished : status;
out:
  return status;
}

static enum rnn_status claim(struct rnn_options *options, void *own, struct rnn_error *error)
{
  const struct settings *settings = own;
  enum rnn_status status;
  RNN_TRY(rnn_program_allow_model(options, settings->model, error));
  RNN_TRY(rnn_program_allow_model(options, options->model, error)); /* $RNN_MODEL */
  for (size_t i = 0; i < options->operands; i++)
    RNN_TRY(rnn_program_allow_model(options, options->operand[i], error));
out:
  return status;
}

static const struct rnn_program program = {
    .name = "rnn-inspect",
    .operands = "[WHAT] [FILE...]",
    .about = "Look inside a model or a sequence stream.\v"
             "WHAT is one of\n"
             "  summary      what a model or a stream is (the default)\n"
             "  history      the training curve of a model, one line an epoch\n"
             "  vocabulary   the symbols, each with its count\n"
             "  labels       the labels or tags\n"
             "  config       the configuration of a model, as YAML that trains it again\n"
             "  check        the gradients of a model, by back-propagation and by central\n"
             "               differences, for every parameter, on the data in FILEs or on a\n"
             "               small random batch; exit 1 if any differ by more than 1e-6\n"
             "  diff A B     what differs between two models; exit 1 if anything does\n"
             "\n"
             "The model or the stream is FILE (for check, -m), else standard input. A table comes out on a terminal, "
             "tab-separated values in a pipe, JSON with -J.",
    .groups = RNN_OPTIONS_READER | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_JSON | RNN_OPTIONS_SEED,
    .options = own_options,
    .parse = parse_own,
    .claim = claim,
    .run = run,
};

int main(int argc, char **argv)
{
  struct settings settings = {0};
  return rnn_program_main(&program, &settings, argc, argv);
}
