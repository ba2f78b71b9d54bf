#!/bin/sh
# Makes the programs, or TARGETS alone: [TARGETS="bin/rnn-tag ..."] sh pipelines/build.sh DIRECTORY [CONFIGURE-OPTION...]
#
# Runs autogen.sh and configure only where their sources have changed. A tree that is configured in place is built in
# place. Prints nothing but warnings, errors and one line a step.
# shellcheck disable=SC2086 # $targets is several words
set -eu
cd "$(dirname "$0")/.."
root=$PWD build=$1 targets=${TARGETS:-all}
shift
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
[ ! -e config.status ] || build=.
mkdir -p "$build"

if [ ! -x configure ] || [ -n "$(find configure.ac Makefile.am m4 -newer configure)" ]; then
  echo "build.sh: autogen.sh" >&2
  ./autogen.sh >"$build/autogen.log" 2>&1 || {
    cat "$build/autogen.log" >&2
    exit 70
  }
fi
cd "$build"
if [ ! -x config.status ] || [ -n "$(find "$root/configure" -newer config.status)" ] || [ $# -gt 0 ]; then
  echo "build.sh: configure${*:+ $*}" >&2
  "$root/configure" -q "$@" >configure.out || exit 69
fi
# Quiet where there is nothing to do.
if ! make -s -q $targets 2>/dev/null; then
  echo "build.sh: make, with $jobs jobs" >&2
  make -s -j "$jobs" $targets >make.out || {
    cat make.out >&2
    exit 70
  }
fi
