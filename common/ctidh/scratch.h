/* Local arrays of the fields' innermost functions. */
#ifndef REUNION_CTIDH_SCRATCH_H
#define REUNION_CTIDH_SCRATCH_H

/* Of a local that its function writes before it reads it. Builds set all locals to zero first,
 * which took a quarter of the time of a squaring with AVX2, and adds nothing here. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define SCRATCH __attribute__((uninitialized))
#endif
#endif
#ifndef SCRATCH
#define SCRATCH
#endif

#endif
