/* What an operator can do about a database that cannot be used. */
#ifndef REUNION_RENDEZVOUS_ADVICE_H
#define REUNION_RENDEZVOUS_ADVICE_H

/* In words for a log, never NULL, for an error of opening a file or a PostgreSQL database. */
const char *file_advice(int err);
const char *postgres_advice(int err);

#endif
