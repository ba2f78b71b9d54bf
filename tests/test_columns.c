/* Several columns of tags: names, labels, one network that answers all of them. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "corpus_case.h"
#include "model_columns.h"
#include "network.h"
#include "temperature.h"
#include "vector.h"

static struct rnn_error error;

static struct rnn_columns columns_of(const char *text)
{
  struct rnn_columns columns;
  cr_assert(rnn_columns_read(&columns, text));
  return columns;
}

Test(columns, are_a_list_of_names)
{
  char text[RNN_COLUMNS_BYTES];
  struct rnn_columns columns = columns_of("upos,xpos,feats");
  cr_expect_eq(columns.count, 3);
  cr_expect_str_eq(rnn_columns_write(&columns, text), "upos,xpos,feats");
  cr_expect_eq(rnn_columns_find(&columns, "xpos", 4), 1);
  cr_expect_eq(rnn_columns_find(&columns, "xpo", 3), 3);
  columns = columns_of("upos");
  cr_expect_eq(columns.count, 1);
  static const char *const refused[] = {"",       ",",
                                        "a,",     "a,,b",
                                        "a,b,a",  "a=b,c",
                                        "a\tb,c", "a123456789012345678901234567890x,b",
                                        "a\x7f",  "a,b,c,d,e,f,g,h,i"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    cr_expect(!rnn_columns_read(&columns, refused[i]), "%s", refused[i]);
}

Test(columns, longest_list_has_room)
{
  char text[RNN_COLUMNS_BYTES], again[RNN_COLUMNS_BYTES] = "";
  for (int c = 0; c < RNN_MOST_COLUMNS; c++) {
    char name[RNN_COLUMN_NAME_BYTES + 1];
    memset(name, 'a' + c, sizeof name);
    name[RNN_COLUMN_NAME_BYTES - 1] = c + 1 < RNN_MOST_COLUMNS ? ',' : '\0';
    name[RNN_COLUMN_NAME_BYTES] = '\0';
    strcat(again, name);
  }
  struct rnn_columns columns = columns_of(again);
  cr_expect_str_eq(rnn_columns_write(&columns, text), again);
}

Test(columns, are_told_by_the_names_before_their_labels)
{
  struct rnn_columns columns = columns_of("upos,feats"), none = {.count = 0};
  size_t skip;
  cr_expect_eq(rnn_columns_of_label(&columns, "feats=Number=Sing", 17, &skip), 1);
  cr_expect_eq(skip, 6);
  cr_expect_eq(rnn_columns_of_label(&columns, "Number=Sing", 11, &skip), 2);
  cr_expect_eq(rnn_columns_of_label(&columns, "NOUN", 4, &skip), 2);
  cr_expect_eq(rnn_columns_of_label(&none, "Number=Sing", 11, &skip), 0);
  cr_expect_eq(skip, 0);
}

/* Sentences of which two columns are to be learnt; the second stands first among the labels. */
static void corpus_init(struct corpus_case *it)
{
  corpus_case_init(it, RNN_TAG);
  it->corpus.columns = columns_of("pos,case");
  corpus_case_add(it, "the dog barks", "pos=D case=_ pos=N case=nom pos=V case=_");
  corpus_case_add(it, "the cat sees the dog", "pos=D case=_ pos=N case=nom pos=V case=_ pos=D case=_ pos=N case=acc");
  corpus_case_add(it, "dog", "pos=N case=nom");
  corpus_case_add(it, "the dog sees the cat", "pos=D case=_ pos=N case=nom pos=V case=_ pos=D case=_ pos=N case=acc");
}

static const char settings[] = "state=8 embedding=6 bidirectional=true features=false min_count=1 epochs=30 batch=2 "
                               "learning_rate=0.05 dropout=0.2 word_dropout=0 patience=0 ";

static struct rnn_model *model_of(struct corpus_case *it, const char *more)
{
  char all[512] = "";
  strcat(strcat(all, settings), more);
  return model_case(it, all);
}

Test(columns, share_the_classes_of_a_model)
{
  struct corpus_case it;
  corpus_init(&it);
  struct rnn_model *model = model_of(&it, "");
  const struct rnn_shape *shape = &model->parameters->shape;
  size_t length;
  cr_expect_eq(rnn_model_classes(model), 6);
  cr_expect(shape->columns == 2 && shape->k == 6);
  cr_expect(model->column[0].first == 3 && model->column[0].k == 3);
  cr_expect(model->column[1].first == 0 && model->column[1].k == 3);
  cr_expect_str_eq(rnn_model_class(model, 2, &length), "nom");
  cr_expect_eq(length, 3);
  cr_expect_str_eq(rnn_model_class(model, 3, &length), "D");
  rnn_model_free(model);
  corpus_case_clear(&it);
}

Test(columns, must_all_have_labels)
{
  struct corpus_case it;
  struct rnn_model *model;
  struct rnn_config config = config_case(settings);
  corpus_case_init(&it, RNN_TAG);
  it.corpus.columns = columns_of("pos,case");
  corpus_case_add(&it, "the dog", "pos=D pos=D pos=N pos=N");
  for (size_t i = 1; i < 4; i += 2)
    it.corpus.tag[i] = RNN_ABSENT;
  cr_assert_eq(rnn_model_create(&model, &config, (struct rnn_text){.level = RNN_LEVEL_WORD}, &it.corpus, it.symbols,
                                it.labels, &error),
               RNN_DATA);
  cr_assert_str_eq(error.text, "no label to learn: the column 'case' has none");
  corpus_case_clear(&it);
}

Test(columns, of_other_names_are_not_adopted)
{
  struct corpus_case it, other;
  size_t strange;
  corpus_init(&it);
  corpus_init(&other);
  struct rnn_model *model = model_of(&it, "");
  other.corpus.columns = columns_of("case,pos");
  cr_assert_eq(rnn_model_adopt(model, &other.corpus, other.symbols, other.labels, &strange, &error), RNN_DATA);
  cr_assert_str_eq(error.text, "the data has case,pos, the model pos,case");
  other.corpus.columns = (struct rnn_columns){.count = 0};
  cr_assert_eq(rnn_model_adopt(model, &other.corpus, other.symbols, other.labels, &strange, &error), RNN_DATA);
  cr_assert_str_eq(error.text, "the data has one column of tags, the model pos,case");
  rnn_model_free(model);
  corpus_case_clear(&it);
  corpus_case_clear(&other);
}

static void expect_learnt(const char *output)
{
  struct corpus_case it[2];
  struct rnn_model *model[2];
  struct rnn_loss loss[RNN_MOST_COLUMNS];
  for (size_t i = 0; i < 2; i++) {
    corpus_init(&it[i]);
    model[i] = model_of(&it[i], output);
    struct training_case happened = train_case(model[i], &it[i].corpus, &it[i].corpus, i + 1);
    cr_assert_eq(happened.status, RNN_OK, "%s", happened.error.text);
    measure_columns_case(model[i], &it[i].corpus, i + 1, loss);
    for (size_t c = 0; c < 2; c++)
      cr_assert(loss[c].terms == 14 && loss[c].correct == 14, "%s: column %zu: %zu of %zu", output, c, loss[c].correct,
                loss[c].terms);
  }
  size_t count = model[0]->parameters->layout.count;
  cr_assert(memcmp(model[0]->parameters->value, model[1]->parameters->value, count * sizeof(real)) == 0,
            "%s: one thread and two", output);
  for (size_t i = 0; i < 2; i++) {
    rnn_model_free(model[i]);
    corpus_case_clear(&it[i]);
  }
}

Test(columns, are_learnt_together_on_any_number_of_threads)
{
  expect_learnt("output=softmax");
  expect_learnt("output=crf");
  expect_learnt("output=softmax class_weights=balanced");
}

/* A model of one column answers what that of all does, to the bit. */
static void expect_kept(const char *output, size_t kept)
{
  struct corpus_case it;
  struct rnn_loss all[RNN_MOST_COLUMNS], alone;
  corpus_init(&it);
  struct rnn_model *model = model_of(&it, output);
  size_t columns = it.corpus.count == 0 ? 0 : model->parameters->shape.columns;
  measure_columns_case(model, &it.corpus, 1, all);
  cr_assert_eq(rnn_model_keep_columns(model, &kept, 1, &error), RNN_OK, "%s", error.text);
  cr_assert(model->columns.count == 0 && model->parameters->shape.columns == 1);
  struct corpus_case single;
  corpus_case_init(&single, RNN_TAG);
  corpus_case_clear(&it);
  corpus_init(&it);
  for (size_t i = 0; i < it.corpus.count; i++) {
    struct rnn_sequence sequence = rnn_corpus_sequence(&it.corpus, i);
    int32_t target[8];
    for (size_t t = 0; t < sequence.length; t++) {
      size_t length, skip;
      const char *label = rnn_vocabulary_string(it.labels, sequence.target[t * columns + kept], &length);
      rnn_columns_of_label(&it.corpus.columns, label, length, &skip);
      cr_assert_eq(rnn_vocabulary_add(single.labels, label + skip, length - skip, &target[t], &error), RNN_OK);
    }
    sequence.target = target;
    cr_assert_eq(rnn_corpus_add(&single.corpus, &sequence, &error), RNN_OK);
  }
  size_t strange;
  cr_assert_eq(rnn_model_adopt(model, &single.corpus, it.symbols, single.labels, &strange, &error), RNN_OK);
  cr_assert_eq(strange, 0);
  alone = measure_case(model, &single.corpus, 1);
  cr_expect(alone.nats == all[kept].nats && alone.correct == all[kept].correct, "%s, column %zu: %.17g, not %.17g",
            output, kept, alone.nats, all[kept].nats);
  rnn_model_free(model);
  corpus_case_clear(&it);
  corpus_case_clear(&single);
}

Test(columns, kept_alone_answer_the_same)
{
  for (size_t kept = 0; kept < 2; kept++) {
    expect_kept("output=softmax", kept);
    expect_kept("output=crf", kept);
  }
}

Test(columns, of_spans_begin_with_what_their_marks_rule_out)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_TAG);
  it.corpus.columns = columns_of("pos,chunk");
  corpus_case_add(&it, "the dog barks", "pos=D chunk=B-NP pos=N chunk=I-NP pos=V chunk=O");
  struct rnn_model *model = model_of(&it, "");
  const struct rnn_layout *layout = &model->parameters->layout;
  cr_assert_eq(model->config.output, RNN_OUTPUT_CRF);
  const real *pos = model->parameters->value + layout->a[0], *chunk = model->parameters->value + layout->a[1];
  for (size_t i = 0; i < 5 * 3; i++)
    cr_expect_eq(pos[i], 0);
  cr_expect(chunk[2 * 3 + 1] < -10, "I-NP does not follow O");
  cr_expect_eq(chunk[0 * 3 + 1], 0);
  rnn_model_free(model);
  corpus_case_clear(&it);
}

/* Logits of one column that are twice too great are divided by two, those of the other stay. */
Test(columns, have_each_a_temperature)
{
  struct corpus_case it;
  struct rnn_pool *pool;
  struct rnn_temperature found[2][2];
  corpus_init(&it);
  for (int i = 0; i < 30; i++) /* one in three is wrong: no temperature near 0 */
    corpus_case_add(&it, "dog", i % 3 == 0 ? "pos=V case=_" : "pos=N case=nom");
  struct rnn_model *model = model_of(&it, "output=softmax");
  train_case(model, &it.corpus, NULL, 1);
  cr_assert_eq(rnn_pool_create(&pool, 1, &error), RNN_OK);
  cr_assert_eq(rnn_temperature_fit(model, &it.corpus, pool, found[0], &error), RNN_OK);
  const struct rnn_column *column = &model->column[1];
  size_t pooled = model->parameters->shape.pooled;
  rnn_vector_scale(column->k * pooled, 4,
                   model->parameters->value + model->parameters->layout.v + column->first * pooled);
  rnn_vector_scale(column->k, 4, model->parameters->value + model->parameters->layout.c + column->first);
  cr_assert_eq(rnn_temperature_fit(model, &it.corpus, pool, found[1], &error), RNN_OK);
  cr_expect(fabs(log(found[1][0].temperature)) < 0.15, "%g", found[1][0].temperature);
  cr_expect(fabs(log(found[1][1].temperature / 4)) < 0.3, "%g", found[1][1].temperature);
  rnn_pool_free(pool);
  rnn_model_free(model);
  corpus_case_clear(&it);
}
