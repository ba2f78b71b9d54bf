/* What the fuzz targets share. A target aborts where a promise is broken. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Each takes any bytes and answers 0. */
int fuzz_number(const uint8_t *data, size_t size);
int fuzz_reader(const uint8_t *data, size_t size);
int fuzz_token(const uint8_t *data, size_t size);

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
  FUZZ_EXPECT(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
  FUZZ_EXPECT(lseek(STDIN_FILENO, 0, SEEK_SET) == 0);
}

#endif
