/* Tokens. A blank of ASCII always ends a word, so text is cut at blanks first: a piece of ASCII alone is cut here, by
 * the word-break classes that libunistring gives its bytes; any other piece by libunistring. */
#include "token.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uniwbrk.h>

#include "input_limits.h"
#include "memory.h"
#include "utf8.h"

/* Classes of bytes, for the rules of UAX 29 that ASCII can meet. */
enum {
  LETTER = 1,
  DIGIT = 2,
  JOINER = 4,     /* '_' */
  MID_LETTER = 8, /* between letters: ':' '.' '\'' */
  MID_DIGIT = 16, /* between digits: ',' ';' '.' '\'' */
  UPPER = 32,     /* besides LETTER */
  BLANK = 64,     /* white space of ASCII */
  BEYOND_ASCII = 128,
  WORD = LETTER | DIGIT | JOINER
};

enum {
  CAPITAL_I_WITH_DOT = 0x130,
  CAPITAL_SIGMA = 0x3A3
}; /* whose lower case is two letters, or hangs on what follows */

struct rnn_tokenizer {
  struct rnn_text text;
  uint8_t class[256];
  char lower[256];                    /* of ASCII */
  struct rnn_slice *surface, *symbol; /* symbol is unused where symbols are surfaces */
  size_t count, capacity_surface, capacity_symbol;
  char *lowered; /* bytes of symbols that are not in the text */
  size_t lowered_bytes, capacity_lowered;
  char *breaks;
  size_t capacity_breaks;
};

static uint8_t class_of(unsigned char c)
{
  if (c >= 0x80)
    return BEYOND_ASCII;
  if (c == ' ' || (c >= '\t' && c <= '\r'))
    return BLANK;
  switch (uc_wordbreak_property(c)) {
  case WBP_ALETTER:
    return c >= 'A' && c <= 'Z' ? LETTER | UPPER : LETTER;
  case WBP_NUMERIC:
    return DIGIT;
  case WBP_EXTENDNUMLET:
    return JOINER;
  case WBP_MIDLETTER:
    return MID_LETTER;
  case WBP_MIDNUM:
    return MID_DIGIT;
  case WBP_MIDNUMLET:
  case WBP_SQ:
    return MID_LETTER | MID_DIGIT;
  default:
    return 0;
  }
}

enum rnn_status rnn_tokenizer_create(struct rnn_tokenizer **tokenizer, struct rnn_text text, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_new(tokenizer, 1, sizeof **tokenizer, "tokenizer", error);
  if (status != RNN_OK)
    return status;
  (*tokenizer)->text = text;
  for (int c = 0; c < 256; c++) {
    (*tokenizer)->class[c] = class_of((unsigned char)c);
    (*tokenizer)->lower[c] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return RNN_OK;
}

void rnn_tokenizer_free(struct rnn_tokenizer *tokenizer)
{
  if (tokenizer == NULL)
    return;
  rnn_memory_free(tokenizer->surface);
  rnn_memory_free(tokenizer->symbol);
  rnn_memory_free(tokenizer->lowered);
  rnn_memory_free(tokenizer->breaks);
  rnn_memory_free(tokenizer);
}

/* ---- lower case ---- */

/* Lower case never takes more than 3 bytes for 2. */
static enum rnn_status reserve_lowered(struct rnn_tokenizer *tokenizer, size_t length_bytes, struct rnn_error *error)
{
  size_t wanted = tokenizer->lowered_bytes + 2 * length_bytes + 8;
  return rnn_memory_grow(&tokenizer->lowered, &tokenizer->capacity_lowered, wanted, 1, "lower-cased text", error);
}

static struct rnn_slice lower_ascii(struct rnn_tokenizer *tokenizer, struct rnn_slice token)
{
  char *to = tokenizer->lowered + tokenizer->lowered_bytes;
  for (size_t i = 0; i < token.length_bytes; i++)
    to[i] = tokenizer->lower[(unsigned char)token.bytes[i]];
  tokenizer->lowered_bytes += token.length_bytes;
  return (struct rnn_slice){to, token.length_bytes};
}

static size_t put_code_point(uint32_t c, char *to)
{
  if (c < 0x80) {
    to[0] = (char)c;
    return 1;
  }
  size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, c >>= 6)
    to[i] = (char)(0x80 | (c & 0x3F));
  to[0] = (char)((0xF0U << (4 - length)) | c);
  return length;
}

/* Code point by code point; *whole is set where a letter needs more than that. */
static struct rnn_slice lower_simply(struct rnn_tokenizer *tokenizer, struct rnn_slice token, bool *whole)
{
  char *begin = tokenizer->lowered + tokenizer->lowered_bytes, *to = begin;
  bool changed = false;
  *whole = false;
  for (size_t i = 0, step; i < token.length_bytes; i += step) {
    step = rnn_utf8_step(token.bytes + i, token.length_bytes - i);
    if (step == 0) {
      *to++ = token.bytes[i];
      step = 1;
      continue;
    }
    uint32_t upper = rnn_utf8_code_point(token.bytes + i, step);
    uint32_t lower = upper < 0x80 ? (unsigned char)tokenizer->lower[upper] : uc_tolower(upper);
    *whole |= upper == CAPITAL_I_WITH_DOT || upper == CAPITAL_SIGMA;
    changed |= lower != upper;
    to += put_code_point(lower, to);
  }
  if (!changed)
    return token;
  size_t length = (size_t)(to - begin);
  tokenizer->lowered_bytes += length;
  return (struct rnn_slice){begin, length};
}

/* By libunistring, for any language. */
static enum rnn_status lower_fully(struct rnn_tokenizer *tokenizer, struct rnn_slice token, struct rnn_slice *symbol,
                                   struct rnn_error *error)
{
  char *to = tokenizer->lowered + tokenizer->lowered_bytes;
  size_t length = 2 * token.length_bytes + 8;
  uint8_t *found = u8_tolower((const uint8_t *)token.bytes, token.length_bytes, NULL, NULL, (uint8_t *)to, &length);
  if (found == NULL)
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: lower-cased text");
  if (found != (uint8_t *)to) {
    memcpy(to, found, length);
    free(found);
  }
  tokenizer->lowered_bytes += length;
  *symbol = (struct rnn_slice){to, length};
  return RNN_OK;
}

/* `lowered` has room for it. */
static enum rnn_status lower(struct rnn_tokenizer *tokenizer, struct rnn_slice token, struct rnn_slice *symbol,
                             struct rnn_error *error)
{
  uint8_t seen = 0;
  bool whole;
  for (size_t i = 0; i < token.length_bytes; i++)
    seen |= tokenizer->class[(unsigned char)token.bytes[i]];
  *symbol = token;
  if (seen & BEYOND_ASCII) {
    size_t before = tokenizer->lowered_bytes;
    *symbol = lower_simply(tokenizer, token, &whole);
    if (whole && rnn_utf8_valid(token.bytes, token.length_bytes) == token.length_bytes) {
      tokenizer->lowered_bytes = before;
      return lower_fully(tokenizer, token, symbol, error);
    }
  } else if (seen & UPPER) {
    *symbol = lower_ascii(tokenizer, token);
  }
  return RNN_OK;
}

/* ---- words ---- */

static enum rnn_status reserve(struct rnn_tokenizer *tokenizer, size_t count, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_grow(&tokenizer->surface, &tokenizer->capacity_surface, count,
                                           sizeof *tokenizer->surface, "tokens of a text", error);
  if (status == RNN_OK && tokenizer->text.lowercase)
    status = rnn_memory_grow(&tokenizer->symbol, &tokenizer->capacity_symbol, count, sizeof *tokenizer->symbol,
                             "symbols of a text", error);
  return status;
}

static enum rnn_status add_piece(struct rnn_tokenizer *tokenizer, struct rnn_slice token, uint8_t seen,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (tokenizer->count == tokenizer->capacity_surface)
    RNN_TRY(reserve(tokenizer, tokenizer->count + 1, error));
  size_t i = tokenizer->count++;
  tokenizer->surface[i] = token;
  if (!tokenizer->text.lowercase)
    return RNN_OK;
  if (seen & BEYOND_ASCII)
    return lower(tokenizer, token, &tokenizer->symbol[i], error);
  tokenizer->symbol[i] = seen & UPPER ? lower_ascii(tokenizer, token) : token;
out:
  return status;
}

/* Adds a token; `seen` are the classes of its bytes. */
static enum rnn_status add(struct rnn_tokenizer *tokenizer, struct rnn_slice token, uint8_t seen,
                           struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  while (token.length_bytes > RNN_LIMIT_TOKEN_BYTES) {
    size_t length = RNN_LIMIT_TOKEN_BYTES;
    while (length > RNN_LIMIT_TOKEN_BYTES - 4 && ((unsigned char)token.bytes[length] & 0xC0) == 0x80)
      length--;
    RNN_TRY(add_piece(tokenizer, (struct rnn_slice){token.bytes, length}, seen, error));
    token.bytes += length;
    token.length_bytes -= length;
  }
  RNN_TRY(add_piece(tokenizer, token, seen, error));
out:
  return status;
}

/* Adds a segment without the white space that it may begin with. */
static enum rnn_status add_segment(struct rnn_tokenizer *tokenizer, struct rnn_slice segment, struct rnn_error *error)
{
  while (segment.length_bytes > 0) {
    size_t step = rnn_utf8_step(segment.bytes, segment.length_bytes);
    if (!uc_is_property_white_space(rnn_utf8_code_point(segment.bytes, step)))
      return add(tokenizer, segment, BEYOND_ASCII, error);
    segment.bytes += step;
    segment.length_bytes -= step;
  }
  return RNN_OK;
}

/* Well-formed text by libunistring. */
static enum rnn_status cut_by_library(struct rnn_tokenizer *tokenizer, struct rnn_slice text, struct rnn_error *error)
{
  enum rnn_status status;
  size_t begin = 0;
  RNN_TRY(rnn_memory_grow(&tokenizer->breaks, &tokenizer->capacity_breaks, text.length_bytes, 1, "word breaks", error));
  u8_wordbreaks((const uint8_t *)text.bytes, text.length_bytes, tokenizer->breaks);
  for (size_t i = 1; i <= text.length_bytes; i++) {
    if (i < text.length_bytes && !tokenizer->breaks[i])
      continue;
    RNN_TRY(add_segment(tokenizer, (struct rnn_slice){text.bytes + begin, i - begin}, error));
    begin = i;
  }
out:
  return status;
}

/* Text without white space of ASCII; bytes that are no UTF-8 are tokens of their own. */
static enum rnn_status cut_beyond_ascii(struct rnn_tokenizer *tokenizer, struct rnn_slice text, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  while (text.length_bytes > 0) {
    size_t valid = rnn_utf8_valid(text.bytes, text.length_bytes);
    if (valid > 0)
      RNN_TRY(cut_by_library(tokenizer, (struct rnn_slice){text.bytes, valid}, error));
    else
      RNN_TRY(add(tokenizer, (struct rnn_slice){text.bytes, valid = 1}, BEYOND_ASCII, error));
    text.bytes += valid;
    text.length_bytes -= valid;
  }
out:
  return status;
}

/* The end of the word that begins at i (rules WB5 to WB13b); *seen gets the classes of its bytes. */
static size_t find_word_end(const uint8_t *class, struct rnn_slice text, size_t i, uint8_t *seen)
{
  const unsigned char *byte = (const unsigned char *)text.bytes;
  uint8_t last = 0, all = 0;
  for (;;) {
    for (uint8_t c; i < text.length_bytes && ((c = class[byte[i]]) & WORD); i++) {
      last = c;
      all |= c;
    }
    if (i + 1 >= text.length_bytes)
      break;
    uint8_t between = class[byte[i]], after = class[byte[i + 1]];
    bool joins = (last & after & LETTER && between & MID_LETTER) || (last & after & DIGIT && between & MID_DIGIT);
    if (!joins)
      break;
    i++;
  }
  *seen = all;
  return i;
}

static enum rnn_status cut_words(struct rnn_tokenizer *tokenizer, struct rnn_slice text, struct rnn_error *error)
{
  const uint8_t *class = tokenizer->class;
  const unsigned char *byte = (const unsigned char *)text.bytes;
  size_t piece = 0, tokens_before = 0, lowered_before = 0; /* where the piece between blanks begins */
  enum rnn_status status = RNN_OK;
  for (size_t i = 0; i < text.length_bytes;) {
    uint8_t seen = class[byte[i]];
    size_t begin = i++;
    if (seen & BLANK) {
      piece = i;
      tokens_before = tokenizer->count;
      lowered_before = tokenizer->lowered_bytes;
    } else if (seen & BEYOND_ASCII) {
      while (i < text.length_bytes && !(class[byte[i]] & BLANK))
        i++;
      tokenizer->count = tokens_before;
      tokenizer->lowered_bytes = lowered_before;
      RNN_TRY(cut_beyond_ascii(tokenizer, (struct rnn_slice){text.bytes + piece, i - piece}, error));
    } else {
      if (seen & WORD)
        i = find_word_end(class, text, begin, &seen);
      RNN_TRY(add(tokenizer, (struct rnn_slice){text.bytes + begin, i - begin}, seen, error));
    }
  }
out:
  return status;
}

/* ---- characters and bytes ---- */

static struct rnn_slice lower_character(struct rnn_tokenizer *tokenizer, struct rnn_slice character)
{
  bool whole;
  unsigned char first = (unsigned char)character.bytes[0];
  if (first < 0x80)
    return (struct rnn_slice){&tokenizer->lower[first], 1};
  return lower_simply(tokenizer, character, &whole);
}

static enum rnn_status cut_characters(struct rnn_tokenizer *tokenizer, struct rnn_slice text, struct rnn_error *error)
{
  bool bytes = tokenizer->text.level == RNN_LEVEL_BYTE;
  size_t count = 0;
  enum rnn_status status = reserve(tokenizer, text.length_bytes, error);
  for (size_t i = 0, step; status == RNN_OK && i < text.length_bytes; i += step, count++) {
    step = bytes ? 1 : rnn_utf8_step(text.bytes + i, text.length_bytes - i);
    step += step == 0;
    struct rnn_slice character = {text.bytes + i, step};
    tokenizer->surface[count] = character;
    if (tokenizer->text.lowercase)
      tokenizer->symbol[count] = lower_character(tokenizer, character);
  }
  tokenizer->count = count;
  return status;
}

/* ---- what is called ---- */

enum rnn_status rnn_tokenizer_run(struct rnn_tokenizer *tokenizer, struct rnn_slice text,
                                  const struct rnn_slice **surface, const struct rnn_slice **symbol, size_t *count,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  tokenizer->count = tokenizer->lowered_bytes = 0;
  if (tokenizer->text.lowercase)
    RNN_TRY(reserve_lowered(tokenizer, text.length_bytes, error));
  if (tokenizer->text.level == RNN_LEVEL_WORD)
    RNN_TRY(cut_words(tokenizer, text, error));
  else
    RNN_TRY(cut_characters(tokenizer, text, error));
  *surface = tokenizer->surface;
  *symbol = tokenizer->text.lowercase ? tokenizer->symbol : tokenizer->surface;
  *count = tokenizer->count;
out:
  return status;
}

enum rnn_status rnn_tokenizer_tokens(struct rnn_tokenizer *tokenizer, const struct rnn_slice *token, size_t count,
                                     const struct rnn_slice **symbol, struct rnn_error *error)
{
  size_t bytes = 0;
  enum rnn_status status = RNN_OK;
  *symbol = token;
  if (!tokenizer->text.lowercase)
    return RNN_OK;
  tokenizer->count = tokenizer->lowered_bytes = 0;
  for (size_t i = 0; i < count; i++)
    bytes += token[i].length_bytes + 4;
  RNN_TRY(reserve_lowered(tokenizer, bytes, error));
  RNN_TRY(reserve(tokenizer, count, error));
  for (size_t i = 0; i < count; i++)
    RNN_TRY(lower(tokenizer, token[i], &tokenizer->symbol[i], error));
  *symbol = tokenizer->symbol;
out:
  return status;
}

enum rnn_status rnn_tokenizer_token(struct rnn_tokenizer *tokenizer, struct rnn_slice token, struct rnn_slice *symbol,
                                    struct rnn_error *error)
{
  const struct rnn_slice *found;
  enum rnn_status status = rnn_tokenizer_tokens(tokenizer, &token, 1, &found, error);
  if (status == RNN_OK)
    *symbol = *found;
  return status;
}

enum rnn_status rnn_tokenizer_record(struct rnn_tokenizer *tokenizer, const struct rnn_record *record,
                                     const struct rnn_slice **surface, const struct rnn_slice **symbol, size_t *count,
                                     struct rnn_error *error)
{
  if (record->content == RNN_CONTENT_TEXT)
    return rnn_tokenizer_run(tokenizer, record->text, surface, symbol, count, error);
  *surface = record->token;
  *count = record->content == RNN_CONTENT_TOKENS ? record->steps : 0;
  return rnn_tokenizer_tokens(tokenizer, record->token, *count, symbol, error);
}
