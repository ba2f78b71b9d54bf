/* rnn-train: a corpus in, a model out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config_file.h"
#include "corpus.h"
#include "memory.h"
#include "model_file.h"
#include "number.h"
#include "program.h"
#include "progress.h"
#include "trainer.h"

struct settings {
  const char *valid, *init, *log;
};

/* All that one training needs. */
struct training {
  struct rnn_options *options;
  const struct settings *settings;
  struct rnn_config config; /* merged; resolved once there is a model */
  struct rnn_dataset train, valid_data;
  struct rnn_corpus held;         /* the share of --valid */
  const struct rnn_corpus *valid; /* one of the two above, or NULL */
  struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_trainer *trainer;
  struct rnn_progress progress;
  FILE *log;
};

static const struct argp_option own_options[] = {
    {"valid", 'd', "FILE|SHARE", 0, "measure on FILE, or on a share (0.1) held out of CORPUS, and keep the best model",
     0},
    {"init", 'i', "MODEL", 0, "go on from a model: its vocabulary and shape stay", 0},
    {"log", 'l', "FILE", 0, "one line of JSON for each epoch", 0},
    {0}};

static error_t parse(int key, char *text, struct argp_state *state)
{
  struct settings *settings = state->input;
  switch (key) {
  case 'd':
    settings->valid = text;
    break;
  case 'i':
    settings->init = text;
    break;
  case 'l':
    settings->log = text;
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

/* ---- what to train, and on what ---- */

static enum rnn_status read_init(struct training *training, struct rnn_error *error)
{
  enum rnn_status status;
  char *path = NULL;
  RNN_TRY(rnn_program_find_model(training->settings->init, &path, error));
  RNN_TRY(rnn_options_claim(training->options, path, "the model", error));
  RNN_TRY(rnn_model_read(&training->model, path, error));
out:
  rnn_memory_free(path);
  return status;
}

/* The keys that make a network what it is stay those of the model; `auto` means that anyway. */
static enum rnn_status keep_network(const struct rnn_config *old, struct rnn_config *config, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    char was[RNN_CONFIG_TEXT_BYTES], is[RNN_CONFIG_TEXT_BYTES];
    rnn_config_get(old, key, was, sizeof was);
    rnn_config_get(config, key, is, sizeof is);
    if (strcmp(key->group, "network") != 0 || strcmp(was, is) == 0)
      continue;
    if (strcmp(is, "auto") != 0)
      return rnn_error_set(error, RNN_BAD_CONFIG, "%s: the model of --init has %s; it cannot become %s", key->name, was,
                           is);
    RNN_TRY(rnn_config_set(config, key->name, was, error));
  }
out:
  return status;
}

/* With --init the corpus takes the model's numbers, else the model is made from the corpus. */
static enum rnn_status make_model(struct training *training, struct rnn_error *error)
{
  struct rnn_dataset *train = &training->train;
  struct rnn_corpus *corpus = &train->corpus;
  enum rnn_status status;
  size_t strange = 0;
  if (training->model == NULL)
    return rnn_model_create(&training->model, &training->config, train->text, corpus, train->symbols, train->labels,
                            error);
  struct rnn_model *model = training->model;
  RNN_TRY(keep_network(&model->config, &training->config, error));
  RNN_TRY(rnn_model_adopt(model, corpus, train->symbols, train->labels, &strange, error));
  if (strange > 0)
    rnn_program_warn(training->options,
                     "targets of the corpus that are unknown to the model, and count for nothing: %zu", strange);
  const struct rnn_corpus_facts facts = {.task = model->task,
                                         .frames = corpus->frame_width > 0,
                                         .words = model->text.level == RNN_LEVEL_WORD,
                                         .sequences = corpus->count,
                                         .steps = rnn_corpus_steps(corpus),
                                         .symbols = rnn_model_inputs(model),
                                         .labels = rnn_model_classes(model)};
  RNN_TRY(rnn_config_resolve(&training->config, &facts, error));
  model->config = training->config;
  model->epochs = 0; /* the history is that of this training */
  model->train_sequences = corpus->count;
  model->train_steps = facts.steps;
  model->data_digest = rnn_corpus_digest(corpus);
out:
  return status;
}

static enum rnn_status read_data(struct training *training, double *share, struct rnn_error *error)
{
  struct rnn_source_settings reading = rnn_options_source(training->options);
  const char *valid = training->settings->valid;
  enum rnn_status status;
  if (training->model != NULL && training->model->frame_width == 0) {
    reading.text = training->model->text;
    reading.text_given = true;
  }
  RNN_TRY(rnn_dataset_read(&training->train, &reading, error));
  if (training->train.empty > 0)
    rnn_program_note(training->options, "empty sequences left out: %zu", training->train.empty);
  if (valid == NULL || *share > 0)
    goto out;
  reading.name = &training->settings->valid;
  reading.names = 1;
  reading.text = training->train.text;
  reading.text_given = training->train.corpus.frame_width == 0;
  RNN_TRY(rnn_dataset_read(&training->valid_data, &reading, error));
out:
  return status;
}

static enum rnn_status prepare(struct training *training, struct rnn_error *error)
{
  const struct settings *settings = training->settings;
  double share = 0;
  enum rnn_status status;
  if (settings->valid != NULL && rnn_number_parse_double(settings->valid, strlen(settings->valid), &share) &&
      !(share > 0 && share < 1))
    return rnn_error_set(error, RNN_USAGE, "--valid=%s: a share lies between 0 and 1", settings->valid);
  RNN_TRY(rnn_options_claim(training->options, share > 0 ? NULL : settings->valid, "the validation data", error));
  RNN_TRY(read_data(training, &share, error));
  if (share > 0) {
    RNN_TRY(rnn_corpus_split(&training->train.corpus, share, training->config.seed, &training->held, error));
    training->valid = &training->held;
  }
  RNN_TRY(make_model(training, error));
  struct rnn_dataset *valid = &training->valid_data;
  size_t strange = 0;
  if (share > 0) {
    RNN_TRY(rnn_model_adopt(training->model, &training->held, training->train.symbols, training->train.labels, &strange,
                            error));
  } else if (settings->valid != NULL) {
    RNN_TRY(rnn_model_adopt(training->model, &valid->corpus, valid->symbols, valid->labels, &strange, error));
    training->valid = &valid->corpus;
  }
  if (strange > 0)
    rnn_program_warn(training->options,
                     "targets of the validation data that never occur in training, and count for nothing: %zu",
                     strange);
out:
  return status;
}

/* ---- what is told on the way ---- */

static const char *json_number(double number, char *text)
{
  return __builtin_isfinite(number) ? rnn_number_double(number, text) : "null";
}

static enum rnn_status write_log(struct training *training, const struct rnn_report *report, struct rnn_error *error)
{
  const struct rnn_epoch *end = &report->epoch_end;
  char train[RNN_NUMBER_BYTES], valid[RNN_NUMBER_BYTES], accuracy[RNN_NUMBER_BYTES], rate[RNN_NUMBER_BYTES],
      norm[RNN_NUMBER_BYTES], clipped[RNN_NUMBER_BYTES];
  if (training->log == NULL)
    return RNN_OK;
  fprintf(training->log,
          "{\"epoch\":%u,\"updates\":%llu,\"train_nats\":%s,\"valid_nats\":%s,\"valid_accuracy\":%s,"
          "\"learning_rate\":%s,\"gradient_norm\":%s,\"clipped\":%s,\"best\":%s}\n",
          end->epoch, (unsigned long long)end->updates, json_number(end->train_nats, train),
          json_number(end->valid_nats, valid), json_number(end->valid_accuracy, accuracy),
          json_number(end->learning_rate, rate), json_number(end->gradient_norm, norm),
          json_number(end->clipped, clipped), report->best ? "true" : "false");
  if (fflush(training->log) != 0)
    return rnn_error_set(error, RNN_WRITE_FAILED, "%s: %s", training->settings->log, strerror(errno));
  return RNN_OK;
}

static void tell_epoch(struct training *training, const struct rnn_report *report)
{
  const struct rnn_options *options = training->options;
  const struct rnn_epoch *end = &report->epoch_end;
  char valid[128] = "";
  if (!options->verbose && (options->quiet || !isatty(STDERR_FILENO)))
    return;
  if (training->valid != NULL)
    snprintf(valid, sizeof valid, ", valid %.4f nats, %.2f %% right", end->valid_nats, 100 * end->valid_accuracy);
  fprintf(stderr, "epoch %3u  train %.4f nats%s%s\n", end->epoch, end->train_nats, valid,
          report->best && training->valid != NULL ? "  best" : "");
}

static enum rnn_status tell(struct training *training, const struct rnn_report *report, struct rnn_error *error)
{
  const struct rnn_config *config = &training->model->config;
  const struct rnn_progress_values values = {.epoch = report->epoch,
                                             .epochs = (uint32_t)config->epochs,
                                             .update = report->update,
                                             .steps = report->steps,
                                             .share = (report->epoch - 1 + report->share) / (double)config->epochs,
                                             .nats = report->nats,
                                             .limit_sec = config->max_time_sec};
  if (report->event == RNN_EVENT_UPDATE) {
    rnn_progress_show(&training->progress, &values);
    return RNN_OK;
  }
  rnn_progress_clear(&training->progress);
  if (report->event == RNN_EVENT_BACK)
    rnn_program_warn(training->options,
                     "the loss is not finite after %llu updates: back to the last good state, with half the rate",
                     (unsigned long long)report->update);
  if (report->event != RNN_EVENT_EPOCH)
    return RNN_OK;
  tell_epoch(training, report);
  return write_log(training, report, error);
}

/* ---- training ---- */

static enum rnn_status train(struct training *training, struct rnn_error *error)
{
  const struct rnn_config *config = &training->model->config;
  struct rnn_report report = {.event = RNN_EVENT_UPDATE};
  enum rnn_status status;
  RNN_TRY(rnn_pool_create(&training->pool, training->options->threads, error));
  RNN_TRY(rnn_trainer_create(&training->trainer, training->model, &training->train.corpus, training->valid,
                             training->pool, error));
  rnn_progress_begin(&training->progress, training->options);
  rnn_program_note_signals(true);
  while (report.event != RNN_EVENT_DONE) {
    RNN_TRY(rnn_trainer_step(training->trainer, &report, error));
    RNN_TRY(tell(training, &report, error));
    if (rnn_program_signal() != 0) {
      status = RNN_NEGATIVE; /* the program dies of the signal */
      goto out;
    }
    if (config->max_time_sec > 0 && rnn_progress_seconds(&training->progress) >= config->max_time_sec) {
      rnn_trainer_finish(training->trainer);
      break;
    }
  }
out:
  rnn_progress_clear(&training->progress);
  rnn_program_note_signals(false);
  return status;
}

static enum rnn_status print_config(const struct rnn_options *options, const struct rnn_config *config,
                                    struct rnn_error *error)
{
  struct rnn_output *output = NULL;
  char *text = NULL;
  enum rnn_status status;
  RNN_TRY(rnn_config_text(config, &text, error));
  RNN_TRY(rnn_output_open(&output, options->output, false, false, error));
  RNN_TRY(rnn_output_write(output, text, strlen(text), error));
  status = rnn_output_finish(output, error);
  output = NULL;
out:
  rnn_output_abandon(output);
  rnn_memory_free(text);
  return status;
}

static void clear(struct training *training)
{
  rnn_trainer_free(training->trainer);
  rnn_pool_free(training->pool);
  rnn_model_free(training->model);
  rnn_corpus_clear(&training->held);
  rnn_dataset_clear(&training->train);
  rnn_dataset_clear(&training->valid_data);
  if (training->log != NULL)
    fclose(training->log);
}

static enum rnn_status run(struct rnn_options *options, void *own, struct rnn_error *error)
{
  struct training training = {.options = options, .settings = own};
  const struct settings *settings = own;
  struct rnn_output *output = NULL;
  enum rnn_status status;
  if (settings->init != NULL)
    RNN_TRY(read_init(&training, error));
  RNN_TRY(
      rnn_options_config(options, training.model == NULL ? NULL : &training.model->config, &training.config, error));
  if (options->print_config) {
    RNN_TRY(print_config(options, &training.config, error));
    goto out;
  }
  RNN_TRY(rnn_output_open(&output, options->output, true, options->force, error));
  if (settings->log != NULL && (training.log = fopen(settings->log, "we")) == NULL) {
    status = rnn_error_set(error, RNN_CANNOT_CREATE, "%s: %s", settings->log, strerror(errno));
    goto out;
  }
  RNN_TRY(prepare(&training, error));
  RNN_TRY(train(&training, error));
  RNN_TRY(rnn_model_write(training.model, output, error));
  status = rnn_output_finish(output, error);
  output = NULL;
  if (status == RNN_OK && rnn_source_bad(training.train.source) > 0)
    status = RNN_NEGATIVE;
out:
  rnn_output_abandon(output);
  clear(&training);
  return status;
}

static const struct rnn_program program = {
    .name = "rnn-train",
    .operands = "[CORPUS...]",
    .about = "Train a recurrent network on a sequence stream, or on text as rnn-vocab takes it.\v"
             "The task follows from the data: labels are learnt to classify, tags to tag, and without either the "
             "network learns what comes next.\n\n"
             "Examples:\n"
             "  rnn-train --valid dev.conllu train.conllu > tagger.zst\n"
             "  rnn-vocab --level char < novel.txt | rnn-train -D state=256 --max-time 10m > novel.zst\n"
             "  rnn-train --print-config > config.yaml",
    .groups = RNN_OPTIONS_CONFIG | RNN_OPTIONS_READER | RNN_OPTIONS_TEXT | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_RECORDS |
              RNN_OPTIONS_THREADS | RNN_OPTIONS_PROGRESS,
    .options = own_options,
    .parse = parse,
    .operand = "-",
    .all_threads = true,
    .run = run};

int main(int argc, char **argv)
{
  struct settings settings = {0};
  return rnn_program_main(&program, &settings, argc, argv);
}
