/* Numbers in rising order: the symbols of a batch, the keys of features and of n-grams. */
#ifndef RNN_SORTED_H
#define RNN_SORTED_H

#include <stddef.h>
#include <stdint.h>

/* Sorts in place. Allocates nothing, where qsort may. */
void rnn_sorted_sort(int32_t *number, size_t count);

/* Sorts, and keeps each once: answers how many there are. */
size_t rnn_sorted_unique(int32_t *number, size_t count);

/* The place of `wanted` among rising numbers, each there once; `count` where it is not among them. */
size_t rnn_sorted_find(const int32_t *number, size_t count, int32_t wanted);

#endif
