/* Any bytes as vectors of words: refused with the place, or all that was taken is finite and the rest as it was. */
#include <math.h>
#include <string.h>

#include "embeddings.h"
#include "fuzz.h"

enum { MOST_WIDTH = 64 };

static const char *const words[] = {"a", "A", "b", "the", "\xC3\x89", "x y"};

/* A model of these words, with zeros for an embedding; kept from run to run, by its width. */
static struct rnn_model *model_of(size_t width)
{
  static struct rnn_model *model[MOST_WIDTH + 1];
  struct rnn_shape shape = {.task = RNN_CLASSIFY, .cell = rnn_cell_find("elman"), .e = width, .d = 1, .layers = 1};
  shape.n = sizeof words / sizeof *words;
  shape.directions = shape.pooled = shape.k = 1;
  if (model[width] == NULL) {
    model[width] = calloc(1, sizeof **model);
    FUZZ_EXPECT(model[width] != NULL && rnn_vocabulary_create(&model[width]->symbols, NULL) == RNN_OK);
    FUZZ_EXPECT(rnn_parameters_create(&model[width]->parameters, &shape, NULL) == RNN_OK);
    for (size_t i = 0; i < shape.n; i++) {
      int32_t number;
      FUZZ_EXPECT(rnn_vocabulary_add(model[width]->symbols, words[i], strlen(words[i]), &number, NULL) == RNN_OK);
    }
  }
  memset(model[width]->parameters->value, 0, model[width]->parameters->layout.count * sizeof(real));
  return model[width];
}

int fuzz_embeddings(const uint8_t *data, size_t size)
{
  struct rnn_embeddings *embeddings;
  struct rnn_embeddings_found found;
  struct rnn_error error = {.text = ""};
  fuzz_stdin(data, size);
  enum rnn_status status = rnn_embeddings_open(&embeddings, "-", &error);
  if (status == RNN_OK && rnn_embeddings_width(embeddings) <= MOST_WIDTH) {
    struct rnn_model *model = model_of(rnn_embeddings_width(embeddings));
    const struct rnn_parameters *parameters = model->parameters;
    status = rnn_embeddings_read(embeddings, model, &found, &error);
    FUZZ_EXPECT(status != RNN_OK ||
                (found.exact + found.folded > 0 && found.exact + found.folded <= parameters->shape.n));
    for (size_t i = 0; i < parameters->layout.count; i++)
      FUZZ_EXPECT(i < parameters->layout.embedding ? parameters->value[i] == 0
                                                   : isfinite((double)parameters->value[i]));
  }
  FUZZ_EXPECT(status == RNN_OK || (status == RNN_DATA && strncmp(error.text, "(stdin):", 8) == 0));
  rnn_embeddings_close(embeddings);
  return 0;
}
