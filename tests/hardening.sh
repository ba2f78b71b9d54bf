#!/bin/sh
# The programs carry the hardening that configure found in the compiler.
. "${RNN_SOURCE:-.}/tests/lib.sh"
have readelf || skip_all "readelf (binutils) is not installed"
[ -n "${RNN_HARDENING:-}" ] || skip_all "this build is without hardening"

for program in "$RNN_BIN"/rnn-* "$RNN_BUILD/tests/misbehave"; do
  case $program in *'*' | *.[cho]) continue ;; esac
  test_case "$(basename "$program") is hardened"
  run readelf -W -h -l -d --dyn-syms "$program"
  expect_exit 0
  for feature in $RNN_HARDENING; do
    case $feature in
    pie) expect_stdout_matches '^ *Type: *DYN' ;;
    relro) expect_stdout_contains GNU_RELRO ;;
    now) expect_stdout_matches 'FLAGS.*NOW' ;;
    noexecstack) expect_stdout_matches 'GNU_STACK.* RW ' ;;
    canary) expect_stdout_contains __stack_chk_fail ;;
    esac
  done
done
test_done
