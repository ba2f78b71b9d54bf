/* Spelling as hashed keys. */
#include "feature.h"

#include <stdbool.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "memory.h"
#include "sorted.h"

enum {
  MOST_CHARACTERS = 32, /* of a longer word the first and the last half of these count */
  LONGEST_EDGE = 5,     /* beginnings and ends, in characters */
  PIECE = 3,            /* characters of the pieces in between */
  LONGEST_SHAPE = 12,
  EDGE_OF_WORD = 0x110000, /* a character that is none */
  STRAY_BYTE = 0x110100    /* + the byte */
};

enum kind { WHOLE = 1, BEGINNING, END, PIECES, SHAPE, SHORT_SHAPE };

/* A word's characters, as they are and in lower case. */
struct spelling {
  size_t length;
  uint32_t character[MOST_CHARACTERS], lower[MOST_CHARACTERS];
};

/* The keys so far, in no order. */
struct keys {
  size_t count;
  int32_t *key; /* [RNN_MOST_FEATURES] */
};

static uint32_t next_character(const uint8_t **at, const uint8_t *end)
{
  ucs4_t character;
  int length = **at < 0x80 ? 1 : u8_mbtoucr(&character, *at, (size_t)(end - *at));
  if (length <= 0) {
    character = STRAY_BYTE + **at;
    length = 1;
  } else if (**at < 0x80) {
    character = **at;
  }
  *at += length;
  return character;
}

static uint32_t lower_of(uint32_t character)
{
  if (character >= 'A' && character <= 'Z')
    return character + ('a' - 'A');
  return character < 0x80 || character >= EDGE_OF_WORD ? character : uc_tolower(character);
}

/* Of a long word the middle is left out. */
static void spell(struct spelling *spelling, const char *bytes, size_t length_bytes)
{
  enum { HALF = MOST_CHARACTERS / 2 };
  const uint8_t *at = (const uint8_t *)bytes, *end = at + length_bytes;
  uint32_t last[HALF];
  size_t met = 0;
  for (; at < end; met++) {
    uint32_t character = next_character(&at, end);
    if (met < MOST_CHARACTERS)
      spelling->character[met] = character;
    last[met % HALF] = character;
  }
  spelling->length = met < MOST_CHARACTERS ? met : MOST_CHARACTERS;
  for (size_t i = 0; met > MOST_CHARACTERS && i < HALF; i++)
    spelling->character[HALF + i] = last[(met + i) % HALF];
  for (size_t i = 0; i < spelling->length; i++)
    spelling->lower[i] = lower_of(spelling->character[i]);
}

/* Bytes of the characters in a fixed order, so that the key is the same on every machine. */
static void add_key(struct keys *keys, enum kind kind, const uint32_t *character, size_t count)
{
  uint8_t bytes[1 + 3 * MOST_CHARACTERS];
  if (keys->count == RNN_MOST_FEATURES)
    return;
  bytes[0] = (uint8_t)kind;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < 3; j++)
      bytes[1 + 3 * i + j] = (uint8_t)(character[i] >> (8 * j));
  keys->key[keys->count++] = (int32_t)(XXH3_64bits(bytes, 1 + 3 * count) >> 33);
}

static uint32_t shape_of(uint32_t character)
{
  if (character < 0x80) {
    bool upper = character >= 'A' && character <= 'Z', small = character >= 'a' && character <= 'z';
    return upper ? 'X' : small ? 'x' : character >= '0' && character <= '9' ? '0' : character;
  }
  if (character >= EDGE_OF_WORD)
    return character;
  if (uc_is_property_numeric(character))
    return '0';
  if (!uc_is_property_alphabetic(character))
    return character;
  return uc_is_property_uppercase(character) ? 'X' : uc_is_property_lowercase(character) ? 'x' : 'o';
}

/* Character by character, and with each run as one. */
static void add_shapes(struct keys *keys, const struct spelling *spelling)
{
  uint32_t shape[MOST_CHARACTERS] = {0};
  size_t whole = spelling->length < LONGEST_SHAPE ? spelling->length : LONGEST_SHAPE, runs = 0;
  for (size_t i = 0; i < spelling->length; i++)
    shape[i] = shape_of(spelling->character[i]);
  add_key(keys, SHAPE, shape, whole);
  for (size_t i = 0; i < spelling->length; i++)
    if (runs == 0 || shape[i] != shape[runs - 1])
      shape[runs++] = shape[i];
  add_key(keys, SHORT_SHAPE, shape, runs);
}

size_t rnn_feature_keys(const char *bytes, size_t length_bytes, int32_t *key)
{
  struct spelling spelling;
  struct keys keys = {.key = key};
  spell(&spelling, bytes, length_bytes);
  size_t length = spelling.length;
  add_key(&keys, WHOLE, spelling.lower, length);
  add_shapes(&keys, &spelling);
  for (size_t n = 1; n <= LONGEST_EDGE && n <= length; n++) {
    add_key(&keys, BEGINNING, spelling.lower, n);
    add_key(&keys, END, spelling.lower + length - n, n);
  }
  for (size_t i = 0; i + PIECE <= length; i++)
    add_key(&keys, PIECES, spelling.lower + i, PIECE);
  return rnn_sorted_unique(key, keys.count);
}

/* Those that are there twice, once each. */
static void keep_shared(struct rnn_features *features)
{
  size_t kept = 0;
  rnn_sorted_sort(features->key, features->count);
  for (size_t i = 1; i < features->count; i++)
    if (features->key[i] == features->key[i - 1] && (kept == 0 || features->key[kept - 1] != features->key[i]))
      features->key[kept++] = features->key[i];
  features->count = kept;
}

enum rnn_status rnn_features_create(struct rnn_features **features, const struct rnn_vocabulary *counted,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_features *fresh = NULL;
  *features = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "features", error));
  for (size_t i = 0; i < rnn_vocabulary_count(counted); i++) {
    size_t length_bytes;
    const char *bytes = rnn_vocabulary_string(counted, (int32_t)i, &length_bytes);
    if (rnn_vocabulary_frequency(counted, (int32_t)i) == 0)
      continue;
    RNN_TRY(rnn_memory_grow(&fresh->key, &fresh->capacity, fresh->count + RNN_MOST_FEATURES, sizeof *fresh->key,
                            "features", error));
    fresh->count += rnn_feature_keys(bytes, length_bytes, fresh->key + fresh->count);
  }
  keep_shared(fresh);
  *features = fresh;
  fresh = NULL;
out:
  rnn_features_free(fresh);
  return status;
}

void rnn_features_free(struct rnn_features *features)
{
  if (features == NULL)
    return;
  rnn_memory_free(features->key);
  rnn_memory_free(features);
}

size_t rnn_features_find(const struct rnn_features *features, const char *bytes, size_t length_bytes, int32_t *row)
{
  int32_t key[RNN_MOST_FEATURES];
  size_t keys = rnn_feature_keys(bytes, length_bytes, key), rows = 0;
  for (size_t i = 0; i < keys; i++) {
    size_t found = rnn_sorted_find(features->key, features->count, key[i]);
    if (found < features->count)
      row[rows++] = (int32_t)found;
  }
  return rows;
}
