# Sequences whose answer lies T steps back, as the classic tests of memory have it:
#
#   awk -v task=latch -v T=50 -v count=1000 -v seed=1 -f generate.awk
#
#   latch    a or b, then T - 1 steps of noise: which was it? (Bengio, Simard, Frasconi 1994)
#   order    two letters of a and b, one in the first fifth, one in the middle, among noise: aa, ab, ba or bb? (Hochreiter, Schmidhuber 1997)
#   adding   pairs of a number of 0 ... 1 and a mark; two are marked, one in each half: is their sum above 1? (after Hochreiter, Schmidhuber 1997)
#   parity   T bits: is the number of ones odd?
#   copy     three of four letters, T blanks, three marks: the letters again, one at each mark (after Hochreiter, Schmidhuber 1997)
#
# latch, order, parity: tsv; adding: frames; copy: columns. The numbers are drawn here, so that they are the same for every awk.
function draw(n) {
  state = (state * 69069 + 1) % 4294967296
  return int(state / 4294967296 * n)
}

# [first, end)
function between(first, end) { return first + draw(end - first) }

function noise() { return substr("cdef", 1 + draw(4), 1) }

function latch(t, letter) {
  letter = draw(2) ? "a" : "b"
  line = letter
  for (t = 1; t < T; t++)
    line = line " " noise()
  print letter "\t" line
}

function order(t, first, second, p, q) {
  first = between(0, int(T / 5))
  second = between(int(2 * T / 5), int(3 * T / 5))
  p = draw(2) ? "a" : "b"
  q = draw(2) ? "a" : "b"
  line = ""
  for (t = 0; t < T; t++)
    line = line " " (t == first ? p : t == second ? q : noise())
  print p q "\t" substr(line, 2)
}

function adding(t, first, second, number, sum) {
  first = between(0, int(T / 2))
  second = between(int(T / 2), T)
  line = ""
  sum = 0
  for (t = 0; t < T; t++) {
    number = draw(1000) / 1000
    sum += t == first || t == second ? number : 0
    line = line number " " (t == first || t == second) "\n"
  }
  print "# label: " (sum > 1 ? "more" : "less")
  print line
}

function parity(t, bit, odd) {
  line = ""
  odd = 0
  for (t = 0; t < T; t++) {
    bit = draw(2)
    odd = (odd + bit) % 2
    line = line " " bit
  }
  print (odd ? "odd" : "even") "\t" substr(line, 2)
}

function copy(t, letter) {
  for (t = 0; t < 3; t++) {
    letter[t] = substr("abcd", 1 + draw(4), 1)
    print letter[t] "\t-"
  }
  for (t = 0; t < T; t++)
    print ".\t-"
  for (t = 0; t < 3; t++)
    print "?\t" letter[t]
  print ""
}

BEGIN {
  state = seed
  for (i = 0; i < 20; i++)
    draw(2)
  for (i = 0; i < count; i++)
    if (task == "latch") latch()
    else if (task == "order") order()
    else if (task == "adding") adding()
    else if (task == "parity") parity()
    else copy()
}
