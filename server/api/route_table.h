/* The tables of all routes. */
#ifndef REUNION_API_ROUTE_TABLE_H
#define REUNION_API_ROUTE_TABLE_H

#include "api/router.h"

/* The routes of the API, with GET /metrics or without. */
struct route_table route_table_main(bool with_metrics);

/* GET /metrics alone, for a listener of its own. */
struct route_table route_table_metrics(void);

#endif
