#!/bin/sh
# Makes the seeds of the fuzz targets again: sh fuzz/seeds.sh CASES, with the programs and zstd in PATH.
set -eu
cases=$1
for target in checkpoint config container model number options reader stream token; do mkdir -p "$cases/$target"; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2059 # the text is a format
reader() { # NAME BYTE TEXT: the first byte chooses the format in the order of rnn_formats, +8 per way with UTF-8
  printf "\\$2$3" >"$cases/reader/$1"
}
reader text 000 'Some text. Don'"'"'t stop <br /> 1,000.5\r\n\n\303\211t\303\251 \342\200\234x\342\200\235\n'
reader tsv 001 'pos\tgood film\nneg\tbad\tfilm\n'
reader fasttext 002 '__label__a b c\n__label__d e\n'
reader conllu 003 '# sent_id = 1\n1-2\tDon'"'"'t\t_\t_\t_\t_\t_\t_\t_\t_\n1\tDo\tdo\tAUX\tV\t_\t0\troot\t_\t_\n2.1\te\t_\t_\t_\t_\t_\t_\t_\t_\n\n'
reader columns 004 'a\tX\nb\tY\n\n\nParis\tB-LOC\nis\tO\n\n'
reader jsonl 005 '{"text":"a b","label":"x","key":1}\n{"tokens":["a","b"],"tags":["X",null]}\n{"frames":[[1,2],[3,4.5]],"label":"w"}\n'
reader frames 006 '# label: a\n# key: b\n1 2.5 -3e-2\n4,5 ,6\n\n\n1 2 3\n'
reader frames-in-parts 046 '1 2\n3 4\n5 6\n7 8\n\n1 2\n'
reader npy 007 '\223NUMPY\001\000\065\000{\047descr\047:\047<f4\047,\047fortran_order\047:False,\047shape\047:(1,2,1)}12345678'
reader npy-in-parts 047 '\223NUMPY\001\000\064\000{\047descr\047:\047>f8\047,\047fortran_order\047:False,\047shape\047: (4,1)}abcdefghABCDEFGHabcdefgh01234567'
reader y4m 107 'YUV4MPEG2 W3 H2 F25:1 Cmono\nFRAME\nabcdefFRAME\nghijkl'
printf 'a b\n\303\251\n' | zstd -q -c >"$work/a.zst"
{ printf '\000' && cat "$work/a.zst"; } >"$cases/reader/compressed"

printf 'cell: lstm\nstate: 7\nlearning_rate: 1e-3\nbidirectional: true # both\n' >"$work/a.yaml"
{ printf '\000' && cat "$work/a.yaml"; } >"$cases/config/yaml"
printf '\001state=9\nepochs=3\ndropout=0.5\ncell=gru\noptimizer=momentum\n' >"$cases/config/lines"
printf '\000--state=8\n-o\nx\n--seed\n3\n-D\ncell=gru\nfile\n' >"$cases/options/trainer"
printf '\001-m\nmodel\n--from=conllu\n--batch\n7\n-J\n--sandbox=off\n' >"$cases/options/filter"
printf -- '-1.5e-7' >"$cases/number/real"
printf '9007199254740993' >"$cases/number/whole"
printf '10m' >"$cases/number/duration"
printf 'Don'"'"'t stop. <br /> 3.14 1,000 a.b a_1 \344\270\255\346\226\207 \360\237\207\251\360\237\207\252' >"$cases/token/text"

small="--epochs 1 --state 2 -j 1"
printf 'pos\tgood film\nneg\tbad film\n' >"$work/labels"
printf 'a\tX\nb\tY\n\nb\tX\n\n' >"$work/tags"
printf '# label: a\n1 2\n3 4\n\n# label: b\n5 6\n\n' >"$work/frames"
printf 'abc\nabd\n' >"$work/text"
# shellcheck disable=SC2086 # options
{
  rnn-train $small --cell elman "$work/labels" >"$work/labels.zst"
  rnn-train $small --cell gru --bidirectional -F columns "$work/tags" >"$work/tags.zst"
  rnn-train $small --cell lstm "$work/frames" >"$work/frames.zst"
  rnn-train $small --cell indrnn --level char "$work/text" >"$work/text.zst"
}
for name in labels tags frames text; do
  { printf '\000' && zstd -dcq "$work/$name.zst"; } >"$cases/model/$name"
  from=$([ $name = tags ] && echo -F columns || echo)
  # shellcheck disable=SC2086
  rnn-vocab $from "$work/$name" >"$work/$name.seq.zst"
  { printf '\000' && zstd -dcq "$work/$name.seq.zst"; } >"$cases/stream/$name"
done
{ printf '\000' && cat "$work/tags.zst"; } >"$cases/model/packed"
{ printf '\000' && cat "$work/tags.seq.zst" "$work/tags.seq.zst"; } >"$cases/stream/packed"
{ printf '\000' && cat "$work/tags.seq.zst" "$work/tags.seq.zst"; } >"$cases/container/frames"
{ printf '\001' && zstd -dcq "$work/tags.seq.zst"; } >"$cases/container/document"
{ printf '\002' && zstd -dcq "$work/tags.seq.zst"; } >"$cases/container/plain"
# A checkpoint of another training, whole; and changes to the target's own.
rnn-train --state 2 --epochs 1 -j 1 --checkpoint "$work/ck" --level char "$work/text" >/dev/null
{ printf '\000' && zstd -dcq "$work/ck"; } >"$cases/checkpoint/other"
printf '\001' >"$cases/checkpoint/whole"
printf '\001\000\020\177\100\020\200' >"$cases/checkpoint/changed"
