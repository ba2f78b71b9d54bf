#!/bin/sh
# How to build bench/kernels beside the libraries that are there: sh bench/peers.sh cppflags|libs COMPILER
# Those that are absent are named on standard error.
# Which of OpenBLAS's kernels this processor is for, unless OPENBLAS_CORETYPE says: sh bench/peers.sh core. Of processors
# younger than itself OpenBLAS thinks little, and takes Prescott's.
set -eu
what=$1
shift
if [ "$what" = core ]; then
  if [ -n "${OPENBLAS_CORETYPE:-}" ]; then
    echo "$OPENBLAS_CORETYPE"
  elif grep -qw avx512bw /proc/cpuinfo; then
    echo SkylakeX
  elif grep -qw avx2 /proc/cpuinfo; then
    echo Haswell
  fi
  exit
fi
flags=
try() { # NAME PACKAGE HEADER LIBRARY
  name=$1 package=$2 header=$3 library=$4
  shift 4
  if printf '#include <%s>\nint main(void) { return 0; }\n' "$header" | "$@" -x c - -l"$library" -o /dev/null 2> /dev/null; then
    case $what in
    cppflags) flags="$flags -DWITH_$name" ;;
    libs) flags="$flags -l$library" ;;
    esac
  elif [ "$what" = libs ]; then
    echo "peers.sh: no $name ($package): left out" >&2
  fi
}
try OPENBLAS libopenblas-dev cblas.h openblas "$@"
try ONEDNN libdnnl-dev oneapi/dnnl/dnnl.h dnnl "$@"
echo "$flags"
