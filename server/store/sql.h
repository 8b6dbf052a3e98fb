/* The SQL files under sql/, embedded when the server is built. */
#ifndef REUNION_STORE_SQL_H
#define REUNION_STORE_SQL_H

extern const char sql_new_file[];
extern const char sql_pragmas[];
extern const char sql_reader_pragmas[];
extern const char sql_schema_v6[];
extern const char sql_upgrade_to_v6[];
extern const char sql_postgres_session[];
extern const char sql_postgres_schema_v1[];
extern const char sql_postgres_functions_v1[];

#endif
