/* Strings and numbers as JSON text (RFC 8259). */
#include "json_text.h"

#include <math.h>
#include <string.h>

#include "number.h"
#include "utf8.h"

/* The escape of a byte that may not stand in a string as it is; "" for one that may. */
static const char *escape_of(unsigned char byte, char *escape)
{
  static const char letters[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt", digits[] = "0123456789abcdef";
  const char *letter = byte == '\0' ? NULL : strchr(letters, byte);
  if (letter != NULL) {
    escape[0] = '\\';
    escape[1] = names[letter - letters];
    escape[2] = '\0';
  } else if (byte < 0x20 || byte == 0x7F) {
    memcpy(escape, "\\u00", 4);
    escape[4] = digits[byte >> 4];
    escape[5] = digits[byte & 15];
    escape[6] = '\0';
  } else
    escape[0] = '\0';
  return escape;
}

enum rnn_status rnn_json_string(struct rnn_output *output, const char *bytes, size_t length_bytes,
                                struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_output_write(output, "\"", 1, error));
  size_t kept = 0, i = 0; /* bytes[kept ... i) stand as they are and are not written yet */
  while (i < length_bytes) {
    char escape[8];
    size_t step = rnn_utf8_step(bytes + i, length_bytes - i);
    const char *instead = step == 0 ? "\xEF\xBF\xBD" : escape_of((unsigned char)bytes[i], escape);
    if (*instead == '\0') {
      i += step;
      continue;
    }
    RNN_TRY(rnn_output_write(output, bytes + kept, i - kept, error));
    RNN_TRY(rnn_output_write(output, instead, strlen(instead), error));
    kept = ++i;
  }
  RNN_TRY(rnn_output_write(output, bytes + kept, i - kept, error));
  RNN_TRY(rnn_output_write(output, "\"", 1, error));
out:
  return status;
}

enum rnn_status rnn_json_double(struct rnn_output *output, double value, struct rnn_error *error)
{
  char text[RNN_NUMBER_BYTES];
  const char *written = isfinite(value) ? rnn_number_double(value, text) : "null";
  return rnn_output_write(output, written, strlen(written), error);
}

enum rnn_status rnn_json_float(struct rnn_output *output, float value, struct rnn_error *error)
{
  char text[RNN_NUMBER_BYTES];
  const char *written = isfinite(value) ? rnn_number_float(value, text) : "null";
  return rnn_output_write(output, written, strlen(written), error);
}
