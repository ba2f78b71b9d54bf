#!/bin/sh
# Makes the seeds of the fuzz targets again: sh fuzz/seeds.sh CASES, with the programs and zstd in PATH.
set -eu
cases=$1
for target in checkpoint config container embeddings model number options reader state stream token train; do mkdir -p "$cases/$target"; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2059 # the text is a format
reader() { # NAME BYTE TEXT: the first byte chooses the format in the order of rnn_formats, +16 per way with UTF-8
  printf "\\$2$3" >"$cases/reader/$1"
}
reader text 000 'Some text. Don'"'"'t stop <br /> 1,000.5\r\n\n\303\211t\303\251 \342\200\234x\342\200\235\n'
reader tsv 001 'pos\tgood film\nneg\tbad\tfilm\n'
reader fasttext 002 '__label__a b c\n__label__d e\n'
reader conllu 003 '# sent_id = 1\n1-2\tDon'"'"'t\t_\t_\t_\t_\t_\t_\t_\t_\n1\tDo\tdo\tAUX\tV\t_\t0\troot\t_\t_\n2.1\te\t_\t_\t_\t_\t_\t_\t_\t_\n\n'
reader columns 004 'a\tX\nb\tY\n\n\nParis\tB-LOC\nis\tO\n\n'
reader jsonl 005 '{"text":"a b","label":"x","key":1}\n{"tokens":["a","b"],"tags":["X",null]}\n{"frames":[[1,2],[3,4.5]],"label":"w"}\n'
reader jsonl-columns 005 '{"tokens":["a","b"],"tags":{"x":["X",null],"y":["Y","Z"]}}\n{"tokens":["c"],"tags":{"x":["X"],"y":["Z"]}}\n'
reader conllu-columns 014 '1\ta\ta\tDET\tDT\tX=1\t0\troot\t_\t_\n2\tb\tb\t_\tNN\t_\t1\tdep\t_\t_\n\n'
reader columns-several 015 'a X U\nb Y V\n\nc\tX\tU\tW\n'
reader jsonl-chosen 016 '{"tokens":["a","b"],"tags":{"x":["X",null],"y":["Y","Z"],"z":["a","a"]}}\n{"tokens":["c"],"tags":["X"]}\n'
reader frames 006 '# label: a\n# key: b\n1 2.5 -3e-2\n4,5 ,6\n\n\n1 2 3\n'
reader frames-in-parts 106 '1 2\n3 4\n5 6\n7 8\n\n1 2\n'
reader npy 007 '\223NUMPY\001\000\065\000{\047descr\047:\047<f4\047,\047fortran_order\047:False,\047shape\047:(1,2,1)}12345678'
reader npy-in-parts 107 '\223NUMPY\001\000\064\000{\047descr\047:\047>f8\047,\047fortran_order\047:False,\047shape\047: (4,1)}abcdefghABCDEFGHabcdefgh01234567'
reader y4m 010 'YUV4MPEG2 W3 H2 F25:1 Cmono\nFRAME\nabcdefFRAME\nghijkl'
printf 'a b\n\303\251\n' | zstd -q -c >"$work/a.zst"
{ printf '\000' && cat "$work/a.zst"; } >"$cases/reader/compressed"

printf 'cell: lstm\nstate: 7\nlearning_rate: 1e-3\nbidirectional: true # both\n' >"$work/a.yaml"
{ printf '\000' && cat "$work/a.yaml"; } >"$cases/config/yaml"
printf '\001state=9\nepochs=3\ndropout=0.5\ncell=gru\noptimizer=momentum\n' >"$cases/config/lines"
printf '\000--state=8\n-o\nx\n--seed\n3\n-D\ncell=gru\nfile\n' >"$cases/options/trainer"
printf '\001-m\nmodel\n--from=conllu\n--batch\n7\n-J\n--sandbox=off\n' >"$cases/options/filter"
printf '3 2\nthe 0.5 -1e-3 \n\303\251 1 2 \nx y 3 4 \n' >"$cases/embeddings/counted"
printf 'a .5 1\nb 2 3\nthe 4 5\n' >"$cases/embeddings/plain"
printf -- '-1.5e-7' >"$cases/number/real"
printf '9007199254740993' >"$cases/number/whole"
printf '10m' >"$cases/number/duration"
printf 'Don'"'"'t stop. <br /> 3.14 1,000 a.b a_1 \344\270\255\346\226\207 \360\237\207\251\360\237\207\252' >"$cases/token/text"

small="--epochs 1 --state 1 --embedding 1 --patience none -j 1"
printf 'pos\tgood film\nneg\tbad film\n' >"$work/labels"
printf 'a\tX\nb\tY\n\nb\tX\n\n' >"$work/tags"
printf 'ab\tX\nac\tY\n\nab\tX\n\n' >"$work/words"
printf 'a\tX\tB-u\nb\tY\tI-u\n\nb\tX\tO\n\n' >"$work/several"
printf '# label: a\n1 2\n3 4\n\n# label: b\n5 6\n\n' >"$work/frames"
printf '# label: a\n1 2 3 4 5 7\n2 2 3 4 5 6\n\n# label: b\n5 6 7 8 9 9\n\n' >"$work/joints"
printf 'abc\nabd\n' >"$work/text"
printf 'pos\tgood\nneg\tbad\npos\tgood\n' >"$work/grams"
# shellcheck disable=SC2086 # options
{
  rnn-train $small --cell elman --valid none "$work/labels" >"$work/labels.zst"
  rnn-train $small --cell gru --bidirectional --features=false -F columns "$work/tags" >"$work/tags.zst"
  rnn-train $small --cell gru --features --output crf -F columns "$work/words" >"$work/words.zst"
  rnn-train $small --cell gru -F columns --column 3,2 "$work/several" >"$work/several.zst"
  rnn-train $small --embedding none --cell lstm "$work/frames" >"$work/frames.zst"
  rnn-train $small --embedding none --cell elman --joints 3 --motion velocity --standardise --pooling attention \
    "$work/joints" >"$work/joints.zst"
  rnn-train $small --cell indrnn --level char "$work/text" >"$work/text.zst"
  rnn-train $small --cell elman --valid none --wide 20 --storage float16 --level char "$work/grams" >"$work/grams.zst"
}
for name in labels tags several words frames joints text grams; do
  { printf '\000' && zstd -dcq "$work/$name.zst"; } >"$cases/model/$name"
  case $name in
  tags | words) from="-F columns" ;;
  several) from="-F columns --column 3,2" ;;
  *) from= ;;
  esac
  # shellcheck disable=SC2086
  rnn-vocab $from "$work/$name" >"$work/$name.seq.zst"
  [ $name = words ] || [ $name = joints ] || [ $name = grams ] ||
    { printf '\000' && zstd -dcq "$work/$name.seq.zst"; } >"$cases/stream/$name"
done
{ printf '\000' && cat "$work/tags.zst"; } >"$cases/model/packed"
{ printf '\000' && cat "$work/tags.seq.zst" "$work/tags.seq.zst"; } >"$cases/stream/packed"
{ printf '\000' && cat "$work/tags.seq.zst" "$work/tags.seq.zst"; } >"$cases/container/frames"
{ printf '\001' && zstd -dcq "$work/tags.seq.zst"; } >"$cases/container/document"
{ printf '\002' && zstd -dcq "$work/tags.seq.zst"; } >"$cases/container/plain"
# A byte for the format, four that choose how to train, the corpus.
corpus() { # BYTE NAME: as many seeds as there are settings to meet
  # shellcheck disable=SC2059 # the text is a format
  for settings in abcd efgh ijkl mnop qrst; do
    { printf "\\$1$settings" && cat "$work/$2"; } >"$cases/train/$2.$settings"
  done
}
corpus 000 text
corpus 001 labels
corpus 001 grams
corpus 004 tags
corpus 004 words
corpus 006 frames
corpus 006 joints
# A checkpoint of another training, whole; and changes to the target's own.
rnn-train --state 2 --epochs 1 -j 1 --checkpoint "$work/ck" --level char "$work/text" >/dev/null
{ printf '\000' && zstd -dcq "$work/ck"; } >"$cases/checkpoint/other"
printf '\001' >"$cases/checkpoint/whole"
printf '\001\000\020\177\100\020\200' >"$cases/checkpoint/changed"
# A state of another model, whole; and changes to the target's own: of nothing, of a number, of the header.
head -n 2 "$work/frames" | rnn-classify -m "$work/frames.zst" --state-out "$work/state" >/dev/null
{ printf '\000' && zstd -dcq "$work/state"; } >"$cases/state/other"
printf '\001' >"$cases/state/whole"
printf '\001\000\004\177\000\005\200' >"$cases/state/changed"
printf '\001\020\000 ' >"$cases/state/header"
