/* rnn-classify: a label for every sequence. */
#include <math.h>
#include <string.h>

#include "filter.h"
#include "memory.h"
#include "nbest.h"
#include "predictor.h"
#include "program.h"
#include "resume.h"
#include "score.h"

enum {
  KEY_PROB = RNN_OPTION_OWN,
  KEY_TOP,
  KEY_MIN_PROB,
  KEY_REJECT,
  KEY_EACH,
  KEY_KEY,
  MOST_LANES = 64,
  PART_NUMBERS = 1 << 18, /* of frames: what is longer is read and forgotten part by part */
  LEAST_PART_STEPS = 16
};

struct classify {
  bool probability, key;
  size_t top, each;
  double least_probability;
  const char *reject;
  struct rnn_score score;
  struct rnn_resume resume;
  /* while it runs */
  struct rnn_filter *filter;
  struct rnn_predictor *predictor;
  size_t width;                   /* labels kept of each answer */
  size_t most_steps;              /* of a part of a sequence; 0: of any length */
  size_t *first;                  /* [count+1] where the answers of a sequence begin */
  struct rnn_ranked *ranked;      /* [answers][width] */
  double *nats;                   /* [count] -log y[gold] */
  struct rnn_answer_label *label; /* [width] */
  bool has_last;                  /* of the parts before: */
  struct rnn_ranked *last;        /* [width] the answer after their steps, */
  double last_nats;               /* and its -log y[gold] */
  size_t capacity_first, capacity_ranked, capacity_nats;
};

static const struct argp_option options[] = {
    {"prob", KEY_PROB, NULL, 0, "add a TAB and the probability", 0},
    {"top", KEY_TOP, "N", 0, "the N best labels, best first, separated by TABs (1)", 0},
    {"min-prob", KEY_MIN_PROB, "P", 0, "answer no label that is less probable than P", 0},
    {"reject", KEY_REJECT, "LABEL", 0, "with --min-prob: the answer where no label is left (empty)", 0},
    {"each", KEY_EACH, "N", OPTION_ARG_OPTIONAL, "a running label after every N steps (1): STEP TAB LABEL", 0},
    {"key", KEY_KEY, NULL, 0, "the key of the record and a TAB stand first", 0},
    RNN_RESUME_OPTIONS,
    RNN_SCORE_OPTIONS,
    {0}};

static error_t parse(int key, char *text, struct argp_state *state)
{
  struct classify *classify = state->input;
  switch (key) {
  case KEY_PROB:
    classify->probability = true;
    break;
  case KEY_TOP:
    classify->top = (size_t)rnn_option_integer(state, "--top", text, 1, 65536);
    break;
  case KEY_MIN_PROB:
    classify->least_probability = rnn_option_real(state, "--min-prob", text, 0, 1);
    break;
  case KEY_REJECT:
    classify->reject = text;
    break;
  case KEY_EACH:
    classify->each = text == NULL ? 1 : (size_t)rnn_option_integer(state, "--each", text, 1, INT64_MAX);
    break;
  case KEY_KEY:
    classify->key = true;
    break;
  default:
    return rnn_resume_parse(&classify->resume, key, text) == 0 ? 0
                                                               : rnn_score_parse(&classify->score, key, text, state);
  }
  return 0;
}

/* ---- what comes out of the network ---- */

/* Answers to the steps from `from` on: at each multiple of --each, and always at the last. */
static size_t answers_of(const struct classify *classify, size_t from, size_t steps)
{
  if (steps == 0 || classify->each == 0)
    return steps > 0;
  return (from + steps - 1) / classify->each - from / classify->each + 1;
}

static void take(void *context, size_t i, size_t t, size_t k, const real *y)
{
  struct classify *classify = context;
  const struct rnn_sequence *sequence = &classify->filter->sequence[i];
  size_t from = rnn_resume_before(&classify->resume, i), each = classify->each;
  size_t answer = classify->first[i] + (each == 0 ? 0 : t / each - from / each);
  rnn_rank(k, y, classify->width, classify->ranked + answer * classify->width);
  if (t + 1 == from + sequence->length)
    classify->nats[i] = sequence->label < 0 ? 0.0 : -log((double)y[sequence->label]);
}

/* The last answer to sequence i; NULL where there is no evidence at all. */
static const struct rnn_ranked *last_answer(const struct classify *classify, size_t i, double *nats)
{
  size_t end = classify->first[i + 1];
  *nats = end > classify->first[i] ? classify->nats[i] : classify->last_nats;
  if (end > classify->first[i])
    return classify->ranked + (end - 1) * classify->width;
  return rnn_resume_before(&classify->resume, i) > 0 && classify->has_last ? classify->last : NULL;
}

/* ---- what is written of it ---- */

static enum rnn_status score_record(struct classify *classify, size_t i, struct rnn_error *error)
{
  const struct rnn_filter *filter = classify->filter;
  const struct rnn_sequence *sequence = &filter->sequence[i];
  if (rnn_encoder_label(filter->encoder, i).bytes == NULL) {
    rnn_error_set(error, RNN_DATA, "no label, --test needs one");
    return rnn_filter_blame(filter, i, error);
  }
  double nats;
  const struct rnn_ranked *ranked = last_answer(classify, i, &nats);
  if (ranked == NULL) /* as good as guessing */
    rnn_score_add(&classify->score, 0, sequence->label, &(struct rnn_ranked){.label = RNN_ABSENT},
                  sequence->label < 0 ? 0.0 : log((double)rnn_model_classes(filter->model)));
  else
    rnn_score_add(&classify->score, 0, sequence->label, &ranked[0], nats);
  rnn_score_end_record(&classify->score);
  return RNN_OK;
}

/* The labels to show: probable enough, or the one that says there is none. */
static size_t choose(const struct classify *classify, const struct rnn_ranked *ranked)
{
  size_t count = 0;
  for (; count < classify->width && ranked[count].probability >= classify->least_probability; count++) {
    struct rnn_answer_label *label = &classify->label[count];
    label->text.bytes =
        rnn_model_class(classify->filter->model, (size_t)ranked[count].label, &label->text.length_bytes);
    label->probability = ranked[count].probability;
  }
  if (count > 0)
    return count;
  classify->label[0].text = (struct rnn_slice){classify->reject, strlen(classify->reject)};
  classify->label[0].probability = ranked[0].probability;
  return 1;
}

/* An answer; `ranked` NULL: an empty one. */
static enum rnn_status write_answer(struct classify *classify, size_t i, size_t step, const struct rnn_ranked *ranked,
                                    struct rnn_error *error)
{
  const struct rnn_filter *filter = classify->filter;
  size_t count = ranked == NULL ? 0 : choose(classify, ranked);
  return rnn_answer_write_labels(filter->output, &filter->style, filter->encoder, i, step, classify->label, count,
                                 error);
}

/* With --each: the answers to the steps at hand. That to the last one waits for the next call where it is not due. */
static enum rnn_status write_running(struct classify *classify, size_t i, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t each = classify->each, from = rnn_resume_before(&classify->resume, i),
         end = from + classify->filter->sequence[i].length;
  size_t first = classify->first[i], answers = classify->first[i + 1] - first;
  for (size_t j = 0; j < answers; j++) {
    size_t due = (from / each + j + 1) * each, step = due < end ? due : end;
    if (step == due || !rnn_resume_may_go_on(&classify->resume, i))
      RNN_TRY(write_answer(classify, i, step, classify->ranked + (first + j) * classify->width, error));
  }
  if (end == 0)
    RNN_TRY(write_answer(classify, i, 0, NULL, error));
out:
  return status;
}

static enum rnn_status finish_record(struct classify *classify, size_t i, struct rnn_error *error)
{
  double nats;
  const struct rnn_record *record = rnn_encoder_record(classify->filter->encoder, i);
  if (classify->each > 0)
    return write_running(classify, i, error);
  if (record != NULL && record->more)
    return RNN_OK;
  return classify->score.test ? score_record(classify, i, error)
                              : write_answer(classify, i, 0, last_answer(classify, i, &nats), error);
}

/* ---- batches ---- */

/* Room for the answers to the batch. */
static enum rnn_status make_room(struct classify *classify, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_filter *filter = classify->filter;
  RNN_TRY(rnn_memory_grow(&classify->first, &classify->capacity_first, filter->count + 1, sizeof *classify->first,
                          "answers", error));
  RNN_TRY(rnn_memory_grow(&classify->nats, &classify->capacity_nats, filter->count, sizeof *classify->nats, "answers",
                          error));
  for (size_t i = 0; i < filter->count; i++)
    classify->first[i + 1] =
        classify->first[i] + answers_of(classify, rnn_resume_before(&classify->resume, i), filter->sequence[i].length);
  RNN_TRY(rnn_memory_grow(&classify->ranked, &classify->capacity_ranked,
                          classify->first[filter->count] * classify->width, sizeof *classify->ranked, "answers",
                          error));
out:
  return status;
}

/* The next part of a sequence, `past` steps of it being read, ends where an answer is due, or where it would be too
 * long to be kept. */
static void size_part(struct classify *classify, size_t past)
{
  size_t due = classify->each > 0 ? classify->each - past % classify->each : 0, most = classify->most_steps;
  classify->filter->part_steps = due == 0 || (most > 0 && most < due) ? most : due;
}

/* After its answers are written: the last one is kept for the case that no step follows. */
static void end_part(struct classify *classify)
{
  double nats;
  size_t i = classify->filter->count - 1;
  const struct rnn_ranked *last = last_answer(classify, i, &nats);
  const struct rnn_record *record = rnn_encoder_record(classify->filter->encoder, i);
  if (last != NULL && last != classify->last)
    memcpy(classify->last, last, classify->width * sizeof *last);
  classify->has_last = last != NULL;
  classify->last_nats = nats;
  size_part(classify, record != NULL && record->more ? classify->resume.before : 0);
}

static enum rnn_status answer(struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status;
  struct classify *classify = filter->own;
  struct rnn_answer receiver = {.take = take, .context = classify};
  rnn_resume_begin(&classify->resume);
  classify->has_last &= classify->resume.continues;
  RNN_TRY(make_room(classify, error));
  RNN_TRY(rnn_resume_run(&classify->resume, &receiver, error));
  for (size_t i = 0; i < filter->count; i++)
    RNN_TRY(finish_record(classify, i, error));
  rnn_resume_end(&classify->resume);
  if (classify->resume.alone)
    end_part(classify);
out:
  return status;
}

/* ---- the program ---- */

/* How sequences are to be cut into parts: as answers are due, or where they are too long to be kept. */
static void choose_parts(struct classify *classify, struct rnn_filter *filter)
{
  const struct rnn_model *model = filter->model;
  bool folds = model->frame_width > 0 && model->parameters->shape.directions == 1 && model->config.max_steps == 0;
  size_t room = folds ? PART_NUMBERS / model->frame_width : 0;
  if (folds)
    classify->most_steps = room < LEAST_PART_STEPS ? LEAST_PART_STEPS : room;
  filter->live = classify->each > 0;
  size_part(classify, (size_t)classify->resume.kept.steps);
}

static enum rnn_status prepare(struct classify *classify, struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status;
  size_t k = rnn_model_classes(filter->model);
  classify->filter = filter;
  classify->width = classify->score.test ? 1 : classify->top < k ? classify->top : k;
  if (classify->score.test)
    classify->each = 0;
  filter->style.probability = classify->probability;
  filter->style.key = classify->key;
  filter->tabs_are_tsv = filter->scores = classify->score.test;
  filter->answer = answer;
  filter->own = classify;
  RNN_TRY(rnn_memory_new(&classify->last, classify->width, sizeof *classify->last, "answers", error));
  RNN_TRY(rnn_memory_new(&classify->label, classify->width, sizeof *classify->label, "answers", error));
  RNN_TRY(rnn_predictor_create(&classify->predictor, filter->model, MOST_LANES, filter->pool, error));
  RNN_TRY(rnn_predictor_each(classify->predictor, classify->each, error));
  RNN_TRY(rnn_resume_open(&classify->resume, filter, classify->predictor, error));
  choose_parts(classify, filter);
  rnn_encoder_set_longest(filter->encoder, rnn_predictor_longest(classify->predictor));
  RNN_TRY(rnn_score_open(&classify->score, filter->model, error));
out:
  return status;
}

static enum rnn_status run(struct rnn_options *shared, void *own, struct rnn_error *error)
{
  enum rnn_status status;
  struct classify *classify = own;
  struct rnn_filter filter;
  RNN_TRY(rnn_filter_open(&filter, shared, RNN_CLASSIFY, error));
  RNN_TRY(prepare(classify, &filter, error));
  RNN_TRY(rnn_filter_run(&filter, error));
  RNN_TRY(rnn_resume_keep(&classify->resume, error));
  if (classify->score.test)
    RNN_TRY(rnn_score_write(&classify->score, filter.output, shared, error));
out:
  rnn_predictor_free(classify->predictor);
  rnn_memory_free(classify->first);
  rnn_memory_free(classify->ranked);
  rnn_memory_free(classify->nats);
  rnn_memory_free(classify->label);
  rnn_memory_free(classify->last);
  rnn_resume_close(&classify->resume);
  rnn_score_close(&classify->score);
  return rnn_filter_close(&filter, status, error);
}

static enum rnn_status claim(struct rnn_options *shared, void *own, struct rnn_error *error)
{
  const struct classify *classify = own;
  rnn_sandbox_allow(&shared->sandbox, classify->score.confusion, RNN_SANDBOX_WRITE);
  rnn_sandbox_allow(&shared->sandbox, classify->score.coverage, RNN_SANDBOX_WRITE);
  return rnn_resume_claim(&classify->resume, shared, error);
}

int main(int argc, char **argv)
{
  static const struct rnn_program program = {.name = "rnn-classify",
                                             .operands = "[FILE...]",
                                             .about = "Answers each sequence with a label, one line per record."
                                                      "\v"
                                                      "An empty record gets an empty label with probability 0.",
                                             .groups = RNN_OPTIONS_MODEL | RNN_OPTIONS_READER | RNN_OPTIONS_OUTPUT |
                                                       RNN_OPTIONS_RECORDS | RNN_OPTIONS_FILTER | RNN_OPTIONS_JSON |
                                                       RNN_OPTIONS_THREADS,
                                             .options = options,
                                             .parse = parse,
                                             .model = "english-polarity",
                                             .operand = "-",
                                             .claim = claim,
                                             .run = run};
  struct classify classify = {.top = 1, .reject = ""};
  return rnn_program_main(&program, &classify, argc, argv);
}
