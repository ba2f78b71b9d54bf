/* Tasks, levels and the corpus. */
#include "sequence.h"

#include <string.h>

#define XXH_INLINE_ALL
#define XXH_STATIC_LINKING_ONLY /* the state of a digest may lie on the stack */
#include <xxhash.h>

#include "memory.h"

static const char *const tasks[] = {[RNN_COMPLETE] = "complete", [RNN_TAG] = "tag", [RNN_CLASSIFY] = "classify"};
static const char *const levels[] = {[RNN_LEVEL_WORD] = "word", [RNN_LEVEL_CHAR] = "char", [RNN_LEVEL_BYTE] = "byte"};

const char *rnn_task_name(enum rnn_task task)
{
  return tasks[task];
}

const char *rnn_level_name(enum rnn_level level)
{
  return levels[level];
}

bool rnn_level_find(const char *name, enum rnn_level *level)
{
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
    if (strcmp(name, levels[i]) == 0) {
      *level = (enum rnn_level)i;
      return true;
    }
  return false;
}

void rnn_corpus_init(struct rnn_corpus *corpus, enum rnn_task task, size_t frame_width)
{
  *corpus = (struct rnn_corpus){.task = task, .frame_width = frame_width};
}

void rnn_corpus_clear(struct rnn_corpus *corpus)
{
  struct rnn_spool *spool = corpus->spool;
  rnn_spool_free(spool, corpus->begin);
  rnn_spool_free(spool, corpus->symbol);
  rnn_spool_free(spool, corpus->frame);
  rnn_spool_free(spool, corpus->tag);
  rnn_spool_free(spool, corpus->label);
  rnn_lexicon_free(corpus->lexicon);
  rnn_corpus_init(corpus, corpus->task, corpus->frame_width);
  corpus->spool = spool;
}

static enum rnn_status grow(struct rnn_corpus *corpus, size_t steps, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t numbers, tags;
  steps = steps == 0 ? 1 : steps; /* no array is NULL once there is a sequence */
  RNN_TRY(rnn_spool_grow(corpus->spool, &corpus->begin, &corpus->capacity_begin, corpus->count + 2,
                         sizeof *corpus->begin, "a corpus", error));
  if (corpus->task == RNN_CLASSIFY)
    RNN_TRY(rnn_spool_grow(corpus->spool, &corpus->label, &corpus->capacity_sequences, corpus->count + 1,
                           sizeof *corpus->label, "a corpus", error));
  if (!rnn_size_multiply(steps, rnn_columns_count(&corpus->columns), &tags))
    tags = SIZE_MAX;
  if (corpus->task == RNN_TAG)
    RNN_TRY(rnn_spool_grow(corpus->spool, &corpus->tag, &corpus->capacity_tags, tags, sizeof *corpus->tag, "a corpus",
                           error));
  if (corpus->frame_width == 0)
    return rnn_spool_grow(corpus->spool, &corpus->symbol, &corpus->capacity_symbols, steps, sizeof *corpus->symbol,
                          "a corpus", error);
  if (!rnn_size_multiply(steps, corpus->frame_width, &numbers))
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: %zu frames of %zu numbers", steps, corpus->frame_width);
  status = rnn_spool_grow(corpus->spool, &corpus->frame, &corpus->capacity_frames, numbers, sizeof *corpus->frame,
                          "a corpus", error);
out:
  return status;
}

enum rnn_status rnn_corpus_add(struct rnn_corpus *corpus, const struct rnn_sequence *sequence, struct rnn_error *error)
{
  size_t first = rnn_corpus_steps(corpus), length = sequence->length, columns = rnn_columns_count(&corpus->columns),
         steps;
  if (!rnn_size_add(first, length, &steps))
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: %zu steps more", length);
  enum rnn_status status = grow(corpus, steps, error);
  if (status != RNN_OK)
    return status;
  if (length > 0 && corpus->frame_width == 0)
    memcpy(corpus->symbol + first, sequence->symbol, length * sizeof *corpus->symbol);
  if (length > 0 && corpus->frame_width > 0)
    memcpy(corpus->frame + first * corpus->frame_width, sequence->frame,
           length * corpus->frame_width * sizeof *corpus->frame);
  if (length > 0 && corpus->task == RNN_TAG)
    memcpy(corpus->tag + first * columns, sequence->target, length * columns * sizeof *corpus->tag);
  if (corpus->task == RNN_CLASSIFY)
    corpus->label[corpus->count] = sequence->label;
  corpus->count++;
  corpus->begin[corpus->count] = steps;
  return RNN_OK;
}

int32_t *rnn_corpus_targets(const struct rnn_corpus *corpus, size_t *count)
{
  if (corpus->task == RNN_TAG)
    *count = rnn_corpus_steps(corpus) * rnn_columns_count(&corpus->columns);
  else
    *count = corpus->task == RNN_CLASSIFY ? corpus->count : 0;
  return corpus->task == RNN_TAG ? corpus->tag : corpus->label;
}

struct rnn_sequence rnn_corpus_sequence(const struct rnn_corpus *corpus, size_t i)
{
  size_t first = corpus->begin[i], columns = rnn_columns_count(&corpus->columns);
  return (struct rnn_sequence){.length = corpus->begin[i + 1] - first,
                               .symbol = corpus->frame_width == 0 ? corpus->symbol + first : NULL,
                               .frame = corpus->frame_width > 0 ? corpus->frame + first * corpus->frame_width : NULL,
                               .target = corpus->task == RNN_TAG ? corpus->tag + first * columns : NULL,
                               .label = corpus->task == RNN_CLASSIFY ? corpus->label[i] : RNN_ABSENT,
                               .lexicon = corpus->lexicon,
                               .index = i};
}

struct rnn_sequence rnn_sequence_part(const struct rnn_sequence *whole, size_t from, size_t steps, size_t frame_width,
                                      size_t columns)
{
  size_t left = whole->length - from, place = rnn_sequence_place(whole, from);
  struct rnn_sequence part = *whole;
  part.length = left < steps ? left : steps;
  part.head = from < whole->head ? whole->head - from : 0;
  part.gap = from < whole->head ? whole->gap : 0;
  part.symbol = whole->symbol == NULL ? NULL : whole->symbol + place;
  part.frame = whole->frame == NULL ? NULL : whole->frame + place * frame_width;
  part.target = whole->target == NULL ? NULL : whole->target + place * columns;
  if (part.length < left) {
    part.last_target = NULL;
    part.label = RNN_ABSENT;
  }
  return part;
}

size_t rnn_sequence_offset(const struct rnn_sequence *part, const struct rnn_sequence *whole, size_t frame_width)
{
  return part->symbol != NULL ? (size_t)(part->symbol - whole->symbol)
                              : (size_t)(part->frame - whole->frame) / frame_width;
}

struct rnn_sequence rnn_sequence_kept(const struct rnn_sequence *whole, size_t most, enum rnn_kept kept,
                                      size_t frame_width)
{
  struct rnn_sequence read = *whole;
  if (most == 0 || whole->length <= most)
    return read;
  size_t left_out = whole->length - most;
  if (kept == RNN_KEPT_LAST)
    return rnn_sequence_part(whole, left_out, most, frame_width, 1);
  read.length = most;
  if (kept == RNN_KEPT_ENDS) {
    read.head = (most + 1) / 2;
    read.gap = left_out;
  }
  return read;
}

/* The digest of an array goes on from the digest of those before it. It is of the little end of each number first, so
 * that it is the same on every machine. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static uint64_t digest_more(uint64_t digest, const void *array, size_t count, size_t size_bytes)
{
  return array == NULL ? digest : XXH3_64bits_withSeed(array, count * size_bytes, digest);
}
#else
static uint64_t digest_more(uint64_t digest, const void *array, size_t count, size_t size_bytes)
{
  const unsigned char *from = array;
  unsigned char turned[sizeof(uint64_t)];
  XXH3_state_t state;
  if (array == NULL)
    return digest;
  XXH3_64bits_reset_withSeed(&state, digest);
  for (size_t i = 0; i < count; i++, from += size_bytes) {
    for (size_t b = 0; b < size_bytes; b++)
      turned[b] = from[size_bytes - 1 - b];
    XXH3_64bits_update(&state, turned, size_bytes);
  }
  return XXH3_64bits_digest(&state);
}
#endif

uint64_t rnn_corpus_digest(const struct rnn_corpus *corpus)
{
  uint64_t head[3] = {(uint64_t)corpus->task, corpus->frame_width, corpus->count};
  size_t steps = rnn_corpus_steps(corpus);
  uint64_t digest = digest_more(0, head, 3, sizeof *head);
  for (size_t i = 0; i < corpus->count; i++) {
    uint64_t length = corpus->begin[i + 1] - corpus->begin[i];
    digest = digest_more(digest, &length, 1, sizeof length);
  }
  digest = digest_more(digest, corpus->symbol, steps, sizeof *corpus->symbol);
  digest = digest_more(digest, corpus->frame, steps * corpus->frame_width, sizeof *corpus->frame);
  digest = digest_more(digest, corpus->tag, steps * rnn_columns_count(&corpus->columns), sizeof *corpus->tag);
  return digest_more(digest, corpus->label, corpus->count, sizeof *corpus->label);
}
