/* The parts of a state that changes, by name: blocks of numbers in a list. What copies a state and what writes it to a
 * file go by the same list, so that neither can forget a part. */
#ifndef RNN_PART_H
#define RNN_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "real.h"

enum rnn_part_kind { RNN_PART_REAL, RNN_PART_DOUBLE, RNN_PART_COUNT, RNN_PART_BYTE };

enum { RNN_PART_NAME_BYTES = 48, RNN_MOST_PARTS = 256 };

struct rnn_part {
  char name[RNN_PART_NAME_BYTES];
  enum rnn_part_kind kind;
  size_t count;
  void *data; /* [count] of real, double, uint64_t or unsigned char; belongs to the state */
};

/* A zeroed list is empty. */
struct rnn_parts {
  size_t count;
  struct rnn_part part[RNN_MOST_PARTS];
};

/* Appends "PREFIX.NAME"; nothing if data is NULL or count 0. RNN_BUG past RNN_MOST_PARTS or for a name too long. */
enum rnn_status rnn_parts_add(struct rnn_parts *parts, const char *prefix, const char *name, enum rnn_part_kind kind,
                              size_t count, void *data, struct rnn_error *error) RNN_MUST_CHECK;

/* One number. */
static inline enum rnn_status rnn_parts_add_count(struct rnn_parts *parts, const char *prefix, const char *name,
                                                  uint64_t *number, struct rnn_error *error)
{
  return rnn_parts_add(parts, prefix, name, RNN_PART_COUNT, 1, number, error);
}
static inline enum rnn_status rnn_parts_add_double(struct rnn_parts *parts, const char *prefix, const char *name,
                                                   double *number, struct rnn_error *error)
{
  return rnn_parts_add(parts, prefix, name, RNN_PART_DOUBLE, 1, number, error);
}

/* Copies each part of `from` to the same part of `to`: lists of two states of one config and shape, made alike. */
void rnn_parts_copy(const struct rnn_parts *from, const struct rnn_parts *to);

size_t rnn_part_bytes(const struct rnn_part *part);

#endif
