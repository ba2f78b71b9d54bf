#!/bin/sh
# Builds of other kinds, each in a directory of its own: the switches of configure, other compilers, no Criterion, a tree
# unpacked from the distribution. Takes many minutes: for "make check-long".
. "${RNN_SOURCE:-.}/tests/lib.sh"
RNN_TIMEOUT=${RNN_TIMEOUT:-3600}
[ ! -e "$RNN_SOURCE/config.status" ] || skip_all "the tree is configured in place: no build elsewhere is possible"
[ -x "$RNN_SOURCE/configure" ] || skip_all "there is no configure"
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# What a make above says of itself is nothing to these builds.
unset MAKEFLAGS MFLAGS MAKELEVEL

configure() {
  run "$RNN_SOURCE/configure" -q "$@"
  expect_exit 0
}

# How many cases of tests/switches.sh do not pass in this build.
count_switch_failures() {
  env RNN_BUILD="$PWD" RNN_BIN="$PWD/tests" RNN_SWITCHES="$1" RNN_HARDENING="${2:-}" \
    sh "$RNN_SOURCE/tests/switches.sh" >switches.out 2>&1
  grep -c '^not ok\|^Bail out' switches.out
}

for switch in debug asan ubsan tsan gcov; do
  test_case "--enable-$switch does something, and its test would notice if it did not"
  configure --enable-$switch --without-criterion
  run make -s -j "$jobs" tests/misbehave
  expect_exit 0
  failures=$(count_switch_failures $switch)
  [ "$failures" = 0 ] || fail "$(cat switches.out)"
  rm -f tests/misbehave tests/*.o tests/*.gc*
  run make -s tests/misbehave RNN_CFLAGS="-std=gnu11 -pthread" RNN_CPPFLAGS=-DNDEBUG RNN_LDFLAGS= RNN_OPTIMISE=-O2
  expect_exit 0
  failures=$(count_switch_failures $switch)
  expect "the switch is ignored and the test does not notice" [ "$failures" -gt 0 ]
done

test_case "hardening does something, and its test would notice if it did not"
configure --without-criterion
run make -s -j "$jobs" tests/misbehave
failures=$(count_switch_failures "" fortify)
[ "$failures" = 0 ] || fail "$(cat switches.out)"
rm -f tests/misbehave tests/*.o
run make -s tests/misbehave RNN_CPPFLAGS=-DNDEBUG
failures=$(count_switch_failures "" fortify)
expect "fortify is ignored and the test does not notice" [ "$failures" -gt 0 ]

test_case "a switch that is neither on nor off is refused, and so are two that cannot go together"
run "$RNN_SOURCE/configure" -q --enable-asan=perhaps
expect "configure should refuse" [ "$code" -ne 0 ]
expect_stderr "yes or no"
run "$RNN_SOURCE/configure" -q --enable-asan --enable-tsan
expect "configure should refuse" [ "$code" -ne 0 ]
expect_stderr "cannot go together"

test_case "a missing library is named"
run env YAML_LIBS=-lnothing_of_that_name "$RNN_SOURCE/configure" -q
expect "configure should refuse" [ "$code" -ne 0 ]
expect_stderr "missing packages"
expect_stderr "libyaml-dev"

for compiler in gcc clang; do
  test_case "$compiler builds everything without a warning"
  if have $compiler; then
    configure CC=$compiler
    run make -s -j "$jobs" all CFLAGS=-Werror
    expect_exit 0
    run make -s -j "$jobs" check TESTS= CFLAGS=-Werror
    expect_exit 0
  else
    skip "$compiler is not installed"
  fi
done

for options in "--enable-asan --enable-ubsan" "--enable-tsan" "--enable-debug" "CC=clang --enable-asan --enable-ubsan"; do
  test_case "all tests pass with $options"
  case $options in
  *clang*) have clang || {
    skip "clang is not installed"
    continue
  } ;;
  esac
  # shellcheck disable=SC2086 # a list of options
  configure $options
  run make -s -j "$jobs" check
  expect_exit 0
done

test_case "without Criterion the tools are built, the shell tests run, and what is skipped is said"
configure --without-criterion
run make -s -j "$jobs" check TESTS="tests/no-criterion.sh tests/inspect.sh"
expect_exit 0
expect_stdout_contains "libcriterion-dev"
expect_file bin/rnn-classify

test_case "rnn-inspect check notices a wrong derivative"
configure --without-criterion
run make -s -j "$jobs" bin/rnn-inspect bin/rnn-train
expect_exit 0
printf 'a\tx y z\nb\tz y x x\n' >data.tsv
bin/rnn-train -F tsv -D epochs=1 -D state=4 -D embedding=3 data.tsv >model.zst
run bin/rnn-inspect check -m model.zst
expect_exit 0
# make takes a source of the build directory before that of the tree.
right=$RNN_SOURCE/lib/cell_elman.c
sed 's/rnn_vector_copy(count, step->ds, step->da);/&\n  rnn_vector_scale(count, (real)1.001, step->da);/' "$right" \
  >lib/cell_elman.c
expect "nothing was made wrong" [ -n "$(diff "$right" lib/cell_elman.c)" ]
run make -s -W lib/cell_elman.c bin/rnn-inspect
expect_exit 0
run bin/rnn-inspect check -m model.zst
expect_exit 1

test_case "make distcheck passes"
configure
run make -s distcheck
expect_exit 0

test_case "every file of the repository that a user needs is in the distribution"
if have git && git -C "$RNN_SOURCE" rev-parse -q --verify HEAD >/dev/null 2>&1; then
  configure
  run make -s distdir
  expect_exit 0
  git -C "$RNN_SOURCE" ls-files | grep -v '^\.clang-format$\|^\.gitignore$\|^\.gitattributes$' | while read -r file; do
    [ -n "$(find . -path "./rnn-tools-*/$file")" ] || fail "$file is missing"
  done
else
  skip "not in a git repository"
fi

test_done
