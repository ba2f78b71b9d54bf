/* Any bytes as a sequence stream: refused with the name and the frame, or sequences whose numbers all have strings.
 * The first byte chooses whether they are sealed in a zstd frame. */
#include <string.h>

#include "fuzz.h"
#include "stream.h"

static void check(struct rnn_stream_reader *reader, const struct rnn_sequence *sequence)
{
  int32_t symbols = (int32_t)rnn_vocabulary_count(rnn_stream_reader_symbols(reader));
  int32_t labels = (int32_t)rnn_vocabulary_count(rnn_stream_reader_labels(reader));
  FUZZ_EXPECT((sequence->symbol == NULL) != (sequence->frame == NULL));
  for (size_t t = 0; t < sequence->length; t++) {
    FUZZ_EXPECT(sequence->symbol == NULL || (sequence->symbol[t] >= 0 && sequence->symbol[t] < symbols));
    FUZZ_EXPECT(sequence->target == NULL || (sequence->target[t] >= RNN_ABSENT && sequence->target[t] < labels));
  }
  FUZZ_EXPECT(sequence->label >= RNN_ABSENT && sequence->label < labels);
}

static void read_stream(const uint8_t *data, size_t size)
{
  struct rnn_input *raw;
  struct rnn_stream_reader *reader;
  struct rnn_sequence sequence;
  struct rnn_stream_facts facts;
  struct rnn_error error = {.text = ""};
  enum rnn_status status;
  bool end = false;
  fuzz_stdin(data, size);
  FUZZ_EXPECT(rnn_input_open_raw(&raw, "-", NULL) == RNN_OK);
  FUZZ_EXPECT(rnn_stream_reader_create(&reader, raw, NULL) == RNN_OK);
  while ((status = rnn_stream_reader_next(reader, &sequence, &facts, &end, &error)) == RNN_OK && !end)
    check(reader, &sequence);
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_DATA && strncmp(error.text, "(stdin): zstd frame ", 20) == 0));
  rnn_stream_reader_free(reader);
  rnn_input_close(raw);
}

int fuzz_stream(const uint8_t *data, size_t size)
{
  size_t sealed_bytes;
  if (size == 0)
    return 0;
  uint8_t *sealed = data[0] & 1 ? fuzz_seal(data + 1, size - 1, &sealed_bytes) : NULL;
  if (sealed != NULL)
    read_stream(sealed, sealed_bytes);
  else
    read_stream(data + 1, size - 1);
  free(sealed);
  return 0;
}
