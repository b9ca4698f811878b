/* A disk that tells what was done to it and fails when told: preloaded into a process under test.
 *
 * It stands between the process and every file under one folder. `disk.rs` sets it up, `image.rs`
 * reads its log. It decides nothing: whoever holds the control file does. Invariant: records stand
 * in the log in the order in which the operations took effect, and the clock never runs backwards.
 *
 * Environment: CHANGPING_DISK_FOLDER, CHANGPING_DISK_CONTROL, and, to record, CHANGPING_DISK_LOG.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The control file: 64-bit words, in this order; `disk.rs` knows the same order. */
struct control {
    _Atomic uint64_t clock;   /* operations so far */
    _Atomic uint64_t syncs;   /* files synced so far */
    _Atomic uint64_t refused; /* calls refused so far */
    _Atomic uint64_t faults;  /* bits below */
    _Atomic uint64_t from;    /* faults hold for operations from this one on */
    _Atomic uint64_t die_before; /* kill the process before this operation */
    _Atomic uint64_t die_after;  /* kill the process after this operation */
    _Atomic uint64_t enough;  /* no fault once so many calls have been refused; 0 is never enough */
};
enum { FULL = 1, GROWING = 2, TORN = 4, READ_ONLY = 8, SYNC_FAILS = 16 };
enum { CREATED = 1, WRITTEN, CUT, SYNC_BEGAN, SYNC_ENDED, REMOVED };
enum { STRANGE = 0, WATCHED = 1, FOLDER = 2, SHARED_MEMORY = 3 };

static struct control *control;
static char folder[PATH_MAX];
static size_t folder_length;
static int logged = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static unsigned char kinds[1 << 16];
static uint64_t inodes[1 << 16];

struct record {
    uint64_t at, kind, file, offset, length;
};

__attribute__((constructor)) static void begin(void)
{
    const char *where = getenv("CHANGPING_DISK_FOLDER"), *with = getenv("CHANGPING_DISK_CONTROL");
    const char *into = getenv("CHANGPING_DISK_LOG");
    if (!where || !with || strlen(where) >= PATH_MAX)
        return;
    strcpy(folder, where);
    folder_length = strlen(folder);
    int file = (int)syscall(SYS_openat, AT_FDCWD, with, O_RDWR | O_CLOEXEC, 0);
    if (file < 0)
        abort();
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    syscall(SYS_close, file);
    if (mapped == MAP_FAILED)
        abort();
    if (into) {
        int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
        logged = (int)syscall(SYS_openat, AT_FDCWD, into, flags, 0600);
        if (logged < 0)
            abort();
    }
    control = mapped;
}

static void die(void)
{
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

/* The number of the next operation; perhaps the process does not live to do it. */
static uint64_t next(void)
{
    uint64_t at = ++control->clock;
    if (control->die_before && control->die_before == at)
        die();
    return at;
}

static void done(uint64_t at)
{
    if (control->die_after && control->die_after == at)
        die();
}

static void put(const void *bytes, size_t length)
{
    const char *from = bytes;
    while (length > 0) {
        ssize_t wrote = syscall(SYS_write, logged, from, length);
        if (wrote < 0)
            abort();
        from += wrote;
        length -= (size_t)wrote;
    }
}

static void note(uint64_t at, uint64_t kind, uint64_t file, uint64_t offset, uint64_t length,
                 const void *bytes)
{
    if (logged < 0)
        return;
    struct record record = {at, kind, file, offset, length};
    put(&record, sizeof record);
    if (bytes)
        put(bytes, length);
}

static int faulty(uint64_t bits, uint64_t at)
{
    if (control->enough && control->refused >= control->enough)
        return 0;
    return (control->faults & bits) && at >= control->from;
}

static int refuse(int error)
{
    ++control->refused;
    errno = error;
    return -1;
}

/* What stands at a path, and the path in full. */
static int kind_of(int at, const char *path, char *full)
{
    size_t used = 0;
    if (!control || !path)
        return STRANGE;
    if (path[0] != '/') {
        if (at == AT_FDCWD) {
            if (!getcwd(full, PATH_MAX))
                return STRANGE;
            used = strlen(full);
        } else {
            char link[64] = "/proc/self/fd/";
            char digits[16];
            int n = 0, left = at;
            do
                digits[n++] = (char)('0' + left % 10);
            while ((left /= 10) > 0);
            size_t end = strlen(link);
            while (n > 0)
                link[end++] = digits[--n];
            link[end] = 0;
            ssize_t length = readlink(link, full, PATH_MAX - 1);
            if (length < 0)
                return STRANGE;
            used = (size_t)length;
        }
        full[used++] = '/';
    }
    if (used + strlen(path) >= PATH_MAX)
        return STRANGE;
    strcpy(full + used, path);
    if (strncmp(full, folder, folder_length) != 0)
        return STRANGE;
    if (full[folder_length] == 0)
        return FOLDER;
    if (full[folder_length] != '/')
        return STRANGE;
    size_t length = strlen(full);
    return length > 4 && strcmp(full + length - 4, "-shm") == 0 ? SHARED_MEMORY : WATCHED;
}

static int kind(int fd)
{
    return control && fd >= 0 && fd < (1 << 16) ? kinds[fd] : STRANGE;
}

static uint64_t size_of(int fd)
{
    struct stat found;
    return fstat(fd, &found) == 0 ? (uint64_t)found.st_size : 0;
}

static int do_open(int at, const char *path, int flags, mode_t mode)
{
    char full[PATH_MAX];
    int what = kind_of(at, path, full);
    if (what == STRANGE)
        return (int)syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&turn);
    struct stat found;
    int is_new = (flags & O_CREAT) && stat(full, &found) != 0;
    int writes = (flags & O_ACCMODE) != O_RDONLY || is_new;
    int fd;
    uint64_t now = control->clock + 1;
    if (writes && faulty(READ_ONLY, now)) {
        fd = refuse(EROFS);
    } else if (is_new && faulty(FULL | GROWING, now)) {
        fd = refuse(ENOSPC);
    } else {
        uint64_t done_at = is_new && what == WATCHED ? next() : 0;
        fd = (int)syscall(SYS_openat, at, path, flags, mode);
        if (fd >= 0 && fd < (1 << 16) && fstat(fd, &found) == 0) {
            kinds[fd] = (unsigned char)(S_ISDIR(found.st_mode) ? FOLDER : what);
            inodes[fd] = found.st_ino;
            if (done_at) {
                const char *name = full + folder_length + 1;
                note(done_at, CREATED, inodes[fd], 0, strlen(name), name);
                done(done_at);
            }
        }
    }
    pthread_mutex_unlock(&turn);
    return fd;
}

static mode_t mode_of(int flags, va_list more)
{
    return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(more, int) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = mode_of(flags, more);                                                        \
        va_end(more);                                                                              \
        return do_open(AT_FDCWD, path, flags, mode);                                               \
    }
#define OPENAT(name)                                                                               \
    int name(int at, const char *path, int flags, ...)                                             \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = mode_of(flags, more);                                                        \
        va_end(more);                                                                              \
        return do_open(at, path, flags, mode);                                                     \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int creat(const char *path, mode_t mode)
{
    return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode)
{
    return creat(path, mode);
}

int close(int fd)
{
    if (kind(fd) != STRANGE)
        kinds[fd] = STRANGE;
    return (int)syscall(SYS_close, fd);
}

/* One write at an offset, or at the file's own place where it is -1. */
static ssize_t do_write(int fd, const struct iovec *parts, int count, off_t offset)
{
    int what = kind(fd);
    int placed = offset >= 0;
    if (what != WATCHED && what != SHARED_MEMORY)
        return placed ? syscall(SYS_pwritev, fd, parts, count, offset, 0)
                      : syscall(SYS_writev, fd, parts, count);
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    pthread_mutex_lock(&turn);
    uint64_t size = size_of(fd);
    off_t start = placed ? offset : lseek(fd, 0, SEEK_CUR);
    if (!placed && (fcntl(fd, F_GETFL) & O_APPEND))
        start = (off_t)size;
    uint64_t at = what == WATCHED ? next() : control->clock + 1;
    int full = faulty(FULL, at) || (faulty(GROWING, at) && (uint64_t)start + length > size);
    struct iovec first = {0, 0};
    ssize_t wrote = 0;
    if (faulty(READ_ONLY, at)) {
        wrote = refuse(EROFS);
    } else if (full && faulty(TORN, at) && count > 0 && parts[0].iov_len > 1 && at % 2) {
        ++control->refused;
        first.iov_base = parts[0].iov_base;
        first.iov_len = parts[0].iov_len / 2;
        parts = &first;
        count = 1;
    } else if (full) {
        wrote = refuse(ENOSPC);
    }
    if (wrote == 0)
        wrote = placed ? syscall(SYS_pwritev, fd, parts, count, offset, 0)
                       : syscall(SYS_writev, fd, parts, count);
    if (wrote > 0 && what == WATCHED && logged >= 0) {
        int failed = errno;
        uint64_t left = (uint64_t)wrote;
        note(at, WRITTEN, inodes[fd], (uint64_t)start, left, NULL);
        for (int i = 0; i < count && left > 0; i++) {
            size_t some = parts[i].iov_len < left ? parts[i].iov_len : left;
            put(parts[i].iov_base, some);
            left -= some;
        }
        errno = failed;
    }
    if (what == WATCHED)
        done(at);
    pthread_mutex_unlock(&turn);
    return wrote;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    if (kind(fd) == STRANGE)
        return syscall(SYS_write, fd, bytes, length);
    struct iovec part = {(void *)bytes, length};
    return do_write(fd, &part, 1, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    struct iovec part = {(void *)bytes, length};
    return do_write(fd, &part, 1, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    return pwrite(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return do_write(fd, parts, count, -1);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return do_write(fd, parts, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
    return do_write(fd, parts, count, offset);
}

int ftruncate(int fd, off_t length)
{
    int what = kind(fd);
    if (what != WATCHED && what != SHARED_MEMORY)
        return (int)syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&turn);
    uint64_t at = what == WATCHED ? next() : control->clock + 1;
    int outcome;
    if (faulty(READ_ONLY, at)) {
        outcome = refuse(EROFS);
    } else {
        outcome = (int)syscall(SYS_ftruncate, fd, length);
        if (outcome == 0 && what == WATCHED)
            note(at, CUT, inodes[fd], (uint64_t)length, 0, NULL);
    }
    if (what == WATCHED)
        done(at);
    pthread_mutex_unlock(&turn);
    return outcome;
}

int ftruncate64(int fd, off64_t length)
{
    return ftruncate(fd, length);
}

/* Room kept ahead is only refused, never recorded: SQLite does not ask for it. */
int posix_fallocate(int fd, off_t offset, off_t length)
{
    int what = kind(fd);
    if ((what == WATCHED || what == SHARED_MEMORY) && faulty(FULL | GROWING, control->clock + 1)) {
        ++control->refused;
        return ENOSPC;
    }
    return syscall(SYS_fallocate, fd, 0, offset, length) == 0 ? 0 : errno;
}

int posix_fallocate64(int fd, off64_t offset, off64_t length)
{
    return posix_fallocate(fd, offset, length);
}

/* A sync makes durable what was written before it began, once it has ended well. */
static int do_sync(int fd, long call)
{
    int what = kind(fd);
    if (what != WATCHED && what != FOLDER)
        return (int)syscall(call, fd);
    uint64_t file = what == FOLDER ? 0 : inodes[fd];
    pthread_mutex_lock(&turn);
    uint64_t began = next();
    note(began, SYNC_BEGAN, file, 0, 0, NULL);
    pthread_mutex_unlock(&turn);
    int outcome = (int)syscall(call, fd);
    if (outcome == 0 && faulty(SYNC_FAILS, began))
        outcome = refuse(EIO);
    int failed = errno;
    pthread_mutex_lock(&turn);
    uint64_t at = next();
    note(at, SYNC_ENDED, file, began, (uint64_t)(outcome == 0 ? 0 : 1), NULL);
    if (outcome == 0)
        ++control->syncs;
    done(at);
    pthread_mutex_unlock(&turn);
    errno = failed;
    return outcome;
}

int fsync(int fd)
{
    return do_sync(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return do_sync(fd, SYS_fdatasync);
}

int unlinkat(int at, const char *path, int flags)
{
    char full[PATH_MAX];
    int what = kind_of(at, path, full);
    if (what != WATCHED || (flags & AT_REMOVEDIR))
        return (int)syscall(SYS_unlinkat, at, path, flags);
    pthread_mutex_lock(&turn);
    uint64_t now = next();
    int outcome;
    if (faulty(READ_ONLY, now)) {
        outcome = refuse(EROFS);
    } else {
        outcome = (int)syscall(SYS_unlinkat, at, path, flags);
        const char *name = full + folder_length + 1;
        if (outcome == 0)
            note(now, REMOVED, 0, 0, strlen(name), name);
    }
    done(now);
    pthread_mutex_unlock(&turn);
    return outcome;
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

/* SQLite renames nothing; a program that does would need it recorded, so it is not let pass. */
int rename(const char *from, const char *to)
{
    char full[PATH_MAX];
    if (logged >= 0 && kind_of(AT_FDCWD, from, full) == WATCHED)
        abort();
    if (kind_of(AT_FDCWD, from, full) == WATCHED && faulty(READ_ONLY, control->clock + 1))
        return refuse(EROFS);
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
