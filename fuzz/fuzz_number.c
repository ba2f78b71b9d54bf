/* What is read as a number is what libc reads, and what is written reads back. */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "number.h"

int fuzz_number(const uint8_t *data, size_t size)
{
  char text[257], again[RNN_NUMBER_BYTES];
  double wide, back;
  float narrow, narrow_back;
  int64_t whole;
  if (size > 256)
    return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  if (rnn_number_parse_double(text, size, &wide)) {
    FUZZ_EXPECT(isfinite(wide) && strtod(text, NULL) == wide && strpbrk(text, "xXpPnN ") == NULL);
    rnn_number_double(wide, again);
    FUZZ_EXPECT(rnn_number_parse_double(again, strlen(again), &back) && memcmp(&back, &wide, sizeof wide) == 0);
  }
  if (rnn_number_parse_float(text, size, &narrow)) {
    FUZZ_EXPECT(isfinite(narrow) && strtof(text, NULL) == narrow);
    rnn_number_float(narrow, again);
    FUZZ_EXPECT(rnn_number_parse_float(again, strlen(again), &narrow_back));
    FUZZ_EXPECT(memcmp(&narrow_back, &narrow, sizeof narrow) == 0);
  }
  if (rnn_number_parse_integer(text, size, &whole))
    FUZZ_EXPECT(strtoll(text, NULL, 10) == whole);
  if (strlen(text) == size)
    rnn_number_parse_duration(text, &wide);
  return 0;
}
