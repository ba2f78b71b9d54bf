/* Text into symbols: Unicode words with the punctuation as tokens (UAX 29, by libunistring, with a fast path for
 * ASCII), characters (code points), or bytes. */
#ifndef RNN_TOKEN_H
#define RNN_TOKEN_H

#include "record.h"
#include "sequence.h"

struct rnn_tokenizer; /* reusable memory */

enum rnn_status rnn_tokenizer_create(struct rnn_tokenizer **tokenizer, struct rnn_text text,
                                     struct rnn_error *error) RNN_MUST_CHECK;
void rnn_tokenizer_free(struct rnn_tokenizer *tokenizer);

/* The tokens of `text` as slices: of `text` itself, for printing (*surface), and of what the network knows, lower-cased
 * if so asked
 * (*symbol; equal to surface otherwise). Both [*count], living until the next call. Blanks are no tokens at the word
 * level. */
enum rnn_status rnn_tokenizer_run(struct rnn_tokenizer *tokenizer, struct rnn_slice text,
                                  const struct rnn_slice **surface, const struct rnn_slice **symbol, size_t *count,
                                  struct rnn_error *error) RNN_MUST_CHECK;

/* One given token (of columns, conllu, jsonl) as the network knows it; lives until the next call of run. */
enum rnn_status rnn_tokenizer_token(struct rnn_tokenizer *tokenizer, struct rnn_slice token, struct rnn_slice *symbol,
                                    struct rnn_error *error) RNN_MUST_CHECK;

#endif
