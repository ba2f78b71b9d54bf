/* rnn-inspect summary: what a model or a stream is. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cell.h"
#include "inspect.h"
#include "picture.h"

enum rnn_status inspect_fact(struct rnn_table *table, const char *name, const char *text, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_table_add_text(table, name, error));
  RNN_TRY(rnn_table_add_text(table, text, error));
out:
  return status;
}

enum rnn_status inspect_fact_count(struct rnn_table *table, const char *name, uint64_t count, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_table_add_text(table, name, error));
  RNN_TRY(rnn_table_add_count(table, count, error));
out:
  return status;
}

enum rnn_status inspect_fact_real(struct rnn_table *table, const char *name, double number, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_table_add_text(table, name, error));
  RNN_TRY(rnn_table_add_real(table, number, error));
out:
  return status;
}

static enum rnn_status add_truth(struct rnn_table *table, const char *name, bool truth, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_table_add_text(table, name, error));
  RNN_TRY(rnn_table_add_truth(table, truth, error));
out:
  return status;
}

static enum rnn_status add_text_facts(struct rnn_table *table, struct rnn_text text, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(inspect_fact(table, "level", rnn_level_name(text.level), error));
  RNN_TRY(add_truth(table, "lowercase", text.lowercase, error));
out:
  return status;
}

static enum rnn_status add_picture(struct rnn_table *table, struct rnn_text text, struct rnn_error *error)
{
  char size[RNN_PICTURE_SIZE_BYTES];
  if (text.picture.columns == 0)
    return RNN_OK;
  return inspect_fact(table, "picture", rnn_picture_size_name(text.picture, size), error);
}

/* ---- a model ---- */

static enum rnn_status add_columns(struct rnn_table *table, const struct rnn_columns *columns, struct rnn_error *error)
{
  char text[RNN_COLUMNS_BYTES];
  return columns->count == 0 ? RNN_OK : inspect_fact(table, "columns", rnn_columns_write(columns, text), error);
}

static enum rnn_status add_network(struct rnn_table *table, const struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &model->parameters->shape;
  char activation[RNN_CONFIG_TEXT_BYTES];
  rnn_config_get(&model->config, rnn_config_find_key("activation"), activation, sizeof activation);
  RNN_TRY(inspect_fact(table, "task", rnn_task_name(model->task), error));
  RNN_TRY(inspect_fact(table, "cell", shape->cell->name, error));
  RNN_TRY(inspect_fact(table, "equations", shape->cell->equations, error));
  RNN_TRY(inspect_fact(table, "activation", activation, error));
  RNN_TRY(inspect_fact_count(table, "layers", shape->layers, error));
  RNN_TRY(add_truth(table, "bidirectional", shape->directions == 2, error));
  RNN_TRY(inspect_fact_count(table, "n", shape->n, error));
  if (!shape->frames)
    RNN_TRY(inspect_fact_count(table, "embedding", shape->e, error));
  if (shape->tied)
    RNN_TRY(add_truth(table, "tied", true, error));
  RNN_TRY(inspect_fact_count(table, "d", shape->d, error));
  RNN_TRY(inspect_fact_count(table, "k", shape->k, error));
  RNN_TRY(inspect_fact(table, "reads", shape->frames ? "frames" : "symbols", error));
  if (!shape->frames) {
    RNN_TRY(add_text_facts(table, model->text, error));
    RNN_TRY(inspect_fact_count(table, "symbols", rnn_vocabulary_count(model->symbols), error));
    RNN_TRY(add_truth(table, "unknown_symbol", model->unknown, error));
  }
  RNN_TRY(add_picture(table, model->text, error));
  RNN_TRY(add_columns(table, &model->columns, error));
  if (model->labels != NULL)
    RNN_TRY(inspect_fact_count(table, "labels", rnn_vocabulary_count(model->labels), error));
out:
  return status;
}

static enum rnn_status add_tensors(struct rnn_table *table, const struct rnn_layout *layout, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(inspect_fact_count(table, "parameters", layout->count, error));
  for (size_t i = 0; i < layout->tensors; i++) {
    RNN_TRY(rnn_table_add_text(table, layout->tensor[i].name, error));
    RNN_TRY(rnn_table_add_shape(table, layout->tensor[i].rows, layout->tensor[i].columns, error));
  }
out:
  return status;
}

static enum rnn_status add_wide(struct rnn_table *table, const struct rnn_wide *wide, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (wide == NULL)
    return RNN_OK;
  RNN_TRY(inspect_fact_count(table, "wide.n_grams", wide->features, error));
  RNN_TRY(inspect_fact_real(table, "wide.share_network", (double)wide->share[0], error));
  RNN_TRY(inspect_fact_real(table, "wide.share_n_grams", (double)wide->share[1], error));
out:
  return status;
}

static enum rnn_status add_training(struct rnn_table *table, const struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status;
  char digest[17];
  snprintf(digest, sizeof digest, "%016" PRIx64, model->data_digest);
  RNN_TRY(inspect_fact_count(table, "train_sequences", model->train_sequences, error));
  RNN_TRY(inspect_fact_count(table, "train_steps", model->train_steps, error));
  RNN_TRY(inspect_fact(table, "data_digest", digest, error));
  RNN_TRY(inspect_fact_count(table, "epochs", model->epochs, error));
  for (size_t i = 0; i < model->epochs; i++) {
    const struct rnn_epoch *epoch = &model->history[i];
    if (epoch->epoch != model->best_epoch)
      continue;
    RNN_TRY(inspect_fact_count(table, "best_epoch", epoch->epoch, error));
    RNN_TRY(inspect_fact_count(table, "updates", epoch->updates, error));
    RNN_TRY(inspect_fact_real(table, "train_nats", epoch->train_nats, error));
    RNN_TRY(inspect_fact_real(table, "valid_nats", epoch->valid_nats, error));
    RNN_TRY(inspect_fact_real(table, "valid_accuracy", epoch->valid_accuracy, error));
    break;
  }
out:
  return status;
}

static enum rnn_status add_model(struct rnn_table *table, const struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(inspect_fact(table, "kind", "model", error));
  RNN_TRY(add_network(table, model, error));
  RNN_TRY(add_tensors(table, &model->parameters->layout, error));
  RNN_TRY(add_wide(table, model->wide, error));
  RNN_TRY(add_training(table, model, error));
out:
  return status;
}

/* ---- a stream ---- */

static enum rnn_status add_stream(struct rnn_table *table, struct inspect_source *source, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_stream_facts facts = {.task = RNN_COMPLETE};
  struct inspect_counts counts;
  RNN_TRY(inspect_read_stream(source, &facts, &counts, error));
  RNN_TRY(inspect_fact(table, "kind", "stream", error));
  RNN_TRY(inspect_fact(table, "task", rnn_task_name(facts.task), error));
  RNN_TRY(inspect_fact(table, "holds", facts.frame_width > 0 ? "frames" : "symbols", error));
  if (facts.frame_width > 0)
    RNN_TRY(inspect_fact_count(table, "frame_width", facts.frame_width, error));
  else
    RNN_TRY(add_text_facts(table, facts.text, error));
  RNN_TRY(add_picture(table, facts.text, error));
  RNN_TRY(inspect_fact_count(table, "sequences", counts.sequences, error));
  RNN_TRY(inspect_fact_count(table, "steps", counts.steps, error));
  if (counts.sequences > 0) {
    RNN_TRY(inspect_fact_count(table, "shortest", counts.shortest, error));
    RNN_TRY(inspect_fact_real(table, "mean_length", (double)counts.steps / (double)counts.sequences, error));
    RNN_TRY(inspect_fact_count(table, "longest", counts.longest, error));
  }
  if (facts.frame_width == 0)
    RNN_TRY(
        inspect_fact_count(table, "symbols", rnn_vocabulary_count(rnn_stream_reader_symbols(source->stream)), error));
  RNN_TRY(add_columns(table, &facts.columns, error));
  if (facts.task != RNN_COMPLETE)
    RNN_TRY(inspect_fact_count(table, "labels", rnn_vocabulary_count(rnn_stream_reader_labels(source->stream)), error));
out:
  return status;
}

enum rnn_status inspect_summary(struct inspect *inspect, struct rnn_error *error)
{
  enum rnn_status status;
  struct inspect_source source = {0};
  struct rnn_table *table = NULL;
  RNN_TRY(inspect_open(inspect, &source, error));
  RNN_TRY(rnn_table_create(&table, 2, error));
  RNN_TRY(source.model != NULL ? add_model(table, source.model, error) : add_stream(table, &source, error));
  RNN_TRY(rnn_table_write(table, inspect->output, inspect->style, error));
out:
  rnn_table_free(table);
  inspect_close(&source);
  return status;
}
