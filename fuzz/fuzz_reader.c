/* Any bytes as records of any format, and their text as symbols: nothing crashes, every slice lies in what it was cut
 * from, and the bytes of text records are the input's. The first byte chooses format, settings, and whether records
 * come in parts. */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "reader.h"
#include "token.h"

enum { MOST_RECORDS = 1 << 8, MOST_LINE_BYTES = 1 << 8, PART_STEPS = 3 };

static volatile size_t sum;

static void touch(struct rnn_slice slice)
{
  for (size_t i = 0; i < slice.length_bytes; i++)
    sum += (unsigned char)slice.bytes[i];
}

static void expect_inside(struct rnn_slice piece, struct rnn_slice whole)
{
  FUZZ_EXPECT(piece.bytes >= whole.bytes && piece.bytes + piece.length_bytes <= whole.bytes + whole.length_bytes);
}

static void check_steps(const struct rnn_record *record)
{
  size_t columns = rnn_columns_count(&record->columns);
  for (size_t t = 0; t < record->steps; t++) {
    if (record->content == RNN_CONTENT_TOKENS) {
      FUZZ_EXPECT(record->token[t].length_bytes > 0);
      touch(record->token[t]);
    }
    for (size_t c = 0; c < columns && record->has_tags; c++)
      touch(record->tag[t * columns + c]);
    for (size_t c = 0; c < columns && record->spot != NULL; c++)
      expect_inside(record->spot[t * columns + c], record->raw);
    for (size_t i = 0; record->content == RNN_CONTENT_FRAMES && i < record->frame_width; i++)
      FUZZ_EXPECT(!isinf(record->frame[t * record->frame_width + i]));
  }
}

/* Kept from run to run. */
static struct rnn_tokenizer *tokenizer_of(int level)
{
  static struct rnn_tokenizer *tokenizer[RNN_LEVEL_BYTE + 1];
  if (tokenizer[level] == NULL)
    FUZZ_EXPECT(rnn_tokenizer_create(&tokenizer[level],
                                     (struct rnn_text){.level = (enum rnn_level)level, .lowercase = true},
                                     NULL) == RNN_OK);
  return tokenizer[level];
}

static void check_symbols(const struct rnn_record *record)
{
  for (int level = RNN_LEVEL_WORD; level <= RNN_LEVEL_BYTE; level++) {
    struct rnn_tokenizer *tokenizer = tokenizer_of(level);
    const struct rnn_slice *surface, *symbol;
    size_t count;
    FUZZ_EXPECT(rnn_tokenizer_record(tokenizer, record, &surface, &symbol, &count, NULL) == RNN_OK);
    const char *behind = record->text.bytes;
    for (size_t i = 0; i < count; i++) {
      touch(symbol[i]);
      if (record->content != RNN_CONTENT_TEXT)
        continue;
      FUZZ_EXPECT(surface[i].length_bytes > 0 && surface[i].bytes >= behind);
      expect_inside(surface[i], record->text);
      behind = surface[i].bytes + surface[i].length_bytes;
    }
  }
}

/* Of several columns of tags those that a format may have. */
static struct rnn_columns columns_of(const struct rnn_format *format)
{
  struct rnn_columns columns = {.count = 0};
  if (format == &rnn_format_conllu)
    FUZZ_EXPECT(rnn_columns_read(&columns, "xpos,feats,upos"));
  if (format == &rnn_format_columns)
    FUZZ_EXPECT(rnn_columns_read(&columns, "3,2"));
  if (format == &rnn_format_jsonl)
    FUZZ_EXPECT(rnn_columns_read(&columns, "y,x"));
  return columns;
}

/* As options may set them, and a state of the call before. */
static const struct rnn_reader_settings *other_settings(const struct rnn_format *format)
{
  static struct rnn_reader_carry carry;
  static struct rnn_reader_settings settings = {
      .label_column = 2, .text_column = 1, .label = "given", .every = 2, .size = {12, 12}, .carry = &carry};
  settings.tag_columns = columns_of(format);
  carry = (struct rnn_reader_carry){.passed = 1};
  return &settings;
}

/* Reads all records, or their parts; `raw` [size] gets their bytes, *errors the number of bad ones. Answers the bytes.
 * Each record, each mistake takes a byte at least; of compressed bytes no more than the first records are read. */
static size_t read_records(const struct rnn_format *format, const struct rnn_reader_settings *settings, bool parts,
                           struct rnn_input *input, char *raw, size_t size, size_t *errors)
{
  struct rnn_record record;
  size_t used = 0, count = 0;
  rnn_record_init(&record);
  for (; count < MOST_RECORDS || !rnn_input_is_compressed(input); count++) {
    struct rnn_error error = {.text = ""};
    bool end = false, waits = rnn_format_would_block(format, input);
    FUZZ_EXPECT(!waits && (count <= size || rnn_input_is_compressed(input)));
    enum rnn_status status = parts ? format->next_part(input, settings, PART_STEPS, &record, &end, &error)
                                   : format->next(input, settings, &record, &end, &error);
    if (status == RNN_OK && end)
      break;
    *errors += status != RNN_OK;
    FUZZ_EXPECT(status == RNN_OK || (status == RNN_DATA && strncmp(error.text, "(stdin):", 8) == 0));
    if (record.raw.length_bytes <= size - used)
      memcpy(raw + used, record.raw.bytes, record.raw.length_bytes);
    used += record.raw.length_bytes <= size - used ? record.raw.length_bytes : 0;
    if (status == RNN_OK) {
      check_steps(&record);
      check_symbols(&record);
      touch(record.label);
      touch(record.key);
    }
  }
  rnn_record_clear(&record);
  return used;
}

int fuzz_reader(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  size_t formats = 0, errors = 0;
  while (rnn_formats[formats] != NULL)
    formats++;
  const char *fixed = getenv("RNN_FUZZ_FORMAT");
  const struct rnn_format *format = fixed != NULL ? rnn_format_find(fixed) : rnn_formats[data[0] % 16 % formats],
                          *guessed;
  struct rnn_input_settings settings = {.utf8 = (enum rnn_utf8)(data[0] / 16 % 3),
                                        .record_end = data[0] & 0x80 ? '\0' : '\n',
                                        .most_line_bytes = MOST_LINE_BYTES};
  struct rnn_input *input;
  bool parts = (data[0] & 0x40) != 0 && format->next_part != NULL;
  static const struct rnn_reader_settings usual;
  const struct rnn_reader_settings *reading = data[0] % 16 < formats ? &usual : other_settings(format);
  data++;
  size--;
  fuzz_stdin(data, size);
  FUZZ_EXPECT(rnn_input_open(&input, "-", &settings, NULL) == RNN_OK);
  enum rnn_level level;
  bool stream = false;
  if (rnn_format_is_stream(input, &stream, NULL) != RNN_OK || stream ||
      rnn_format_guess(input, true, &guessed, NULL) != RNN_OK ||
      rnn_format_guess_level(input, format, &level, NULL) != RNN_OK) {
    rnn_input_close(input);
    return 0;
  }
  char *raw = malloc(size + 1);
  size_t used = read_records(format, reading, parts, input, raw, size, &errors);
  bool text = format != &rnn_format_y4m && format != &rnn_format_npy && !parts;
  bool exact = text && errors == 0 && !rnn_input_is_compressed(input) && settings.utf8 != RNN_UTF8_REPLACE;
  size_t mark = rnn_input_had_bom(input) ? 3 : 0;
  if (exact)
    FUZZ_EXPECT(used + mark == size && memcmp(raw, data + mark, used) == 0);
  free(raw);
  rnn_input_close(input);
  return 0;
}
