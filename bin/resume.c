/* Parts of sequences, and states kept between calls. */
#include "resume.h"

error_t rnn_resume_parse(struct rnn_resume *resume, int key, const char *text)
{
  if (key == RNN_KEY_STATE_IN)
    resume->in = text;
  else if (key == RNN_KEY_STATE_OUT)
    resume->out = text;
  else
    return ARGP_ERR_UNKNOWN;
  return 0;
}

enum rnn_status rnn_resume_claim(const struct rnn_resume *resume, struct rnn_options *options, struct rnn_error *error)
{
  rnn_sandbox_allow(&options->sandbox, resume->out, RNN_SANDBOX_WRITE);
  return rnn_options_claim(options, resume->in, "the state", error);
}

enum rnn_status rnn_resume_open(struct rnn_resume *resume, struct rnn_filter *filter, struct rnn_predictor *predictor,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  resume->filter = filter;
  resume->predictor = predictor;
  resume->asked = resume->in != NULL || resume->out != NULL;
  if (!resume->asked)
    return RNN_OK;
  filter->most_records = 1;
  RNN_TRY(rnn_kept_state_init(&resume->kept, filter->model, error));
  if (resume->in != NULL)
    RNN_TRY(rnn_kept_state_read(&resume->kept, resume->in, error));
  rnn_predictor_resume(predictor, resume->kept.state);
  filter->reader.carry = &resume->kept.carry;
out:
  return status;
}

void rnn_resume_close(struct rnn_resume *resume)
{
  rnn_kept_state_clear(&resume->kept);
}

void rnn_resume_begin(struct rnn_resume *resume)
{
  size_t last = resume->filter->count - 1;
  const struct rnn_record *record = rnn_encoder_record(resume->filter->encoder, last);
  resume->alone = resume->asked || rnn_filter_is_part(resume->filter, last);
  resume->continues = record != NULL && record->continues;
  if (!resume->alone || resume->continues || (record != NULL && record->filler))
    return;
  resume->before = resume->asked && !resume->begun ? (size_t)resume->kept.steps : 0;
  resume->begun = true;
}

size_t rnn_resume_before(const struct rnn_resume *resume, size_t i)
{
  return resume->alone && i + 1 == resume->filter->count ? resume->before : 0;
}

bool rnn_resume_may_go_on(const struct rnn_resume *resume, size_t i)
{
  const struct rnn_record *record = rnn_encoder_record(resume->filter->encoder, i);
  return resume->out != NULL || (record != NULL && record->more);
}

/* The sequence that goes through alone is the last of the batch. */
struct lone_answer {
  const struct rnn_answer *answer;
  size_t last;
};

static void take_alone(void *context, size_t lane, size_t t, size_t k, const real *y)
{
  const struct lone_answer *alone = context;
  alone->answer->take(alone->answer->context, alone->last + lane, t, k, y);
}

enum rnn_status rnn_resume_run(struct rnn_resume *resume, const struct rnn_answer *answer, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_filter *filter = resume->filter;
  size_t whole = filter->count - resume->alone;
  struct lone_answer context = {.answer = answer, .last = whole};
  struct rnn_answer alone = {.take = take_alone, .context = &context};
  RNN_TRY(rnn_predictor_run(resume->predictor, filter->sequence, whole, answer, error));
  if (resume->alone && filter->sequence[whole].length > 0)
    RNN_TRY(rnn_predictor_run_part(resume->predictor, &filter->sequence[whole], resume->before, &alone, error));
out:
  return status;
}

void rnn_resume_end(struct rnn_resume *resume)
{
  if (resume->alone)
    resume->before += resume->filter->sequence[resume->filter->count - 1].length;
}

enum rnn_status rnn_resume_keep(struct rnn_resume *resume, struct rnn_error *error)
{
  struct rnn_kept_state *kept = &resume->kept;
  if (resume->out == NULL)
    return RNN_OK;
  if (resume->begun) {
    kept->steps = resume->before;
    if (kept->steps > 0)
      rnn_state_copy_lane(kept->state, 0, rnn_predictor_state(resume->predictor), 0);
    else
      rnn_state_start(kept->state, resume->filter->model->parameters, 0, 1);
  }
  return rnn_kept_state_write(kept, resume->out, error);
}
