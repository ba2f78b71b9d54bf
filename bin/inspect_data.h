/* What the views that compute look at: a model, and sequences in its numbers. */
#ifndef RNN_INSPECT_DATA_H
#define RNN_INSPECT_DATA_H

#include "corpus.h"
#include "inspect.h"

struct inspect_data {
  struct rnn_model *model;       /* read, or with --set new, its parameters random */
  struct rnn_sequence *sequence; /* [sequences] with targets: what the model reads, cut as --steps says */
  size_t sequences;              /* as many as --sequences says */
  size_t all;                    /* that there were */
  bool cut;                      /* one was longer than --steps */
  /* storage */
  struct inspect_source source;
  struct rnn_dataset dataset;
  int32_t *next;     /* targets of RNN_COMPLETE */
  int32_t *original; /* [S] the symbols' numbers in dataset.symbols */
};

/* The model is -m, else standard input, else (with --set) made for the data; the data is the operands, else standard
 * input where the model is not. Data without targets has none. Of several columns of tags the first, or that of
 * --column, is left, unless inspect->every_column. RNN_DATA for data of another task. Released with inspect_data_close,
 * whatever the answer. */
enum rnn_status inspect_data_open(const struct inspect *inspect, struct inspect_data *data,
                                  struct rnn_error *error) RNN_MUST_CHECK;
/* The same with a few short random sequences for data. */
enum rnn_status inspect_data_draw(const struct inspect *inspect, struct inspect_data *data,
                                  struct rnn_error *error) RNN_MUST_CHECK;
void inspect_data_close(struct inspect_data *data);

/* The number of a step's symbol in dataset.symbols; of symbols alone. */
int32_t inspect_data_symbol(const struct inspect_data *data, size_t sequence, size_t t);

/* The symbol of a step, as it was read; "" for a frame. */
const char *inspect_data_token(const struct inspect_data *data, size_t sequence, size_t t, size_t *length_bytes);

/* The string of a class; "(end)" for the stop symbol of RNN_COMPLETE. */
const char *inspect_data_class(const struct inspect_data *data, int32_t number, size_t *length_bytes);

/* Longest of the sequences, in steps. */
size_t inspect_data_longest(const struct inspect_data *data);

#endif
