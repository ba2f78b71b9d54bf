/* Numbers of 16 bits, IEEE 754 binary16: safetensors' F16. */
#ifndef RNN_HALF_H
#define RNN_HALF_H

#include <stddef.h>
#include <stdint.h>

/* The nearest of 16 bits, ties to the even one; past 65504 that with its sign. value [count] is finite; half [count].
 */
void rnn_half_from_float(size_t count, const float *value, uint16_t *half);

/* Exactly; infinities and NaN stay what they are. half [count], value [count]. */
void rnn_half_to_float(size_t count, const uint16_t *half, float *value);

#endif
