/* For documents, libFuzzer changes the header or the tensors apart: the length in front stays that of the header, so
 * that damage reaches what is behind it. Any other bytes are changed as ever. */
#include <string.h>

#include "fuzz.h"

enum { FRONT = 1, LENGTH_BYTES = 8, MOST_BYTES = 1 << 16 }; /* FRONT: the byte that chooses */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

static size_t header_bytes(const uint8_t *data, size_t size)
{
  size_t length = 0;
  if (size <= FRONT + LENGTH_BYTES || data[FRONT + LENGTH_BYTES] != '{')
    return 0;
  for (size_t i = LENGTH_BYTES; i-- > 0;)
    length = length << 8 | data[FRONT + i];
  return length <= size - FRONT - LENGTH_BYTES ? length : 0;
}

static size_t change_header(uint8_t *data, size_t size, size_t most, size_t header)
{
  static uint8_t tensors[MOST_BYTES];
  uint8_t *begin = data + FRONT + LENGTH_BYTES;
  size_t rest = size - FRONT - LENGTH_BYTES - header, room = most - FRONT - LENGTH_BYTES - rest;
  memcpy(tensors, begin + header, rest);
  size_t changed = LLVMFuzzerMutate(begin, header, room);
  memcpy(begin + changed, tensors, rest);
  for (size_t i = 0; i < LENGTH_BYTES; i++)
    data[FRONT + i] = (uint8_t)(changed >> (8 * i));
  return FRONT + LENGTH_BYTES + changed + rest;
}

/* Their size stays. */
static size_t change_tensors(uint8_t *data, size_t size, size_t header)
{
  uint8_t *begin = data + FRONT + LENGTH_BYTES + header;
  size_t tensors = (size_t)(data + size - begin), changed = LLVMFuzzerMutate(begin, tensors, tensors);
  memset(begin + changed, 0, tensors - changed);
  return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
  size_t header = header_bytes(data, size);
  if (header == 0 || size > most || size > MOST_BYTES || seed % 8 == 0)
    return LLVMFuzzerMutate(data, size, most);
  if (seed % 2 == 0 || size == FRONT + LENGTH_BYTES + header)
    return change_header(data, size, most, header);
  return change_tensors(data, size, header);
}
