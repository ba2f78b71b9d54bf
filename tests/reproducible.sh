#!/bin/sh
# Two builds, in directories of other names and at other times, are the same programs, byte for byte. For "make check-long".
. "${RNN_SOURCE:-.}/tests/lib.sh"
RNN_TIMEOUT=${RNN_TIMEOUT:-3600}
[ ! -e "$RNN_SOURCE/config.status" ] || skip_all "the tree is configured in place: no build elsewhere is possible"
[ -x "$RNN_SOURCE/configure" ] || skip_all "there is no configure"
unset MAKEFLAGS MFLAGS MAKELEVEL
programs="rnn-vocab rnn-train rnn-tag rnn-classify rnn-complete rnn-inspect"

# build DIRECTORY SOURCE: a copy of the sources and a build of them, both there; SOURCE is the sources' name
build() {
  mkdir -p "$1/source" "$1/build"
  (cd "$RNN_SOURCE" && tar -cf - autogen.sh configure configure.ac Makefile.am Makefile.in aclocal.m4 build-aux m4 \
    lib formats bin bench fuzz tests man models pipelines ./*.md LICENSE) | tar -xmf - -C "$1/source"
  cd "$1/build" || fail "no directory"
  run "$2/configure" -q --without-criterion
  expect_exit 0
  # shellcheck disable=SC2046,SC2086 # a list of programs
  run make -s $(printf 'bin/%s ' $programs)
  expect_exit 0
  cd "$test_root/$case_number" || exit 99
}

test_case "the same programs"
build one ../source
build elsewhere/of_a_longer_name "$PWD/elsewhere/of_a_longer_name/source"
for program in $programs; do
  expect_same "one/build/bin/$program" "elsewhere/of_a_longer_name/build/bin/$program"
done

test_done
