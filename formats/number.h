/* Numbers as text, always in the C locale. */
#ifndef RNN_NUMBER_H
#define RNN_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RNN_NUMBER_BYTES = 32 };

/* The shortest decimal form that reads back exactly; text [RNN_NUMBER_BYTES]; answers text. "nan", "inf", "-inf" for
 * those. */
const char *rnn_number_double(double value, char *text);
const char *rnn_number_float(float value, char *text);

/* Decimal numbers alone, no hexadecimal, no nan or inf, no blanks, all `length_bytes` used; false otherwise. */
bool rnn_number_parse_float(const char *text, size_t length_bytes, float *value);
bool rnn_number_parse_double(const char *text, size_t length_bytes, double *value);
bool rnn_number_parse_integer(const char *text, size_t length_bytes, int64_t *value);
/* "500ms", "30s", "10m", "2h" */
bool rnn_number_parse_duration(const char *text, double *seconds);

#endif
