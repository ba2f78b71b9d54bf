/* Well-formed UTF-8, eight ASCII bytes at a time where there are such. */
#include "utf8.h"

#include <stdbool.h>
#include <string.h>

static const char replacement[] = {(char)0xEF, (char)0xBF, (char)0xBD}; /* U+FFFD */

/* Length of the code point that `lead` begins and the range of its second byte; 0 for a byte that begins none. */
static size_t expect(unsigned char lead, unsigned char *least, unsigned char *most)
{
  *least = 0x80;
  *most = 0xBF;
  if (lead < 0x80)
    return 1;
  if (lead < 0xC2 || lead > 0xF4)
    return 0;
  if (lead < 0xE0)
    return 2;
  if (lead == 0xE0)
    *least = 0xA0; /* no overlong form */
  else if (lead == 0xED)
    *most = 0x9F; /* no surrogate */
  else if (lead == 0xF0)
    *least = 0x90;
  else if (lead == 0xF4)
    *most = 0x8F; /* nothing past U+10FFFF */
  return lead < 0xF0 ? 3 : 4;
}

/* How many of the first bytes may stand where they stand: `*whole` if they make a code point. */
static size_t match(const char *bytes, size_t length_bytes, size_t *whole)
{
  const unsigned char *p = (const unsigned char *)bytes;
  unsigned char least, most;
  *whole = expect(p[0], &least, &most);
  if (*whole <= 1)
    return *whole;
  size_t i = 1;
  while (i < *whole && i < length_bytes && p[i] >= least && p[i] <= most) {
    least = 0x80;
    most = 0xBF;
    i++;
  }
  return i;
}

size_t rnn_utf8_step(const char *bytes, size_t length_bytes)
{
  size_t whole, matched = match(bytes, length_bytes, &whole);
  return matched == whole ? whole : 0;
}

uint32_t rnn_utf8_code_point(const char *bytes, size_t step)
{
  static const uint32_t lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  uint32_t code_point = (unsigned char)bytes[0] & lead_bits[step];
  for (size_t i = 1; i < step; i++)
    code_point = code_point << 6 | ((unsigned char)bytes[i] & 0x3F);
  return code_point;
}

/* Zero if the eight bytes are ASCII and none is NUL: only from NUL does the subtraction borrow. */
static uint64_t odd_bytes(uint64_t word)
{
  return ((word - 0x0101010101010101) | word) & 0x8080808080808080;
}

static uint64_t load(const char *bytes)
{
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

/* From i on past ASCII without NUL: to the end, or to at most seven bytes before what is something else. */
static size_t skip_ascii(const char *bytes, size_t length_bytes, size_t i)
{
  for (; length_bytes - i >= 32; i += 32)
    if (odd_bytes(load(bytes + i)) | odd_bytes(load(bytes + i + 8)) | odd_bytes(load(bytes + i + 16)) |
        odd_bytes(load(bytes + i + 24)))
      break;
  for (; length_bytes - i >= 8; i += 8)
    if (odd_bytes(load(bytes + i)))
      return i;
  bool clean = length_bytes >= 8 && !odd_bytes(load(bytes + length_bytes - 8));
  return clean ? length_bytes : i;
}

size_t rnn_utf8_valid_text(const char *bytes, size_t length_bytes)
{
  size_t i = 0;
  while (i < length_bytes) {
    i = skip_ascii(bytes, length_bytes, i);
    while (i < length_bytes && (unsigned char)(bytes[i] - 1) < 0x7F)
      i++;
    while (i < length_bytes && (unsigned char)bytes[i] >= 0x80) {
      size_t step = rnn_utf8_step(bytes + i, length_bytes - i);
      if (step == 0)
        return i;
      i += step;
    }
    if (i < length_bytes && bytes[i] == '\0')
      return i;
  }
  return length_bytes;
}

size_t rnn_utf8_valid(const char *bytes, size_t length_bytes)
{
  size_t i = 0;
  for (;;) {
    i += rnn_utf8_valid_text(bytes + i, length_bytes - i);
    if (i == length_bytes || bytes[i] != '\0')
      return i;
    i++;
  }
}

size_t rnn_utf8_mend(const char *bytes, size_t length_bytes, char *to)
{
  char *begin = to;
  for (size_t i = 0; i < length_bytes;) {
    size_t whole, matched = match(bytes + i, length_bytes - i, &whole);
    if (matched == whole && whole > 0 && bytes[i] != '\0') {
      memcpy(to, bytes + i, whole);
      to += whole;
    } else {
      memcpy(to, replacement, sizeof replacement);
      to += sizeof replacement;
    }
    i += matched > 0 ? matched : 1;
  }
  return (size_t)(to - begin);
}
