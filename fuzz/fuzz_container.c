/* Any bytes as frames of the container, and what they hold, or the bytes themselves, as a safetensors document: refused
 * with a sentence, or every tensor lies inside and the document can be made again. The first byte chooses. */
#include <string.h>

#include "container.h"
#include "fuzz.h"
#include "memory.h"
#include "safetensors.h"

enum { MOST_BLOCK_BYTES = 1 << 20 };

static void expect_same_again(const struct rnn_document *document, const char *block, size_t size)
{
  struct rnn_document *again, *decoded;
  struct rnn_error error;
  char *encoded;
  size_t encoded_bytes;
  FUZZ_EXPECT(rnn_document_create(&again, &error) == RNN_OK);
  for (size_t i = 0; i < rnn_document_metadata_count(document); i++) {
    const char *key = rnn_document_metadata_key(document, i);
    FUZZ_EXPECT(rnn_document_add_metadata(again, key, rnn_document_metadata(document, key), &error) == RNN_OK);
  }
  for (size_t i = 0; i < rnn_document_tensors(document); i++) {
    const struct rnn_document_tensor *tensor = rnn_document_tensor_at(document, i);
    const char *bytes = tensor->data;
    FUZZ_EXPECT(bytes >= block && bytes + tensor->size_bytes <= block + size);
    FUZZ_EXPECT(rnn_document_tensor(document, tensor->name) == tensor);
    FUZZ_EXPECT(rnn_document_add_tensor(again, tensor->name, tensor->dtype, tensor->shape, tensor->dimensions, bytes,
                                        &error) == RNN_OK);
  }
  if (rnn_document_encode(again, &encoded, &encoded_bytes, &error) == RNN_OK) { /* or its header is too long */
    FUZZ_EXPECT(rnn_document_decode(&decoded, encoded, encoded_bytes, &error) == RNN_OK);
    FUZZ_EXPECT(rnn_document_tensors(decoded) == rnn_document_tensors(document));
    rnn_document_free(decoded);
    rnn_memory_free(encoded);
  }
  rnn_document_free(again);
}

static void read_document(const char *block, size_t size)
{
  struct rnn_document *document;
  struct rnn_error error = {.text = ""};
  enum rnn_status status = rnn_document_decode(&document, block, size, &error);
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_DATA && document == NULL && error.text[0] != '\0'));
  if (status == RNN_OK)
    expect_same_again(document, block, size);
  rnn_document_free(document);
}

int fuzz_container(const uint8_t *data, size_t size)
{
  struct rnn_input *raw;
  struct rnn_error error = {.text = ""};
  enum rnn_status status;
  char *block;
  size_t got;
  if (size == 0)
    return 0;
  if (data[0] & 1) {
    read_document((const char *)data + 1, size - 1);
    return 0;
  }
  const char *plain = data[0] & 2 ? "a model" : NULL;
  fuzz_stdin(data + 1, size - 1);
  FUZZ_EXPECT(rnn_input_open_raw(&raw, "-", NULL) == RNN_OK);
  for (uint64_t frame = 1;; frame++) {
    status = rnn_container_read(raw, frame, plain, MOST_BLOCK_BYTES, &block, &got, &error);
    FUZZ_EXPECT(status == RNN_OK ? got <= MOST_BLOCK_BYTES : block == NULL || got == 0);
    if (status != RNN_OK || got == 0)
      break;
    read_document(block, got);
    rnn_memory_free(block);
  }
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_DATA && strncmp(error.text, "(stdin): ", 9) == 0));
  rnn_input_close(raw);
  return 0;
}
