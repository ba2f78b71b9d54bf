# pipelines/video: from frames, clips or arrays to a scored model and a picture of what is confused.
. "${RNN_SOURCE:-.}/tests/lib.sh"

pipeline=$RNN_SOURCE/pipelines/video
small="-D state=16 -D epochs=60 -D batch=4"

# Six pictures of 16 x 12 in which a bright square goes right (1) or left (-1); as an uncompressed video.
clip() { # DIRECTION START
  echo 'YUV4MPEG2 W16 H12 F10:1 Ip Cmono'
  LC_ALL=C awk -v direction="$1" -v start="$2" 'BEGIN {
    for (t = 0; t < 6; t++) {
      print "FRAME"
      left = direction > 0 ? start + 2 * t : 12 - start - 2 * t
      for (y = 0; y < 12; y++)
        for (x = 0; x < 16; x++)
          printf "%c", (x >= left && x < left + 4 && y > 3 && y < 8 ? 120 : 40)
    }
  }'
}

test_case "from frames: a score, and what is confused, as a picture too"
for part in train dev; do
  for i in 0 1 2 3 4 5; do
    printf '# label: up\n# key: up%s\n%s 1\n2 2\n3 3\n\n# label: down\n# key: down%s\n3 %s\n2 2\n1 1\n\n' $i $i $i $i
  done >$part.frames
done
run make -s -C "$pipeline" BIN="$RNN_BIN/" TRAIN="$PWD/train.frames" VALID="$PWD/dev.frames" DATA=. OUT="$PWD/out" D="$small"
expect_exit 0
expect_stdout_matches "^accuracy	1$"
expect "every answer is in the table" [ "$(awk 'NR > 1 { for (i = 2; i <= NF; i++) n += $i } END { print n }' \
  out/confusion.tsv)" = 12 ]
if have gnuplot; then
  run make -s -C "$pipeline" BIN="$RNN_BIN/" TRAIN="$PWD/train.frames" VALID="$PWD/dev.frames" DATA=. OUT="$PWD/out" \
    D="$small" picture
  expect_exit 0
  expect "the picture names the labels" [ "$(grep -c -e '>up<' -e '>down<' out/confusion.svg)" -ge 4 ]
fi

test_case "from clips that ffmpeg reads"
if have ffmpeg; then
  mkdir clips
  for start in 0 1 2 3; do
    for who in p1 p2; do
      clip 1 $start | ffmpeg -v error -i - -c:v ffv1 clips/right_${who}_$start.mkv
      clip -1 $start | ffmpeg -v error -i - -c:v ffv1 clips/left_${who}_$start.mkv
      printf 'right_%s_%s.mkv\tright\nleft_%s_%s.mkv\tleft\n' $who $start $who $start
    done
  done >clips.tsv
  run make -s -C "$pipeline" BIN="$RNN_BIN/" CLIPS="$PWD/clips" LIST="$PWD/clips.tsv" HELD=_p2_ OUT="$PWD/out" D="$small"
  expect_exit 0
  expect_stdout_matches "^count	8$"
  expect "eight clips are learnt from" [ "$("$RNN_BIN/rnn-vocab" --text out/train.clips | grep -c '^# label')" = 8 ]
  expect_stdout_matches "^accuracy	1$"
  printf 'no video' >clips/right_p1_0.mkv
  run make -s -C "$pipeline" BIN="$RNN_BIN/" CLIPS="$PWD/clips" LIST="$PWD/clips.tsv" HELD=_p2_ OUT="$PWD/broken" D="$small"
  [ "$code" != 0 ] || fail "a clip that cannot be read was left out without a word"
  expect_no_file broken/train.clips
  expect_no_file broken/train.clips.y4m
else
  skip "there is no ffmpeg"
fi

test_case "from arrays, by a program of NumPy, safetensors and zstd"
python=''
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
  "$candidate" -c 'import numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ] || ! have zstd; then
  skip "there is no NumPy, or no zstd command"
else
  "$python" -c 'import numpy
up = numpy.arange(10).reshape(5, 2) / 10
numpy.save("up.npy", up)
numpy.save("down.npy", numpy.asfortranarray(up[::-1]).copy(order="C"))
numpy.save("all.npy", numpy.stack([up, up[::-1]]).astype(">f4"))'
  "$python" "$pipeline/write_stream.py" up=up.npy down=down.npy down=down.npy >a.seq
  { rnn-vocab --label up up.npy && rnn-vocab --label down down.npy down.npy; } >b.seq
  rnn-vocab --text b.seq >wanted
  run rnn-vocab --text a.seq
  expect_exit 0
  expect_same wanted "$out"
  rnn-train --state 8 --epochs 60 --learning-rate 0.02 --time-warp 0 a.seq >m.zst
  run rnn-classify -m m.zst all.npy
  expect_stdout "up
down"
  "$python" -c 'import numpy
numpy.save("gap.npy", [[1, numpy.nan], [2, 3]])
numpy.save("inf.npy", [[1, 2], [3, numpy.inf]])'
  run_shell "'$python' '$pipeline/write_stream.py' up=gap.npy | rnn-vocab --text"
  expect_stdout "# label: up
1 null
2 3
"
  run rnn-vocab gap.npy
  expect_exit 65
  expect_stderr "gap.npy: frame 1: number 2 is not finite"
  "$python" "$pipeline/write_stream.py" up=gap.npy up=inf.npy >inf.seq
  run rnn-vocab inf.seq
  expect_exit 65
  expect_stderr "inf.seq: zstd frame 1: sequence 2: frame 2: number 2 is not finite"
  run "$python" "$pipeline/write_stream.py" up.npy
  expect "a usage message" [ "$code" = 1 ]
fi

test_case "the yoga model that ships is small, knows surya namaskar, and answers as it did"
shipped=$RNN_SOURCE/models/yoga-poses.zst
expect "at most 300 kB" [ "$(wc -c <"$shipped")" -le 300000 ]
run rnn-inspect labels "$shipped"
expect_stdout_contains "surya_namaskar"
# Landmarks on a circle that stands still, or sinks and rises; one of them is not seen.
for sinks in 0 1; do
  awk -v sinks=$sinks 'BEGIN { for (t = 0; t < 40; t++) { for (j = 0; j < 33; j++)
    printf "%.4f %.4f %.4f %d ", 0.5 + 0.2 * cos(j), 0.5 + 0.3 * sin(j) * (1 - sinks * sin(t / 13) / 2), 0.1 * sin(3 * j), j != 7
    print "" } print "" }'
done >in.frames
rnn-classify -m "$shipped" --prob in.frames >answers
run awk '{ printf "%s %.2f\n", $1, $2 }' answers
expect_stdout "$(printf 'surya_namaskar 0.53\nsurya_namaskar 0.79')"
rnn-classify -m "$shipped" --prob --each in.frames | sed -n '40p;80p' | cut -f 2- >running
expect_same answers running

test_done
