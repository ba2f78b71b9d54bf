/* Files and models for the tests of the formats. Everything lies in a directory that goes when the test ends. */
#ifndef FILE_CASE_H
#define FILE_CASE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "model.h"

/* A path in the test's own directory; kept until the test ends. */
const char *file_path(const char *name);

/* Whole files; what is read is freed with free, and followed by a NUL. */
void file_write(const char *path, const void *bytes, size_t size);
char *file_read(const char *path, size_t *size);

/* A zstd frame with declared size and checksum, freed with free. */
char *file_pack(const void *bytes, size_t size, size_t *packed);
/* The same with what may be wrong with it. */
char *file_pack_as(const void *bytes, size_t size, bool checksum, bool content_size, int window_log, size_t *packed);
/* As many zeros, which are never in memory together. */
char *file_pack_zeros(size_t size, size_t *packed);
char *file_unpack(const void *bytes, size_t size, size_t *unpacked);

/* A small model: random weights, a vocabulary with NUL and non-UTF-8 bytes among its strings, a history with NAN. */
struct model_case {
  enum rnn_task task;
  const char *cell;
  bool frames, one_hot, bidirectional, learned_start, unknown, wide;
  bool features; /* three, of words */
  bool crf;      /* tags are a chain */
  bool columns;  /* two of tags, "b" of one tag and "a" of three */
  bool joints;   /* of frames, which are then 2 joints of 3 numbers, with their velocity, standardised */
  int layers;
  size_t epochs, width; /* width: numbers a frame, symbols a vocabulary; 0: 5 */
};
struct rnn_model *file_model(const struct model_case *what);

#endif
