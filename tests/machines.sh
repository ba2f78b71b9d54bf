#!/bin/sh
# shellcheck disable=SC2086 # lists of options
# A 32-bit x86 and a big-endian s390x, under an emulator: a model trained there is the same bytes as here, and 1,000 sentences
# have the same tags. The kernels are the portable ones, whose sums are not fused. For "make check-long".
#
# The libraries of the other machine are looked for in RNN_ROOTS/i386 and RNN_ROOTS/s390x, made there without installing:
#
#     dpkg --add-architecture s390x && apt-get update && apt-get install gcc-s390x-linux-gnu qemu-user
#     apt-get download libyaml-dev:s390x libzstd-dev:s390x libjansson-dev:s390x libunistring-dev:s390x libxxhash-dev:s390x
#     for package in *_s390x.deb; do dpkg -x "$package" "$RNN_ROOTS/s390x"; done
. "${RNN_SOURCE:-.}/tests/lib.sh"
. "$RNN_SOURCE/tests/samples.sh"
RNN_TIMEOUT=${RNN_TIMEOUT:-3600} RNN_SANDBOX=off RNN_KERNEL=portable
export RNN_SANDBOX RNN_KERNEL
roots=${RNN_ROOTS:-/opt/rnn-roots}
[ ! -e "$RNN_SOURCE/config.status" ] || skip_all "the tree is configured in place: no build elsewhere is possible"
[ -x "$RNN_SOURCE/configure" ] || skip_all "there is no configure"
unset MAKEFLAGS MFLAGS MAKELEVEL
programs="rnn-vocab rnn-train rnn-tag rnn-classify"


# sentences FIRST COUNT: words with tags
sentences() {
  awk -v first="$1" -v count="$2" 'BEGIN {
    srand(first)
    for (i = 0; i < count; i++) {
      for (t = 1 + int(20 * rand()); t > 0; t--) { n = int(200 * rand() ^ 2); printf "w%d\t%s\n", n, n % 3 ? "X" : "Y" }
      print ""
    }
  }'
}
sentences 1 200 >"$test_root/train"
sentences 2 1000 | cut -f 1 >"$test_root/words"
make_samples "$test_root"

# work DIRECTORY [EMULATOR]: a stream, a model of each cell and task, and the tags; models with all other parts, and what
# they answer
work() {
  directory=$1
  shift
  "$@" "$directory/rnn-vocab" -F columns "$test_root/train" >stream
  for cell in elman gru lstm sru mingru indrnn; do
    "$@" "$directory/rnn-train" -j 1 --cell $cell --state 12 --epochs 2 --dropout 0.1 stream >"tags.$cell"
    grep -v '^$' "$test_root/train" | head -n 300 | cut -f 1 |
      "$@" "$directory/rnn-train" -j 1 -F text --cell $cell --state 12 --epochs 1 >"complete.$cell"
  done
  "$@" "$directory/rnn-tag" -m tags.gru -F columns "$test_root/words" >tags
  echo "$sample_trainings" | while read -r name options; do
    "$@" "$directory/rnn-train" -j 1 $options -o "$name.zst" "$test_root/in.$name"
  done
  echo "$sample_questions" | while read -r program _ model options; do
    (cd "$test_root" && "$@" "$directory/$program" -m "$OLDPWD/$model" $options) >>answers
  done
}

# there ARCHITECTURE TRIPLET HOST COMPILER EMULATOR FLAG...
there() {
  root=$roots/$1/usr triplet=$2 host=$3 compiler=$4 emulator=$5
  shift 5
  run env PKG_CONFIG_LIBDIR="$root/lib/$triplet/pkgconfig" "$RNN_SOURCE/configure" -q --host="$host" --without-criterion \
    --disable-hardening CC="$compiler" CPPFLAGS="-isystem $root/include -isystem $PWD/include $*" \
    LDFLAGS="-static -L$root/lib/$triplet"
  expect_exit 0
  # shellcheck disable=SC2046,SC2086 # a list of programs
  run make -s $(printf 'bin/%s ' $programs)
  expect_exit 0
  mkdir here there
  (cd here && work "$RNN_BIN")
  # shellcheck disable=SC2086 # an emulator, or nothing
  (cd there && work "$PWD/../bin" $emulator)
  for file in here/*; do expect_same "$file" "there/${file#*/}"; done
  expect "1,000 sentences have tags" [ "$(grep -c '^$' here/tags)" -eq 1000 ]
  expect "19 files" [ "$(find there -type f | wc -l)" -eq 19 ]
  expect "all questions are answered" [ "$(wc -l <here/answers)" -gt 50 ]
}

test_case "s390x: the same stream, models and tags"
if have s390x-linux-gnu-gcc && have qemu-s390x && [ -e "$roots/s390x" ]; then
  mkdir include
  ln -s /usr/include/Random123 include/Random123
  there s390x s390x-linux-gnu s390x-linux-gnu s390x-linux-gnu-gcc qemu-s390x
else
  skip "gcc-s390x-linux-gnu, qemu-user or the libraries are not there"
fi

test_case "i386: the same stream, models and tags"
if [ -e "$roots/i386" ]; then
  mkdir include
  ln -s /usr/include/Random123 include/Random123
  there i386 i386-linux-gnu i686-linux-gnu "gcc -m32" "" -idirafter /usr/include/x86_64-linux-gnu
else
  skip "the libraries are not there"
fi

test_done
