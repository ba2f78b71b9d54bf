/* Arrays that may outgrow memory: up to a size they lie in memory, beyond it in files that were made for it, mapped, so
 * that the system writes what is not in use to the disk and reads it again. The files have no names, and are gone with
 * the program. */
#ifndef RNN_SPOOL_H
#define RNN_SPOOL_H

#include <stddef.h>

#include "error.h"

enum { RNN_SPOOL_FILES = 16 };

struct rnn_spool {
  size_t most_bytes; /* of an array in memory */
  size_t files;
  struct rnn_spool_file {
    int descriptor;    /* open for reading and writing, empty; not owned */
    void *block;       /* the array that lies in it, NULL: none, */
    size_t size_bytes; /* and how much of the file there is and is mapped */
  } file[RNN_SPOOL_FILES];
};

/* As rnn_memory_grow. An array grows by and by in the file that it once was put in, and moves to memory never again.
 * spool NULL, or no file free: all stays in memory. A disk that is full is RNN_NO_MEMORY here, not a signal later. */
enum rnn_status rnn_spool_grow(struct rnn_spool *spool, void *block, size_t *capacity, size_t wanted, size_t size_bytes,
                               const char *what, struct rnn_error *error) RNN_MUST_CHECK;

/* From now on what lies in files is read here and there: the system reads no more than it is asked for. */
void rnn_spool_settle(struct rnn_spool *spool);

/* Releases an array that grew by rnn_spool_grow; NULL is allowed. */
void rnn_spool_free(struct rnn_spool *spool, void *block);

#endif
