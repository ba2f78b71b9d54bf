/* NumPy's .npy: a magic number, a header in the notation of Python, and the numbers of one array, [T][n] for a sequence
 * or [N][T][n] for N of them. Files may lie end to end. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "input_limits.h"
#include "memory.h"
#include "reader_common.h"

enum { MAGIC_BYTES = 6, VERSION_BYTES = 2, MOST_HEADER_BYTES = 4096, MOST_DIMENSIONS = 3, CHUNK_NUMBERS = 2048 };

static const char magic[] = "\x93NUMPY";

/* Kept with the input between two sequences. */
struct array {
  bool open;                      /* its header is read, and sequences are to come */
  bool lost;                      /* there is no way to the next sequence */
  bool whole;                     /* [T][n]: there is no number of a sequence to be named */
  size_t sequences, steps, width; /* N, T, n */
  size_t sequence, step;          /* the next to come, from 0 */
  size_t number_bytes;            /* 4 or 8 */
  bool big_endian;
  char header[MOST_HEADER_BYTES + 1];
};

static enum rnn_status refuse(const struct rnn_input *input, struct rnn_error *error, const char *why)
{
  return rnn_error_set(error, RNN_DATA, "%s: %s", rnn_input_name(input), why);
}

/* Names the sequence and the frame to come; `offset` numbers of it are good. */
static enum rnn_status refuse_frame(const struct rnn_input *input, const struct array *array, size_t offset,
                                    const char *why, struct rnn_error *error)
{
  size_t frame = array->step + offset / array->width + 1;
  if (array->whole)
    return rnn_error_set(error, RNN_DATA, "%s: frame %zu: %s", rnn_input_name(input), frame, why);
  return rnn_error_set(error, RNN_DATA, "%s: sequence %zu: frame %zu: %s", rnn_input_name(input), array->sequence + 1,
                       frame, why);
}

/* `size` bytes of a header. */
static enum rnn_status read_exactly(struct rnn_input *input, void *bytes, size_t size, struct rnn_error *error)
{
  size_t got;
  enum rnn_status status = rnn_reader_bytes(input, bytes, size, &got, error);
  return status == RNN_OK && got < size ? refuse(input, error, "the array is cut") : status;
}

/* ---- the header: {'descr': '<f4', 'fortran_order': False, 'shape': (70, 60), } ---- */

/* What the header says; text lies in it. */
struct description {
  struct rnn_slice dtype, order;
  size_t dimension[MOST_DIMENSIONS], dimensions;
  bool has_shape;
};

static void skip_blanks(const char **p)
{
  *p += strspn(*p, " \t\n");
}

static bool take(const char **p, char c)
{
  skip_blanks(p);
  bool there = **p == c;
  *p += there;
  return there;
}

static bool take_string(const char **p, struct rnn_slice *string)
{
  skip_blanks(p);
  const char quote = **p, *end = quote == '\'' || quote == '"' ? strchr(*p + 1, quote) : NULL;
  if (end == NULL)
    return false;
  *string = (struct rnn_slice){*p + 1, (size_t)(end - *p) - 1};
  *p = end + 1;
  return true;
}

/* Up to the comma or brace behind it, brackets and all. */
static struct rnn_slice take_value(const char **p)
{
  int depth = 0;
  skip_blanks(p);
  const char *begin = *p;
  for (; **p != '\0'; ++*p) {
    if (depth == 0 && (**p == ',' || **p == '}'))
      break;
    depth += (**p == '(' || **p == '[' || **p == '{') - (**p == ')' || **p == ']' || **p == '}');
  }
  return rnn_reader_trim((struct rnn_slice){begin, (size_t)(*p - begin)});
}

/* (3, 4) or (3,); more dimensions than we read are counted. */
static bool take_shape(const char **p, struct description *description)
{
  bool more = take(p, '(');
  description->has_shape = more;
  while (more && !take(p, ')')) {
    size_t number = 0;
    skip_blanks(p);
    more = **p >= '0' && **p <= '9';
    for (; **p >= '0' && **p <= '9'; ++*p)
      if (!rnn_size_multiply(number, 10, &number) || !rnn_size_add(number, (size_t)(**p - '0'), &number))
        return false;
    if (description->dimensions < MOST_DIMENSIONS)
      description->dimension[description->dimensions] = number;
    description->dimensions++;
    more = more && (take(p, ',') || **p == ')');
  }
  return more;
}

static bool is(struct rnn_slice slice, const char *text)
{
  return slice.length_bytes == strlen(text) && memcmp(slice.bytes, text, slice.length_bytes) == 0;
}

/* Each key once, and no other. */
static bool read_description(const char *header, struct description *description)
{
  const char *p = header;
  struct rnn_slice key;
  bool good = take(&p, '{');
  *description = (struct description){.dimensions = 0};
  while (good && !take(&p, '}')) {
    good = take_string(&p, &key) && take(&p, ':');
    if (good && is(key, "descr") && description->dtype.bytes == NULL)
      description->dtype = take_value(&p);
    else if (good && is(key, "fortran_order") && description->order.bytes == NULL)
      description->order = take_value(&p);
    else
      good = good && is(key, "shape") && !description->has_shape && take_shape(&p, description);
    good = good && (take(&p, ',') || *p == '}');
  }
  skip_blanks(&p);
  return good && *p == '\0' && description->dtype.bytes != NULL && description->order.bytes != NULL &&
         description->has_shape;
}

static enum rnn_status check_kind(const struct rnn_input *input, const struct description *description,
                                  struct array *array, struct rnn_error *error)
{
  static const char *const readable[] = {"<f4", ">f4", "<f8", ">f8"};
  char quote[RNN_QUOTE_BYTES];
  const char *p = description->dtype.bytes;
  struct rnn_slice dtype = {.bytes = ""};
  size_t kind = 0;
  (void)take_string(&p, &dtype);
  while (kind < 4 && !is(dtype, readable[kind]))
    kind++;
  if (kind == 4)
    return rnn_error_set(error, RNN_DATA, "%s: dtype %s is not read: float32 and float64 are (a.astype('float32'))",
                         rnn_input_name(input), rnn_reader_quote(description->dtype, quote));
  if (is(description->order, "True"))
    return refuse(input, error, "fortran order is not read (numpy.ascontiguousarray(a) makes it C order)");
  if (!is(description->order, "False"))
    return refuse(input, error, "the header of the array is damaged");
  array->number_bytes = kind < 2 ? 4 : 8;
  array->big_endian = kind % 2 == 1;
  return RNN_OK;
}

static enum rnn_status check_shape(struct rnn_input *input, const struct description *description, struct array *array,
                                   struct rnn_error *error)
{
  const size_t *dimension = description->dimension, dimensions = description->dimensions;
  if (dimensions != 2 && dimensions != 3)
    return rnn_error_set(error, RNN_DATA, "%s: an array of %zu dimensions: [T][n] or [N][T][n] is expected",
                         rnn_input_name(input), dimensions);
  array->whole = dimensions == 2;
  array->sequences = array->whole ? 1 : dimension[0];
  array->steps = dimension[dimensions - 2];
  array->width = dimension[dimensions - 1];
  if (array->steps == 0)
    return refuse(input, error, "sequences without frames");
  if (array->width == 0 || array->width > RNN_LIMIT_FRAME_WIDTH)
    return rnn_error_set(error, RNN_DATA, "%s: frames of %zu numbers: 1 to %zu are read", rnn_input_name(input),
                         array->width, RNN_LIMIT_FRAME_WIDTH);
  size_t *width = rnn_input_width(input);
  if (*width != 0 && array->width != *width)
    return rnn_error_set(error, RNN_DATA, "%s: frames of %zu numbers, those before have %zu", rnn_input_name(input),
                         array->width, *width);
  *width = array->width;
  return RNN_OK;
}

/* Behind the magic number: the version, and the length of the header. */
static enum rnn_status read_length(struct rnn_input *input, size_t *length, struct rnn_error *error)
{
  enum rnn_status status;
  unsigned char version[VERSION_BYTES], bytes[4] = {0};
  RNN_TRY(read_exactly(input, version, sizeof version, error));
  if (version[0] < 1 || version[0] > 3)
    return rnn_error_set(error, RNN_DATA, "%s: version %d of npy is not read: 1 to 3 are", rnn_input_name(input),
                         version[0]);
  RNN_TRY(read_exactly(input, bytes, version[0] == 1 ? 2 : 4, error));
  *length = bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
  if (*length > MOST_HEADER_BYTES)
    return rnn_error_set(error, RNN_DATA, "%s: a header of %zu bytes: at most %d are read", rnn_input_name(input),
                         *length, MOST_HEADER_BYTES);
out:
  return status;
}

/* *end where no further array follows. */
static enum rnn_status read_header(struct rnn_input *input, struct array *array, bool *end, struct rnn_error *error)
{
  enum rnn_status status;
  char found[MAGIC_BYTES];
  size_t got, length = 0;
  struct description description;
  RNN_TRY(rnn_input_read(input, found, 1, &got, error));
  *end = got == 0;
  if (*end)
    return RNN_OK;
  RNN_TRY(read_exactly(input, found + 1, MAGIC_BYTES - 1, error));
  if (memcmp(found, magic, MAGIC_BYTES) != 0)
    return refuse(input, error, "no array: it does not begin with the magic number of npy");
  RNN_TRY(read_length(input, &length, error));
  RNN_TRY(read_exactly(input, array->header, length, error));
  array->header[length] = '\0';
  if (strlen(array->header) != length || !read_description(array->header, &description))
    return refuse(input, error, "the header of the array is damaged");
  RNN_TRY(check_kind(input, &description, array, error));
  RNN_TRY(check_shape(input, &description, array, error));
  array->sequence = array->step = 0;
  array->open = array->sequences > 0;
out:
  return status;
}

/* ---- numbers ---- */

static float decode(const struct array *array, const unsigned char *bytes)
{
  uint64_t bits = 0;
  for (size_t i = 0; i < array->number_bytes; i++)
    bits = bits << 8 | bytes[array->big_endian ? i : array->number_bytes - 1 - i];
  double wide;
  float narrow;
  if (array->number_bytes == 8) {
    memcpy(&wide, &bits, sizeof wide);
    return (float)wide;
  }
  uint32_t half = (uint32_t)bits;
  memcpy(&narrow, &half, sizeof narrow);
  return narrow;
}

/* The next `count` numbers behind those `used` that are in the record; *bad is the first of all that is not finite. */
static enum rnn_status read_chunk(struct rnn_input *input, struct array *array, size_t used, size_t count,
                                  struct rnn_record *record, size_t *bad, struct rnn_error *error)
{
  enum rnn_status status;
  unsigned char bytes[8 * CHUNK_NUMBERS];
  size_t got, size = count * array->number_bytes;
  status = rnn_reader_bytes(input, bytes, size, &got, error);
  array->lost = got < size;
  if (status != RNN_OK)
    return status;
  if (array->lost)
    return refuse_frame(input, array, used + got / array->number_bytes, "the array is cut", error);
  RNN_TRY(rnn_record_reserve_frames(record, used + count, error));
  for (size_t i = 0; i < count; i++) {
    float number = decode(array, bytes + i * array->number_bytes);
    if (!isfinite(number) && *bad == SIZE_MAX)
      *bad = used + i;
    record->frame_storage[used + i] = number;
  }
out:
  return status;
}

/* The next `steps` frames of the sequence: where one is bad, those behind it all the same. */
static enum rnn_status read_frames(struct rnn_input *input, struct array *array, size_t steps,
                                   struct rnn_record *record, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t numbers, bad = SIZE_MAX;
  if (!rnn_size_multiply(steps, array->width, &numbers) || numbers > RNN_LIMIT_FRAMES_BYTES / sizeof(float)) {
    array->lost = true;
    return refuse_frame(input, array, 0, "the sequence is too long to be read as a whole", error);
  }
  for (size_t used = 0, count; used < numbers; used += count) {
    count = numbers - used < CHUNK_NUMBERS ? numbers - used : CHUNK_NUMBERS;
    RNN_TRY(read_chunk(input, array, used, count, record, &bad, error));
  }
  if (bad != SIZE_MAX) {
    char why[64];
    snprintf(why, sizeof why, "number %zu is not finite", bad % array->width + 1);
    status = refuse_frame(input, array, bad, why, error);
  }
  array->step += steps;
  record->steps = steps;
out:
  return status;
}

/* Past the rest of a sequence that was refused. */
static void pass_over(struct rnn_input *input, struct array *array)
{
  unsigned char bytes[8 * CHUNK_NUMBERS];
  for (; !array->lost && array->step < array->steps; array->step++)
    for (size_t left = array->width * array->number_bytes, got; left > 0 && !array->lost; left -= got) {
      size_t some = left < sizeof bytes ? left : sizeof bytes;
      array->lost = rnn_reader_bytes(input, bytes, some, &got, NULL) != RNN_OK || got < some;
    }
}

static void end_sequence(struct array *array)
{
  array->step = 0;
  array->sequence++;
  array->open = !array->lost && array->sequence < array->sequences;
}

/* ---- sequences ---- */

/* How many of the next `left` frames hold at most `most_steps` of those that are to be read. */
static size_t frames_with(const struct rnn_record *record, const struct rnn_reader_settings *settings,
                          size_t most_steps, size_t left)
{
  size_t every = settings->every < 2 ? 1 : settings->every, count, before = (every - record->passed % every) % every;
  if (!rnn_size_multiply(most_steps, every, &count) || !rnn_size_add(count, before, &count) || count > left)
    return left;
  return count;
}

static enum rnn_status read_part(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                 struct array *array, size_t most_steps, struct rnn_record *record, bool *end,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  while (!array->open) {
    array->lost = true;
    RNN_TRY(read_header(input, array, end, error));
    array->lost = false;
    if (*end)
      return RNN_OK;
  }
  rnn_reader_begin_part(record, settings, array->step > 0);
  size_t count = frames_with(record, settings, most_steps, array->steps - array->step);
  status = read_frames(input, array, count, record, error);
  if (status != RNN_OK)
    pass_over(input, array);
  record->more = status == RNN_OK && array->step < array->steps;
  if (!record->more)
    end_sequence(array);
out:
  return status;
}

static enum rnn_status next_part(struct rnn_input *input, const struct rnn_reader_settings *settings, size_t most_steps,
                                 struct rnn_record *record, bool *end, struct rnn_error *error)
{
  enum rnn_status status;
  struct array **kept = (struct array **)rnn_input_keep(input), *array;
  rnn_record_start(record, RNN_CONTENT_FRAMES);
  *end = false;
  if (*kept == NULL)
    RNN_TRY(rnn_memory_new(kept, 1, sizeof **kept, "an array", error));
  array = *kept;
  status = read_part(input, settings, array, most_steps, record, end, error);
  if (array->lost)
    rnn_input_end(input);
  if (status != RNN_OK || *end)
    return status;
  record->frame = record->frame_storage;
  record->frame_width = array->width;
  rnn_reader_thin(record, settings);
  rnn_reader_end_part(record, settings);
  rnn_reader_give_label(record, settings);
out:
  return status;
}

static enum rnn_status next_sequence(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                     struct rnn_record *record, bool *end, struct rnn_error *error)
{
  return next_part(input, settings, SIZE_MAX, record, end, error);
}

const struct rnn_format rnn_format_npy = {.name = "npy",
                                          .help = "NumPy's arrays, [T][n] or [N][T][n], of float32 or float64",
                                          .many_lines = true,
                                          .next = next_sequence,
                                          .next_part = next_part};
