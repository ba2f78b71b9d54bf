/* What marks of spans rule out, and that a chain of tags begins with it. */
#include "span.h"

#include <criterion/criterion.h>
#include <string.h>

#include "corpus_case.h"

static real transition(const struct rnn_model *model, const char *before, const char *tag)
{
  const struct rnn_parameters *parameters = model->parameters;
  size_t k = parameters->shape.k;
  size_t i = before == NULL ? k : (size_t)rnn_vocabulary_find(model->labels, before, strlen(before));
  size_t j = (size_t)rnn_vocabulary_find(model->labels, tag == NULL ? before : tag, strlen(tag == NULL ? before : tag));
  if (tag == NULL)
    i = k + 1;
  return parameters->value[parameters->layout.a[0] + i * k + j];
}

static struct rnn_model *model_of(const char *const *tags, size_t sequences)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_TAG);
  for (size_t i = 0; i < sequences; i++)
    corpus_case_add(&it, "one two three", tags[i]);
  struct rnn_model *model = model_case(&it, "output=crf state=4 embedding=4");
  corpus_case_clear(&it);
  return model;
}

static const real never = -10;

Test(span, goes_on_only_in_its_own_type)
{
  static const char *const tags[] = {"B-a I-a O", "O B-b I-b", "B-a B-b O"};
  struct rnn_model *model = model_of(tags, 3);
  cr_expect(transition(model, "O", "I-a") < never);
  cr_expect(transition(model, "B-b", "I-a") < never);
  cr_expect(transition(model, "I-b", "I-a") < never);
  cr_expect(transition(model, NULL, "I-a") < never, "a sequence begins inside of a span");
  cr_expect(transition(model, "B-a", "I-a") > never);
  cr_expect(transition(model, "I-a", "I-a") > never);
  cr_expect(transition(model, "I-a", "B-a") > never);
  cr_expect(transition(model, "I-b", "B-a") > never);
  cr_expect(transition(model, "B-a", NULL) > never, "a span may end with the sequence");
  rnn_model_free(model);
}

Test(span, with_ends_must_be_ended)
{
  static const char *const tags[] = {"B-a I-a E-a", "O S-a O", "B-b E-b O"};
  struct rnn_model *model = model_of(tags, 3);
  cr_expect(transition(model, "B-a", "O") < never);
  cr_expect(transition(model, "I-a", "S-a") < never);
  cr_expect(transition(model, "B-b", "E-a") < never);
  cr_expect(transition(model, "S-a", "E-a") < never);
  cr_expect(transition(model, "B-a", NULL) < never);
  cr_expect(transition(model, NULL, "E-a") < never);
  cr_expect(transition(model, "B-a", "E-a") > never);
  cr_expect(transition(model, "E-a", "B-a") > never);
  cr_expect(transition(model, "S-a", NULL) > never);
  rnn_model_free(model);
}

Test(span, tags_that_break_the_rules_are_left_alone)
{
  static const char *const open[] = {"I-a I-a O", "I-a B-a O"}, *const no_spans[] = {"N V N", "V N-x N"};
  struct rnn_model *model = model_of(open, 2);
  cr_expect(transition(model, "O", "I-a") > never);
  rnn_model_free(model);
  model = model_of(no_spans, 2);
  cr_expect(transition(model, "V", "N-x") > never);
  rnn_model_free(model);
}
