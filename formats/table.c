/* Tables of text cells. */
#include "table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "number.h"

struct cell {
  size_t begin, length_bytes;
};

struct rnn_table {
  size_t columns, cells, capacity_cells;
  struct cell *cell;
  char *bytes;
  size_t used, capacity_bytes;
  size_t *width; /* [columns] in characters */
};

enum rnn_status rnn_table_create(struct rnn_table **table, size_t columns, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_table *fresh = NULL;
  *table = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a table", error));
  fresh->columns = columns;
  RNN_TRY(rnn_memory_new(&fresh->width, columns, sizeof *fresh->width, "a table", error));
  *table = fresh;
  fresh = NULL;
out:
  rnn_table_free(fresh);
  return status;
}

void rnn_table_free(struct rnn_table *table)
{
  if (table == NULL)
    return;
  rnn_memory_free(table->cell);
  rnn_memory_free(table->bytes);
  rnn_memory_free(table->width);
  rnn_memory_free(table);
}

/* Code points, near enough to columns on a terminal. */
static size_t width_of(const char *bytes, size_t length_bytes)
{
  size_t width = 0;
  for (size_t i = 0; i < length_bytes; i++)
    width += ((unsigned char)bytes[i] & 0xC0) != 0x80;
  return width;
}

enum rnn_status rnn_table_add(struct rnn_table *table, const char *bytes, size_t length_bytes, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(
      rnn_memory_grow(&table->cell, &table->capacity_cells, table->cells + 1, sizeof *table->cell, "a table", error));
  RNN_TRY(rnn_memory_grow(&table->bytes, &table->capacity_bytes, table->used + length_bytes + 1, 1, "a table", error));
  table->cell[table->cells] = (struct cell){.begin = table->used, .length_bytes = length_bytes};
  for (size_t i = 0; i < length_bytes; i++)
    table->bytes[table->used++] = (unsigned char)bytes[i] < 0x20 ? ' ' : bytes[i];
  size_t width = width_of(bytes, length_bytes), *widest = &table->width[table->cells % table->columns];
  *widest = width > *widest ? width : *widest;
  table->cells++;
out:
  return status;
}

enum rnn_status rnn_table_add_text(struct rnn_table *table, const char *text, struct rnn_error *error)
{
  return rnn_table_add(table, text, strlen(text), error);
}

enum rnn_status rnn_table_add_count(struct rnn_table *table, uint64_t count, struct rnn_error *error)
{
  char text[RNN_NUMBER_BYTES];
  snprintf(text, sizeof text, "%" PRIu64, count);
  return rnn_table_add_text(table, text, error);
}

enum rnn_status rnn_table_add_number(struct rnn_table *table, double number, struct rnn_error *error)
{
  char text[RNN_NUMBER_BYTES];
  return rnn_table_add_text(table, isnan(number) ? "-" : rnn_number_float((float)number, text), error);
}

static bool is_number(const char *bytes, size_t length_bytes)
{
  double value;
  return (length_bytes == 1 && *bytes == '-') || rnn_number_parse_double(bytes, length_bytes, &value);
}

static enum rnn_status write_blanks(struct rnn_output *output, size_t count, struct rnn_error *error)
{
  return rnn_output_print(output, error, "%*s", (int)count, "");
}

static enum rnn_status write_cell(const struct rnn_table *table, size_t i, struct rnn_output *output, bool aligned,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  size_t column = i % table->columns;
  bool last = column + 1 == table->columns, inside = i < table->cells;
  const char *bytes = inside ? table->bytes + table->cell[i].begin : "";
  size_t length_bytes = inside ? table->cell[i].length_bytes : 0;
  size_t padding = aligned ? table->width[column] - width_of(bytes, length_bytes) : 0;
  bool right = is_number(bytes, length_bytes);
  if (right)
    RNN_TRY(write_blanks(output, padding, error));
  RNN_TRY(rnn_output_write(output, bytes, length_bytes, error));
  if (!right && !last)
    RNN_TRY(write_blanks(output, padding, error));
  RNN_TRY(rnn_output_write(output, last ? "\n" : aligned ? "  " : "\t", aligned && !last ? 2 : 1, error));
out:
  return status;
}

enum rnn_status rnn_table_write(struct rnn_table *table, struct rnn_output *output, bool aligned,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t rows = (table->cells + table->columns - 1) / table->columns;
  for (size_t i = 0; i < rows * table->columns; i++)
    RNN_TRY(write_cell(table, i, output, aligned, error));
out:
  return status;
}
