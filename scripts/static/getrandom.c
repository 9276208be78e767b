/*
 * In a static program dlsym(3) finds nothing. The crate getrandom asks it for
 * getrandom(2), takes the answer for a kernel without that call, and opens
 * /dev/urandom, which an empty root folder does not have. So here is a dlsym
 * that finds this one function; nothing else in dagtrail asks it for more.
 */
#include <stddef.h>
#include <string.h>
#include <sys/random.h>

void *dlsym(void *library, const char *name) {
  (void)library;
  return strcmp(name, "getrandom") == 0 ? (void *)getrandom : NULL;
}
