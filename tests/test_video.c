/* Videos: what is read of a picture, and which Y4M is read or refused. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file_case.h"
#include "memory.h"
#include "picture.h"
#include "reader.h"

static struct rnn_error error;

enum { COLUMNS = 48, ROWS = 36, PIXELS = COLUMNS * ROWS, CELLS = 48, NUMBERS = 245 }; /* of the usual size */

/* ---- pictures ---- */

/* A bright square of `side` with its left edge at x, on a slope of grey; contrast in per cent. */
static unsigned char grey_at(size_t column, size_t row, size_t x, size_t side, int contrast)
{
  bool inside = column >= x && column < x + side && row >= side && row < 2 * side;
  int grey = inside ? 200 : 20 + (int)(column + row) / 4;
  return (unsigned char)(grey * contrast / 100);
}

/* The small picture of step t in which the square goes right, each pixel drawn zoom x zoom. */
static void draw(size_t t, size_t zoom, int contrast, float *small)
{
  const size_t width = 96, height = 72;
  const struct rnn_picture_scaler scaler = {rnn_picture_usual_size(), width * zoom, height * zoom};
  unsigned char row[96 * 3];
  memset(small, 0, PIXELS * sizeof *small);
  for (size_t y = 0; y < height * zoom; y++) {
    for (size_t x = 0; x < width * zoom; x++)
      row[x] = grey_at(x / zoom, y / zoom, 10 + 4 * t, 16, contrast);
    rnn_picture_add_row(&scaler, y, row, small);
  }
  rnn_picture_finish(&scaler, small);
}

/* The numbers of the last of `count` pictures. */
static void look(size_t count, size_t zoom, int contrast, real *number)
{
  static real memory[2 + PIXELS];
  float small[PIXELS];
  cr_assert_eq(rnn_picture_memory(rnn_picture_usual_size()), 2 + PIXELS);
  for (size_t i = 0; i < 2 + PIXELS; i++)
    memory[i] = (real)NAN;
  for (size_t t = 0; t < count; t++) {
    draw(t, zoom, contrast, small);
    rnn_picture_measure(rnn_picture_usual_size(), small, memory, number);
  }
}

static double distance(const real *a, const real *b)
{
  double square = 0;
  for (size_t i = 0; i < NUMBERS; i++)
    square += pow((double)a[i] - (double)b[i], 2);
  return sqrt(square);
}

Test(picture, is_the_same_at_any_size_and_contrast)
{
  real small[NUMBERS], large[NUMBERS], pale[NUMBERS], other[NUMBERS];
  look(3, 1, 100, small);
  look(3, 3, 100, large);
  look(3, 1, 50, pale);
  look(6, 1, 100, other);
  cr_assert_lt(distance(small, large), 0.1, "%g", distance(small, large));
  cr_assert_lt(distance(small, pale), 0.1, "%g", distance(small, pale));
  cr_assert_gt(distance(small, other), 0.3, "%g", distance(small, other));
}

Test(picture, motion_is_where_something_moves)
{
  real number[NUMBERS];
  const real *place = number + NUMBERS - 5;
  look(1, 1, 100, number);
  cr_assert(place[0] == 0 && place[1] == (real)0.5, "nothing moves in the first picture");
  look(2, 1, 100, number);
  cr_assert_gt(place[0], 0.1);
  cr_assert_float_eq(place[1], 20.0F / 96, 0.01, "between both edges: %g", (double)place[1]);
  cr_assert_float_eq(place[2], 24.0F / 72, 0.01, "%g", (double)place[2]);
  for (size_t i = 0; i < CELLS; i++) {
    size_t row = i / (COLUMNS / RNN_PICTURE_FINE);
    if (row == 0 || row > 2)
      cr_assert_eq(number[i], 0, "cell %zu", i);
  }
}

Test(picture, a_small_one_is_the_mean_of_what_it_covers)
{
  const struct rnn_picture_scaler scaler = {{12, 12}, 24, 36}; /* 2 x 3 pixels to one */
  unsigned char row[24];
  float small[12 * 12] = {0};
  for (size_t y = 0; y < 36; y++) {
    for (size_t x = 0; x < 24; x++)
      row[x] = (unsigned char)(x + 4 * y);
    rnn_picture_add_row(&scaler, y, row, small);
  }
  rnn_picture_finish(&scaler, small);
  for (size_t i = 0; i < 12 * 12; i++)
    cr_assert_eq(small[i], (float)(2 * (i % 12)) + 0.5F + 4 * ((float)(3 * (i / 12)) + 1), "%zu: %g", i,
                 (double)small[i]);
}

/* A slope: the grey tells the place. */
static void draw_slope(float *small)
{
  for (size_t i = 0; i < PIXELS; i++)
    small[i] = (float)(2 * (i % COLUMNS) + 100 * (i / COLUMNS));
}

static float seen(struct rnn_picture_view view, size_t x, size_t y)
{
  static float from[PIXELS], to[PIXELS];
  draw_slope(from);
  memset(to, 0, sizeof to);
  rnn_picture_add_view(rnn_picture_usual_size(), view, 0.5F, from, to);
  rnn_picture_add_view(rnn_picture_usual_size(), view, 0.5F, from, to);
  return to[y * COLUMNS + x];
}

Test(picture, a_view_is_moved_scaled_or_mirrored)
{
  cr_assert_eq(seen((struct rnn_picture_view){.scale = 1}, 7, 5), 2 * 7 + 100 * 5, "nothing changes");
  cr_assert_eq(seen((struct rnn_picture_view){.scale = 1, .mirrored = true}, 7, 5), 2 * (47 - 7) + 100 * 5);
  cr_assert_float_eq(seen((struct rnn_picture_view){.scale = 1, .right = 2.5 / 48}, 7, 5), 2 * 9.5 + 100 * 5, 1e-3);
  cr_assert_float_eq(seen((struct rnn_picture_view){.scale = 1, .down = -0.25 / 36}, 7, 5), 2 * 7 + 100 * 4.75, 1e-2);
  cr_assert_float_eq(seen((struct rnn_picture_view){.scale = 0.5}, 0, 18), 2 * 11.75 + 100 * 17.75, 1e-2, "nearer");
  cr_assert_eq(seen((struct rnn_picture_view){.scale = 2}, 0, 0), 0, "past its edge a picture goes on as it ends");
  cr_assert_eq(seen((struct rnn_picture_view){.scale = 2}, 47, 35), 2 * 47 + 100 * 35);
}

/* ---- Y4M ---- */

enum { WIDTH = 5, HEIGHT = 3, MOST_BYTES = 4096 };

/* A video of `count` pictures with `colour_bytes` of planes of colour; answers its size. */
static size_t write_video(char *bytes, const char *header, size_t colour_bytes, size_t count)
{
  size_t used = (size_t)sprintf(bytes, "%s\n", header);
  for (size_t t = 0; t < count; t++) {
    used += (size_t)sprintf(bytes + used, t % 2 == 0 ? "FRAME\n" : "FRAME Ip\n");
    for (size_t i = 0; i < WIDTH * HEIGHT; i++)
      bytes[used++] = (char)(i * 17 * (t + 1));
    memset(bytes + used, (int)(7 * t + 1), colour_bytes);
    used += colour_bytes;
  }
  return used;
}

struct reading {
  struct rnn_input *input;
  struct rnn_record record;
  size_t videos, steps, capacity;
  float *frame; /* [steps] of all videos */
  enum rnn_status status;
};

/* All videos of the bytes, in parts of `part` steps or whole (0), until a mistake. */
static struct reading read_videos(const char *bytes, size_t size, size_t part)
{
  static const struct rnn_input_settings settings = {.record_end = '\n'};
  static const struct rnn_reader_settings labelled = {.label = "squat"};
  struct reading it = {.videos = 0};
  const char *path = file_path("video.y4m");
  bool end = false;
  file_write(path, bytes, size);
  cr_assert_eq(rnn_input_open(&it.input, path, &settings, &error), RNN_OK);
  rnn_record_init(&it.record);
  while (it.status == RNN_OK) {
    it.status = part > 0 ? rnn_format_y4m.next_part(it.input, &labelled, part, &it.record, &end, &error)
                         : rnn_format_y4m.next(it.input, &labelled, &it.record, &end, &error);
    if (it.status != RNN_OK || end)
      break;
    size_t numbers = it.record.steps * PIXELS, used = it.steps * PIXELS;
    cr_assert(it.record.has_label && it.record.frame_width == PIXELS);
    cr_assert_eq(rnn_memory_grow(&it.frame, &it.capacity, used + numbers, sizeof(float), "greys", &error), RNN_OK);
    memcpy(it.frame + used, it.record.frame, numbers * sizeof(float));
    it.steps += it.record.steps;
    it.videos += !it.record.more;
  }
  bool again = false;
  cr_assert(it.status == RNN_OK ||
            (rnn_format_y4m.next(it.input, &labelled, &it.record, &again, &error) == RNN_OK && again));
  rnn_record_clear(&it.record);
  rnn_input_close(it.input);
  return it;
}

Test(y4m, colours_are_passed_over)
{
  static const struct {
    const char *header;
    size_t colour_bytes;
  } kinds[] = {{"YUV4MPEG2 W5 H3 F25:1 Ip A1:1 Cmono", 0},
               {"YUV4MPEG2 W5 H3", 12},
               {"YUV4MPEG2 W5 H3 C420jpeg", 12},
               {"YUV4MPEG2 H3 C420mpeg2 W5 XYSCSS=420MPEG2", 12},
               {"YUV4MPEG2 W5 H3 I? C422", 18},
               {"YUV4MPEG2 W5 H3 C444", 30}};
  char bytes[MOST_BYTES];
  struct reading first = {.frame = NULL};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    struct reading it = read_videos(bytes, write_video(bytes, kinds[i].header, kinds[i].colour_bytes, 4), 0);
    cr_assert(it.status == RNN_OK && it.videos == 1 && it.steps == 4, "%s: %s", kinds[i].header, error.text);
    if (i == 0)
      first = it;
    cr_assert(memcmp(it.frame, first.frame, 4 * PIXELS * sizeof(float)) == 0, "%s", kinds[i].header);
    if (i > 0)
      rnn_memory_free(it.frame);
  }
  rnn_memory_free(first.frame);
}

Test(y4m, parts_are_the_whole_and_videos_may_lie_end_to_end)
{
  char bytes[2 * MOST_BYTES];
  size_t size = write_video(bytes, "YUV4MPEG2 W5 H3 Cmono", 0, 5);
  size += write_video(bytes + size, "YUV4MPEG2 W3 H5 Cmono", 0, 4);
  struct reading whole = read_videos(bytes, size, 0);
  cr_assert(whole.status == RNN_OK && whole.videos == 2 && whole.steps == 9, "%s", error.text);
  for (size_t part = 1; part < 7; part++) {
    struct reading it = read_videos(bytes, size, part);
    cr_assert(it.status == RNN_OK && it.videos == 2 && it.steps == 9, "parts of %zu: %zu", part, it.videos);
    cr_assert(memcmp(it.frame, whole.frame, 9 * PIXELS * sizeof(float)) == 0, "parts of %zu", part);
    rnn_memory_free(it.frame);
  }
  rnn_memory_free(whole.frame);
}

Test(y4m, what_is_not_read_is_refused)
{
  static const struct {
    const char *header, *sentence;
  } bad[] = {{"YUV4MPEG W5 H3", "video.y4m: no video: it does not begin with YUV4MPEG2"},
             {"YUV4MPEG2 W5", "video.y4m: no width and height within limits"},
             {"YUV4MPEG2 W5 H0", "video.y4m: no width and height within limits"},
             {"YUV4MPEG2 W5x H3", "video.y4m: no width and height within limits"},
             {"YUV4MPEG2 W16385 H3", "video.y4m: no width and height within limits"},
             {"YUV4MPEG2 W99999999999999999999 H3", "video.y4m: no width and height within limits"},
             {"YUV4MPEG2 W5 H3 It", "video.y4m: interlaced video is not read"},
             {"YUV4MPEG2 W5 H3 Ib", "video.y4m: interlaced video is not read"},
             {"YUV4MPEG2 W5 H3 C420p10", "video.y4m: colours are not mono, 420, 422 or 444 of 8 bits"},
             {"YUV4MPEG2 W5 H3 C444alpha", "video.y4m: colours are not mono, 420, 422 or 444 of 8 bits"}};
  char bytes[2 * MOST_BYTES];
  size_t whole = write_video(bytes, "YUV4MPEG2 W5 H3 Cmono", 0, 2);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    size_t size = write_video(bytes + whole, bad[i].header, 0, 1);
    struct reading alone = read_videos(bytes + whole, size, 0);
    cr_assert_eq(alone.status, RNN_DATA, "%s", bad[i].header);
    cr_assert_not_null(strstr(error.text, bad[i].sentence), "%s: %s", bad[i].header, error.text);
    struct reading behind = read_videos(bytes, whole + size, 0);
    cr_assert_eq(behind.status, RNN_DATA, "%s", bad[i].header);
    cr_assert_eq(behind.videos, i > 0, "only another header ends the first video");
    cr_assert_not_null(strstr(error.text, i > 0 ? bad[i].sentence : "FRAME expected"), "%s", error.text);
    rnn_memory_free(alone.frame);
    rnn_memory_free(behind.frame);
  }
}

Test(y4m, a_video_that_is_cut_is_refused_wherever_it_is_cut)
{
  char bytes[MOST_BYTES];
  size_t header = strlen("YUV4MPEG2 W5 H3 C422\n"), size = write_video(bytes, "YUV4MPEG2 W5 H3 C422", 18, 2);
  size_t first = header + strlen("FRAME\n") + WIDTH * HEIGHT + 18;
  for (size_t cut = 1; cut < size; cut++) {
    struct reading it = read_videos(bytes, cut, 0);
    cr_assert_eq(it.status, cut == first ? RNN_OK : RNN_DATA, "%zu of %zu bytes", cut, size);
    if (cut > first)
      cr_assert_not_null(strstr(error.text, "video.y4m: frame 2: the video is cut"), "%s", error.text);
    rnn_memory_free(it.frame);
  }
  bytes[header] = 'G';
  struct reading it = read_videos(bytes, size, 0);
  cr_assert(it.status == RNN_DATA && strstr(error.text, "video.y4m: frame 1: FRAME expected") != NULL, "%s",
            error.text);
  rnn_memory_free(it.frame);
}
