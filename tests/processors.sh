#!/bin/sh
# The kernels on another processor: built for 64-bit ARM, whose vectors are NEON's, the tests of products and functions pass
# under an emulator. For "make check-long".
. "${RNN_SOURCE:-.}/tests/lib.sh"
RNN_TIMEOUT=${RNN_TIMEOUT:-3600}
compiler=${RNN_ARM_CC:-aarch64-linux-gnu-gcc} emulator=${RNN_ARM_EMULATOR:-qemu-aarch64}
have "$compiler" || skip_all "there is no $compiler (gcc-aarch64-linux-gnu)"
have "$emulator" || skip_all "there is no $emulator (qemu-user)"
random123=$(for folder in /usr/include /usr/local/include; do [ ! -e $folder/Random123 ] || echo $folder/Random123; done | head -n 1)
[ -n "$random123" ] || skip_all "there is no Random123"
lib="error memory random kernel kernel_portable vector gemm"

# build NAME OPTION...: the tests of NAME, static so that the emulator needs no libraries
build() {
  name=$1
  shift
  mkdir -p include
  ln -sfn "$random123" include/Random123
  sources=$(for file in $lib; do echo "$RNN_SOURCE/lib/$file.c"; done)
  # shellcheck disable=SC2086 # a list of files
  run "$compiler" -std=gnu11 -O2 -ffp-contract=off -static -pthread "$@" -I"$RNN_SOURCE/tests/plain" -I"$RNN_SOURCE/lib" \
    -isystem include "$RNN_SOURCE/tests/test_$name.c" $sources -lm -o "test_$name"
  expect_exit 0
}

for name in gemm vector; do
  for real in float double; do
    test_case "NEON: the tests of $name pass, $real"
    case $real in
    float) build "$name" -DSTRIDE=20011 -Wall -Wextra -Werror ;;
    double) build "$name" -DRNN_DOUBLE ;;
    esac
    run env -u RNN_LONG "$emulator" "./test_$name"
    expect_exit 0
    expect "no test was run" grep -q '^passed' "$out"
  done
done

test_done
