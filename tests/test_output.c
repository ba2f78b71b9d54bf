/* Outputs: whole or not at all, and no failure is lost. */
#include "output.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_case.h"
#include "text_case.h"

static size_t count_files(const char *command)
{
  FILE *list = popen(command, "r");
  unsigned long count = 0;
  cr_assert_eq(fscanf(list, "%lu", &count), 1);
  pclose(list);
  return count;
}

static void enter_own_directory(void)
{
  file_write(file_path("here"), "", 0);
  cr_assert_eq(chdir(file_path("")), 0);
  cr_assert_eq(unlink("here"), 0);
}

static void expect_content(const char *name, const char *content)
{
  size_t size;
  char *found = file_read(name, &size);
  cr_expect_str_eq(found, content);
  free(found);
}

static struct rnn_output *open_output(const char *name)
{
  struct rnn_output *output;
  struct rnn_error error = {.text = ""};
  cr_assert_eq(rnn_output_open(&output, name, false, false, &error), RNN_OK, "%s", error.text);
  return output;
}

Test(output, file_appears_when_finished)
{
  struct rnn_error error;
  struct rnn_output *output;
  enter_own_directory();
  output = open_output("out");
  cr_assert_eq(rnn_output_write(output, "some ", 5, &error), RNN_OK);
  cr_assert_eq(rnn_output_print(output, &error, "%s %d", "text", 7), RNN_OK);
  cr_assert_eq(rnn_output_flush(output, &error), RNN_OK);
  cr_assert_eq(access("out", F_OK), -1, "not before");
  cr_assert_leq(count_files("ls -A | wc -l"), 1, "at most a temporary one");
  cr_assert_eq(rnn_output_finish(output, &error), RNN_OK);
  expect_content("out", "some text 7");
  cr_assert_eq(count_files("ls -A | wc -l"), 1, "no temporary file is left");
}

Test(output, abandoned_file_leaves_the_old_one)
{
  struct rnn_error error;
  enter_own_directory();
  file_write("out", "old", 3);
  struct rnn_output *output = open_output("out");
  cr_assert_eq(rnn_output_write(output, "new", 3, &error), RNN_OK);
  cr_assert_eq(rnn_output_flush(output, &error), RNN_OK);
  rnn_output_abandon(output);
  rnn_output_abandon(NULL);
  expect_content("out", "old");
  cr_assert_eq(count_files("ls -A | wc -l"), 1);
}

Test(output, replaced_file_keeps_permissions_and_link)
{
  struct rnn_error error;
  struct stat about;
  enter_own_directory();
  file_write("real", "old", 3);
  cr_assert_eq(chmod("real", 0640), 0);
  cr_assert_eq(symlink("real", "link"), 0);
  struct rnn_output *output = open_output("link");
  cr_assert_eq(rnn_output_write(output, "new", 3, &error), RNN_OK);
  cr_assert_eq(rnn_output_finish(output, &error), RNN_OK);
  expect_content("real", "new");
  cr_assert_eq(lstat("link", &about), 0);
  cr_assert(S_ISLNK(about.st_mode));
  cr_assert_eq(stat("real", &about), 0);
  cr_assert_eq(about.st_mode & 0777, 0640U);
}

Test(output, a_new_file_minds_the_umask)
{
  struct rnn_error error;
  struct stat about;
  enter_own_directory();
  umask(027);
  cr_assert_eq(rnn_output_finish(open_output("out"), &error), RNN_OK);
  cr_assert_eq(stat("out", &about), 0);
  cr_assert_eq(about.st_mode & 0777, 0640U);
}

Test(output, what_cannot_be_created)
{
  struct rnn_output *output;
  struct rnn_error error;
  enter_own_directory();
  cr_assert_eq(mkdir("folder", 0755), 0);
  cr_expect_eq(rnn_output_open(&output, "folder", false, false, &error), RNN_CANNOT_CREATE);
  cr_expect_str_eq(error.text, "folder: Is a directory");
  cr_expect_null(output);
  cr_expect_eq(rnn_output_open(&output, "none/out", false, false, &error), RNN_CANNOT_CREATE);
  cr_expect_str_eq(error.text, "none/out: No such file or directory");
  cr_expect_eq(rnn_output_open(&output, "", false, false, &error), RNN_CANNOT_CREATE);
  cr_expect_str_eq(error.text, ": No such file or directory");
  file_write("file", "", 0);
  cr_expect_eq(rnn_output_open(&output, "file/out", false, false, &error), RNN_CANNOT_CREATE);
  cr_expect_str_eq(error.text, "file/out: Not a directory");
  cr_assert_eq(rmdir("folder"), 0);
}

Test(output, full_device)
{
  static char block[100000];
  struct rnn_error error, again;
  struct rnn_output *output = open_output("/dev/full");
  cr_assert_eq(rnn_output_write(output, "x", 1, &error), RNN_OK, "buffered");
  cr_assert_eq(rnn_output_write(output, block, sizeof block, &error), RNN_WRITE_FAILED);
  cr_assert_str_eq(error.text, "/dev/full: No space left on device");
  cr_assert_eq(rnn_output_print(output, &again, "y"), RNN_WRITE_FAILED, "remembered");
  cr_assert_str_eq(again.text, error.text);
  cr_assert_eq(rnn_output_flush(output, &again), RNN_WRITE_FAILED);
  cr_assert_eq(rnn_output_finish(output, &again), RNN_WRITE_FAILED);
  cr_assert_str_eq(again.text, error.text);
  output = open_output("/dev/full");
  cr_assert_eq(rnn_output_write(output, "x", 1, &error), RNN_OK);
  cr_assert_eq(rnn_output_finish(output, &error), RNN_WRITE_FAILED, "at the latest when finished");
}

static void take_stdout(int fd)
{
  fflush(stdout);
  cr_assert_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
  close(fd);
}

Test(output, standard_output_without_a_reader)
{
  int ends[2];
  struct rnn_error error;
  signal(SIGPIPE, SIG_IGN);
  cr_assert_eq(pipe(ends), 0);
  close(ends[0]);
  take_stdout(ends[1]);
  struct rnn_output *output = open_output("-");
  cr_assert_eq(rnn_output_write(output, "x", 1, &error), RNN_OK);
  cr_assert_eq(rnn_output_finish(output, &error), RNN_WRITE_FAILED);
  cr_assert_str_eq(error.text, "(stdout): Broken pipe");
}

Test(output, the_signal_of_a_broken_pipe_is_left_as_it_was, .signal = SIGPIPE)
{
  int ends[2];
  struct rnn_error error;
  signal(SIGPIPE, SIG_DFL);
  cr_assert_eq(pipe(ends), 0);
  close(ends[0]);
  take_stdout(ends[1]);
  struct rnn_output *output = open_output(NULL);
  cr_assert_eq(rnn_output_write(output, "x", 1, &error), RNN_OK);
  cr_assert_neq(rnn_output_finish(output, &error), RNN_OK);
}

Test(output, standard_output_that_is_closed)
{
  struct rnn_output *output;
  struct rnn_error error;
  fflush(stdout);
  close(STDOUT_FILENO);
  cr_assert_eq(rnn_output_open(&output, "-", false, false, &error), RNN_WRITE_FAILED);
  cr_assert_str_eq(error.text, "(stdout): Bad file descriptor");
  cr_assert_null(output);
}

static void *drain(void *data)
{
  struct text_sink *sink = data;
  char block[1000];
  for (ssize_t got; (got = read(STDIN_FILENO, block, sizeof block)) > 0;)
    text_add(sink, block, (size_t)got);
  return NULL;
}

/* Blocks of all sizes through a pipe that is not ready most of the time. */
Test(output, pipe_that_does_not_block)
{
  struct text_sink wanted = {.bytes = NULL}, got = {.bytes = NULL};
  struct rnn_error error;
  pthread_t reader;
  int fd = text_pipe();
  cr_assert_neq(fcntl(fd, F_SETFL, O_NONBLOCK), -1);
  take_stdout(fd);
  cr_assert_eq(pthread_create(&reader, NULL, drain, &got), 0);
  struct rnn_output *output = open_output("-");
  for (size_t i = 0; i < 300; i++) {
    size_t size = i * i % 150001;
    char *block = malloc(size + 1);
    memset(block, (int)('a' + i % 26), size);
    text_add(&wanted, block, size);
    cr_assert_eq(rnn_output_write(output, block, size, &error), RNN_OK);
    free(block);
  }
  cr_assert_eq(rnn_output_finish(output, &error), RNN_OK);
  close(STDOUT_FILENO);
  pthread_join(reader, NULL);
  cr_assert_eq(got.size, wanted.size);
  cr_assert_eq(memcmp(got.bytes, wanted.bytes, got.size), 0);
  free(wanted.bytes);
  free(got.bytes);
}

Test(output, print_of_any_length)
{
  struct rnn_error error;
  struct text_sink wanted = {.bytes = NULL};
  enter_own_directory();
  struct rnn_output *output = open_output("out");
  char *text = malloc(200001);
  for (size_t size = 0; size < 200000; size = size * 2 + 1) {
    memset(text, 'p', size);
    text[size] = '\0';
    cr_assert_eq(rnn_output_print(output, &error, "%zu=%s\n", size, text), RNN_OK);
    char head[32];
    snprintf(head, sizeof head, "%zu=", size);
    text_add_string(&wanted, head);
    text_add(&wanted, text, size);
    text_add_string(&wanted, "\n");
  }
  cr_assert_eq(rnn_output_finish(output, &error), RNN_OK);
  expect_content("out", wanted.bytes);
  free(wanted.bytes);
  free(text);
}

Test(output, binary_is_not_for_terminals)
{
  struct rnn_output *output;
  struct rnn_error error;
  int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
    cr_skip_test("no pseudo-terminals here");
  int fd = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  cr_assert_geq(fd, 0);
  take_stdout(fd);
  cr_assert_eq(rnn_output_open(&output, "-", true, false, &error), RNN_USAGE);
  cr_assert_str_eq(error.text, "(stdout): binary output to a terminal: use a pipe, -o FILE, or -f");
  cr_assert_eq(rnn_output_open(&output, "-", true, true, &error), RNN_OK, "forced");
  rnn_output_abandon(output);
  cr_assert_eq(rnn_output_open(&output, "-", false, false, &error), RNN_OK, "text");
  rnn_output_abandon(output);
}

Test(output, a_device_is_written_as_it_stands)
{
  struct stat about;
  struct rnn_error error;
  struct rnn_output *output = open_output("/dev/null");
  cr_assert_eq(rnn_output_write(output, "x", 1, &error), RNN_OK);
  cr_assert_eq(rnn_output_finish(output, &error), RNN_OK);
  cr_assert_eq(stat("/dev/null", &about), 0);
  cr_assert(S_ISCHR(about.st_mode));
}
