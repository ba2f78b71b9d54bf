/* The groups of options that programs share: a table of argp options and a parser for each. */
#ifndef RNN_OPTION_GROUPS_H
#define RNN_OPTION_GROUPS_H

#include "options.h"

/* What a group's parser gets as state->input. */
struct rnn_option_input {
  struct rnn_options *options;
  const struct rnn_program *program;
};

struct rnn_option_table {
  unsigned group; /* of enum rnn_option_group; 0: for every program */
  const struct argp_option *options;
  argp_parser_t parse;
};

extern const struct rnn_option_table rnn_option_tables[]; /* ends with options = NULL */
extern const struct argp_option rnn_option_common[];      /* --help and so on: the options of the root */
error_t rnn_option_parse_common(int key, char *text, struct argp_state *state);

/* For argp: the help of an option with the default of this program. */
char *rnn_option_filter_help(int key, const char *text, void *input);

/* A long option for every key of the configuration; *options and *text are freed with rnn_memory_free. */
enum rnn_status rnn_option_keys(struct argp_option **options, char **text, struct rnn_error *error) RNN_MUST_CHECK;
error_t rnn_option_parse_key(int key, char *text, struct argp_state *state);

extern const char *const rnn_option_sandbox_modes[]; /* by enum rnn_sandbox_mode; ends with NULL */

size_t rnn_option_processors(void); /* usable ones, at least 1 */

#endif
