/* rnn-inspect diff A B: what differs between two models. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inspect.h"
#include "memory.h"
#include "number.h"
#include "picture.h"
#include "program.h"

/* Only what differs becomes a row: what, its two values, and for a tensor the greatest difference and where. */
struct diff {
  const struct rnn_model *a, *b;
  struct rnn_table *table;
  bool differs;
};

static enum rnn_status add_row(struct diff *diff, const char *what, const char *a, const char *b,
                               struct rnn_error *error)
{
  enum rnn_status status;
  diff->differs = true;
  RNN_TRY(rnn_table_add_text(diff->table, what, error));
  RNN_TRY(rnn_table_add_text(diff->table, a, error));
  RNN_TRY(rnn_table_add_text(diff->table, b, error));
  RNN_TRY(rnn_table_add_nothing(diff->table, error));
out:
  return status;
}

static enum rnn_status compare_text(struct diff *diff, const char *what, const char *a, const char *b,
                                    struct rnn_error *error)
{
  return strcmp(a, b) == 0 ? RNN_OK : add_row(diff, what, a, b, error);
}

static enum rnn_status compare_count(struct diff *diff, const char *what, uint64_t a, uint64_t b,
                                     struct rnn_error *error)
{
  char text_a[RNN_NUMBER_BYTES], text_b[RNN_NUMBER_BYTES];
  snprintf(text_a, sizeof text_a, "%" PRIu64, a);
  snprintf(text_b, sizeof text_b, "%" PRIu64, b);
  return compare_text(diff, what, text_a, text_b, error);
}

static enum rnn_status compare_config(struct diff *diff, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (const struct rnn_key *key = rnn_keys; key->name != NULL; key++) {
    char a[RNN_CONFIG_TEXT_BYTES], b[RNN_CONFIG_TEXT_BYTES], what[RNN_CONFIG_TEXT_BYTES + 8];
    rnn_config_get(&diff->a->config, key, a, sizeof a);
    rnn_config_get(&diff->b->config, key, b, sizeof b);
    snprintf(what, sizeof what, "config.%s", key->name);
    RNN_TRY(compare_text(diff, what, a, b, error));
  }
out:
  return status;
}

/* The first number at which the strings differ, counts aside; the common count where none does. */
static size_t first_difference(const struct rnn_vocabulary *a, const struct rnn_vocabulary *b)
{
  size_t count_a = rnn_vocabulary_count(a), count_b = rnn_vocabulary_count(b), i = 0;
  for (; i < count_a && i < count_b; i++) {
    size_t length_a, length_b;
    const char *string_a = rnn_vocabulary_string(a, (int32_t)i, &length_a);
    const char *string_b = rnn_vocabulary_string(b, (int32_t)i, &length_b);
    if (length_a != length_b || memcmp(string_a, string_b, length_a) != 0)
      break;
  }
  return i;
}

static void describe_string(const struct rnn_vocabulary *vocabulary, size_t i, char *text, size_t size_bytes)
{
  size_t count = rnn_vocabulary_count(vocabulary), length_bytes;
  if (i >= count)
    snprintf(text, size_bytes, "%zu strings", count);
  else {
    const char *string = rnn_vocabulary_string(vocabulary, (int32_t)i, &length_bytes);
    snprintf(text, size_bytes, "%zu strings, number %zu: %s", count, i, string);
  }
}

static enum rnn_status compare_vocabularies(struct diff *diff, const char *what, const struct rnn_vocabulary *a,
                                            const struct rnn_vocabulary *b, struct rnn_error *error)
{
  char text_a[RNN_ERROR_BYTES], text_b[RNN_ERROR_BYTES];
  if (a == NULL || b == NULL)
    return compare_text(diff, what, a == NULL ? "none" : "some", b == NULL ? "none" : "some", error);
  size_t i = first_difference(a, b), count_a = rnn_vocabulary_count(a);
  if (i == count_a && i == rnn_vocabulary_count(b)) {
    for (i = 0; i < count_a; i++)
      if (rnn_vocabulary_frequency(a, (int32_t)i) != rnn_vocabulary_frequency(b, (int32_t)i))
        return add_row(diff, what, "the same strings", "the same strings, other counts", error);
    return RNN_OK;
  }
  describe_string(a, i, text_a, sizeof text_a);
  describe_string(b, i, text_b, sizeof text_b);
  return add_row(diff, what, text_a, text_b, error);
}

/* Two tensors of one shape. */
static enum rnn_status compare_values(struct diff *diff, const struct rnn_tensor *tensor, const real *a, const real *b,
                                      struct rnn_error *error)
{
  enum rnn_status status;
  double greatest = 0;
  size_t where = 0;
  for (size_t i = 0; i < tensor->rows * tensor->columns; i++)
    if (fabs((double)a[i] - (double)b[i]) > greatest) {
      greatest = fabs((double)a[i] - (double)b[i]);
      where = i;
    }
  if (greatest == 0)
    return RNN_OK;
  char what[RNN_TENSOR_NAME_BYTES + 48];
  snprintf(what, sizeof what, "%s[%zu,%zu]", tensor->name, where / tensor->columns, where % tensor->columns);
  diff->differs = true;
  RNN_TRY(rnn_table_add_text(diff->table, what, error));
  RNN_TRY(rnn_table_add_real(diff->table, (double)a[where], error));
  RNN_TRY(rnn_table_add_real(diff->table, (double)b[where], error));
  RNN_TRY(rnn_table_add_real(diff->table, greatest, error));
out:
  return status;
}

static void describe_tensor(const struct rnn_tensor *tensor, char *text, size_t size_bytes)
{
  if (tensor == NULL)
    snprintf(text, size_bytes, "none");
  else
    snprintf(text, size_bytes, "%zu x %zu", tensor->rows, tensor->columns);
}

static const struct rnn_tensor *find_tensor(const struct rnn_model *model, const char *name)
{
  int i = rnn_parameters_find(model->parameters, name);
  return i < 0 ? NULL : &model->parameters->layout.tensor[i];
}

static enum rnn_status compare_shapes(struct diff *diff, const char *name, const struct rnn_tensor *a,
                                      const struct rnn_tensor *b, struct rnn_error *error)
{
  char text_a[2 * RNN_NUMBER_BYTES], text_b[2 * RNN_NUMBER_BYTES];
  describe_tensor(a, text_a, sizeof text_a);
  describe_tensor(b, text_b, sizeof text_b);
  return add_row(diff, name, text_a, text_b, error);
}

static enum rnn_status compare_tensors(struct diff *diff, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_layout *a = &diff->a->parameters->layout, *b = &diff->b->parameters->layout;
  for (size_t i = 0; i < a->tensors; i++) {
    const struct rnn_tensor *one = &a->tensor[i], *other = find_tensor(diff->b, one->name);
    if (other == NULL || one->rows != other->rows || one->columns != other->columns)
      RNN_TRY(compare_shapes(diff, one->name, one, other, error));
    else
      RNN_TRY(compare_values(diff, one, diff->a->parameters->value + one->offset,
                             diff->b->parameters->value + other->offset, error));
  }
  for (size_t i = 0; i < b->tensors; i++)
    if (find_tensor(diff->a, b->tensor[i].name) == NULL)
      RNN_TRY(compare_shapes(diff, b->tensor[i].name, NULL, &b->tensor[i], error));
out:
  return status;
}

static bool same_number(double a, double b)
{
  return a == b || (isnan(a) && isnan(b));
}

static bool same_history(const struct rnn_model *a, const struct rnn_model *b)
{
  if (a->epochs != b->epochs)
    return false;
  for (size_t i = 0; i < a->epochs; i++) {
    const struct rnn_epoch *p = &a->history[i], *q = &b->history[i];
    if (p->epoch != q->epoch || p->updates != q->updates || !same_number(p->train_nats, q->train_nats) ||
        !same_number(p->valid_nats, q->valid_nats) || !same_number(p->valid_accuracy, q->valid_accuracy) ||
        !same_number(p->learning_rate, q->learning_rate) || !same_number(p->gradient_norm, q->gradient_norm) ||
        !same_number(p->clipped, q->clipped))
      return false;
  }
  return true;
}

static enum rnn_status compare_training(struct diff *diff, struct rnn_error *error)
{
  enum rnn_status status;
  char a[RNN_NUMBER_BYTES], b[RNN_NUMBER_BYTES];
  snprintf(a, sizeof a, "%016" PRIx64, diff->a->data_digest);
  snprintf(b, sizeof b, "%016" PRIx64, diff->b->data_digest);
  RNN_TRY(compare_text(diff, "data_digest", a, b, error));
  RNN_TRY(compare_count(diff, "train_sequences", diff->a->train_sequences, diff->b->train_sequences, error));
  RNN_TRY(compare_count(diff, "train_steps", diff->a->train_steps, diff->b->train_steps, error));
  RNN_TRY(compare_count(diff, "best_epoch", diff->a->best_epoch, diff->b->best_epoch, error));
  snprintf(a, sizeof a, "%zu epochs", diff->a->epochs);
  snprintf(b, sizeof b, "%zu epochs", diff->b->epochs);
  if (!same_history(diff->a, diff->b))
    RNN_TRY(add_row(diff, "history", a, b, error));
out:
  return status;
}

/* In words, for a path is one thing: its n-grams, weights, bias and shares. */
static enum rnn_status compare_wide(struct diff *diff, struct rnn_error *error)
{
  const struct rnn_wide *a = diff->a->wide, *b = diff->b->wide;
  char one[48], other[48];
  snprintf(one, sizeof one, "%zu n-grams", a == NULL ? 0 : a->features);
  snprintf(other, sizeof other, "%zu n-grams", b == NULL ? 0 : b->features);
  bool same = a == NULL || b == NULL
                  ? a == b
                  : a->features == b->features && a->columns == b->columns &&
                        memcmp(a->key, b->key, a->features * sizeof *a->key) == 0 &&
                        memcmp(a->weight, b->weight, a->features * a->columns * sizeof *a->weight) == 0 &&
                        memcmp(a->bias, b->bias, a->columns * sizeof *a->bias) == 0 &&
                        memcmp(a->share, b->share, sizeof a->share) == 0;
  return same ? RNN_OK : add_row(diff, "wide", one, other, error);
}

static enum rnn_status compare(struct diff *diff, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_model *a = diff->a, *b = diff->b;
  char one[RNN_PICTURE_SIZE_BYTES], other[RNN_PICTURE_SIZE_BYTES], names[2][RNN_COLUMNS_BYTES];
  RNN_TRY(compare_text(diff, "task", rnn_task_name(a->task), rnn_task_name(b->task), error));
  RNN_TRY(compare_text(diff, "level", rnn_level_name(a->text.level), rnn_level_name(b->text.level), error));
  RNN_TRY(compare_text(diff, "lowercase", a->text.lowercase ? "yes" : "no", b->text.lowercase ? "yes" : "no", error));
  RNN_TRY(compare_text(diff, "unknown_symbol", a->unknown ? "yes" : "no", b->unknown ? "yes" : "no", error));
  RNN_TRY(compare_count(diff, "frame_width", a->frame_width, b->frame_width, error));
  RNN_TRY(compare_text(diff, "picture", rnn_picture_size_name(a->text.picture, one),
                       rnn_picture_size_name(b->text.picture, other), error));
  RNN_TRY(compare_text(diff, "columns", rnn_columns_write(&a->columns, names[0]),
                       rnn_columns_write(&b->columns, names[1]), error));
  RNN_TRY(compare_config(diff, error));
  RNN_TRY(compare_vocabularies(diff, "vocabulary", a->symbols, b->symbols, error));
  RNN_TRY(compare_vocabularies(diff, "labels", a->labels, b->labels, error));
  RNN_TRY(compare_training(diff, error));
  RNN_TRY(compare_tensors(diff, error));
  RNN_TRY(compare_wide(diff, error));
out:
  return status;
}

static enum rnn_status open_one(const char *name, struct inspect_source *source, struct rnn_error *error)
{
  enum rnn_status status;
  char *path;
  RNN_TRY(rnn_program_find_model(name, &path, error));
  status = inspect_open_name(path, source, error);
  rnn_memory_free(path);
  source->name = name;
  if (status == RNN_OK && source->model == NULL)
    return rnn_error_set(error, RNN_DATA, "%s: a sequence stream, where a model is expected", name);
out:
  return status;
}

enum rnn_status inspect_diff(struct inspect *inspect, struct rnn_error *error)
{
  static const char *const names[] = {"what", "a", "b", "difference"};
  enum rnn_status status;
  struct inspect_source a = {0}, b = {0};
  struct diff diff = {.differs = false};
  if (inspect->operands != 2)
    return rnn_error_set(error, RNN_USAGE, "diff: two models are expected");
  RNN_TRY(open_one(inspect->operand[0], &a, error));
  RNN_TRY(open_one(inspect->operand[1], &b, error));
  RNN_TRY(rnn_table_create(&diff.table, 4, error));
  rnn_table_name(diff.table, names, false);
  diff.a = a.model;
  diff.b = b.model;
  RNN_TRY(compare(&diff, error));
  RNN_TRY(rnn_table_write(diff.table, inspect->output, inspect->style, error));
  status = diff.differs ? RNN_NEGATIVE : RNN_OK;
out:
  rnn_table_free(diff.table);
  inspect_close(&a);
  inspect_close(&b);
  return status;
}
