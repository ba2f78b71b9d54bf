/* A tensor in the dtype and shape that the rest of a document asks for. */
#include <stdio.h>

#include "safetensors.h"

enum rnn_status rnn_document_need(const struct rnn_document *document, const char *name, enum rnn_dtype dtype,
                                  const size_t *shape, size_t dimensions, const struct rnn_document_tensor **tensor,
                                  struct rnn_error *error)
{
  *tensor = rnn_document_tensor(document, name);
  if (*tensor == NULL)
    return rnn_error_set(error, RNN_DATA, "tensor '%s' is missing", name);
  bool fits = (*tensor)->dtype == dtype && (*tensor)->dimensions == dimensions;
  for (size_t i = 0; fits && i < dimensions; i++)
    fits = (*tensor)->shape[i] == shape[i];
  if (fits)
    return RNN_OK;
  char wanted[64];
  if (dimensions == 1)
    snprintf(wanted, sizeof wanted, "[%zu]", shape[0]);
  else
    snprintf(wanted, sizeof wanted, "[%zu, %zu]", shape[0], shape[1]);
  return rnn_error_set(error, RNN_DATA, "tensor '%s' is not %s %s, as it has to be here", name, rnn_dtype_name(dtype),
                       wanted);
}
