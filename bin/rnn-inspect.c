/* rnn-inspect: looks inside models and sequence streams. Compiled in double: what it computes is meant as a proof. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inspect.h"
#include "inspect_plot.h"
#include "memory.h"
#include "program.h"

struct settings {
  struct inspect inspect; /* what the options say */
  const char *plot;
  bool limits;
};

struct view {
  const char *name;
  size_t most_operands; /* after the name */
  enum rnn_status (*run)(struct inspect *inspect, struct rnn_error *error);
};

static const struct view views[] = {
    {"summary", 1, inspect_summary},
    {"history", 1, inspect_history},
    {"vocabulary", 1, inspect_vocabulary},
    {"labels", 1, inspect_labels},
    {"config", 1, inspect_config},
    {"gradients", SIZE_MAX, inspect_gradients},
    {"jacobians", SIZE_MAX, inspect_jacobians},
    {"tensor", SIZE_MAX, inspect_tensor},
    {"check", SIZE_MAX, inspect_check},
    {"states", SIZE_MAX, inspect_states},
    {"saliency", SIZE_MAX, inspect_saliency},
    {"diff", 2, inspect_diff},
};

enum {
  KEY_LIMITS = RNN_OPTION_OWN,
  KEY_PARAMETERS,
  KEY_PLOT,
  KEY_SHOW,
  KEY_SEQUENCES,
  KEY_STEPS,
  KEY_STEP,
  KEY_LAYER,
  KEY_REVERSE,
  KEY_HTML,
  KEY_NPY,
  KEY_P,
  KEY_Q,
  KEY_R
};

static const struct argp_option own_options[] = {
    {"model", 'm', "MODEL", 0, "the model: a file, a pipe, - or the name of an installed one (default: -)", 0},
    {"limits", KEY_LIMITS, NULL, 0, "print the limits on what is read, and exit", 0},
    {"set", 'D', "KEY=VALUE", 0, "instead of a model, a new one for the data, with random parameters", 0},
    {"plot", KEY_PLOT, "FILE", 0, "draw the table by gnuplot: FILE.svg, FILE.png, or - as letters in its place", 0},
    {"show", KEY_SHOW, "TABLE", 0, "which table of the view (below)", 0},
    {"sequences", KEY_SEQUENCES, "N", 0, "take the first N sequences of the data (default: 10)", 0},
    {"steps", KEY_STEPS, "N", 0, "and of each the last N steps (default: 512; saliency: 4096)", 0},
    {"step", KEY_STEP, "T", 0, "tensor, jacobians, saliency: at step T, from 0 (default: the last)", 0},
    {"layer", KEY_LAYER, "L", 0, "tensor, states: of layer L, from 0 (default: the top one)", 0},
    {"reverse", KEY_REVERSE, NULL, 0, "and of its backward direction", 0},
    {"p", KEY_P, "P", 0, "tensor: elements of unit P alone; likewise", 0},
    {"q", KEY_Q, "Q", 0, "of row Q", 0},
    {"r", KEY_R, "R", 0, "and column R of W", 0},
    {"html", KEY_HTML, NULL, 0, "saliency: a page of HTML", 0},
    {"npy", KEY_NPY, NULL, 0, "states: one array of the steps' states, as NumPy reads it", 0},
    {"parameters", KEY_PARAMETERS, "N", 0,
     "check: N parameters of each tensor, spread evenly (default: all, or of a large model as many as a minute "
     "allows); "
     "tensor: N weights",
     0},
    {0}};

static size_t number(const struct argp_state *state, const char *name, const char *text, int64_t least)
{
  return (size_t)rnn_option_integer(state, name, text, least, INT64_MAX);
}

/* KEY=VALUE, in the text of the command line itself. */
static void add_setting(struct argp_state *state, struct inspect *inspect, char *text)
{
  char *equals = strchr(text, '=');
  if (equals == NULL) {
    argp_error(state, "--set=%s: KEY=VALUE is expected", text);
    return;
  }
  *equals = '\0';
  inspect->setting[inspect->settings++] = (struct rnn_setting){.key = text, .text = equals + 1};
}

static error_t parse_own(int key, char *text, struct argp_state *state)
{
  struct settings *settings = state->input;
  struct inspect *inspect = &settings->inspect;
  switch (key) {
  case 'm':
    inspect->model = text;
    return 0;
  case 'D':
    add_setting(state, inspect, text);
    return 0;
  case KEY_LIMITS:
    settings->limits = true;
    return 0;
  case KEY_PLOT:
    settings->plot = text;
    return 0;
  case KEY_SHOW:
    inspect->show = text;
    return 0;
  case KEY_PARAMETERS:
    inspect->most_parameters = number(state, "--parameters", text, 1);
    return 0;
  case KEY_SEQUENCES:
    inspect->most_sequences = number(state, "--sequences", text, 1);
    return 0;
  case KEY_STEPS:
    inspect->most_steps = number(state, "--steps", text, 1);
    return 0;
  case KEY_STEP:
    inspect->step = number(state, "--step", text, 0);
    return 0;
  case KEY_LAYER:
    inspect->layer = number(state, "--layer", text, 0);
    return 0;
  case KEY_REVERSE:
    inspect->reverse = true;
    return 0;
  case KEY_HTML:
    inspect->html = true;
    return 0;
  case KEY_NPY:
    inspect->npy = true;
    return 0;
  case KEY_P:
  case KEY_Q:
  case KEY_R:
    inspect->index[key - KEY_P] = number(state, (const char *const[]){"--p", "--q", "--r"}[key - KEY_P], text, 0);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* ---- what views share ---- */

enum rnn_status inspect_choose(const struct inspect *inspect, const struct inspect_show *shows, size_t *show,
                               struct rnn_error *error)
{
  char known[256] = "";
  *show = 0;
  for (size_t i = 0, used = 0; shows[i].name != NULL && used < sizeof known; i++) {
    if (inspect->show != NULL ? strcmp(inspect->show, shows[i].name) == 0
                              : inspect->plot == NULL || shows[i].picture != NULL) {
      *show = i;
      return RNN_OK;
    }
    used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i == 0 ? "" : ", ", shows[i].name);
  }
  return rnn_error_set(error, RNN_USAGE, "--show=%s: there is no such table, only %s",
                       inspect->show == NULL ? "" : inspect->show, known);
}

enum rnn_status inspect_write(const struct inspect *inspect, struct rnn_table *table,
                              const struct inspect_picture *picture, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (inspect->plot == NULL)
    return rnn_table_write(table, inspect->output, inspect->style, error);
  if (picture == NULL)
    return rnn_error_set(error, RNN_USAGE, "--plot: this table has no picture%s",
                         inspect->show == NULL ? "" : "; --show another");
  if (!inspect_plot_is_text(inspect->plot))
    RNN_TRY(rnn_table_write(table, inspect->output, inspect->style, error));
  RNN_TRY(inspect_plot_draw(inspect->plot, table, picture, inspect->output, error));
out:
  return status;
}

enum rnn_status inspect_check_place(struct inspect *inspect, const struct rnn_shape *shape, struct rnn_error *error)
{
  if (inspect->layer == SIZE_MAX)
    inspect->layer = shape->layers - 1;
  if (inspect->layer >= shape->layers)
    return rnn_error_set(error, RNN_USAGE, "--layer=%zu: the network has layers 0 to %zu", inspect->layer,
                         shape->layers - 1);
  if (inspect->reverse && shape->directions == 1)
    return rnn_error_set(error, RNN_USAGE, "--reverse: the network has one direction");
  return RNN_OK;
}

/* ---- the view ---- */

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
  struct settings *settings = own;
  struct inspect *inspect = &settings->inspect;
  enum rnn_status status;
  const struct view *view;
  inspect->options = options;
  inspect->operand = options->operand;
  inspect->operands = options->operands;
  inspect->terminal = options->output == NULL && isatty(STDOUT_FILENO);
  inspect->style = options->json ? RNN_TABLE_JSON : inspect->terminal ? RNN_TABLE_ALIGNED : RNN_TABLE_TSV;
  RNN_TRY(rnn_options_claim(options, inspect->model, "the model", error));
  RNN_TRY(choose_view(inspect, &view, error));
  RNN_TRY(rnn_output_open(&inspect->output, options->output, inspect->npy, options->force, error));
  status = settings->limits ? inspect_limits(inspect, error) : view->run(inspect, error);
  if (status != RNN_OK && status != RNN_NEGATIVE) {
    rnn_output_abandon(inspect->output);
    goto out;
  }
  enum rnn_status finished = rnn_output_finish(inspect->output, error);
  status = finished != RNN_OK ? finished : status;
out:
  return status;
}

/* gnuplot is started here, before the sandbox, which lets nothing be started. */
static enum rnn_status claim(struct rnn_options *options, void *own, struct rnn_error *error)
{
  struct settings *settings = own;
  enum rnn_status status;
  RNN_TRY(rnn_program_allow_model(options, settings->inspect.model, error));
  RNN_TRY(rnn_program_allow_model(options, options->model, error)); /* $RNN_MODEL */
  for (size_t i = 0; i < options->operands; i++)
    RNN_TRY(rnn_program_allow_model(options, options->operand[i], error));
  if (settings->plot != NULL) {
    rnn_sandbox_allow(&options->sandbox, settings->plot, RNN_SANDBOX_WRITE);
    RNN_TRY(inspect_plot_open(&settings->inspect.plot, settings->plot, error));
  }
out:
  return status;
}

static const struct rnn_program program = {
    .name = "rnn-inspect",
    .operands = "[WHAT] [FILE...]",
    .about =
        "Look inside a model or a sequence stream.\v"
        "WHAT is one of\n"
        "  summary      what a model or a stream is (the default)\n"
        "  history      the training curve of a model, one line an epoch\n"
        "  vocabulary   the symbols, each with its count\n"
        "  labels       the labels or tags\n"
        "  config       the configuration of a model, as YAML that trains it again\n"
        "  gradients    where the gradient of the loss goes in time: how much of dL_t/ds_k is\n"
        "               left t-k steps back, what each distance gives, what truncation costs\n"
        "               (--show summary, curve, steps, parts, truncation)\n"
        "  jacobians    singular values of ds_t/ds_{t-1}, ||ds_t/ds_k|| and its bounds, the\n"
        "               verdict: vanishing, exploding or near the edge, and the bptt that is\n"
        "               enough (--show summary, products, steps, values)\n"
        "  tensor       the d x d x d elements of d+s_k/dW, beside differences; exit 1 if\n"
        "               any differ by more than 1e-6 (--show summary, elements)\n"
        "  check        the gradients of a model, by back-propagation and by central\n"
        "               differences, for every parameter, on the data in FILEs or on a\n"
        "               small random batch; exit 1 if any differ by more than 1e-6\n"
        "  states       s_t and the gates of each step (--show s, gates, c), and which unit\n"
        "               follows what (--show units)\n"
        "  saliency     what each step has to do with the decision, in nats\n"
        "  diff A B     what differs between two models; exit 1 if anything does\n"
        "\n"
        "The model or the stream is FILE, else standard input; for gradients and what follows it is -m, and FILEs are "
        "data. A table comes out on a terminal, tab-separated values in a pipe, JSON with -J.",
    .groups = RNN_OPTIONS_READER | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_JSON | RNN_OPTIONS_SEED | RNN_OPTIONS_TEXT |
              RNN_OPTIONS_THREADS,
    .options = own_options,
    .parse = parse_own,
    .claim = claim,
    .run = run,
};

int main(int argc, char **argv)
{
  struct rnn_error error = {.status = RNN_OK};
  struct settings settings = {.inspect = {.most_sequences = 10,
                                          .step = SIZE_MAX,
                                          .layer = SIZE_MAX,
                                          .index = {SIZE_MAX, SIZE_MAX, SIZE_MAX}}};
  if (rnn_memory_new(&settings.inspect.setting, (size_t)argc, sizeof *settings.inspect.setting, "settings", &error) !=
      RNN_OK) {
    fprintf(stderr, "rnn-inspect: %s\n", error.text);
    return RNN_NO_MEMORY;
  }
  int status = rnn_program_main(&program, &settings, argc, argv);
  inspect_plot_close(settings.inspect.plot);
  rnn_memory_free(settings.inspect.setting);
  return status;
}
