#!/bin/sh
# shellcheck disable=SC2086 # lists of words
# Every part of a model is trained and asked under valgrind: nothing is read that was not written, nothing is lost. For
# "make check-long".
. "${RNN_SOURCE:-.}/tests/lib.sh"
. "$RNN_SOURCE/tests/samples.sh"
have valgrind || skip_all "valgrind is not installed"
if built_with asan || built_with tsan; then skip_all "sanitizers do not go with valgrind"; fi
RNN_SANDBOX=off RNN_KERNEL=portable RNN_TIMEOUT=${RNN_TIMEOUT:-1200}
export RNN_SANDBOX RNN_KERNEL
valgrind="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect"

make_samples "$test_root"
echo "$sample_trainings" >"$test_root/trainings"
echo "$sample_questions" >"$test_root/questions"

test_case "trained and asked"
cp "$test_root"/* .
while read -r name options; do
  run $valgrind rnn-train -j 1 $options -o "$name.zst" "in.$name"
  expect_exit 0
  expect_no_stderr
done <trainings
while read -r question; do
  run $valgrind $question
  expect_exit 0
  expect_no_stderr
done <questions

test_case "looked at"
cp "$test_root"/* .
rnn-train -j 1 -F columns --state 4 --features --output crf -o m.zst in.tagged
for what in summary history vocabulary labels config; do
  run $valgrind rnn-inspect $what m.zst
  expect_exit 0
  expect_no_stderr
done

test_done
