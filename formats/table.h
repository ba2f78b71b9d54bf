/* A small table: tab-separated values for a pipe, columns side by side for people. */
#ifndef RNN_TABLE_H
#define RNN_TABLE_H

#include "output.h"

struct rnn_table;

enum rnn_status rnn_table_create(struct rnn_table **table, size_t columns, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_table_free(struct rnn_table *table); /* NULL is allowed */

/* Adds the next cell, row by row. Tabs and line ends become blanks. */
enum rnn_status rnn_table_add(struct rnn_table *table, const char *bytes, size_t length_bytes,
                              struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_table_add_text(struct rnn_table *table, const char *text, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_table_add_count(struct rnn_table *table, uint64_t count, struct rnn_error *error) RNN_MUST_CHECK;
/* The shortest form that reads back as a float, "-" for NAN. */
enum rnn_status rnn_table_add_number(struct rnn_table *table, double number, struct rnn_error *error) RNN_MUST_CHECK;

/* Writes all rows; `aligned`: padded with blanks, numbers to the right. An unfinished last row is filled up with empty
 * cells. */
enum rnn_status rnn_table_write(struct rnn_table *table, struct rnn_output *output, bool aligned,
                                struct rnn_error *error) RNN_MUST_CHECK;

#endif
