/* rnn-complete: what comes next. */
#include <math.h>
#include <string.h>

#include "completion.h"
#include "filter.h"
#include "foresight.h"
#include "memory.h"
#include "program.h"

enum {
  KEY_TOP = RNN_OPTION_OWN,
  KEY_BEAM,
  KEY_LENGTH,
  KEY_PROB,
  KEY_SAMPLE,
  KEY_TEMPERATURE,
  KEY_STOP,
  KEY_SCORE,
  KEY_TEST,
  KEY_KEY,
  MOST_NODES = 1 << 19 /* of all hypotheses of a batch */
};

struct complete {
  struct rnn_completion_settings settings;
  const char *stop;
  bool probability, key;
  struct rnn_foresight foresight;
  /* while it runs */
  struct rnn_filter *filter;
  struct rnn_completer *completer;
  struct rnn_sequence *prefix;              /* [count] those that are not empty */
  struct rnn_answer_text text;              /* a prefix, then its completions, one after another */
  struct rnn_answer_completion *completion; /* [top] */
  size_t capacity_prefix;
};

static const struct argp_option options[] = {
    {"top", KEY_TOP, "N", 0, "the N best completions, best first, a line each (1)", 0},
    {"beam", KEY_BEAM, "N", 0, "width of the search, at least that of --top; 1: greedy (8)", 0},
    {"length", KEY_LENGTH, "N", 0, "at most N symbols more (64)", 0},
    {"prob", KEY_PROB, NULL, 0, "add a TAB and the probability of what was added", 0},
    {"sample", KEY_SAMPLE, NULL, 0, "draw completions instead of searching", 0},
    {"temperature", KEY_TEMPERATURE, "T", 0, "with --sample: below 1 nearer to the best, above 1 wilder (1)", 0},
    {"stop", KEY_STOP, "SYMBOL", 0, "this symbol ends a completion too", 0},
    {"score", KEY_SCORE, NULL, 0, "bits per symbol of each line instead", 0},
    {"test", KEY_TEST, NULL, 0, "how well the input is foreseen: nats and bits per symbol, perplexity, accuracy", 0},
    {"key", KEY_KEY, NULL, 0, "the key of the record and a TAB stand first", 0},
    {0}};

static error_t parse(int key, char *text, struct argp_state *state)
{
  struct complete *complete = state->input;
  struct rnn_completion_settings *settings = &complete->settings;
  switch (key) {
  case KEY_TOP:
    settings->top = (size_t)rnn_option_integer(state, "--top", text, 1, 1000);
    break;
  case KEY_BEAM:
    settings->beam = (size_t)rnn_option_integer(state, "--beam", text, 1, 1000);
    break;
  case KEY_LENGTH:
    settings->most_steps = (size_t)rnn_option_integer(state, "--length", text, 1, 1000000);
    break;
  case KEY_PROB:
    complete->probability = true;
    break;
  case KEY_SAMPLE:
    settings->sample = true;
    break;
  case KEY_TEMPERATURE:
    settings->temperature = rnn_option_real(state, "--temperature", text, 1e-3, 1e3);
    break;
  case KEY_STOP:
    complete->stop = text;
    break;
  case KEY_SCORE:
    complete->foresight.lines = true;
    break;
  case KEY_TEST:
    complete->foresight.measures = true;
    break;
  case KEY_KEY:
    complete->key = true;
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

/* The text to go on from: as it came, or its tokens joined. */
static enum rnn_status write_prefix(struct complete *complete, size_t i, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_encoder *encoder = complete->filter->encoder;
  const struct rnn_record *record = rnn_encoder_record(encoder, i);
  complete->text.length_bytes = 0;
  if (record != NULL && record->content == RNN_CONTENT_TEXT)
    return rnn_answer_append(&complete->text, record->text.bytes, record->text.length_bytes, error);
  for (size_t t = 0; t < complete->filter->sequence[i].length; t++)
    RNN_TRY(rnn_answer_append_symbol(&complete->text, complete->filter->model->text.level,
                                     rnn_encoder_token(encoder, i, t), error));
out:
  return status;
}

/* Appends the prefix once more and what follows it. */
static enum rnn_status append_completion(struct complete *complete, size_t prefix_bytes,
                                         const struct rnn_completion *completion, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_model *model = complete->filter->model;
  struct rnn_answer_text *text = &complete->text;
  RNN_TRY(rnn_memory_grow(&text->bytes, &text->capacity, text->length_bytes + prefix_bytes, 1, "text", error));
  RNN_TRY(rnn_answer_append(text, text->bytes, prefix_bytes, error));
  for (size_t t = 0; t < completion->length; t++) {
    struct rnn_slice symbol;
    symbol.bytes = rnn_model_class(model, (size_t)completion->symbol[t], &symbol.length_bytes);
    RNN_TRY(rnn_answer_append_symbol(text, model->text.level, symbol, error));
  }
out:
  return status;
}

static enum rnn_status write_completions(struct complete *complete, size_t i, const struct rnn_completion *completion,
                                         size_t count, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_filter *filter = complete->filter;
  struct rnn_answer_text *text = &complete->text;
  RNN_TRY(write_prefix(complete, i, error));
  size_t prefix_bytes = text->length_bytes;
  for (size_t j = 0; j < count; j++) {
    size_t begin = text->length_bytes;
    RNN_TRY(append_completion(complete, prefix_bytes, &completion[j], error));
    complete->completion[j] = (struct rnn_answer_completion){.text.length_bytes = text->length_bytes - begin,
                                                             .probability = exp(completion[j].log_probability),
                                                             .stopped = completion[j].stopped};
  }
  const char *begin = text->bytes == NULL ? "" : text->bytes + prefix_bytes; /* NULL: there was no text so far */
  for (size_t j = 0; j < count; begin += complete->completion[j++].text.length_bytes)
    complete->completion[j].text.bytes = begin;
  RNN_TRY(rnn_answer_write_completions(filter->output, &filter->style, filter->encoder, i,
                                       (struct rnn_slice){text->bytes, prefix_bytes}, complete->completion, count,
                                       error));
out:
  return status;
}

static enum rnn_status answer(struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status;
  static const struct rnn_completion nothing = {.log_probability = -INFINITY};
  struct complete *complete = filter->own;
  size_t prefixes = 0;
  RNN_TRY(rnn_memory_grow(&complete->prefix, &complete->capacity_prefix, filter->count, sizeof *complete->prefix,
                          "prefixes", error));
  for (size_t i = 0; i < filter->count; i++)
    if (filter->sequence[i].length > 0)
      complete->prefix[prefixes++] = filter->sequence[i];
  RNN_TRY(rnn_completer_run(complete->completer, complete->prefix, prefixes, error));
  for (size_t i = 0, done = 0; i < filter->count; i++) {
    size_t count = 1;
    const struct rnn_completion *completion = &nothing;
    if (filter->sequence[i].length > 0)
      completion = rnn_completer_result(complete->completer, done++, &count);
    RNN_TRY(write_completions(complete, i, completion, count, error));
  }
out:
  return status;
}

static enum rnn_status find_stop(struct complete *complete, const struct rnn_model *model, struct rnn_error *error)
{
  complete->settings.stop = RNN_ABSENT;
  if (complete->stop == NULL)
    return RNN_OK;
  complete->settings.stop = rnn_vocabulary_find(model->symbols, complete->stop, strlen(complete->stop));
  if (complete->settings.stop == RNN_ABSENT)
    return rnn_error_set(error, RNN_USAGE, "--stop=%s: the model has no such symbol", complete->stop);
  return RNN_OK;
}

/* Long completions are searched for fewer prefixes at a time. */
static void limit_batch(const struct rnn_completion_settings *settings, struct rnn_filter *filter)
{
  size_t width = settings->beam > settings->top ? settings->beam : settings->top;
  size_t most = MOST_NODES / (width * settings->most_steps);
  if (filter->most_records > most)
    filter->most_records = most > 0 ? most : 1;
}

static enum rnn_status prepare(struct complete *complete, struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status;
  complete->filter = filter;
  complete->settings.seed = filter->options->seed;
  filter->style.probability = complete->probability;
  filter->style.key = complete->key;
  RNN_TRY(find_stop(complete, filter->model, error));
  if (complete->foresight.lines || complete->foresight.measures)
    return rnn_foresight_open(&complete->foresight, filter, error);
  filter->answer = answer;
  filter->own = complete;
  limit_batch(&complete->settings, filter);
  RNN_TRY(rnn_memory_new(&complete->completion, complete->settings.top, sizeof *complete->completion, "completions",
                         error));
  RNN_TRY(rnn_completer_create(&complete->completer, filter->model, &complete->settings, filter->pool, error));
out:
  return status;
}

static enum rnn_status run(struct rnn_options *shared, void *own, struct rnn_error *error)
{
  enum rnn_status status;
  struct complete *complete = own;
  struct rnn_filter filter;
  RNN_TRY(rnn_filter_open(&filter, shared, RNN_COMPLETE, error));
  RNN_TRY(prepare(complete, &filter, error));
  RNN_TRY(rnn_filter_run(&filter, error));
  if (complete->foresight.measures)
    RNN_TRY(rnn_foresight_write(&complete->foresight, error));
out:
  rnn_completer_free(complete->completer);
  rnn_foresight_close(&complete->foresight);
  rnn_memory_free(complete->prefix);
  rnn_memory_free(complete->text.bytes);
  rnn_memory_free(complete->completion);
  return rnn_filter_close(&filter, status, error);
}

int main(int argc, char **argv)
{
  static const struct rnn_program program = {
      .name = "rnn-complete",
      .operands = "[FILE...]",
      .about =
          "Takes each line as a prefix and says how it goes on."
          "\v"
          "Out comes the prefix with its completion: words with a blank between, characters and bytes as they are. "
          "An empty prefix stays empty.",
      .groups = RNN_OPTIONS_MODEL | RNN_OPTIONS_READER | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_RECORDS | RNN_OPTIONS_FILTER |
                RNN_OPTIONS_JSON | RNN_OPTIONS_THREADS | RNN_OPTIONS_SEED,
      .options = options,
      .parse = parse,
      .model = "english-words",
      .operand = "-",
      .run = run};
  struct complete complete = {.settings = {.top = 1, .beam = 8, .most_steps = 64, .temperature = 1.0}};
  return rnn_program_main(&program, &complete, argc, argv);
}
