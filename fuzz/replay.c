/* replay TARGET FILE...: runs a target on each file, once. What fuzzing has found stays mended. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

enum { MOST_BYTES = 1 << 20 };

static const struct {
  const char *name;
  int (*run)(const uint8_t *data, size_t size);
} targets[] = {{"checkpoint", fuzz_checkpoint}, {"config", fuzz_config}, {"container", fuzz_container},
               {"embeddings", fuzz_embeddings}, {"model", fuzz_model},   {"number", fuzz_number},
               {"options", fuzz_options},       {"reader", fuzz_reader}, {"state", fuzz_state},
               {"stream", fuzz_stream},         {"token", fuzz_token},   {"train", fuzz_train}};

static int replay(int (*run)(const uint8_t *, size_t), const char *name)
{
  static uint8_t bytes[MOST_BYTES];
  FILE *file = fopen(name, "rb");
  if (file == NULL)
    return 66;
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  uint8_t *exact = malloc(size + 1); /* so that a sanitizer sees one byte too many */
  if (exact == NULL)
    return 71;
  memcpy(exact, bytes, size);
  int answer = run(exact, size);
  free(exact);
  return answer;
}

int main(int argc, char **argv)
{
  for (size_t i = 0; argc > 1 && i < sizeof targets / sizeof targets[0]; i++)
    if (strcmp(targets[i].name, argv[1]) == 0) {
      int answer = 0;
      for (int file = 2; file < argc && answer == 0; file++)
        answer = replay(targets[i].run, argv[file]);
      return answer;
    }
  return 64;
}
