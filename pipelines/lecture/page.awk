# What a program printed, for the page: numbers of more than five digits are rounded to four, columns stand below each other, each line is indented.
function round(field) {
  return field ~ /^-?[0-9]+\.[0-9]+(e[-+]?[0-9]+)?$/ ? sprintf("%.4g", field) : field
}

BEGIN { FS = "\t" }

{
  fields[NR] = NF
  for (i = 1; i <= NF; i++) {
    text[NR, i] = round($i)
    if (i < NF && length(text[NR, i]) > width[i])
      width[i] = length(text[NR, i])
  }
}

END {
  for (row = 1; row <= NR; row++) {
    line = "   "
    for (i = 1; i <= fields[row]; i++)
      line = line " " (i < fields[row] ? sprintf("%-" width[i] "s ", text[row, i]) : text[row, i])
    sub(/ +$/, "", line)
    print line
  }
}
