/* rnn-tag: a label for every step. */
#include <math.h>

#include "filter.h"
#include "memory.h"
#include "nbest.h"
#include "predictor.h"
#include "program.h"
#include "resume.h"
#include "score.h"

enum { KEY_PROB = RNN_OPTION_OWN, KEY_NBEST, KEY_LABELS_ONLY, KEY_KEY, MOST_LANES = 64, MOST_PATHS = 1000 };

struct tag {
  bool probability, labels_only, key;
  size_t paths;
  struct rnn_score score;
  struct rnn_resume resume;
  /* while it runs */
  struct rnn_filter *filter;
  struct rnn_predictor *predictor;
  struct rnn_nbest *nbest;
  bool in_lines;                  /* one tagging is written, a step a line */
  bool owes_end;                  /* the last record may go on: its end is not written */
  size_t columns;                 /* of tags */
  size_t width;                   /* classes kept of each step's column */
  size_t *first;                  /* [count+1] where the steps of a sequence begin */
  struct rnn_ranked *ranked;      /* [steps][columns][width] */
  double *nats;                   /* [steps][columns] -log y[gold] */
  struct rnn_ranked *best;        /* [T] one path */
  struct rnn_answer_label *label; /* [paths][columns][T] */
  struct rnn_answer_path *path;   /* [paths] */
  struct rnn_slice *gold;         /* [T] */
  int32_t *predicted;             /* [T] */
  size_t capacity_first, capacity_ranked, capacity_nats, capacity_best, capacity_label, capacity_gold,
      capacity_predicted;
};

static const struct argp_option options[] = {
    {"prob", KEY_PROB, NULL, 0, "add the probability of each tag (conllu: as Prob= in the last column)", 0},
    {"nbest", KEY_NBEST, "N", 0, "the N most probable taggings of each sequence, best first; of one column", 0},
    {"labels-only", KEY_LABELS_ONLY, NULL, 0,
     "the tags of a sequence on one line, without its tokens; a TAB between columns of tags", 0},
    {"key", KEY_KEY, NULL, 0, "with --labels-only: the key of the record and a TAB stand first", 0},
    RNN_RESUME_OPTIONS,
    RNN_SCORE_OPTIONS,
    {0}};

static error_t parse(int key, char *text, struct argp_state *state)
{
  struct tag *tag = state->input;
  switch (key) {
  case KEY_PROB:
    tag->probability = true;
    break;
  case KEY_NBEST:
    tag->paths = (size_t)rnn_option_integer(state, "--nbest", text, 1, MOST_PATHS);
    break;
  case KEY_LABELS_ONLY:
    tag->labels_only = true;
    break;
  case KEY_KEY:
    tag->key = true;
    break;
  default:
    return rnn_resume_parse(&tag->resume, key, text) == 0 ? 0 : rnn_score_parse(&tag->score, key, text, state);
  }
  return 0;
}

static void take(void *context, size_t i, size_t t, size_t k, const real *y)
{
  struct tag *tag = context;
  const struct rnn_sequence *sequence = &tag->filter->sequence[i];
  size_t here = t - rnn_resume_before(&tag->resume, i);
  (void)k;
  for (size_t c = 0; c < tag->columns; c++) {
    const struct rnn_column *column = &tag->filter->model->column[c];
    size_t at = (tag->first[i] + here) * tag->columns + c;
    struct rnn_ranked *ranked = tag->ranked + at * tag->width;
    rnn_rank(column->k, y + column->first, tag->width, ranked);
    for (size_t j = 0; j < tag->width; j++)
      ranked[j].label += (int32_t)column->first;
    if (sequence->target == NULL)
      continue;
    int32_t gold = sequence->target[here * tag->columns + c];
    tag->nats[at] = gold < 0 ? 0.0 : -log((double)y[gold]);
  }
}

/* Of tags that are a chain the most probable tagging counts, not the most probable tag of each step. */
static void decide(void *context, size_t i, size_t t, size_t column, int32_t label, real probability)
{
  struct tag *tag = context;
  tag->ranked[((tag->first[i] + t) * tag->columns + column) * tag->width] =
      (struct rnn_ranked){.label = label, .probability = (double)probability};
}

/* One column of a record. */
static enum rnn_status score_column(struct tag *tag, size_t i, size_t column, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_filter *filter = tag->filter;
  const struct rnn_sequence *sequence = &filter->sequence[i];
  size_t steps = sequence->length, known = 0;
  RNN_TRY(rnn_memory_grow(&tag->gold, &tag->capacity_gold, steps, sizeof *tag->gold, "tags", error));
  RNN_TRY(rnn_memory_grow(&tag->predicted, &tag->capacity_predicted, steps, sizeof *tag->predicted, "tags", error));
  for (size_t t = 0; t < steps; t++) {
    size_t at = (tag->first[i] + t) * tag->columns + column;
    tag->gold[t] = rnn_encoder_tag(filter->encoder, i, t, column);
    tag->predicted[t] = tag->ranked[at * tag->width].label;
    if (tag->gold[t].bytes == NULL)
      continue;
    known++;
    rnn_score_add(&tag->score, column, sequence->target[t * tag->columns + column], &tag->ranked[at * tag->width],
                  tag->nats[at]);
  }
  if (known == steps)
    RNN_TRY(rnn_score_add_tags(&tag->score, column, tag->gold, tag->predicted, steps, error));
out:
  return status;
}

static enum rnn_status score_record(struct tag *tag, size_t i, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_filter *filter = tag->filter;
  if (filter->sequence[i].length > 0 && filter->sequence[i].target == NULL) {
    rnn_error_set(error, RNN_DATA,
                  tag->columns == 1 ? "no tags, --test needs them"
                                    : "no tags of the model's columns, --test needs them (--column)");
    return rnn_filter_blame(filter, i, error);
  }
  for (size_t c = 0; c < tag->columns; c++)
    RNN_TRY(score_column(tag, i, c, error));
  rnn_score_end_record(&tag->score);
out:
  return status;
}

static struct rnn_answer_label label_of(const struct tag *tag, const struct rnn_ranked *ranked)
{
  struct rnn_answer_label label = {.probability = ranked->probability};
  label.text.bytes = rnn_model_class(tag->filter->model, (size_t)ranked->label, &label.text.length_bytes);
  return label;
}

/* Of several columns the best tags of each. */
static void find_tags(struct tag *tag, size_t i)
{
  size_t steps = tag->filter->sequence[i].length;
  tag->path->tag = tag->label;
  for (size_t c = 0; c < tag->columns; c++) {
    double log_probability = 0;
    for (size_t t = 0; t < steps; t++) {
      const struct rnn_ranked *ranked = &tag->ranked[((tag->first[i] + t) * tag->columns + c) * tag->width];
      tag->label[c * steps + t] = label_of(tag, ranked);
      log_probability += log(ranked->probability);
    }
    tag->path->probability[c] = exp(log_probability);
  }
}

/* The best taggings of sequence i as tag->path; answers how many. */
static enum rnn_status find_paths(struct tag *tag, size_t i, size_t *paths, struct rnn_error *error)
{
  enum rnn_status status;
  size_t steps = tag->filter->sequence[i].length;
  RNN_TRY(rnn_memory_grow(&tag->best, &tag->capacity_best, steps + 1, sizeof *tag->best, "taggings", error));
  RNN_TRY(rnn_memory_grow(&tag->label, &tag->capacity_label, (steps + 1) * tag->paths * tag->columns,
                          sizeof *tag->label, "taggings", error));
  *paths = 1;
  if (tag->columns > 1) {
    find_tags(tag, i);
    return RNN_OK;
  }
  RNN_TRY(rnn_nbest_run(tag->nbest, tag->ranked + tag->first[i] * tag->width, steps, tag->width, paths, error));
  for (size_t j = 0; j < *paths; j++) {
    struct rnn_answer_label *label = tag->label + j * steps;
    tag->path[j].probability[0] = rnn_nbest_path(tag->nbest, j, tag->best);
    tag->path[j].tag = label;
    for (size_t t = 0; t < steps; t++)
      label[t] = label_of(tag, &tag->best[t]);
  }
out:
  return status;
}

/* A record of which each step has a line of its own, and more lines may follow. */
static bool lines_may_go_on(const struct tag *tag, size_t i)
{
  const struct rnn_record *record = rnn_encoder_record(tag->filter->encoder, i);
  bool echoes = tag->filter->style.echo && record != NULL && (record->spot != NULL || record->filler);
  return tag->in_lines && !echoes && rnn_resume_may_go_on(&tag->resume, i);
}

/* The end of a record that may go on is written when the next one shows that it did not. */
static enum rnn_status write_record(struct tag *tag, size_t i, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_filter *filter = tag->filter;
  size_t paths;
  if (tag->owes_end && !tag->resume.continues)
    RNN_TRY(rnn_answer_write_end(filter->output, &filter->style, error));
  RNN_TRY(find_paths(tag, i, &paths, error));
  filter->style.open = tag->owes_end = lines_may_go_on(tag, i);
  RNN_TRY(rnn_answer_write_tags(filter->output, &filter->style, filter->encoder, i, tag->path, paths, error));
out:
  return status;
}

static enum rnn_status answer(struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status;
  struct tag *tag = filter->own;
  struct rnn_answer receiver = {.take = take, .decide = decide, .context = tag};
  rnn_resume_begin(&tag->resume);
  RNN_TRY(rnn_memory_grow(&tag->first, &tag->capacity_first, filter->count + 1, sizeof *tag->first, "answers", error));
  for (size_t i = 0; i < filter->count; i++)
    tag->first[i + 1] = tag->first[i] + filter->sequence[i].length;
  size_t steps = tag->first[filter->count] * tag->columns;
  /* One more than there are, here and in find_paths: a sequence without a step has its place, too. */
  RNN_TRY(rnn_memory_grow(&tag->ranked, &tag->capacity_ranked, (steps + 1) * tag->width, sizeof *tag->ranked, "answers",
                          error));
  RNN_TRY(rnn_memory_grow(&tag->nats, &tag->capacity_nats, steps, sizeof *tag->nats, "answers", error));
  RNN_TRY(rnn_resume_run(&tag->resume, &receiver, error));
  for (size_t i = 0; i < filter->count; i++)
    RNN_TRY(tag->score.test ? score_record(tag, i, error) : write_record(tag, i, error));
  rnn_resume_end(&tag->resume);
out:
  return status;
}

/* Frames are tagged as they come, and forgotten, where nothing is said of a sequence as a whole. */
static void choose_parts(const struct tag *tag, struct rnn_filter *filter)
{
  const struct rnn_shape *shape = &filter->model->parameters->shape;
  filter->live = tag->in_lines && shape->frames && shape->directions == 1 && !shape->crf;
  filter->part_steps = filter->live ? 1 : 0;
}

static enum rnn_status prepare(struct tag *tag, struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status;
  size_t k = rnn_model_classes(filter->model);
  tag->filter = filter;
  tag->columns = rnn_columns_count(&filter->model->columns);
  if (tag->paths > 1 && tag->columns > 1)
    return rnn_error_set(error, RNN_USAGE, "--nbest: of one column alone; --column chooses it");
  if (tag->paths > 1 && filter->model->parameters->shape.crf)
    return rnn_error_set(error, RNN_USAGE,
                         "--nbest: the tags of this model are a chain (output: crf), of which only the best is found");
  tag->width = tag->paths < k ? tag->paths : k;
  filter->style.probability = tag->probability;
  filter->style.labels_only = tag->labels_only;
  filter->style.key = tag->key;
  filter->style.columns = &filter->model->columns;
  filter->style.echo = !filter->style.json && !tag->labels_only && !tag->score.test;
  tag->in_lines = filter->style.echo && tag->paths == 1;
  filter->scores = tag->score.test;
  filter->answer = answer;
  filter->own = tag;
  RNN_TRY(rnn_memory_new(&tag->path, tag->paths, sizeof *tag->path, "taggings", error));
  RNN_TRY(rnn_nbest_create(&tag->nbest, tag->paths, error));
  RNN_TRY(rnn_predictor_create(&tag->predictor, filter->model, MOST_LANES, filter->pool, error));
  RNN_TRY(rnn_resume_open(&tag->resume, filter, tag->predictor, error));
  choose_parts(tag, filter);
  rnn_encoder_set_longest(filter->encoder, rnn_predictor_longest(tag->predictor));
  RNN_TRY(rnn_score_open(&tag->score, filter->model, error));
out:
  return status;
}

static enum rnn_status run(struct rnn_options *shared, void *own, struct rnn_error *error)
{
  enum rnn_status status;
  struct tag *tag = own;
  struct rnn_filter filter;
  RNN_TRY(rnn_filter_open(&filter, shared, RNN_TAG, error));
  RNN_TRY(prepare(tag, &filter, error));
  RNN_TRY(rnn_filter_run(&filter, error));
  RNN_TRY(rnn_resume_keep(&tag->resume, error));
  if (tag->score.test)
    RNN_TRY(rnn_score_write(&tag->score, filter.output, shared, error));
out:
  rnn_predictor_free(tag->predictor);
  rnn_nbest_free(tag->nbest);
  rnn_memory_free(tag->first);
  rnn_memory_free(tag->ranked);
  rnn_memory_free(tag->nats);
  rnn_memory_free(tag->best);
  rnn_memory_free(tag->label);
  rnn_memory_free(tag->path);
  rnn_memory_free(tag->gold);
  rnn_memory_free(tag->predicted);
  rnn_resume_close(&tag->resume);
  rnn_score_close(&tag->score);
  return rnn_filter_close(&filter, status, error);
}

static enum rnn_status claim(struct rnn_options *shared, void *own, struct rnn_error *error)
{
  const struct tag *tag = own;
  rnn_sandbox_allow(&shared->sandbox, tag->score.confusion, RNN_SANDBOX_WRITE);
  rnn_sandbox_allow(&shared->sandbox, tag->score.coverage, RNN_SANDBOX_WRITE);
  return rnn_resume_claim(&tag->resume, shared, error);
}

int main(int argc, char **argv)
{
  static const struct rnn_program program = {
      .name = "rnn-tag",
      .operands = "[FILE...]",
      .about =
          "Tags each step of each sequence."
          "\v"
          "Text comes out as TOKEN TAB TAG, a line each, and a blank line after each record; conllu with the "
          "column filled in and all else as it was; columns with one more column. A model of several columns of "
          "tags answers all of them, or those that --column names; with other names, as many as there are, it says "
          "what they are called in the data.",
      .groups = RNN_OPTIONS_MODEL | RNN_OPTIONS_READER | RNN_OPTIONS_OUTPUT | RNN_OPTIONS_RECORDS | RNN_OPTIONS_FILTER |
                RNN_OPTIONS_JSON | RNN_OPTIONS_THREADS,
      .options = options,
      .parse = parse,
      .model = "english-pos",
      .operand = "-",
      .claim = claim,
      .run = run};
  struct tag tag = {.paths = 1};
  return rnn_program_main(&program, &tag, argc, argv);
}
