/* Arrays that outgrow memory. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sequence.h"
#include "spool.h"

/* Temporary files whose names are gone at once. */
static struct rnn_spool open_spool(size_t most_bytes, size_t files)
{
  struct rnn_spool spool = {.most_bytes = most_bytes, .files = files};
  for (size_t i = 0; i < files; i++) {
    FILE *file = tmpfile();
    cr_assert(file != NULL);
    spool.file[i].descriptor = dup(fileno(file));
    fclose(file);
  }
  return spool;
}

static void close_spool(struct rnn_spool *spool)
{
  for (size_t i = 0; i < spool->files; i++) {
    cr_assert(spool->file[i].block == NULL, "file %zu is not given back", i);
    close(spool->file[i].descriptor);
  }
}

static size_t in_files(const struct rnn_spool *spool)
{
  size_t count = 0;
  for (size_t i = 0; i < spool->files; i++)
    count += spool->file[i].block != NULL;
  return count;
}

static void fill(struct rnn_corpus *corpus, size_t sequences)
{
  struct rnn_error error;
  int32_t symbol[100], tag[100];
  for (size_t i = 0; i < sequences; i++) {
    size_t length = 1 + i * 7 % 100;
    for (size_t t = 0; t < length; t++) {
      symbol[t] = (int32_t)(i * 31 + t);
      tag[t] = (int32_t)((i + t) % 5);
    }
    struct rnn_sequence sequence = {.length = length, .symbol = symbol, .target = tag, .label = RNN_ABSENT};
    cr_assert_eq(rnn_corpus_add(corpus, &sequence, &error), RNN_OK, "%s", error.text);
  }
}

Test(spool, a_corpus_in_files_is_that_in_memory)
{
  enum { SEQUENCES = 1000 };
  struct rnn_spool spool = open_spool(1000, 4);
  struct rnn_corpus spooled, kept;
  rnn_corpus_init(&kept, RNN_TAG, 0);
  rnn_corpus_init(&spooled, RNN_TAG, 0);
  spooled.spool = &spool;
  for (int round = 0; round < 2; round++) { /* files are used again */
    fill(&kept, SEQUENCES);
    fill(&spooled, SEQUENCES);
    cr_assert_eq(in_files(&spool), 3); /* begin, symbol and tag */
    rnn_spool_settle(&spool);
    cr_assert_eq(rnn_corpus_digest(&kept), rnn_corpus_digest(&spooled));
    rnn_corpus_clear(&kept);
    rnn_corpus_clear(&spooled);
    cr_assert_eq(in_files(&spool), 0);
    cr_assert(spooled.spool == &spool);
  }
  close_spool(&spool);
}

Test(spool, small_arrays_and_those_without_a_file_stay_in_memory)
{
  struct rnn_spool spool = open_spool(1 << 20, 1);
  struct rnn_corpus corpus;
  rnn_corpus_init(&corpus, RNN_TAG, 0);
  corpus.spool = &spool;
  fill(&corpus, 10);
  cr_assert_eq(in_files(&spool), 0);
  spool.most_bytes = 0;
  fill(&corpus, 1000);
  cr_assert_eq(in_files(&spool), 1);
  rnn_corpus_clear(&corpus);
  close_spool(&spool);
}

Test(spool, a_full_disk_is_told_before_it_is_written_to)
{
  struct rnn_spool spool = {.most_bytes = 0, .files = 1};
  struct rnn_error error;
  int32_t *array = NULL;
  size_t capacity = 0;
  FILE *full = fopen("/dev/full", "r+");
  if (full == NULL)
    cr_skip_test("there is no /dev/full");
  spool.file[0].descriptor = fileno(full);
  cr_assert_eq(rnn_spool_grow(&spool, &array, &capacity, 1000, sizeof *array, "a corpus", &error), RNN_NO_MEMORY);
  cr_assert(strstr(error.text, "no room in the temporary directory for a corpus") != NULL, "%s", error.text);
  cr_assert(array == NULL && capacity == 0);
  fclose(full);
}

Test(spool, sizes_that_overflow_are_refused)
{
  struct rnn_spool spool = open_spool(0, 1);
  struct rnn_error error;
  int32_t *array = NULL;
  size_t capacity = 0;
  cr_assert_eq(rnn_spool_grow(&spool, &array, &capacity, SIZE_MAX / 2, sizeof *array, "a corpus", &error),
               RNN_NO_MEMORY);
  cr_assert_eq(rnn_spool_grow(&spool, &array, &capacity, SIZE_MAX / 4, sizeof *array, "a corpus", &error),
               RNN_NO_MEMORY);
  cr_assert(array == NULL);
  close_spool(&spool);
}
