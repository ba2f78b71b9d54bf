/* Vectors of words as text, and which rows of an embedding they become. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "corpus_case.h"
#include "embeddings.h"
#include "file_case.h"

static struct rnn_error error;

/* Symbols "a", "The", "the", "b" and "\xC3\x89"; "once" is too rare. */
static struct rnn_model *words_case(const char *settings)
{
  struct corpus_case it;
  corpus_case_init(&it, RNN_CLASSIFY);
  corpus_case_add(&it, "a The the b once", "X");
  corpus_case_add(&it, "a The the b \xC3\x89 \xC3\x89", "Y");
  struct rnn_model *model = model_case(&it, settings);
  corpus_case_clear(&it);
  return model;
}

static const real *row_of(const struct rnn_model *model, const char *word)
{
  int32_t symbol = rnn_model_symbol(model, word, strlen(word));
  cr_assert_neq(symbol, RNN_ABSENT, "%s", word);
  return model->parameters->value + model->parameters->layout.embedding + (size_t)symbol * model->parameters->shape.e;
}

static enum rnn_status read_bytes(const char *bytes, size_t size, struct rnn_model *model,
                                  struct rnn_embeddings_found *found)
{
  struct rnn_embeddings *embeddings;
  const char *path = file_path("vectors");
  file_write(path, bytes, size);
  error.text[0] = '\0';
  enum rnn_status status = rnn_embeddings_open(&embeddings, path, &error);
  if (status != RNN_OK)
    return status;
  cr_assert_eq(rnn_embeddings_width(embeddings), 2);
  status = rnn_embeddings_read(embeddings, model, found, &error);
  rnn_embeddings_close(embeddings);
  return status;
}

static void expect_row(const struct rnn_model *model, const char *word, double first, double second)
{
  const real *row = row_of(model, word);
  cr_assert(row[0] == (real)first && row[1] == (real)second, "%s: %g %g", word, (double)row[0], (double)row[1]);
}

/* The file becomes these rows; rows not named here stay as they were. */
static void expect_rows(const char *text, size_t exact, size_t folded, double a, double upper, double lower)
{
  struct rnn_model *model = words_case("embedding=2 min_count=2 state=3"),
                   *before = words_case("embedding=2 min_count=2 state=3");
  struct rnn_embeddings_found found;
  cr_assert_eq(read_bytes(text, strlen(text), model, &found), RNN_OK, "%s", error.text);
  cr_assert_eq(found.exact, exact);
  cr_assert_eq(found.folded, folded);
  expect_row(model, "a", a, -a);
  expect_row(model, "The", upper, 1);
  expect_row(model, "the", lower, 1);
  cr_assert_arr_eq(row_of(model, "b"), row_of(before, "b"), 2 * sizeof(real), "the file does not have it");
  cr_assert_arr_eq(row_of(model, "once"), row_of(before, "once"), 2 * sizeof(real), "the unknown symbol");
  cr_assert_arr_eq(model->parameters->value, before->parameters->value,
                   before->parameters->layout.dense * sizeof(real));
  rnn_model_free(before);
  rnn_model_free(model);
}

Test(embeddings, the_exact_word_before_one_in_another_case_and_of_each_the_first)
{
  expect_rows("a 0.5 -0.5\nthe 2 1\nThe 3 1\n", 3, 0, 0.5, 3, 2);
  expect_rows("a 0.5 -0.5\nThe 3 1\nthe 2 1\n", 3, 0, 0.5, 3, 2);
  expect_rows("a 0.5 -0.5\nthe 2 1\na 9 9\nonce 7 7\n", 2, 1, 0.5, 2, 2);
  expect_rows("THE 4 1\nThE 5 1\nA 1 -1\n", 0, 3, 1, 4, 4);
  expect_rows("THE 4 1\nA 1 -1\nthe 6 1\na 2 -2\n", 2, 1, 2, 4, 6);
}

Test(embeddings, what_word2vec_glove_and_fasttext_write)
{
  expect_rows("3 2\na 0.5 -0.5 \nthe 2e0 1.0 \nThe +3 1 \n", 3, 0, 0.5, 3, 2);
  expect_rows("3 2\r\na 0.5 -0.5\r\nthe 2 1\r\nThe 3 1", 3, 0, 0.5, 3, 2);
  expect_rows("a 0.5 -0.5\n. . . 8 8\nat name@x.org 8 8\nthe 2 1\nThe 3 1\n\xFF\xFE 1 1\n<unk> 3 nan\n", 3, 0, 0.5, 3,
              2);
}

Test(embeddings, case_is_unicodes)
{
  struct rnn_model *model = words_case("embedding=2 state=3");
  struct rnn_embeddings_found found;
  cr_assert_eq(read_bytes("\xC3\xA9 1 2\n", 7, model, &found), RNN_OK, "%s", error.text);
  expect_row(model, "\xC3\x89", 1, 2);
  rnn_model_free(model);
}

Test(embeddings, with_features_the_sum_of_the_parts_is_the_vector)
{
  struct corpus_case it;
  struct rnn_embeddings_found found;
  real x[2];
  corpus_case_init(&it, RNN_CLASSIFY);
  corpus_case_add(&it, "walking talking walking talking", "X");
  struct rnn_model *model = model_case(&it, "embedding=2 features=true state=3");
  cr_assert_not_null(it.corpus.lexicon);
  cr_assert_eq(read_bytes("walking 1.5 -2\n", 15, model, &found), RNN_OK, "%s", error.text);
  int32_t symbol = rnn_model_symbol(model, "walking", 7);
  cr_assert_gt(rnn_lexicon_word(it.corpus.lexicon, symbol).count, 0, "it has features");
  rnn_parameters_embed(model->parameters, it.corpus.lexicon, symbol, x);
  cr_assert(x[0] == (real)1.5 && x[1] == -2);
  corpus_case_clear(&it);
  rnn_model_free(model);
}

Test(embeddings, compressed)
{
  static const char text[] = "1 2\na 1.5 2.5\n";
  struct rnn_model *model = words_case("embedding=2 state=3");
  struct rnn_embeddings_found found;
  size_t packed;
  char *frame = file_pack(text, strlen(text), &packed);
  cr_assert_eq(read_bytes(frame, packed, model, &found), RNN_OK, "%s", error.text);
  expect_row(model, "a", 1.5, 2.5);
  cr_assert_eq(read_bytes(frame, packed - 6, model, &found), RNN_DATA);
  cr_assert_not_null(strstr(error.text, "cut in the middle of a frame"), "%s", error.text);
  free(frame);
  rnn_model_free(model);
}

Test(embeddings, what_is_refused)
{
  static const struct {
    const char *text, *why;
  } cases[] = {{"", "vectors: there is no vector in it"},
               {"\n", "vectors:1: a word and the numbers of its vector expected, with a blank before each"},
               {"a\t1\t2\n", "vectors:1: a word and the numbers of its vector expected, with a blank before each"},
               {"0 2\n", "vectors:1: a number of vectors and of numbers in each expected"},
               {"5 0\n", "vectors:1: a number of vectors and of numbers in each expected"},
               {"5 70000\n", "vectors:1: a number of vectors and of numbers in each expected"},
               {"a 1 2\nb 1\n", "vectors:2: a word and 2 numbers expected, 2 fields found"},
               {"a 1 2\nx 1 2 3\n", "vectors:2: a word and 2 numbers expected, 4 fields found"},
               {"a 1 2\nx  1 2\n", "vectors:2: a word and 2 numbers expected, 4 fields found"},
               {"a 1 2\n\nb 1 2\n", "vectors:2: a word and 2 numbers expected, 1 fields found"},
               {"1 2\na 1 nan\n", "vectors:2: number 2 of the vector is 'nan'"},
               {"1 2\na inf 1\n", "vectors:2: number 1 of the vector is 'inf'"},
               {"a 1 2\nb 1 x\n", "vectors:2: number 2 of the vector is 'x'"},
               {"a 1 1e39\n", "vectors:1: number 2 of the vector is '1e39'"},
               {"3 2\na 1 2\n", "vectors: the first line says 3 vectors, there are 1"},
               {"1 2\na 1 2\nb 1 2\n", "vectors: the first line says 1 vectors, there are 2"},
               {"q 1 2\nonce 1 2\n", "vectors: none of the 5 words to learn from is in it"}};
  struct rnn_model *model = words_case("embedding=2 min_count=2 state=3");
  struct rnn_embeddings_found found;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_assert_eq(read_bytes(cases[i].text, strlen(cases[i].text), model, &found), RNN_DATA, "%s", cases[i].text);
    const char *name = strrchr(error.text, '/');
    cr_assert_str_eq(name == NULL ? error.text : name + 1, cases[i].why);
  }
  rnn_model_free(model);
}
