#include "bucket/census.h"

#include <string.h>

#include "base/err.h"

/* The fading hour of a stamp; 0: there is none. */
static uint32_t fades(const struct stamp *stamp)
{
    uint64_t hour = stamp->hour + stamp_class(stamp->effort, stamp->hour, stamp->hour);
    return stamp->effort == 0 || hour > UINT32_MAX ? 0 : (uint32_t)hour;
}

/* What fades beyond the ring, as an edited database may have it, is not counted. */
static void count(struct class_census *census, uint32_t hour, int more)
{
    uint32_t *fading = &census->fading[hour % CENSUS_HOURS];
    if (hour > census->hour && hour < census->hour + CENSUS_HOURS && (more > 0 || *fading > 0))
        *fading += (uint32_t)more;
}

void census_add(struct class_census *census, struct paid *paid, const struct stamp *stamp)
{
    uint32_t hour = fades(stamp);
    census->t1s++;
    if (hour == 0)
        return;
    INVARIANT(paid->count < BUCKET_CAPACITY);
    paid->fades[paid->count++] = hour;
    count(census, hour, 1);
}

void census_raise(struct class_census *census, struct paid *paid, const struct stamp *from,
                  const struct stamp *to)
{
    uint32_t old = fades(from);
    uint32_t place = 0;
    while (place < paid->count && paid->fades[place] != old)
        place++;
    if (place == paid->count)
        INVARIANT(paid->count++ < BUCKET_CAPACITY);
    else
        count(census, old, -1);
    paid->fades[place] = fades(to);
    count(census, paid->fades[place], 1);
}

void census_remove(struct class_census *census, const struct paid *paid, uint32_t t1s)
{
    census->t1s -= t1s;
    for (uint32_t i = 0; i < paid->count; i++)
        count(census, paid->fades[i], -1);
}

void census_classes(const struct class_census *census, uint64_t hour_now,
                    uint32_t classes[static STAMP_CLASSES])
{
    uint64_t counted = 0;
    memset(classes, 0, STAMP_CLASSES * sizeof classes[0]);
    for (uint64_t hour = census->hour + 1; hour < census->hour + CENSUS_HOURS; hour++) {
        uint32_t t1s = census->fading[hour % CENSUS_HOURS];
        uint64_t class = hour > hour_now ? hour - hour_now : 0;
        if (class == 0 || t1s == 0)
            continue;
        classes[class < STAMP_CLASS_MAX ? class : STAMP_CLASS_MAX] += t1s;
        counted += t1s;
    }
    uint64_t rest = census->t1s > counted ? census->t1s - counted : 0;
    classes[0] = rest < UINT32_MAX ? (uint32_t)rest : UINT32_MAX;
}

void census_turn(struct class_census *census, uint64_t hour_now)
{
    if (hour_now <= census->hour)
        return;
    uint64_t turns = hour_now - census->hour;
    for (uint64_t i = 1; i <= turns && i <= CENSUS_HOURS; i++)
        census->fading[(census->hour + i) % CENSUS_HOURS] = 0;
    census->hour = hour_now;
}
