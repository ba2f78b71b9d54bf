/* escape: tries all that the sandbox forbids, outside of one. escape landlock|seccomp COMMAND...: runs a command where
 * the kernel has not got the one or the other. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

/* From here on this system call does not exist, and prctl cannot do the same. */
static int take_away(unsigned call)
{
  struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                               BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
                               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {sizeof code / sizeof code[0], code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

int main(int argc, char **argv)
{
  struct rnn_error error = {.text = ""};
  if (argc > 2) {
    if (take_away(strcmp(argv[1], "seccomp") == 0 ? __NR_seccomp : 444) != 0)
      return 77;
    execvp(argv[2], argv + 2);
    return 127;
  }
  struct rnn_sandbox sandbox;
  rnn_sandbox_begin(&sandbox, RNN_SANDBOX_OFF);
  enum rnn_status status = rnn_sandbox_test(&sandbox, &error);
  fprintf(stderr, "%s\n", error.text);
  return (int)status;
}
