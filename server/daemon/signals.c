#include "daemon/signals.h"

#include <stddef.h>

sigset_t signals_await(void)
{
    struct sigaction hang_up;
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGINT);
    if (sigaction(SIGHUP, NULL, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN)
        sigaddset(&awaited, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &awaited, NULL);
    return awaited;
}

void signals_ignore_others(void)
{
    static const int meaningless[] = {SIGPIPE, SIGXFSZ, SIGUSR1,   SIGUSR2,
                                      SIGALRM, SIGPROF, SIGVTALRM, SIGPOLL};
    for (size_t i = 0; i < sizeof meaningless / sizeof meaningless[0]; i++)
        signal(meaningless[i], SIG_IGN);
}
