/* The parts of CTIDH-1024 measured: `operations` prints one line each, `tune` the best splits of
 * square-root Vélu, `mul` nanoseconds of a field multiplication. Compiled once for each engine;
 * what a vector engine does in all lanes is divided by their number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "ctidh/action.h"
#include "ctidh/ctidh.h"
#include "ctidh/isogeny.h"
#include "ctidh/validate.h"

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What the measured operations work on: random numbers, which serve as well as points. */
static struct {
    struct fp a, b;
    struct fp vector_a[12], vector_b[12];
    struct fp_wide wide;
    struct curve curve;
    struct point points[ISOGENY_POINTS], kernel;
    struct isogeny_work work;
    const struct batch *batch;
    struct schedule schedule;
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

/* Nanoseconds in each lane: the least of `rounds` means over `times` calls, the one other programs
 * disturbed least. */
static double measure(void (*operation)(void), unsigned rounds, unsigned times)
{
    double least = 1e18;
    for (unsigned round = 0; round < rounds; round++) {
        double start = now_ns();
        for (unsigned i = 0; i < times; i++)
            operation();
        double mean = (now_ns() - start) / times / LANES;
        least = mean < least ? mean : least;
    }
    return least;
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
static void do_clear(void)
{
    for (size_t i = 0; i < PRIMES; i++)
        point_multiply(&it.kernel, prime_chain[i], prime_chain[i].steps, &it.curve);
}
static void do_validate(void)
{
    INVARIANT((curve_validate(&fp_zero, &random_system) & ALL_LANES) == ALL_LANES);
}
static void do_action(void)
{
    const uint8_t base_curve[FP1024_BYTES] = {0};
    struct journey journeys[LANES];
    for (size_t lane = 0; lane < LANES; lane++)
        journey_open(&journeys[lane], base_curve, &it.schedule);
    INVARIANT(action_run(journeys, LANES, &random_system, NULL) == 0);
}

static void print_operations(void)
{
    static const struct {
        const char *name;
        void (*operation)(void);
        unsigned times;
    } table[] = {
        {"field mul", do_mul, 2000},
        {"field sqr", do_sqr, 2000},
        {"field add", do_add, 5000},
        {"field sub", do_sub, 5000},
        {"field sub, tight", do_sub_tight, 5000},
        {"product, 2048 bits", do_wide_mul, 2000},
        {"reduction", do_wide_reduce, 2000},
        {"inner product of 11", do_dot, 500},
        {"field inversion", do_invert, 10},
        {"quadratic character", do_character, 50},
        {"point doubling", do_double, 500},
        {"point times 719", do_multiply, 50},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        printf("%-24s %10.1f ns\n", table[i].name, measure(table[i].operation, 15, table[i].times));
    double isogenies = 0;
    for (size_t b = 0; b < BATCHES - 1; b++) {
        it.batch = &batch_table[b];
        double each = measure(do_isogeny, 3, 3);
        isogenies += each * it.batch->bound;
        printf("isogeny of %3u to %3u    %10.1f us, %ux%u\n", small_prime[it.batch->first],
               small_prime[it.batch->first + it.batch->count - 1], each / 1e3, it.batch->babies,
               it.batch->giants);
    }
    uint8_t secret[CTIDH1024_SECRET_BYTES];
    ctidh1024_secret_sample(secret, &random_system);
    INVARIANT(schedule_open(&it.schedule, secret) == 0);
    double validate = measure(do_validate, 5, 1);
    double action = measure(do_action, 5, 1);
    /* A block clears each point of nearly all primes; it takes 6 blocks and a little. */
    double clearing = 2 * 6 * measure(do_clear, 3, 1);
    printf("validation               %10.2f ms\n", validate / 1e6);
    printf("of the action: isogenies %10.2f ms, %.0f %%\n", isogenies / 1e6,
           100 * isogenies / action);
    printf("          other multiples %9.2f ms, %.0f %%\n", clearing / 1e6,
           100 * clearing / action);
    printf("action                   %10.2f ms, %.2f a second\n", action / 1e6, 1e9 / action);
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
/* As many products of limbs as one multiplication of the field takes, and nothing else: ten
 * independent sums, more than the processor can have under way. */
static void do_products(void)
{
    enum { PRODUCTS = 2 * 2 * FPV_LIMBS * FPV_LIMBS + FPV_LIMBS };
    vec a = it.a.limb[0], b = it.b.limb[0];
    vec s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a;
#define ADD_TO(sum)                                                                                \
    sum = vec_mul_low(sum, a, b);                                                                  \
    __asm__ volatile("" : "+v"(sum))
    for (size_t i = 0; i < PRODUCTS / 10; i++) {
        ADD_TO(s0);
        ADD_TO(s1);
        ADD_TO(s2);
        ADD_TO(s3);
        ADD_TO(s4);
        ADD_TO(s5);
        ADD_TO(s6);
        ADD_TO(s7);
        ADD_TO(s8);
        ADD_TO(s9);
    }
#undef ADD_TO
}
#endif

/* Nanoseconds of a multiplication, and the least that its products of limbs take. */
static void print_multiplication(void)
{
    double mul = measure(do_mul, 50, 2000);
#ifdef CTIDH_VECTOR
    printf("%.3f %.3f\n", mul, measure(do_products, 50, 2000));
#else
    printf("%.3f\n", mul);
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
    else if (strcmp(mode, "tune") == 0)
        tune();
    else if (strcmp(mode, "mul") == 0)
        print_multiplication();
    else
        return 2;
    return 0;
}
