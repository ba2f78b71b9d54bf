/* Which kernel: the best that the processor runs, or the one that RNN_KERNEL names. */
#include "kernel.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static bool runs_always(void)
{
  return true;
}

#if defined __x86_64__
static bool runs_avx2(void)
{
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool runs_avx512(void)
{
  return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

/* The best first. */
static const struct {
  const struct rnn_kernel *kernel;
  bool (*runs)(void);
} kernels[] = {
#if defined __x86_64__
    {&rnn_kernel_avx512, runs_avx512},
    {&rnn_kernel_avx2, runs_avx2},
#endif
    {&rnn_kernel_portable, runs_always},
};

const struct rnn_kernel *rnn_kernel_find(const char *name)
{
  for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
    if ((name == NULL || strcmp(kernels[i].kernel->name, name) == 0) && kernels[i].runs())
      return kernels[i].kernel;
  return NULL;
}

const struct rnn_kernel *rnn_kernel(void)
{
  static _Atomic(const struct rnn_kernel *) chosen;
  const struct rnn_kernel *kernel = atomic_load_explicit(&chosen, memory_order_acquire);
  if (kernel != NULL)
    return kernel;
  kernel = rnn_kernel_find(getenv("RNN_KERNEL"));
  if (kernel == NULL)
    kernel = rnn_kernel_find(NULL);
  atomic_store_explicit(&chosen, kernel, memory_order_release);
  return kernel;
}
