/* What every program is: a table of options and a function that runs; and the one way in and out.
 *
 *   int main(int argc, char **argv)
 *   {
 *     struct settings settings = {.top = 1};
 *     return rnn_program_main(&program, &settings, argc, argv);
 *   }
 */
#ifndef RNN_PROGRAM_H
#define RNN_PROGRAM_H

#include "options.h"

struct rnn_program {
  const char *name;                  /* "rnn-classify" */
  const char *operands;              /* "[FILE...]" */
  const char *about;                 /* one line; after a \v, what stands below the options in --help */
  unsigned groups;                   /* of enum rnn_option_group */
  const struct argp_option *options; /* its own, with keys in 1 ... 255 that no taken group uses, or from
                                        RNN_OPTION_OWN on; NULL: none */
  argp_parser_t parse;               /* of its own options; state->input is `own`; operands are not its business */
  const char *model;                 /* the model that ships for it, or NULL */
  const char *operand;               /* the operand where there is none: "-", or NULL for none */
  bool all_threads;                  /* -j is all usable processors unless given; else 1 */
  enum rnn_status (*claim)(struct rnn_options *options, void *own,
                           struct rnn_error *error); /* before the sandbox: says what it will read and write besides the
                                                        operands, the model, --config and -o; NULL: nothing */
  enum rnn_status (*run)(struct rnn_options *options, void *own, struct rnn_error *error);
};

enum { RNN_OPTION_OWN = 0x4000 };

/* Parses, runs, prints the error, and answers the exit status. */
int rnn_program_main(const struct rnn_program *program, void *own, int argc, char **argv);

/* Ends the program at once in the same way (for --help): checks that standard output was written. */
void rnn_program_exit(enum rnn_status status) __attribute__((noreturn));

/* "rnn-classify: sentence" on standard error; warnings not with -q, notes only with -v. */
void rnn_program_warn(const struct rnn_options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rnn_program_note(const struct rnn_options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The path of a model: "-"; a path with '/' or of a file that exists; else NAME, NAME.zst or NAME.safetensors in
 * $RNN_MODEL_PATH, the user's data directory, the installed models, the models/ beside the program's directory.
 * *path is freed with rnn_memory_free. RNN_NO_INPUT says where it looked. */
enum rnn_status rnn_program_find_model(const char *name, char **path, struct rnn_error *error) RNN_MUST_CHECK;

/* For `claim`: the sandbox lets the model of that name be read. What is not found is left to the one who opens it. */
enum rnn_status rnn_program_allow_model(struct rnn_options *options, const char *name,
                                        struct rnn_error *error) RNN_MUST_CHECK;

/* A signal (SIGINT, SIGTERM, SIGHUP, unless ignored) ends the program at once and leaves no temporary file behind. With
 * `note` it is only noted from here on, for a program that has something to finish; a second one ends it. If run then
 * fails, the program dies of the signal. */
void rnn_program_note_signals(bool note);
int rnn_program_signal(void);         /* the number of the signal noted, or 0 */
void rnn_program_forget_signal(void); /* it was answered: the program does not die of it */

#endif
