/* Sequences as numbers: what a stream holds and what a network reads. */
#ifndef RNN_SEQUENCE_H
#define RNN_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "column.h"
#include "error.h"
#include "lexicon.h"
#include "spool.h"
#include "vocabulary.h"

enum rnn_task { RNN_COMPLETE, RNN_TAG, RNN_CLASSIFY }; /* follows from the targets: none, per step, per sequence */

const char *rnn_task_name(enum rnn_task task); /* "complete", "tag", "classify" */

/* Of the small picture that each picture of a video becomes. */
struct rnn_picture_size {
  size_t columns, rows; /* 0, 0: the numbers of a frame are no greys, or nobody knows */
};

/* How text became symbols, or pictures small; travels with a stream and a model, so that prediction does as training
 * did. */
enum rnn_level { RNN_LEVEL_WORD, RNN_LEVEL_CHAR, RNN_LEVEL_BYTE };
struct rnn_text {
  enum rnn_level level;
  bool lowercase;
  struct rnn_picture_size picture;
};
const char *rnn_level_name(enum rnn_level level); /* "word", "char", "byte" */
bool rnn_level_find(const char *name, enum rnn_level *level);

/* A view of one sequence; it owns nothing. T = length steps. Of what is read of a long one, the two ends may not lie side
 * by side: the steps from `head` on lie `gap` steps further, so that step t is at rnn_sequence_place. */
struct rnn_sequence {
  size_t length;
  size_t head, gap;                  /* gap 0: all lie side by side, [T] as below */
  const int32_t *symbol;             /* [T] numbers of symbols, RNN_ABSENT for one that is unknown; NULL for frames */
  const float *frame;                /* [T][n], NAN where a number is missing; or NULL */
  const int32_t *target;             /* [T] of the tag at each step or the symbol to come; of several columns of tags
                                        [T][columns]; NULL where there is none */
  const int32_t *last_target;        /* in place of target[T-1], which then is not read; NULL: nothing is */
  int32_t label;                     /* of the whole sequence, RNN_ABSENT where there is none */
  const struct rnn_lexicon *lexicon; /* the words of `symbol`, NULL where the model knows them by number alone */
  uint64_t index;                    /* its place in the corpus or the stream: keys its random numbers */
};

static inline size_t rnn_sequence_place(const struct rnn_sequence *sequence, size_t t)
{
  return t < sequence->head ? t : t + sequence->gap;
}

/* Steps [from, from + steps) of `whole`, or as many as there are. It has the label and the last target only if it
 * reaches the end. frame_width is 0 for symbols; columns are those of tags, 1 where there are no tags. */
struct rnn_sequence rnn_sequence_part(const struct rnn_sequence *whole, size_t from, size_t steps, size_t frame_width,
                                      size_t columns);

/* How many steps after `whole`, in the arrays of both, its part begins. */
size_t rnn_sequence_offset(const struct rnn_sequence *part, const struct rnn_sequence *whole, size_t frame_width);

enum rnn_kept { RNN_KEPT_LAST, RNN_KEPT_FIRST, RNN_KEPT_ENDS }; /* which steps of a long sequence */

/* What is read of a labelled sequence: all of it, or of a longer one `most` steps; 0: all. */
struct rnn_sequence rnn_sequence_kept(const struct rnn_sequence *whole, size_t most, enum rnn_kept kept,
                                      size_t frame_width);

/* Many sequences in four arrays; 4 bytes a symbol. Owns everything below. */
struct rnn_corpus {
  enum rnn_task task;
  size_t frame_width;          /* n for frames, 0 for symbols */
  size_t count;                /* N sequences */
  size_t *begin;               /* [N+1] offsets in steps */
  int32_t *symbol;             /* [S], S = begin[N]; NULL for frames */
  float *frame;                /* [S][frame_width]; NULL for symbols */
  struct rnn_columns columns;  /* of tags; set by the caller, after init, where there are several */
  int32_t *tag;                /* [S][columns]; NULL unless the task is RNN_TAG */
  int32_t *label;              /* [N]; NULL unless the task is RNN_CLASSIFY */
  struct rnn_lexicon *lexicon; /* the words, once the symbols are in the numbers of a model with features; else NULL */
  struct rnn_spool *spool;     /* where arrays that are large lie; not owned, set after init; NULL: in memory */
  size_t capacity_sequences, capacity_begin, capacity_symbols, capacity_frames, capacity_tags;
};

void rnn_corpus_init(struct rnn_corpus *corpus, enum rnn_task task, size_t frame_width);
void rnn_corpus_clear(struct rnn_corpus *corpus); /* releases what it owns; but for spool it is as after
                                                   * init */

/* Appends a copy of one sequence: symbols or frames as the corpus has them, `target` holds tags for RNN_TAG. */
enum rnn_status rnn_corpus_add(struct rnn_corpus *corpus, const struct rnn_sequence *sequence,
                               struct rnn_error *error) RNN_MUST_CHECK;

/* S, the steps of all sequences together; 0 for an empty corpus, whose `begin` is NULL. */
static inline size_t rnn_corpus_steps(const struct rnn_corpus *corpus)
{
  return corpus->count == 0 ? 0 : corpus->begin[corpus->count];
}

/* The targets of a corpus that has them, tags or labels, RNN_ABSENT where there is none; NULL and *count = 0 for
 * RNN_COMPLETE. */
int32_t *rnn_corpus_targets(const struct rnn_corpus *corpus, size_t *count);

/* A view of sequence i; valid until the corpus changes. For RNN_COMPLETE target is NULL: rnn_model_next_symbols makes
 * the targets, since the stop symbol is the model's. */
struct rnn_sequence rnn_corpus_sequence(const struct rnn_corpus *corpus, size_t i);

/* XXH3 of the task, the lengths, the symbols or frames and the targets, in order: what training depends on. */
uint64_t rnn_corpus_digest(const struct rnn_corpus *corpus);

#endif
