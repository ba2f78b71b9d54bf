/* Lists of parts. */
#include "part.h"

#include <string.h>

enum rnn_status rnn_parts_add(struct rnn_parts *parts, const char *prefix, const char *name, enum rnn_part_kind kind,
                              size_t count, void *data, struct rnn_error *error)
{
  size_t front = strlen(prefix), back = strlen(name) + 1;
  if (data == NULL || count == 0)
    return RNN_OK;
  if (parts->count == RNN_MOST_PARTS || front + 1 + back > RNN_PART_NAME_BYTES)
    return rnn_error_set(error, RNN_BUG, "no room for the part %s.%s of a state", prefix, name);
  struct rnn_part *part = &parts->part[parts->count++];
  *part = (struct rnn_part){.kind = kind, .count = count, .data = data};
  memcpy(part->name, prefix, front);
  part->name[front] = '.';
  memcpy(part->name + front + 1, name, back);
  return RNN_OK;
}

size_t rnn_part_bytes(const struct rnn_part *part)
{
  static const size_t size_bytes[] = {
      [RNN_PART_REAL] = sizeof(real), [RNN_PART_DOUBLE] = sizeof(double), [RNN_PART_COUNT] = sizeof(uint64_t), 1};
  return part->count * size_bytes[part->kind];
}

void rnn_parts_copy(const struct rnn_parts *from, const struct rnn_parts *to)
{
  for (size_t i = 0; i < from->count; i++)
    memcpy(to->part[i].data, from->part[i].data, rnn_part_bytes(&from->part[i]));
}
