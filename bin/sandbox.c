/* Landlock and seccomp by raw system calls: neither libseccomp nor headers younger than the kernel's own are needed. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A sanitizer and the counting of coverage open files and start processes of their own when a program ends. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined RNN_COVERAGE
#define RNN_WATCHED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define RNN_WATCHED 1
#endif
#endif
#ifndef RNN_WATCHED
#define RNN_WATCHED 0
#endif

#if defined __linux__

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* ---- Landlock: Documentation/userspace-api/landlock.rst of Linux 6.12 ---- */

/* The same numbers on all processors. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, ASK_VERSION = 1, RULE_PATH_BENEATH = 1 };

enum {
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIR = 1 << 3,
  REMOVE_FILE = 1 << 5,
  MAKE_REG = 1 << 8,
  TRUNCATE = 1 << 14, /* since version 3 */
  OF_A_FILE = WRITE_FILE | READ_FILE | TRUNCATE
};

struct ruleset {
  uint64_t files, network, scope;
};

struct path_beneath {
  uint64_t allowed;
  int32_t fd;
} __attribute__((packed));

/* All that each version can forbid. */
static struct ruleset everything(int version)
{
  struct ruleset all = {.files = (1 << 13) - 1};
  if (version >= 2)
    all.files |= 1 << 13; /* a file is moved to another directory */
  if (version >= 3)
    all.files |= TRUNCATE;
  if (version >= 5)
    all.files |= 1 << 15; /* ioctl of a device */
  if (version >= 4)
    all.network = 3; /* bind and connect, TCP */
  if (version >= 6)
    all.scope = 3; /* abstract sockets and signals of others */
  return all;
}

void rnn_sandbox_begin(struct rnn_sandbox *sandbox, enum rnn_sandbox_mode mode)
{
  *sandbox = (struct rnn_sandbox){.mode = mode, .ruleset = -1};
  if (mode == RNN_SANDBOX_AUTO && RNN_WATCHED)
    sandbox->mode = RNN_SANDBOX_OFF;
  if (sandbox->mode == RNN_SANDBOX_OFF)
    return;
  long version = syscall(CREATE_RULESET, NULL, (size_t)0, ASK_VERSION);
  if (version > 0) {
    struct ruleset all = everything((int)version);
    sandbox->ruleset = (int)syscall(CREATE_RULESET, &all, sizeof all, 0);
  }
  if (sandbox->ruleset >= 0)
    sandbox->version = (int)version;
  else
    sandbox->reason = errno;
  if (sandbox->ruleset >= 0)
    fcntl(sandbox->ruleset, F_SETFD, FD_CLOEXEC);
}

/* The path of the directory in which the file would be made, or of what is there and is no regular file. */
static bool place_of(const char *path, char *place)
{
  struct stat facts;
  bool exists = stat(path, &facts) == 0;
  if (exists && realpath(path, place) == NULL)
    return false;
  if (exists && !S_ISREG(facts.st_mode))
    return true;
  if (!exists) {
    if (strlen(path) >= PATH_MAX)
      return false;
    strcpy(place, path);
  }
  char *slash = strrchr(place, '/');
  if (slash == NULL)
    strcpy(place, ".");
  else
    slash[slash == place] = '\0'; /* "/name" lies in "/" */
  return true;
}

void rnn_sandbox_allow(struct rnn_sandbox *sandbox, const char *path, enum rnn_sandbox_use use)
{
  char place[PATH_MAX];
  struct stat facts;
  if (path == NULL || strcmp(path, "-") == 0)
    return;
  sandbox->opens = true;
  sandbox->writes = sandbox->writes || use != RNN_SANDBOX_READ;
  if (sandbox->ruleset < 0 || (use != RNN_SANDBOX_READ && !place_of(path, place)))
    return;
  int fd = open(use == RNN_SANDBOX_READ ? path : place, O_PATH | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &facts) != 0)
    return;
  struct path_beneath rule = {.fd = fd, .allowed = READ_DIR};
  if (use == RNN_SANDBOX_READ && !S_ISDIR(facts.st_mode))
    rule.allowed = READ_FILE;
  if (use != RNN_SANDBOX_READ)
    rule.allowed = WRITE_FILE | READ_DIR | REMOVE_FILE | MAKE_REG | TRUNCATE;
  if (use == RNN_SANDBOX_KEEP)
    rule.allowed |= READ_FILE;
  if (!S_ISDIR(facts.st_mode))
    rule.allowed &= OF_A_FILE;
  rule.allowed &= everything(sandbox->version).files;
  /* A pipe has no place in the tree of files, and needs no rule. */
  (void)!syscall(ADD_RULE, sandbox->ruleset, RULE_PATH_BENEATH, &rule, 0);
  close(fd);
}

/* ---- seccomp ---- */

#if defined __x86_64__ && !defined __ILP32__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __i386__
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined __aarch64__ && !defined __ILP32__ && !defined __AARCH64EB__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __arm__ && defined __ARM_EABI__ && !defined __ARMEB__
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined __s390x__
#define ARCHITECTURE AUDIT_ARCH_S390X
#elif defined __powerpc64__ && defined __LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined __riscv && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define ARCHITECTURE 0 /* no filter */
#endif

enum { ALWAYS, OPENS, WRITES };                         /* when a call is allowed */
enum { ANY, EQUALS, WITH, WITHOUT, IS_MISSING, IS_US }; /* what an argument must be; WITH and WITHOUT: bits of it */
enum { LAST_CALL = RESTRICT_SELF, LEAF = 4, MOST_CODE = 256 };

#ifdef __s390x__
enum { CLONE_ARGUMENT = 1 };
#else
enum { CLONE_ARGUMENT = 0 };
#endif

/* What a program calls after it has been started: the C library's calls for memory, threads, signals and files, under
 * the names that the processors have for them. */
static const struct rule {
  uint16_t call;
  uint8_t when, test, argument;
  uint32_t value;
} rules[] = {
#define RULE(name, ...)                                                                                                \
  {                                                                                                                    \
    .call = __NR_##name, __VA_ARGS__                                                                                   \
  }
    RULE(read),
    RULE(write),
    RULE(readv),
    RULE(writev),
    RULE(pread64),
    RULE(pwrite64),
    RULE(lseek),
    RULE(close),
    RULE(fstat),
    RULE(fsync),
    RULE(fdatasync),
    RULE(dup),
    RULE(ftruncate, .when = WRITES),
    RULE(fallocate),
    RULE(flock, .when = WRITES),
    RULE(fchmod, .when = WRITES),
    RULE(ioctl, .test = EQUALS, .argument = 1, .value = TCGETS),
    RULE(ioctl, .test = EQUALS, .argument = 1, .value = TIOCGWINSZ),
    RULE(fcntl, .test = EQUALS, .argument = 1, .value = F_GETFD),
    RULE(fcntl, .test = EQUALS, .argument = 1, .value = F_SETFD),
    RULE(fcntl, .test = EQUALS, .argument = 1, .value = F_GETFL),
    RULE(fcntl, .test = EQUALS, .argument = 1, .value = F_SETFL),
    RULE(fcntl, .test = EQUALS, .argument = 1, .value = F_DUPFD_CLOEXEC),
    RULE(fcntl, .when = WRITES, .test = EQUALS, .argument = 1, .value = F_SETLK),
    RULE(fcntl, .when = WRITES, .test = EQUALS, .argument = 1, .value = F_OFD_SETLK),
    RULE(ppoll),
    RULE(brk),
    RULE(munmap),
    RULE(mremap),
    RULE(madvise),
    RULE(mprotect, .test = WITHOUT, .argument = 2, .value = 4),
    RULE(futex),
    RULE(set_robust_list),
    RULE(sched_yield),
    RULE(sched_getaffinity),
    RULE(exit),
    RULE(exit_group),
    RULE(clone, .test = WITH, .argument = CLONE_ARGUMENT, .value = 0x10000 /* CLONE_THREAD */),
    RULE(clone3, .test = IS_MISSING), /* its flags lie in memory: the C library takes clone then */
    RULE(rt_sigaction),
    RULE(rt_sigprocmask),
    RULE(rt_sigreturn),
    RULE(sigaltstack),
    RULE(restart_syscall),
    RULE(tgkill, .test = IS_US),
    RULE(getpid),
    RULE(gettid),
    RULE(clock_gettime),
    RULE(gettimeofday),
    RULE(clock_nanosleep),
    RULE(nanosleep),
    RULE(getrusage),
    RULE(sysinfo),
    RULE(uname),
    RULE(getrandom),
    RULE(wait4),
    RULE(openat, .when = OPENS, .test = WITHOUT, .argument = 2, .value = O_ACCMODE | O_CREAT | O_TRUNC),
    RULE(openat, .when = WRITES),
    RULE(readlinkat, .when = OPENS),
    RULE(faccessat, .when = OPENS),
    RULE(getcwd, .when = OPENS),
    RULE(unlinkat, .when = WRITES),
    RULE(renameat2, .when = WRITES),
    RULE(linkat, .when = WRITES),
#ifdef __NR_mmap
    RULE(mmap, .test = WITHOUT, .argument = 2, .value = 4 /* PROT_EXEC */),
#endif
#ifdef __NR_mmap2
    RULE(mmap2, .test = WITHOUT, .argument = 2, .value = 4),
#endif
#ifdef __NR_rseq
    RULE(rseq),
#endif
#ifdef __NR_statx
    RULE(statx),
#endif
#ifdef __NR_newfstatat
    RULE(newfstatat),
#endif
#ifdef __NR_fstatat64
    RULE(fstatat64),
    RULE(fstat64),
    RULE(fcntl64, .test = EQUALS, .argument = 1, .value = F_GETFD),
    RULE(fcntl64, .test = EQUALS, .argument = 1, .value = F_SETFD),
    RULE(fcntl64, .test = EQUALS, .argument = 1, .value = F_GETFL),
    RULE(fcntl64, .test = EQUALS, .argument = 1, .value = F_SETFL),
    RULE(fcntl64, .test = EQUALS, .argument = 1, .value = F_DUPFD_CLOEXEC),
    RULE(fcntl64, .when = WRITES, .test = EQUALS, .argument = 1, .value = F_SETLK),
    RULE(fcntl64, .when = WRITES, .test = EQUALS, .argument = 1, .value = F_OFD_SETLK),
    RULE(ftruncate64, .when = WRITES),
    RULE(_llseek),
    RULE(sigreturn),
#endif
#ifdef __NR_futex_time64
    RULE(futex_time64),
    RULE(clock_gettime64),
    RULE(clock_nanosleep_time64),
    RULE(ppoll_time64),
#endif
#ifdef __NR_poll
    RULE(poll),
    RULE(readlink, .when = OPENS),
    RULE(stat, .when = OPENS),
    RULE(lstat, .when = OPENS),
    RULE(access, .when = OPENS),
    RULE(open, .when = OPENS, .test = WITHOUT, .argument = 1, .value = O_ACCMODE | O_CREAT | O_TRUNC),
    RULE(open, .when = WRITES),
    RULE(unlink, .when = WRITES),
    RULE(rename, .when = WRITES),
    RULE(link, .when = WRITES),
#endif
#ifdef __NR_renameat
    RULE(renameat, .when = WRITES),
#endif
#ifdef __NR_time
    RULE(time),
#endif
#ifdef __NR_faccessat2
    RULE(faccessat2, .test = IS_MISSING),
#endif
#undef RULE
};

enum { RULES = sizeof rules / sizeof rules[0] };

/* A filter as it grows. A jump goes over so many instructions, or to one of the verdicts, which stand at the end. */
enum { ALLOW = 0x100, REFUSE, MISSING, VERDICTS = MISSING - ALLOW + 1 };

struct filter {
  struct sock_filter code[MOST_CODE];
  uint16_t jump[MOST_CODE][2]; /* if true, if false */
  unsigned short length;
};

static void emit(struct filter *filter, unsigned operation, uint32_t value, unsigned if_true, unsigned if_false)
{
  if (filter->length == MOST_CODE)
    return;
  filter->jump[filter->length][0] = (uint16_t)if_true;
  filter->jump[filter->length][1] = (uint16_t)if_false;
  filter->code[filter->length++] = (struct sock_filter){.code = (uint16_t)operation, .k = value};
}

static void load(struct filter *filter, size_t offset)
{
  emit(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* Where the low half of an argument lies; the kernel itself looks at no more of those that are tested. */
static size_t low_half(unsigned argument)
{
  size_t place = offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t);
  return place + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0);
}

static void emit_test(struct filter *filter, const struct rule *rule, unsigned otherwise)
{
  if (rule->test == EQUALS || rule->test == IS_US)
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, rule->test == IS_US ? (uint32_t)getpid() : rule->value, ALLOW, otherwise);
  else if (rule->test == WITH)
    emit(filter, BPF_JMP | BPF_JSET | BPF_K, rule->value, ALLOW, otherwise);
  else
    emit(filter, BPF_JMP | BPF_JSET | BPF_K, rule->value, otherwise, ALLOW);
}

/* The rules of one call, which test the same argument; `otherwise`: where another call goes. */
static void emit_call(struct filter *filter, const struct rule *const *rule, size_t count, unsigned otherwise)
{
  for (size_t i = 0; i < count; i++)
    if (rule[i]->test == ANY || rule[i]->test == IS_MISSING) {
      emit(filter, BPF_JMP | BPF_JEQ | BPF_K, rule[i]->call, rule[i]->test == ANY ? ALLOW : MISSING, otherwise);
      return;
    }
  emit(filter, BPF_JMP | BPF_JEQ | BPF_K, rule[0]->call, 0, otherwise == 0 ? (unsigned)count + 1 : otherwise);
  load(filter, low_half(rule[0]->argument));
  for (size_t i = 0; i < count; i++)
    emit_test(filter, rule[i], i + 1 < count ? 0 : REFUSE);
}

/* How many rules from `first` on are of one call. */
static size_t same_call(const struct rule *const *rule, size_t first, size_t count)
{
  size_t end = first + 1;
  while (end < count && rule[end]->call == rule[first]->call)
    end++;
  return end - first;
}

/* Rules of rising numbers as a tree, so that no call passes more than a few of them. */
static void emit_tree(struct filter *filter, const struct rule *const *rule, size_t count, bool highest)
{
  size_t half = count / 2;
  while (half > 0 && rule[half - 1]->call == rule[half]->call)
    half--;
  if (count > LEAF && half > 0) {
    unsigned short branch = filter->length;
    emit(filter, BPF_JMP | BPF_JGE | BPF_K, rule[half]->call, 0, 0);
    emit_tree(filter, rule, half, false);
    filter->jump[branch][0] = (uint16_t)(filter->length - branch - 1);
    emit_tree(filter, rule + half, count - half, highest);
    return;
  }
  for (size_t i = 0, same; i < count; i += same) {
    same = same_call(rule, i, count);
    emit_call(filter, rule + i, same, i + same < count || highest ? 0 : REFUSE);
  }
  if (highest)
    emit(filter, BPF_JMP | BPF_JGT | BPF_K, LAST_CALL, MISSING, REFUSE);
}

/* False if a verdict is too far away for a jump. */
static bool emit_verdicts(struct filter *filter)
{
  static const uint32_t verdict[VERDICTS] = {SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ERRNO | ENOSYS};
  unsigned short end = filter->length;
  for (size_t i = 0; i < VERDICTS; i++)
    emit(filter, BPF_RET | BPF_K, verdict[i], 0, 0);
  if (filter->length != end + VERDICTS)
    return false;
  for (unsigned short i = 0; i < end; i++) {
    unsigned to[2], rest = end - i - 1U;
    for (size_t j = 0; j < 2; j++)
      to[j] = filter->jump[i][j] < ALLOW ? filter->jump[i][j] : rest + filter->jump[i][j] - ALLOW;
    if (to[0] > UINT8_MAX || to[1] > UINT8_MAX)
      return false;
    filter->code[i].jt = (uint8_t)to[0];
    filter->code[i].jf = (uint8_t)to[1];
  }
  return true;
}

/* What is not named is refused: with EPERM what was there when this was written, with ENOSYS younger calls, which the C
 * library then does without, and those of x32. The kernel tries each number once when the filter is set: that time goes
 * with the length of the way to a verdict. */
static bool emit_filter(struct filter *filter, const struct rnn_sandbox *sandbox)
{
  const struct rule *taken[RULES];
  size_t count = 0;
  for (size_t i = 0; i < RULES; i++) {
    if (rules[i].when != ALWAYS && !(rules[i].when == OPENS ? sandbox->opens : sandbox->writes))
      continue;
    size_t place = count++;
    for (; place > 0 && taken[place - 1]->call > rules[i].call; place--)
      taken[place] = taken[place - 1];
    taken[place] = &rules[i];
  }
  load(filter, offsetof(struct seccomp_data, arch));
  emit(filter, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, REFUSE);
  load(filter, offsetof(struct seccomp_data, nr));
  emit_tree(filter, taken, count, true);
  return emit_verdicts(filter);
}

static bool set_filter(const struct rnn_sandbox *sandbox)
{
  struct filter filter;
  filter.length = 0;
  if (ARCHITECTURE == 0 || !emit_filter(&filter, sandbox)) {
    errno = ENOSYS;
    return false;
  }
  struct sock_fprog program = {.len = filter.length, .filter = filter.code};
  return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

enum rnn_status rnn_sandbox_enter(struct rnn_sandbox *sandbox, struct rnn_error *error)
{
  bool required = sandbox->mode == RNN_SANDBOX_REQUIRE || sandbox->mode == RNN_SANDBOX_TEST;
  if (sandbox->mode == RNN_SANDBOX_OFF)
    return RNN_OK;
  if (required && RNN_WATCHED)
    return rnn_error_set(error, RNN_UNAVAILABLE, "there is no sandbox in a build for sanitizers or coverage");
  int failed = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (failed == 0 && sandbox->ruleset >= 0 && syscall(RESTRICT_SELF, sandbox->ruleset, 0) != 0) {
    sandbox->reason = errno;
    sandbox->version = 0;
  }
  if (sandbox->ruleset >= 0)
    close(sandbox->ruleset);
  sandbox->ruleset = -1;
  if (required && (failed != 0 || sandbox->version == 0))
    return rnn_error_set(error, RNN_UNAVAILABLE, "the sandbox is not to be had here: Landlock: %s",
                         strerror(sandbox->reason));
  sandbox->seccomp = failed == 0 && set_filter(sandbox);
  if (required && !sandbox->seccomp)
    return rnn_error_set(error, RNN_UNAVAILABLE, "the sandbox is not to be had here: seccomp: %s", strerror(errno));
  return RNN_OK;
}

#else /* another system */

void rnn_sandbox_begin(struct rnn_sandbox *sandbox, enum rnn_sandbox_mode mode)
{
  *sandbox = (struct rnn_sandbox){.mode = mode, .ruleset = -1};
}

void rnn_sandbox_allow(struct rnn_sandbox *sandbox, const char *path, enum rnn_sandbox_use use)
{
  (void)sandbox;
  (void)path;
  (void)use;
}

enum rnn_status rnn_sandbox_enter(struct rnn_sandbox *sandbox, struct rnn_error *error)
{
  if (sandbox->mode == RNN_SANDBOX_AUTO || sandbox->mode == RNN_SANDBOX_OFF)
    return RNN_OK;
  return rnn_error_set(error, RNN_UNAVAILABLE, "there is a sandbox on Linux alone");
}

#endif
