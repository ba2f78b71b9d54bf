/* Corpora: drawing a share, and the same numbers from every way in. */
#include "corpus.h"

#include <criterion/criterion.h>
#include <string.h>

#include "file_case.h"

static struct rnn_error error;

enum { SEQUENCES = 1000 };

/* Sequence i is of i % 7 + 1 symbols, all of them i; its label is i % 3. */
static void fill(struct rnn_corpus *corpus)
{
  int32_t symbol[8];
  rnn_corpus_init(corpus, RNN_CLASSIFY, 0);
  for (int32_t i = 0; i < SEQUENCES; i++) {
    struct rnn_sequence sequence = {.length = (size_t)(i % 7 + 1), .symbol = symbol, .label = i % 3};
    for (size_t t = 0; t < sequence.length; t++)
      symbol[t] = i;
    cr_assert_eq(rnn_corpus_add(corpus, &sequence, &error), RNN_OK);
  }
}

/* Marks what the corpus holds, and checks that each sequence is whole. */
static void mark(const struct rnn_corpus *corpus, int *met)
{
  for (size_t i = 0; i < corpus->count; i++) {
    struct rnn_sequence sequence = rnn_corpus_sequence(corpus, i);
    int32_t number = sequence.symbol[0];
    cr_assert_eq(sequence.length, (size_t)(number % 7 + 1));
    cr_assert_eq(sequence.symbol[sequence.length - 1], number);
    cr_assert_eq(sequence.label, number % 3);
    met[number]++;
  }
}

Test(corpus, a_share_is_drawn_by_the_seed)
{
  struct rnn_corpus corpus, held, again, other;
  int met[SEQUENCES] = {0};
  fill(&corpus);
  cr_assert_eq(rnn_corpus_split(&corpus, 0.2, 1, &held, &error), RNN_OK, "%s", error.text);
  cr_assert_eq(corpus.count + held.count, SEQUENCES);
  cr_assert(held.count > 150 && held.count < 250, "%zu of %d", held.count, SEQUENCES);
  mark(&corpus, met);
  mark(&held, met);
  for (size_t i = 0; i < SEQUENCES; i++)
    cr_assert_eq(met[i], 1, "each sequence is in one of the two, once");
  rnn_corpus_clear(&corpus);

  fill(&corpus);
  cr_assert_eq(rnn_corpus_split(&corpus, 0.2, 1, &again, &error), RNN_OK);
  cr_assert_eq(rnn_corpus_digest(&held), rnn_corpus_digest(&again));
  rnn_corpus_clear(&corpus);

  fill(&corpus);
  cr_assert_eq(rnn_corpus_split(&corpus, 0.2, 2, &other, &error), RNN_OK);
  cr_assert_neq(rnn_corpus_digest(&held), rnn_corpus_digest(&other));
  rnn_corpus_clear(&corpus);
  rnn_corpus_clear(&held);
  rnn_corpus_clear(&again);
  rnn_corpus_clear(&other);
}

Test(corpus, a_share_that_leaves_nothing_is_refused)
{
  struct rnn_corpus corpus, held;
  fill(&corpus);
  cr_assert_eq(rnn_corpus_split(&corpus, 1e-9, 1, &held, &error), RNN_DATA);
  rnn_corpus_clear(&held);
  rnn_corpus_clear(&corpus);
}

static const char *file_of(const char *name, const char *text)
{
  const char *path = file_path(name);
  file_write(path, text, strlen(text));
  return path;
}

static enum rnn_status read_files(struct rnn_dataset *dataset, const char *const *name, size_t names,
                                  enum rnn_on_error on_error)
{
  struct rnn_source_settings settings = {.name = name, .names = names, .input.record_end = '\n', .on_error = on_error};
  memset(&error, 0, sizeof error);
  return rnn_dataset_read(dataset, &settings, &error);
}

Test(corpus, numbers_are_given_by_first_occurrence_over_all_files)
{
  const char *const two[] = {file_of("a.tsv", "x\tb a b\n"), file_of("b.tsv", "y\tc\n\nx\ta\n")};
  const char *const wanted[] = {"b", "a", "c"};
  struct rnn_dataset dataset;
  cr_assert_eq(read_files(&dataset, two, 1, RNN_ON_ERROR_FAIL), RNN_OK, "%s", error.text);
  rnn_dataset_clear(&dataset);
  cr_assert_eq(read_files(&dataset, two, 2, RNN_ON_ERROR_SKIP), RNN_OK, "%s", error.text);
  cr_assert_eq(dataset.corpus.task, RNN_CLASSIFY);
  cr_assert_eq(dataset.corpus.count, 3);
  cr_assert_eq(rnn_vocabulary_count(dataset.symbols), 3);
  for (int32_t i = 0; i < 3; i++) {
    size_t length_bytes;
    cr_assert_str_eq(rnn_vocabulary_string(dataset.symbols, i, &length_bytes), wanted[i]);
  }
  cr_assert_eq(rnn_vocabulary_frequency(dataset.symbols, 0), 2);
  cr_assert_eq(rnn_vocabulary_frequency(dataset.symbols, 1), 2);
  cr_assert_eq(rnn_vocabulary_frequency(dataset.labels, 0), 2);
  cr_assert_eq(rnn_corpus_sequence(&dataset.corpus, 2).symbol[0], 1);
  rnn_dataset_clear(&dataset);
}

Test(corpus, nothing_to_learn_is_bad_data)
{
  const char *const empty[] = {file_of("empty.txt", "\n \n")};
  struct rnn_dataset dataset;
  cr_assert_eq(read_files(&dataset, empty, 1, RNN_ON_ERROR_FAIL), RNN_DATA);
  cr_assert(strstr(error.text, "there is no sequence in it") != NULL, "%s", error.text);
  cr_assert_eq(dataset.empty, 2);
  rnn_dataset_clear(&dataset);
}
