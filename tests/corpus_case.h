/* Small corpora and their training, for the tests of models and trainers. */
#ifndef CORPUS_CASE_H
#define CORPUS_CASE_H

#include "loss.h"
#include "model.h"
#include "trainer.h"

/* A corpus as a reader leaves it: numbers in the order of arrival. */
struct corpus_case {
  struct rnn_corpus corpus;
  struct rnn_vocabulary *symbols, *labels;
};

void corpus_case_init(struct corpus_case *it, enum rnn_task task);
void corpus_case_clear(struct corpus_case *it);

/* Symbols apart by blanks; `targets` is the label, or the tags apart by blanks (of several columns, those of a step one
 * after another: "upos=N xpos=NN upos=V xpos=VB"), or NULL. */
void corpus_case_add(struct corpus_case *it, const char *symbols, const char *targets);

/* All defaults but what "key=value key=value" says. */
struct rnn_config config_case(const char *settings);

/* A model for the corpus, which is renumbered. */
struct rnn_model *model_case(struct corpus_case *it, const char *settings);
void corpus_case_adopt(struct corpus_case *it, const struct rnn_model *model);

/* What happened in a training. */
struct training_case {
  enum rnn_status status;
  struct rnn_error error;
  size_t updates, epochs, backs;
};

/* Trains the model to the end. */
struct training_case train_case(struct rnn_model *model, const struct rnn_corpus *train, const struct rnn_corpus *valid,
                                size_t threads);

/* The loss of a corpus in the model's numbers, of several columns the first one's; and of each. */
struct rnn_loss measure_case(struct rnn_model *model, const struct rnn_corpus *corpus, size_t threads);
void measure_columns_case(struct rnn_model *model, const struct rnn_corpus *corpus, size_t threads,
                          struct rnn_loss loss[RNN_MOST_COLUMNS]);

#endif
