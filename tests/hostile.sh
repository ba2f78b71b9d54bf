# Damaged and hostile files end a program with 65, a sentence that names them, and nothing on standard output.
. "${RNN_SOURCE:-.}/tests/lib.sh"

reviews() {
  printf 'pos\tgood fine film\nneg\tbad dull film\n'
}

# refused NAME: what ran last has ended as it should.
refused() {
  expect_exit 65
  expect_stdout ""
  expect_stderr "$1: "
  [ "$(wc -l <"$err")" -eq 1 ] || fail "one line expected on standard error"
}

# flip FILE BYTE MASK: the file with some bits of a byte inverted.
flip() {
  LC_ALL=C awk -v hex="$(od -An -v -tx1 "$1" | tr -d ' \n')" -v byte="$2" -v mask="$3" 'BEGIN {
    for (i = 0; i < length(hex) / 2; i++) {
      value = (index("0123456789abcdef", substr(hex, 2 * i + 1, 1)) - 1) * 16 + index("0123456789abcdef", substr(hex, 2 * i + 2, 1)) - 1
      if (i == byte) value = (int(value / mask) % 2) ? value - mask : value + mask
      printf "\\%03o", value
    } }' >escaped
  # shellcheck disable=SC2059 # the format is the file
  printf "$(cat escaped)"
}

test_case "a model that was cut"
reviews | rnn-train --epochs 1 --state 2 --embedding 2 >m.zst
reviews >in
size=$(wc -c <m.zst)
cut=0
while [ "$cut" -lt "$size" ]; do
  head -c "$cut" m.zst >cut.zst
  run rnn-classify -m cut.zst in
  refused cut.zst
  cut=$((cut + size / 23))
done
run rnn-inspect summary cut.zst
refused cut.zst

test_case "a model with a flipped bit"
reviews | rnn-train --epochs 1 --state 2 --embedding 2 >m.zst
reviews >in
rnn-classify -m m.zst --prob in >wanted
size=$(wc -c <m.zst)
byte=0
while [ "$byte" -lt "$size" ]; do
  flip m.zst "$byte" $((1 << byte % 8)) >flipped.zst
  run rnn-classify -m flipped.zst --prob in
  # bits of the header that mean nothing are the one exception
  if [ "$code" -eq 0 ]; then expect_same wanted "$out"; else refused flipped.zst; fi
  byte=$((byte + size / 17))
done

test_case "a model in a pipe that breaks off"
reviews | rnn-train --epochs 1 --state 2 >m.zst
reviews >in
head -c 100 m.zst | rnn-classify -m - in >got 2>message
[ $? -eq 65 ] || fail "exit code 65 expected"
expect "nothing is answered" [ ! -s got ]
expect "the input is named" grep -q '^rnn-classify: (stdin): ' message

test_case "a stream that was cut, within a frame"
reviews | rnn-vocab >a.seq.zst
size=$(wc -c <a.seq.zst)
cut=1
while [ "$cut" -lt "$size" ]; do
  head -c "$cut" a.seq.zst >cut.zst
  run rnn-train -F seq cut.zst
  refused cut.zst
  cut=$((cut + size / 11))
done

test_case "a stream with a flipped bit"
reviews | rnn-vocab >a.seq.zst
rnn-vocab --text a.seq.zst >wanted
size=$(wc -c <a.seq.zst)
byte=0
while [ "$byte" -lt "$size" ]; do
  flip a.seq.zst "$byte" $((1 << byte % 8)) >flipped.zst
  run rnn-vocab --text -F seq flipped.zst
  if [ "$code" -eq 0 ]; then expect_same wanted "$out"; else refused flipped.zst; fi
  byte=$((byte + size / 11))
done

test_case "a weight that is no number"
if ! have zstd; then
  skip "there is no zstd command"
else
  reviews | rnn-train --epochs 1 --state 2 >m.zst
  zstd -dcq m.zst >m.safetensors
  reviews >in
  damage() { # TENSOR: its first weight, behind the length, the header and what stands before it in the data
    header=$(od -An -N 4 -t u4 m.safetensors | tr -d ' ')
    before=$(LC_ALL=C sed -n '1s/.*"'"$1"'":{[^}]*"data_offsets":\[\([0-9]*\),.*/\1/p' m.safetensors)
    at=$((8 + header + before))
    head -c "$at" m.safetensors
    printf '\0\0\300\177'
    tail -c "+$((at + 5))" m.safetensors
  }
  damage layer0.W >nan.safetensors
  run rnn-classify -m nan.safetensors in
  refused nan.safetensors
  expect_stderr "tensor 'layer0.W': element 0 is not finite"
  zstd -q nan.safetensors -o nan.zst
  run rnn-classify -m nan.zst in
  refused nan.zst
  expect_stderr "tensor 'layer0.W': element 0 is not finite"
  run rnn-train --init nan.zst in
  refused nan.zst
  # A row of the embedding is checked where a line leads to it.
  damage embedding >row.safetensors
  rnn-inspect vocabulary -m m.zst | sed -n '1s/\t.*//p' >in
  run rnn-classify -m row.safetensors in
  refused "rnn-classify"
  expect_stderr "the model: tensor 'embedding': element 0 is not finite"
fi

test_case "10 GiB declared"
printf '\050\265\057\375\304\150\000\000\000\200\002\000\000\000' >bomb
reviews >in
run rnn-classify -m bomb in
refused bomb
expect_stderr "declares 10737418240 bytes"
run rnn-train -F seq bomb
refused bomb
expect_stderr "declares 10737418240 bytes"

test_case "a window of 2 GiB in nine bytes"
printf '\050\265\057\375\104\250\000\000\001' >window
reviews | rnn-train --epochs 1 --state 2 >m.zst
run rnn-classify -m window m.zst
refused window
run rnn-classify -m m.zst window
refused window:1

test_case "10 GiB declared in the header of a plain model"
{
  printf '\123\000\000\000\000\000\000\000'
  printf '{"w":{"dtype":"F32","shape":[2684354560],"data_offsets":[0,10737418240]}}          '
} >bomb.safetensors
reviews >in
run rnn-classify -m bomb.safetensors in
refused bomb.safetensors
expect_stderr "tensor 'w': data_offsets do not lie in the document"

test_case "a model behind a skippable frame, small or large"
reviews | rnn-train --epochs 1 --state 2 >m.zst
for length in '\012\000\000\000' '\340\223\004\000'; do # 10 and 300,000 bytes
  {
    printf '\120\052\115\030%b' "$length"
    head -c "$([ "$length" = '\012\000\000\000' ] && echo 10 || echo 300000)" /dev/zero
    cat m.zst
  } >behind.zst
  for what in "rnn-inspect" "rnn-inspect vocabulary -m" "rnn-vocab --list" "rnn-train" "rnn-classify -m m.zst"; do
    # shellcheck disable=SC2086 # several words
    run $what behind.zst
    refused behind.zst
  done
done

test_case "a gigabyte in a kilobyte, as text: refused where the line is too long, in little memory"
if ! have zstd; then
  skip "there is no zstd command"
else
  head -c 1000000000 /dev/zero | tr '\0' a | zstd -1 -q >bomb.zst
  reviews | rnn-train --epochs 1 --state 2 >m.zst
  if built_with asan || built_with tsan; then
    run rnn-classify -m m.zst bomb.zst
  else
    run_shell 'ulimit -v 200000; rnn-classify -m m.zst bomb.zst'
  fi
  refused bomb.zst:1
  expect_stderr "line longer than 16 MiB"
fi

test_done
