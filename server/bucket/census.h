/* Counts of T1s by the class of their stamp. */
#ifndef REUNION_BUCKET_CENSUS_H
#define REUNION_BUCKET_CENSUS_H

#include <stdint.h>

#include "admission/stamp.h"
#include "wire/sizes.h"

/* DESIGN: a stamp's class falls by one each hour, so the hour in which it reaches 0 never
 * changes. Stamps are counted by that *fading hour*, in a ring with one slot per hour. A T1
 * whose stamp has faded is of class 0, as is one that never paid. A bucket keeps the fading
 * hours of its own T1s, so that they can be subtracted when it expires, without reading it back. */

enum { CENSUS_HOURS = 64 }; /* more than there are classes */

_Static_assert((int)CENSUS_HOURS > (int)STAMP_CLASSES, "fading hours in the ring");

/* What the T1s of one bucket paid, those aside that paid nothing. */
struct paid {
    uint32_t count;
    uint32_t fades[BUCKET_CAPACITY]; /* hours, in no order */
};

struct class_census {
    uint64_t t1s;                  /* of any class */
    uint64_t hour;                 /* up to which all has faded */
    uint32_t fading[CENSUS_HOURS]; /* T1s whose stamp fades in that hour, by its remainder */
};

/* Count a T1 with its stamp, in the census and in its bucket. */
void census_add(struct class_census *census, struct paid *paid, const struct stamp *stamp);

/* Its stamp is another now. */
void census_raise(struct class_census *census, struct paid *paid, const struct stamp *from,
                  const struct stamp *to);

/* A bucket of `t1s` T1s dies. */
void census_remove(struct class_census *census, const struct paid *paid, uint32_t t1s);

/* T1s in each class in an hour. */
void census_classes(const struct class_census *census, uint64_t hour_now,
                    uint32_t classes[static STAMP_CLASSES]);

/* Let go what has faded by an hour, so that later hours find room; before anything is added in it.
 */
void census_turn(struct class_census *census, uint64_t hour_now);

#endif
