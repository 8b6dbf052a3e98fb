/* A status line at the bottom of the terminal that is always up to date. */
#ifndef REUNION_CLI_STATUS_LINE_H
#define REUNION_CLI_STATUS_LINE_H

#include <stddef.h>

/* DESIGN: a process has one terminal, so this has one state. The line is on standard error, drawn
 * only where that is a terminal that can erase to the end of a line and whose foreground this
 * program is in; everybody else who writes there hides it first. Under output_lock, which whoever
 * hides it has until it is back; the others take it themselves. */

enum { STATUS_LINE_BYTES = 256 };

/* Allow the line from now on, if there is such a terminal. */
void status_line_open(void);

/* Columns for the text; 0 where there is no line to be seen. */
size_t status_line_columns(void);

/* Show `text`, which fits into the columns and STATUS_LINE_BYTES, in place of what stood there. */
void status_line_show(const char *text);

/* Take the line away while something else is written, and put it back. */
void status_line_hide(void);
void status_line_restore(void);

/* Take it away until something is shown again. */
void status_line_clear(void);

/* Take it away for good. */
void status_line_close(void);

#endif
