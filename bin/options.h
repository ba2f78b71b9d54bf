/* The options that programs share, in groups; each program names the groups it takes and adds a table of its own. The
 * one table gives parsing, --help, --usage and the manual page. */
#ifndef RNN_OPTIONS_H
#define RNN_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "input.h"
#include "reader.h"
#include "sandbox.h"
#include "source.h"

enum rnn_option_group {
  RNN_OPTIONS_MODEL = 1 << 0,    /* -m */
  RNN_OPTIONS_CONFIG = 1 << 1,   /* -c, -D, --print-config, and a long option for every key; the key `seed` is -s too */
  RNN_OPTIONS_READER = 1 << 2,   /* -F, --label-column, --text-column, --column, --label, --utf8, -z, --max-line */
  RNN_OPTIONS_OUTPUT = 1 << 3,   /* -o, -f */
  RNN_OPTIONS_RECORDS = 1 << 4,  /* --on-error */
  RNN_OPTIONS_FILTER = 1 << 5,   /* --batch, --line-buffered */
  RNN_OPTIONS_JSON = 1 << 6,     /* -J */
  RNN_OPTIONS_THREADS = 1 << 7,  /* -j */
  RNN_OPTIONS_SEED = 1 << 8,     /* -s, where there is no config */
  RNN_OPTIONS_PROGRESS = 1 << 9, /* --progress */
  RNN_OPTIONS_TEXT = 1 << 10     /* --level, --lowercase */
};                               /* --sandbox, -q, -v, -h, --help, --usage, -V: always */

enum rnn_progress_mode { RNN_PROGRESS_AUTO, RNN_PROGRESS_ALWAYS, RNN_PROGRESS_NEVER, RNN_PROGRESS_JSON };

/* One KEY=VALUE of the command line. */
struct rnn_setting {
  const char *key, *text;
};

struct rnn_options {
  const char *model; /* as given or the default; the path found by look-up once run is called */
  const char *config_file;
  bool print_config;
  const char *from;                /* as given, or NULL: to be guessed */
  const struct rnn_format *format; /* NULL: to be guessed, or a stream */
  bool stream;                     /* --from seq */
  struct rnn_reader_settings reader;
  struct rnn_input_settings input;
  struct rnn_text text; /* how raw text is cut and pictures are measured; */
  bool text_given;      /* how text is cut, by an option */
  const char *output;   /* NULL: standard output */
  bool force;
  enum rnn_on_error on_error;
  size_t batch; /* 0: the program's choice */
  bool line_buffered, json, quiet, verbose;
  size_t threads; /* at least 1 */
  uint64_t seed;  /* RNN_OPTIONS_SEED */
  enum rnn_progress_mode progress;
  enum rnn_sandbox_mode sandbox_mode;
  const char **operand; /* [operands]; "-" is standard input */
  size_t operands;
  /* storage */
  struct rnn_setting *setting;
  size_t settings;
  const char *stdin_taken_by;
  struct rnn_sandbox sandbox;
  char *model_path;
};

struct rnn_program;

/* Parses the command line; prints and exits for --help, --usage, --version and for a usage error (64). `own` is the
 * input of the program's own parser. */
enum rnn_status rnn_options_parse(struct rnn_options *options, const struct rnn_program *program, void *own, int argc,
                                  char **argv, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_options_clear(struct rnn_options *options);

/* The merged config: `base` (a model's; NULL: the defaults), then --config, the environment (RNN_LEARNING_RATE for
 * learning_rate), the command line. A mistake on the command line is RNN_USAGE, elsewhere RNN_BAD_CONFIG. */
enum rnn_status rnn_options_config(const struct rnn_options *options, const struct rnn_config *base,
                                   struct rnn_config *config, struct rnn_error *error) RNN_MUST_CHECK;

/* How the operands are to be read; belongs to the options. */
struct rnn_source_settings rnn_options_source(const struct rnn_options *options);

/* The same of data for a model that is there: text is cut and pictures are measured as the model has it, `known`; of
 * frames no text is cut. RNN_USAGE where --size says otherwise. */
enum rnn_status rnn_options_source_as(const struct rnn_options *options, struct rnn_text known, bool frames,
                                      struct rnn_source_settings *settings, struct rnn_error *error) RNN_MUST_CHECK;

/* *size = which pictures are measured: those that a model knows, else those of --size, else 0 x 0. RNN_USAGE where the
 * first two differ. */
enum rnn_status rnn_options_picture(const struct rnn_options *options, struct rnn_picture_size known,
                                    struct rnn_picture_size *size, struct rnn_error *error) RNN_MUST_CHECK;

/* Says that `name` will be read, so that the sandbox allows it: standard input twice is RNN_USAGE. `what` ("the model")
 * is for the message. Done already for operands, the model and --config; NULL is no name. */
enum rnn_status rnn_options_claim(struct rnn_options *options, const char *name, const char *what,
                                  struct rnn_error *error) RNN_MUST_CHECK;

/* For parsers: the value of an option, or a usage error. `name` as typed ("--top"). */
int64_t rnn_option_integer(const struct argp_state *state, const char *name, const char *text, int64_t least,
                           int64_t most);
double rnn_option_real(const struct argp_state *state, const char *name, const char *text, double least, double most);
int rnn_option_choice(const struct argp_state *state, const char *name, const char *text, const char *const *choices);

#endif
