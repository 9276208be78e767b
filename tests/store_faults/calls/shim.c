/* Loaded before the C library: lets one call fail of those that are about files below one folder.
 *
 *   FAULT_BELOW  the folder
 *   FAULT_KIND   which calls count, and how the one fails: see counts() and fails()
 *   FAULT_AT     which of them, from 1; 0: none
 *   FAULT_LOG    a file outside of the folder; each call is a line: operation, whether it was made to fail, path
 *
 * To open <folder>/note-... never succeeds and never counts: so the program puts a line of its own into the log.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum op { OPEN, CREATE, WRITE, READ, SYNC, RESIZE, RENAME, REMOVE, FOLDER, NOTE };
static const char *const names[] = {"open", "create", "write", "read", "sync", "resize", "rename", "remove", "folder", "note"};
enum outcome { PASS, FAIL, HALF };

static char below[PATH_MAX];
static size_t below_length;
static char kind[16];
static long fault_at;
static int log_file = -1;
static atomic_long counted;

__attribute__((constructor)) static void start(void) {
  const char *folder = getenv("FAULT_BELOW"), *log = getenv("FAULT_LOG");
  const char *which = getenv("FAULT_KIND"), *at = getenv("FAULT_AT");
  if (!folder || !which || !at) return;
  snprintf(below, sizeof below, "%s/", folder);
  below_length = strlen(below);
  snprintf(kind, sizeof kind, "%s", which);
  fault_at = atol(at);
  if (log) log_file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static int is_below(const char *path) {
  return below_length && path && strncmp(path, below, below_length) == 0;
}

/* Where a descriptor leads; an empty text if not below the folder. */
static const char *path_of(int fd, char *path) {
  char link[64];
  path[0] = 0;
  if (!below_length) return path;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  path[length > 0 ? length : 0] = 0;
  if (!is_below(path)) path[0] = 0;
  return path;
}

static int counts(enum op op) {
  if (op == NOTE) return 0;
  if (!strcmp(kind, "sync")) return op == SYNC;
  if (!strcmp(kind, "read")) return op == READ;
  if (!strcmp(kind, "short") || !strcmp(kind, "torn")) return op == WRITE;
  if (!strcmp(kind, "full")) return op == CREATE || op == WRITE || op == RESIZE || op == RENAME || op == FOLDER;
  return op != READ; /* error, gone */
}

static enum outcome decide(enum op op, const char *path) {
  enum outcome outcome = PASS;
  if (fault_at && counts(op)) {
    long number = atomic_fetch_add(&counted, 1) + 1;
    int is_hit = number == fault_at || (!strcmp(kind, "gone") && number > fault_at);
    int is_torn = !strcmp(kind, "torn");
    if (is_hit) outcome = is_torn || !strcmp(kind, "short") ? HALF : FAIL;
    /* As a full disk does: it takes a part, and then no more. */
    if (is_torn && number == fault_at + 1) outcome = FAIL;
  }
  if (log_file >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%s %d %s\n", names[op], outcome != PASS, path);
    syscall(SYS_write, log_file, line, (size_t)length);
  }
  if (outcome == FAIL)
    errno = !strcmp(kind, "full") || !strcmp(kind, "torn") ? ENOSPC : EIO;
  return outcome;
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  if (is_below(path) && !strncmp(path + below_length, "note-", 5)) {
    decide(NOTE, path + below_length);
    errno = ENOENT;
    return -1;
  }
  if (is_below(path) && decide(flags & O_CREAT ? CREATE : OPEN, path) != PASS) return -1;
  return syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE_OF(flags)                              \
  mode_t mode = 0;                                  \
  if ((flags) & (O_CREAT | O_TMPFILE)) {            \
    va_list rest;                                   \
    va_start(rest, flags);                          \
    mode = va_arg(rest, mode_t);                    \
    va_end(rest);                                   \
  }

int open(const char *path, int flags, ...) { MODE_OF(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int fd, const char *path, int flags, ...) { MODE_OF(flags) return open_at(fd, path, flags, mode); }
int openat64(int fd, const char *path, int flags, ...) { MODE_OF(flags) return open_at(fd, path, flags, mode); }

static ssize_t write_some(int fd, const void *bytes, size_t length, off_t at, int is_at) {
  char path[PATH_MAX];
  if (path_of(fd, path)[0]) {
    enum outcome outcome = decide(WRITE, path);
    if (outcome == FAIL) return -1;
    if (outcome == HALF && length > 1) length /= 2;
  }
  return is_at ? syscall(SYS_pwrite64, fd, bytes, length, at) : syscall(SYS_write, fd, bytes, length);
}

ssize_t write(int fd, const void *bytes, size_t length) { return write_some(fd, bytes, length, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return write_some(fd, bytes, length, at, 1); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) { return write_some(fd, bytes, length, at, 1); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
  char path[PATH_MAX];
  if (count > 0 && path_of(fd, path)[0]) {
    /* The first part that is not empty, as a short write would. */
    for (int at = 0; at < count; at++)
      if (parts[at].iov_len) return write_some(fd, parts[at].iov_base, parts[at].iov_len, 0, 0);
  }
  return syscall(SYS_writev, fd, parts, count);
}

static int is_hit(enum op op, int fd) {
  char path[PATH_MAX];
  return path_of(fd, path)[0] && decide(op, path) != PASS;
}

ssize_t read(int fd, void *to, size_t length) { return is_hit(READ, fd) ? -1 : syscall(SYS_read, fd, to, length); }
ssize_t pread(int fd, void *to, size_t length, off_t at) {
  return is_hit(READ, fd) ? -1 : syscall(SYS_pread64, fd, to, length, at);
}
ssize_t pread64(int fd, void *to, size_t length, off_t at) {
  return is_hit(READ, fd) ? -1 : syscall(SYS_pread64, fd, to, length, at);
}

int fsync(int fd) { return is_hit(SYNC, fd) ? -1 : syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return is_hit(SYNC, fd) ? -1 : syscall(SYS_fdatasync, fd); }
int ftruncate(int fd, off_t length) { return is_hit(RESIZE, fd) ? -1 : syscall(SYS_ftruncate, fd, length); }
int ftruncate64(int fd, off_t length) { return is_hit(RESIZE, fd) ? -1 : syscall(SYS_ftruncate, fd, length); }
int fallocate(int fd, int how, off_t at, off_t length) {
  return is_hit(RESIZE, fd) ? -1 : syscall(SYS_fallocate, fd, how, at, length);
}
int fallocate64(int fd, int how, off_t at, off_t length) {
  return is_hit(RESIZE, fd) ? -1 : syscall(SYS_fallocate, fd, how, at, length);
}

int rename(const char *from, const char *to) {
  if (is_below(to) && decide(RENAME, to) != PASS) return -1;
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int unlink(const char *path) {
  if (is_below(path) && decide(REMOVE, path) != PASS) return -1;
  return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
int mkdir(const char *path, mode_t mode) {
  if (is_below(path) && decide(FOLDER, path) != PASS) return -1;
  return syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
