/* The replay table of a mix with all tags of half an hour in it. Prints the peak of its memory in
 * bytes a tag, and the longest that keeping one tag took, in microseconds.
 *
 *   mix_tags TAGS_A_SECOND */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/secret.h"
#include "mix/header.h"
#include "mix/replay.h"

enum { WINDOWS = 3, FIRST = 1000 };

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Of this program alone; what getrusage says begins with its parent's. */
static long peak_bytes(void)
{
    char line[128];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "re");
    while (status && kib < 0 && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kib) != 1)
            kib = -1;
    if (kib < 0)
        abort();
    (void)fclose(status);
    return kib * 1024;
}

/* SplitMix64, as tags are as good as random. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

int main(int argc, char **argv)
{
    if (argc != 2 || secret_init())
        return 2;
    size_t in_window = strtoul(argv[1], NULL, 10) * MIX_WINDOW_S, tags = WINDOWS * in_window;
    struct mix_replay *replay = mix_replay_open(tags, &random_system);
    long before = peak_bytes();
    double longest_us = 0;
    uint64_t state = 1;
    if (!replay)
        return 1;
    for (size_t i = 0; i < tags; i++) {
        uint64_t tag[MIX_TAG_BYTES / 8] = {next(&state), next(&state)};
        double start_us = now_us();
        if (mix_replay_keep(replay, FIRST + (uint32_t)(i / in_window), (uint8_t *)tag))
            return 1;
        double took_us = now_us() - start_us;
        longest_us = took_us > longest_us ? took_us : longest_us;
    }
    printf("%.2f %.0f\n", (double)(peak_bytes() - before) / (double)tags, longest_us);
    mix_replay_close(replay);
    return 0;
}
