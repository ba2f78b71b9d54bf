#!/bin/sh
# Builds and passes every test: sh tests/run.sh [--long] [CONFIGURE-OPTION...]
#
# Installs what is missing (pipelines/setup.sh), configures out of tree in build/ (in build/OPTIONS where some are
# given), builds, runs "make check" (with --long, "make check-long"). The last line is "N passed, N failed"
# (", N skipped" where there are any), counted by single cases; the exit code is 1 if any failed.
set -u
cd "$(dirname "$0")/.." || exit 70
target=check
if [ "${1:-}" = --long ]; then
  target=check-long
  shift
fi
build=build
[ $# -eq 0 ] || build=build/$(echo "$*" | tr -c 'a-zA-Z0-9\n' '-' | sed 's/^-*//')

sh pipelines/setup.sh && sh pipelines/build.sh "$build" "$@" || exit $?

# Results of an earlier run must not be counted.
[ ! -e config.status ] || build=.
cd "$build" || exit 70
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
find tests -name '*.trs' -exec rm -f {} +
{
  make -s -j "$jobs" "$target" 2>&1
  echo "make: ended with $?"
} | grep -v '^PASS: \|^make\[' | tee check.out | grep -v '^make: '
cases=$(find tests -name '*.trs' -exec cat {} + | sed -n 's/^:test-result: \([A-Z]*\).*/\1/p')
count() {
  printf '%s\n' "$cases" | grep -cE "^($1)\$"
}
passed=$(count 'PASS|XFAIL') failed=$(count 'FAIL|XPASS|ERROR') skipped=$(count SKIP)
# make that stops before a result is there (a test that does not compile) is a failure too.
grep -q '^make: ended with 0$' check.out || [ "$failed" -gt 0 ] || failed=1
find tests -name '*.trs' -exec grep -lE '^:test-result: (FAIL|XPASS|ERROR)' {} + | while read -r result; do
  printf '\n== %s\n' "$build/${result%.trs}.log"
  grep -vE '^(ok|PASS:|SKIP:)' "${result%.trs}.log" | head -n 200
done
if [ "$skipped" -gt 0 ]; then
  printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
else
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
