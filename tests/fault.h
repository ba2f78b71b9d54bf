/* System calls that fail on purpose, and what a program asks of the disk. tests/fault.c stands in front of the calls of
 * libc: linked into the tests in C, and as tests/fault.so to be preloaded into any program, where
 *
 *   RNN_FAULT=CALL:WHAT:N[+|/M]   the N-th call on (once; + from then on; /M each M-th from then on)
 *   RNN_FAULT_PATH=TEXT           counts only calls on paths that have TEXT in them
 *
 * CALL is open, read, write, fsync, close, rename, link or unlink; WHAT is an error number, `short` (one byte is read
 * or written), `term` or `kill` (the signal comes before the call). */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>

enum fault_call {
  FAULT_OPEN,
  FAULT_READ,
  FAULT_WRITE,
  FAULT_FSYNC,
  FAULT_CLOSE,
  FAULT_RENAME,
  FAULT_LINK,
  FAULT_UNLINK,
  FAULT_CALLS
};

enum { FAULT_SHORT = -1, FAULT_TERM = -2, FAULT_KILL = -3 };

/* What one of these calls did, once it has succeeded. */
struct fault_event {
  enum fault_call call;
  const char *path, *other; /* what a rename or link goes to */
  bool truncates;           /* an open for writing that empties the file */
  const void *bytes;        /* of a write */
  size_t size;
};

/* Counts the calls on paths with `path` in them from here on, fails the at-th (from 1; 0: none) with `what`, and those
 * after it too if `forever`. */
void fault_arm(const char *path, enum fault_call call, int what, long at, bool forever);
void fault_disarm(void);
long fault_count(enum fault_call call); /* since fault_arm */

/* Tells each such call that changes something; NULL: no more. */
void fault_tell(void (*tell)(const struct fault_event *event));

#endif
