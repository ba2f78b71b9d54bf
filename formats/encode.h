/* Records as a model reads them: text cut as the model's training data was, strings as the model's numbers. Holds a
 * batch of sequences, whose memory is used again for the next batch. */
#ifndef RNN_ENCODE_H
#define RNN_ENCODE_H

#include "model.h"
#include "record.h"
#include "stream.h"

struct rnn_encoder;

/* With `tokens`, the token of each step is kept for printing. The model must outlive the encoder. */
enum rnn_status rnn_encoder_create(struct rnn_encoder **encoder, const struct rnn_model *model, bool tokens,
                                   struct rnn_error *error) RNN_MUST_CHECK;
void rnn_encoder_free(struct rnn_encoder *encoder); /* NULL is allowed */

/* From now on a sequence of more steps is refused: RNN_DATA "5000 steps, but this model takes at most 4096". */
void rnn_encoder_set_longest(struct rnn_encoder *encoder, size_t steps);

void rnn_encoder_reset(struct rnn_encoder *encoder); /* forgets all sequences */

/* A stream begins (one that has not the model's columns of tags counts as one without): its strings will have the
 * numbers of these vocabularies, which may grow and live as long as sequences of this stream are in the encoder.
 * RNN_DATA where the model cannot read such a stream. */
enum rnn_status rnn_encoder_begin_stream(struct rnn_encoder *encoder, const struct rnn_stream_facts *facts,
                                         const struct rnn_vocabulary *symbols, const struct rnn_vocabulary *labels,
                                         struct rnn_error *error) RNN_MUST_CHECK;

/* Adds one sequence: of a record, which must stay as it is until the encoder is reset; of the stream that began last,
 * copied; or an empty one, for a record that could not be read. RNN_DATA where the model cannot read it ("frames of 3
 * numbers, the model reads frames of 60"); nothing is added then. */
enum rnn_status rnn_encoder_add(struct rnn_encoder *encoder, const struct rnn_record *record,
                                struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_encoder_add_sequence(struct rnn_encoder *encoder, const struct rnn_sequence *sequence,
                                         struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_encoder_add_empty(struct rnn_encoder *encoder, struct rnn_error *error) RNN_MUST_CHECK;

size_t rnn_encoder_count(const struct rnn_encoder *encoder); /* sequences, */
size_t rnn_encoder_steps(const struct rnn_encoder *encoder); /* and steps of all of them */

/* One of them, until the next is added: `target` [T][columns] are the tags it came with, `label` its label, RNN_ABSENT
 * for one that the model does not know; NULL or RNN_ABSENT where it came with none. Tags of a record are those of the
 * model's columns in their order, whatever their names; where there are more or fewer it came with none. */
struct rnn_sequence rnn_encoder_sequence(const struct rnn_encoder *encoder, size_t i);

/* The record it was made of; NULL for one of a stream or an empty one. */
const struct rnn_record *rnn_encoder_record(const struct rnn_encoder *encoder, size_t i);

/* What it came with, as text; bytes == NULL for nothing. */
struct rnn_slice rnn_encoder_token(const struct rnn_encoder *encoder, size_t i, size_t t);
struct rnn_slice rnn_encoder_tag(const struct rnn_encoder *encoder, size_t i, size_t t, size_t column);
struct rnn_slice rnn_encoder_label(const struct rnn_encoder *encoder, size_t i);

#endif
