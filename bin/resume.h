/* Sequences that are not there as a whole: one that comes in parts, and one that goes on over calls of the program
 * (--state-in, --state-out). What rnn-classify and rnn-tag share of it; the state's file is specified in
 * formats/state.md. */
#ifndef RNN_RESUME_H
#define RNN_RESUME_H

#include <argp.h>

#include "filter.h"
#include "predictor.h"
#include "state_file.h"

enum { RNN_KEY_STATE_IN = 0x4200, RNN_KEY_STATE_OUT };

/* Rows for the options of a program that keeps states. */
#define RNN_RESUME_OPTIONS                                                                                             \
  {                                                                                                                    \
      "state-in",                                                                                                      \
      RNN_KEY_STATE_IN,                                                                                                \
      "FILE",                                                                                                          \
      0,                                                                                                               \
      "the first sequence goes on from the state in FILE, which --state-out left",                                     \
      0},                                                                                                              \
  {                                                                                                                    \
    "state-out", RNN_KEY_STATE_OUT, "FILE", 0,                                                                         \
        "keep the state after the last sequence in FILE: the next call goes on", 0                                     \
  }

struct rnn_resume {
  const char *in, *out; /* --state-in, --state-out, or NULL */
  /* while the program runs */
  struct rnn_filter *filter;
  struct rnn_predictor *predictor;
  bool asked;                 /* every sequence goes through alone, so that its state is there */
  bool begun;                 /* a sequence has come: others begin anew */
  bool alone;                 /* the last sequence of the batch goes through alone: it is a part, or states are asked */
  bool continues;             /* it goes on from a part before it in this call, */
  size_t before;              /* with so many steps behind it, those of the calls before counted */
  struct rnn_kept_state kept; /* where the first sequence begins, and the last one ended */
};

/* For the parser of the program: answers ARGP_ERR_UNKNOWN for keys that are not of RNN_RESUME_OPTIONS. */
error_t rnn_resume_parse(struct rnn_resume *resume, int key, const char *text);
enum rnn_status rnn_resume_claim(const struct rnn_resume *resume, struct rnn_options *options,
                                 struct rnn_error *error) RNN_MUST_CHECK;

/* Reads the state, if there is one to read, before the first batch. RNN_USAGE for a model that needs the whole. */
enum rnn_status rnn_resume_open(struct rnn_resume *resume, struct rnn_filter *filter, struct rnn_predictor *predictor,
                                struct rnn_error *error) RNN_MUST_CHECK;
void rnn_resume_close(struct rnn_resume *resume); /* releases what open has taken */

/* Around each batch: begin, run as rnn_predictor_run, end. The steps t of an answer count from the first of all. */
void rnn_resume_begin(struct rnn_resume *resume);
enum rnn_status rnn_resume_run(struct rnn_resume *resume, const struct rnn_answer *answer,
                               struct rnn_error *error) RNN_MUST_CHECK;
void rnn_resume_end(struct rnn_resume *resume);

/* Steps that sequence i of the batch has behind it; and does it go on for sure, or perhaps in the next call? */
size_t rnn_resume_before(const struct rnn_resume *resume, size_t i);
bool rnn_resume_may_go_on(const struct rnn_resume *resume, size_t i);

/* After all input: writes the state if it is asked for. With no sequence it is the one that was read. */
enum rnn_status rnn_resume_keep(struct rnn_resume *resume, struct rnn_error *error) RNN_MUST_CHECK;

#endif
