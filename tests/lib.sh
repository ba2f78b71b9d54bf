# Helpers for the tests in shell: POSIX sh, results as TAP. A test looks like this:
#
#     . "${RNN_SOURCE:-.}/tests/lib.sh"
#
#     test_case "no input gives no output"
#     run rnn-vocab --list </dev/null
#     expect_exit 0
#     expect_stdout ""
#     expect_no_stderr
#
#     test_case "a missing file is named"
#     run rnn-vocab missing.txt
#     expect_exit 66
#     expect_stderr "missing.txt: No such file"
#
#     test_done
#
# Each case begins in an empty directory of its own, which is removed. All expectations of a case are checked; it is one
# line of TAP however many there are. The programs of this build come first in PATH. By hand, after make:
# RNN_BIN=build/bin sh tests/vocab.sh

set -u
RNN_SOURCE=$(cd "${RNN_SOURCE:-.}" && pwd)
RNN_BIN=$(cd "${RNN_BIN:-$RNN_SOURCE/bin}" && pwd) || exit 99
RNN_BUILD=$(cd "${RNN_BUILD:-$RNN_BIN/..}" && pwd)
PATH=$RNN_BIN:$PATH
LC_ALL=${LC_ALL:-C.UTF-8}
export RNN_SOURCE RNN_BIN RNN_BUILD PATH LC_ALL
unset RNN_MODEL RNN_MODEL_PATH
test_root=$(mktemp -d "${TMPDIR:-/tmp}/rnn-test.XXXXXX") || exit 99
case_number=0 case_name='' case_skipped='' code=0 run_command=''
out=$test_root/out err=$test_root/err # what the last `run` printed
# Sanitizers end a program with a code that no program of ours has.
ASAN_OPTIONS=exitcode=99:detect_leaks=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}
UBSAN_OPTIONS=exitcode=99:print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}
TSAN_OPTIONS=exitcode=99${TSAN_OPTIONS:+:$TSAN_OPTIONS}
export ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS

test_leave() {
  cd / || :
  chmod -R u+rwX "$test_root" 2>/dev/null
  rm -rf "$test_root"
}
trap 'test_leave; [ -n "${test_complete:-}" ] || { echo "Bail out! the script ended before test_done"; exit 99; }' EXIT
trap 'exit 99' HUP INT TERM

# Ends the case before and begins one: its name says what is promised.
test_case() {
  case_end
  case_number=$((case_number + 1)) case_name=$1 case_skipped='' run_command=''
  rm -f "$test_root/failed"
  : >"$out"
  : >"$err"
  mkdir "$test_root/$case_number"
  cd "$test_root/$case_number" || exit 99
}

case_end() {
  [ -n "$case_name" ] || return 0
  if [ -e "$test_root/failed" ]; then
    echo "not ok $case_number - $case_name"
  elif [ -n "$case_skipped" ]; then
    echo "ok $case_number - $case_name # SKIP $case_skipped"
  else
    echo "ok $case_number - $case_name"
  fi
  case_name=''
  cd "$test_root" || exit 99
  chmod -R u+rwX "$test_root/$case_number" 2>/dev/null
  rm -rf "${test_root:?}/$case_number"
}

test_done() {
  case_end
  echo "1..$case_number"
  test_complete=yes
  exit 0
}

# Nothing in this file can be tested here.
skip_all() {
  echo "1..0 # SKIP $1"
  test_complete=yes
  exit 0
}

# The present case cannot be tested here; the rest of its lines should not run.
skip() {
  case_skipped=$1
}

# Marks the case as failed and says why; the case goes on. Also from a subshell.
fail() {
  : >"$test_root/failed"
  {
    printf '%s\n' "$*"
    if [ -n "$run_command" ]; then
      printf 'command: %s\nexit code: %s\n' "$run_command" "$code"
      printf 'stdout (%s bytes):\n' "$(wc -c <"$out")"
      head -c 2000 "$out"
      printf '\nstderr:\n'
      head -c 2000 "$err"
    fi
  } | LC_ALL=C sed 's/^/# /'
  echo
}

# Runs a command (its standard input is that of `run`): its output goes to $out, its messages to $err, its exit code to
# $code. At most $RNN_TIMEOUT seconds (120).
run() {
  run_command=$*
  timeout "${RNN_TIMEOUT:-120}" "$@" >"$out" 2>"$err"
  code=$?
}

# The same for a line of shell: run_shell 'rnn-vocab a.txt | rnn-train >m.zst'. The code is that of the last program.
run_shell() {
  run sh -c "$1"
  run_command=$1
}

expect_exit() {
  [ "$code" = "$1" ] || fail "exit code $1 expected, got $code"
}

# Standard output is this text and a line end (nothing at all for "").
expect_stdout() {
  if [ -n "$1" ]; then printf '%s\n' "$1"; fi >"$test_root/wanted"
  cmp -s "$test_root/wanted" "$out" && return
  fail "standard output expected:
$1"
}

expect_stdout_contains() {
  LC_ALL=C grep -qF -e "$1" "$out" || fail "standard output should contain: $1"
}

# Standard output matches a basic regular expression in some line.
expect_stdout_matches() {
  grep -q -e "$1" "$out" || fail "standard output should match: $1"
}

# Standard error contains this text.
expect_stderr() {
  LC_ALL=C grep -qF -e "$1" "$err" || fail "standard error should contain: $1"
}

expect_no_stderr() {
  [ ! -s "$err" ] || fail "standard error should be empty"
}

expect_same() {
  cmp "$1" "$2" >"$test_root/cmp" 2>&1 || fail "files differ: $(cat "$test_root/cmp")"
}

expect_file() {
  [ -e "$1" ] || fail "file expected: $1"
}

expect_no_file() {
  [ ! -e "$1" ] || fail "no such file expected: $1"
}

# expect "message" COMMAND...: the command is true.
expect() {
  expect_message=$1
  shift
  "$@" || fail "$expect_message"
}

# True if the build has the switch: built_with asan
built_with() {
  case " ${RNN_SWITCHES:-} " in *" $1 "*) return 0 ;; esac
  return 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}
