/* The state of one sequence as a document. */
#include "state_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "container.h"
#include "input_limits.h"
#include "memory.h"
#include "model_file.h"
#include "part_document.h"

/* So that counts never wrap; a century of a camera has fewer. */
static const uint64_t most_steps = (uint64_t)1 << 53;

static enum rnn_status find_digest(struct rnn_kept_state *kept, const struct rnn_model *model, struct rnn_error *error)
{
  char *block = NULL;
  size_t size;
  enum rnn_status status = rnn_model_encode(model, &block, &size, error);
  if (status == RNN_OK)
    snprintf(kept->model_digest, sizeof kept->model_digest, "%016" PRIx64, (uint64_t)XXH3_64bits(block, size));
  rnn_memory_free(block);
  return status;
}

enum rnn_status rnn_kept_state_init(struct rnn_kept_state *kept, const struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_parameters *parameters = model->parameters;
  *kept = (struct rnn_kept_state){.steps = 0};
  if (parameters->shape.directions > 1)
    return rnn_error_set(error, RNN_USAGE, "a state can be kept of a model that reads in one direction alone");
  if (parameters->shape.crf)
    return rnn_error_set(error, RNN_USAGE,
                         "no state can be kept of a model whose tags are a chain (output: crf): it looks at the whole");
  if (model->wide != NULL)
    return rnn_error_set(error, RNN_USAGE, "no state can be kept of a model with n-grams: it looks at the whole text");
  RNN_TRY(find_digest(kept, model, error));
  RNN_TRY(rnn_state_create(&kept->state, &parameters->shape, 1, error));
  rnn_state_start(kept->state, parameters, 0, 1);
out:
  return status;
}

void rnn_kept_state_clear(struct rnn_kept_state *kept)
{
  rnn_state_free(kept->state);
  *kept = (struct rnn_kept_state){.steps = 0};
}

static enum rnn_status list_parts(struct rnn_kept_state *kept, struct rnn_parts *parts, struct rnn_error *error)
{
  enum rnn_status status;
  parts->count = 0;
  RNN_TRY(rnn_parts_add_count(parts, "state", "steps", &kept->steps, error));
  RNN_TRY(rnn_state_parts(kept->state, "state", parts, error));
  RNN_TRY(rnn_parts_add_count(parts, "reader", "frames", &kept->carry.passed, error));
out:
  return status;
}

/* ---- reading ---- */

static enum rnn_status check_metadata(const struct rnn_document *document, const char *digest, struct rnn_error *error)
{
  static const char *const known[] = {"format", "model", NULL};
  const char *format = rnn_document_metadata(document, "format"), *model = rnn_document_metadata(document, "model");
  if (format == NULL || strcmp(format, RNN_STATE_FORMAT) != 0)
    return rnn_error_set(error, RNN_DATA, "not a state");
  if (model == NULL || rnn_document_strange_metadata(document, known) != NULL)
    return rnn_error_set(error, RNN_DATA, "damaged: metadata 'format' and 'model' are expected");
  if (strcmp(model, digest) != 0)
    return rnn_error_set(error, RNN_DATA, "the state of another model (%.16s, and this one is %s)", model, digest);
  return RNN_OK;
}

/* Numbers as a network leaves them: the greatest of nothing is -inf, and of frames NAN is what was not seen yet. */
static enum rnn_status check_part(const struct rnn_part *part, struct rnn_error *error)
{
  bool greatest = strcmp(part->name, "state.greatest") == 0 || strcmp(part->name, "state.peak") == 0;
  bool frame = strcmp(part->name, "state.frame") == 0;
  for (size_t i = 0; part->kind != RNN_PART_COUNT && i < part->count; i++) {
    const real *number = part->data;
    double x = part->kind == RNN_PART_DOUBLE ? ((const double *)part->data)[i] : (double)number[i];
    bool good = isfinite(x) || (greatest && x < 0) || (frame && isnan(x));
    if (!good)
      return rnn_error_set(error, RNN_DATA, "damaged: %s[%zu] is not finite", part->name, i);
  }
  return RNN_OK;
}

enum rnn_status rnn_kept_state_decode(struct rnn_kept_state *kept, const char *block, size_t size,
                                      struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_document *document = NULL;
  struct rnn_parts *parts = NULL;
  if (!rnn_document_begins(block, size))
    return rnn_error_set(error, RNN_DATA, "not a state");
  RNN_TRY(rnn_document_decode(&document, block, size, error));
  RNN_TRY(check_metadata(document, kept->model_digest, error));
  RNN_TRY(rnn_memory_new(&parts, 1, sizeof *parts, "a state", error));
  RNN_TRY(list_parts(kept, parts, error));
  RNN_TRY(rnn_parts_from_document(parts, 0, document, error));
  if (kept->steps > most_steps || kept->carry.passed > most_steps)
    RNN_TRY(rnn_error_set(error, RNN_DATA, "damaged: more steps than a sequence can have"));
  for (size_t i = 0; i < parts->count; i++)
    RNN_TRY(check_part(&parts->part[i], error));
out:
  rnn_memory_free(parts);
  rnn_document_free(document);
  return status;
}

enum rnn_status rnn_kept_state_read(struct rnn_kept_state *kept, const char *name, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_input *raw = NULL;
  char *block = NULL;
  size_t size;
  RNN_TRY(rnn_input_open_raw(&raw, name, error));
  RNN_TRY(rnn_container_read_alone(raw, "a state", RNN_LIMIT_MODEL_BYTES, &block, &size, error));
  status = rnn_kept_state_decode(kept, block, size, error);
  if (status != RNN_OK)
    rnn_error_prefix(error, "%s", rnn_input_name(raw));
out:
  rnn_input_close(raw);
  rnn_memory_free(block);
  return status;
}

/* ---- writing ---- */

enum rnn_status rnn_kept_state_encode(struct rnn_kept_state *kept, char **block, size_t *size, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_document *document = NULL;
  struct rnn_parts *parts = NULL;
  RNN_TRY(rnn_memory_new(&parts, 1, sizeof *parts, "a state", error));
  RNN_TRY(list_parts(kept, parts, error));
  RNN_TRY(rnn_document_create(&document, error));
  RNN_TRY(rnn_document_add_metadata(document, "format", RNN_STATE_FORMAT, error));
  RNN_TRY(rnn_document_add_metadata(document, "model", kept->model_digest, error));
  RNN_TRY(rnn_parts_to_document(parts, document, error));
  RNN_TRY(rnn_document_encode(document, block, size, error));
out:
  rnn_memory_free(parts);
  rnn_document_free(document);
  return status;
}

enum rnn_status rnn_kept_state_write(struct rnn_kept_state *kept, const char *name, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_output *output = NULL;
  char *block = NULL;
  size_t size;
  RNN_TRY(rnn_kept_state_encode(kept, &block, &size, error));
  RNN_TRY(rnn_output_open(&output, name, false, false, error));
  RNN_TRY(rnn_container_write_alone(output, block, size, error));
out:
  rnn_memory_free(block);
  return status;
}
