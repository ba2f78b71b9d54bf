/* Bytes of an input: from the descriptor into `buffer`, through `packed` and the inflater where they are compressed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input_limits.h"
#include "input_private.h"
#include "memory.h"

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { BUFFER_BYTES = 1 << 9 }; /* so that small inputs meet its end, and runs are cheap */
#else
enum { BUFFER_BYTES = 256 << 10 };
#endif

enum {
  PACKED_BYTES = BUFFER_BYTES, /* more than a zstd block with its header: a first block is always whole in it */
  MAGIC_BYTES = 4
};

/* ---- opening ---- */

static enum rnn_status refuse(struct rnn_input *input, int number, struct rnn_error *error)
{
  return rnn_error_set(error, RNN_NO_INPUT, "%s: %s", input->name, strerror(number));
}

/* What is written there would be read again, without end. */
static bool is_standard_output(const struct stat *file)
{
  struct stat output;
  return S_ISREG(file->st_mode) && fstat(STDOUT_FILENO, &output) == 0 && output.st_dev == file->st_dev &&
         output.st_ino == file->st_ino;
}

static enum rnn_status open_descriptor(struct rnn_input *input, const char *name, struct rnn_error *error)
{
  struct stat about;
  if (strcmp(name, "-") != 0)
    input->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (input->fd < 0 || fstat(input->fd, &about) != 0)
    return refuse(input, errno, error);
  if (S_ISDIR(about.st_mode))
    return refuse(input, EISDIR, error);
  if (is_standard_output(&about))
    return rnn_error_set(error, RNN_USAGE, "%s: it is standard output, too: -o FILE replaces it when all is read",
                         input->name);
  return RNN_OK;
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
  input->kind = RNN_INPUT_PLAIN;
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
  rnn_memory_free(input->kept);
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
  return input->kind == RNN_INPUT_COMPRESSED;
}

char rnn_input_record_end(const struct rnn_input *input)
{
  return input->settings.record_end;
}

size_t *rnn_input_width(struct rnn_input *input)
{
  return &input->width;
}

void **rnn_input_keep(struct rnn_input *input)
{
  return &input->kept;
}

void rnn_input_end(struct rnn_input *input)
{
  input->begin = input->end;
  input->at_end = true;
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
    end_with(input, !input->between_frames);
    rnn_error_set(&input->failure, RNN_DATA, "the zstd data are cut in the middle of a frame");
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
    end_with(input, true);
  return true;
}

static void become_compressed(struct rnn_input *input)
{
  input->kind = RNN_INPUT_COMPRESSED;
  if (rnn_inflate_create(&input->inflate, &input->failure) != RNN_OK ||
      rnn_memory_new(&input->packed, PACKED_BYTES, 1, "compressed bytes", &input->failure) != RNN_OK) {
    end_with(input, true);
    return;
  }
  memcpy(input->packed, input->buffer, input->undecided);
  input->packed_end = input->undecided;
  input->keeps_packed = true;
}

/* True if these bytes, as far as they are there, are those of a zstd frame or, as pzstd writes first, of a skippable
 * one. */
static bool may_be_zstd(const char *bytes, size_t count)
{
  static const char magic[MAGIC_BYTES] = "\x28\xB5\x2F\xFD", skippable[MAGIC_BYTES] = "\x50\x2A\x4D\x18";
  if (count > 0 && (bytes[0] & 0xF0) == 0x50)
    return memcmp(bytes + 1, skippable + 1, count - 1) == 0;
  return memcmp(bytes, magic, count) == 0;
}

/* The first bytes, which nobody sees before it is known what they are; false if too few are there without waiting. */
static bool decide_kind(struct rnn_input *input, bool wait)
{
  size_t got, count;
  do {
    if (!read_some(input, input->buffer + input->undecided, input->capacity - input->undecided, wait, &got))
      return false;
    input->undecided += got;
    count = input->undecided < MAGIC_BYTES ? input->undecided : MAGIC_BYTES;
  } while (got > 0 && count < MAGIC_BYTES && may_be_zstd(input->buffer, count));
  if (count == MAGIC_BYTES && may_be_zstd(input->buffer, count)) {
    become_compressed(input);
    return true;
  }
  input->kind = RNN_INPUT_PLAIN;
  input->end = input->undecided;
  if (got == 0 && !input->at_end)
    end_with(input, false);
  return true;
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

bool rnn_input_fill(struct rnn_input *input, bool wait)
{
  if (!make_room(input))
    return true;
  if (input->kind == RNN_INPUT_UNDECIDED)
    return decide_kind(input, wait);
  if (input->kind == RNN_INPUT_PLAIN)
    return fill_plain(input, wait);
  for (size_t before = input->end; !input->at_end && input->end == before;)
    if (!fill_compressed(input, wait))
      return false;
  return true;
}

/* ---- bytes ---- */

void rnn_input_take(struct rnn_input *input, size_t count)
{
  input->begin += count;
  input->searched = 0;
  input->taken = true;
}

enum rnn_status rnn_input_report_failure(struct rnn_input *input, struct rnn_error *error)
{
  if (!input->failed)
    return RNN_OK;
  input->failed = false;
  if (input->failure.status == RNN_DATA)
    rnn_error_prefix(&input->failure, "%s:%llu", input->name, (unsigned long long)input->line + 1);
  return rnn_error_set(error, input->failure.status, "%s", input->failure.text);
}

enum rnn_status rnn_input_read(struct rnn_input *input, void *bytes, size_t size, size_t *got, struct rnn_error *error)
{
  while (input->begin == input->end && !input->at_end)
    rnn_input_fill(input, true);
  size_t count = input->end - input->begin;
  *got = count < size ? count : size;
  if (count == 0)
    return rnn_input_report_failure(input, error);
  memcpy(bytes, input->buffer + input->begin, *got);
  rnn_input_take(input, *got);
  return RNN_OK;
}

static enum rnn_status peek(struct rnn_input *input, const char **bytes, size_t size, bool line_is_enough, size_t *got,
                            struct rnn_error *error)
{
  size_t searched = 0;
  for (;;) {
    const char *begin = input->buffer + input->begin;
    size_t count = input->end - input->begin;
    if (count >= size || input->at_end)
      break;
    if (line_is_enough && memchr(begin + searched, input->settings.record_end, count - searched) != NULL)
      break;
    searched = count;
    rnn_input_fill(input, true);
  }
  size_t count = input->end - input->begin;
  *bytes = input->buffer + input->begin;
  *got = count < size ? count : size;
  return count == 0 ? rnn_input_report_failure(input, error) : RNN_OK;
}

enum rnn_status rnn_input_peek(struct rnn_input *input, const char **bytes, size_t size, size_t *got,
                               struct rnn_error *error)
{
  return peek(input, bytes, size, true, got, error);
}

enum rnn_status rnn_input_peek_far(struct rnn_input *input, const char **bytes, size_t size, size_t *got,
                                   struct rnn_error *error)
{
  return peek(input, bytes, size, false, got, error);
}

enum rnn_status rnn_input_use_raw(struct rnn_input *input, struct rnn_error *error)
{
  if (input->taken)
    return rnn_error_set(error, RNN_BUG, "%s: bytes have been taken already", input->name);
  if (input->kind == RNN_INPUT_COMPRESSED && !input->keeps_packed)
    return rnn_error_set(error, RNN_DATA, "%s: too much stands in front of its first frame", input->name);
  input->begin = input->searched = 0;
  if (input->kind == RNN_INPUT_UNDECIDED)
    input->end = input->undecided;
  if (input->kind == RNN_INPUT_COMPRESSED) {
    memcpy(input->buffer, input->packed, input->packed_end);
    input->end = input->packed_end;
    input->failed = false;
    input->at_end = false; /* the descriptor answers "end" again */
    rnn_inflate_free(input->inflate);
    input->inflate = NULL;
  }
  set_raw(input);
  return RNN_OK;
}
