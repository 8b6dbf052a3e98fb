/* Which version of the project a program is, and of which commit. */
#ifndef REUNION_BASE_VERSION_H
#define REUNION_BASE_VERSION_H

/* "MAJOR.MINOR.PATCH", as meson.build has it. */
extern const char version_number[];

/* The first twelve digits of the commit's name; a "+" behind them says that the sources differed
 * from it. "unknown" where they came with neither git nor an export's file `commit`. */
extern const char version_commit[];

#endif
