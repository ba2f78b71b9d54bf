/* The loop of the filters. */
#include "filter.h"

#include <string.h>

#include "columns.h"
#include "memory.h"
#include "model_file.h"
#include "picture.h"
#include "program.h"
#include "stream.h"

enum { MOST_RECORDS = 512, MOST_STEPS = 32768, MOST_NUMBERS = 1 << 18, KEPT_BYTES = 4096 };

/* One operand. */
struct source {
  struct rnn_input *input;
  const struct rnn_format *format;  /* NULL for a stream */
  struct rnn_stream_reader *stream; /* NULL for text */
  bool stream_begun;
};

/* ---- opening ---- */

/* "models/english-pos.zst" is english-pos. */
static enum rnn_status refuse_task(const char *path, enum rnn_task task, struct rnn_error *error)
{
  static const char *const kind[] = {
      [RNN_COMPLETE] = "completion", [RNN_TAG] = "tagging", [RNN_CLASSIFY] = "classification"};
  static const char *const program[] = {[RNN_COMPLETE] = "complete", [RNN_TAG] = "tag", [RNN_CLASSIFY] = "classify"};
  const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1, *dot = strrchr(name, '.');
  size_t length = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);
  if (strcmp(path, "-") == 0)
    return rnn_error_set(error, RNN_DATA, "the model is a %s model: use rnn-%s", kind[task], program[task]);
  return rnn_error_set(error, RNN_DATA, "%.*s is a %s model: use rnn-%s", (int)length, name, kind[task], program[task]);
}

enum rnn_status rnn_filter_open(struct rnn_filter *filter, const struct rnn_options *options, enum rnn_task task,
                                struct rnn_error *error)
{
  enum rnn_status status;
  *filter = (struct rnn_filter){.options = options};
  filter->style = (struct rnn_answer_style){.json = options->json, .record_end = options->input.record_end};
  filter->most_records = options->batch > 0 ? options->batch : MOST_RECORDS;
  if (options->line_buffered)
    filter->most_records = 1;
  if (options->model == NULL)
    return rnn_error_set(error, RNN_USAGE, "no model: give one with -m or in RNN_MODEL");
  RNN_TRY(rnn_model_open(&filter->model, options->model, error));
  if (filter->model->task != task)
    RNN_TRY(refuse_task(options->model, filter->model->task, error));
  filter->reader = options->reader;
  RNN_TRY(rnn_columns_choose(filter->model, &filter->reader, &filter->named, error));
  RNN_TRY(rnn_options_picture(options, filter->model->text.picture, &filter->reader.size, error));
  RNN_TRY(rnn_pool_create(&filter->pool, options->threads, error));
  RNN_TRY(rnn_encoder_create(&filter->encoder, filter->model, task == RNN_TAG, error));
  RNN_TRY(rnn_memory_new(&filter->storage, filter->most_records, sizeof *filter->storage, "a batch", error));
  RNN_TRY(rnn_memory_new(&filter->record, filter->most_records, sizeof *filter->record, "a batch", error));
  RNN_TRY(rnn_output_open(&filter->output, options->output, false, options->force, error));
out:
  return status;
}

enum rnn_status rnn_filter_close(struct rnn_filter *filter, enum rnn_status status, struct rnn_error *error)
{
  if (status == RNN_OK && filter->bad > 0)
    status = rnn_error_set(error, RNN_NEGATIVE, "%llu record%s could not be read", (unsigned long long)filter->bad,
                           filter->bad == 1 ? "" : "s");
  if (filter->output != NULL && (status == RNN_OK || status == RNN_NEGATIVE)) {
    enum rnn_status written = rnn_output_finish(filter->output, error);
    status = written == RNN_OK ? status : written;
  } else {
    rnn_output_abandon(filter->output);
  }
  for (size_t i = 0; i < filter->records; i++)
    rnn_record_clear(&filter->record[i]);
  rnn_memory_free(filter->record);
  rnn_memory_free(filter->storage);
  rnn_encoder_free(filter->encoder);
  rnn_pool_free(filter->pool);
  rnn_model_free(filter->model);
  return status;
}

/* What the content looks like, where the model can read that: numbers may be a text, or a frame. */
static enum rnn_status guess_format(struct source *source, const struct rnn_filter *filter, struct rnn_error *error)
{
  const struct rnn_model *model = filter->model;
  enum rnn_status status = rnn_format_guess(source->input, filter->tabs_are_tsv, &source->format, error);
  if (status != RNN_OK)
    return status;
  bool one_line = !source->format->many_lines && source->format != &rnn_format_jsonl;
  if (model->frame_width > 0 && one_line)
    source->format = &rnn_format_frames;
  else if (model->frame_width == 0 && source->format == &rnn_format_frames)
    source->format = &rnn_format_text;
  else if (model->task != RNN_TAG && source->format == &rnn_format_columns)
    source->format = filter->tabs_are_tsv ? &rnn_format_tsv : &rnn_format_text;
  return RNN_OK;
}

static enum rnn_status open_source(struct source *source, const struct rnn_filter *filter, const char *name,
                                   struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_options *options = filter->options;
  bool is_stream = options->stream;
  *source = (struct source){.format = options->format};
  if (is_stream) {
    RNN_TRY(rnn_input_open_raw(&source->input, name, error));
  } else {
    RNN_TRY(rnn_input_open(&source->input, name, &options->input, error));
    if (source->format == NULL)
      RNN_TRY(rnn_format_is_stream(source->input, &is_stream, error));
  }
  if (is_stream)
    RNN_TRY(rnn_stream_reader_create(&source->stream, source->input, error));
  else if (source->format == NULL)
    RNN_TRY(guess_format(source, filter, error));
out:
  return status;
}

static void close_source(struct source *source)
{
  rnn_stream_reader_free(source->stream);
  rnn_input_close(source->input);
}

/* ---- one batch ---- */

static enum rnn_status add_from_stream(struct rnn_filter *filter, struct source *source, bool *end,
                                       struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_sequence sequence;
  struct rnn_stream_facts facts;
  RNN_TRY(rnn_stream_reader_next(source->stream, &sequence, &facts, end, error));
  if (*end)
    return RNN_OK;
  if (!source->stream_begun &&
      rnn_encoder_begin_stream(filter->encoder, &facts, rnn_stream_reader_symbols(source->stream),
                               rnn_stream_reader_labels(source->stream), error) != RNN_OK)
    return rnn_error_prefix(error, "%s", rnn_input_name(source->input));
  source->stream_begun = true;
  status = rnn_encoder_add_sequence(filter->encoder, &sequence, error);
  if (status == RNN_DATA)
    return rnn_error_prefix(error, "%s: sequence %zu", rnn_input_name(source->input), (size_t)sequence.index + 1);
out:
  return status;
}

static enum rnn_status add_from_text(struct rnn_filter *filter, struct source *source, bool *end,
                                     struct rnn_error *error)
{
  enum rnn_status status;
  size_t i = rnn_encoder_count(filter->encoder);
  struct rnn_record *record = &filter->record[i];
  if (i == filter->records)
    rnn_record_init(&filter->record[filter->records++]);
  if (filter->parts)
    RNN_TRY(source->format->next_part(source->input, &filter->reader, filter->part_steps, record, end, error));
  else
    RNN_TRY(source->format->next(source->input, &filter->reader, record, end, error));
  if (*end || (record->filler && !filter->style.echo))
    return RNN_OK;
  status = rnn_encoder_add(filter->encoder, record, error);
  if (status == RNN_DATA)
    return rnn_record_blame(record, rnn_input_name(source->input), error);
out:
  return status;
}

/* What stands for a record that could not be read: its own lines where answers go into them, else an empty answer. */
static enum rnn_status mark_record(struct rnn_filter *filter, const struct source *source, struct rnn_error *error)
{
  struct rnn_record *record = &filter->record[rnn_encoder_count(filter->encoder)];
  if (filter->scores || filter->options->on_error == RNN_ON_ERROR_SKIP)
    return RNN_OK;
  if (!filter->style.echo || !source->format->many_lines)
    return rnn_encoder_add_empty(filter->encoder, error);
  record->steps = 0;
  record->filler = true;
  return rnn_encoder_add(filter->encoder, record, error);
}

/* The next record, or what --on-error has in its place. */
static enum rnn_status add_record(struct rnn_filter *filter, struct source *source, bool *end, struct rnn_error *error)
{
  if (source->stream != NULL)
    return add_from_stream(filter, source, end, error);
  struct rnn_error sentence = {0};
  enum rnn_status status = add_from_text(filter, source, end, &sentence);
  if (status == RNN_DATA && filter->options->on_error != RNN_ON_ERROR_FAIL) {
    rnn_program_warn(filter->options, "%s", sentence.text);
    filter->bad++;
    return mark_record(filter, source, error);
  }
  if (status != RNN_OK)
    *error = sentence;
  return status;
}

bool rnn_filter_is_part(const struct rnn_filter *filter, size_t i)
{
  const struct rnn_record *record = rnn_encoder_record(filter->encoder, i);
  return record != NULL && (record->continues || record->more);
}

static bool is_full(const struct rnn_filter *filter)
{
  size_t width = filter->model->frame_width, steps = rnn_encoder_steps(filter->encoder);
  size_t count = rnn_encoder_count(filter->encoder), most = filter->parts && filter->live ? 1 : filter->most_records;
  bool part = count > 0 && rnn_filter_is_part(filter, count - 1);
  return part || count >= most || steps >= MOST_STEPS || steps * width >= MOST_NUMBERS;
}

static bool is_long(const struct rnn_record *record)
{
  return record->raw.length_bytes > KEPT_BYTES || record->steps * record->frame_width * sizeof(float) > KEPT_BYTES;
}

/* A long record's memory is not kept for the next ones, but a sequence that goes on keeps its record, as the first. */
static void leave_records(struct rnn_filter *filter)
{
  struct rnn_record *last = &filter->record[filter->count - 1], kept = *last;
  if (last->more) {
    *last = filter->record[0];
    filter->record[0] = kept;
  }
  for (size_t i = kept.more; i < filter->count; i++)
    if (is_long(&filter->record[i]))
      rnn_record_clear(&filter->record[i]);
}

/* Answers what is there. */
static enum rnn_status answer_batch(struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  filter->count = rnn_encoder_count(filter->encoder);
  if (filter->count == 0)
    return RNN_OK;
  for (size_t i = 0; i < filter->count; i++) {
    filter->storage[i] = rnn_encoder_sequence(filter->encoder, i);
    filter->storage[i].index = filter->first + i;
  }
  filter->sequence = filter->storage;
  RNN_TRY(filter->answer(filter, error));
  if (filter->options->line_buffered || (filter->parts && filter->live))
    RNN_TRY(rnn_output_flush(filter->output, error));
  rnn_encoder_reset(filter->encoder);
  filter->first += filter->count - filter->record[filter->count - 1].more;
  leave_records(filter);
out:
  return status;
}

static bool would_block(const struct rnn_filter *filter, const struct source *source)
{
  if (filter->parts && filter->live)
    return rnn_input_would_block(source->input);
  if (source->stream != NULL)
    return !rnn_stream_reader_ready(source->stream) && rnn_input_would_block(source->input);
  return rnn_format_would_block(source->format, source->input);
}

static enum rnn_status answer_source(struct rnn_filter *filter, struct source *source, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (bool end = false; !end;) {
    bool waits = would_block(filter, source);
    if (waits || is_full(filter))
      RNN_TRY(answer_batch(filter, error));
    if (waits)
      RNN_TRY(rnn_output_flush(filter->output, error));
    RNN_TRY(add_record(filter, source, &end, error));
  }
  RNN_TRY(answer_batch(filter, error));
out:
  return status;
}

static enum rnn_status answer_operand(struct rnn_filter *filter, const char *name, struct rnn_error *error)
{
  enum rnn_status status;
  struct source source;
  RNN_TRY(open_source(&source, filter, name, error));
  filter->parts = filter->part_steps > 0 && source.format != NULL && source.format->next_part != NULL;
  filter->style.misc = source.format != NULL && strcmp(source.format->name, "conllu") == 0;
  RNN_TRY(answer_source(filter, &source, error));
out:
  if (status == RNN_DATA) { /* what came before it is answered */
    struct rnn_error ignored;
    if (answer_batch(filter, &ignored) == RNN_OK)
      (void)!rnn_output_flush(filter->output, &ignored);
  }
  close_source(&source);
  return status;
}

enum rnn_status rnn_filter_run(struct rnn_filter *filter, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  filter->reader.fills = filter->named && !filter->scores;
  for (size_t i = 0; i < filter->options->operands; i++)
    RNN_TRY(answer_operand(filter, filter->options->operand[i], error));
out:
  return status;
}

enum rnn_status rnn_filter_blame(const struct rnn_filter *filter, size_t i, struct rnn_error *error)
{
  const struct rnn_record *record = rnn_encoder_record(filter->encoder, i);
  if (record == NULL || record->line == 0)
    return rnn_error_prefix(error, "record %llu", (unsigned long long)(filter->first + i + 1));
  return rnn_error_prefix(error, "line %llu", (unsigned long long)record->line);
}
