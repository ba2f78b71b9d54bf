/* Tables: aligned for people, TSV for pipes, JSON for programs. */
#include "table.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output_case.h"

#define OK(call) cr_assert_eq((call), RNN_OK, "%s", error.text)

static struct rnn_error error;

struct writing {
  struct rnn_table *table;
  enum rnn_table_style style;
};

static enum rnn_status write_table(struct rnn_output *output, const void *what, struct rnn_error *why)
{
  const struct writing *writing = what;
  return rnn_table_write(writing->table, output, writing->style, why);
}

/* It is written, and on a full disk refused. */
static void expect(struct rnn_table *table, enum rnn_table_style style, const char *wanted)
{
  char path[] = "rnn-table-XXXXXX", got[1024] = "";
  int fd = mkstemp(path);
  cr_assert(fd >= 0);
  close(fd);
  struct rnn_output *output;
  OK(rnn_output_open(&output, path, false, false, &error));
  OK(rnn_table_write(table, output, style, &error));
  OK(rnn_output_finish(output, &error));
  FILE *file = fopen(path, "rb");
  cr_assert(file != NULL);
  size_t length = fread(got, 1, sizeof got - 1, file);
  fclose(file);
  unlink(path);
  cr_assert_eq(strlen(got), length);
  cr_assert_str_eq(got, wanted);
  output_expect_refused(write_table, &(struct writing){table, style}, length);
}

static struct rnn_table *make_named(bool heading)
{
  static const char *const names[] = {"epoch", "nats", "note"};
  struct rnn_table *table;
  OK(rnn_table_create(&table, 3, &error));
  rnn_table_name(table, names, heading);
  OK(rnn_table_add_count(table, 9, &error));
  OK(rnn_table_add_real(table, 1.0 / 3, &error));
  OK(rnn_table_add_text(table, "good", &error));
  OK(rnn_table_add_count(table, 10, &error));
  OK(rnn_table_add_real(table, NAN, &error));
  OK(rnn_table_add(table, "a\tb\n\\\x01", 6, &error));
  return table;
}

Test(table, styles)
{
  struct rnn_table *table = make_named(true);
  expect(table, RNN_TABLE_TSV, "epoch\tnats\tnote\n9\t0.3333333333333333\tgood\n10\t-\ta\\tb\\n\\\\\\x01\n");
  expect(table, RNN_TABLE_ALIGNED,
         "epoch      nats  note\n    9  0.333333  good\n   10         -  a\\tb\\n\\\\\\x01\n");
  expect(table, RNN_TABLE_JSON,
         "{\"epoch\":9,\"nats\":0.3333333333333333,\"note\":\"good\"}\n"
         "{\"epoch\":10,\"nats\":null,\"note\":\"a\\tb\\n\\\\\\u0001\"}\n");
  rnn_table_free(table);
}

Test(table, heading_is_a_choice)
{
  struct rnn_table *table = make_named(false);
  expect(table, RNN_TABLE_TSV, "9\t0.3333333333333333\tgood\n10\t-\ta\\tb\\n\\\\\\x01\n");
  rnn_table_free(table);
}

Test(table, facts_are_one_object)
{
  struct rnn_table *table;
  OK(rnn_table_create(&table, 2, &error));
  OK(rnn_table_add_text(table, "U", &error));
  OK(rnn_table_add_shape(table, 64, 128, &error));
  OK(rnn_table_add_text(table, "lowercase", &error));
  OK(rnn_table_add_truth(table, true, &error));
  OK(rnn_table_add_text(table, "none", &error));
  OK(rnn_table_add_nothing(table, &error));
  OK(rnn_table_add_text(table, "rate", &error));
  OK(rnn_table_add_number(table, (double)0.1f, &error));
  expect(table, RNN_TABLE_ALIGNED, "U          64 x 128\nlowercase  yes\nnone       \nrate       0.1\n");
  expect(table, RNN_TABLE_TSV, "U\t64 x 128\nlowercase\tyes\nnone\t\nrate\t0.1\n");
  expect(table, RNN_TABLE_JSON, "{\"U\":[64,128],\"lowercase\":true,\"none\":null,\"rate\":0.1}\n");
  rnn_table_free(table);
}

Test(table, columns_are_as_wide_as_a_terminal_shows_them)
{
  struct rnn_table *table;
  OK(rnn_table_create(&table, 3, &error));
  const char *const cells[] = {"\xE6\x97\xA5\xE6\x9C\xAC", "|", "", "e\xCC\x81", "|", "", "\xFF", "|", ""};
  for (size_t i = 0; i < 9; i++)
    OK(rnn_table_add_text(table, cells[i], &error));
  expect(table, RNN_TABLE_ALIGNED, "\xE6\x97\xA5\xE6\x9C\xAC  |  \ne\xCC\x81     |  \n\xFF     |  \n");
  rnn_table_free(table);
}

Test(table, last_row_is_filled_up)
{
  static const char *const names[] = {"a", "b"};
  struct rnn_table *table;
  OK(rnn_table_create(&table, 2, &error));
  rnn_table_name(table, names, false);
  expect(table, RNN_TABLE_TSV, "");
  OK(rnn_table_add_count(table, 1, &error));
  expect(table, RNN_TABLE_TSV, "1\t\n");
  expect(table, RNN_TABLE_JSON, "{\"a\":1,\"b\":null}\n");
  rnn_table_free(table);
}
