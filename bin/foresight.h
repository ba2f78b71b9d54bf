/* --score and --test of rnn-complete: how well a model foresees each symbol of its input from those before. */
#ifndef RNN_FORESIGHT_H
#define RNN_FORESIGHT_H

#include "filter.h"
#include "predictor.h"

struct rnn_foreseen {
  double nats; /* -log y_t[symbol of step t+1], summed; at the last step the stop symbol is what comes */
  uint64_t symbols, correct;
};

struct rnn_foresight {
  bool lines;    /* bits per symbol of each record */
  bool measures; /* of all records, at the end */
  struct rnn_filter *filter;
  struct rnn_predictor *predictor;
  struct rnn_foreseen *foreseen; /* [count] of the batch */
  size_t capacity;
  struct rnn_foreseen all;
};

/* The filter will answer so; it must outlive the foresight. */
enum rnn_status rnn_foresight_open(struct rnn_foresight *foresight, struct rnn_filter *filter,
                                   struct rnn_error *error) RNN_MUST_CHECK;
void rnn_foresight_close(struct rnn_foresight *foresight); /* releases all that open has taken */

/* Nats, bits, perplexity, accuracy; nothing where there was no symbol to foresee. */
enum rnn_status rnn_foresight_write(struct rnn_foresight *foresight, struct rnn_error *error) RNN_MUST_CHECK;

#endif
