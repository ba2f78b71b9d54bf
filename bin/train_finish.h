/* What rnn-train makes once the network is trained: n-grams beside it, and probabilities that are as often right as
 * they say. */
#ifndef TRAIN_FINISH_H
#define TRAIN_FINISH_H

#include "train_report.h"

struct rnn_train_finish {
  const struct rnn_train_report *report;
  struct rnn_model *model;
  struct rnn_corpus *train, *valid; /* valid may be empty; what is held back goes to train in the end */
  bool held_back;                   /* valid is a part of the data that nobody asked to hold out */
  struct rnn_pool *pool;
};

enum rnn_status rnn_train_finish(const struct rnn_train_finish *finish, struct rnn_error *error) RNN_MUST_CHECK;

#endif
