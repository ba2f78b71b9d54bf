/* rnn-classify: a label for every sequence. */
#include <math.h>
#include <string.h>

#include "filter.h"
#include "memory.h"
#include "nbest.h"
#include "predictor.h"
#include "program.h"
#include "score.h"

enum { KEY_PROB = RNN_OPTION_OWN, KEY_TOP, KEY_MIN_PROB, KEY_REJECT, KEY_EACH, KEY_KEY, MOST_LANES = 64 };

struct classify {
  bool probability, key;
  size_t top, each;
  double least_probability;
  const char *reject;
  struct rnn_score score;
  /* while it runs */
  struct rnn_filter *filter;
  struct rnn_predictor *predictor;
  size_t width;                   /* labels kept of each answer */
  size_t *first;                  /* [count+1] where the answers of a sequence begin */
  struct rnn_ranked *ranked;      /* [answers][width] */
  double *nats;                   /* [count] -log y[gold] */
  struct rnn_answer_label *label; /* [width] */
  size_t before;                  /* steps of a sequence in parts that are answered */
  size_t capacity_first, capacity_ranked, capacity_nats;
};

static const struct argp_option options[] = {
    {"prob", KEY_PROB, NULL, 0, "add a TAB and the probability", 0},
    {"top", KEY_TOP, "N", 0, "the N best labels, best first, separated by TABs (1)", 0},
    {"min-prob", KEY_MIN_PROB, "P", 0, "answer no label that is less probable than P", 0},
    {"reject", KEY_REJECT, "LABEL", 0, "with --min-prob: the answer where no label is left (empty)", 0},
    {"each", KEY_EACH, "N", OPTION_ARG_OPTIONAL, "a running label after every N steps (1): STEP TAB LABEL", 0},
    {"key", KEY_KEY, NULL, 0, "the key of the record and a TAB stand first", 0},
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
    return rnn_score_parse(&classify->score, key, text, state);
  }
  return 0;
}

/* Answers of a sequence of so many steps. */
static size_t answers_of(const struct classify *classify, size_t steps)
{
  return steps == 0 ? 0 : classify->each == 0 ? 1 : (steps - 1) / classify->each + 1;
}

static void take(void *context, size_t i, size_t t, size_t k, const real *y)
{
  struct classify *classify = context;
  const struct rnn_sequence *sequence = &classify->filter->sequence[i];
  size_t step = t - classify->before, answer = classify->first[i] + (classify->each == 0 ? 0 : step / classify->each);
  rnn_rank(k, y, classify->width, classify->ranked + answer * classify->width);
  if (step + 1 == sequence->length)
    classify->nats[i] = sequence->label < 0 ? 0.0 : -log((double)y[sequence->label]);
}

static enum rnn_status score_record(struct classify *classify, size_t i, struct rnn_error *error)
{
  const struct rnn_filter *filter = classify->filter;
  const struct rnn_sequence *sequence = &filter->sequence[i];
  if (rnn_encoder_label(filter->encoder, i).bytes == NULL) {
    rnn_error_set(error, RNN_DATA, "no label, --test needs one");
    return rnn_filter_blame(filter, i, error);
  }
  if (sequence->length == 0) /* no evidence: as good as guessing */
    rnn_score_add(&classify->score, sequence->label, RNN_ABSENT,
                  sequence->label < 0 ? 0.0 : log((double)rnn_model_classes(filter->model)));
  else
    rnn_score_add(&classify->score, sequence->label,
                  classify->ranked[(classify->first[i + 1] - 1) * classify->width].label, classify->nats[i]);
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

static enum rnn_status write_record(struct classify *classify, size_t i, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_filter *filter = classify->filter;
  size_t first = classify->first[i], answers = classify->first[i + 1] - first, steps = filter->sequence[i].length;
  for (size_t j = 0; j < answers; j++) {
    size_t count = choose(classify, classify->ranked + (first + j) * classify->width);
    size_t step = classify->each == 0 ? 0 : classify->before + (j + 1 < answers ? (j + 1) * classify->each : steps);
    RNN_TRY(rnn_answer_write_labels(filter->output, &filter->style, filter->encoder, i, step, classify->label, count,
                                    error));
  }
  if (answers == 0 && classify->before == 0)
    RNN_TRY(rnn_answer_write_labels(filter->output, &filter->style, filter->encoder, i, 0, NULL, 0, error));
out:
  return status;
}

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
    classify->first[i + 1] = classify->first[i] + answers_of(classify, filter->sequence[i].length);
  RNN_TRY(rnn_memory_grow(&classify->ranked, &classify->capacity_ranked,
                          classify->first[filter->count] * classify->width, sizeof *classify->ranked, "answers",
                          error));
out:
  return status;
}

/* A part of a sequence, which goes on where the part before ended. */
static enum rnn_status answer_part(struct classify *classify, const struct rnn_answer *receiver,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_filter *filter = classify->filter;
  const struct rnn_record *record = rnn_encoder_record(filter->encoder, 0);
  size_t steps = filter->sequence[0].length;
  if (record == NULL || !record->continues)
    classify->before = 0;
  if (steps > 0)
    RNN_TRY(rnn_predictor_run_part(classify->predictor, &filter->sequence[0], classify->before, receiver, error));
  RNN_TRY(write_record(classify, 0, error));
  classify->before += steps;
out:
  return status;
}

static enum rnn_status answer(struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status;
  struct classify *classify = filter->own;
  struct rnn_answer receiver = {.take = take, .context = classify};
  RNN_TRY(make_room(classify, error));
  if (filter->parts)
    return answer_part(classify, &receiver, error);
  classify->before = 0;
  RNN_TRY(rnn_predictor_run(classify->predictor, filter->sequence, filter->count, &receiver, error));
  for (size_t i = 0; i < filter->count; i++)
    RNN_TRY(classify->score.test ? score_record(classify, i, error) : write_record(classify, i, error));
out:
  return status;
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
  filter->part_steps = classify->each;
  filter->answer = answer;
  filter->own = classify;
  RNN_TRY(rnn_memory_new(&classify->label, classify->width, sizeof *classify->label, "answers", error));
  RNN_TRY(rnn_predictor_create(&classify->predictor, filter->model, MOST_LANES, filter->pool, error));
  RNN_TRY(rnn_predictor_each(classify->predictor, classify->each, error));
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
  if (classify->score.test)
    RNN_TRY(rnn_score_write(&classify->score, filter.output, shared, error));
out:
  rnn_predictor_free(classify->predictor);
  rnn_memory_free(classify->first);
  rnn_memory_free(classify->ranked);
  rnn_memory_free(classify->nats);
  rnn_memory_free(classify->label);
  rnn_score_close(&classify->score);
  return rnn_filter_close(&filter, status, error);
}

static enum rnn_status claim(struct rnn_options *shared, void *own, struct rnn_error *error)
{
  const struct classify *classify = own;
  (void)error;
  rnn_sandbox_allow(&shared->sandbox, classify->score.confusion, RNN_SANDBOX_WRITE);
  return RNN_OK;
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
