/* The parts of CTIDH-1024 measured: `operations` prints one line each, `parts` how they share the
 * time of an action, `tune` the best splits of square-root Vélu, `mul` nanoseconds of a field
 * multiplication. Compiled once for each engine; what a vector engine does in all lanes is divided
 * by their number. Cycles are the core's own, from a chain of additions measured beside: the time
 * stamp counter counts at a fixed rate, and virtual machines have no others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "ctidh/action.h"
#include "ctidh/ctidh.h"
#include "ctidh/isogeny.h"
#include "ctidh/parts.h"
#include "ctidh/validate.h"
#include "lib/stopwatch.h"

/* What the measured operations work on: random numbers, which serve as well as points. */
static struct {
    struct fp a, b;
    struct fp vector_a[12], vector_b[12];
    struct fp_wide wide;
    struct curve curve;
    struct point points[ISOGENY_POINTS], kernel;
    struct isogeny_work work;
    const struct batch *batch;
    uint64_t square;
} it;

static void prepare(void)
{
    struct fp *field[] = {&it.a,           &it.b,           &it.curve.a,
                          &it.points[0].x, &it.points[0].z, &it.points[1].x,
                          &it.points[1].z, &it.kernel.x,    &it.kernel.z};
    for (size_t i = 0; i < sizeof field / sizeof field[0]; i++)
        fp_random(field[i], &random_system);
    for (size_t i = 0; i < 12; i++) {
        fp_random(&it.vector_a[i], &random_system);
        fp_random(&it.vector_b[i], &random_system);
    }
    struct fp a = it.curve.a;
    curve_set(&it.curve, &a, &fp_one);
    fp_wide_mul(&it.wide, &it.a, &it.b);
}

/* Nanoseconds in each lane. */
static double measure(void (*operation)(void), unsigned rounds, unsigned times)
{
    return stopwatch_ns(operation, rounds, times) / LANES;
}

enum { CHAIN = 8000 };

/* Each addition waits for the one before, and takes a cycle. */
static void do_chain(void)
{
    uint64_t x = 1;
    for (unsigned i = 0; i < CHAIN; i++) {
        x += x;
        __asm__ volatile("" : "+r"(x));
    }
}

/* Of the core, in a nanosecond, as fast as it goes just now. */
static double cycles_per_ns(void)
{
    return CHAIN / stopwatch_ns(do_chain, 21, 20);
}

static void do_mul(void)
{
    fp_mul(&it.a, &it.a, &it.b);
}
static void do_sqr(void)
{
    fp_sqr(&it.a, &it.a);
}
static void do_add(void)
{
    fp_add(&it.vector_a[0], &it.a, &it.b);
}
static void do_sub(void)
{
    fp_sub(&it.vector_a[0], &it.a, &it.b);
}
static void do_sub_tight(void)
{
    fp_sub_tight(&it.a, &it.a, &it.b);
}
static void do_wide_mul(void)
{
    fp_wide_mul(&it.wide, &it.a, &it.b);
}
static void do_wide_reduce(void)
{
    fp_wide_reduce(&it.a, &it.wide);
}
static void do_dot(void)
{
    fp_dot(&it.a, it.vector_a + 1, it.vector_b + 1, 11);
}
static void do_invert(void)
{
    fp_invert(&it.a, &it.b);
}
static void do_character(void)
{
    it.square ^= fp_square_mask_blinded(&it.b, &random_system);
}
static void do_double(void)
{
    point_double(&it.kernel, &it.kernel, &it.curve);
}
static void do_multiply(void)
{
    point_multiply(&it.kernel, prime_chain[120], 12, &it.curve);
}
static void do_isogeny(void)
{
    uint64_t degree[LANES];
    for (size_t lane = 0; lane < LANES; lane++)
        degree[lane] = small_prime[it.batch->first];
    isogeny_apply(&it.curve, it.points, ISOGENY_POINTS, &it.kernel, it.batch, degree, &it.work);
}
static void do_validate(void)
{
    INVARIANT((curve_validate(&fp_zero, &random_system) & ALL_LANES) == ALL_LANES);
}

static void print_operations(void)
{
    static const struct {
        const char *name;
        void (*operation)(void);
        unsigned times;
    } table[] = {
        {"field mul", do_mul, 1000},
        {"field sqr", do_sqr, 1000},
        {"field add", do_add, 2000},
        {"field sub", do_sub, 2000},
        {"field sub, tight", do_sub_tight, 2000},
        {"product, 2048 bits", do_wide_mul, 1000},
        {"reduction", do_wide_reduce, 1000},
        {"inner product of 11", do_dot, 200},
        {"field inversion", do_invert, 5},
        {"quadratic character", do_character, 20},
        {"point doubling", do_double, 200},
        {"point times 719", do_multiply, 20},
    };
    double cycles = cycles_per_ns();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        double ns = measure(table[i].operation, 15, table[i].times);
        printf("%-24s %10.1f ns %12.0f cycles\n", table[i].name, ns, ns * cycles);
    }
    for (size_t b = 0; b < BATCHES - 1; b++) {
        it.batch = &batch_table[b];
        double ns = measure(do_isogeny, 3, 3);
        printf("isogeny of %3u to %3u    %10.0f ns %12.0f cycles, %ux%u\n",
               small_prime[it.batch->first], small_prime[it.batch->first + it.batch->count - 1], ns,
               ns * cycles, it.batch->babies, it.batch->giants);
    }
}

static double spent_ns[PARTS], part_since_ns;
static enum action_part part_now;

void action_part(enum action_part part)
{
    double now = stopwatch_now_ns();
    spent_ns[part_now] += now - part_since_ns;
    part_since_ns = now;
    part_now = part;
}

enum { JOURNEYS = LANES > 1 ? 63 : 5 };

/* How validation and the parts of an action share the time, for many keys that one secret meets. */
static void print_parts(void)
{
    static const char *const names[PARTS] = {
        "other",     "sampling of points", "clearing of primes", "kernel points",
        "isogenies", "removing targets",   "those left behind",
    };
    static struct journey journeys[JOURNEYS];
    uint8_t secret[CTIDH1024_SECRET_BYTES];
    const uint8_t base_curve[FP1024_BYTES] = {0};
    struct schedule schedule;
    ctidh1024_secret_sample(secret, &random_system);
    INVARIANT(schedule_open(&schedule, secret) == 0);
    for (size_t i = 0; i < JOURNEYS; i++)
        journey_open(&journeys[i], base_curve, &schedule);
    double cycles = cycles_per_ns(), validation = measure(do_validate, 5, 1) * JOURNEYS;
    part_since_ns = stopwatch_now_ns();
    INVARIANT(action_run(journeys, JOURNEYS, &random_system, NULL) == 0);
    action_part(PART_OTHER);

    double all = validation;
    for (size_t i = 0; i < PARTS; i++)
        all += spent_ns[i];
    printf("%d keys: %.2f ms and %.1f million cycles a key, of which\n", JOURNEYS,
           all / JOURNEYS / 1e6, all / JOURNEYS / 1e6 * cycles);
    printf("%-24s %5.1f %%\n", "validation", 100 * validation / all);
    for (size_t i = 0; i < PARTS; i++)
        printf("%-24s %5.1f %%\n", names[i], 100 * spent_ns[i] / all);
}

/* For each batch the fastest split, and by how much it beats the one in use. */
static void tune(void)
{
    for (size_t b = 0; b < BATCHES - 1; b++) {
        struct batch batch = batch_table[b];
        it.batch = &batch;
        double now = measure(do_isogeny, 7, 2);
        batch.babies = batch.giants = 0;
        struct batch best = batch;
        double least = measure(do_isogeny, 7, 2);
        for (uint8_t babies = 2; babies <= BABIES_MAX; babies = (uint8_t)(babies + 2))
            for (uint8_t giants = 1; giants <= GIANTS_MAX; giants++) {
                unsigned covered = 4U * babies * giants;
                if (covered > small_prime[batch.first] - 1U ||
                    2 * covered < small_prime[batch.first] - 1U)
                    continue;
                batch.babies = babies;
                batch.giants = giants;
                double each = measure(do_isogeny, 7, 2);
                if (each < least) {
                    least = each;
                    best = batch;
                }
            }
        printf("batch %2zu: (%u, %u) %.1f us; in use (%u, %u) %.1f us\n", b, best.babies,
               best.giants, least / 1e3, batch_table[b].babies, batch_table[b].giants, now / 1e3);
        fflush(stdout);
    }
}

#ifdef CTIDH_VECTOR
/* As many products of limbs, each of two halves, as one multiplication of the field takes, and
 * nothing else: ten independent sums, more than the processor can have under way. */
static void do_products(void)
{
    enum { PRODUCTS = 2 * FPV_LIMBS * FPV_LIMBS + FPV_LIMBS / 2, PAIRS = 5 };
    struct multiplier multiplier = multiplier_open();
    operand a = operand_of(it.a.limb[0]), b = operand_of(it.b.limb[0]);
    vec low[PAIRS] = {{0}}, high[PAIRS] = {{0}};
    for (size_t i = 0; i < PRODUCTS / PAIRS; i++)
#pragma GCC unroll 5
        for (size_t j = 0; j < PAIRS; j++) {
            vec_add_product(&multiplier, &low[j], &high[j], a, b);
            __asm__ volatile("" : "+v"(a), "+v"(low[j]), "+v"(high[j]));
        }
    multiplier_close(&multiplier);
}
#endif

/* Nanoseconds of a multiplication, and of its products of limbs alone; how many cycles of the core
 * the two are. */
static void print_multiplication(void)
{
    double cycles = cycles_per_ns(), mul = measure(do_mul, 101, 300);
#ifdef CTIDH_VECTOR
    double products = measure(do_products, 101, 300);
    printf("%.3f %.3f %.0f %.0f\n", mul, products, mul * cycles, products * cycles);
#else
    printf("%.3f %.0f\n", mul, mul * cycles);
#endif
}

int main(int argc, char **argv)
{
    if (secret_init())
        return 1;
    prepare();
    const char *mode = argc > 1 ? argv[1] : "operations";
    if (strcmp(mode, "operations") == 0)
        print_operations();
    else if (strcmp(mode, "parts") == 0)
        print_parts();
    else if (strcmp(mode, "tune") == 0)
        tune();
    else if (strcmp(mode, "mul") == 0)
        print_multiplication();
    else
        return 2;
    return 0;
}
