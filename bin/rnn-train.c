/* rnn-train: a corpus in, a model out. */
#include <math.h>
#include <string.h>

#include "config_file.h"
#include "corpus.h"
#include "memory.h"
#include "model_file.h"
#include "number.h"
#include "pretrained.h"
#include "program.h"
#include "train_checkpoint.h"
#include "train_embeddings.h"
#include "train_finish.h"
#include "train_report.h"
#include "train_spool.h"
#include "trainer.h"

enum { KEY_VALID = RNN_OPTION_OWN, KEY_INIT, KEY_EMBEDDINGS, KEY_LOG, KEY_CHECKPOINT, KEY_CHECKPOINT_EVERY };

struct settings {
  const char *valid; /* a file, */
  double share;      /* or a share of the corpus held out; 0: none, */
  bool none;         /* not even of texts to classify */
  const char *init, *embeddings, *log;
  const char *checkpoint;
  uint64_t checkpoint_updates; /* 0: every so many seconds */
  double checkpoint_sec;
  struct rnn_spool *spool; /* where a large corpus lies */
};

/* All that one training needs. */
struct training {
  struct rnn_options *options;
  const struct settings *settings;
  struct rnn_config config;          /* merged; resolved once there is a model */
  struct rnn_dataset train, valid;   /* valid is empty without --valid */
  struct rnn_embeddings *embeddings; /* what the model begins with; NULL: random ones */
  struct rnn_model *model;
  struct rnn_pool *pool;
  struct rnn_trainer *trainer;
  struct rnn_train_report report;
  struct rnn_train_checkpoint checkpoint;
  struct rnn_error unsaved; /* why the last checkpoint was not saved, where there is a model all the same */
};

static const struct argp_option own_options[] = {
    {"valid", KEY_VALID, "FILE|SHARE|none", 0,
     "measure on FILE, or on a share (0.1) held out of CORPUS, and keep the best model (of texts to classify 0.1, "
     "2,000 texts at most, else none)",
     0},
    {"init", KEY_INIT, "MODEL", 0,
     "go on from a model: its vocabulary and shape stay; of a completion model labelled data take the weights", 0},
    {"embeddings", KEY_EMBEDDINGS, "FILE", 0,
     "begin with the vectors of FILE, text as word2vec, GloVe and fastText write it", 0},
    {"log", KEY_LOG, "FILE", 0, "one line of JSON for each epoch", 0},
    {"checkpoint", KEY_CHECKPOINT, "FILE", 0,
     "save in FILE where the training stands, on SIGTERM, SIGINT and SIGHUP too; the same command goes on from there",
     0},
    {"checkpoint-every", KEY_CHECKPOINT_EVERY, "N|DURATION", 0, "save every N updates or so often (10m)", 0},
    {0}};

static error_t parse(int key, char *text, struct argp_state *state)
{
  struct settings *settings = state->input;
  switch (key) {
  case KEY_VALID:
    settings->share = 0;
    settings->none = strcmp(text, "none") == 0;
    settings->valid = settings->none ? NULL : text;
    if (settings->none || !rnn_number_parse_double(text, strlen(text), &settings->share))
      break;
    settings->valid = NULL;
    if (!(settings->share > 0 && settings->share < 1))
      argp_error(state, "--valid=%s: a share lies between 0 and 1", text);
    break;
  case KEY_INIT:
    settings->init = text;
    break;
  case KEY_EMBEDDINGS:
    settings->embeddings = text;
    break;
  case ARGP_KEY_END:
    if (settings->init != NULL && settings->embeddings != NULL)
      argp_error(state, "--embeddings: the model of --init has an embedding");
    break;
  case KEY_LOG:
    settings->log = text;
    break;
  case KEY_CHECKPOINT:
    settings->checkpoint = text;
    break;
  case KEY_CHECKPOINT_EVERY:
    if (!rnn_train_checkpoint_parse(text, &settings->checkpoint_updates, &settings->checkpoint_sec))
      argp_error(state, "--checkpoint-every=%s: a number of updates from 1, or a duration such as 10m, is expected",
                 text);
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

/* A tagger or classifier that starts with the weights of the completion model of --init. */
static enum rnn_status start_from_pretrained(struct training *training, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_dataset *train = &training->train;
  struct rnn_config start;
  struct rnn_model *pretrained = training->model;
  training->model = NULL;
  RNN_TRY(rnn_config_start_from(&pretrained->config, &start, error));
  RNN_TRY(rnn_options_config(training->options, &start, &training->config, error));
  RNN_TRY(rnn_config_check_start(&pretrained->config, &training->config, error));
  RNN_TRY(rnn_model_create_from(&training->model, pretrained, &training->config, train->text, &train->corpus,
                                train->symbols, train->labels, error));
  rnn_model_start_from(training->model, pretrained);
out:
  rnn_model_free(pretrained);
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
  if (model->task == RNN_COMPLETE && corpus->task != RNN_COMPLETE && corpus->frame_width == 0)
    return start_from_pretrained(training, error);
  RNN_TRY(rnn_config_keep_network(&model->config, &training->config, error));
  RNN_TRY(rnn_model_adopt(model, corpus, train->symbols, train->labels, &strange, error));
  if (strange > 0)
    rnn_program_warn(training->options,
                     "targets of the corpus that are unknown to the model, and count for nothing: %zu", strange);
  const struct rnn_corpus_facts facts = {.task = model->task,
                                         .frames = corpus->frame_width > 0,
                                         .pictures = model->text.picture.columns > 0,
                                         .words = model->text.level == RNN_LEVEL_WORD,
                                         .sequences = corpus->count,
                                         .steps = rnn_corpus_steps(corpus),
                                         .symbols = rnn_model_inputs(model),
                                         .labels = rnn_model_classes(model)};
  RNN_TRY(rnn_config_resolve(&training->config, &facts, error));
  model->config = training->config;
  rnn_wide_free(model->wide); /* that of this training comes at its end */
  model->wide = NULL;
  model->epochs = 0; /* the history is that of this training */
  model->train_sequences = corpus->count;
  model->train_steps = facts.steps;
  model->data_digest = rnn_corpus_digest(corpus);
out:
  return status;
}

/* The share to hold out where none was asked for: texts are better classified if their epoch and the shares of the two
 * paths are chosen by texts that were not trained on. Too few of these would tell nothing. */
static double share_of(const struct training *training)
{
  enum { LEAST_TEXTS = 200, MOST_HELD = 2000 };
  const struct settings *settings = training->settings;
  const struct rnn_corpus *corpus = &training->train.corpus;
  if (settings->share > 0 || settings->none || settings->valid != NULL)
    return settings->share;
  if (corpus->task != RNN_CLASSIFY || corpus->frame_width > 0 || corpus->count < LEAST_TEXTS)
    return 0;
  return fmin(0.1, (double)MOST_HELD / (double)corpus->count);
}

/* Where --column says nothing, several columns of tags are looked for by the names they have. */
static void expect_columns(const struct training *training, const struct rnn_columns *columns,
                           struct rnn_source_settings *reading)
{
  if (training->options->reader.tag_columns.count == 0)
    reading->reader.tag_columns = *columns;
}

static enum rnn_status read_data(struct training *training, struct rnn_error *error)
{
  const struct settings *settings = training->settings;
  struct rnn_dataset *train = &training->train, *valid = &training->valid;
  struct rnn_source_settings reading = rnn_options_source(training->options);
  enum rnn_status status;
  reading.spool = settings->spool;
  RNN_TRY(rnn_options_claim(training->options, settings->valid, "the validation data", error));
  if (training->model != NULL)
    RNN_TRY(rnn_options_source_as(training->options, training->model->text, training->model->frame_width > 0, &reading,
                                  error));
  if (training->model != NULL)
    expect_columns(training, &training->model->columns, &reading);
  RNN_TRY(rnn_dataset_read(train, &reading, error));
  if (train->empty > 0)
    rnn_program_note(training->options, "empty sequences left out: %zu", train->empty);
  double share = share_of(training);
  if (share > 0) {
    *valid = (struct rnn_dataset){.symbols = train->symbols, .labels = train->labels, .text = train->text};
    RNN_TRY(rnn_corpus_split(&train->corpus, share, training->config.seed, &valid->corpus, error));
  } else if (settings->valid != NULL) {
    reading.name = &settings->valid;
    reading.names = 1;
    reading.text = train->text;
    reading.text_given = train->corpus.frame_width == 0;
    expect_columns(training, &train->corpus.columns, &reading);
    RNN_TRY(rnn_dataset_read(valid, &reading, error));
  }
out:
  return status;
}

/* The validation data takes the model's numbers. */
static enum rnn_status adopt_valid(struct training *training, struct rnn_error *error)
{
  struct rnn_dataset *valid = &training->valid;
  const char *name = training->settings->valid;
  size_t strange = 0;
  if (valid->corpus.count == 0)
    return RNN_OK;
  enum rnn_status status =
      rnn_model_adopt(training->model, &valid->corpus, valid->symbols, valid->labels, &strange, error);
  if (status != RNN_OK)
    return name == NULL ? status : rnn_error_prefix(error, "%s", name);
  size_t targets;
  rnn_corpus_targets(&valid->corpus, &targets);
  if (targets > 0 && strange == targets)
    return rnn_error_set(error, RNN_DATA, "%s: none of its targets occurs in training, so it measures nothing",
                         name == NULL ? "validation" : name);
  if (strange > 0)
    rnn_program_warn(training->options,
                     "targets of the validation data that never occur in training, and count for nothing: %zu",
                     strange);
  return RNN_OK;
}

static enum rnn_status prepare(struct training *training, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_train_open_embeddings(&training->embeddings, training->options, training->settings->embeddings,
                                    &training->config, error));
  RNN_TRY(read_data(training, error));
  RNN_TRY(make_model(training, error));
  RNN_TRY(rnn_train_read_embeddings(training->embeddings, training->options, training->model, error));
  RNN_TRY(adopt_valid(training, error));
out:
  return status;
}

/* ---- training ---- */

/* Makes the trainer, and goes on from a checkpoint if there is one. */
static enum rnn_status begin(struct training *training, struct rnn_error *error)
{
  const struct rnn_corpus *valid = training->valid.corpus.count > 0 ? &training->valid.corpus : NULL;
  const struct settings *settings = training->settings;
  struct rnn_train_checkpoint *checkpoint = &training->checkpoint;
  enum rnn_status status;
  bool resumed;
  rnn_spool_settle(settings->spool);
  RNN_TRY(rnn_pool_create(&training->pool, training->options->threads, error));
  RNN_TRY(
      rnn_trainer_create(&training->trainer, training->model, &training->train.corpus, valid, training->pool, error));
  *checkpoint = (struct rnn_train_checkpoint){.options = training->options,
                                              .trainer = training->trainer,
                                              .model = training->model,
                                              .every_updates = settings->checkpoint_updates,
                                              .every_sec = settings->checkpoint_sec};
  RNN_TRY(rnn_train_checkpoint_begin(checkpoint, settings->checkpoint, valid == NULL ? 0 : rnn_corpus_digest(valid),
                                     &resumed, error));
  rnn_train_report_begin(&training->report, &training->model->config, valid != NULL);
  if (resumed)
    RNN_TRY(rnn_train_report_repeat(&training->report, training->model, error));
out:
  return status;
}

/* Saves, and tells that the same command goes on; without a checkpoint the program dies of the signal. */
static enum rnn_status stop(struct training *training, struct rnn_error *error)
{
  enum rnn_status status;
  if (training->settings->checkpoint == NULL)
    return RNN_NEGATIVE;
  RNN_TRY(rnn_train_checkpoint_save(&training->checkpoint, error));
  status = rnn_error_set(error, RNN_STOPPED, "stopped by signal %d, saved in %s: the same command goes on",
                         rnn_program_signal(), training->settings->checkpoint);
out:
  rnn_program_forget_signal();
  return status;
}

/* At the end there is a model, even if the checkpoint cannot be saved. */
static void save_at_end(struct training *training)
{
  struct rnn_error error;
  enum rnn_status status = rnn_train_checkpoint_save(&training->checkpoint, &error);
  if (status != RNN_OK) {
    training->unsaved = error;
    training->unsaved.status = status == RNN_CANNOT_CREATE ? RNN_WRITE_FAILED : status;
  }
}

static enum rnn_status train(struct training *training, struct rnn_error *error)
{
  const struct rnn_config *config = &training->model->config;
  struct rnn_report report = {.event = RNN_EVENT_UPDATE};
  enum rnn_status status;
  rnn_program_note_signals(true);
  RNN_TRY(begin(training, error));
  while (report.event != RNN_EVENT_DONE) {
    RNN_TRY(rnn_trainer_step(training->trainer, &report, error));
    RNN_TRY(rnn_train_report_tell(&training->report, &report, error));
    if (rnn_program_signal() != 0 && report.event != RNN_EVENT_DONE)
      RNN_TRY(stop(training, error));
    bool late = config->max_time_sec > 0 && report.event != RNN_EVENT_DONE &&
                rnn_train_checkpoint_seconds(&training->checkpoint) >= config->max_time_sec;
    if (late || report.last)
      save_at_end(training);
    if (late) {
      rnn_trainer_finish(training->trainer);
      break;
    }
    if (!report.last)
      rnn_train_checkpoint_tell(&training->checkpoint, &report);
  }
out:
  rnn_progress_clear(&training->report.progress);
  rnn_program_note_signals(false);
  return status;
}

/* What is learnt after the network. */
static enum rnn_status finish(struct training *training, struct rnn_error *error)
{
  const struct settings *settings = training->settings;
  const struct rnn_train_finish finish = {.report = &training->report,
                                          .model = training->model,
                                          .train = &training->train.corpus,
                                          .valid = &training->valid.corpus,
                                          .held_back = settings->valid == NULL && settings->share == 0,
                                          .pool = training->pool};
  return rnn_train_finish(&finish, error);
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
  rnn_embeddings_close(training->embeddings);
  rnn_train_checkpoint_close(&training->checkpoint);
  rnn_trainer_free(training->trainer);
  rnn_pool_free(training->pool);
  rnn_model_free(training->model);
  rnn_dataset_clear(&training->valid);
  rnn_dataset_clear(&training->train);
  rnn_train_report_close(&training->report);
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
  RNN_TRY(rnn_train_report_open(&training.report, options, settings->log, error));
  RNN_TRY(prepare(&training, error));
  RNN_TRY(train(&training, error));
  rnn_trainer_free(training.trainer); /* writing takes memory too */
  training.trainer = NULL;
  RNN_TRY(finish(&training, error));
  RNN_TRY(rnn_model_write(training.model, output, error));
  status = rnn_output_finish(output, error);
  output = NULL;
  if (status == RNN_OK && rnn_source_bad(training.train.source) > 0)
    status = RNN_NEGATIVE;
  if (training.unsaved.status != RNN_OK)
    status = rnn_error_set(error, training.unsaved.status, "the model is written, but not the checkpoint: %s",
                           training.unsaved.text);
out:
  rnn_output_abandon(output);
  clear(&training);
  return status;
}

static enum rnn_status claim(struct rnn_options *options, void *own, struct rnn_error *error)
{
  const struct settings *settings = own;
  rnn_train_open_spool(settings->spool);
  rnn_sandbox_allow(&options->sandbox, settings->valid, RNN_SANDBOX_READ);
  rnn_sandbox_allow(&options->sandbox, settings->embeddings, RNN_SANDBOX_READ);
  rnn_sandbox_allow(&options->sandbox, settings->log, RNN_SANDBOX_WRITE);
  rnn_sandbox_allow(&options->sandbox, settings->checkpoint, RNN_SANDBOX_KEEP);
  return rnn_program_allow_model(options, settings->init, error);
}

static const struct rnn_program program = {
    .name = "rnn-train",
    .operands = "[CORPUS...]",
    .about = "Train a recurrent network on a sequence stream, or on text as rnn-vocab takes it.\v"
             "The task follows from the data: labels are learnt to classify, tags to tag, and without either the "
             "network learns what comes next. Of several columns of tags one network learns all, and the first is what "
             "validation goes by.\n\n"
             "Examples:\n"
             "  rnn-train --valid dev.conllu train.conllu > tagger.zst\n"
             "  rnn-train --column upos,xpos,feats train.conllu > tagger.zst\n"
             "  rnn-vocab --level char < novel.txt | rnn-train --state 256 > novel.zst\n"
             "  rnn-train --print-config > config.yaml",
    .groups = RNN_OPTIONS_CONFIG | RNN_OPTIONS_READER | RNN_OPTIONS_TEXT | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_RECORDS |
              RNN_OPTIONS_THREADS | RNN_OPTIONS_PROGRESS,
    .options = own_options,
    .parse = parse,
    .operand = "-",
    .all_threads = true,
    .claim = claim,
    .run = run};

int main(int argc, char **argv)
{
  struct rnn_spool spool = {.files = 0};
  struct settings settings = {.checkpoint_sec = 600, .spool = &spool};
  int exit_status = rnn_program_main(&program, &settings, argc, argv);
  rnn_train_close_spool(&spool);
  return exit_status;
}
