/* Any bytes as YAML: refused with the place, or a config whose text reads back to the same text. Without a zero byte in
 * front they are lines KEY=VALUE as of a command line, and what fits together has nothing left open. */
#include <stdio.h>
#include <string.h>

#include "config_file.h"
#include "fuzz.h"
#include "memory.h"

static void expect_text_reads_back(const struct rnn_config *config)
{
  struct rnn_config again;
  char *text, *same;
  struct rnn_error error;
  FUZZ_EXPECT(rnn_config_text(config, &text, &error) == RNN_OK);
  rnn_config_init(&again);
  FUZZ_EXPECT(rnn_config_read_text(&again, "again", text, strlen(text), &error) == RNN_OK);
  FUZZ_EXPECT(rnn_config_text(&again, &same, &error) == RNN_OK && strcmp(text, same) == 0);
  rnn_memory_free(text);
  rnn_memory_free(same);
}

static void resolve(struct rnn_config *config, unsigned kind)
{
  struct rnn_corpus_facts facts = {.task = (enum rnn_task)(kind % 3), .frames = kind / 3 % 2, .words = kind / 6 % 2};
  struct rnn_error error = {.text = ""};
  facts.sequences = 1 + kind % 7;
  facts.steps = facts.sequences * (1 + kind % 50);
  facts.symbols = facts.frames ? 9 : 1 + kind;
  facts.labels = 2 + kind % 5;
  enum rnn_status status = rnn_config_resolve(config, &facts, &error);
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_BAD_CONFIG && error.text[0] != '\0'));
}

enum { MOST_LINES = 24 };

static void set_lines(const char *data, size_t size, unsigned kind)
{
  struct rnn_config config;
  char line[512];
  rnn_config_init(&config);
  for (size_t begin = 0, end, lines = 0; begin < size && lines < MOST_LINES; begin = end + 1, lines++) {
    const char *feed = memchr(data + begin, '\n', size - begin);
    end = feed == NULL ? size : (size_t)(feed - data);
    snprintf(line, sizeof line, "%.*s", (int)(end - begin < sizeof line ? end - begin : sizeof line), data + begin);
    char *equals = strchr(line, '=');
    if (equals == NULL)
      continue;
    *equals = '\0';
    struct rnn_error error = {.text = ""};
    enum rnn_status status = rnn_config_set(&config, line, equals + 1, &error);
    FUZZ_EXPECT(status == RNN_OK || (status == RNN_BAD_CONFIG && error.text[0] != '\0'));
  }
  expect_text_reads_back(&config);
  resolve(&config, kind);
}

int fuzz_config(const uint8_t *data, size_t size)
{
  struct rnn_config config;
  struct rnn_error error = {.text = ""};
  if (size > 0 && data[0] != 0) {
    set_lines((const char *)data + 1, size - 1, data[0]);
    return 0;
  }
  rnn_config_init(&config);
  data += size > 0;
  size -= size > 0;
  enum rnn_status status = rnn_config_read_text(&config, "name", (const char *)data, size, &error);
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_BAD_CONFIG && strncmp(error.text, "name:", 5) == 0));
  if (status == RNN_OK)
    expect_text_reads_back(&config);
  return 0;
}
