/* Errors are one sentence that can be printed as it stands. */
#include "error.h"

#include <criterion/criterion.h>
#include <string.h>

Test(error, sentence_and_status)
{
  struct rnn_error error = {.status = RNN_OK};
  cr_assert_eq(rnn_error_set(&error, RNN_DATA, "%s:%d: %d columns expected", "a.conllu", 17, 10), RNN_DATA);
  cr_assert_eq(error.status, RNN_DATA);
  cr_assert_str_eq(error.text, "a.conllu:17: 10 columns expected");
}

Test(error, control_characters_never_reach_a_terminal)
{
  struct rnn_error error;
  cr_assert_eq(rnn_error_set(&error, RNN_DATA, "bad \033[2J\n\177 name"), RNN_DATA);
  cr_assert_str_eq(error.text, "bad ?[2J?? name");
}

Test(error, prefix_keeps_the_status)
{
  struct rnn_error error;
  cr_assert_eq(rnn_error_set(&error, RNN_NO_INPUT, "not there"), RNN_NO_INPUT);
  cr_assert_eq(rnn_error_prefix(&error, "%s", "file"), RNN_NO_INPUT);
  cr_assert_str_eq(error.text, "file: not there");
  cr_assert_eq(rnn_error_prefix(NULL, "file"), RNN_BUG);
}

Test(error, longest_sentence_is_cut_and_ended)
{
  static char name[2 * RNN_ERROR_BYTES];
  memset(name, 'x', sizeof name - 1);
  struct rnn_error error;
  cr_assert_eq(rnn_error_set(&error, RNN_DATA, "%s", name), RNN_DATA);
  cr_assert_eq(strlen(error.text), RNN_ERROR_BYTES - 1);
  cr_assert_eq(rnn_error_prefix(&error, "%s", name), RNN_DATA);
  cr_assert_eq(strlen(error.text), RNN_ERROR_BYTES - 1);
}

Test(error, nobody_has_to_listen)
{
  cr_assert_eq(rnn_error_set(NULL, RNN_USAGE, "unheard"), RNN_USAGE);
}
