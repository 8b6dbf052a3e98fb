#include "store/sqlite_part.h"

int sqlite_visit_bucket(sqlite3_stmt *row, char kind, const struct store_bucket_visitor *visitor)
{
    struct bucket_id id;
    if (row_bucket(row, &id))
        return -EBADMSG;
    sqlite3_int64 ends_s = sqlite3_column_int64(row, 4); /* 0 for NULL */
    if (ends_s < 0)
        return -EBADMSG;
    return visitor->bucket(visitor->context, kind, &id, sqlite3_column_int(row, 3) != 0, ends_s);
}
