/* Part of a kernel file: matrix products in tiles that stay in registers.
 *
 * B is cut into panels of at most TILE_VECTORS vectors of columns, C into tiles of a few rows of a panel. A tile sums
 * over k in order, one fused multiply-add for each element and k; between blocks of k its sums go through C, which
 * changes no bit. So an element of C depends on its row of A and its column of B alone. Panels and rows are shared out
 * evenly: an odd shape costs narrower tiles, not empty ones. */

#ifdef THIRTY_TWO_REGISTERS
enum { TILE_VECTORS = 4 };
static const size_t most_rows[TILE_VECTORS + 1] = {0, 12, 12, 8, 6};
#else
enum { TILE_VECTORS = 2 };
static const size_t most_rows[TILE_VECTORS + 1] = {0, 12, 6};
#endif

enum {
  MOST_TILE_ROWS = 12,
  BLOCK_STEPS = 512,             /* k of a block of `product`: a panel's part stays in the second cache */
  BLOCK_ROWS = 192,              /* rows of A that go with it */
  LINE = 64 / (int)sizeof(real), /* a line of the cache */
  GRADIENT_ROWS = 9 * LINE,      /* of C, and */
  GRADIENT_COLUMNS = 256,        /* of C that `product_transposed` works on at a time */
  SUMS_IN_FLIGHT = 8,            /* two additions begin a cycle, each takes four */
  PANEL = TILE_VECTORS * LANES
};

/* What a tile works on: sums of a[row * row_stride + k * step_stride] * b[k * width + column], k = 0 ... steps-1. */
struct tile {
  size_t steps, row_stride, step_stride, ldc;
  const real *a, *b; /* b: a panel, aligned */
  real *c;
  size_t last;   /* columns in the last vector: 1 ... LANES */
  bool from_c;   /* the chain begins with C instead of 0 */
  bool add_to_c; /* the finished chain is added to C */
};

/* A vector of C: the whole of it, but for the last of a row, if C ends within it. */
ALWAYS_INLINE vector load_of_c(const struct tile *tile, size_t i, size_t j, bool part)
{
  const real *c = tile->c + i * tile->ldc + j * LANES;
  return part ? load_part(c, tile->last, splat(0)) : load(c);
}

ALWAYS_INLINE void load_sums(const struct tile *tile, vector sum[MOST_TILE_ROWS][TILE_VECTORS], size_t rows,
                             size_t vectors, bool part)
{
#pragma GCC unroll 16
  for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
    for (size_t j = 0; j < vectors; j++)
      sum[i][j] = load_of_c(tile, i, j, part && j == vectors - 1);
}

ALWAYS_INLINE void store_sums(const struct tile *tile, vector sum[MOST_TILE_ROWS][TILE_VECTORS], size_t rows,
                              size_t vectors, bool part)
{
#pragma GCC unroll 16
  for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
    for (size_t j = 0; j < vectors; j++) {
      if (tile->add_to_c)
        sum[i][j] += load_of_c(tile, i, j, part && j == vectors - 1);
      if (part && j == vectors - 1)
        store_part(tile->c + i * tile->ldc + j * LANES, tile->last, sum[i][j]);
      else
        store(tile->c + i * tile->ldc + j * LANES, sum[i][j]);
    }
}

ALWAYS_INLINE void run_tile(const struct tile *given, const size_t rows, const size_t vectors)
{
  const struct tile copy = *given, *tile = &copy; /* which no store can reach: it stays in registers */
  const real *b = tile->b, *a = tile->a;
  vector sum[MOST_TILE_ROWS][TILE_VECTORS];
#pragma GCC unroll 16
  for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
    for (size_t j = 0; j < vectors; j++)
      sum[i][j] = splat(0);
  if (tile->from_c) {
    if (tile->last == LANES)
      load_sums(tile, sum, rows, vectors, false);
    else
      load_sums(tile, sum, rows, vectors, true);
  }
#pragma GCC unroll 4 /* counting steps takes instructions, too */
  for (size_t k = 0; k < tile->steps; k++) {
    vector column[TILE_VECTORS];
#pragma GCC unroll 4
    for (size_t j = 0; j < vectors; j++)
      column[j] = rows > 1 ? in_register(*(const vector *)(b + j * LANES)) : *(const vector *)(b + j * LANES);
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
      const vector factor = splat(a[i * tile->row_stride]);
#pragma GCC unroll 4
      for (size_t j = 0; j < vectors; j++)
        sum[i][j] = multiply_add(factor, column[j], sum[i][j]);
    }
    a += tile->step_stride;
    b += vectors * LANES;
  }
  if (tile->last == LANES)
    store_sums(tile, sum, rows, vectors, false);
  else
    store_sums(tile, sum, rows, vectors, true);
}

#define TILE(rows, vectors)                                                                                            \
  static void tile_##rows##_##vectors(const struct tile *tile)                                                         \
  {                                                                                                                    \
    run_tile(tile, rows, vectors);                                                                                     \
  }
#define TILES_6(v)  TILE(1, v) TILE(2, v) TILE(3, v) TILE(4, v) TILE(5, v) TILE(6, v)
#define TILES_8(v)  TILES_6(v) TILE(7, v) TILE(8, v)
#define TILES_12(v) TILES_8(v) TILE(9, v) TILE(10, v) TILE(11, v) TILE(12, v)
#define NAMES_6(v)  NULL, tile_1_##v, tile_2_##v, tile_3_##v, tile_4_##v, tile_5_##v, tile_6_##v
#define NAMES_8(v)  NAMES_6(v), tile_7_##v, tile_8_##v
#define NAMES_12(v) NAMES_8(v), tile_9_##v, tile_10_##v, tile_11_##v, tile_12_##v

#ifdef THIRTY_TWO_REGISTERS
TILES_12(1)
TILES_12(2)
TILES_8(3)
TILES_6(4)
static void (*const tiles[TILE_VECTORS + 1][MOST_TILE_ROWS + 1])(const struct tile *tile) = {
    {NULL}, {NAMES_12(1)}, {NAMES_12(2)}, {NAMES_8(3)}, {NAMES_6(4)}};
#else
TILES_12(1)
TILES_6(2)
static void (*const tiles[TILE_VECTORS + 1][MOST_TILE_ROWS + 1])(const struct tile *tile) = {
    {NULL}, {NAMES_12(1)}, {NAMES_6(2)}};
#endif

/* One or two rows over panels of TILE_VECTORS, so many that no sum has to wait for itself; `distance` elements from
 * panel to panel. Only the last vector of the last panel may be a part. */
ALWAYS_INLINE void run_wide_tile(const struct tile *given, size_t distance, const size_t rows)
{
  const struct tile copy = *given, *tile = &copy;
  const size_t vectors = SUMS_IN_FLIGHT / rows, whole = tile->last == LANES ? vectors : vectors - 1;
  const real *b = tile->b, *a = tile->a;
  vector sum[2][SUMS_IN_FLIGHT];
#pragma GCC unroll 2
  for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 8
    for (size_t j = 0; j < vectors; j++)
      sum[i][j] = tile->from_c ? load_of_c(tile, i, j, j == whole) : splat(0);
  for (size_t k = 0; k < tile->steps; k++, b += PANEL)
#pragma GCC unroll 2
    for (size_t i = 0; i < rows; i++) {
      const vector factor = splat(a[i * tile->row_stride + k]);
#pragma GCC unroll 8
      for (size_t j = 0; j < vectors; j++) {
        const real *column = b + j / TILE_VECTORS * distance + j % TILE_VECTORS * LANES;
        sum[i][j] = multiply_add(factor, *(const vector *)column, sum[i][j]);
      }
    }
#pragma GCC unroll 2
  for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 8
    for (size_t j = 0; j < vectors; j++) {
      real *place = tile->c + i * tile->ldc + j * LANES;
      if (j == whole)
        store_part(place, tile->last, sum[i][j]);
      else
        store(place, sum[i][j]);
    }
}

static void run_wide(const struct tile *tile, size_t distance, size_t rows)
{
  if (rows == 1)
    run_wide_tile(tile, distance, 1);
  else
    run_wide_tile(tile, distance, 2);
}

static size_t divided_up(size_t whole, size_t part)
{
  return whole / part + (whole % part != 0);
}

static size_t least_of(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* How n columns fall into panels: the first ones have a vector more, if any. */
struct panels {
  size_t wide, narrow_vectors;
  size_t full; /* how many have TILE_VECTORS; they come first */
};

static struct panels panels_of(size_t n)
{
  const size_t vectors = divided_up(n, LANES), count = divided_up(vectors, TILE_VECTORS);
  if (count == 0)
    return (struct panels){0, 0, 0};
  struct panels panels = {.wide = vectors % count, .narrow_vectors = vectors / count};
  if (panels.narrow_vectors == TILE_VECTORS)
    panels.full = count;
  else if (panels.narrow_vectors + 1 == TILE_VECTORS)
    panels.full = panels.wide;
  return panels;
}

static size_t panel_vectors(struct panels panels, size_t panel)
{
  return panels.narrow_vectors + (panel < panels.wide);
}

/* How many full panels the rows of a thin block take together; 1 for thick ones. */
static size_t panels_at_once(size_t rows)
{
  return rows <= 2 ? SUMS_IN_FLIGHT / (rows * TILE_VECTORS) : 1;
}

/* The rows of a block of C below one panel, in tiles as even as can be. `tile` says all but the rows. */
static void run_rows(struct tile tile, size_t rows, size_t vectors)
{
  size_t left = divided_up(rows, most_rows[vectors]);
  while (left > 0) {
    size_t height = divided_up(rows, left);
    tiles[vectors][height](&tile);
    tile.a += height * tile.row_stride;
    tile.c += height * tile.ldc;
    rows -= height;
    left--;
  }
}

static void clear_rows(size_t m, size_t n, real *c, size_t ldc)
{
  for (size_t row = 0; row < m; row++)
    for (size_t column = 0; column < n; column++)
      c[row * ldc + column] = 0;
}

static void product(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *packed, real *c, size_t ldc,
                    bool accumulate)
{
  if (k == 0 && !accumulate)
    clear_rows(m, n, c, ldc);
  const struct panels panels = panels_of(n);
  for (size_t first = 0; first < k; first += BLOCK_STEPS)
    for (size_t row = 0; row < m; row += BLOCK_ROWS) {
      struct tile tile = {.steps = least_of(BLOCK_STEPS, k - first),
                          .row_stride = lda,
                          .step_stride = 1,
                          .ldc = ldc,
                          .a = a + row * lda + first,
                          .from_c = accumulate || first > 0};
      const size_t rows = least_of(BLOCK_ROWS, m - row), wide = panels_at_once(rows);
      for (size_t panel = 0, column = 0; column < n;) {
        size_t vectors = panel_vectors(panels, panel), together = panel + wide <= panels.full ? wide : 1;
        size_t columns = least_of(together * vectors * LANES, n - column);
        tile.b = packed + k * column + first * vectors * LANES;
        tile.c = c + row * ldc + column;
        tile.last = columns - (together * vectors - 1) * LANES;
        if (together > 1)
          run_wide(&tile, k * PANEL, rows);
        else
          run_rows(tile, rows, vectors);
        column += columns;
        panel += together;
      }
    }
}

/* `steps` rows of `columns` columns, each row padded with zeros to `width`. */
static void copy_panel(size_t steps, size_t columns, size_t width, const real *b, size_t ldb, real *panel)
{
  for (size_t k = 0; k < steps; k++, b += ldb, panel += width) {
    size_t column = 0;
    for (; column + LANES <= columns; column += LANES)
      store(panel + column, in_register(load(b + column))); /* or the compiler makes a call of it */
    if (column < columns)
      store(panel + column, load_part(b + column, columns - column, splat(0)));
  }
}

/* The same of a matrix stored by columns; some steps at a time, so that their cache lines are filled while at hand. */
static void copy_panel_transposed(size_t steps, size_t columns, size_t width, const real *b, size_t ldb, real *panel)
{
  enum { STEPS_AT_A_TIME = 16 };
  for (size_t first = 0; first < steps; first += STEPS_AT_A_TIME) {
    size_t past = least_of(first + STEPS_AT_A_TIME, steps);
    for (size_t column = 0; column < width; column++)
      for (size_t k = first; k < past; k++)
        panel[k * width + column] = column < columns ? b[column * ldb + k] : 0;
  }
}

static void pack(size_t k, size_t n, const real *b, size_t ldb, bool transposed, real *packed)
{
  const struct panels panels = panels_of(n);
  for (size_t panel = 0, column = 0; column < n; panel++) {
    size_t width = panel_vectors(panels, panel) * LANES, columns = least_of(width, n - column);
    if (transposed)
      copy_panel_transposed(k, columns, width, b + column * ldb, ldb, packed);
    else
      copy_panel(k, columns, width, b + column, ldb, packed);
    packed += k * width;
    column += columns;
  }
}

static size_t place(size_t k, size_t n, size_t row, size_t column)
{
  const struct panels panels = panels_of(n);
  size_t begin = 0, width = 0;
  for (size_t panel = 0; begin + width <= column; panel++) {
    begin += width;
    width = panel_vectors(panels, panel) * LANES;
  }
  return k * begin + row * width + column - begin;
}

/* Rows of A that lie apart by such a power of two fall on each other in the first cache. */
static bool fall_together(size_t lda)
{
  return lda * sizeof(real) % 1024 == 0;
}

/* C += A^T B or C = A^T B of some rows. A is copied if it must be, with rows apart by an odd number of cache lines. */
static void add_block(size_t m, size_t n, size_t steps, const real *a, size_t lda, const real *packed_b, real *c,
                      size_t ldc, bool add)
{
  real copy_of_a[RNN_GRADIENT_STEPS * GRADIENT_ROWS] __attribute__((aligned(64)));
  const struct panels panels = panels_of(n);
  struct tile tile = {.steps = steps, .row_stride = 1, .step_stride = lda, .ldc = ldc, .a = a, .add_to_c = add};
  if (fall_together(lda)) {
    tile.a = copy_of_a;
    tile.step_stride = (divided_up(m, LINE) | 1) * LINE;
    copy_panel(steps, m, tile.step_stride, a, lda, copy_of_a);
  }
  for (size_t panel = 0, column = 0; column < n; panel++) {
    const size_t vectors = panel_vectors(panels, panel), columns = least_of(vectors * LANES, n - column);
    tile.b = packed_b + steps * column;
    tile.c = c + column;
    tile.last = columns - (vectors - 1) * LANES;
    run_rows(tile, m, vectors);
    column += columns;
  }
}

/* The sum of each block of steps, from zero, is added to C. */
static void product_transposed(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b, size_t ldb,
                               real *c, size_t ldc, bool accumulate)
{
  real packed_b[RNN_GRADIENT_STEPS * GRADIENT_COLUMNS] __attribute__((aligned(64)));
  if (k == 0 && !accumulate)
    clear_rows(m, n, c, ldc);
  for (size_t column = 0; column < n; column += GRADIENT_COLUMNS)
    for (size_t first = 0; first < k; first += RNN_GRADIENT_STEPS) {
      const size_t steps = least_of(RNN_GRADIENT_STEPS, k - first), columns = least_of(GRADIENT_COLUMNS, n - column);
      pack(steps, columns, b + first * ldb + column, ldb, false, packed_b);
      for (size_t row = 0; row < m; row += GRADIENT_ROWS)
        add_block(least_of(GRADIENT_ROWS, m - row), columns, steps, a + first * lda + row, lda, packed_b,
                  c + row * ldc + column, ldc, accumulate || first > 0);
    }
}
