/* A clock that goes as the system's, but not of today: preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *at)
{
    static int (*real)(clockid_t, struct timespec *);
    static long shift;
    if (!real) {
        const char *seconds = getenv("CHANGPING_CLOCK_SHIFT_S");
        shift = seconds ? atol(seconds) : 0;
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    }
    int outcome = real(id, at);
    if (outcome == 0 && id == CLOCK_REALTIME)
        at->tv_sec += shift;
    return outcome;
}
