/* Before the first byte of input is read a program gives up what it will not need: by Landlock all files but those it
 * was told of, and by seccomp all system calls but those of a filter: no network, no processes, no code made at run
 * time. A program that a hostile file has taken over can then read what the command line names, write where the command
 * line says, and nothing else.
 *
 *   rnn_sandbox_begin(&sandbox, mode);
 *   rnn_sandbox_allow(&sandbox, "model.zst", RNN_SANDBOX_READ);
 *   RNN_TRY(rnn_sandbox_enter(&sandbox, &error));
 *
 * A thread passes its sandbox on to those it starts: enter it before there are any. It cannot be left again. */
#ifndef RNN_SANDBOX_H
#define RNN_SANDBOX_H

#include <stdbool.h>

#include "error.h"

enum rnn_sandbox_mode {
  RNN_SANDBOX_AUTO,    /* what this system has, in silence */
  RNN_SANDBOX_REQUIRE, /* all of it, or RNN_UNAVAILABLE */
  RNN_SANDBOX_OFF,
  RNN_SANDBOX_TEST /* as require; then the program tries what is forbidden */
};

enum rnn_sandbox_use {
  RNN_SANDBOX_READ,  /* this file will be opened for reading */
  RNN_SANDBOX_WRITE, /* a file of this name will be made, in any way: its directory may be written; or a device as it is
                      */
  RNN_SANDBOX_KEEP   /* the same, and the files of the directory may be read again */
};

struct rnn_sandbox {
  enum rnn_sandbox_mode mode;
  int version; /* of Landlock; 0: there is none */
  int ruleset; /* descriptor, or -1 */
  int reason;  /* errno of why there is no Landlock */
  bool opens, writes, seccomp;
};

void rnn_sandbox_begin(struct rnn_sandbox *sandbox, enum rnn_sandbox_mode mode);

/* What cannot be found is left out: opening it fails later, with the same message as without a sandbox. "-" is nothing
 * to open. */
void rnn_sandbox_allow(struct rnn_sandbox *sandbox, const char *path, enum rnn_sandbox_use use);

/* From here on nothing else. RNN_UNAVAILABLE where it is required and the system has not got it. */
enum rnn_status rnn_sandbox_enter(struct rnn_sandbox *sandbox, struct rnn_error *error) RNN_MUST_CHECK;

/* Tries what is forbidden, in this thread and in a new one, and prints a line for each attempt; RNN_BUG if anything was
 * let through. */
enum rnn_status rnn_sandbox_test(const struct rnn_sandbox *sandbox, struct rnn_error *error) RNN_MUST_CHECK;

#endif
