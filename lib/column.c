/* Names of columns. */
#include "column.h"

#include <string.h>

static bool is_name(const char *name, size_t length_bytes)
{
  if (length_bytes == 0 || length_bytes >= RNN_COLUMN_NAME_BYTES)
    return false;
  for (size_t i = 0; i < length_bytes; i++)
    if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F || name[i] == ',' || name[i] == '=')
      return false;
  return true;
}

bool rnn_columns_add(struct rnn_columns *columns, const char *name, size_t length_bytes)
{
  if (!is_name(name, length_bytes) || columns->count == RNN_MOST_COLUMNS ||
      rnn_columns_find(columns, name, length_bytes) < columns->count)
    return false;
  char *to = columns->name[columns->count++];
  memset(to, 0, RNN_COLUMN_NAME_BYTES);
  memcpy(to, name, length_bytes);
  return true;
}

bool rnn_columns_read(struct rnn_columns *columns, const char *text)
{
  *columns = (struct rnn_columns){.count = 0};
  for (;;) {
    size_t length = strcspn(text, ",");
    if (!rnn_columns_add(columns, text, length))
      return false;
    if (text[length] == '\0')
      return true;
    text += length + 1;
  }
}

const char *rnn_columns_write(const struct rnn_columns *columns, char *text)
{
  char *end = text;
  for (size_t c = 0; c < columns->count; c++) {
    size_t length = strlen(columns->name[c]);
    if (c > 0)
      *end++ = ',';
    memcpy(end, columns->name[c], length);
    end += length;
  }
  *end = '\0';
  return text;
}

size_t rnn_columns_find(const struct rnn_columns *columns, const char *name, size_t length_bytes)
{
  size_t c = 0;
  while (c < columns->count &&
         (strlen(columns->name[c]) != length_bytes || memcmp(columns->name[c], name, length_bytes) != 0))
    c++;
  return c;
}

bool rnn_columns_equal(const struct rnn_columns *a, const struct rnn_columns *b)
{
  bool equal = a->count == b->count;
  for (size_t c = 0; equal && c < a->count; c++)
    equal = strcmp(a->name[c], b->name[c]) == 0;
  return equal;
}

size_t rnn_columns_of_label(const struct rnn_columns *columns, const char *label, size_t length_bytes, size_t *skip)
{
  *skip = 0;
  if (columns->count == 0)
    return 0;
  const char *sign = memchr(label, '=', length_bytes);
  if (sign == NULL)
    return columns->count;
  *skip = (size_t)(sign - label) + 1;
  return rnn_columns_find(columns, label, (size_t)(sign - label));
}
