/* Any bytes as a model: refused with the name, or a model that answers, and can be written and read again. The first
 * byte chooses whether they are sealed in a zstd frame. */
#include <string.h>

#include "answers.h"
#include "fuzz.h"
#include "memory.h"
#include "model_file.h"

static struct rnn_model *read_model(const uint8_t *data, size_t size)
{
  struct rnn_model *model;
  struct rnn_error error = {.text = ""};
  fuzz_stdin(data, size);
  enum rnn_status status = rnn_model_read(&model, "-", &error);
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_DATA && model == NULL && strncmp(error.text, "(stdin): ", 9) == 0));
  return model;
}

int fuzz_model(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  size_t sealed_bytes;
  uint8_t *sealed = data[0] & 1 ? fuzz_seal(data + 1, size - 1, &sealed_bytes) : NULL;
  struct rnn_model *model = sealed ? read_model(sealed, sealed_bytes) : read_model(data + 1, size - 1), *again;
  free(sealed);
  if (model == NULL)
    return 0;
  fuzz_answers(model);
  char *block;
  size_t block_bytes;
  FUZZ_EXPECT(rnn_model_encode(model, &block, &block_bytes, NULL) == RNN_OK);
  again = read_model((const uint8_t *)block, block_bytes);
  FUZZ_EXPECT(again != NULL);
  rnn_model_free(again);
  rnn_model_free(model);
  rnn_memory_free(block);
  return 0;
}
