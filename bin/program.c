/* The one way in and out of every program. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"
#include "memory.h"
#include "output.h"

static char stdout_buffer[1 << 16];

static const char *program_name = "rnn-tools";
static volatile sig_atomic_t signal_noted;

/* Closed standard descriptors would be given to the next file opened. What is put there fails when it is used. */
static void fill_standard_descriptors(void)
{
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
        _exit(RNN_BUG);
}

static void say(const char *format, va_list arguments)
{
  char text[RNN_ERROR_BYTES + 256];
  vsnprintf(text, sizeof text, format, arguments);
  fprintf(stderr, "%s: %s\n", program_name, text);
}

void rnn_program_warn(const struct rnn_options *options, const char *format, ...)
{
  if (options->quiet)
    return;
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
}

void rnn_program_note(const struct rnn_options *options, const char *format, ...)
{
  if (!options->verbose)
    return;
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
}

/* The status to leave with, once standard output is known to be written. */
static enum rnn_status close_stdout(enum rnn_status status)
{
  bool failed = ferror(stdout) != 0;
  errno = 0;
  if (fflush(stdout) != 0)
    failed = true;
  if (!failed)
    return status;
  fprintf(stderr, "%s: standard output: %s\n", program_name, errno != 0 ? strerror(errno) : "cannot be written");
  return RNN_WRITE_FAILED;
}

void rnn_program_exit(enum rnn_status status)
{
  exit((int)close_stdout(status));
}

/* ---- signals ---- */

static void die_of_signal(int number)
{
  rnn_output_remove_temporaries();
  signal(number, SIG_DFL);
  raise(number);
}

static void note_signal(int number)
{
  if (signal_noted != 0)
    die_of_signal(number);
  signal_noted = number;
}

void rnn_program_note_signals(bool note)
{
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
    struct sigaction action;
    if (sigaction(signals[i], NULL, &action) != 0 || action.sa_handler == SIG_IGN)
      continue;
    action.sa_handler = note ? note_signal : die_of_signal;
    action.sa_flags = 0;
    sigemptyset(&action.sa_mask);
    sigaction(signals[i], &action, NULL);
  }
}

int rnn_program_signal(void)
{
  return signal_noted;
}

void rnn_program_forget_signal(void)
{
  signal_noted = 0;
}

/* ---- models by name ---- */

static bool is_there(const char *path)
{
  struct stat facts;
  return stat(path, &facts) == 0;
}

/* A growing string. */
struct text {
  char *bytes;
  size_t length, capacity;
};

static enum rnn_status append(struct text *text, const char *more, size_t length, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_memory_grow(&text->bytes, &text->capacity, text->length + length + 1, 1, "a path", error));
  memcpy(text->bytes + text->length, more, length);
  text->length += length;
  text->bytes[text->length] = '\0';
out:
  return status;
}

static enum rnn_status append_text(struct text *text, const char *more, struct rnn_error *error)
{
  return append(text, more, strlen(more), error);
}

/* The directories to look in, with ':' between them. */
static enum rnn_status model_directories(struct text *list, struct rnn_error *error)
{
  enum rnn_status status;
  const char *path = getenv("RNN_MODEL_PATH"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  if (path != NULL && *path != '\0') {
    RNN_TRY(append_text(list, path, error));
    RNN_TRY(append_text(list, ":", error));
  }
  if (data != NULL && *data == '/') {
    RNN_TRY(append_text(list, data, error));
    RNN_TRY(append_text(list, "/rnn-tools/models:", error));
  } else if (home != NULL && *home == '/') {
    RNN_TRY(append_text(list, home, error));
    RNN_TRY(append_text(list, "/.local/share/rnn-tools/models:", error));
  }
  RNN_TRY(append_text(list, RNN_MODELS_DIRECTORY, error));
  char program[4096];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program);
  if (length <= 0 || (size_t)length >= sizeof program)
    goto out;
  size_t end = (size_t)length;
  for (int up = 0; up < 2 && end > 0; up++)
    while (end > 0 && program[--end] != '/')
      ;
  RNN_TRY(append_text(list, ":", error));
  RNN_TRY(append(list, program, end, error));
  RNN_TRY(append_text(list, "/models", error));
out:
  return status;
}

/* *path is "" where the directory has no such model. */
static enum rnn_status look_in(const char *directory, size_t length, const char *name, struct text *path,
                               struct rnn_error *error)
{
  static const char *const suffixes[] = {"", ".zst", ".safetensors"};
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
    path->length = 0;
    RNN_TRY(append(path, directory, length, error));
    RNN_TRY(append_text(path, "/", error));
    RNN_TRY(append_text(path, name, error));
    RNN_TRY(append_text(path, suffixes[i], error));
    if (is_there(path->bytes))
      return RNN_OK;
  }
  path->length = 0;
out:
  return status;
}

enum rnn_status rnn_program_find_model(const char *name, char **found, struct rnn_error *error)
{
  enum rnn_status status;
  struct text path = {0}, list = {0};
  *found = NULL;
  if (strcmp(name, "-") == 0 || strchr(name, '/') != NULL || is_there(name)) {
    RNN_TRY(append_text(&path, name, error));
    goto out;
  }
  RNN_TRY(model_directories(&list, error));
  for (const char *p = list.bytes; path.length == 0 && name[0] != '\0';) {
    size_t length = strcspn(p, ":");
    if (length > 0)
      RNN_TRY(look_in(p, length, name, &path, error));
    if (p[length] == '\0')
      break;
    p += length + 1;
  }
  if (path.length == 0)
    status = rnn_error_set(error, RNN_NO_INPUT,
                           "no model '%s': there is no such file here, and none by that name, with or without .zst or "
                           ".safetensors, in %s",
                           name, list.bytes);
out:
  rnn_memory_free(list.bytes);
  if (status == RNN_OK)
    *found = path.bytes;
  else
    rnn_memory_free(path.bytes);
  return status;
}

enum rnn_status rnn_program_allow_model(struct rnn_options *options, const char *name, struct rnn_error *error)
{
  struct rnn_error missing;
  char *path = NULL;
  enum rnn_status status = name == NULL ? RNN_OK : rnn_program_find_model(name, &path, &missing);
  rnn_sandbox_allow(&options->sandbox, path, RNN_SANDBOX_READ);
  rnn_memory_free(path);
  return status == RNN_NO_MEMORY ? rnn_error_set(error, status, "%s", missing.text) : RNN_OK;
}

/* ---- the whole run ---- */

static enum rnn_status claim_inputs(const struct rnn_program *program, struct rnn_options *options,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (program->groups & RNN_OPTIONS_MODEL && options->model != NULL) {
    RNN_TRY(rnn_program_find_model(options->model, &options->model_path, error));
    options->model = options->model_path;
    RNN_TRY(rnn_options_claim(options, options->model, "the model", error));
  }
  RNN_TRY(rnn_options_claim(options, options->config_file, "the configuration", error));
  for (size_t i = 0; i < options->operands && !options->print_config; i++)
    RNN_TRY(rnn_options_claim(options, options->operand[i], "the data", error));
out:
  return status;
}

/* Says what will be opened, and gives up the rest. */
static enum rnn_status confine(const struct rnn_program *program, struct rnn_options *options, void *own,
                               struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_sandbox *sandbox = &options->sandbox;
  rnn_sandbox_begin(sandbox, options->sandbox_mode);
  RNN_TRY(claim_inputs(program, options, error));
  if (options->output != NULL)
    rnn_sandbox_allow(sandbox, options->output, RNN_SANDBOX_WRITE);
  if (program->claim != NULL)
    RNN_TRY(program->claim(options, own, error));
  RNN_TRY(rnn_sandbox_enter(sandbox, error));
  if (sandbox->version > 0)
    rnn_program_note(options, "sandbox: Landlock %d%s", sandbox->version, sandbox->seccomp ? ", seccomp" : "");
  else
    rnn_program_note(options, "sandbox: %s", sandbox->seccomp ? "seccomp" : "none");
out:
  return status;
}

static void show_error(const struct rnn_error *error, enum rnn_status status)
{
  if (error->text[0] == '\0')
    return;
  fprintf(stderr, "%s: %s\n", program_name, error->text);
  if (status == RNN_USAGE)
    fprintf(stderr, "Try `%s --help' or `%s --usage' for more information.\n", program_name, program_name);
}

/* Machines of many kinds may share one environment: the answers are the same, so the work goes on. */
static void check_kernel(const struct rnn_options *options)
{
  const char *name = getenv("RNN_KERNEL");
  if (name != NULL && *name != '\0' && rnn_kernel_find(name) == NULL)
    rnn_program_warn(options, "RNN_KERNEL=%s: not a kernel for this processor; %s is used", name, rnn_kernel()->name);
}

int rnn_program_main(const struct rnn_program *program, void *own, int argc, char **argv)
{
  enum rnn_status status;
  struct rnn_error error = {0};
  struct rnn_options options;
  program_name = program->name;
  fill_standard_descriptors();
  if (!isatty(STDOUT_FILENO)) /* a page of help fits: the cause of a failed write is then known when it is closed */
    setvbuf(stdout, stdout_buffer, _IOFBF, sizeof stdout_buffer);
  rnn_program_note_signals(false);
  signal(SIGXFSZ, SIG_IGN); /* a write past the limit of file sizes fails instead */
  RNN_TRY(rnn_options_parse(&options, program, own, argc, argv, &error));
  check_kernel(&options);
  RNN_TRY(confine(program, &options, own, &error));
  if (options.sandbox_mode == RNN_SANDBOX_TEST)
    status = rnn_sandbox_test(&options.sandbox, &error);
  else
    status = program->run(&options, own, &error);
out:
  show_error(&error, status);
  rnn_options_clear(&options);
  if (signal_noted != 0 && status != RNN_OK && status != RNN_STOPPED)
    die_of_signal(signal_noted);
  return (int)close_stdout(status);
}
