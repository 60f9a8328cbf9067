/*
 * Lets a kernel in user mode run on processors with more registers than it knows. It asks for the registers of a process in the
 * size that it knows and puts them back in that size, which the kernel below refuses: what it does not know is added here.
 * cc -shared -fPIC -o large-registers.so large-registers.c -ldl, then LD_PRELOAD
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

static char all[1 << 16];

long ptrace(enum __ptrace_request request, ...) {
  static long (*original)(int, pid_t, void *, void *);
  va_list arguments;
  va_start(arguments, request);
  pid_t pid = va_arg(arguments, pid_t);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);
  if (!original) {
    original = (long (*)(int, pid_t, void *, void *)) dlsym(RTLD_NEXT, "ptrace");
  }
  if (request == PTRACE_SETREGSET && (long) address == NT_X86_XSTATE) {
    struct iovec *known = data;
    struct iovec whole = { all, sizeof all };
    if (original(PTRACE_GETREGSET, pid, address, &whole) == 0 && whole.iov_len > known->iov_len) {
      memcpy(all, known->iov_base, known->iov_len);
      return original(request, pid, address, &whole);
    }
  }
  return original(request, pid, address, data);
}
