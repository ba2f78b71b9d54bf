/* UTF-8: what is well-formed (The Unicode Standard, table 3-7), and how ill-formed bytes are mended. */
#ifndef RNN_UTF8_H
#define RNN_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed code point at the start of `bytes` [length_bytes > 0], 1 ... 4; 0 where it is ill-formed. */
size_t rnn_utf8_step(const char *bytes, size_t length_bytes);

/* The code point of a well-formed sequence of `step` bytes, as rnn_utf8_step told. */
uint32_t rnn_utf8_code_point(const char *bytes, size_t step);

/* How many bytes are well-formed from the start; length_bytes if all are. */
size_t rnn_utf8_valid(const char *bytes, size_t length_bytes);

/* How many bytes from the start are well-formed and not NUL. */
size_t rnn_utf8_valid_text(const char *bytes, size_t length_bytes);

/* Copies to `to` [3 * length_bytes] with U+FFFD for each longest ill-formed part that begins a code point, for every
 * other ill-formed byte, and for NUL; answers the bytes written. */
size_t rnn_utf8_mend(const char *bytes, size_t length_bytes, char *to);

#endif
