/* Well-formed text is cut as libunistring cuts it; in any bytes, nothing but white space is lost. */
#include <string.h>
#include <unictype.h>
#include <uniwbrk.h>

#include "fuzz.h"
#include "token.h"
#include "utf8.h"

static size_t skip_white_space(const char *text, size_t begin, size_t end)
{
  while (begin < end) {
    size_t step = rnn_utf8_step(text + begin, end - begin);
    if (step == 0 || !uc_is_property_white_space(rnn_utf8_code_point(text + begin, step)))
      break;
    begin += step;
  }
  return begin;
}

static void compare(const char *text, size_t size, const struct rnn_slice *token, size_t count)
{
  char *breaks = malloc(size + 1);
  size_t found = 0, begin = 0;
  u8_wordbreaks((const uint8_t *)text, size, breaks);
  for (size_t i = 1; i <= size; i++) {
    if (i < size && !breaks[i])
      continue;
    begin = skip_white_space(text, begin, i);
    if (begin < i) {
      FUZZ_EXPECT(found < count && token[found].bytes == text + begin && token[found].length_bytes == i - begin);
      found++;
    }
    begin = i;
  }
  FUZZ_EXPECT(found == count);
  free(breaks);
}

int fuzz_token(const uint8_t *data, size_t size)
{
  static struct rnn_tokenizer *tokenizer;
  const struct rnn_slice *surface, *symbol;
  size_t count, behind = 0;
  const char *text = (const char *)data;
  if (tokenizer == NULL)
    FUZZ_EXPECT(rnn_tokenizer_create(&tokenizer, (struct rnn_text){.level = RNN_LEVEL_WORD, .lowercase = true}, NULL) ==
                RNN_OK);
  FUZZ_EXPECT(rnn_tokenizer_run(tokenizer, (struct rnn_slice){text, size}, &surface, &symbol, &count, NULL) == RNN_OK);
  for (size_t i = 0; i < count; i++) {
    size_t begin = (size_t)(surface[i].bytes - text);
    FUZZ_EXPECT(surface[i].bytes >= text && begin + surface[i].length_bytes <= size);
    FUZZ_EXPECT(skip_white_space(text, behind, begin) == begin);
    behind = begin + surface[i].length_bytes;
  }
  FUZZ_EXPECT(skip_white_space(text, behind, size) == size);
  if (size > 0 && rnn_utf8_valid(text, size) == size)
    compare(text, size, surface, count);
  return 0;
}
