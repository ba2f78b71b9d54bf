/* A model comes back as it went out, and no damaged file is taken for one. */
#include "model_file.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "file_case.h"
#include "input_limits.h"
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

Test(model_file, every_cell_and_every_kind_comes_back)
{
  for (size_t c = 0; rnn_cells[c] != NULL; c++)
    for (unsigned bits = 0; bits < 64; bits++)
      for (enum rnn_task task = RNN_COMPLETE; task <= RNN_CLASSIFY; task++) {
        struct model_case what = {.task = task,
                                  .cell = rnn_cells[c]->name,
                                  .frames = bits & 1,
                                  .one_hot = bits & 2,
                                  .bidirectional = bits & 4,
                                  .learned_start = bits & 8,
                                  .layers = bits & 16 ? 2 : 1,
                                  .unknown = bits & 32,
                                  .epochs = bits % 3};
        bool means_something = !(task == RNN_COMPLETE && (what.frames || what.bidirectional)) &&
                               !(what.frames && (what.unknown || what.one_hot));
        if (means_something)
          expect_round_trip(&what);
      }
}
