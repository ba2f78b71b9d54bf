/* Philox numbers by counter. */
#include "random.h"

#include <Random123/philox.h>
#include <math.h>
#include <stdatomic.h>
#include <sys/random.h>
#include <time.h>

void rnn_random_init(struct rnn_random *random, uint64_t seed, enum rnn_purpose purpose, uint32_t epoch, uint64_t index)
{
  *random = (struct rnn_random){.key = {(uint32_t)seed, (uint32_t)(seed >> 32) ^ ((uint32_t)purpose << 24)},
                                .counter = {0, epoch, (uint32_t)index, (uint32_t)(index >> 32)},
                                .used = 4};
}

static void draw_block(struct rnn_random *random)
{
  philox4x32_ctr_t counter = {{random->counter[0], random->counter[1], random->counter[2], random->counter[3]}};
  philox4x32_key_t key = {{random->key[0], random->key[1]}};
  philox4x32_ctr_t drawn = philox4x32(counter, key);
  for (int i = 0; i < 4; i++)
    random->block[i] = drawn.v[i];
  random->counter[0]++;
  random->used = 0;
}

uint32_t rnn_random_next(struct rnn_random *random)
{
  if (random->used == 4)
    draw_block(random);
  return random->block[random->used++];
}

void rnn_random_skip(struct rnn_random *random, uint64_t numbers)
{
  while (numbers > 0 && random->used < 4) {
    random->used++;
    numbers--;
  }
  random->counter[0] += (uint32_t)(numbers / 4);
  for (numbers %= 4; numbers > 0; numbers--)
    rnn_random_next(random);
}

static uint64_t next_64(struct rnn_random *random)
{
  uint64_t high = rnn_random_next(random);
  return high << 32 | rnn_random_next(random);
}

uint64_t rnn_random_below(struct rnn_random *random, uint64_t bound)
{
  uint64_t biased = (UINT64_MAX % bound + 1) % bound, drawn;
  do
    drawn = next_64(random);
  while (drawn > UINT64_MAX - biased);
  return drawn % bound;
}

double rnn_random_uniform(struct rnn_random *random)
{
  return (double)(next_64(random) >> 11) * 0x1p-53;
}

double rnn_random_normal(struct rnn_random *random) /* Box, Muller 1958 */
{
  double radius = sqrt(-2.0 * log(1.0 - rnn_random_uniform(random)));
  return radius * cos(6.283185307179586 * rnn_random_uniform(random));
}

void rnn_random_shuffle(struct rnn_random *random, size_t *item, size_t count)
{
  for (size_t i = count; i > 1; i--) {
    size_t j = (size_t)rnn_random_below(random, i);
    size_t kept = item[i - 1];
    item[i - 1] = item[j];
    item[j] = kept;
  }
}

uint64_t rnn_random_secret(void)
{
  static _Atomic uint64_t secret;
  uint64_t known = atomic_load(&secret), drawn = 0;
  if (known != 0)
    return known;
  if (getrandom(&drawn, sizeof drawn, GRND_NONBLOCK) != (ssize_t)sizeof drawn) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    drawn = (uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15U ^ (uintptr_t)&now;
  }
  drawn |= 1;
  return atomic_compare_exchange_strong(&secret, &known, drawn) ? drawn : known;
}
