#!/bin/sh
# weights.sh MODEL: the weights of a model, a line each: tensor, row, column, value. A model is one zstd frame of safetensors: eight bytes
# say how long the header is; the header says, in JSON, where each tensor lies; then the numbers (formats/container.md).
set -eu
plain=$(mktemp)
trap 'rm -f "$plain"' EXIT
zstd -qdc "$1" >"$plain"
header=$(od -An -tu8 -N8 "$plain" | tr -d ' ')
tail -c +9 "$plain" | head -c "$header" | tr '}' '\n' |
  sed -n 's/.*"\([^"]*\)":{"dtype":"F32","shape":\[\([0-9,]*\)\],"data_offsets":\[\([0-9]*\),\([0-9]*\)\].*/\1 \2 \3 \4/p' |
  while read -r tensor shape begin end; do
    case $shape in *,*) columns=${shape#*,} ;; *) columns=1 ;; esac
    od -An -v -tf4 -j $((8 + header + begin)) -N $((end - begin)) "$plain" | tr -s ' ' '\n' | grep . |
      awk -v tensor="$tensor" -v columns="$columns" '{ print tensor, int((NR - 1) / columns), (NR - 1) % columns, $1 }'
  done
