/* zstd frames (RFC 8878), strict for models and streams, lenient for compressed text. */
#include "container.h"

#include <stdio.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "input_limits.h"
#include "memory.h"
#include "safetensors.h"

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { CHUNK_BYTES = 4 << 10, FIRST_GROWTH_BYTES = 4 << 10, FIRST_PLAIN_BYTES = 1 << 10 }; /* small inputs meet them */
#else
enum {
  CHUNK_BYTES = 128 * 1024 + 3,  /* a block and the header of the next */
  FIRST_GROWTH_BYTES = 16 << 20, /* taken before a byte was decompressed; costs nothing unless filled */
  FIRST_PLAIN_BYTES = 1 << 20    /* the same where no size is declared */
};
#endif

enum {
  MAGIC_BYTES = 4,
  FIRST_BYTES = MAGIC_BYTES + 1, /* what every frame begins with: the magic number and the descriptor */
  MOST_HEADER_BYTES = 18,        /* RFC 8878, 3.1.1.1 */
  GROWTH = 4,
  LEVEL = 3
};

/* The output stays where it is: no window of zstd's own, no copy out of it. Not yet of the stable interface, where it
 * will be ZSTD_d_stableOutBuffer; a zstd that does not know it goes on without. */
static const ZSTD_dParameter stable_output = ZSTD_d_experimentalParam2;

static const uint32_t frame_magic = 0xFD2FB528U, skippable_magic = 0x184D2A50U, skippable_mask = 0xFFFFFFF0U;

static uint32_t read_magic(const unsigned char *bytes)
{
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static bool is_skippable(const unsigned char *bytes)
{
  return (read_magic(bytes) & skippable_mask) == skippable_magic;
}

bool rnn_container_is_zstd(const void *bytes, size_t size)
{
  return size >= MAGIC_BYTES && (read_magic(bytes) == frame_magic || is_skippable(bytes));
}

/* ---- reading one strict frame ---- */

struct frame_reader {
  struct rnn_input *raw;
  uint64_t frame;    /* for messages */
  const char *plain; /* what a plain document is; NULL: not allowed */
  ZSTD_DCtx *context;
  char *chunk;      /* [CHUNK_BYTES] compressed bytes */
  char *block;      /* decompressed so far */
  size_t capacity;  /* of block */
  size_t size;      /* decompressed so far */
  size_t size_told; /* as the frame declares */
};

static enum rnn_status refuse(const struct frame_reader *reader, const char *why, struct rnn_error *error)
{
  const char *name = rnn_input_name(reader->raw);
  if (reader->frame == 0)
    return rnn_error_set(error, RNN_DATA, "%s: %s", name, why);
  return rnn_error_set(error, RNN_DATA, "%s: zstd frame %llu: %s", name, (unsigned long long)reader->frame, why);
}

static enum rnn_status refuse_plain(const struct frame_reader *reader, struct rnn_error *error)
{
  return rnn_error_set(error, RNN_DATA, "%s: not %s (neither a zstd frame nor a safetensors document)",
                       rnn_input_name(reader->raw), reader->plain);
}

/* Reads `size` bytes, fewer only at the end of input. */
static enum rnn_status read_up_to(struct rnn_input *raw, void *bytes, size_t size, size_t *got, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  *got = 0;
  while (*got < size) {
    size_t more;
    RNN_TRY(rnn_input_read(raw, (char *)bytes + *got, size - *got, &more, error));
    if (more == 0)
      break;
    *got += more;
  }
out:
  return status;
}

static enum rnn_status read_exactly(const struct frame_reader *reader, void *bytes, size_t size,
                                    struct rnn_error *error)
{
  size_t got;
  enum rnn_status status = read_up_to(reader->raw, bytes, size, &got, error);
  if (status == RNN_OK && got < size)
    status = refuse(reader, "cut off: the file is incomplete", error);
  return status;
}

/* Makes room for more than is there, never past what the frame declares. */
static enum rnn_status make_room(struct frame_reader *reader, struct rnn_error *error)
{
  if (reader->size < reader->capacity)
    return RNN_OK;
  char *grown;
  size_t wanted = reader->size == 0 ? FIRST_GROWTH_BYTES : reader->size * GROWTH;
  if (wanted > reader->size_told)
    wanted = reader->size_told;
  if (wanted == reader->capacity)
    return RNN_OK;
  enum rnn_status status = rnn_memory_new(&grown, wanted, 1, "a decompressed block", error);
  if (status != RNN_OK)
    return status;
  if (reader->size > 0)
    memcpy(grown, reader->block, reader->size);
  rnn_memory_free(reader->block);
  reader->block = grown;
  reader->capacity = wanted;
  return RNN_OK;
}

/* The rest of the frame header, whose first bytes are in `header`; *header_bytes is its length. */
static enum rnn_status read_header(struct frame_reader *reader, unsigned char *header, size_t *header_bytes,
                                   size_t most_bytes, struct rnn_error *error)
{
  static const size_t size_field_bytes[] = {0, 2, 4, 8};
  unsigned descriptor = header[MAGIC_BYTES];
  bool single_segment = (descriptor & 0x20) != 0;
  if ((descriptor & 0x08) != 0)
    return refuse(reader, "damaged: a reserved bit is set", error);
  if ((descriptor & 0x03) != 0)
    return refuse(reader, "compressed with a dictionary, which is not allowed here", error);
  if ((descriptor & 0x04) == 0)
    return refuse(reader, "has no checksum (zstd --check)", error);
  if (descriptor >> 6 == 0 && !single_segment)
    return refuse(reader, "does not declare its size (zstd --stream-size=N)", error);
  size_t size_field = single_segment && descriptor >> 6 == 0 ? 1 : size_field_bytes[descriptor >> 6];
  *header_bytes = FIRST_BYTES + size_field + !single_segment;
  enum rnn_status status = read_exactly(reader, header + FIRST_BYTES, *header_bytes - FIRST_BYTES, error);
  if (status != RNN_OK)
    return status;
  unsigned long long told = ZSTD_getFrameContentSize(header, *header_bytes);
  if (told == ZSTD_CONTENTSIZE_UNKNOWN || told == ZSTD_CONTENTSIZE_ERROR)
    return refuse(reader, "damaged: no size in its header", error);
  if (told == 0)
    return refuse(reader, "is empty", error);
  if (told > most_bytes) {
    char why[128];
    snprintf(why, sizeof why, "declares %llu bytes, the limit is %zu", told, most_bytes);
    return refuse(reader, why, error);
  }
  reader->size_told = (size_t)told;
  return RNN_OK;
}

static enum rnn_status refuse_zstd(const struct frame_reader *reader, size_t code, struct rnn_error *error)
{
  if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: decompression");
  if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
    return refuse(reader, "its zstd window is larger than 8 MiB (use level 19 or less, not --ultra or --long)", error);
  char why[128];
  snprintf(why, sizeof why, "damaged: %s", ZSTD_getErrorName(code));
  return refuse(reader, why, error);
}

/* Decompresses a frame whose header is in `header`. zstd never suggests to read past the end of the frame. */
static enum rnn_status read_blocks(struct frame_reader *reader, const unsigned char *header, size_t header_bytes,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  memcpy(reader->chunk, header, header_bytes);
  ZSTD_inBuffer in = {reader->chunk, header_bytes, 0};
  size_t hint = 0;
  do {
    if (in.pos == in.size && hint > 0) {
      in.size = hint < CHUNK_BYTES ? hint : CHUNK_BYTES;
      in.pos = 0;
      RNN_TRY(read_exactly(reader, reader->chunk, in.size, error));
    }
    RNN_TRY(make_room(reader, error));
    ZSTD_outBuffer out = {reader->block, reader->capacity, reader->size};
    size_t taken = in.pos;
    hint = ZSTD_decompressStream(reader->context, &out, &in);
    if (ZSTD_isError(hint))
      return refuse_zstd(reader, hint, error);
    if (hint > 0 && in.pos == taken && out.pos == reader->size)
      return refuse(reader, "damaged: it holds more than it declares", error);
    reader->size = out.pos;
  } while (hint > 0);
  if (reader->size != reader->size_told || in.pos != in.size)
    status = refuse(reader, "damaged: it does not hold what it declares", error);
out:
  return status;
}

/* Damage under a checksum is not found by chance, so a build that is fuzzed does not look at checksums. */
static bool set_up(ZSTD_DCtx *context, int window_log)
{
  if (context == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, window_log)))
    return false;
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return !ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_experimentalParam3, 1)); /* forceIgnoreChecksum */
#else
  return true;
#endif
}

static enum rnn_status read_frame(struct frame_reader *reader, unsigned char *header, size_t most_bytes,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t header_bytes = 0;
  RNN_TRY(read_header(reader, header, &header_bytes, most_bytes, error));
  RNN_TRY(rnn_memory_new(&reader->chunk, CHUNK_BYTES, 1, "compressed bytes", error));
  reader->context = ZSTD_createDCtx();
  if (reader->context != NULL && reader->size_told <= FIRST_GROWTH_BYTES)
    (void)!ZSTD_DCtx_setParameter(reader->context, stable_output, 1);
  if (!set_up(reader->context, RNN_LIMIT_WINDOW_LOG))
    status = rnn_error_set(error, RNN_NO_MEMORY, "out of memory: decompression");
  else
    status = read_blocks(reader, header, header_bytes, error);
out:
  ZSTD_freeDCtx(reader->context);
  rnn_memory_free(reader->chunk);
  return status;
}

/* ---- reading a plain document ---- */

/* The rest of a plain document of which FIRST_BYTES were read. */
static enum rnn_status read_plain(struct frame_reader *reader, const unsigned char *first, size_t most_bytes,
                                  struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t got;
  reader->size_told = most_bytes < FIRST_PLAIN_BYTES ? most_bytes : FIRST_PLAIN_BYTES;
  RNN_TRY(make_room(reader, error));
  reader->size_told = most_bytes;
  memcpy(reader->block, first, FIRST_BYTES);
  RNN_TRY(read_up_to(reader->raw, reader->block + FIRST_BYTES, RNN_DOCUMENT_FIRST_BYTES - FIRST_BYTES, &got, error));
  reader->size = FIRST_BYTES + got;
  if (!rnn_document_begins(reader->block, reader->size))
    return refuse_plain(reader, error);
  do {
    RNN_TRY(make_room(reader, error));
    if (reader->size == reader->capacity) {
      char one_more;
      RNN_TRY(rnn_input_read(reader->raw, &one_more, 1, &got, error));
      if (got > 0)
        return refuse(reader, "larger than the limit", error);
      break;
    }
    RNN_TRY(rnn_input_read(reader->raw, reader->block + reader->size, reader->capacity - reader->size, &got, error));
    reader->size += got;
  } while (got > 0);
out:
  return status;
}

static enum rnn_status read_after_first(struct frame_reader *reader, unsigned char *header, size_t got,
                                        size_t most_bytes, struct rnn_error *error)
{
  bool whole = got == FIRST_BYTES;
  if (whole && read_magic(header) == frame_magic)
    return read_frame(reader, header, most_bytes, error);
  if (whole && is_skippable(header))
    return refuse(reader, "a skippable frame, which is not allowed here", error);
  if (whole && reader->plain != NULL)
    return read_plain(reader, header, most_bytes, error);
  return reader->plain != NULL ? refuse_plain(reader, error) : refuse(reader, "not a zstd frame, or cut off", error);
}

enum rnn_status rnn_container_read(struct rnn_input *raw, uint64_t frame, const char *plain, size_t most_bytes,
                                   char **block, size_t *size_bytes, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct frame_reader reader = {.raw = raw, .frame = frame, .plain = plain};
  unsigned char header[MOST_HEADER_BYTES];
  size_t got;
  *block = NULL;
  *size_bytes = 0;
  RNN_TRY(read_up_to(raw, header, FIRST_BYTES, &got, error));
  if (got == 0)
    return RNN_OK;
  RNN_TRY(read_after_first(&reader, header, got, most_bytes, error));
  *block = reader.block;
  *size_bytes = reader.size;
out:
  if (status != RNN_OK)
    rnn_memory_free(reader.block);
  return status;
}

/* ---- writing ---- */

static enum rnn_status write_compressed(ZSTD_CCtx *context, struct rnn_output *output, const void *block,
                                        size_t size_bytes, char *chunk, struct rnn_error *error)
{
  ZSTD_inBuffer in = {block, size_bytes, 0};
  size_t left;
  do {
    ZSTD_outBuffer out = {chunk, CHUNK_BYTES, 0};
    left = ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
    if (ZSTD_isError(left))
      return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: compression (%s)", ZSTD_getErrorName(left));
    enum rnn_status status = rnn_output_write(output, chunk, out.pos, error);
    if (status != RNN_OK)
      return status;
  } while (left > 0);
  return RNN_OK;
}

enum rnn_status rnn_container_read_alone(struct rnn_input *raw, const char *plain, size_t most_bytes, char **block,
                                         size_t *size_bytes, struct rnn_error *error)
{
  char more;
  size_t got = 0;
  enum rnn_status status = rnn_container_read(raw, 0, plain, most_bytes, block, size_bytes, error);
  if (status == RNN_OK)
    status = rnn_input_read(raw, &more, 1, &got, error);
  if (status == RNN_OK && (*size_bytes == 0 || got > 0))
    status = rnn_error_set(error, RNN_DATA, "%s: %s", rnn_input_name(raw),
                           *size_bytes == 0 ? "empty" : "bytes after its end");
  return status;
}

enum rnn_status rnn_container_write(struct rnn_output *output, const void *block, size_t size_bytes,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  char *chunk = NULL;
  ZSTD_CCtx *context = ZSTD_createCCtx();
  if (context == NULL || ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL)) ||
      ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)) ||
      ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1)) ||
      ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context, size_bytes)))
    RNN_TRY(rnn_error_set(error, RNN_NO_MEMORY, "out of memory: compression"));
  RNN_TRY(rnn_memory_new(&chunk, CHUNK_BYTES, 1, "compressed bytes", error));
  RNN_TRY(write_compressed(context, output, block, size_bytes, chunk, error));
out:
  rnn_memory_free(chunk);
  ZSTD_freeCCtx(context);
  return status;
}

/* ---- text ---- */

struct rnn_inflate {
  ZSTD_DCtx *context;
  unsigned char magic[MAGIC_BYTES]; /* of the frame that begins: formats older than zstd 0.8 are not for us */
  size_t magic_bytes;               /* seen so far */
  bool fed;                         /* the magic number was handed to zstd */
};

enum rnn_status rnn_inflate_create(struct rnn_inflate **inflate, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  RNN_TRY(rnn_memory_new(inflate, 1, sizeof **inflate, "decompression", error));
  (*inflate)->context = ZSTD_createDCtx();
  if (!set_up((*inflate)->context, RNN_LIMIT_TEXT_WINDOW_LOG)) {
    rnn_inflate_free(*inflate);
    *inflate = NULL;
    status = rnn_error_set(error, RNN_NO_MEMORY, "out of memory: decompression");
  }
out:
  return status;
}

void rnn_inflate_free(struct rnn_inflate *inflate)
{
  if (inflate == NULL)
    return;
  ZSTD_freeDCtx(inflate->context);
  rnn_memory_free(inflate);
}

static enum rnn_status refuse_text(size_t code, struct rnn_error *error)
{
  switch (ZSTD_getErrorCode(code)) {
  case ZSTD_error_memory_allocation:
    return rnn_error_set(error, RNN_NO_MEMORY, "out of memory: decompression");
  case ZSTD_error_frameParameter_windowTooLarge:
    return rnn_error_set(error, RNN_DATA, "its zstd window is larger than 128 MiB");
  case ZSTD_error_dictionary_wrong:
    return rnn_error_set(error, RNN_DATA, "zstd data compressed with a dictionary");
  default:
    return rnn_error_set(error, RNN_DATA, "damaged zstd data: %s", ZSTD_getErrorName(code));
  }
}

static enum rnn_status decompress(struct rnn_inflate *inflate, ZSTD_inBuffer *in, ZSTD_outBuffer *out, bool *between,
                                  struct rnn_error *error)
{
  size_t hint = ZSTD_decompressStream(inflate->context, out, in);
  if (ZSTD_isError(hint))
    return refuse_text(hint, error);
  *between = hint == 0;
  if (hint == 0) {
    inflate->magic_bytes = 0;
    inflate->fed = false;
  }
  return RNN_OK;
}

enum rnn_status rnn_inflate_run(struct rnn_inflate *inflate, const void *in_bytes_at, size_t in_bytes, size_t *used,
                                void *out_bytes_at, size_t out_bytes, size_t *made, bool *between,
                                struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  ZSTD_inBuffer in = {in_bytes_at, in_bytes, 0};
  ZSTD_outBuffer out = {out_bytes_at, out_bytes, 0};
  *between = inflate->magic_bytes == 0;
  while (inflate->magic_bytes < MAGIC_BYTES && in.pos < in.size)
    inflate->magic[inflate->magic_bytes++] = ((const unsigned char *)in_bytes_at)[in.pos++];
  if (in.pos > 0)
    *between = false;
  if (inflate->magic_bytes == MAGIC_BYTES && !inflate->fed) {
    if (!rnn_container_is_zstd(inflate->magic, MAGIC_BYTES))
      return rnn_error_set(error, RNN_DATA, "damaged zstd data: bytes after the end of a frame");
    ZSTD_inBuffer magic = {inflate->magic, MAGIC_BYTES, 0};
    RNN_TRY(decompress(inflate, &magic, &out, between, error));
    inflate->fed = true;
  }
  if (inflate->fed)
    RNN_TRY(decompress(inflate, &in, &out, between, error));
out:
  *used = in.pos;
  *made = out.pos;
  return status;
}

enum rnn_status rnn_container_write_alone(struct rnn_output *output, const void *block, size_t size_bytes,
                                          struct rnn_error *error)
{
  enum rnn_status status = rnn_container_write(output, block, size_bytes, error);
  if (status == RNN_OK)
    return rnn_output_finish(output, error);
  rnn_output_abandon(output);
  return status;
}
