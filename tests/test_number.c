/* Numbers as text: shortest, exact, strict, and the same in every locale. */
#include "number.h"

#include <criterion/criterion.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t draw(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

Test(number, forms)
{
  static const struct {
    double value;
    const char *text;
  } row[] = {{0, "0"},
             {-0.0, "-0"},
             {1, "1"},
             {-3, "-3"},
             {0.1, "0.1"},
             {0.25, "0.25"},
             {100000, "100000"},
             {123456789, "123456789"},
             {1e15, "1000000000000000"},
             {1e16, "1e16"},
             {1.5e300, "1.5e300"},
             {0.0001, "0.0001"},
             {0.00001, "1e-5"},
             {1.25e-7, "1.25e-7"},
             {1.0 / 3, "0.3333333333333333"},
             {DBL_MAX, "1.7976931348623157e308"},
             {DBL_TRUE_MIN, "5e-324"},
             {9007199254740993.0, "9007199254740992"},
             {0x1p-44, "5.684341886080802e-14"}, /* sixteen digits do, though not the nearest sixteen */
             {NAN, "nan"},
             {INFINITY, "inf"},
             {-INFINITY, "-inf"}};
  char text[RNN_NUMBER_BYTES];
  for (size_t i = 0; i < sizeof row / sizeof *row; i++)
    cr_expect_str_eq(rnn_number_double(row[i].value, text), row[i].text);
  cr_expect_str_eq(rnn_number_float(0.1F, text), "0.1");
  cr_expect_str_eq(rnn_number_float(16777216.0F, text), "16777216");
  cr_expect_str_eq(rnn_number_float(FLT_MAX, text), "3.4028235e38");
  cr_expect_str_eq(rnn_number_float(FLT_TRUE_MIN, text), "1e-45");
  cr_expect_str_eq(rnn_number_float(-INFINITY, text), "-inf");
}

static size_t digits_of(const char *text)
{
  char digit[RNN_NUMBER_BYTES];
  size_t count = 0;
  for (; *text != '\0' && *text != 'e'; text++)
    if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
      digit[count++] = *text;
  while (count > 0 && digit[count - 1] == '0')
    count--;
  return count;
}

/* No form of fewer digits reads back, and this one does, with all bits. */
static void expect_shortest(double value, bool single)
{
  char text[RNN_NUMBER_BYTES], shorter[RNN_NUMBER_BYTES];
  double back = 0;
  float narrow = 0;
  if (single)
    rnn_number_float((float)value, text);
  else
    rnn_number_double(value, text);
  cr_assert(single ? rnn_number_parse_float(text, strlen(text), &narrow)
                   : rnn_number_parse_double(text, strlen(text), &back));
  back = single ? (double)narrow : back;
  cr_assert(memcmp(&back, &value, sizeof value) == 0, "%a became %s", value, text);
  cr_assert(single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value, "%s", text);
  size_t digits = digits_of(text);
  if (digits < 2)
    return;
  snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, value);
  cr_assert(single ? strtof(shorter, NULL) != (float)value : strtod(shorter, NULL) != value, "%s, not %s", shorter,
            text);
}

Test(number, shortest_of_random_bits)
{
  uint64_t state = 88172645463325252;
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = draw(&state);
    double wide;
    float narrow;
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &bits, sizeof narrow);
    if (isfinite(wide))
      expect_shortest(wide, false);
    if (isfinite(narrow))
      expect_shortest((double)narrow, true);
  }
}

Test(number, shortest_of_powers_and_fractions)
{
  for (int exponent = -1074; exponent < 1024; exponent++)
    expect_shortest(ldexp(1, exponent), false);
  for (int exponent = -149; exponent < 128; exponent++)
    expect_shortest(ldexp(1, exponent), true);
  for (int i = 0; i < 20000; i++)
    expect_shortest((double)((float)i / 20000), true);
}

Test(number, reads_the_nearest)
{
  static const char *const row[] = {"1",
                                    "-1",
                                    "+1",
                                    "0.5",
                                    ".5",
                                    "5.",
                                    "1e5",
                                    "1E+5",
                                    "1e-5",
                                    "0.1",
                                    "123.456",
                                    "1e22",
                                    "1e23",
                                    "9007199254740993",
                                    "1.7976931348623157e308",
                                    "2.2250738585072011e-308",
                                    "4.9e-324",
                                    "1e-400",
                                    "0.000000000000000000000000000001",
                                    "33554435.0000000001",
                                    "16777217",
                                    "16777219",
                                    "0.50000002980232238769531250000000000000000001",
                                    "3.4028235677973366e37",
                                    "1.17549435e-38",
                                    "7.0064923216240854e-46",
                                    "7.0064923216240869e-46",
                                    "123456789012345678901234567890",
                                    "0.1234567890123456789012345678901234567890",
                                    "00000000000000000000000000001"};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    double wide = -1;
    float narrow = -1;
    cr_expect(rnn_number_parse_double(row[i], strlen(row[i]), &wide), "%s", row[i]);
    cr_expect_eq(wide, strtod(row[i], NULL), "%s", row[i]);
    if (isfinite(strtof(row[i], NULL))) {
      cr_expect(rnn_number_parse_float(row[i], strlen(row[i]), &narrow), "%s", row[i]);
      cr_expect_eq(narrow, strtof(row[i], NULL), "%s", row[i]);
    }
  }
}

Test(number, reads_what_libc_reads_of_random_digits)
{
  uint64_t state = 1234567;
  for (int i = 0; i < 50000; i++) {
    char text[80];
    int length =
        sprintf(text, "%s%llu.%0*llu", draw(&state) % 2 ? "-" : "", (unsigned long long)(draw(&state) % 100000),
                (int)(draw(&state) % 20), (unsigned long long)(draw(&state) % 10000000000));
    if (draw(&state) % 2)
      length += sprintf(text + length, "e%d", (int)(draw(&state) % 60) - 30);
    double wide;
    float narrow;
    cr_assert(rnn_number_parse_double(text, (size_t)length, &wide), "%s", text);
    cr_assert(rnn_number_parse_float(text, (size_t)length, &narrow), "%s", text);
    cr_assert(wide == strtod(text, NULL) && narrow == strtof(text, NULL), "%s", text);
  }
}

Test(number, refused)
{
  static const char *const row[] = {"",     " 1",  "1 ",  "nan",   "NaN",    "inf", "-inf", "infinity", "0x10", "0x1p3",
                                    "1,5",  "1e",  "1e+", "e5",    ".",      "-",   "+",    "--1",      "1..2", "1.2.3",
                                    "1e1.", "1_0", "1f",  "1e999", "-1e400", "١",   "1\n",  "- 1",      "1e5 "};
  static char long_number[257];
  double wide = 42;
  float narrow = 42;
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    cr_expect(!rnn_number_parse_double(row[i], strlen(row[i]), &wide), "%s", row[i]);
    cr_expect(!rnn_number_parse_float(row[i], strlen(row[i]), &narrow), "%s", row[i]);
  }
  cr_expect(!rnn_number_parse_float("1e39", 4, &narrow));
  cr_expect(!rnn_number_parse_double("1\0002", 3, &wide), "a NUL ends nothing");
  memset(long_number, '1', 256);
  cr_expect(!rnn_number_parse_double(long_number, 256, &wide));
  cr_expect(wide == 42 && narrow == 42, "a refused number leaves the value as it was");
}

Test(number, only_the_given_bytes_are_read)
{
  double value;
  cr_assert(rnn_number_parse_double("12345", 3, &value));
  cr_assert_eq(value, 123);
  cr_assert(rnn_number_parse_double("123456789012345678901234567", 22, &value));
  cr_assert_eq(value, 1234567890123456789012.0);
}

Test(number, integers)
{
  static const struct {
    const char *text;
    int64_t value;
  } good[] = {{"0", 0},
              {"-0", 0},
              {"+7", 7},
              {"0042", 42},
              {"-1", -1},
              {"9223372036854775807", INT64_MAX},
              {"-9223372036854775808", INT64_MIN}};
  static const char *const bad[] = {"",
                                    "-",
                                    "+",
                                    "1.0",
                                    "1e3",
                                    " 1",
                                    "1 ",
                                    "0x1",
                                    "9223372036854775808",
                                    "-9223372036854775809",
                                    "99999999999999999999",
                                    "--1"};
  int64_t value;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    cr_expect(rnn_number_parse_integer(good[i].text, strlen(good[i].text), &value), "%s", good[i].text);
    cr_expect_eq(value, good[i].value, "%s", good[i].text);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    cr_expect(!rnn_number_parse_integer(bad[i], strlen(bad[i]), &value), "%s", bad[i]);
}

Test(number, durations)
{
  static const struct {
    const char *text;
    double sec;
  } good[] = {{"500ms", 0.5}, {"30s", 30}, {"10m", 600}, {"2h", 7200}, {"1.5h", 5400}, {"0s", 0}, {"1ms", 0.001}};
  static const char *const bad[] = {"", "s", "ms", "10", "10 s", "-1s", "10d", "1m30s", "nans", "infs", "1e308h"};
  double sec;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    cr_expect(rnn_number_parse_duration(good[i].text, &sec), "%s", good[i].text);
    cr_expect_eq(sec, good[i].sec, "%s", good[i].text);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    cr_expect(!rnn_number_parse_duration(bad[i], &sec), "%s", bad[i]);
}

/* Some locales write a comma; those that are not installed are passed over. */
Test(number, the_locale_changes_nothing)
{
  static const char *const name[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "tr_TR.UTF-8", "C.UTF-8"};
  char text[RNN_NUMBER_BYTES];
  double value;
  for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
    if (setlocale(LC_ALL, name[i]) == NULL)
      continue;
    cr_expect_str_eq(rnn_number_double(0.375, text), "0.375", "%s", name[i]);
    cr_expect(rnn_number_parse_double("0.1234567890123456789012345", 27, &value), "%s", name[i]);
    cr_expect_eq(value, 0.1234567890123456789012345, "%s", name[i]);
    cr_expect(!rnn_number_parse_double("0,5", 3, &value), "%s", name[i]);
    cr_expect_eq(strcmp(setlocale(LC_ALL, NULL), name[i]), 0, "the caller's locale is left as it was");
  }
}
