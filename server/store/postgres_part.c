#include "store/postgres_part.h"

int postgres_send_bucket(struct postgres_session *session, const struct postgres_statements *set,
                         size_t which, const struct change *change)
{
    struct postgres_values values;
    values_bucket(&values, &change->id);
    return postgres_send(session, set, which, &values);
}

int postgres_close_bucket(struct postgres_session *session, const struct postgres_statements *set,
                          size_t which, const struct change *change)
{
    struct postgres_values values;
    values_bucket(&values, &change->id);
    if (change->ends_s != 0)
        values_number(&values, change->ends_s);
    else
        values_nothing(&values);
    return postgres_send(session, set, which, &values);
}

int postgres_visit_bucket(const PGresult *row, int at, char kind,
                          const struct store_bucket_visitor *visitor)
{
    struct bucket_id id;
    int64_t ends_s = 0;
    const uint8_t *closed = row_value(row, at, 1, 1);
    if (row_bucket_id(row, at, 0, &id) || !closed ||
        (!row_is_null(row, at, 2) && row_integer(row, at, 2, 1, INT64_MAX, &ends_s)))
        return -EBADMSG;
    return visitor->bucket(visitor->context, kind, &id, *closed != 0, ends_s);
}
