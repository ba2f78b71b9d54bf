/* Strings to numbers and back: the bytes of all strings lie in one block, an open table of hashes finds them. */
#include "vocabulary.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "memory.h"
#include "random.h"

/* Small, for a program that answers one line writes them all. */
struct entry {
  uint64_t frequency;
  size_t begin; /* of its bytes */
  uint32_t hash, length_bytes;
};

struct rnn_vocabulary {
  size_t count, capacity_entries;
  struct entry *entry; /* [count] */
  size_t used_bytes, capacity_bytes;
  char *bytes;   /* each string and a NUL */
  size_t slots;  /* a power of two, or 0; at most half of them taken */
  int32_t *slot; /* [slots] number + 1, 0 where free */
};

enum { LEAST_SLOTS = 64, MOST_STRINGS = INT32_MAX - 8 };

enum rnn_status rnn_vocabulary_create(struct rnn_vocabulary **vocabulary, struct rnn_error *error)
{
  return rnn_memory_new(vocabulary, 1, sizeof **vocabulary, "a vocabulary", error);
}

void rnn_vocabulary_free(struct rnn_vocabulary *vocabulary)
{
  if (vocabulary == NULL)
    return;
  rnn_memory_free(vocabulary->entry);
  rnn_memory_free(vocabulary->bytes);
  rnn_memory_free(vocabulary->slot);
  rnn_memory_free(vocabulary);
}

size_t rnn_vocabulary_count(const struct rnn_vocabulary *vocabulary)
{
  return vocabulary->count;
}

/* Without a seed keys that collide are easily made: where eight bytes are those of XXH3's own secret, a product is zero
 * whatever the next eight are. */
static uint32_t hash_of(const char *bytes, size_t length_bytes)
{
  return (uint32_t)XXH3_64bits_withSeed(bytes, length_bytes, rnn_random_secret());
}

static int32_t find(const struct rnn_vocabulary *vocabulary, uint32_t hash, const char *bytes, size_t length_bytes)
{
  if (vocabulary->slots == 0)
    return RNN_ABSENT;
  for (size_t i = hash & (vocabulary->slots - 1); vocabulary->slot[i] != 0; i = (i + 1) & (vocabulary->slots - 1)) {
    const struct entry *entry = &vocabulary->entry[vocabulary->slot[i] - 1];
    if (entry->hash == hash && entry->length_bytes == length_bytes &&
        (length_bytes == 0 || memcmp(vocabulary->bytes + entry->begin, bytes, length_bytes) == 0))
      return vocabulary->slot[i] - 1;
  }
  return RNN_ABSENT;
}

int32_t rnn_vocabulary_find(const struct rnn_vocabulary *vocabulary, const char *bytes, size_t length_bytes)
{
  return find(vocabulary, hash_of(bytes, length_bytes), bytes, length_bytes);
}

static void take_slot(struct rnn_vocabulary *vocabulary, size_t number)
{
  size_t i = vocabulary->entry[number].hash & (vocabulary->slots - 1);
  while (vocabulary->slot[i] != 0)
    i = (i + 1) & (vocabulary->slots - 1);
  vocabulary->slot[i] = (int32_t)number + 1;
}

/* For `count` strings. */
static enum rnn_status make_slots(struct rnn_vocabulary *vocabulary, size_t count, struct rnn_error *error)
{
  if (2 * count <= vocabulary->slots)
    return RNN_OK;
  size_t slots = vocabulary->slots == 0 ? LEAST_SLOTS : 2 * vocabulary->slots;
  while (slots < 2 * count)
    slots *= 2;
  int32_t *fresh;
  enum rnn_status status = rnn_memory_new(&fresh, slots, sizeof *fresh, "a vocabulary", error);
  if (status != RNN_OK)
    return status;
  rnn_memory_free(vocabulary->slot);
  vocabulary->slot = fresh;
  vocabulary->slots = slots;
  for (size_t i = 0; i < vocabulary->count; i++)
    take_slot(vocabulary, i);
  return RNN_OK;
}

/* For `count` strings, and so many bytes with the NUL of each. */
static enum rnn_status make_room(struct rnn_vocabulary *vocabulary, size_t count, size_t bytes, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(make_slots(vocabulary, count, error));
  RNN_TRY(rnn_memory_grow(&vocabulary->entry, &vocabulary->capacity_entries, count, sizeof *vocabulary->entry,
                          "a vocabulary", error));
  RNN_TRY(rnn_memory_grow(&vocabulary->bytes, &vocabulary->capacity_bytes, bytes, 1, "a vocabulary", error));
out:
  return status;
}

static enum rnn_status refuse_more(struct rnn_error *error)
{
  return rnn_error_set(error, RNN_NO_MEMORY, "more than %d different strings", MOST_STRINGS);
}

enum rnn_status rnn_vocabulary_reserve(struct rnn_vocabulary *vocabulary, size_t count, size_t bytes,
                                       struct rnn_error *error)
{
  size_t with_nul;
  if (count > MOST_STRINGS || !rnn_size_add(count, bytes, &with_nul))
    return refuse_more(error);
  return make_room(vocabulary, count, with_nul, error);
}

enum rnn_status rnn_vocabulary_add(struct rnn_vocabulary *vocabulary, const char *bytes, size_t length_bytes,
                                   int32_t *number, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  uint32_t hash = hash_of(bytes, length_bytes);
  *number = find(vocabulary, hash, bytes, length_bytes);
  if (*number != RNN_ABSENT)
    return RNN_OK;
  if (vocabulary->count >= MOST_STRINGS)
    return refuse_more(error);
  size_t end;
  if (length_bytes > UINT32_MAX || !rnn_size_add(vocabulary->used_bytes, length_bytes, &end) ||
      !rnn_size_add(end, 1, &end))
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: the strings of a vocabulary");
  if (2 * (vocabulary->count + 1) > vocabulary->slots || vocabulary->count == vocabulary->capacity_entries ||
      end > vocabulary->capacity_bytes)
    RNN_TRY(make_room(vocabulary, vocabulary->count + 1, end, error));
  if (length_bytes > 0)
    memcpy(vocabulary->bytes + vocabulary->used_bytes, bytes, length_bytes);
  vocabulary->bytes[end - 1] = '\0';
  vocabulary->entry[vocabulary->count] =
      (struct entry){.hash = hash, .begin = vocabulary->used_bytes, .length_bytes = (uint32_t)length_bytes};
  vocabulary->used_bytes = end;
  take_slot(vocabulary, vocabulary->count);
  *number = (int32_t)vocabulary->count++;
out:
  return status;
}

const char *rnn_vocabulary_string(const struct rnn_vocabulary *vocabulary, int32_t number, size_t *length_bytes)
{
  const struct entry *entry = &vocabulary->entry[number];
  if (length_bytes != NULL)
    *length_bytes = entry->length_bytes;
  return vocabulary->bytes + entry->begin;
}

uint64_t rnn_vocabulary_frequency(const struct rnn_vocabulary *vocabulary, int32_t number)
{
  return vocabulary->entry[number].frequency;
}

void rnn_vocabulary_add_frequency(struct rnn_vocabulary *vocabulary, int32_t number, uint64_t more)
{
  vocabulary->entry[number].frequency += more;
}

/* What an order compares, without a look back into the vocabulary. */
struct candidate {
  const char *bytes;
  size_t length_bytes;
  uint64_t frequency;
  size_t number;
};

static int compare_bytes(const void *left, const void *right)
{
  const struct candidate *a = left, *b = right;
  size_t common = a->length_bytes < b->length_bytes ? a->length_bytes : b->length_bytes;
  int order = memcmp(a->bytes, b->bytes, common);
  if (order != 0)
    return order;
  return (a->length_bytes > b->length_bytes) - (a->length_bytes < b->length_bytes);
}

static int compare_frequency(const void *left, const void *right)
{
  const struct candidate *a = left, *b = right;
  if (a->frequency != b->frequency)
    return a->frequency > b->frequency ? -1 : 1;
  return compare_bytes(left, right);
}

static enum rnn_status add_candidates(struct rnn_vocabulary *to, const struct candidate *candidate, size_t count,
                                      int32_t *map, struct rnn_error *error)
{
  for (size_t i = 0; i < count; i++) {
    int32_t number;
    enum rnn_status status = rnn_vocabulary_add(to, candidate[i].bytes, candidate[i].length_bytes, &number, error);
    if (status != RNN_OK)
      return status;
    rnn_vocabulary_add_frequency(to, number, candidate[i].frequency);
    if (map != NULL)
      map[candidate[i].number] = number;
  }
  return RNN_OK;
}

enum rnn_status rnn_vocabulary_sorted(const struct rnn_vocabulary *from, uint64_t least, int by_bytes,
                                      struct rnn_vocabulary **sorted, int32_t *map, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct candidate *candidate = NULL;
  size_t kept = 0;
  RNN_TRY(rnn_vocabulary_create(sorted, error));
  RNN_TRY(rnn_memory_new(&candidate, from->count, sizeof *candidate, "the order of a vocabulary", error));
  for (size_t i = 0; i < from->count; i++) {
    const struct entry *entry = &from->entry[i];
    if (map != NULL)
      map[i] = RNN_ABSENT;
    if (entry->frequency >= least)
      candidate[kept++] = (struct candidate){from->bytes + entry->begin, entry->length_bytes, entry->frequency, i};
  }
  if (kept > 1)
    qsort(candidate, kept, sizeof *candidate, by_bytes ? compare_bytes : compare_frequency);
  RNN_TRY(add_candidates(*sorted, candidate, kept, map, error));
out:
  rnn_memory_free(candidate);
  if (status != RNN_OK) {
    rnn_vocabulary_free(*sorted);
    *sorted = NULL;
  }
  return status;
}
