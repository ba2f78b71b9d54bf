/* Keys, weights, bias and shares of the wide path as tensors. */
#include "model_wide.h"

#include <math.h>
#include <string.h>

#include "half.h"
#include "memory.h"

static const char *const names[] = {"wide.share", "wide.bias", "wide.key", "wide.weight", NULL};

bool rnn_model_is_wide(const char *name)
{
  for (size_t i = 0; names[i] != NULL; i++)
    if (strcmp(names[i], name) == 0)
      return true;
  return false;
}

enum rnn_status rnn_model_add_wide(struct rnn_document *document, const struct rnn_wide *wide, uint16_t **storage,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (wide == NULL)
    return RNN_OK;
  size_t shares = 2, shape[2] = {wide->features, wide->columns}, count = wide->features * wide->columns;
  RNN_TRY(rnn_memory_new(storage, count, sizeof **storage, "weights to write", error));
  rnn_half_from_float(count, wide->weight, *storage);
  RNN_TRY(rnn_document_add_tensor(document, "wide.share", RNN_F32, &shares, 1, wide->share, error));
  RNN_TRY(rnn_document_add_tensor(document, "wide.bias", RNN_F32, &shape[1], 1, wide->bias, error));
  RNN_TRY(rnn_document_add_tensor(document, "wide.key", RNN_I32, &shape[0], 1, wide->key, error));
  RNN_TRY(rnn_document_add_tensor(document, "wide.weight", RNN_F16, shape, 2, *storage, error));
out:
  return status;
}

/* ---- reading ---- */

static enum rnn_status check_finite(const char *name, const float *value, size_t count, struct rnn_error *error)
{
  for (size_t i = 0; i < count; i++)
    if (!isfinite(value[i]))
      return rnn_error_set(error, RNN_DATA, "tensor '%s': element %zu is not finite", name, i);
  return RNN_OK;
}

static enum rnn_status read_floats(const struct rnn_document *document, const char *name, size_t count, float *value,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_document_tensor *tensor;
  RNN_TRY(rnn_document_need(document, name, RNN_F32, &count, 1, &tensor, error));
  rnn_document_copy(tensor, 0, count, value);
  RNN_TRY(check_finite(name, value, count, error));
out:
  return status;
}

static enum rnn_status read_keys(const struct rnn_document_tensor *tensor, struct rnn_wide *wide,
                                 struct rnn_error *error)
{
  int32_t before = -1;
  rnn_document_copy(tensor, 0, wide->features, wide->key);
  for (size_t i = 0; i < wide->features; i++) {
    if (wide->key[i] <= before)
      return rnn_error_set(error, RNN_DATA, "wide.key[%zu] does not rise", i);
    before = wide->key[i];
  }
  return RNN_OK;
}

static void read_weights(const struct rnn_document_tensor *tensor, struct rnn_wide *wide)
{
  enum { AT_A_TIME = 256 };
  uint16_t half[AT_A_TIME];
  size_t count = wide->features * wide->columns;
  for (size_t first = 0, part; first < count; first += part) {
    part = count - first < AT_A_TIME ? count - first : AT_A_TIME;
    rnn_document_copy(tensor, first, part, half);
    rnn_half_to_float(part, half, wide->weight + first);
  }
}

enum rnn_status rnn_model_read_wide(const struct rnn_document *document, struct rnn_model *model,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_document_tensor *key, *weight;
  size_t classes = rnn_model_classes(model), present = 0;
  for (size_t i = 0; names[i] != NULL; i++)
    present += rnn_document_tensor(document, names[i]) != NULL;
  if (present == 0)
    return RNN_OK;
  key = rnn_document_tensor(document, "wide.key");
  size_t features = key != NULL && key->dimensions == 1 ? key->shape[0] : 0;
  const size_t shape[2] = {features, classes == 2 ? 1 : classes};
  RNN_TRY(rnn_document_need(document, "wide.key", RNN_I32, shape, 1, &key, error));
  RNN_TRY(rnn_document_need(document, "wide.weight", RNN_F16, shape, 2, &weight, error));
  RNN_TRY(rnn_wide_create(&model->wide, model->symbols, model->text.level, classes, features, error));
  RNN_TRY(read_keys(key, model->wide, error));
  read_weights(weight, model->wide);
  RNN_TRY(check_finite("wide.weight", model->wide->weight, features * model->wide->columns, error));
  RNN_TRY(read_floats(document, "wide.bias", model->wide->columns, model->wide->bias, error));
  RNN_TRY(read_floats(document, "wide.share", 2, model->wide->share, error));
  for (size_t i = 0; i < 2; i++)
    if (model->wide->share[i] < 0)
      return rnn_error_set(error, RNN_DATA, "wide.share[%zu] is below zero", i);
out:
  return status;
}
