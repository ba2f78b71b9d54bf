/* Numbers as text, always in the C locale. */
#ifndef RNN_NUMBER_H
#define RNN_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RNN_NUMBER_BYTES = 32 };

/* The shortest decimal form that reads back exactly, "0.25", "-3", "1.5e-7"; text [RNN_NUMBER_BYTES]; answers text.
 * "nan", "inf", "-inf" for those. */
const char *rnn_number_double(double value, char *text);
const char *rnn_number_float(float value, char *text);

/* Decimal numbers alone: digits with at most one point, an exponent, a sign. No hexadecimal, no nan or inf, no blanks,
 * nothing past the range, at most 255 bytes, all `length_bytes` used; false otherwise and *value untouched. The
 * nearest number of the type. */
bool rnn_number_parse_float(const char *text, size_t length_bytes, float *value);
bool rnn_number_parse_double(const char *text, size_t length_bytes, double *value);
bool rnn_number_parse_integer(const char *text, size_t length_bytes, int64_t *value);
/* "500ms", "30s", "10m", "1.5h"; false without a unit or below zero. */
bool rnn_number_parse_duration(const char *text, double *seconds);

#endif
