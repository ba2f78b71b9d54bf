/* Strings and numbers as JSON: always valid, always read back to the same. */
#include "json_text.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output_case.h"

static char path[64];

static struct rnn_output *open_output(void)
{
  struct rnn_error error;
  struct rnn_output *output;
  strcpy(path, "rnn-json-XXXXXX");
  int fd = mkstemp(path);
  cr_assert(fd >= 0);
  close(fd);
  cr_assert_eq(rnn_output_open(&output, path, false, false, &error), RNN_OK, "%s", error.text);
  return output;
}

static void expect(struct rnn_output *output, const char *wanted)
{
  struct rnn_error error;
  char got[512] = "";
  cr_assert_eq(rnn_output_finish(output, &error), RNN_OK);
  FILE *file = fopen(path, "rb");
  cr_assert(file != NULL);
  size_t length = fread(got, 1, sizeof got - 1, file);
  fclose(file);
  unlink(path);
  cr_assert_eq(strlen(got), length);
  cr_assert_str_eq(got, wanted);
}

struct string {
  const char *bytes;
  size_t length;
};

static enum rnn_status write_string(struct rnn_output *output, const void *what, struct rnn_error *why)
{
  const struct string *string = what;
  return rnn_json_string(output, string->bytes, string->length, why);
}

static void expect_string(const char *bytes, size_t length, const char *wanted)
{
  struct rnn_error error;
  struct rnn_output *output = open_output();
  cr_assert_eq(rnn_json_string(output, bytes, length, &error), RNN_OK);
  expect(output, wanted);
  output_expect_refused(write_string, &(struct string){bytes, length}, strlen(wanted));
}

Test(json_text, strings)
{
  expect_string("", 0, "\"\"");
  expect_string("plain", 5, "\"plain\"");
  expect_string("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
  expect_string("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
  expect_string("\x00\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"");
  expect_string("gr\xC3\xBC\xC3\x9F \xF0\x9F\x8E\xAC", 11, "\"gr\xC3\xBC\xC3\x9F \xF0\x9F\x8E\xAC\"");
}

Test(json_text, ill_formed_bytes_become_replacement_characters)
{
  expect_string("\xFF", 1, "\"\xEF\xBF\xBD\"");
  expect_string("a\xC3", 2, "\"a\xEF\xBF\xBD\"");
  expect_string("\xC3(", 2, "\"\xEF\xBF\xBD(\"");
  expect_string("\xED\xA0\x80z", 4, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\"");
}

Test(json_text, numbers)
{
  struct rnn_error error;
  struct rnn_output *output = open_output();
  const double values[] = {0.1, -1.5e300, 3, NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    cr_assert_eq(rnn_json_double(output, values[i], &error), RNN_OK);
    cr_assert_eq(rnn_output_write(output, " ", 1, &error), RNN_OK);
  }
  cr_assert_eq(rnn_json_float(output, 0.1f, &error), RNN_OK);
  cr_assert_eq(rnn_output_write(output, " ", 1, &error), RNN_OK);
  cr_assert_eq(rnn_json_float(output, NAN, &error), RNN_OK);
  expect(output, "0.1 -1.5e300 3 null null null 0.1 null");
}
