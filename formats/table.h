/* A small table: tab-separated values for a pipe, columns side by side for people, JSON Lines for programs. */
#ifndef RNN_TABLE_H
#define RNN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output.h"

enum rnn_table_style { RNN_TABLE_TSV, RNN_TABLE_ALIGNED, RNN_TABLE_JSON };

struct rnn_table;

/* `columns` at least 1. */
enum rnn_status rnn_table_create(struct rnn_table **table, size_t columns, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_table_free(struct rnn_table *table); /* NULL is allowed */

/* Names the columns: the keys of JSON; with `heading`, the first line of the other styles too. `name` [columns] must
 * outlive the table. A table of two columns without names is a list of facts: in JSON one object for all rows. */
void rnn_table_name(struct rnn_table *table, const char *const *name, bool heading);

/* Each adds the next cell, row by row. Line ends, tabs, backslashes and control characters come out as \n, \t, \\, \x07
 * and so on, in JSON as JSON has it. */
enum rnn_status rnn_table_add(struct rnn_table *table, const char *bytes, size_t length_bytes,
                              struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_table_add_text(struct rnn_table *table, const char *text, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_table_add_count(struct rnn_table *table, uint64_t count, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_table_add_truth(struct rnn_table *table, bool truth, struct rnn_error *error) RNN_MUST_CHECK;
/* The shortest form that reads back as a float; "-" for NAN, null in JSON. */
enum rnn_status rnn_table_add_number(struct rnn_table *table, double number, struct rnn_error *error) RNN_MUST_CHECK;
/* The shortest form that reads back as a double, but at most six digits in aligned columns; NAN likewise. */
enum rnn_status rnn_table_add_real(struct rnn_table *table, double number, struct rnn_error *error) RNN_MUST_CHECK;
/* "64 x 128"; [64,128] in JSON. */
enum rnn_status rnn_table_add_shape(struct rnn_table *table, size_t rows, size_t columns,
                                    struct rnn_error *error) RNN_MUST_CHECK;
/* A cell for what does not exist: empty, null in JSON. */
enum rnn_status rnn_table_add_nothing(struct rnn_table *table, struct rnn_error *error) RNN_MUST_CHECK;

/* What has been added, by the name of its column: for pictures. Text as it would be shown in TSV, until the next call;
 * a number, NAN for what is none. */
size_t rnn_table_rows(const struct rnn_table *table);
const char *rnn_table_text(struct rnn_table *table, size_t row, const char *column, size_t *length_bytes);
double rnn_table_real(const struct rnn_table *table, size_t row, const char *column);

/* Writes all rows. Aligned columns are padded with blanks, numbers to the right. An unfinished last row is filled up
 * with empty cells. */
enum rnn_status rnn_table_write(struct rnn_table *table, struct rnn_output *output, enum rnn_table_style style,
                                struct rnn_error *error) RNN_MUST_CHECK;

#endif
