/* Numbers as text. Reading goes without libm's scanner where digits and power of ten are exact in a double
 * (Clinger 1990): one multiplication or division then rounds once, which is the nearest number. */
#include "number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_BYTES = 255, MOST_DIGITS = 19, EXACT_POWER = 22 };

static const double power_of_ten[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A number taken apart: value = (negative ? -1 : 1) * digits * 10^exponent if `exact`, else past 19 digits. */
struct decimal {
  bool negative, exact;
  uint64_t digits;
  int exponent;
};

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Digits from *p on; those behind the point count down the exponent. Answers how many there were. */
static size_t take_digits(const char **p, const char *end, bool behind_point, struct decimal *decimal)
{
  const char *begin = *p;
  for (; *p < end && is_digit(**p); ++*p) {
    if (decimal->digits > (UINT64_MAX - 9) / 10) {
      decimal->exact = false;
      continue;
    }
    decimal->digits = decimal->digits * 10 + (uint64_t)(**p - '0');
    decimal->exponent -= behind_point;
  }
  return (size_t)(*p - begin);
}

static bool take_exponent(const char **p, const char *end, struct decimal *decimal)
{
  if (*p == end || (**p != 'e' && **p != 'E'))
    return true;
  ++*p;
  bool down = *p < end && **p == '-';
  *p += *p < end && (**p == '-' || **p == '+');
  if (*p == end)
    return false;
  int exponent = 0;
  for (; *p < end && is_digit(**p); ++*p)
    exponent = exponent < 100000 ? exponent * 10 + (**p - '0') : exponent;
  decimal->exponent += down ? -exponent : exponent;
  return true;
}

static bool scan(const char *text, size_t length_bytes, struct decimal *decimal)
{
  if (length_bytes > LONGEST_BYTES)
    return false;
  const char *p = text, *end = text + length_bytes;
  *decimal = (struct decimal){.negative = p < end && *p == '-', .exact = true};
  p += p < end && (*p == '-' || *p == '+');
  size_t digits = take_digits(&p, end, false, decimal);
  if (p < end && *p == '.') {
    p++;
    digits += take_digits(&p, end, true, decimal);
  }
  return digits > 0 && take_exponent(&p, end, decimal) && p == end;
}

/* The nearest double, where one rounding gives it. */
static bool convert_exactly(const struct decimal *decimal, double *value)
{
  if (!decimal->exact || decimal->digits > (uint64_t)1 << 53 || abs(decimal->exponent) > EXACT_POWER)
    return false;
  double digits = (double)decimal->digits;
  double magnitude =
      decimal->exponent < 0 ? digits / power_of_ten[-decimal->exponent] : digits * power_of_ten[decimal->exponent];
  *value = decimal->negative ? -magnitude : magnitude;
  return true;
}

/* `text` has been scanned: what is left to libc is a decimal number of at most LONGEST_BYTES. */
static void convert_by_libc(const char *text, size_t length_bytes, double *as_double, float *as_float)
{
  char copy[LONGEST_BYTES + 1];
  memcpy(copy, text, length_bytes);
  copy[length_bytes] = '\0';
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (as_double != NULL)
    *as_double = strtod_l(copy, NULL, c);
  else
    *as_float = strtof_l(copy, NULL, c);
  freelocale(c);
}

bool rnn_number_parse_double(const char *text, size_t length_bytes, double *value)
{
  struct decimal decimal;
  double found;
  if (!scan(text, length_bytes, &decimal))
    return false;
  if (!convert_exactly(&decimal, &found))
    convert_by_libc(text, length_bytes, &found, NULL);
  if (!isfinite(found))
    return false;
  *value = found;
  return true;
}

/* Rounding twice is rounding once unless the double lies half-way between two floats, or the float is subnormal. */
static bool rounds_once(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  bool half_way = (bits & 0x1FFFFFFF) == 0x10000000;
  return !half_way && (value == 0 || fabs(value) > 2e-38);
}

bool rnn_number_parse_float(const char *text, size_t length_bytes, float *value)
{
  struct decimal decimal;
  double wide;
  float found;
  if (!scan(text, length_bytes, &decimal))
    return false;
  if (convert_exactly(&decimal, &wide) && rounds_once(wide))
    found = (float)wide;
  else
    convert_by_libc(text, length_bytes, NULL, &found);
  if (!isfinite(found))
    return false;
  *value = found;
  return true;
}

bool rnn_number_parse_integer(const char *text, size_t length_bytes, int64_t *value)
{
  bool negative = length_bytes > 0 && text[0] == '-';
  size_t i = length_bytes > 0 && (text[0] == '-' || text[0] == '+');
  if (i == length_bytes)
    return false;
  int64_t found = 0;
  for (; i < length_bytes; i++) {
    int digit = text[i] - '0';
    if (!is_digit(text[i]) || __builtin_mul_overflow(found, 10, &found) ||
        __builtin_add_overflow(found, negative ? -digit : digit, &found))
      return false;
  }
  *value = found;
  return true;
}

bool rnn_number_parse_duration(const char *text, double *seconds)
{
  static const struct {
    const char *name;
    double sec;
  } unit[] = {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}}; /* "ms" stands before "s" */
  size_t length_bytes = strlen(text);
  for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
    size_t tail = strlen(unit[i].name);
    if (length_bytes <= tail || strcmp(text + length_bytes - tail, unit[i].name) != 0)
      continue;
    double number;
    if (!rnn_number_parse_double(text, length_bytes - tail, &number) || number < 0)
      return false;
    *seconds = unit[i].sec < 1 ? number / 1000 : number * unit[i].sec;
    return isfinite(*seconds);
  }
  return false;
}

/* value = d.ddd * 10^exponent, d the first digit; without zeros at the end. */
struct digits {
  char digit[24];
  int count;
  int exponent;
};

static bool reads_back(const char *text, double value, bool single)
{
  float narrow;
  double wide;
  if (single)
    return rnn_number_parse_float(text, strlen(text), &narrow) && narrow == (float)value;
  return rnn_number_parse_double(text, strlen(text), &wide) && wide == value;
}

/* "d.ddde-05" to the next number of as many digits; false where that is a power of ten. */
static bool step_up(char *text)
{
  char *p = strchr(text, 'e') - 1;
  for (; p >= text && (*p == '9' || *p == '.'); p--)
    *p = *p == '9' ? '0' : '.';
  if (p < text)
    return false;
  ++*p;
  return true;
}

/* value > 0 as "d.ddde-05" with so many digits; false if that does not read back. The numbers below a power of two lie
 * closer than those above: there the nearest decimal may fail where the next one above is good. */
static bool round_to(double value, bool single, int precision, char text[RNN_NUMBER_BYTES])
{
  int exponent;
  snprintf(text, RNN_NUMBER_BYTES, "%.*e", precision - 1, value);
  return reads_back(text, value, single) ||
         (frexp(value, &exponent) == 0.5 && step_up(text) && reads_back(text, value, single));
}

static void take_apart(const char *text, struct digits *digits)
{
  const char *e = strchr(text, 'e');
  digits->exponent = atoi(e + 1);
  digits->count = 0;
  for (const char *p = text; p < e; p++)
    if (is_digit(*p))
      digits->digit[digits->count++] = *p;
  while (digits->count > 1 && digits->digit[digits->count - 1] == '0')
    digits->count--;
}

static void find_shortest(double value, bool single, struct digits *digits)
{
  char text[RNN_NUMBER_BYTES], good[RNN_NUMBER_BYTES];
  int low = 0, high = single ? 9 : 17; /* 9 and 17 digits always do */
  snprintf(good, sizeof good, "%.*e", high - 1, value);
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (round_to(value, single, middle, text)) {
      high = middle;
      memcpy(good, text, sizeof good);
    } else {
      low = middle;
    }
  }
  take_apart(good, digits);
}

static char *write_plainly(const struct digits *digits, char *p)
{
  int point = digits->exponent + 1; /* digits before the point */
  if (point <= 0) {
    *p++ = '0';
    *p++ = '.';
    for (int i = point; i < 0; i++)
      *p++ = '0';
  }
  for (int i = 0; i < digits->count || i < point; i++) {
    if (i == point && point > 0)
      *p++ = '.';
    *p++ = i < digits->count ? digits->digit[i] : '0';
  }
  return p;
}

static char *write_with_exponent(const struct digits *digits, char *p)
{
  *p++ = digits->digit[0];
  if (digits->count > 1)
    *p++ = '.';
  for (int i = 1; i < digits->count; i++)
    *p++ = digits->digit[i];
  return p + sprintf(p, "e%d", digits->exponent);
}

static const char *write_number(double value, bool single, char *text)
{
  if (!isfinite(value))
    return strcpy(text, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
  char *p = text;
  if (signbit(value))
    *p++ = '-';
  struct digits digits = {.digit = "0", .count = 1};
  if (value != 0) {
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(c);
    find_shortest(fabs(value), single, &digits);
    uselocale(before);
    freelocale(c);
  }
  bool plain = digits.exponent >= -4 && digits.exponent < 16;
  *(plain ? write_plainly(&digits, p) : write_with_exponent(&digits, p)) = '\0';
  return text;
}

const char *rnn_number_double(double value, char *text)
{
  return write_number(value, false, text);
}

const char *rnn_number_float(float value, char *text)
{
  return write_number((double)value, true, text);
}
