/* The files of a database that a test has made. */
#ifndef REUNION_TESTS_LIB_DATABASE_H
#define REUNION_TESTS_LIB_DATABASE_H

/* Remove the file and what SQLite keeps beside it; what is not there is fine. */
void database_remove(const char *path);

#endif
