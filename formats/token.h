/* Text into symbols: Unicode words with the punctuation as tokens (UAX 29, by libunistring, with a fast path for
 * ASCII), characters (code points), or bytes. */
#ifndef RNN_TOKEN_H
#define RNN_TOKEN_H

#include "record.h"
#include "sequence.h"

struct rnn_tokenizer; /* reusable memory */

enum rnn_status rnn_tokenizer_create(struct rnn_tokenizer **tokenizer, struct rnn_text text,
                                     struct rnn_error *error) RNN_MUST_CHECK;
void rnn_tokenizer_free(struct rnn_tokenizer *tokenizer); /* NULL is allowed */

/* The tokens of `text` as slices: of `text` itself, for printing (*surface), and of what the network knows, lower-cased
 * if so asked (*symbol; equal to surface otherwise). Both [*count], living until the next call on this tokenizer, and
 * no longer than the text.
 *   word: the segments of UAX 29, white space dropped, a word past RNN_LIMIT_TOKEN_BYTES cut into pieces;
 *   char: code points, white space included; byte: bytes. A byte that is no UTF-8 is a token of its own.
 * Lower-casing is Unicode's full one for words; for characters the simple one, for bytes that of ASCII. */
enum rnn_status rnn_tokenizer_run(struct rnn_tokenizer *tokenizer, struct rnn_slice text,
                                  const struct rnn_slice **surface, const struct rnn_slice **symbol, size_t *count,
                                  struct rnn_error *error) RNN_MUST_CHECK;

/* The same for given tokens (of columns, conllu, jsonl), which stay as they are cut: *symbol [count]. */
enum rnn_status rnn_tokenizer_tokens(struct rnn_tokenizer *tokenizer, const struct rnn_slice *token, size_t count,
                                     const struct rnn_slice **symbol, struct rnn_error *error) RNN_MUST_CHECK;

/* The same for one given token. */
enum rnn_status rnn_tokenizer_token(struct rnn_tokenizer *tokenizer, struct rnn_slice token, struct rnn_slice *symbol,
                                    struct rnn_error *error) RNN_MUST_CHECK;

/* The symbols of a record of text or tokens, by one of the above; none for frames. */
enum rnn_status rnn_tokenizer_record(struct rnn_tokenizer *tokenizer, const struct rnn_record *record,
                                     const struct rnn_slice **surface, const struct rnn_slice **symbol, size_t *count,
                                     struct rnn_error *error) RNN_MUST_CHECK;

#endif
