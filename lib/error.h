/* What a fallible function answers, and the one sentence that says why.
 *
 * The sentence is written where the cause is known, complete enough to print as it stands
 * ("train.conllu:17: 10 columns expected, 9 found"). Nothing in lib/ or formats/ prints. */
#ifndef RNN_ERROR_H
#define RNN_ERROR_H

/* The values are the exit codes of the programs (sysexits.h where it has one). */
enum rnn_status {
  RNN_OK = 0,
  RNN_NEGATIVE = 1,       /* done, and the answer is no: --fail-under missed, models differ, records skipped */
  RNN_DIVERGED = 2,       /* training became non-finite and could not be saved */
  RNN_USAGE = 64,         /* a command line that means nothing */
  RNN_DATA = 65,          /* bad data, bad model */
  RNN_NO_INPUT = 66,      /* an input that is not there or cannot be read */
  RNN_UNAVAILABLE = 69,   /* not built in */
  RNN_BUG = 70,           /* ours */
  RNN_NO_MEMORY = 71,     /* out of memory, or past a limit of memory */
  RNN_CANNOT_CREATE = 73, /* an output that cannot be made */
  RNN_WRITE_FAILED = 74,  /* an output that could not be written */
  RNN_STOPPED = 75,       /* stopped early, checkpoint saved: run again */
  RNN_BAD_CONFIG = 78     /* a configuration that means nothing */
};

enum { RNN_ERROR_BYTES = 1024 };

struct rnn_error {
  enum rnn_status status;
  char text[RNN_ERROR_BYTES]; /* one sentence, no newline; untouched where all went well */
};

#define RNN_MUST_CHECK __attribute__((warn_unused_result))

/* Writes the sentence (cut at RNN_ERROR_BYTES; control characters become '?') and answers `status`. `error` may be
 * NULL. */
enum rnn_status rnn_error_set(struct rnn_error *error, enum rnn_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the sentence, for a caller that knows the place; answers error->status
 * (RNN_BUG where `error` is NULL). */
enum rnn_status rnn_error_prefix(struct rnn_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Passes a failure up: needs a variable `status` and a label `out` in the function. */
#define RNN_TRY(call)                                                                                                  \
  do {                                                                                                                 \
    status = (call);                                                                                                   \
    if (status != RNN_OK)                                                                                              \
      goto out;                                                                                                        \
  } while (0)

#endif
