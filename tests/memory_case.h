/* How much memory a test has had. */
#ifndef RNN_MEMORY_CASE_H
#define RNN_MEMORY_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

/* A sanitizer's own memory cannot be told from ours. gcc says that it is there in one way, clang in another. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || __has_feature(address_sanitizer) ||                 \
    __has_feature(thread_sanitizer)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

/* The most so far. */
static inline size_t peak_bytes(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (size_t)usage.ru_maxrss * 1024;
}

#endif
