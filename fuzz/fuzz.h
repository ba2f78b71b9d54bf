/* What the fuzz targets share. A target aborts where a promise is broken. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

/* Each takes any bytes and answers 0. */
int fuzz_checkpoint(const uint8_t *data, size_t size);
int fuzz_config(const uint8_t *data, size_t size);
int fuzz_container(const uint8_t *data, size_t size);
int fuzz_embeddings(const uint8_t *data, size_t size);
int fuzz_model(const uint8_t *data, size_t size);
int fuzz_number(const uint8_t *data, size_t size);
int fuzz_options(const uint8_t *data, size_t size);
int fuzz_reader(const uint8_t *data, size_t size);
int fuzz_state(const uint8_t *data, size_t size);
int fuzz_stream(const uint8_t *data, size_t size);
int fuzz_token(const uint8_t *data, size_t size);
int fuzz_train(const uint8_t *data, size_t size);

#define FUZZ_EXPECT(condition)                                                                                         \
  do {                                                                                                                 \
    if (!(condition))                                                                                                  \
      abort();                                                                                                         \
  } while (0)

/* Standard input holds these bytes from here on. */
static inline void fuzz_stdin(const uint8_t *data, size_t size)
{
  static int fd = -1;
  if (fd < 0) {
    fd = memfd_create("fuzz", 0);
    FUZZ_EXPECT(fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
  }
  FUZZ_EXPECT(pwrite(fd, data, size, 0) == (ssize_t)size && ftruncate(fd, (off_t)size) == 0);
  FUZZ_EXPECT(lseek(STDIN_FILENO, 0, SEEK_SET) == 0);
}

/* These bytes in a zstd frame with size and checksum, so that damage reaches what is in it; freed with free. */
static inline uint8_t *fuzz_seal(const uint8_t *data, size_t size, size_t *sealed_bytes)
{
  static ZSTD_CCtx *context;
  size_t most = ZSTD_compressBound(size);
  uint8_t *sealed = malloc(most);
  if (context == NULL) {
    FUZZ_EXPECT((context = ZSTD_createCCtx()) != NULL);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
  }
  *sealed_bytes = ZSTD_compress2(context, sealed, most, data, size);
  FUZZ_EXPECT(!ZSTD_isError(*sealed_bytes));
  return sealed;
}

#endif
