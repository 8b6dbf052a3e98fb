#include "ctidh/action.h"

#include <stdbool.h>
#include <string.h>

#include "base/declassify.h"
#include "base/secret.h"
#include "ctidh/curve.h"
#include "ctidh/isogeny.h"
#include "ctidh/mask.h"

/* DESIGN: the action is done in blocks. A block takes one step in every batch that has steps left:
 * it draws one point on the curve and one on the twist, removes from their orders everything but
 * the primes it is to step by, and then, from large to small, makes of one of the two a kernel
 * point, applies the isogeny and carries both points along. A step that fails (the point's order
 * lacks the prime, or the coin says so) is left to a later block.
 *
 * Public: how many steps each batch has left, hence which batches a block visits, and failures.
 * Secret: the curve after the first real step, the points, the targets. */

enum { ON_CURVE, ON_TWIST };

struct action {
    struct curve curve;
    struct point point[ISOGENY_POINTS]; /* ON_CURVE, ON_TWIST */
    struct schedule schedule;
    uint8_t left[BATCHES]; /* public: steps not yet taken, dummies included */
    struct target target[BATCHES];
    size_t targets; /* of this block, large primes first */
    struct isogeny_work work;
};

static void multiply_both(struct action *action, struct chain chain, unsigned steps_max)
{
    for (size_t i = 0; i < ISOGENY_POINTS; i++)
        point_multiply(&action->point[i], chain, steps_max, &action->curve);
}

/* Multiply both points by the primes of a batch that this block has no step in; all public. */
static void clear_batch(struct action *action, const struct batch *batch)
{
    for (size_t i = batch->first; i < (size_t)batch->first + batch->count; i++)
        multiply_both(action, prime_chain[i], prime_chain[i].steps);
}

/* ... or by all but the target, without showing which that is. */
static void clear_around_target(struct action *action, const struct target *target)
{
    for (size_t i = 0; i + 1 < target->batch->count; i++)
        multiply_both(action, target_other_chain(target, i), target_other_steps_max(target, i));
}

static void open_block(struct action *action, const struct random_source *random)
{
    curve_sample_points(&action->point[ON_CURVE], &action->point[ON_TWIST], &action->curve, random);
    for (size_t i = 0; i < ISOGENY_POINTS; i++) {
        point_double(&action->point[i], &action->point[i], &action->curve);
        point_double(&action->point[i], &action->point[i], &action->curve);
    }
    action->targets = 0;
    for (size_t b = BATCHES; b-- > 0;) {
        if (action->left[b] == 0) {
            clear_batch(action, &batch_table[b]);
            continue;
        }
        struct target *target = &action->target[action->targets++];
        *target = schedule_target(&action->schedule, &batch_table[b]);
        clear_around_target(action, target);
    }
}

/* The point of the target's sign, with all later targets removed from its order. */
static struct point kernel_of_target(const struct action *action, size_t index)
{
    struct point kernel;
    point_select(&kernel, &action->point[ON_TWIST], &action->point[ON_CURVE],
                 action->target[index].negative);
    for (size_t k = index + 1; k < action->targets; k++)
        point_multiply(&kernel, action->target[k].chain, action->target[k].batch->steps_max,
                       &action->curve);
    return kernel;
}

/* The isogeny is computed in any case; a dummy keeps the curve and the points it had. */
static void take_step(struct action *action, const struct target *target,
                      const struct point *kernel)
{
    struct curve curve = action->curve;
    struct point point[ISOGENY_POINTS] = {action->point[0], action->point[1]};
    isogeny_apply(&curve, point, kernel, target->batch, target->degree, &action->work);
    for (size_t i = 0; i < ISOGENY_POINTS; i++)
        point_select(&action->point[i], &action->point[i], &point[i], target->dummy);
    curve_select(&action->curve, &action->curve, &curve, target->dummy);
    schedule_advance(&action->schedule, target);
    action->left[target->batch - batch_table]--;
}

static int run_block(struct action *action, const struct random_source *random,
                     const atomic_bool *cancel)
{
    open_block(action, random);
    for (size_t i = 0; i < action->targets; i++) {
        if (cancel && atomic_load_explicit(cancel, memory_order_relaxed))
            return -ECANCELED;
        const struct target *target = &action->target[i];
        struct point kernel = kernel_of_target(action, i);
        uint64_t lucky = ~point_infinity_mask(&kernel) & target_coin(target, random);
        declassify(&lucky, sizeof lucky); /* of the same probability for every prime of the batch */
        if (lucky)
            take_step(action, target, &kernel);
        multiply_both(action, target->chain, target->batch->steps_max);
    }
    return 0;
}

static bool has_steps_left(const struct action *action)
{
    for (size_t b = 0; b < BATCHES; b++)
        if (action->left[b] > 0)
            return true;
    return false;
}

int action_run(struct fp *a, const struct schedule *key, const struct random_source *random,
               const atomic_bool *cancel)
{
    int error = 0;
    struct action action;
    curve_set(&action.curve, a, &fp_one);
    action.schedule = *key;
    for (size_t b = 0; b < BATCHES; b++)
        action.left[b] = batch_table[b].bound;
    while (!error && has_steps_left(&action))
        error = run_block(&action, random, cancel);
    if (!error) {
        fp_invert(&action.curve.c, &action.curve.c);
        fp_mul(a, &action.curve.a, &action.curve.c);
    }
    secret_wipe(&action, sizeof action);
    return error;
}
