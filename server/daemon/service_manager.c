#include "daemon/service_manager.h"

#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"

int manager_sockets(char ***names)
{
    *names = NULL;
    return sd_listen_fds_with_names(1, names);
}

void manager_names_free(char **names)
{
    for (char **name = names; name && *name; name++)
        free(*name);
    free(names);
}

/* A manager that cannot be told is no reason to stop serving. */
void manager_notify_ready(void)
{
    int reported = sd_notify(0, "READY=1");
    if (reported < 0)
        log_line(LOG_WARNING, "the service manager cannot be told",
                 "variable=NOTIFY_SOCKET reason=\"%s\"", err_reason(reported));
}

void manager_notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}

void manager_notify_alive(void)
{
    (void)sd_notify(0, "WATCHDOG=1");
}

int64_t manager_watchdog_ms(void)
{
    uint64_t interval_us;
    return sd_watchdog_enabled(0, &interval_us) > 0 ? (int64_t)(interval_us / 1000) : 0;
}
