/* JSON out: strings and numbers as JSON text. Reading JSON is elsewhere; writing needs no more than this. */
#ifndef RNN_JSON_TEXT_H
#define RNN_JSON_TEXT_H

#include <stddef.h>

#include "error.h"
#include "output.h"

/* Writes the bytes as a JSON string with its quotation marks. Control characters are escaped; ill-formed UTF-8 becomes
 * U+FFFD, so the line is always valid JSON. */
enum rnn_status rnn_json_string(struct rnn_output *output, const char *bytes, size_t length_bytes,
                                struct rnn_error *error) RNN_MUST_CHECK;

/* Writes the shortest form that reads back exactly; null for what JSON has no number for (nan, inf). */
enum rnn_status rnn_json_double(struct rnn_output *output, double value, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_json_float(struct rnn_output *output, float value, struct rnn_error *error) RNN_MUST_CHECK;

#endif
