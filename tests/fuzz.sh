#!/bin/sh
# The seeds of the fuzz targets and what they have found: no target says a word about any of them.
. "${RNN_SOURCE:-.}/tests/lib.sh"

for directory in "$RNN_SOURCE"/fuzz/cases/*; do
  target=${directory##*/}
  test_case "$target: what is in the tree"
  expect "there are cases" [ "$(find "$directory" -type f | wc -l)" -gt 0 ]
  [ "$target" != options ] || ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
  run "$RNN_BUILD/fuzz/replay" "$target" "$directory"/*
  expect_exit 0
  expect_stdout ""
  expect_no_stderr
done

test_case "each target has cases, each reader a seed"
for source in "$RNN_SOURCE"/fuzz/fuzz_*.c; do
  target=${source##*/fuzz_}
  expect "fuzz/cases/${target%.c} is there" [ -d "$RNN_SOURCE/fuzz/cases/${target%.c}" ]
done

test_done
