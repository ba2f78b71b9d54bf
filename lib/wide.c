/* N-grams and their weights. */
#include "wide.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "memory.h"

enum { LONGEST_OF_WORDS = 3, KEY_BITS = 31 };

static const uint64_t before_first = 1, after_last = 2; /* the hashes of the two marks */

/* ---- hashes ---- */

/* The lower case of a character of two bytes in UTF-8: Latin, Greek and Cyrillic letters. Written out, for the keys in
 * a model must not depend on the Unicode version of a library. */
static uint32_t lower(uint32_t character)
{
  if ((character >= 0xC0 && character <= 0xDE && character != 0xD7) || (character >= 0x391 && character <= 0x3A9) ||
      (character >= 0x410 && character <= 0x42F))
    return character + 0x20;
  if (character >= 0x400 && character <= 0x40F)
    return character + 0x50;
  if ((character >= 0x100 && character <= 0x137) || (character >= 0x14A && character <= 0x177))
    return character | 1;
  if ((character >= 0x139 && character <= 0x148) || (character >= 0x179 && character <= 0x17E))
    return character + character % 2;
  return character;
}

static uint64_t add_byte(uint64_t hash, unsigned char byte)
{
  return (hash ^ byte) * UINT64_C(0x100000001B3);
}

/* FNV-1a (Fowler, Noll, Vo) of the string in lower case. */
static uint64_t hash_string(const char *bytes, size_t length_bytes)
{
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < length_bytes; i++) {
    unsigned char byte = (unsigned char)bytes[i], next = i + 1 < length_bytes ? (unsigned char)bytes[i + 1] : 0;
    if (byte >= 'A' && byte <= 'Z') {
      byte = (unsigned char)(byte + 'a' - 'A');
    } else if (byte >= 0xC3 && byte <= 0xDF && next >= 0x80 && next <= 0xBF) {
      uint32_t character = lower((uint32_t)(byte & 0x1F) << 6 | (next & 0x3F));
      hash = add_byte(hash, (unsigned char)(0xC0 | character >> 6));
      byte = (unsigned char)(0x80 | (character & 0x3F));
      i++;
    }
    hash = add_byte(hash, byte);
  }
  return hash;
}

static uint64_t stir(uint64_t hash, uint64_t more)
{
  hash = (hash ^ more) * UINT64_C(0x9E3779B97F4A7C15);
  return hash ^ hash >> 32;
}

/* ---- making ---- */

enum rnn_status rnn_wide_create(struct rnn_wide **wide, const struct rnn_vocabulary *symbols, enum rnn_level level,
                                size_t classes, size_t features, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_wide *fresh = NULL;
  size_t weights;
  *wide = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "the wide path", error));
  fresh->share[0] = (float)RNN_WIDE_USUAL_NETWORK;
  fresh->share[1] = (float)RNN_WIDE_USUAL_WIDE;
  fresh->longest = level == RNN_LEVEL_WORD ? LONGEST_OF_WORDS : RNN_WIDE_LONGEST;
  fresh->classes = classes;
  fresh->columns = classes == 2 ? 1 : classes;
  fresh->features = features;
  fresh->symbols = rnn_vocabulary_count(symbols);
  if (!rnn_size_multiply(features, fresh->columns, &weights))
    RNN_TRY(rnn_error_set(error, RNN_NO_MEMORY, "out of memory: %zu n-grams", features));
  RNN_TRY(rnn_memory_new(&fresh->key, features, sizeof *fresh->key, "n-grams", error));
  RNN_TRY(rnn_memory_new(&fresh->weight, weights, sizeof *fresh->weight, "n-grams", error));
  RNN_TRY(rnn_memory_new(&fresh->bias, fresh->columns, sizeof *fresh->bias, "n-grams", error));
  RNN_TRY(rnn_memory_new(&fresh->hash, fresh->symbols, sizeof *fresh->hash, "hashes of symbols", error));
  for (size_t i = 0; i < fresh->symbols; i++) {
    size_t length_bytes;
    const char *bytes = rnn_vocabulary_string(symbols, (int32_t)i, &length_bytes);
    fresh->hash[i] = hash_string(bytes, length_bytes);
  }
  *wide = fresh;
  fresh = NULL;
out:
  rnn_wide_free(fresh);
  return status;
}

void rnn_wide_free(struct rnn_wide *wide)
{
  if (wide == NULL)
    return;
  rnn_memory_free(wide->key);
  rnn_memory_free(wide->weight);
  rnn_memory_free(wide->bias);
  rnn_memory_free(wide->hash);
  rnn_memory_free(wide);
}

/* ---- n-grams ---- */

void rnn_grams_start(struct rnn_grams *grams)
{
  grams->held = 1;
  grams->last[0] = before_first;
}

/* The keys of `hash` after the last symbols, from the shortest n-gram on; the first `skipped` are left out. */
static size_t keys_of(const struct rnn_grams *grams, uint64_t hash, size_t skipped, int32_t *key)
{
  size_t count = 0;
  uint64_t stirred = stir(0, hash);
  for (size_t n = 0; n <= grams->held; n++) {
    if (n > 0)
      stirred = stir(stirred, grams->last[n - 1]);
    if (n >= skipped)
      key[count++] = (int32_t)(stirred >> (64 - KEY_BITS));
  }
  return count;
}

size_t rnn_grams_next(struct rnn_grams *grams, const struct rnn_wide *wide, int32_t symbol,
                      int32_t key[RNN_WIDE_LONGEST])
{
  if (symbol < 0 || (size_t)symbol >= wide->symbols) {
    grams->held = 0;
    return 0;
  }
  uint64_t hash = wide->hash[symbol];
  size_t count = keys_of(grams, hash, 0, key);
  size_t kept = grams->held + 1 < wide->longest ? grams->held : wide->longest - 2;
  memmove(grams->last + 1, grams->last, kept * sizeof *grams->last);
  grams->last[0] = hash;
  grams->held = kept + 1;
  return count;
}

size_t rnn_grams_end(const struct rnn_grams *grams, int32_t key[RNN_WIDE_LONGEST])
{
  return keys_of(grams, after_last, 1, key);
}

/* ---- reading ---- */

enum rnn_status rnn_wide_reader_init(struct rnn_wide_reader *reader, const struct rnn_wide *wide,
                                     struct rnn_error *error)
{
  enum rnn_status status;
  *reader = (struct rnn_wide_reader){.wide = wide};
  RNN_TRY(rnn_memory_new(&reader->seen, wide->features / 64 + 1, sizeof *reader->seen, "n-grams met", error));
  RNN_TRY(rnn_memory_new(&reader->sum, wide->columns, sizeof *reader->sum, "n-grams met", error));
  RNN_TRY(rnn_memory_new(&reader->z, wide->classes, sizeof *reader->z, "n-grams met", error));
out:
  if (status != RNN_OK)
    rnn_wide_reader_clear(reader);
  return status;
}

void rnn_wide_reader_clear(struct rnn_wide_reader *reader)
{
  rnn_memory_free(reader->seen);
  rnn_memory_free(reader->sum);
  rnn_memory_free(reader->z);
  *reader = (struct rnn_wide_reader){.wide = NULL};
}

void rnn_wide_reader_start(struct rnn_wide_reader *reader)
{
  const struct rnn_wide *wide = reader->wide;
  if (reader->touches < RNN_WIDE_TOUCHES)
    for (size_t i = 0; i < reader->touches; i++)
      reader->seen[reader->touched[i]] = 0;
  else
    memset(reader->seen, 0, (wide->features / 64 + 1) * sizeof *reader->seen);
  reader->touches = reader->steps = 0;
  rnn_grams_start(&reader->grams);
  for (size_t j = 0; j < wide->columns; j++)
    reader->sum[j] = (double)wide->bias[j];
}

/* Keys are hashes, so each lies near its share of the range: from there in steps that double, and by halves in between.
 */
size_t rnn_wide_find(const struct rnn_wide *wide, int32_t wanted)
{
  enum { FIRST_STEP = 8 };
  const int32_t *key = wide->key;
  size_t count = wide->features, low = (size_t)((uint64_t)wanted * count >> KEY_BITS), high = low;
  for (size_t step = FIRST_STEP; low > 0 && key[low] > wanted; step *= 2) {
    high = low;
    low -= step < low ? step : low;
  }
  for (size_t step = FIRST_STEP; high < count && key[high] <= wanted; step *= 2) {
    low = high;
    high += step < count - high ? step : count - high;
  }
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    *(key[middle] <= wanted ? &low : &high) = middle;
  }
  return low < count && key[low] == wanted ? low : count;
}

static void add_weights(const struct rnn_wide *wide, size_t feature, double *sum)
{
  for (size_t j = 0; j < wide->columns; j++)
    sum[j] += (double)wide->weight[feature * wide->columns + j];
}

static bool is_seen(const struct rnn_wide_reader *reader, size_t feature)
{
  return reader->seen[feature / 64] >> feature % 64 & 1;
}

/* Counts an n-gram, unless it was met before. */
static void meet(struct rnn_wide_reader *reader, int32_t key)
{
  size_t feature = rnn_wide_find(reader->wide, key);
  if (feature == reader->wide->features || is_seen(reader, feature))
    return;
  reader->seen[feature / 64] |= UINT64_C(1) << feature % 64;
  if (reader->touches < RNN_WIDE_TOUCHES)
    reader->touched[reader->touches++] = (uint32_t)(feature / 64);
  add_weights(reader->wide, feature, reader->sum);
}

void rnn_wide_reader_read(struct rnn_wide_reader *reader, const int32_t *symbol, size_t count)
{
  int32_t key[RNN_WIDE_LONGEST];
  for (size_t t = 0; t < count; t++) {
    size_t keys = rnn_grams_next(&reader->grams, reader->wide, symbol[t], key);
    for (size_t i = 0; i < keys; i++)
      meet(reader, key[i]);
  }
  reader->steps += count;
}

const double *rnn_wide_reader_z(struct rnn_wide_reader *reader)
{
  const struct rnn_wide *wide = reader->wide;
  int32_t key[RNN_WIDE_LONGEST];
  double *z = reader->z + wide->classes - wide->columns; /* of two classes the first has 0 */
  memcpy(z, reader->sum, wide->columns * sizeof *z);
  size_t keys = rnn_grams_end(&reader->grams, key);
  for (size_t i = 0; i < keys; i++) {
    size_t feature = rnn_wide_find(wide, key[i]);
    if (feature < wide->features && !is_seen(reader, feature))
      add_weights(wide, feature, z);
  }
  return reader->z;
}

void rnn_wide_reader_answer(struct rnn_wide_reader *reader, const real *network, real *y)
{
  rnn_wide_mix(reader->wide->classes, reader->wide->share, network, rnn_wide_reader_z(reader), y);
}

double rnn_wide_mixed(const float share[2], real network, double z)
{
  return (double)share[0] * log(fmax((double)network, (double)FLT_MIN)) + (double)share[1] * z;
}

void rnn_wide_mix(size_t classes, const float share[2], const real *network, const double *z, real *y)
{
  double greatest = -INFINITY, sum = 0;
  for (size_t j = 0; j < classes; j++)
    greatest = fmax(greatest, rnn_wide_mixed(share, network[j], z[j]));
  for (size_t j = 0; j < classes; j++) {
    y[j] = (real)exp(rnn_wide_mixed(share, network[j], z[j]) - greatest);
    sum += (double)y[j];
  }
  for (size_t j = 0; j < classes; j++)
    y[j] = (real)((double)y[j] / sum);
}
