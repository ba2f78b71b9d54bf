/* Any bytes as a command line, a word a line: parsed, or ended with 0 (--help) or 64. argp ends the program itself,
 * from inside libc; a function that on_exit calls makes of that the end of a run. What was allocated until then is
 * lost. The first byte chooses the program. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "options.h"
#include "program.h"

enum { MOST_WORDS = 64, MOST_BYTES = 4096 };

static jmp_buf ended;
static bool minded, parsing; /* the next exit is; it would be that of a run */
static int end_status;

static void leave(int status, void *context)
{
  (void)context;
  minded = false;
  end_status = status;
  if (parsing)
    longjmp(ended, 1);
}

static FILE *silence(void)
{
  FILE *nowhere = fopen("/dev/null", "w");
  FUZZ_EXPECT(nowhere != NULL);
  return nowhere;
}

static void check(const struct rnn_options *options)
{
  struct rnn_config config;
  struct rnn_error error = {.text = ""};
  FUZZ_EXPECT(options->threads >= 1 && options->operands <= MOST_WORDS);
  for (size_t i = 0; i < options->operands; i++)
    FUZZ_EXPECT(options->operand[i] != NULL);
  if (options->config_file != NULL)
    return;
  enum rnn_status status = rnn_options_config(options, NULL, &config, &error);
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_USAGE && error.text[0] != '\0'));
}

static void parse(const struct rnn_program *program, int words, char **word)
{
  static struct rnn_options options;
  struct rnn_error error = {.text = ""};
  if (!minded)
    FUZZ_EXPECT(on_exit(leave, NULL) == 0);
  minded = parsing = true;
  if (setjmp(ended) != 0) {
    parsing = false;
    FUZZ_EXPECT(end_status == RNN_OK || end_status == RNN_USAGE);
    return;
  }
  FUZZ_EXPECT(rnn_options_parse(&options, program, NULL, words, word, &error) == RNN_OK);
  parsing = false;
  check(&options);
  rnn_options_clear(&options);
}

int fuzz_options(const uint8_t *data, size_t size)
{
  static const struct rnn_program programs[] = {
      {.name = "trainer",
       .groups = RNN_OPTIONS_CONFIG | RNN_OPTIONS_READER | RNN_OPTIONS_TEXT | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_RECORDS |
                 RNN_OPTIONS_THREADS | RNN_OPTIONS_PROGRESS,
       .operand = "-"},
      {.name = "filter",
       .groups = RNN_OPTIONS_MODEL | RNN_OPTIONS_READER | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_RECORDS |
                 RNN_OPTIONS_FILTER | RNN_OPTIONS_JSON | RNN_OPTIONS_THREADS | RNN_OPTIONS_SEED}};
  static char bytes[MOST_BYTES + 1];
  static FILE *nowhere;
  char *word[MOST_WORDS + 2] = {bytes};
  int words = 1;
  if (size == 0 || size > MOST_BYTES)
    return 0;
  if (nowhere == NULL)
    stderr = stdout = nowhere = silence();
  memcpy(bytes, data, size);
  bytes[size] = '\0';
  for (char *p = bytes + 1, *end; p < bytes + size && words <= MOST_WORDS; p = end + 1) {
    end = strchr(p, '\n');
    end = end == NULL ? p + strlen(p) : end;
    *end = '\0';
    word[words++] = p;
  }
  parse(&programs[data[0] % 2], words, word);
  return 0;
}
