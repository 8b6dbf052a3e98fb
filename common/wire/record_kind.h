/* The three kinds of records: T1, T2 and T3. */
#ifndef REUNION_WIRE_RECORD_KIND_H
#define REUNION_WIRE_RECORD_KIND_H

/* The value is the first byte of a record's frame in a feed. */
enum record_kind { RECORD_T1 = 1, RECORD_T2 = 2, RECORD_T3 = 3 };

#endif
