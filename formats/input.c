/* Buffered input. Bytes go from the descriptor into `buffer`, through `packed` and the inflater where they are
 * compressed; lines are found in `buffer` and returned from there. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container.h"
#include "input_limits.h"
#include "memory.h"
#include "utf8.h"

enum {
  BUFFER_BYTES = 256 << 10,
  PACKED_BYTES = 256 << 10, /* more than a zstd block with its header: a first block is always whole in it */
  LOOK_AHEAD_BYTES = 1 << 20,
  MAGIC_BYTES = 4,
  BOM_BYTES = 3
};

enum kind { KIND_UNKNOWN, KIND_PLAIN, KIND_COMPRESSED };

struct rnn_input {
  char *name;
  int fd;
  struct rnn_input_settings settings;
  enum kind kind;
  bool raw; /* no lines are looked for */
  /* compressed bytes; while nothing has been taken they are kept from the first on */
  struct rnn_inflate *inflate;
  char *packed;
  size_t packed_begin, packed_end;
  bool keeps_packed, inflate_has_more, between_frames;
  /* bytes to be taken: buffer[begin ... end) */
  char *buffer;
  size_t begin, end, capacity;
  size_t searched; /* of them, so many hold no record end */
  bool taken;      /* any byte, ever */
  bool at_end;     /* no further byte comes into the buffer, */
  bool failed;     /* because of this */
  struct rnn_error failure;
  bool discarding; /* the rest of a line that was too long */
  uint64_t line;
  bool had_bom;
  const char *line_end;
  size_t line_end_bytes;
  char *mended;
  size_t capacity_mended, width;
};

/* ---- opening ---- */

static enum rnn_status refuse(struct rnn_input *input, int number, struct rnn_error *error)
{
  return rnn_error_set(error, RNN_NO_INPUT, "%s: %s", input->name, strerror(number));
}

static enum rnn_status open_descriptor(struct rnn_input *input, const char *name, struct rnn_error *error)
{
  struct stat about;
  if (strcmp(name, "-") != 0)
    input->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (input->fd < 0 || fstat(input->fd, &about) != 0)
    return refuse(input, errno, error);
  return S_ISDIR(about.st_mode) ? refuse(input, EISDIR, error) : RNN_OK;
}

enum rnn_status rnn_input_open(struct rnn_input **input, const char *name, const struct rnn_input_settings *settings,
                               struct rnn_error *error)
{
  bool standard = strcmp(name, "-") == 0;
  struct rnn_input *fresh = NULL;
  enum rnn_status status;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "input", error));
  fresh->fd = standard ? STDIN_FILENO : -1;
  fresh->settings = *settings;
  if (fresh->settings.most_line_bytes == 0)
    fresh->settings.most_line_bytes = RNN_LIMIT_LINE_BYTES;
  fresh->line_end = "";
  fresh->name = strdup(standard ? "(stdin)" : name);
  if (fresh->name == NULL) {
    status = rnn_error_set(error, RNN_NO_MEMORY, "out of memory: name of a file");
    goto out;
  }
  RNN_TRY(open_descriptor(fresh, name, error));
  RNN_TRY(rnn_memory_new(&fresh->buffer, BUFFER_BYTES, 1, "input buffer", error));
  fresh->capacity = BUFFER_BYTES;
out:
  if (status != RNN_OK) {
    rnn_input_close(fresh);
    fresh = NULL;
  }
  *input = fresh;
  return status;
}

static void set_raw(struct rnn_input *input)
{
  input->kind = KIND_PLAIN;
  input->raw = true;
}

enum rnn_status rnn_input_open_raw(struct rnn_input **input, const char *name, struct rnn_error *error)
{
  struct rnn_input_settings settings = {.utf8 = RNN_UTF8_BYTES, .record_end = '\n'};
  enum rnn_status status = rnn_input_open(input, name, &settings, error);
  if (status == RNN_OK)
    set_raw(*input);
  return status;
}

void rnn_input_close(struct rnn_input *input)
{
  if (input == NULL)
    return;
  if (input->fd >= 0 && input->fd != STDIN_FILENO)
    close(input->fd);
  rnn_inflate_free(input->inflate);
  rnn_memory_free(input->packed);
  rnn_memory_free(input->buffer);
  rnn_memory_free(input->mended);
  free(input->name);
  rnn_memory_free(input);
}

const char *rnn_input_name(const struct rnn_input *input)
{
  return input->name;
}

uint64_t rnn_input_line(const struct rnn_input *input)
{
  return input->line;
}

const char *rnn_input_line_end(const struct rnn_input *input, size_t *length_bytes)
{
  *length_bytes = input->line_end_bytes;
  return input->line_end;
}

bool rnn_input_had_bom(const struct rnn_input *input)
{
  return input->had_bom;
}

bool rnn_input_is_compressed(const struct rnn_input *input)
{
  return input->kind == KIND_COMPRESSED;
}

char rnn_input_record_end(const struct rnn_input *input)
{
  return input->settings.record_end;
}

size_t *rnn_input_width(struct rnn_input *input)
{
  return &input->width;
}

/* ---- bytes into the buffer ---- */

static void end_with(struct rnn_input *input, bool failed)
{
  input->at_end = true;
  input->failed = failed;
}

/* Reads into `to`; answers false if nothing is there and `wait` is not set. 0 bytes: the end, or a failure. */
static bool read_some(struct rnn_input *input, char *to, size_t size, bool wait, size_t *got)
{
  struct pollfd ready = {.fd = input->fd, .events = POLLIN};
  *got = 0;
  if (!wait && poll(&ready, 1, 0) == 0)
    return false;
  for (;;) {
    ssize_t count = read(input->fd, to, size);
    if (count >= 0) {
      *got = (size_t)count;
      return true;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait)
        return false;
      if (poll(&ready, 1, -1) >= 0 || errno == EINTR)
        continue;
    }
    if (errno != EINTR) {
      refuse(input, errno, &input->failure);
      end_with(input, true);
      return true;
    }
  }
}

/* Room for at least one byte behind `end`. The last step of growth goes to the longest line at once. */
static bool make_room(struct rnn_input *input)
{
  if (input->begin == input->end)
    input->begin = input->end = 0;
  if (input->capacity - input->end >= BUFFER_BYTES / 4)
    return true;
  if (input->begin > 0) {
    memmove(input->buffer, input->buffer + input->begin, input->end - input->begin);
    input->end -= input->begin;
    input->begin = 0;
  }
  if (input->capacity - input->end >= BUFFER_BYTES / 4)
    return true;
  char *grown;
  size_t most = input->settings.most_line_bytes + BUFFER_BYTES;
  size_t wanted = 2 * input->capacity;
  if (input->capacity < most && wanted > most / 2)
    wanted = most;
  if (rnn_memory_new(&grown, wanted, 1, "a long line", &input->failure) != RNN_OK) {
    end_with(input, true);
    return false;
  }
  memcpy(grown, input->buffer, input->end);
  rnn_memory_free(input->buffer);
  input->buffer = grown;
  input->capacity = wanted;
  return true;
}

static void fail_here(struct rnn_input *input)
{
  rnn_error_prefix(&input->failure, "%s:%llu", input->name, (unsigned long long)input->line + 1);
  end_with(input, true);
}

/* More compressed bytes; false if none are there without waiting. */
static bool fill_packed(struct rnn_input *input, bool wait)
{
  if (input->taken || input->packed_end == PACKED_BYTES)
    input->keeps_packed = false;
  if (!input->keeps_packed)
    input->packed_begin = input->packed_end = 0;
  size_t got;
  if (!read_some(input, input->packed + input->packed_end, PACKED_BYTES - input->packed_end, wait, &got))
    return false;
  input->packed_end += got;
  if (got == 0 && !input->at_end) {
    end_with(input, false);
    if (!input->between_frames) {
      rnn_error_set(&input->failure, RNN_DATA, "the zstd data are cut in the middle of a frame");
      fail_here(input);
    }
  }
  return true;
}

/* One step of decompression; bytes may or may not have come of it. */
static bool fill_compressed(struct rnn_input *input, bool wait)
{
  if (input->packed_begin == input->packed_end && !input->inflate_has_more)
    return fill_packed(input, wait);
  size_t used = 0, made = 0, room = input->capacity - input->end;
  enum rnn_status status =
      rnn_inflate_run(input->inflate, input->packed + input->packed_begin, input->packed_end - input->packed_begin,
                      &used, input->buffer + input->end, room, &made, &input->between_frames, &input->failure);
  input->packed_begin += used;
  input->end += made;
  input->inflate_has_more = made == room;
  if (status != RNN_OK)
    fail_here(input);
  return true;
}

/* The first bytes lie in the buffer: are they compressed? */
static void decide_kind(struct rnn_input *input)
{
  static const unsigned char magic[MAGIC_BYTES] = {0x28, 0xB5, 0x2F, 0xFD};
  size_t count = input->end < MAGIC_BYTES ? input->end : MAGIC_BYTES;
  if (memcmp(input->buffer, magic, count) != 0 || (input->at_end && count < MAGIC_BYTES)) {
    input->kind = KIND_PLAIN;
    return;
  }
  if (count < MAGIC_BYTES)
    return;
  input->kind = KIND_COMPRESSED;
  if (rnn_inflate_create(&input->inflate, &input->failure) != RNN_OK ||
      rnn_memory_new(&input->packed, PACKED_BYTES, 1, "compressed bytes", &input->failure) != RNN_OK) {
    end_with(input, true);
    return;
  }
  memcpy(input->packed, input->buffer, input->end);
  input->packed_end = input->end;
  input->begin = input->end = 0;
  input->keeps_packed = true;
}

static bool fill_plain(struct rnn_input *input, bool wait)
{
  size_t got;
  if (!read_some(input, input->buffer + input->end, input->capacity - input->end, wait, &got))
    return false;
  input->end += got;
  if (got == 0 && !input->at_end)
    end_with(input, false);
  return true;
}

/* More bytes into the buffer, or at_end; false if none are there without waiting. */
static bool fill(struct rnn_input *input, bool wait)
{
  size_t before = input->end - input->begin;
  if (!make_room(input))
    return true;
  while (input->kind == KIND_UNKNOWN) {
    if (!fill_plain(input, wait))
      return false;
    decide_kind(input);
    if (input->kind == KIND_PLAIN)
      return true;
  }
  if (input->kind == KIND_PLAIN)
    return fill_plain(input, wait);
  while (!input->at_end && input->end - input->begin == before)
    if (!fill_compressed(input, wait))
      return false;
  return true;
}

/* ---- lines ---- */

/* Until the next line can be told without reading: *at is the offset of its end from `begin`, SIZE_MAX where there is
 * none (the line is too long, or the last). False if that means waiting and `wait` is not set. */
static bool find_line(struct rnn_input *input, bool wait, size_t *at)
{
  for (;;) {
    const char *begin = input->buffer + input->begin;
    size_t count = input->end - input->begin;
    const char *hit = memchr(begin + input->searched, input->settings.record_end, count - input->searched);
    *at = hit == NULL ? SIZE_MAX : (size_t)(hit - begin);
    input->searched = hit == NULL ? count : *at;
    if (input->discarding) {
      input->begin += hit == NULL ? count : *at + 1;
      input->searched = 0;
      if (hit != NULL || input->at_end) {
        input->discarding = false;
        continue;
      }
    } else if (hit != NULL || input->at_end || count > input->settings.most_line_bytes + 1) {
      return true;
    }
    if (!fill(input, wait))
      return false;
  }
}

static void take(struct rnn_input *input, size_t count)
{
  input->begin += count;
  input->searched = 0;
  input->taken = true;
}

static enum rnn_status refuse_length(struct rnn_input *input, struct rnn_error *error)
{
  size_t most = input->settings.most_line_bytes;
  const char *unit = "bytes";
  if (most % ((size_t)1 << 20) == 0) {
    most >>= 20;
    unit = "MiB";
  } else if (most % ((size_t)1 << 10) == 0) {
    most >>= 10;
    unit = "KiB";
  }
  return rnn_error_set(error, RNN_DATA, "%s:%llu: line longer than %zu %s (--max-line)", input->name,
                       (unsigned long long)input->line, most, unit);
}

static enum rnn_status refuse_byte(struct rnn_input *input, const char *line, size_t at, struct rnn_error *error)
{
  const char *what = line[at] == '\0' ? "NUL" : "invalid UTF-8";
  unsigned char first = (unsigned char)line[0];
  bool utf16 = input->line == 1 && at == 0 && (first == 0xFE || first == 0xFF);
  return rnn_error_set(error, RNN_DATA, "%s:%llu: %s at byte %zu%s", input->name, (unsigned long long)input->line, what,
                       at + 1, utf16 ? " (UTF-16? convert it with iconv)" : "");
}

/* The line's bytes as settings.utf8 wants them. */
static enum rnn_status check(struct rnn_input *input, const char **line, size_t *length_bytes, struct rnn_error *error)
{
  if (input->settings.utf8 == RNN_UTF8_BYTES || *length_bytes == 0)
    return RNN_OK;
  size_t bad = rnn_utf8_valid_text(*line, *length_bytes);
  if (bad == *length_bytes)
    return RNN_OK;
  if (input->settings.utf8 == RNN_UTF8_STRICT)
    return refuse_byte(input, *line, bad, error);
  enum rnn_status status =
      rnn_memory_grow(&input->mended, &input->capacity_mended, 3 * *length_bytes, 1, "a line of invalid UTF-8", error);
  if (status != RNN_OK)
    return status;
  *length_bytes = rnn_utf8_mend(*line, *length_bytes, input->mended);
  *line = input->mended;
  return RNN_OK;
}

static size_t skip_bom(struct rnn_input *input, size_t count)
{
  static const char bom[BOM_BYTES] = {(char)0xEF, (char)0xBB, (char)0xBF};
  if (input->line > 0 || count < BOM_BYTES || memcmp(input->buffer + input->begin, bom, BOM_BYTES) != 0)
    return 0;
  input->had_bom = true;
  take(input, BOM_BYTES);
  return BOM_BYTES;
}

/* `count` bytes, the record end among them if `ended`. */
static enum rnn_status return_line(struct rnn_input *input, size_t count, bool ended, const char **line,
                                   size_t *length_bytes, struct rnn_error *error)
{
  const char *begin = input->buffer + input->begin;
  size_t end_bytes = ended;
  if (ended && input->settings.record_end == '\n' && count > 1 && begin[count - 2] == '\r')
    end_bytes = 2;
  take(input, count);
  input->line_end = end_bytes == 2 ? "\r\n" : !ended ? "" : input->settings.record_end == '\n' ? "\n" : "\0";
  input->line_end_bytes = end_bytes;
  size_t length = count - end_bytes;
  if (length > input->settings.most_line_bytes)
    return refuse_length(input, error);
  const char *found = begin;
  enum rnn_status status = check(input, &found, &length, error);
  if (status == RNN_OK) {
    *line = found;
    *length_bytes = length;
  }
  return status;
}

enum rnn_status rnn_input_next_line(struct rnn_input *input, const char **line, size_t *length_bytes,
                                    struct rnn_error *error)
{
  size_t at;
  *line = NULL;
  *length_bytes = 0;
  input->line_end = "";
  input->line_end_bytes = 0;
  find_line(input, true, &at);
  bool ended = at != SIZE_MAX;
  size_t count = ended ? at + 1 : input->end - input->begin;
  count -= skip_bom(input, count);
  if (!ended && input->failed) {
    take(input, count);
    input->failed = false;
    return rnn_error_set(error, input->failure.status, "%s", input->failure.text);
  }
  if (count == 0)
    return RNN_OK;
  input->line++;
  if (ended || input->at_end)
    return return_line(input, count, ended, line, length_bytes, error);
  take(input, count);
  input->discarding = true;
  return refuse_length(input, error);
}

bool rnn_input_would_block(struct rnn_input *input)
{
  size_t at;
  if (input->raw)
    return input->begin == input->end && !input->at_end && !fill(input, false);
  return !find_line(input, false, &at);
}

bool rnn_input_is_blank(const char *line, size_t length_bytes)
{
  size_t i = 0;
  while (i < length_bytes && (line[i] == ' ' || line[i] == '\t'))
    i++;
  return i == length_bytes;
}

/* `count` bytes before a record end: a blank line, in the file? */
static bool is_blank(const struct rnn_input *input, const char *line, size_t count)
{
  if (count > 0 && input->settings.record_end == '\n' && line[count - 1] == '\r')
    count--;
  return rnn_input_is_blank(line, count);
}

bool rnn_input_would_block_paragraph(struct rnn_input *input)
{
  bool begun = false;
  size_t line = 0; /* offset from `begin` */
  if (input->discarding)
    return rnn_input_would_block(input);
  for (;;) {
    const char *begin = input->buffer + input->begin;
    size_t count = input->end - input->begin;
    const char *hit = memchr(begin + line, input->settings.record_end, count - line);
    if (hit != NULL) {
      size_t next = (size_t)(hit - begin) + 1;
      bool blank = is_blank(input, begin + line, next - 1 - line);
      if (blank && begun)
        return false;
      begun |= !blank;
      line = next;
    } else if (input->at_end || count > LOOK_AHEAD_BYTES) {
      return false;
    } else if (!fill(input, false)) {
      return true;
    }
  }
}

/* ---- bytes ---- */

static enum rnn_status report_failure(struct rnn_input *input, struct rnn_error *error)
{
  if (!input->failed)
    return RNN_OK;
  input->failed = false;
  return rnn_error_set(error, input->failure.status, "%s", input->failure.text);
}

enum rnn_status rnn_input_read(struct rnn_input *input, void *bytes, size_t size, size_t *got, struct rnn_error *error)
{
  while (input->begin == input->end && !input->at_end)
    fill(input, true);
  size_t count = input->end - input->begin;
  *got = count < size ? count : size;
  if (count == 0)
    return report_failure(input, error);
  memcpy(bytes, input->buffer + input->begin, *got);
  take(input, *got);
  return RNN_OK;
}

enum rnn_status rnn_input_peek(struct rnn_input *input, const char **bytes, size_t size, size_t *got,
                               struct rnn_error *error)
{
  size_t searched = 0;
  for (;;) {
    const char *begin = input->buffer + input->begin;
    size_t count = input->end - input->begin;
    if (count >= size || input->at_end || memchr(begin + searched, input->settings.record_end, count - searched))
      break;
    searched = count;
    fill(input, true);
  }
  size_t count = input->end - input->begin;
  *bytes = input->buffer + input->begin;
  *got = count < size ? count : size;
  return count == 0 ? report_failure(input, error) : RNN_OK;
}

enum rnn_status rnn_input_use_raw(struct rnn_input *input, struct rnn_error *error)
{
  if (input->taken || (input->kind == KIND_COMPRESSED && !input->keeps_packed))
    return rnn_error_set(error, RNN_BUG, "%s: bytes have been taken already", input->name);
  if (input->kind == KIND_COMPRESSED) {
    memcpy(input->buffer, input->packed, input->packed_end);
    input->begin = 0;
    input->end = input->packed_end;
    input->searched = 0;
    input->failed = false;
    input->at_end = false; /* the descriptor answers "end" again */
    rnn_inflate_free(input->inflate);
    input->inflate = NULL;
  }
  set_raw(input);
  return RNN_OK;
}
