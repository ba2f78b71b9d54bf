#!/bin/sh
# The switches of configure do something: what tests/misbehave does wrong is caught in a build that has the switch.
. "${RNN_SOURCE:-.}/tests/lib.sh"
misbehave=$RNN_BUILD/tests/misbehave

test_case "a program that does nothing wrong passes"
run "$misbehave" nothing
expect_exit 0
expect_no_stderr

for switch in ${RNN_SWITCHES:-}; do
  test_case "--enable-$switch does what it is there for"
  run env GCOV_PREFIX="$PWD/counts" "$misbehave" "$switch" 5
  [ "$switch" = gcov ] || expect "the program should have been ended" [ "$code" -ne 0 ]
  case $switch in
  debug) expect_stderr "Assertion" ;;
  asan) expect_stderr "heap-buffer-overflow" ;;
  ubsan) expect_stderr "signed integer overflow" ;;
  tsan) expect_stderr "data race" ;;
  gcov) expect "no .gcda file was written" [ -n "$(find counts -name '*.gcda')" ] ;;
  *) fail "a switch this test does not know" ;;
  esac
done

if ! built_with debug; then
  test_case "a build without --enable-debug has no assertions"
  run "$misbehave" debug 5
  expect_exit 0
fi

case " ${RNN_HARDENING:-} " in
*" fortify "*)
  test_case "an overflow on the stack is stopped by the hardening"
  run "$misbehave" fortify 100
  expect "the program should have been ended" [ "$code" -ne 0 ]
  expect_stderr "buffer overflow detected"
  ;;
esac

test_done
