/* Several columns of tags: their names, and labels that say of which column they are.
 *
 * The labels of all columns are one vocabulary: "upos=NOUN" is NOUN of the column upos, so that one number says both.
 * Where there is but one column, it has no name and its labels are as they are. */
#ifndef RNN_COLUMN_H
#define RNN_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

enum { RNN_MOST_COLUMNS = 8, RNN_COLUMN_NAME_BYTES = 32, RNN_COLUMNS_BYTES = RNN_MOST_COLUMNS * RNN_COLUMN_NAME_BYTES };

/* The classes of a column: numbers first ... first + k - 1. */
struct rnn_column {
  size_t first, k;
};

/* Zeroed: one column without a name. */
struct rnn_columns {
  size_t count;                                       /* 0, or 2 ... RNN_MOST_COLUMNS */
  char name[RNN_MOST_COLUMNS][RNN_COLUMN_NAME_BYTES]; /* in the order in which they were asked for */
};

/* 1 where they have no names. */
static inline size_t rnn_columns_count(const struct rnn_columns *columns)
{
  return columns->count == 0 ? 1 : columns->count;
}

/* Appends a name. False, and nothing is done, where it is empty, too long, there already, one too many, or has a
 * control character, ',' or '=' in it. */
bool rnn_columns_add(struct rnn_columns *columns, const char *name, size_t length_bytes);

/* From "upos,xpos,feats"; false where that is no list of names. A single name is a list of one. */
bool rnn_columns_read(struct rnn_columns *columns, const char *text);

/* And back; text [RNN_COLUMNS_BYTES]; answers text. */
const char *rnn_columns_write(const struct rnn_columns *columns, char *text);

/* The column of this name, or `count`. */
size_t rnn_columns_find(const struct rnn_columns *columns, const char *name, size_t length_bytes);

bool rnn_columns_equal(const struct rnn_columns *a, const struct rnn_columns *b);

/* The column that a label is of, *skip what stands before its own bytes: "xpos=" of "xpos=NN". Without names column 0
 * and 0; `count` where it is of none of them. */
size_t rnn_columns_of_label(const struct rnn_columns *columns, const char *label, size_t length_bytes, size_t *skip);

#endif
