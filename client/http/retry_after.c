#include "http/retry_after.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 24 * 60 * 60 };

static int64_t bounded_ms(int64_t seconds)
{
    if (seconds <= 0)
        return 0;
    return (seconds < DAY_S ? seconds : DAY_S) * 1000;
}

int64_t retry_after_ms(const char *header, const char *date)
{
    if (!header)
        return 0;
    size_t digits = strspn(header, "0123456789");
    if (digits > 0 && header[digits] == '\0')
        return digits > 9 ? bounded_ms(DAY_S) : bounded_ms(strtol(header, NULL, 10));
    time_t then = curl_getdate(header, NULL), now = date ? curl_getdate(date, NULL) : -1;
    return then < 0 || now < 0 ? 0 : bounded_ms((int64_t)then - (int64_t)now);
}
