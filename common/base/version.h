/* The version and the commit of a program. */
#ifndef REUNION_BASE_VERSION_H
#define REUNION_BASE_VERSION_H

/* "MAJOR.MINOR.PATCH", as meson.build has it. */
extern const char version_number[];

/* The first twelve digits of the commit's name; a "+" behind them says that the sources differed
 * from it. "unknown" where they came with neither git nor an export's file `commit`. */
extern const char version_commit[];

#endif
