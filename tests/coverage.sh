#!/bin/sh
# How much of the sources the tests run through: lines and branches of all, branches of what reads. The marks to reach stand
# below. For "make check-long".
. "${RNN_SOURCE:-.}/tests/lib.sh"
RNN_TIMEOUT=${RNN_TIMEOUT:-7200}
have gcovr || skip_all "gcovr is not installed"
[ ! -e "$RNN_SOURCE/config.status" ] || skip_all "the tree is configured in place: no build elsewhere is possible"
[ -x "$RNN_SOURCE/configure" ] || skip_all "there is no configure"
unset MAKEFLAGS MFLAGS MAKELEVEL

# percent WHAT FILTER...: of lines or branches, in the build's directory
# shellcheck disable=SC2046 # a list of options
percent() {
  what=$1
  shift
  gcovr --root "$RNN_SOURCE" --object-directory . $(printf " --filter $RNN_SOURCE/%s" "$@") --exclude '.*/kernel_.*' --exclude '.*sandbox_test.*' \
    --print-summary . 2>/dev/null | sed -n "s/^$what: \([0-9]*\).*/\1/p"
}

test_case "lines and branches of all, branches of the readers"
run "$RNN_SOURCE/configure" -q --enable-gcov
expect_exit 0
run make -s check
expect_exit 0
lines=$(percent lines lib/ formats/ bin/)
branches=$(percent branches lib/ formats/ bin/)
readers=$(percent branches formats/reader formats/input formats/safetensors formats/container.c formats/model_ formats/stream_reader \
  formats/config_file formats/number formats/token.c formats/utf8.c formats/json formats/record.c)
echo "# of lines $lines %, of branches $branches %, of branches of the readers $readers %"
expect "lines $lines %, at least 85 expected" [ "${lines:-0}" -ge 85 ]
expect "branches $branches %, at least 85 expected" [ "${branches:-0}" -ge 85 ]
expect "branches of the readers $readers %, at least 90 expected" [ "${readers:-0}" -ge 90 ]

test_done
