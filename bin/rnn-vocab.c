/* rnn-vocab: anything in, a sequence stream out, in one pass. */
#include "corpus.h"
#include "plain.h"
#include "program.h"

enum { KEY_LIST = RNN_OPTION_OWN, KEY_TEXT };

struct settings {
  bool list, text;
};

static const struct argp_option own_options[] = {
    {"list", KEY_LIST, NULL, 0, "print the vocabulary instead: symbol TAB count, the most frequent first", 0},
    {"text", KEY_TEXT, NULL, 0, "turn sequences back into text instead", 0},
    {0}};

static error_t parse(int key, char *text, struct argp_state *state)
{
  struct settings *settings = state->input;
  (void)text;
  switch (key) {
  case KEY_LIST:
    settings->list = true;
    break;
  case KEY_TEXT:
    settings->text = true;
    break;
  case ARGP_KEY_END:
    if (settings->list && settings->text)
      argp_error(state, "--list and --text exclude each other");
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

/* Writes sequences as they come; with --list only reads them. */
static enum rnn_status pour(struct rnn_source *source, const struct settings *settings, char record_end,
                            struct rnn_output *output, struct rnn_error *error)
{
  const struct rnn_vocabulary *symbols = rnn_source_symbols(source), *labels = rnn_source_labels(source);
  struct rnn_stream_writer *writer = NULL;
  struct rnn_sequence sequence;
  struct rnn_stream_facts facts;
  enum rnn_status status;
  bool end;
  for (;;) {
    RNN_TRY(rnn_source_next(source, &sequence, &facts, &end, error));
    if (end)
      break;
    if (settings->list)
      continue;
    if (settings->text) {
      RNN_TRY(rnn_plain_write(output, &sequence, &facts, symbols, labels, record_end, error));
      continue;
    }
    if (writer == NULL)
      RNN_TRY(rnn_stream_writer_create(&writer, output, &facts, error));
    status = rnn_stream_writer_add(writer, &sequence, symbols, labels, error);
    if (status == RNN_DATA)
      status = rnn_source_blame(source, error);
    if (status != RNN_OK)
      goto out;
  }
  if (writer != NULL)
    RNN_TRY(rnn_stream_writer_flush(writer, error));
out:
  rnn_stream_writer_free(writer);
  return status;
}

static enum rnn_status run(struct rnn_options *options, void *own, struct rnn_error *error)
{
  const struct settings *settings = own;
  struct rnn_source_settings reading = rnn_options_source(options);
  struct rnn_source *source = NULL;
  struct rnn_output *output = NULL;
  bool binary = !settings->list && !settings->text;
  enum rnn_status status;
  RNN_TRY(rnn_source_create(&source, &reading, error));
  RNN_TRY(rnn_output_open(&output, options->output, binary, options->force, error));
  RNN_TRY(pour(source, settings, options->input.record_end, output, error));
  if (settings->list)
    RNN_TRY(rnn_plain_write_vocabulary(output, rnn_source_symbols(source), error));
  status = rnn_output_finish(output, error);
  output = NULL;
  if (status == RNN_OK && rnn_source_bad(source) > 0)
    status = RNN_NEGATIVE;
out:
  rnn_output_abandon(output);
  rnn_source_free(source);
  return status;
}

static const struct rnn_program program = {
    .name = "rnn-vocab",
    .operands = "[FILE...]",
    .about = "Turn text, tags, labels or frames into a sequence stream for rnn-train.\v"
             "FILE may be compressed by zstd; - is standard input. Streams may be laid end to end with cat.\n\n"
             "Examples:\n"
             "  rnn-vocab train.conllu > train.seq.zst\n"
             "  rnn-vocab --level char -z novel.txt | rnn-train > model.zst\n"
             "  rnn-vocab --list < reviews.txt | head",
    .groups = RNN_OPTIONS_READER | RNN_OPTIONS_TEXT | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_RECORDS,
    .options = own_options,
    .parse = parse,
    .operand = "-",
    .run = run};

int main(int argc, char **argv)
{
  struct settings settings = {0};
  return rnn_program_main(&program, &settings, argc, argv);
}
