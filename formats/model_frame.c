/* What was learned of frames as two tensors. */
#include "model_frame.h"

#include <math.h>
#include <string.h>

#include "memory.h"

static const char mean_name[] = "frame.mean", deviation_name[] = "frame.deviation";

enum rnn_status rnn_model_add_frame(struct rnn_document *document, const struct rnn_model *model, float **storage,
                                    struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_frame_scale *scale = &model->parameters->frame;
  size_t n = model->parameters->shape.n;
  if (scale->mean == NULL)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(storage, n, 2 * sizeof **storage, "means of frames", error));
  for (size_t i = 0; i < n; i++) {
    (*storage)[i] = (float)scale->mean[i];
    (*storage)[n + i] = (float)scale->deviation[i];
    if (!isfinite((*storage)[i]) || !isfinite((*storage)[n + i]))
      return rnn_error_set(error, RNN_DATA, "the model cannot be written: %s[%zu] is not finite", mean_name, i);
  }
  RNN_TRY(rnn_document_add_tensor(document, mean_name, RNN_F32, &n, 1, *storage, error));
  RNN_TRY(rnn_document_add_tensor(document, deviation_name, RNN_F32, &n, 1, *storage + n, error));
out:
  return status;
}

static enum rnn_status read_numbers(const struct rnn_document *document, const char *name, size_t n, bool positive,
                                    real *number, struct rnn_error *error)
{
  const struct rnn_document_tensor *tensor;
  enum rnn_status status = rnn_document_need(document, name, RNN_F32, &n, 1, &tensor, error);
  if (status != RNN_OK)
    return status;
  for (size_t i = 0; i < n; i++) {
    float value;
    rnn_document_copy(tensor, i, 1, &value);
    if (!isfinite(value) || (positive && !(value > 0)))
      return rnn_error_set(error, RNN_DATA, "tensor '%s': element %zu is not %s", name, i,
                           positive ? "finite and above 0" : "finite");
    number[i] = (real)value;
  }
  return RNN_OK;
}

enum rnn_status rnn_model_read_frame(const struct rnn_document *document, struct rnn_parameters *parameters,
                                     struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_frame_scale *scale = &parameters->frame;
  if (scale->mean == NULL)
    return RNN_OK;
  RNN_TRY(read_numbers(document, mean_name, parameters->shape.n, false, scale->mean, error));
  RNN_TRY(read_numbers(document, deviation_name, parameters->shape.n, true, scale->deviation, error));
out:
  return status;
}

bool rnn_model_is_frame_tensor(const struct rnn_shape *shape, const char *name)
{
  return shape->frame.standardised && (strcmp(name, mean_name) == 0 || strcmp(name, deviation_name) == 0);
}
