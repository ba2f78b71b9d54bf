# The network and the gradient of its loss, written out as the equations stand, for one word:
#
#   weights.sh model.zst | awk -v word=deep -v letters=edp -f by-hand.awk
#
# `letters` are the symbols in the order of the model's vocabulary; what follows them is the end of the word, which is only ever predicted.
# s_t = tanh(U x_t + W s_{t-1} + b), y_t = softmax(V s_t + c), L_t = -log y_t[the next letter].
function tanh(a, e) { e = exp(2 * a); return (e - 1) / (e + 1) }

# All s_t and y_t; answers L, the sum of all L_t.
function forward(t, p, q, i, sum, L) {
  L = 0
  for (p = 0; p < d; p++)
    s[-1, p] = 0
  for (t = 0; t < T; t++) {
    for (p = 0; p < d; p++) {
      sum = w["U", p, x[t]] + w["b", p, 0]
      for (q = 0; q < d; q++)
        sum += w["W", p, q] * s[t - 1, q]
      s[t, p] = tanh(sum)
    }
    sum = 0
    for (i = 0; i < k; i++) {
      y[t, i] = w["c", i, 0]
      for (p = 0; p < d; p++)
        y[t, i] += w["V", i, p] * s[t, p]
      sum += y[t, i] = exp(y[t, i])
    }
    for (i = 0; i < k; i++)
      y[t, i] /= sum
    L += -log(y[t, x[t + 1]])
  }
  return L
}

# dL_t/ds_t = V^T (y_t - the one-hot vector of the next letter)
function from_loss(t, p, i, sum) {
  for (i = 0; i < k; i++)
    sum += w["V", i, p] * (y[t, i] - (i == x[t + 1]))
  return sum
}

# g, which is dL_t/ds_j, becomes dL_t/ds_{j-1} = g diag(f'(a_j)) W, with f'(a) = 1 - s^2.
function back(j, g, p, q, before) {
  for (q = 0; q < d; q++)
    for (p = 0; p < d; p++)
      before[q] += g[p] * (1 - s[j, p] ^ 2) * w["W", p, q]
  for (q = 0; q < d; q++)
    g[q] = before[q]
}

# The double sum: dL/dW = sum over t, sum over k <= t of dL_t/ds_t (ds_t/ds_{t-1} ... ds_{k+1}/ds_k) d+s_k/dW. Each t goes back alone.
function add_paths(t, k, p, q, g) {
  for (t = 0; t < T; t++) {
    for (p = 0; p < d; p++)
      g[p] = from_loss(t, p)
    for (k = t; k >= 0; k--) {
      for (p = 0; p < d; p++)
        for (q = 0; q < d; q++) {
          by_paths[p, q] += g[p] * (1 - s[k, p] ^ 2) * s[k - 1, q]
          by_distance[t - k, p, q] += g[p] * (1 - s[k, p] ^ 2) * s[k - 1, q]
        }
      back(k, g)
    }
  }
}

# Back-propagation through time: one sweep, which takes up each dL_t/ds_t on its way: T steps in place of T (T + 1) / 2.
function sweep(t, p, q, g) {
  for (t = T - 1; t >= 0; t--) {
    for (p = 0; p < d; p++)
      g[p] += from_loss(t, p)
    for (p = 0; p < d; p++)
      for (q = 0; q < d; q++)
        by_sweep[p, q] += g[p] * (1 - s[t, p] ^ 2) * s[t - 1, q]
    back(t, g)
  }
}

function difference(p, q, step, kept, above, below) {
  step = 1e-5
  kept = w["W", p, q]
  w["W", p, q] = kept + step
  above = forward()
  w["W", p, q] = kept - step
  below = forward()
  w["W", p, q] = kept
  return (above - below) / (2 * step)
}

function name(i) { return i < length(letters) ? substr(letters, i + 1, 1) : "end" }

{
  tensor = $1
  sub(/.*\./, "", tensor)
  w[tensor, $2, $3] = $4
  if (tensor == "b")
    d = $2 + 1
  if (tensor == "c")
    k = $2 + 1
}

END {
  T = length(word)
  for (t = 0; t < T; t++)
    x[t] = index(letters, substr(word, t + 1, 1)) - 1
  x[T] = k - 1
  L = forward()
  add_paths()
  sweep()
  OFS = "\t"
  if (show == "loss") {
    print "t", "x_t", "next", "s_t[0]", "s_t[1]", "y_t[next]", "L_t"
    for (t = 0; t < T; t++)
      print t, name(x[t]), name(x[t + 1]), s[t, 0], s[t, 1], y[t, x[t + 1]], -log(y[t, x[t + 1]])
    print "L", "", "", "", "", "", L
  } else if (show == "distance") {
    print "t-k", "dL/dW[0][0]", "dL/dW[0][1]", "dL/dW[1][0]", "dL/dW[1][1]"
    for (t = 0; t < T; t++)
      print t, by_distance[t, 0, 0], by_distance[t, 0, 1], by_distance[t, 1, 0], by_distance[t, 1, 1]
    print "sum", by_paths[0, 0], by_paths[0, 1], by_paths[1, 0], by_paths[1, 1]
  } else {
    print "element", "all paths", "one sweep", "difference"
    for (p = 0; p < d; p++)
      for (q = 0; q < d; q++)
        print "dL/dW[" p "][" q "]", by_paths[p, q], by_sweep[p, q], difference(p, q)
  }
}
