/* Which part of a group action is being computed, for benchmarks. */
#ifndef REUNION_CTIDH_PARTS_H
#define REUNION_CTIDH_PARTS_H

enum action_part {
    PART_OTHER, /* journeys into lanes and out of them, plans, targets, the last inversion */
    PART_SAMPLING,
    PART_CLEARING, /* points of the primes that the block does not step by */
    PART_KERNELS,  /* kernel points of later targets */
    PART_ISOGENIES,
    PART_REMOVING, /* the target from the points after its isogeny */
    PART_SHORT_BLOCKS,
    PARTS,
};

/* Said when a part begins. A benchmark compiles action.c with ACTION_PARTS and brings the function
 * along; anywhere else nothing happens. */
#ifdef ACTION_PARTS
void action_part(enum action_part part);
#else
static inline void action_part(enum action_part part)
{
    (void)part;
}
#endif

#endif
