/* Heap sort and halving. */
#include "sorted.h"

/* Lets the number at `root` of the heap sink: the greatest is on top. */
static void sift_down(int32_t *number, size_t root, size_t count)
{
  int32_t sinking = number[root];
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && number[child] < number[child + 1])
      child++;
    if (sinking >= number[child])
      break;
    number[root] = number[child];
  }
  number[root] = sinking;
}

void rnn_sorted_sort(int32_t *number, size_t count)
{
  for (size_t root = count / 2; root-- > 0;)
    sift_down(number, root, count);
  for (size_t end = count; end > 1; end--) {
    int32_t greatest = number[0];
    number[0] = number[end - 1];
    number[end - 1] = greatest;
    sift_down(number, 0, end - 1);
  }
}

size_t rnn_sorted_unique(int32_t *number, size_t count)
{
  size_t kept = 0;
  rnn_sorted_sort(number, count);
  for (size_t i = 0; i < count; i++)
    if (i == 0 || number[i] != number[kept - 1])
      number[kept++] = number[i];
  return kept;
}

size_t rnn_sorted_find(const int32_t *number, size_t count, int32_t wanted)
{
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (number[middle] < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low < count && number[low] == wanted ? low : count;
}
