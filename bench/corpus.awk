# A corpus to measure with: sequences lines of steps words each, of a vocabulary of so many symbols as unequally frequent as words are
# (the cube of a uniform number), each with one of two labels. awk -v sequences=N -v steps=T -v symbols=V -f corpus.awk
BEGIN {
  srand(1)
  for (i = 0; i < sequences; i++) {
    line = rand() < 0.5 ? "first" : "second"
    for (t = 0; t < steps; t++) {
      u = rand()
      line = line (t ? " " : "\t") "w" int(symbols * u * u * u)
    }
    print line
  }
}
