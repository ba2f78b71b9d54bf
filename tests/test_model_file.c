/* A model comes back as it went out, and no damaged file is taken for one. */
#include "model_file.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file_case.h"
#include "memory.h"

static char *encode(const struct rnn_model *model, size_t *size)
{
  char *block;
  struct rnn_error error;
  cr_assert_eq(rnn_model_encode(model, &block, size, &error), RNN_OK, "%s", error.text);
  return block;
}

static const char *write_model(const struct rnn_model *model, const char *name)
{
  const char *path = file_path(name);
  struct rnn_output *output;
  cr_assert_eq(rnn_output_open(&output, path, true, false, NULL), RNN_OK);
  cr_assert_eq(rnn_model_write(model, output, NULL), RNN_OK);
  cr_assert_eq(rnn_output_finish(output, NULL), RNN_OK);
  return path;
}

/* Models are the same if they are the same document. */
static void expect_same(const struct rnn_model *a, const struct rnn_model *b)
{
  size_t a_size, b_size;
  char *a_block = encode(a, &a_size), *b_block = encode(b, &b_size);
  cr_assert_eq(a_size, b_size);
  cr_assert(memcmp(a_block, b_block, a_size) == 0);
  rnn_memory_free(a_block);
  rnn_memory_free(b_block);
}

static struct rnn_model *expect_read(const char *path)
{
  struct rnn_model *model;
  struct rnn_error error = {.status = RNN_OK};
  cr_assert_eq(rnn_model_read(&model, path, &error), RNN_OK, "%s", error.text);
  return model;
}

static void expect_round_trip(const struct model_case *what)
{
  struct rnn_model *model = file_model(what), *back;
  const char *path = write_model(model, "model.zst"), *plain = file_path("model.safetensors");
  size_t size, packed;
  char *block = encode(model, &size), *file = file_read(path, &packed), *again;
  back = expect_read(path);
  expect_same(model, back);
  again = file_read(write_model(back, "again.zst"), &size);
  cr_assert_eq(size, packed);
  cr_assert(memcmp(file, again, size) == 0, "the same model is the same bytes");
  rnn_model_free(back);
  free(again);
  rnn_memory_free(block);
  block = encode(model, &size);
  file_write(plain, block, size);
  back = expect_read(plain);
  expect_same(model, back);
  rnn_model_free(back);
  rnn_model_free(model);
  rnn_memory_free(block);
  free(file);
}

Test(model_file, several_columns_come_back)
{
  expect_round_trip(&(struct model_case){.task = RNN_TAG, .cell = "gru", .columns = true});
  expect_round_trip(&(struct model_case){.task = RNN_TAG, .cell = "gru", .columns = true, .crf = true, .frames = true});
}

Test(model_file, every_cell_and_every_kind_comes_back)
{
  for (size_t c = 0; rnn_cells[c] != NULL; c++)
    for (unsigned bits = 0; bits < 128; bits++)
      for (enum rnn_task task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++) {
        struct model_case what = {.task = task,
                                  .cell = rnn_cells[c]->name,
                                  .frames = bits & 1,
                                  .one_hot = bits & 2,
                                  .bidirectional = bits & 4,
                                  .learned_start = bits & 8,
                                  .layers = bits & 16 ? 2 : 1,
                                  .unknown = bits & 32,
                                  .features = bits & 64,
                                  .joints = (bits & 1) && (bits & 16),
                                  .epochs = bits % 3};
        bool means_something = !(task == RNN_COMPLETE && (what.frames || what.bidirectional)) &&
                               !(what.frames && (what.unknown || what.one_hot)) &&
                               !(what.features && (what.frames || what.one_hot || task == RNN_COMPLETE));
        if (means_something)
          expect_round_trip(&what);
      }
}

Test(model_file, n_grams_come_back)
{
  for (int frequent = 0; frequent < 2; frequent++)
    expect_round_trip(&(struct model_case){.task = RNN_CLASSIFY, .cell = "gru", .wide = true, .unknown = frequent});
}

/* The weights are rounded once: what was read is written as the same bytes, and is the nearest of 16 bits. */
Test(model_file, weights_of_16_bits_come_back)
{
  for (enum rnn_task task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++) {
    struct rnn_model *model = file_model(&(struct model_case){.task = task, .cell = "lstm", .epochs = 1}), *back;
    size_t full, size;
    rnn_memory_free(encode(model, &full));
    model->config.storage = RNN_STORAGE_FLOAT16;
    back = expect_read(write_model(model, "half.zst"));
    expect_same(model, back);
    rnn_memory_free(encode(back, &size));
    size_t saved = full - size, halves = 2 * model->parameters->layout.count; /* alignment of 64 bytes apart */
    cr_assert(saved + 64 > halves && saved < halves + 64, "%zu of %zu", saved, halves);
    for (size_t i = 0; i < model->parameters->layout.count; i++) {
      double was = (double)model->parameters->value[i], is = (double)back->parameters->value[i];
      cr_assert_leq(fabs(is - was), fabs(was) / 2048 + 0x1p-25, "%g became %g", was, is);
    }
    rnn_model_free(model);
    rnn_model_free(back);
  }
}

static const struct model_case tagger = {.task = RNN_TAG, .cell = "gru", .unknown = true, .epochs = 2};

Test(model_file, fields_are_those_that_were_written)
{
  struct rnn_model *model = file_model(&tagger), *back = expect_read(write_model(model, "model.zst"));
  size_t length;
  cr_assert_eq(back->task, RNN_TAG);
  cr_assert(back->text.level == RNN_LEVEL_CHAR && back->text.lowercase && back->unknown);
  cr_assert_eq(rnn_model_inputs(back), 6);
  cr_assert_eq(rnn_model_classes(back), 4);
  cr_assert_str_eq(back->config.cell, "gru");
  cr_assert_eq(back->config.state, 3);
  cr_assert(memcmp(rnn_vocabulary_string(back->symbols, 1, &length), "\0001", 2) == 0 && length == 2);
  cr_assert(memcmp(rnn_vocabulary_string(back->labels, 2, &length), "\xFF\x32", 2) == 0 && length == 2);
  rnn_vocabulary_string(back->symbols, 3, &length);
  cr_assert_eq(length, 0);
  cr_assert_eq(rnn_vocabulary_frequency(back->symbols, 0), (uint64_t)1 << 40);
  cr_assert_eq(rnn_vocabulary_frequency(back->labels, 3), 21);
  cr_assert(back->best_epoch == 2 && back->train_sequences == 123456789012 && back->train_steps == UINT64_MAX);
  cr_assert_eq(back->data_digest, 0xABCDEF);
  cr_assert_eq(back->epochs, 2);
  cr_assert(isnan(back->history[0].valid_nats) && back->history[1].valid_nats == 1.25);
  cr_assert(back->history[1].epoch == 2 && back->history[1].updates == 100 && back->history[1].clipped == 0.75);
  for (size_t i = 0; i < model->parameters->layout.count; i++)
    cr_assert_eq(back->parameters->value[i], model->parameters->value[i]);
  rnn_model_free(back);
  rnn_model_free(model);
}

Test(model_file, weights_of_a_plain_file_lie_in_the_mapping)
{
  size_t size;
  struct rnn_model *model = file_model(&tagger), *back;
  char *block = encode(model, &size), *shifted = malloc(size + 1);
  const char *path = file_path("model.safetensors");
  file_write(path, block, size);
  back = expect_read(path);
  cr_assert_eq(back->parameters->block != NULL, sizeof(real) != sizeof(float));
  back->parameters->value[0] += 1;
  rnn_model_free(back);
  back = expect_read(path);
  expect_same(model, back);
  rnn_model_free(back);
  /* a header longer by a blank: the weights are no longer aligned */
  cr_assert_neq(block[0], -1);
  memcpy(shifted, block, size);
  shifted[0]++;
  size_t header = (unsigned char)block[0] | (size_t)(unsigned char)block[1] << 8;
  shifted[8 + header] = ' ';
  memcpy(shifted + 9 + header, block + 8 + header, size - 8 - header);
  file_write(path, shifted, size + 1);
  back = expect_read(path);
  cr_assert_not_null(back->parameters->block);
  expect_same(model, back);
  rnn_model_free(back);
  rnn_model_free(model);
  rnn_memory_free(block);
  free(shifted);
}

/* There are many numbers that are none; the model is the same whichever it has. */
Test(model_file, what_is_no_number_is_written_alike)
{
  struct rnn_model *model = file_model(&tagger), *other = file_model(&tagger);
  model->history[0].valid_nats = NAN;
  other->history[0].valid_nats = -NAN;
  expect_same(model, other);
  rnn_model_free(other);
  rnn_model_free(model);
}

/* From a pipe as <(...) makes it, from a named one, and from standard input; compressed and plain. */
Test(model_file, pipes)
{
  struct rnn_model *model = file_model(&tagger), *back;
  size_t size[2];
  char *plain = encode(model, &size[0]), *packed = file_read(write_model(model, "model.zst"), &size[1]);
  for (int i = 0; i < 2; i++) {
    int ends[2];
    char name[32];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], i == 0 ? plain : packed, size[i]), (ssize_t)size[i]);
    close(ends[1]);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    back = expect_read(name);
    expect_same(model, back);
    rnn_model_free(back);
    close(ends[0]);
    const char *fifo = file_path(i == 0 ? "plain" : "packed");
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
      int file = open(fifo, O_WRONLY);
      _exit(write(file, i == 0 ? plain : packed, size[i]) != (ssize_t)size[i]);
    }
    back = expect_read(fifo);
    expect_same(model, back);
    rnn_model_free(back);
    int code;
    cr_assert_eq(waitpid(child, &code, 0), child);
    cr_assert_eq(code, 0);
  }
  const char *path = file_path("model.zst");
  cr_assert_not_null(freopen(path, "rb", stdin));
  back = expect_read("-");
  expect_same(model, back);
  rnn_model_free(back);
  rnn_model_free(model);
  rnn_memory_free(plain);
  free(packed);
}

Test(model_file, vocabulary_and_weights_of_a_larger_model)
{
  struct model_case large = {.task = RNN_CLASSIFY, .cell = "elman", .width = 200000, .unknown = true};
  struct rnn_model *model = file_model(&large), *back = expect_read(write_model(model, "large.zst"));
  expect_same(model, back);
  rnn_model_free(back);
  rnn_model_free(model);
}
