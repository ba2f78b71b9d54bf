# Text, a line at a time, to sentences of tokens as treebanks of English cut them: a token a line, an empty line after a
# sentence. Of `lines` lines, of all without it; the others are read too, so that who writes them is not cut off.
lines > 0 && NR > lines { next }
{
  gsub(/<[^>]*>/, " ")
  gsub(/n't/, " n't")
  gsub(/'(s|m|d|ll|re|ve)[ .,!?;:"]/, " &")
  gsub(/[,!?;:"()*\/$%&]|\.+|--+/, " & ")
  for (i = 1; i <= NF; i++) {
    print $i
    if (i < NF && $i ~ /^[.!?]+$/ && $(i + 1) !~ /^[.!?")]+$/)
      print ""
  }
  print ""
}
