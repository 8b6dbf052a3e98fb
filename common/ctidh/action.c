#include "ctidh/action.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/declassify.h"
#include "base/secret.h"
#include "ctidh/curve.h"
#include "ctidh/isogeny.h"
#include "ctidh/parts.h"

/* DESIGN: the action is done in blocks, on one journey in each lane. A block visits some batches
 * and takes one step in each: it draws one point on the curve and one on the twist, removes from
 * their orders everything but the primes it is to step by, and then, from large to small, makes of
 * one of the two a kernel point, applies the isogeny and carries both points along. A lane whose
 * step fails (the point's order lacks the prime, or the coin says so) keeps what it had and is left
 * behind by one step; so is a lane that has no step left in the batch.
 *
 * A batch is visited in every lane or in none. The blocks that would do if every step succeeded are
 * done with the same journeys in the lanes. Those that were left behind, mostly by a single step,
 * are regrouped then and finished by short blocks: one step in each lane, which takes one point and
 * carries none along. In which order a journey takes its steps does not change where it ends.
 *
 * Public: how many steps each batch of a journey has left, hence which journeys are in which lanes
 * and which batches a block visits, and failures. Secret: curves after the first real step, points,
 * targets. */

enum { ON_CURVE, ON_TWIST };

/* What a block does in one batch. */
struct visit {
    const struct batch *batch;
    struct target target[LANES];
    struct ladder ladder; /* of the targets */
    uint64_t negative;    /* masks of lanes */
    uint64_t dummy;
    uint64_t waiting; /* public: the lanes that are to take a step */
};

struct action {
    struct curve curve;
    struct point point[ISOGENY_POINTS]; /* ON_CURVE, ON_TWIST; in a short block only the first */
    size_t points;
    struct journey *journey[LANES]; /* those without a journey of their own do `idle` */
    struct journey idle;
    struct visit visit[BATCHES]; /* of this block, large primes first */
    size_t visits;
    struct isogeny_work work;
};

/* The largest batch with steps left, or BATCHES at the end of the journey. */
static size_t last_batch_left(const struct journey *journey)
{
    for (size_t b = BATCHES; b-- > 0;)
        if (journey->left[b] > 0)
            return b;
    return BATCHES;
}

/* Put journeys into the lanes. */
static void board(struct action *action, struct journey *const *journeys, size_t count)
{
    struct encoded a[LANES], c[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        action->journey[lane] = lane < count ? journeys[lane] : &action->idle;
        a[lane] = action->journey[lane]->a;
        c[lane] = action->journey[lane]->c;
    }
    struct fp field_a, field_c;
    fp_load(&field_a, a);
    fp_load(&field_c, c);
    curve_set(&action->curve, &field_a, &field_c);
}

static void alight(struct action *action)
{
    struct encoded a[LANES], c[LANES];
    fp_store(a, &action->curve.a);
    fp_store(c, &action->curve.c);
    for (size_t lane = 0; lane < LANES; lane++) {
        if (action->journey[lane] == &action->idle)
            continue;
        action->journey[lane]->a = a[lane];
        action->journey[lane]->c = c[lane];
    }
}

/* Decide which batches to visit: those with steps left in any lane; in a short block one for each
 * lane. */
static void plan_block(struct action *action, bool is_short)
{
    action->visits = 0;
    for (size_t b = BATCHES; b-- > 0;) {
        uint64_t waiting = 0;
        for (size_t lane = 0; lane < LANES; lane++) {
            const struct journey *journey = action->journey[lane];
            if (is_short ? last_batch_left(journey) == b : journey->left[b] > 0)
                waiting |= lane_mask(lane);
        }
        if (!waiting)
            continue;
        struct visit *visit = &action->visit[action->visits++];
        visit->batch = &batch_table[b];
        visit->waiting = waiting;
    }
}

static void choose_targets(struct action *action, struct visit *visit)
{
    visit->negative = visit->dummy = 0;
    ladder_clear(&visit->ladder);
    for (size_t lane = 0; lane < LANES; lane++) {
        struct target target = schedule_target(&action->journey[lane]->schedule, visit->batch);
        visit->target[lane] = target;
        visit->negative |= target.negative & lane_mask(lane);
        visit->dummy |= target.dummy & lane_mask(lane);
        ladder_add(&visit->ladder, target.chain, lane_mask(lane));
    }
}

/* Multiply both points by the primes of a batch that this block does not visit; all public. */
static void clear_batch(struct action *action, const struct batch *batch)
{
    for (size_t k = batch->first; k < (size_t)batch->first + batch->count; k++)
        for (size_t i = 0; i < action->points; i++)
            point_multiply(&action->point[i], prime_chain[k], prime_chain[k].steps, &action->curve);
}

/* ... or by all but the targets, without showing which those are. */
static void clear_around_targets(struct action *action, const struct visit *visit)
{
    for (size_t k = 0; k + 1 < visit->batch->count; k++) {
        struct ladder ladder;
        ladder_clear(&ladder);
        for (size_t lane = 0; lane < LANES; lane++)
            ladder_add(&ladder, target_other_chain(&visit->target[lane], k), lane_mask(lane));
        for (size_t i = 0; i < action->points; i++)
            point_multiply_each(&action->point[i], &ladder,
                                target_other_steps_max(&visit->target[0], k), &action->curve);
    }
}

/* In a short block: those who do not step here multiply by the target as well. */
static void clear_targets_of_others(struct action *action, const struct visit *visit)
{
    struct point cleared = action->point[0];
    point_multiply_each(&cleared, &visit->ladder, visit->batch->steps_max, &action->curve);
    point_select(&action->point[0], &action->point[0], &cleared, visit->waiting);
}

/* A point on the curve and one on the twist; in a short block whichever the lane's step goes by. */
static void sample_points(struct action *action, bool is_short, const struct random_source *random)
{
    curve_sample_points(&action->point[ON_CURVE], &action->point[ON_TWIST], &action->curve, random);
    action->points = ISOGENY_POINTS;
    if (is_short) {
        uint64_t negative = 0;
        for (size_t k = 0; k < action->visits; k++)
            negative |= action->visit[k].negative & action->visit[k].waiting;
        point_select(&action->point[0], &action->point[ON_TWIST], &action->point[ON_CURVE],
                     negative);
        action->points = 1;
    }
    for (size_t i = 0; i < action->points; i++) {
        point_double(&action->point[i], &action->point[i], &action->curve);
        point_double(&action->point[i], &action->point[i], &action->curve);
    }
}

static void open_block(struct action *action, bool is_short, const struct random_source *random)
{
    for (size_t k = 0; k < action->visits; k++)
        choose_targets(action, &action->visit[k]);
    action_part(is_short ? PART_SHORT_BLOCKS : PART_SAMPLING);
    sample_points(action, is_short, random);
    action_part(is_short ? PART_SHORT_BLOCKS : PART_CLEARING);
    size_t next = 0;
    for (size_t b = BATCHES; b-- > 0;) {
        const struct visit *visit = &action->visit[next];
        if (next == action->visits || visit->batch != &batch_table[b]) {
            clear_batch(action, &batch_table[b]);
            continue;
        }
        clear_around_targets(action, visit);
        if (is_short)
            clear_targets_of_others(action, visit);
        next++;
    }
}

/* The points of the targets' signs, with all later targets removed from their orders. */
static struct point kernel_of_visit(const struct action *action, size_t index)
{
    struct point kernel;
    point_select(&kernel, &action->point[ON_TWIST], &action->point[ON_CURVE],
                 action->visit[index].negative);
    for (size_t k = index + 1; k < action->visits; k++)
        point_multiply_each(&kernel, &action->visit[k].ladder, action->visit[k].batch->steps_max,
                            &action->curve);
    return kernel;
}

/* The lanes whose step succeeds. */
static uint64_t lucky_lanes(const struct visit *visit, const struct point *kernel,
                            const struct random_source *random)
{
    uint64_t coins = 0;
    for (size_t lane = 0; lane < LANES; lane++)
        coins |= target_coin(&visit->target[lane], random) & lane_mask(lane);
    uint64_t lucky = coins & ~point_infinity_mask(kernel) & visit->waiting;
    declassify(&lucky, sizeof lucky); /* of the same probability for every prime of the batch */
    return lucky;
}

/* The isogeny is computed in any case; for a dummy the curve and the points stay as they were. The
 * first `count` points go along. */
static void take_step(struct action *action, const struct visit *visit, const struct point *kernel,
                      size_t count, uint64_t lucky)
{
    uint64_t degree[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        degree[lane] = visit->target[lane].degree;
        if (lucky & lane_mask(lane)) {
            schedule_advance(&action->journey[lane]->schedule, &visit->target[lane]);
            action->journey[lane]->left[visit->batch - batch_table]--;
        }
    }
    struct curve curve = action->curve;
    struct point point[ISOGENY_POINTS] = {action->point[0], action->point[1]};
    isogeny_apply(&curve, point, count, kernel, visit->batch, degree, &action->work);
    uint64_t moves = lucky & ~visit->dummy;
    for (size_t i = 0; i < count; i++)
        point_select(&action->point[i], &point[i], &action->point[i], moves);
    curve_select(&action->curve, &curve, &action->curve, moves);
    secret_wipe(degree, sizeof degree);
}

static int run_block(struct action *action, const struct random_source *random,
                     const struct ctidh1024_cancel *cancel)
{
    plan_block(action, false);
    open_block(action, false, random);
    for (size_t k = 0; k < action->visits; k++) {
        if (cancel_asked(cancel))
            return -ECANCELED;
        const struct visit *visit = &action->visit[k];
        action_part(PART_KERNELS);
        struct point kernel = kernel_of_visit(action, k);
        uint64_t lucky = lucky_lanes(visit, &kernel, random);
        action_part(PART_ISOGENIES);
        if (lucky)
            take_step(action, visit, &kernel, ISOGENY_POINTS, lucky);
        action_part(PART_REMOVING);
        for (size_t i = 0; i < ISOGENY_POINTS; i++)
            point_multiply_each(&action->point[i], &visit->ladder, visit->batch->steps_max,
                                &action->curve);
    }
    return 0;
}

/* Each lane has one target, and its point is a kernel point once all else is cleared. */
static int run_short_block(struct action *action, const struct random_source *random,
                           const struct ctidh1024_cancel *cancel)
{
    plan_block(action, true);
    open_block(action, true, random);
    for (size_t k = 0; k < action->visits; k++) {
        if (cancel_asked(cancel))
            return -ECANCELED;
        const struct visit *visit = &action->visit[k];
        uint64_t lucky = lucky_lanes(visit, &action->point[0], random);
        if (lucky)
            take_step(action, visit, &action->point[0], 0, lucky);
    }
    return 0;
}

/* The next journeys, from *next on; how many. */
static size_t gather(struct journey *out[static LANES], struct journey *journeys, size_t count,
                     size_t *next)
{
    size_t found = 0;
    for (; *next < count && found < LANES; (*next)++)
        out[found++] = &journeys[*next];
    return found;
}

/* Journeys not yet at their ends, so that lanes have batches in common; how many. */
static size_t gather_left_behind(struct journey *out[static LANES], struct journey *journeys,
                                 size_t count)
{
    size_t found = 0;
    for (size_t b = BATCHES; b-- > 0;)
        for (size_t i = 0; i < count && found < LANES; i++)
            if (last_batch_left(&journeys[i]) == b)
                out[found++] = &journeys[i];
    return found;
}

/* First every group of journeys as it comes, then, step by step, whoever was left behind. */
static int run_all(struct action *action, struct journey *journeys, size_t count,
                   const struct random_source *random, const struct ctidh1024_cancel *cancel)
{
    struct journey *group[LANES];
    size_t next = 0, found;
    int error = 0;
    while (!error && (found = gather(group, journeys, count, &next)) > 0) {
        board(action, group, found);
        for (unsigned i = 0; i < BATCH_STEPS_MAX && !error; i++) {
            error = run_block(action, random, cancel);
            action_part(PART_OTHER);
        }
        alight(action);
    }
    while (!error && (found = gather_left_behind(group, journeys, count)) > 0) {
        board(action, group, found);
        error = run_short_block(action, random, cancel);
        action_part(PART_OTHER);
        alight(action);
    }
    return error;
}

/* c <- 1 */
static void normalise(struct action *action, struct journey *journeys, size_t count)
{
    for (size_t first = 0; first < count; first += LANES) {
        struct journey *group[LANES];
        size_t found = count - first < LANES ? count - first : LANES;
        for (size_t i = 0; i < found; i++)
            group[i] = &journeys[first + i];
        board(action, group, found);
        fp_invert(&action->curve.c, &action->curve.c);
        fp_mul(&action->curve.a, &action->curve.a, &action->curve.c);
        action->curve.c = fp_one;
        alight(action);
    }
}

int action_run(struct journey *journeys, size_t count, const struct random_source *random,
               const struct ctidh1024_cancel *cancel)
{
    struct action *action = aligned_alloc(_Alignof(struct action), sizeof *action);
    if (!action)
        return -ENOMEM;
    struct encoded one[LANES];
    fp_store(one, &fp_one);
    memset(&action->idle, 0, sizeof action->idle); /* from the base curve, no step at all */
    action->idle.c = one[0];

    int error = run_all(action, journeys, count, random, cancel);
    if (!error)
        normalise(action, journeys, count);
    secret_wipe(action, sizeof *action);
    free(action);
    return error;
}
