/* Parts and tensors. */
#include "part_document.h"

static enum rnn_dtype dtype_of(enum rnn_part_kind kind)
{
  switch (kind) {
  case RNN_PART_REAL:
    return sizeof(real) == sizeof(float) ? RNN_F32 : RNN_F64;
  case RNN_PART_DOUBLE:
    return RNN_F64;
  case RNN_PART_COUNT:
    return RNN_I64;
  case RNN_PART_BYTE:
    break;
  }
  return RNN_U8;
}

enum rnn_status rnn_parts_to_document(const struct rnn_parts *parts, struct rnn_document *document,
                                      struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < parts->count; i++) {
    const struct rnn_part *part = &parts->part[i];
    RNN_TRY(rnn_document_add_tensor(document, part->name, dtype_of(part->kind), &part->count, 1, part->data, error));
  }
out:
  return status;
}

static enum rnn_status check(const struct rnn_parts *parts, size_t others, const struct rnn_document *document,
                             struct rnn_error *error)
{
  for (size_t i = 0; i < parts->count; i++) {
    const struct rnn_part *part = &parts->part[i];
    const struct rnn_document_tensor *tensor;
    if (rnn_document_need(document, part->name, dtype_of(part->kind), &part->count, 1, &tensor, NULL) != RNN_OK)
      return rnn_error_set(error, RNN_DATA, "damaged: tensor '%s' is not there as %s [%zu]", part->name,
                           rnn_dtype_name(dtype_of(part->kind)), part->count);
  }
  if (rnn_document_tensors(document) != parts->count + others)
    return rnn_error_set(error, RNN_DATA, "damaged: there is a tensor that has no place in it");
  return RNN_OK;
}

enum rnn_status rnn_parts_from_document(const struct rnn_parts *parts, size_t others,
                                        const struct rnn_document *document, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(check(parts, others, document, error));
  for (size_t i = 0; i < parts->count; i++)
    rnn_document_copy(rnn_document_tensor(document, parts->part[i].name), 0, parts->part[i].count, parts->part[i].data);
out:
  return status;
}
