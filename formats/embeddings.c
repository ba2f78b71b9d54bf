/* Lines of a word and its numbers. */
#include "embeddings.h"

#include <string.h>

#include "input.h"
#include "input_limits.h"
#include "memory.h"
#include "number.h"
#include "token.h"

struct rnn_embeddings {
  struct rnn_input *input;
  size_t width;
  int64_t announced; /* vectors, by the first line; -1 where that is a vector already */
  uint64_t vectors;  /* read so far */
  const char *line;  /* read and not used yet; NULL: none */
  size_t length_bytes;
};

/* A line cut in two. */
struct entry {
  struct rnn_slice word;
  const char *numbers, *end;
};

enum match { NOT_FOUND, FOLDED, EXACT };

/* The symbols of a model, to be found by what the words of the file are. */
struct index {
  const struct rnn_vocabulary *symbols;
  struct rnn_tokenizer *tokenizer; /* lower-cases */
  struct rnn_vocabulary *folded;   /* the lower-cased symbols */
  int32_t *first, *next; /* [symbols] of each of those the first symbol, of each symbol the next; RNN_ABSENT */
  uint8_t *match;        /* [symbols] enum match */
  float *vector;         /* [width] of the present line */
};

/* ---- lines ---- */

static enum rnn_status next_line(struct rnn_embeddings *embeddings, struct rnn_error *error)
{
  enum rnn_status status = rnn_input_next_line(embeddings->input, &embeddings->line, &embeddings->length_bytes, error);
  if (status == RNN_OK && embeddings->line != NULL && embeddings->length_bytes > 0 &&
      embeddings->line[embeddings->length_bytes - 1] == ' ') /* word2vec and fastText end each number with a blank */
    embeddings->length_bytes--;
  return status;
}

static enum rnn_status refuse(const struct rnn_embeddings *embeddings, struct rnn_error *error, const char *why)
{
  return rnn_error_set(error, RNN_DATA, "%s:%llu: %s", rnn_input_name(embeddings->input),
                       (unsigned long long)rnn_input_line(embeddings->input), why);
}

static size_t count_blanks(const char *bytes, const char *end)
{
  size_t blanks = 0;
  while ((bytes = memchr(bytes, ' ', (size_t)(end - bytes))) != NULL) {
    blanks++;
    bytes++;
  }
  return blanks;
}

/* The end of the field that begins here. */
static const char *field_end(const char *begin, const char *end)
{
  const char *blank = memchr(begin, ' ', (size_t)(end - begin));
  return blank == NULL ? end : blank;
}

/* The numbers are the last `width` fields, and what stands before them is the word: GloVe has words with blanks. One
 * whose last part is a number is a line with a number too many. */
static enum rnn_status cut(const struct rnn_embeddings *embeddings, struct entry *entry, struct rnn_error *error)
{
  const char *begin = embeddings->line, *end = begin + embeddings->length_bytes, *part = begin;
  size_t blanks = count_blanks(begin, end);
  const char *word_end = field_end(begin, end);
  float number;
  for (size_t more = embeddings->width; more < blanks; more++) {
    part = word_end + 1;
    word_end = field_end(part, end);
  }
  bool number_too_many =
      part > begin && (part == word_end || rnn_number_parse_float(part, (size_t)(word_end - part), &number));
  if (blanks < embeddings->width || number_too_many)
    return rnn_error_set(error, RNN_DATA, "%s:%llu: a word and %zu numbers expected, %zu fields found",
                         rnn_input_name(embeddings->input), (unsigned long long)rnn_input_line(embeddings->input),
                         embeddings->width, blanks + 1);
  *entry = (struct entry){.word = {begin, (size_t)(word_end - begin)}, .numbers = word_end + 1, .end = end};
  return RNN_OK;
}

static enum rnn_status parse_vector(const struct rnn_embeddings *embeddings, const struct entry *entry, float *vector,
                                    struct rnn_error *error)
{
  const char *begin = entry->numbers;
  for (size_t i = 0; i < embeddings->width; i++) {
    const char *end = field_end(begin, entry->end);
    int length = (int)(end - begin < 40 ? end - begin : 40);
    if (!rnn_number_parse_float(begin, (size_t)(end - begin), &vector[i]))
      return rnn_error_set(error, RNN_DATA, "%s:%llu: number %zu of the vector is '%.*s'",
                           rnn_input_name(embeddings->input), (unsigned long long)rnn_input_line(embeddings->input),
                           i + 1, length, begin);
    begin = end + 1;
  }
  return RNN_OK;
}

/* ---- the first line ---- */

/* "count width", as word2vec and fastText begin. */
static bool is_header(const struct rnn_embeddings *embeddings, int64_t *count, int64_t *width)
{
  const char *begin = embeddings->line, *end = begin + embeddings->length_bytes, *blank = field_end(begin, end);
  return blank != end && rnn_number_parse_integer(begin, (size_t)(blank - begin), count) &&
         rnn_number_parse_integer(blank + 1, (size_t)(end - blank - 1), width);
}

static enum rnn_status read_first_line(struct rnn_embeddings *embeddings, struct rnn_error *error)
{
  enum rnn_status status;
  int64_t count, width;
  RNN_TRY(next_line(embeddings, error));
  if (embeddings->line == NULL)
    return rnn_error_set(error, RNN_DATA, "%s: there is no vector in it", rnn_input_name(embeddings->input));
  embeddings->announced = -1;
  if (is_header(embeddings, &count, &width)) {
    if (count < 1 || width < 1 || width > (int64_t)RNN_LIMIT_FRAME_WIDTH)
      return refuse(embeddings, error, "a number of vectors and of numbers in each expected");
    embeddings->announced = count;
    embeddings->width = (size_t)width;
    embeddings->line = NULL;
    return RNN_OK;
  }
  embeddings->width = count_blanks(embeddings->line, embeddings->line + embeddings->length_bytes);
  if (embeddings->width < 1 || embeddings->width > RNN_LIMIT_FRAME_WIDTH)
    return refuse(embeddings, error, "a word and the numbers of its vector expected, with a blank before each");
out:
  return status;
}

enum rnn_status rnn_embeddings_open(struct rnn_embeddings **embeddings, const char *name, struct rnn_error *error)
{
  static const struct rnn_input_settings settings = {.utf8 = RNN_UTF8_BYTES, .record_end = '\n'};
  enum rnn_status status;
  struct rnn_embeddings *fresh = NULL;
  *embeddings = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "vectors of words", error));
  RNN_TRY(rnn_input_open(&fresh->input, name, &settings, error));
  RNN_TRY(read_first_line(fresh, error));
  *embeddings = fresh;
  fresh = NULL;
out:
  rnn_embeddings_close(fresh);
  return status;
}

void rnn_embeddings_close(struct rnn_embeddings *embeddings)
{
  if (embeddings == NULL)
    return;
  rnn_input_close(embeddings->input);
  rnn_memory_free(embeddings);
}

size_t rnn_embeddings_width(const struct rnn_embeddings *embeddings)
{
  return embeddings->width;
}

/* ---- the symbols ---- */

static enum rnn_status fold(struct index *index, const struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  for (size_t i = rnn_vocabulary_count(model->symbols); i-- > 0;) { /* each chain ends up in the order of numbers */
    struct rnn_slice symbol, lower;
    int32_t number;
    symbol.bytes = rnn_vocabulary_string(model->symbols, (int32_t)i, &symbol.length_bytes);
    RNN_TRY(rnn_tokenizer_token(index->tokenizer, symbol, &lower, error));
    size_t before = rnn_vocabulary_count(index->folded);
    RNN_TRY(rnn_vocabulary_add(index->folded, lower.bytes, lower.length_bytes, &number, error));
    index->next[i] = (size_t)number == before ? RNN_ABSENT : index->first[number];
    index->first[number] = (int32_t)i;
  }
out:
  return status;
}

static enum rnn_status index_init(struct index *index, const struct rnn_model *model, struct rnn_error *error)
{
  enum rnn_status status;
  size_t count = rnn_vocabulary_count(model->symbols), width = model->parameters->shape.e;
  *index = (struct index){.symbols = model->symbols};
  RNN_TRY(
      rnn_tokenizer_create(&index->tokenizer, (struct rnn_text){.level = RNN_LEVEL_WORD, .lowercase = true}, error));
  RNN_TRY(rnn_vocabulary_create(&index->folded, error));
  RNN_TRY(rnn_memory_new(&index->first, count, sizeof *index->first, "symbols", error));
  RNN_TRY(rnn_memory_new(&index->next, count, sizeof *index->next, "symbols", error));
  RNN_TRY(rnn_memory_new(&index->match, count, sizeof *index->match, "symbols", error));
  RNN_TRY(rnn_memory_new(&index->vector, width, sizeof *index->vector, "a vector", error));
  RNN_TRY(fold(index, model, error));
out:
  return status;
}

static void index_clear(struct index *index)
{
  rnn_tokenizer_free(index->tokenizer);
  rnn_vocabulary_free(index->folded);
  rnn_memory_free(index->first);
  rnn_memory_free(index->next);
  rnn_memory_free(index->match);
  rnn_memory_free(index->vector);
}

static void take(struct index *index, struct rnn_model *model, int32_t symbol, enum match match)
{
  const struct rnn_parameters *parameters = model->parameters;
  size_t e = parameters->shape.e;
  real *row = parameters->value + parameters->layout.embedding + (size_t)symbol * e;
  for (size_t i = 0; i < e; i++)
    row[i] = (real)index->vector[i];
  index->match[symbol] = (uint8_t)match;
}

/* The first line of a word counts, and one of the exact word before any of the folded one. */
static enum rnn_status take_line(struct rnn_embeddings *embeddings, struct index *index, struct rnn_model *model,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  struct entry entry;
  struct rnn_slice lower;
  RNN_TRY(cut(embeddings, &entry, error));
  RNN_TRY(rnn_tokenizer_token(index->tokenizer, entry.word, &lower, error));
  int32_t same = rnn_vocabulary_find(index->folded, lower.bytes, lower.length_bytes);
  if (same == RNN_ABSENT)
    return RNN_OK;
  int32_t exact = rnn_vocabulary_find(index->symbols, entry.word.bytes, entry.word.length_bytes);
  RNN_TRY(parse_vector(embeddings, &entry, index->vector, error));
  for (int32_t symbol = index->first[same]; symbol != RNN_ABSENT; symbol = index->next[symbol]) {
    enum match match = symbol == exact ? EXACT : FOLDED;
    if (index->match[symbol] < match)
      take(index, model, symbol, match);
  }
out:
  return status;
}

/* ---- the file ---- */

static enum rnn_status read_lines(struct rnn_embeddings *embeddings, struct index *index, struct rnn_model *model,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  if (embeddings->line == NULL)
    RNN_TRY(next_line(embeddings, error));
  while (embeddings->line != NULL) {
    RNN_TRY(take_line(embeddings, index, model, error));
    embeddings->vectors++;
    RNN_TRY(next_line(embeddings, error));
  }
  if (embeddings->announced >= 0 && embeddings->vectors != (uint64_t)embeddings->announced)
    return rnn_error_set(error, RNN_DATA, "%s: the first line says %lld vectors, there are %llu",
                         rnn_input_name(embeddings->input), (long long)embeddings->announced,
                         (unsigned long long)embeddings->vectors);
out:
  return status;
}

enum rnn_status rnn_embeddings_read(struct rnn_embeddings *embeddings, struct rnn_model *model,
                                    struct rnn_embeddings_found *found, struct rnn_error *error)
{
  enum rnn_status status;
  struct index index;
  size_t count = rnn_vocabulary_count(model->symbols);
  *found = (struct rnn_embeddings_found){.exact = 0};
  RNN_TRY(index_init(&index, model, error));
  RNN_TRY(read_lines(embeddings, &index, model, error));
  for (size_t i = 0; i < count; i++) {
    found->exact += index.match[i] == EXACT;
    found->folded += index.match[i] == FOLDED;
  }
  if (found->exact + found->folded == 0)
    status = rnn_error_set(error, RNN_DATA, "%s: none of the %zu words to learn from is in it",
                           rnn_input_name(embeddings->input), count);
out:
  index_clear(&index);
  return status;
}
