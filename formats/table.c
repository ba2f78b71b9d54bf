/* Tables of cells, in three styles. */
#include "table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <uniwidth.h>

#include "json_text.h"
#include "memory.h"
#include "number.h"
#include "utf8.h"

enum kind { TEXT, NUMBER, REAL, TRUTH, SHAPE, NOTHING };

struct cell {
  enum kind kind;
  union {
    struct {
      size_t begin, length_bytes; /* in table->bytes */
    };                            /* TEXT, NUMBER */
    double real;
    bool truth;
    size_t shape[2];
  };
};

struct rnn_table {
  const char *const *name;
  bool heading;
  size_t columns, cells, capacity_cells;
  struct cell *cell;
  char *bytes;
  size_t used, capacity_bytes;
  size_t *width; /* [columns] in columns of a terminal */
  char *scratch; /* one cell as it is to be shown */
  size_t capacity_scratch;
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
  rnn_memory_free(table->scratch);
  rnn_memory_free(table);
}

void rnn_table_name(struct rnn_table *table, const char *const *name, bool heading)
{
  table->name = name;
  table->heading = heading;
}

/* ---- cells ---- */

static enum rnn_status add_cell(struct rnn_table *table, struct cell cell, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(
      rnn_memory_grow(&table->cell, &table->capacity_cells, table->cells + 1, sizeof *table->cell, "a table", error));
  table->cell[table->cells++] = cell;
out:
  return status;
}

static enum rnn_status add_bytes(struct rnn_table *table, enum kind kind, const char *bytes, size_t length_bytes,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_memory_grow(&table->bytes, &table->capacity_bytes, table->used + length_bytes + 1, 1, "a table", error));
  RNN_TRY(add_cell(table, (struct cell){.kind = kind, .begin = table->used, .length_bytes = length_bytes}, error));
  memcpy(table->bytes + table->used, bytes, length_bytes);
  table->used += length_bytes;
out:
  return status;
}

enum rnn_status rnn_table_add(struct rnn_table *table, const char *bytes, size_t length_bytes, struct rnn_error *error)
{
  return add_bytes(table, TEXT, bytes, length_bytes, error);
}

enum rnn_status rnn_table_add_text(struct rnn_table *table, const char *text, struct rnn_error *error)
{
  return add_bytes(table, TEXT, text, strlen(text), error);
}

enum rnn_status rnn_table_add_count(struct rnn_table *table, uint64_t count, struct rnn_error *error)
{
  char text[RNN_NUMBER_BYTES];
  snprintf(text, sizeof text, "%" PRIu64, count);
  return add_bytes(table, NUMBER, text, strlen(text), error);
}

enum rnn_status rnn_table_add_number(struct rnn_table *table, double number, struct rnn_error *error)
{
  char text[RNN_NUMBER_BYTES];
  if (!isfinite(number))
    return rnn_table_add_real(table, number, error);
  rnn_number_float((float)number, text);
  return add_bytes(table, NUMBER, text, strlen(text), error);
}

enum rnn_status rnn_table_add_real(struct rnn_table *table, double number, struct rnn_error *error)
{
  return add_cell(table, (struct cell){.kind = REAL, .real = number}, error);
}

enum rnn_status rnn_table_add_truth(struct rnn_table *table, bool truth, struct rnn_error *error)
{
  return add_cell(table, (struct cell){.kind = TRUTH, .truth = truth}, error);
}

enum rnn_status rnn_table_add_shape(struct rnn_table *table, size_t rows, size_t columns, struct rnn_error *error)
{
  return add_cell(table, (struct cell){.kind = SHAPE, .shape = {rows, columns}}, error);
}

enum rnn_status rnn_table_add_nothing(struct rnn_table *table, struct rnn_error *error)
{
  return add_cell(table, (struct cell){.kind = NOTHING}, error);
}

/* ---- for people and pipes ---- */

/* Appends to the scratch, with what would break a line or a terminal escaped. */
static enum rnn_status show_bytes(struct rnn_table *table, const char *bytes, size_t length_bytes, size_t *length,
                                  struct rnn_error *error)
{
  static const char letters[] = "\n\t\r\\", names[] = "ntr\\", digits[] = "0123456789abcdef";
  enum rnn_status status;
  RNN_TRY(
      rnn_memory_grow(&table->scratch, &table->capacity_scratch, *length + 4 * length_bytes + 1, 1, "a table", error));
  for (size_t i = 0; i < length_bytes; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    const char *letter = byte == '\0' ? NULL : strchr(letters, byte);
    char *to = table->scratch + *length;
    if (letter != NULL) {
      memcpy(to, (char[]){'\\', names[letter - letters]}, 2);
      *length += 2;
    } else if (byte < 0x20 || byte == 0x7F) {
      memcpy(to, (char[]){'\\', 'x', digits[byte >> 4], digits[byte & 15]}, 4);
      *length += 4;
    } else {
      *to = (char)byte;
      ++*length;
    }
  }
out:
  return status;
}

/* The cell as it is shown, into the scratch. */
static enum rnn_status show_cell(struct rnn_table *table, const struct cell *cell, bool aligned, size_t *length,
                                 struct rnn_error *error)
{
  char text[2 * RNN_NUMBER_BYTES] = "";
  *length = 0;
  if (cell->kind == TEXT || cell->kind == NUMBER)
    return show_bytes(table, table->bytes + cell->begin, cell->length_bytes, length, error);
  if (cell->kind == TRUTH)
    strcpy(text, cell->truth ? "yes" : "no");
  else if (cell->kind == SHAPE)
    snprintf(text, sizeof text, "%zu x %zu", cell->shape[0], cell->shape[1]);
  else if (cell->kind == REAL && isnan(cell->real))
    strcpy(text, "-");
  else if (cell->kind == REAL && aligned)
    snprintf(text, sizeof text, "%.6g", cell->real);
  else if (cell->kind == REAL)
    rnn_number_double(cell->real, text);
  return show_bytes(table, text, strlen(text), length, error);
}

static size_t width_of(const char *bytes, size_t length_bytes)
{
  size_t width = 0, step;
  for (size_t i = 0; i < length_bytes; i += step) {
    step = rnn_utf8_step(bytes + i, length_bytes - i);
    int columns = step == 0 ? 1 : uc_width(rnn_utf8_code_point(bytes + i, step), "UTF-8");
    width += columns > 0 ? (size_t)columns : 0;
    step = step == 0 ? 1 : step;
  }
  return width;
}

static enum rnn_status write_shown(const struct rnn_table *table, const char *bytes, size_t length, size_t column,
                                   bool aligned, bool right, struct rnn_output *output, struct rnn_error *error)
{
  enum rnn_status status;
  bool last = column + 1 == table->columns;
  int padding = aligned ? (int)(table->width[column] - width_of(bytes, length)) : 0;
  if (right)
    RNN_TRY(rnn_output_print(output, error, "%*s", padding, ""));
  RNN_TRY(rnn_output_write(output, bytes, length, error));
  if (!right && !last)
    RNN_TRY(rnn_output_print(output, error, "%*s", padding, ""));
  RNN_TRY(rnn_output_print(output, error, "%s", last ? "\n" : aligned ? "  " : "\t"));
out:
  return status;
}

static enum rnn_status measure(struct rnn_table *table, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t column = 0; column < table->columns; column++)
    table->width[column] = table->heading ? width_of(table->name[column], strlen(table->name[column])) : 0;
  for (size_t i = 0; i < table->cells; i++) {
    size_t length, *widest = &table->width[i % table->columns];
    RNN_TRY(show_cell(table, &table->cell[i], true, &length, error));
    size_t width = width_of(table->scratch, length);
    *widest = width > *widest ? width : *widest;
  }
out:
  return status;
}

static bool is_facts(const struct rnn_table *table)
{
  return table->name == NULL && table->columns == 2;
}

static bool stands_right(const struct rnn_table *table, size_t i)
{
  return !is_facts(table) && i < table->cells && (table->cell[i].kind == NUMBER || table->cell[i].kind == REAL);
}

static enum rnn_status write_lines(struct rnn_table *table, struct rnn_output *output, bool aligned, size_t rows,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (aligned)
    RNN_TRY(measure(table, error));
  for (size_t column = 0; table->heading && column < table->columns; column++)
    RNN_TRY(write_shown(table, table->name[column], strlen(table->name[column]), column, aligned,
                        stands_right(table, column), output, error));
  for (size_t i = 0; i < rows * table->columns; i++) {
    size_t length = 0;
    if (i < table->cells)
      RNN_TRY(show_cell(table, &table->cell[i], aligned, &length, error));
    RNN_TRY(
        write_shown(table, table->scratch, length, i % table->columns, aligned, stands_right(table, i), output, error));
  }
out:
  return status;
}

/* ---- for programs ---- */

static enum rnn_status write_json_cell(const struct rnn_table *table, size_t i, struct rnn_output *output,
                                       struct rnn_error *error)
{
  static const struct cell nothing = {.kind = NOTHING};
  const struct cell *cell = i < table->cells ? &table->cell[i] : &nothing;
  switch (cell->kind) {
  case TEXT:
    return rnn_json_string(output, table->bytes + cell->begin, cell->length_bytes, error);
  case NUMBER:
    return rnn_output_write(output, table->bytes + cell->begin, cell->length_bytes, error);
  case REAL:
    return rnn_json_double(output, cell->real, error);
  case TRUTH:
    return rnn_output_print(output, error, "%s", cell->truth ? "true" : "false");
  case SHAPE:
    return rnn_output_print(output, error, "[%zu,%zu]", cell->shape[0], cell->shape[1]);
  case NOTHING:
    break;
  }
  return rnn_output_print(output, error, "null");
}

static enum rnn_status write_json_key(struct rnn_output *output, const char *key, size_t length_bytes, bool first,
                                      struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_output_print(output, error, "%s", first ? "{" : ","));
  RNN_TRY(rnn_json_string(output, key, length_bytes, error));
  RNN_TRY(rnn_output_print(output, error, ":"));
out:
  return status;
}

static enum rnn_status write_json(const struct rnn_table *table, struct rnn_output *output, size_t rows,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < rows * table->columns; i++) {
    size_t column = i % table->columns;
    RNN_TRY(write_json_key(output, table->name[column], strlen(table->name[column]), column == 0, error));
    RNN_TRY(write_json_cell(table, i, output, error));
    if (column + 1 == table->columns)
      RNN_TRY(rnn_output_print(output, error, "}\n"));
  }
out:
  return status;
}

static enum rnn_status write_json_facts(const struct rnn_table *table, struct rnn_output *output, size_t rows,
                                        struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (rows == 0)
    RNN_TRY(rnn_output_print(output, error, "{"));
  for (size_t row = 0; row < rows; row++) {
    const struct cell *name = &table->cell[2 * row];
    RNN_TRY(write_json_key(output, table->bytes + name->begin, name->length_bytes, row == 0, error));
    RNN_TRY(write_json_cell(table, 2 * row + 1, output, error));
  }
  RNN_TRY(rnn_output_print(output, error, "}\n"));
out:
  return status;
}

enum rnn_status rnn_table_write(struct rnn_table *table, struct rnn_output *output, enum rnn_table_style style,
                                struct rnn_error *error)
{
  size_t rows = (table->cells + table->columns - 1) / table->columns;
  if (style != RNN_TABLE_JSON)
    return write_lines(table, output, style == RNN_TABLE_ALIGNED, rows, error);
  if (table->name != NULL)
    return write_json(table, output, rows, error);
  if (is_facts(table))
    return write_json_facts(table, output, rows, error);
  return rnn_error_set(error, RNN_BUG, "a table of %zu columns without names cannot be JSON", table->columns);
}

/* ---- for pictures ---- */

size_t rnn_table_rows(const struct rnn_table *table)
{
  return (table->cells + table->columns - 1) / table->columns;
}

static const struct cell *find_cell(const struct rnn_table *table, size_t row, const char *column)
{
  static const struct cell nothing = {.kind = NOTHING};
  for (size_t i = 0; i < table->columns && table->name != NULL; i++)
    if (strcmp(table->name[i], column) == 0 && row * table->columns + i < table->cells)
      return &table->cell[row * table->columns + i];
  return &nothing;
}

const char *rnn_table_text(struct rnn_table *table, size_t row, const char *column, size_t *length_bytes)
{
  struct rnn_error error;
  *length_bytes = 0;
  if (show_cell(table, find_cell(table, row, column), false, length_bytes, &error) != RNN_OK || *length_bytes == 0)
    return "";
  return table->scratch;
}

double rnn_table_real(const struct rnn_table *table, size_t row, const char *column)
{
  const struct cell *cell = find_cell(table, row, column);
  double number = NAN;
  if (cell->kind == REAL)
    number = cell->real;
  else if (cell->kind == NUMBER && !rnn_number_parse_double(table->bytes + cell->begin, cell->length_bytes, &number))
    number = NAN;
  return number;
}
