/* Y4M, as ffmpeg -f yuv4mpegpipe writes it: a line "YUV4MPEG2 W160 H120 ...", then for each picture a line "FRAME" and
 * its planes. A video is a sequence; another header line begins the next one. A frame is the small picture that
 * lib/picture.h makes of the plane of brightness; the colours are passed over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input_limits.h"
#include "memory.h"
#include "picture.h"
#include "reader_common.h"

enum { MOST_LINE = 512, PASSED_BYTES = 4096 };

static const char magic[] = "YUV4MPEG2";

/* Kept with the input between two parts of a video. */
struct video {
  bool open;           /* its header is read */
  bool header_waits;   /* in `line`: that of the next video */
  size_t colour_bytes; /* of a picture */
  uint64_t number;     /* of the picture to come, from 1 */
  char line[MOST_LINE];
  struct rnn_picture_scaler scaler;
  unsigned char row[RNN_LIMIT_PICTURE_SIDE];
};

static enum rnn_status refuse(struct rnn_input *input, const struct video *video, const char *why,
                              struct rnn_error *error)
{
  if (video->open)
    return rnn_error_set(error, RNN_DATA, "%s: frame %llu: %s", rnn_input_name(input),
                         (unsigned long long)video->number, why);
  return rnn_error_set(error, RNN_DATA, "%s: %s", rnn_input_name(input), why);
}

/* ---- bytes ---- */

static enum rnn_status read_bytes(struct rnn_input *input, const struct video *video, void *bytes, size_t size,
                                  struct rnn_error *error)
{
  size_t got;
  enum rnn_status status = rnn_reader_bytes(input, bytes, size, &got, error);
  return status == RNN_OK && got < size ? refuse(input, video, "the video is cut", error) : status;
}

/* The next line into video->line, without its end; *end where there is no more. */
static enum rnn_status read_line(struct rnn_input *input, struct video *video, bool *end, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t got, used = 0;
  *end = false;
  for (; used < MOST_LINE; used++) {
    RNN_TRY(rnn_input_read(input, &video->line[used], 1, &got, error));
    *end = got == 0 && used == 0;
    if (*end)
      return RNN_OK;
    if (got == 0)
      return refuse(input, video, "the video is cut", error);
    if (video->line[used] == '\n') {
      video->line[used] = '\0';
      return RNN_OK;
    }
  }
  status = refuse(input, video, "no video of YUV4MPEG2: a line of a header is too long", error);
out:
  return status;
}

/* ---- the header ---- */

static size_t read_side(const char *digits)
{
  size_t side = 0;
  while (*digits >= '0' && *digits <= '9' && side <= RNN_LIMIT_PICTURE_SIDE)
    side = 10 * side + (size_t)(*digits++ - '0');
  return *digits == '\0' && side <= RNN_LIMIT_PICTURE_SIDE ? side : 0;
}

/* Bytes of the planes of colour; false for what is not read. */
static bool find_colour(const char *space, size_t width, size_t height, size_t *bytes)
{
  static const char *const of_420[] = {"420", "420jpeg", "420paldv", "420mpeg2", NULL};
  size_t half_width = (width + 1) / 2, half_height = (height + 1) / 2;
  *bytes = 2 * half_width * half_height;
  for (size_t i = 0; of_420[i] != NULL; i++)
    if (strcmp(space, of_420[i]) == 0)
      return true;
  *bytes = strcmp(space, "mono") == 0 ? 0 : strcmp(space, "422") == 0 ? 2 * half_width * height : 2 * width * height;
  return strcmp(space, "mono") == 0 || strcmp(space, "422") == 0 || strcmp(space, "444") == 0;
}

/* Of video->line, which is overwritten. */
static enum rnn_status read_header(struct rnn_input *input, struct video *video, struct rnn_error *error)
{
  size_t width = 0, height = 0;
  const char *space = "420";
  char *rest = video->line, *word = strsep(&rest, " ");
  video->open = false;
  if (strcmp(word, magic) != 0)
    return refuse(input, video, "no video: it does not begin with YUV4MPEG2", error);
  while ((word = strsep(&rest, " ")) != NULL) {
    if (word[0] == 'W')
      width = read_side(word + 1);
    else if (word[0] == 'H')
      height = read_side(word + 1);
    else if (word[0] == 'C')
      space = word + 1;
    else if (word[0] == 'I' && word[1] != 'p' && word[1] != '?')
      return refuse(input, video, "interlaced video is not read (ffmpeg -vf yadif makes it whole)", error);
  }
  if (width == 0 || height == 0)
    return refuse(input, video, "no width and height within limits", error);
  if (!find_colour(space, width, height, &video->colour_bytes))
    return refuse(input, video, "colours are not mono, 420, 422 or 444 of 8 bits (ffmpeg -pix_fmt gray makes them so)",
                  error);
  video->open = true;
  video->number = 1;
  video->scaler.width = width;
  video->scaler.height = height;
  return RNN_OK;
}

/* ---- pictures ---- */

static enum rnn_status pass_over(struct rnn_input *input, const struct video *video, size_t left,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  unsigned char passed[PASSED_BYTES];
  for (size_t some; left > 0; left -= some) {
    some = left < sizeof passed ? left : sizeof passed;
    RNN_TRY(read_bytes(input, video, passed, some, error));
  }
out:
  return status;
}

static enum rnn_status read_picture(struct rnn_input *input, struct video *video, float *grey, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_picture_scaler *scaler = &video->scaler;
  memset(grey, 0, rnn_picture_pixels(scaler->size) * sizeof *grey);
  for (size_t y = 0; y < scaler->height; y++) {
    RNN_TRY(read_bytes(input, video, video->row, scaler->width, error));
    rnn_picture_add_row(scaler, y, video->row, grey);
  }
  RNN_TRY(pass_over(input, video, video->colour_bytes, error));
  rnn_picture_finish(scaler, grey);
out:
  return status;
}

/* The next picture behind the frames of the record, unless it is to be left out. */
static enum rnn_status add_picture(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                   struct video *video, struct rnn_record *record, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t pixels = rnn_picture_pixels(video->scaler.size), used = record->steps * pixels;
  if (rnn_reader_wants_frame(record, settings)) {
    if ((used + pixels) * sizeof(float) > RNN_LIMIT_FRAMES_BYTES)
      return refuse(input, video, "the video is too long to be read as a whole", error);
    RNN_TRY(rnn_record_reserve_frames(record, used + pixels, error));
    RNN_TRY(read_picture(input, video, record->frame_storage + used, error));
    record->steps++;
  } else {
    RNN_TRY(pass_over(input, video, video->scaler.width * video->scaler.height + video->colour_bytes, error));
  }
  video->number++;
out:
  return status;
}

static bool is_frame_line(const char *line)
{
  return strncmp(line, "FRAME", 5) == 0 && (line[5] == '\0' || line[5] == ' ');
}

/* Pictures up to `most_steps`, or to the end of the video: then it is no longer open. */
static enum rnn_status read_pictures(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                     struct video *video, size_t most_steps, struct rnn_record *record,
                                     struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  bool end;
  while (record->steps < most_steps) {
    RNN_TRY(read_line(input, video, &end, error));
    video->header_waits = !end && strncmp(video->line, magic, strlen(magic)) == 0;
    if (end || video->header_waits) {
      video->open = false;
      return RNN_OK;
    }
    if (!is_frame_line(video->line))
      return refuse(input, video, "FRAME expected", error);
    RNN_TRY(add_picture(input, settings, video, record, error));
  }
out:
  return status;
}

/* What is kept with the input, made with the first call. */
static enum rnn_status keep_video(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                  struct video **video, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  void **kept = rnn_input_keep(input);
  if (*kept == NULL) {
    RNN_TRY(rnn_memory_new(video, 1, sizeof **video, "a video", error));
    (*video)->scaler.size = settings->size.columns > 0 ? settings->size : rnn_picture_usual_size();
    *kept = *video;
  }
  *video = *kept;
out:
  return status;
}

static enum rnn_status next_part(struct rnn_input *input, const struct rnn_reader_settings *settings, size_t most_steps,
                                 struct rnn_record *record, bool *end, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct video *video;
  RNN_TRY(keep_video(input, settings, &video, error));
  bool continues = record->more && video->open;
  rnn_reader_begin_part(record, settings, continues);
  *end = false;
  if (!continues && !video->header_waits)
    RNN_TRY(read_line(input, video, end, error));
  video->header_waits = false;
  if (*end)
    return RNN_OK;
  if (!continues)
    RNN_TRY(read_header(input, video, error));
  RNN_TRY(read_pictures(input, settings, video, most_steps, record, error));
  record->more = video->open;
  record->frame = record->frame_storage;
  record->frame_width = rnn_picture_pixels(video->scaler.size);
  record->picture = video->scaler.size;
  if (video->number == 1)
    return rnn_error_set(error, RNN_DATA, "%s: a video without a picture", rnn_input_name(input));
  rnn_reader_end_part(record, settings);
  rnn_reader_give_label(record, settings);
out:
  if (status != RNN_OK)
    rnn_input_end(input); /* there is no way to find the next video */
  return status;
}

static enum rnn_status next_video(struct rnn_input *input, const struct rnn_reader_settings *settings,
                                  struct rnn_record *record, bool *end, struct rnn_error *error)
{
  record->more = false;
  return next_part(input, settings, SIZE_MAX, record, end, error);
}

const struct rnn_format rnn_format_y4m = {.name = "y4m",
                                          .help = "a video as ffmpeg -f yuv4mpegpipe writes it is a sequence",
                                          .many_lines = true,
                                          .next = next_video,
                                          .next_part = next_part};
