/* What the writers of answers share. Theirs alone. */
#ifndef RNN_ANSWER_PARTS_H
#define RNN_ANSWER_PARTS_H

#include "answer.h"

enum rnn_status rnn_answer_put_text(struct rnn_output *output, const char *text,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* A cell of tab-separated values. */
enum rnn_status rnn_answer_put_cell(struct rnn_output *output, struct rnn_slice slice,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* As a float, the precision it has; a product of many that is too small for one as a double. */
enum rnn_status rnn_answer_put_probability(struct rnn_output *output, double probability,
                                           struct rnn_error *error) RNN_MUST_CHECK;

/* The key of record i and a TAB. */
enum rnn_status rnn_answer_put_key(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                   struct rnn_error *error) RNN_MUST_CHECK;

/* Of JSON: a string, null for none; ,"probability":P; and "{" with the key of record i, if it has one. */
enum rnn_status rnn_answer_put_string(struct rnn_output *output, struct rnn_slice text,
                                      struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_answer_put_json_probability(struct rnn_output *output, double probability,
                                                struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_answer_begin_object(struct rnn_output *output, const struct rnn_encoder *encoder, size_t i,
                                        struct rnn_error *error) RNN_MUST_CHECK;

#endif
