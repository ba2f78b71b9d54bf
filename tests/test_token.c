/* Tokens: the fast path cuts as libunistring does, lower case is Unicode's. */
#include "token.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwbrk.h>

#include "input_limits.h"
#include "memory.h"
#include "text_case.h"
#include "utf8.h"

static struct rnn_tokenizer *make(enum rnn_level level, bool lowercase)
{
  struct rnn_tokenizer *tokenizer;
  cr_assert_eq(rnn_tokenizer_create(&tokenizer, (struct rnn_text){.level = level, .lowercase = lowercase}, NULL),
               RNN_OK);
  return tokenizer;
}

/* The tokens in brackets, surfaces or symbols. */
static char *cut(struct rnn_tokenizer *tokenizer, const char *text, size_t size, bool symbols)
{
  const struct rnn_slice *surface, *symbol, *shown;
  size_t count;
  struct text_sink sink = {.bytes = NULL};
  cr_assert_eq(rnn_tokenizer_run(tokenizer, (struct rnn_slice){text, size}, &surface, &symbol, &count, NULL), RNN_OK);
  text_add(&sink, "", 0);
  shown = symbols ? symbol : surface;
  for (size_t i = 0; i < count; i++) {
    text_add_string(&sink, "[");
    text_add(&sink, shown[i].bytes, shown[i].length_bytes);
    text_add_string(&sink, "]");
  }
  return sink.bytes;
}

static void expect_tokens(enum rnn_level level, bool lowercase, const char *text, const char *wanted)
{
  struct rnn_tokenizer *tokenizer = make(level, lowercase);
  char *got = cut(tokenizer, text, strlen(text), lowercase);
  cr_expect_str_eq(got, wanted, "%s, not %s", got, wanted);
  free(got);
  rnn_tokenizer_free(tokenizer);
}

Test(token, words)
{
  static const struct {
    const char *text, *tokens;
  } row[] = {
      {"", ""},
      {" \t\r\v\f ", ""},
      {"one two", "[one][two]"},
      {"Don't stop.", "[Don't][stop][.]"},
      {"a.b a. .b 'a' a''b", "[a.b][a][.][.][b]['][a]['][a][']['][b]"},
      {"3.14 1,000 1, ,1 1;2 1:2 a:b 1..2", "[3.14][1,000][1][,][,][1][1;2][1][:][2][a:b][1][.][.][2]"},
      {"it is great!!! 10/10", "[it][is][great][!][!][!][10][/][10]"},
      {"<br /><br />The", "[<][br][/][>][<][br][/][>][The]"},
      {"snake_case __ a_1 1_a x1y", "[snake_case][__][a_1][1_a][x1y]"},
      {"e-mail me@x.org $5 50%", "[e][-][mail][me][@][x.org][$][5][50][%]"},
      {"caf\xC3\xA9 na\xC3\xAFve", "[caf\xC3\xA9][na\xC3\xAFve]"},
      {"\xE2\x80\x9Cquoted\xE2\x80\x9D\xE2\x80\x94"
       "dash",
       "[\xE2\x80\x9C][quoted][\xE2\x80\x9D][\xE2\x80\x94][dash]"},
      {"l\xE2\x80\x99homme", "[l\xE2\x80\x99homme]"},
      {"a\xC2\xA0"
       "b",
       "[a][b]"}, /* a no-break space is white space */
      {"\xE4\xB8\xAD\xE6\x96\x87", "[\xE4\xB8\xAD][\xE6\x96\x87]"},
      {"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7",
       "[\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA][\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7]"}, /* two flags */
      {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB", "[\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB]"},
      {"a \xCC\x81", "[a][\xCC\x81]"}, /* an accent on a blank stands alone */
      {"x\x01y", "[x][\x01][y]"},
  };
  for (size_t i = 0; i < sizeof row / sizeof *row; i++)
    expect_tokens(RNN_LEVEL_WORD, false, row[i].text, row[i].tokens);
}

Test(token, characters_and_bytes)
{
  expect_tokens(RNN_LEVEL_CHAR, false, "a \xC3\xA9\xE2\x82\xAC\t", "[a][ ][\xC3\xA9][\xE2\x82\xAC][\t]");
  expect_tokens(RNN_LEVEL_CHAR, true, "A\xC3\x89z\xC4\xB0", "[a][\xC3\xA9][z][i]");
  expect_tokens(RNN_LEVEL_BYTE, false, "A\xC3\xA9", "[A][\xC3][\xA9]");
  expect_tokens(RNN_LEVEL_BYTE, true, "A\xC3\x89", "[a][\xC3][\x89]");
}

Test(token, bytes_that_are_no_utf8)
{
  expect_tokens(RNN_LEVEL_WORD, false,
                "ab\xFF\xFE"
                "c \xE2\x82 d",
                "[ab][\xFF][\xFE][c][\xE2][\x82][d]");
  expect_tokens(RNN_LEVEL_WORD, true, "AB\xFF\xC3\x89", "[ab][\xFF][\xC3\xA9]");
  expect_tokens(RNN_LEVEL_CHAR, true, "A\xFF\xC3", "[a][\xFF][\xC3]");
}

Test(token, lower_case)
{
  expect_tokens(RNN_LEVEL_WORD, true, "The END of x_Y Don'T", "[the][end][of][x_y][don't]");
  expect_tokens(RNN_LEVEL_WORD, true,
                "\xC3\x89T\xC3\x89 STRA\xC3\x9F"
                "E \xD0\x9C\xD0\x98\xD0\xA0",
                "[\xC3\xA9t\xC3\xA9][stra\xC3\x9F"
                "e][\xD0\xBC\xD0\xB8\xD1\x80]");
  expect_tokens(RNN_LEVEL_WORD, true, "\xCE\x9F\xCE\x94\xCE\x9F\xCE\xA3 \xCE\xA3\xCE\xA3 ABC",
                "[\xCE\xBF\xCE\xB4\xCE\xBF\xCF\x82][\xCF\x83\xCF\x82][abc]"); /* a final sigma */
  expect_tokens(RNN_LEVEL_WORD, true, "\xC4\xB0x", "[i\xCC\x87x]");
}

/* ---- against libunistring ---- */

/* The segments of the whole text, each without the white space it begins with; empty ones dropped. */
static char *cut_by_library(const char *text, size_t size)
{
  struct text_sink sink = {.bytes = NULL};
  char *breaks = calloc(size + 1, 1);
  u8_wordbreaks((const uint8_t *)text, size, breaks);
  breaks[size] = 1;
  text_add(&sink, "", 0);
  for (size_t begin = 0, i = 1; i <= size; i++) {
    if (!breaks[i])
      continue;
    for (ucs4_t c; begin < i; begin += (size_t)u8_mbtouc(&c, (const uint8_t *)text + begin, i - begin)) {
      u8_mbtouc(&c, (const uint8_t *)text + begin, i - begin);
      if (!uc_is_property_white_space(c))
        break;
    }
    if (begin < i) {
      text_add_string(&sink, "[");
      text_add(&sink, text + begin, i - begin);
      text_add_string(&sink, "]");
    }
    begin = i;
  }
  free(breaks);
  return sink.bytes;
}

static uint64_t draw(uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void expect_equal_cut(struct rnn_tokenizer *tokenizer, const char *text, size_t size)
{
  char *got = cut(tokenizer, text, size, false), *wanted = cut_by_library(text, size);
  cr_assert_str_eq(got, wanted, "of '%.*s': %s, not %s", (int)size, text, got, wanted);
  free(got);
  free(wanted);
}

Test(token, random_ascii_is_cut_as_the_library_does)
{
  static const char frequent[] = "ab1_.:,;' \"-\t";
  struct rnn_tokenizer *tokenizer = make(RNN_LEVEL_WORD, false);
  uint64_t state = 4711;
  for (int i = 0; i < 60000; i++) {
    char text[24];
    size_t size = draw(&state) % sizeof text;
    for (size_t j = 0; j < size; j++)
      text[j] = draw(&state) % 4 ? frequent[draw(&state) % (sizeof frequent - 1)] : (char)(1 + draw(&state) % 127);
    expect_equal_cut(tokenizer, text, size);
  }
  rnn_tokenizer_free(tokenizer);
}

/* Every class of word breaks, marks and joiners behind blanks among them. */
Test(token, random_unicode_is_cut_as_the_library_does)
{
  static const uint32_t frequent[] = {
      'a',     'B',    '1',    '_',   '.',   '\'',   ' ',    ' ',    '\t',   0xE9,   0x301,   0x200D,  0xAD,    0x2060,
      0xA0,    0x2003, 0x3000, 0x5D0, '"',   0x30A2, 0x4E2D, 0x3042, 0xAC00, 0xE01,  0x1F1E9, 0x1F1EA, 0x1F469, 0x1F4BB,
      0x1F3FB, 0x2019, 0x387,  0x66C, 0x661, 0x203F, 0x85,   0x2028, 0xFEFF, 0x200B, 0xFF0E,  0x600};
  struct rnn_tokenizer *tokenizer = make(RNN_LEVEL_WORD, false);
  uint64_t state = 815;
  for (int i = 0; i < 60000; i++) {
    uint8_t text[80];
    size_t size = 0, length = draw(&state) % 16;
    for (size_t j = 0; j < length; j++) {
      uint32_t c = frequent[draw(&state) % (sizeof frequent / sizeof *frequent)];
      if (draw(&state) % 8 == 0)
        c = (uint32_t)(draw(&state) % 0x11000);
      if (c == 0 || (c >= 0xD800 && c < 0xE000))
        continue;
      size += (size_t)u8_uctomb(text + size, c, (ptrdiff_t)(sizeof text - size));
    }
    expect_equal_cut(tokenizer, (const char *)text, size);
  }
  rnn_tokenizer_free(tokenizer);
}

Test(token, every_letter_in_lower_case)
{
  struct rnn_tokenizer *tokenizer = make(RNN_LEVEL_WORD, true);
  for (uint32_t c = 1; c < 0x110000; c++) {
    if (c >= 0xD800 && c < 0xE000)
      continue;
    uint8_t text[8], lower[32];
    size_t length = sizeof lower;
    text[0] = 'x';
    size_t size = 1 + (size_t)u8_uctomb(text + 1, c, 7);
    cr_assert_eq(u8_tolower(text, size, NULL, NULL, lower, &length), lower);
    struct rnn_slice symbol;
    cr_assert_eq(rnn_tokenizer_token(tokenizer, (struct rnn_slice){(const char *)text, size}, &symbol, NULL), RNN_OK);
    cr_assert(symbol.length_bytes == length && memcmp(symbol.bytes, lower, length) == 0, "U+%04X", c);
  }
  rnn_tokenizer_free(tokenizer);
}

/* ---- memory ---- */

Test(token, slices_point_into_the_text_where_nothing_changes)
{
  static const char text[] = "one Two \xC3\xA9t\xC3\xA9 \xC3\x89t\xC3\xA9";
  const struct rnn_slice *surface, *symbol;
  size_t count;
  struct rnn_tokenizer *tokenizer = make(RNN_LEVEL_WORD, true);
  struct rnn_slice whole = {text, sizeof text - 1};
  cr_assert_eq(rnn_tokenizer_run(tokenizer, whole, &surface, &symbol, &count, NULL), RNN_OK);
  cr_assert_eq(count, 4U);
  for (size_t i = 0; i < count; i++)
    cr_expect(surface[i].bytes >= text && surface[i].bytes < text + sizeof text);
  cr_expect_eq(symbol[0].bytes, surface[0].bytes);
  cr_expect_neq(symbol[1].bytes, surface[1].bytes);
  cr_expect_eq(symbol[2].bytes, surface[2].bytes);
  cr_expect_neq(symbol[3].bytes, surface[3].bytes);
  rnn_tokenizer_free(tokenizer);
  tokenizer = make(RNN_LEVEL_WORD, false);
  cr_assert_eq(rnn_tokenizer_run(tokenizer, whole, &surface, &symbol, &count, NULL), RNN_OK);
  cr_expect_eq(symbol, surface);
  rnn_tokenizer_free(tokenizer);
}

Test(token, given_tokens_stay_as_they_are_cut)
{
  const struct rnn_slice token[] = {{"New York", 8}, {"don't!", 6}, {"\xC3\x89.", 3}};
  const char *const lower[] = {"new york", "don't!", "\xC3\xA9."};
  const struct rnn_slice *surface, *symbol;
  size_t count;
  struct rnn_tokenizer *tokenizer = make(RNN_LEVEL_WORD, true);
  struct rnn_record record = {.content = RNN_CONTENT_TOKENS, .steps = 3, .token = (struct rnn_slice *)(uintptr_t)token};
  cr_assert_eq(rnn_tokenizer_record(tokenizer, &record, &surface, &symbol, &count, NULL), RNN_OK);
  cr_assert_eq(count, 3U);
  cr_expect_eq(surface, token);
  for (size_t i = 0; i < count; i++) {
    cr_expect_eq(symbol[i].length_bytes, strlen(lower[i]));
    cr_expect_eq(memcmp(symbol[i].bytes, lower[i], symbol[i].length_bytes), 0);
  }
  record = (struct rnn_record){.content = RNN_CONTENT_FRAMES, .steps = 5};
  cr_assert_eq(rnn_tokenizer_record(tokenizer, &record, &surface, &symbol, &count, NULL), RNN_OK);
  cr_expect_eq(count, 0U);
  rnn_tokenizer_free(tokenizer);
}

Test(token, a_word_past_the_limit_is_cut)
{
  const struct rnn_slice *surface, *symbol;
  size_t count, size = 3 * RNN_LIMIT_TOKEN_BYTES + 7, total = 0;
  struct rnn_tokenizer *tokenizer = make(RNN_LEVEL_WORD, true);
  char *text = malloc(size + 1);
  memset(text, 'W', size);
  for (size_t i = 0; i + 1 < size; i += 2) /* two bytes each, across the limit */
    memcpy(text + i, "\xC3\x89", 2);
  text[size - 1] = 'W';
  cr_assert_eq(rnn_tokenizer_run(tokenizer, (struct rnn_slice){text, size}, &surface, &symbol, &count, NULL), RNN_OK);
  cr_expect_eq(count, 4U);
  for (size_t i = 0; i < count; i++) {
    cr_expect_leq(surface[i].length_bytes, RNN_LIMIT_TOKEN_BYTES);
    cr_expect_eq(rnn_utf8_valid(surface[i].bytes, surface[i].length_bytes), surface[i].length_bytes);
    total += surface[i].length_bytes;
  }
  cr_expect_eq(total, size);
  free(text);
  rnn_tokenizer_free(tokenizer);
}

/* Without lower-casing by libunistring, which has memory of its own. */
Test(token, a_text_seen_before_takes_no_memory)
{
  static const char text[] = "One two, THREE: caf\xC3\xA9 \xC3\x89! \xF0\x9F\x98\x80 and so on";
  const struct rnn_slice *surface, *symbol;
  size_t count;
  for (int level = RNN_LEVEL_WORD; level <= RNN_LEVEL_BYTE; level++) {
    struct rnn_tokenizer *tokenizer = make((enum rnn_level)level, true);
    size_t before = 0;
    for (int i = 0; i < 10; i++) {
      cr_assert_eq(
          rnn_tokenizer_run(tokenizer, (struct rnn_slice){text, sizeof text - 1}, &surface, &symbol, &count, NULL),
          RNN_OK);
      if (i == 0)
        before = rnn_memory_allocations();
    }
    cr_expect_eq(rnn_memory_allocations(), before);
    rnn_tokenizer_free(tokenizer);
  }
  rnn_tokenizer_free(NULL);
}
