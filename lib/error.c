/* Errors as one sentence. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void blank_control_characters(char *text)
{
  for (unsigned char *p = (unsigned char *)text; *p != '\0'; p++)
    if (*p < 0x20 || *p == 0x7F)
      *p = '?';
}

enum rnn_status rnn_error_set(struct rnn_error *error, enum rnn_status status, const char *format, ...)
{
  if (error == NULL)
    return status;
  error->status = status;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  blank_control_characters(error->text);
  return status;
}

enum rnn_status rnn_error_prefix(struct rnn_error *error, const char *format, ...)
{
  if (error == NULL)
    return RNN_BUG;
  char old[RNN_ERROR_BYTES];
  memcpy(old, error->text, sizeof old);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  size_t used = strlen(error->text);
  snprintf(error->text + used, sizeof error->text - used, ": %s", old);
  blank_control_characters(error->text);
  return error->status;
}
