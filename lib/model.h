/* A model: all that is needed to go from text or frames to labels, tags or completions. Const while it predicts.
 *
 * Numbers of symbols: 0 ... K-1 the vocabulary, then `stop` = K (only RNN_COMPLETE), then `unknown` (only if training
 * met symbols too rare to be kept). Without an unknown symbol a string never seen is RNN_ABSENT, and its x_t is zero.
 * n counts all of these; for RNN_COMPLETE k = n. With features, strings not in the vocabulary are strangers of a
 * lexicon (lexicon.h), numbered from n on. */
#ifndef RNN_MODEL_H
#define RNN_MODEL_H

#include "config.h"
#include "feature.h"
#include "parameters.h"
#include "span.h"
#include "vocabulary.h"
#include "wide.h"

/* One epoch of the training curve. Losses in nats a target; training is of all columns of tags, validation of the
 * first.
 */
struct rnn_epoch {
  uint32_t epoch;
  uint64_t updates;                              /* since the start */
  double train_nats, valid_nats, valid_accuracy; /* NAN where there was no validation */
  double learning_rate, gradient_norm, clipped;  /* mean norm before clipping; share of updates clipped */
};

struct rnn_model {
  enum rnn_task task;
  struct rnn_text text;
  struct rnn_config config;                   /* resolved */
  struct rnn_vocabulary *symbols;             /* with frequencies; NULL for frames */
  struct rnn_vocabulary *labels;              /* classes or tags, ordered by bytes; NULL for RNN_COMPLETE */
  struct rnn_columns columns;                 /* of tags, where there are several */
  struct rnn_column column[RNN_MOST_COLUMNS]; /* their labels; else the first is all classes */
  struct rnn_features *features;              /* of words, by their spelling; NULL without */
  bool unknown;                               /* there is an unknown symbol */
  size_t frame_width;                         /* numbers a frame, or 0 */
  struct rnn_parameters *parameters;
  struct rnn_wide *wide;     /* beside the network; NULL: there is none */
  struct rnn_epoch *history; /* [epochs] */
  size_t epochs, capacity_epochs;
  uint32_t best_epoch; /* the one these parameters are of */
  uint64_t train_sequences, train_steps;
  uint64_t data_digest; /* XXH3 of symbols and targets in order */
};

void rnn_model_free(struct rnn_model *model); /* NULL is allowed; frees all of the above */

size_t rnn_model_inputs(const struct rnn_model *model);   /* n of symbols; of frames, frame_width */
size_t rnn_model_classes(const struct rnn_model *model);  /* k */
int32_t rnn_model_stop(const struct rnn_model *model);    /* RNN_ABSENT unless RNN_COMPLETE */
int32_t rnn_model_unknown(const struct rnn_model *model); /* RNN_ABSENT without */

/* The number of a symbol as x_t, of a model without features: its own, else unknown's, else RNN_ABSENT. */
int32_t rnn_model_symbol(const struct rnn_model *model, const char *bytes, size_t length_bytes);

/* Once there are `labels` and `columns`: finds each column's part of them. RNN_DATA where a column has no label or a
 * label no column. */
enum rnn_status rnn_model_find_columns(struct rnn_model *model, struct rnn_error *error) RNN_MUST_CHECK;

/* The tags of one column. */
struct rnn_tags rnn_model_tags(const struct rnn_model *model, size_t column);

/* The string of class j: a label, a tag without its column's name, a symbol; "" for stop, "\xEF\xBF\xBD" (U+FFFD) for
 * unknown. */
const char *rnn_model_class(const struct rnn_model *model, size_t j, size_t *length_bytes);

/* The targets of RNN_COMPLETE: target[t] = symbol[t+1], at the last step the stop symbol. Both [length]. */
void rnn_model_next_symbols(const struct rnn_model *model, const int32_t *symbol, size_t length, int32_t *target);

/* Makes a model, its vocabularies and random parameters, from a training corpus whose numbers are those of `symbols`
 * (NULL for frames) and `labels` (NULL for RNN_COMPLETE). Counts how often each is met in the corpus: symbols met less
 * than config.min_count times become the unknown symbol, which also is there if config.word_dropout > 0; labels never
 * met are left out. Resolves its copy of `config`. Renumbers the corpus in place to the model's numbers; on failure
 * the corpus is of no further use. Takes nothing over. RNN_DATA for a corpus without steps or labels, RNN_BAD_CONFIG.
 */
enum rnn_status rnn_model_create(struct rnn_model **model, const struct rnn_config *config, struct rnn_text text,
                                 struct rnn_corpus *corpus, const struct rnn_vocabulary *symbols,
                                 const struct rnn_vocabulary *labels, struct rnn_error *error) RNN_MUST_CHECK;

/* The same of a tagger or classifier of symbols that starts from a completion model: symbols count as if the
 * corpus had followed that of `pretrained`. The parameters are random still; pretrained.h copies. */
enum rnn_status rnn_model_create_from(struct rnn_model **model, const struct rnn_model *pretrained,
                                      const struct rnn_config *config, struct rnn_text text, struct rnn_corpus *corpus,
                                      const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                      struct rnn_error *error) RNN_MUST_CHECK;

/* Renumbers another corpus (validation, continued training) to the model's numbers, by string. A label or tag the model
 * does not know becomes RNN_ABSENT (counts for nothing); *strange_labels counts the targets it happened to. RNN_DATA
 * if the task, the frame width or the columns of tags differ. */
enum rnn_status rnn_model_adopt(const struct rnn_model *model, struct rnn_corpus *corpus,
                                const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                size_t *strange_labels, struct rnn_error *error) RNN_MUST_CHECK;

/* True if the parameters at the end of `epoch` are to be kept rather than those of `best` (NULL: of none): fewer wrong
 * tags, of a tagger that is validated; else, and among equals, less loss, of validation if there is any. The loss of a
 * tagger that learns on grows while it still makes fewer mistakes. */
bool rnn_epoch_is_better(enum rnn_task task, const struct rnn_epoch *epoch, const struct rnn_epoch *best);

enum rnn_status rnn_model_add_epoch(struct rnn_model *model, const struct rnn_epoch *epoch,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* What the network reads of a sequence: of RNN_CLASSIFY what config.max_steps and config.kept leave, else all. */
struct rnn_sequence rnn_model_reads(const struct rnn_model *model, const struct rnn_sequence *sequence);

#endif
