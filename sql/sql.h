/* The SQL files of this folder, embedded when the server is built. */
#ifndef REUNION_SQL_H
#define REUNION_SQL_H

extern const char sql_pragmas[];
extern const char sql_schema_v1[];

#endif
