// SPDX-License-Identifier: MIT
// From the SYSCALL entry to the call's own function, through a table that cannot be written.
// The whole of RAX is the number: neither its upper half nor a sign is dropped.
#include "trap/syscall_dispatch.h"

#include "base/result.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/syscall_log.h"
#include "trap/arch_calls.h"
#include "trap/attribute_calls.h"
#include "trap/descriptor_calls.h"
#include "trap/directory_calls.h"
#include "trap/file_calls.h"
#include "trap/futex_calls.h"
#include "trap/identity_calls.h"
#include "trap/lock_calls.h"
#include "trap/memory_calls.h"
#include "trap/name_calls.h"
#include "trap/open_calls.h"
#include "trap/path_argument.h"
#include "trap/pipe_calls.h"
#include "trap/poll_calls.h"
#include "trap/power_calls.h"
#include "trap/process_calls.h"
#include "trap/random_calls.h"
#include "trap/schedule_calls.h"
#include "trap/send_file_call.h"
#include "trap/signal_calls.h"
#include "trap/signal_file_calls.h"
#include "trap/status_calls.h"
#include "trap/system_calls.h"
#include "trap/time_calls.h"
#include "uapi/files.h"
#include "uapi/syscalls.h"

namespace kernel {
namespace {

using uapi::Syscall;
using Frame = layout::TrapFrame;

/// A call on its caller's registers.
/// @return  what RAX will hold in ring 3
using Function = std::uint64_t (*)(Frame&);

struct Call {
    Syscall number;
    Function function;
};

/// -errno in RAX, as Linux has it.
constexpr std::uint64_t failure(uapi::Error error)
{
    return ~static_cast<std::uint64_t>(error) + 1;
}

std::uint64_t encode(const base::Result<std::uint64_t>& result)
{
    return result ? *result : failure(result.error());
}

SelectSets select_sets(const Frame& f)
{
    return {arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}, arch::VirtAddr{f.r10}};
}

/// In order of number.
constexpr Call kCalls[] = {
    {Syscall::Read, [](Frame& f) { return encode(read(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Write, [](Frame& f) { return encode(write(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Open, [](Frame& f) { return encode(open(arch::VirtAddr{f.rdi}, f.rsi, f.rdx)); }},
    {Syscall::Close, [](Frame& f) { return encode(close(f.rdi)); }},
    {Syscall::Stat, [](Frame& f) { return encode(stat(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi})); }},
    {Syscall::Fstat, [](Frame& f) { return encode(fstat(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::Lstat, [](Frame& f) { return encode(lstat(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi})); }},
    {Syscall::Poll, [](Frame& f) { return encode(poll(arch::VirtAddr{f.rdi}, f.rsi, f.rdx)); }},
    {Syscall::Lseek, [](Frame& f) { return encode(lseek(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Mmap, [](Frame& f) { return encode(mmap(arch::VirtAddr{f.rdi}, f.rsi, f.rdx, f.r10, f.r8, f.r9)); }},
    {Syscall::Mprotect, [](Frame& f) { return encode(mprotect(arch::VirtAddr{f.rdi}, f.rsi, f.rdx)); }},
    {Syscall::Munmap, [](Frame& f) { return encode(munmap(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Brk, [](Frame& f) { return brk(arch::VirtAddr{f.rdi}); }},
    {Syscall::RtSigaction,
     [](Frame& f) { return encode(rt_sigaction(f.rdi, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}, f.r10)); }},
    {Syscall::RtSigprocmask,
     [](Frame& f) { return encode(rt_sigprocmask(f.rdi, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}, f.r10)); }},
    {Syscall::RtSigreturn, [](Frame& f) { return rt_sigreturn(f); }},
    {Syscall::Ioctl, [](Frame& f) { return encode(ioctl(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Pread64, [](Frame& f) { return encode(pread64(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10)); }},
    {Syscall::Pwrite64, [](Frame& f) { return encode(pwrite64(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10)); }},
    {Syscall::Readv, [](Frame& f) { return encode(readv(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Writev, [](Frame& f) { return encode(writev(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Access, [](Frame& f) { return encode(access(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Pipe, [](Frame& f) { return encode(pipe(arch::VirtAddr{f.rdi})); }},
    {Syscall::Select, [](Frame& f) { return encode(select(f.rdi, select_sets(f), arch::VirtAddr{f.r8})); }},
    {Syscall::SchedYield, [](Frame&) { return sched_yield(); }},
    {Syscall::Mremap,
     [](Frame& f) { return encode(mremap(arch::VirtAddr{f.rdi}, f.rsi, f.rdx, f.r10, arch::VirtAddr{f.r8})); }},
    {Syscall::Madvise, [](Frame& f) { return encode(madvise(arch::VirtAddr{f.rdi}, f.rsi, f.rdx)); }},
    {Syscall::Dup, [](Frame& f) { return encode(dup(f.rdi)); }},
    {Syscall::Dup2, [](Frame& f) { return encode(dup2(f.rdi, f.rsi)); }},
    {Syscall::Pause, [](Frame&) { return encode(pause()); }},
    {Syscall::Nanosleep, [](Frame& f) { return encode(nanosleep(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi})); }},
    {Syscall::Getitimer, [](Frame& f) { return encode(getitimer(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::Alarm, [](Frame& f) { return encode(alarm(f.rdi)); }},
    {Syscall::Setitimer,
     [](Frame& f) { return encode(setitimer(f.rdi, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx})); }},
    {Syscall::Getpid, [](Frame&) { return getpid(); }},
    {Syscall::Sendfile, [](Frame& f) { return encode(sendfile(f.rdi, f.rsi, arch::VirtAddr{f.rdx}, f.r10)); }},
    {Syscall::Clone, [](Frame& f) { return encode(clone(f)); }},
    {Syscall::Fork, [](Frame& f) { return encode(fork(f)); }},
    {Syscall::Vfork, [](Frame& f) { return encode(vfork(f)); }},
    {Syscall::Execve, [](Frame& f) { return encode(execve(f)); }},
    {Syscall::Exit, [](Frame& f) -> std::uint64_t { exit(f.rdi); }},
    {Syscall::Wait4,
     [](Frame& f) { return encode(wait4(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, arch::VirtAddr{f.r10})); }},
    {Syscall::Kill, [](Frame& f) { return encode(kill(f.rdi, f.rsi)); }},
    {Syscall::Uname, [](Frame& f) { return encode(uname(arch::VirtAddr{f.rdi})); }},
    {Syscall::Fcntl, [](Frame& f) { return encode(fcntl(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Flock, [](Frame& f) { return encode(flock(f.rdi, f.rsi)); }},
    {Syscall::Fsync, [](Frame& f) { return encode(fsync(f.rdi)); }},
    {Syscall::Fdatasync, [](Frame& f) { return encode(fsync(f.rdi)); }},
    {Syscall::Truncate, [](Frame& f) { return encode(truncate(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Ftruncate, [](Frame& f) { return encode(ftruncate(f.rdi, f.rsi)); }},
    {Syscall::Getcwd, [](Frame& f) { return encode(getcwd(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Chdir, [](Frame& f) { return encode(chdir(arch::VirtAddr{f.rdi})); }},
    {Syscall::Fchdir, [](Frame& f) { return encode(fchdir(f.rdi)); }},
    {Syscall::Rename,
     [](Frame& f) { return encode(renameat2(kHere, arch::VirtAddr{f.rdi}, kHere, arch::VirtAddr{f.rsi}, 0)); }},
    {Syscall::Mkdir, [](Frame& f) { return encode(mkdirat(kHere, arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Rmdir,
     [](Frame& f) { return encode(unlinkat(kHere, arch::VirtAddr{f.rdi}, uapi::at_flag::kRemoveDirectory)); }},
    {Syscall::Creat, [](Frame& f) { return encode(creat(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Link,
     [](Frame& f) { return encode(linkat(kHere, arch::VirtAddr{f.rdi}, kHere, arch::VirtAddr{f.rsi}, 0)); }},
    {Syscall::Unlink, [](Frame& f) { return encode(unlinkat(kHere, arch::VirtAddr{f.rdi}, 0)); }},
    {Syscall::Symlink, [](Frame& f) { return encode(symlinkat(arch::VirtAddr{f.rdi}, kHere, arch::VirtAddr{f.rsi})); }},
    {Syscall::Readlink, [](Frame& f) { return encode(readlink(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Chmod, [](Frame& f) { return encode(fchmodat(kHere, arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Fchmod, [](Frame& f) { return encode(fchmod(f.rdi, f.rsi)); }},
    {Syscall::Chown, [](Frame& f) { return encode(fchownat(kHere, arch::VirtAddr{f.rdi}, f.rsi, f.rdx, 0)); }},
    {Syscall::Fchown, [](Frame& f) { return encode(fchown(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Lchown,
     [](Frame& f) { return encode(fchownat(kHere, arch::VirtAddr{f.rdi}, f.rsi, f.rdx, uapi::at_flag::kNoFollow)); }},
    {Syscall::Umask, [](Frame& f) { return umask(f.rdi); }},
    {Syscall::Gettimeofday,
     [](Frame& f) { return encode(gettimeofday(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi})); }},
    {Syscall::Getrlimit, [](Frame& f) { return encode(getrlimit(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::Getrusage, [](Frame& f) { return encode(getrusage(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::Sysinfo, [](Frame& f) { return encode(sysinfo(arch::VirtAddr{f.rdi})); }},
    {Syscall::Times, [](Frame& f) { return encode(times(arch::VirtAddr{f.rdi})); }},
    {Syscall::Getuid, [](Frame&) { return std::uint64_t{0}; }},
    {Syscall::Getgid, [](Frame&) { return std::uint64_t{0}; }},
    {Syscall::Setuid, [](Frame& f) { return encode(set_identity(f.rdi)); }},
    {Syscall::Setgid, [](Frame& f) { return encode(set_identity(f.rdi)); }},
    {Syscall::Geteuid, [](Frame&) { return std::uint64_t{0}; }},
    {Syscall::Getegid, [](Frame&) { return std::uint64_t{0}; }},
    {Syscall::Setpgid, [](Frame& f) { return encode(setpgid(f.rdi, f.rsi)); }},
    {Syscall::Getppid, [](Frame&) { return getppid(); }},
    {Syscall::Getpgrp, [](Frame&) { return getpgrp(); }},
    {Syscall::Setsid, [](Frame&) { return encode(setsid()); }},
    {Syscall::Setreuid, [](Frame& f) { return encode(set_identities(f.rdi, f.rsi, 0)); }},
    {Syscall::Setregid, [](Frame& f) { return encode(set_identities(f.rdi, f.rsi, 0)); }},
    {Syscall::Getgroups, [](Frame& f) { return encode(getgroups(f.rdi)); }},
    {Syscall::Setgroups, [](Frame& f) { return encode(setgroups(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::Setresuid, [](Frame& f) { return encode(set_identities(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Getresuid,
     [](Frame& f) {
         return encode(get_identities(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}));
     }},
    {Syscall::Setresgid, [](Frame& f) { return encode(set_identities(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Getresgid,
     [](Frame& f) {
         return encode(get_identities(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}));
     }},
    {Syscall::Getpgid, [](Frame& f) { return encode(getpgid(f.rdi)); }},
    {Syscall::Getsid, [](Frame& f) { return encode(getsid(f.rdi)); }},
    {Syscall::RtSigpending, [](Frame& f) { return encode(rt_sigpending(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::RtSigtimedwait,
     [](Frame& f) {
         return encode(rt_sigtimedwait(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}, f.r10));
     }},
    {Syscall::RtSigqueueinfo, [](Frame& f) { return encode(rt_sigqueueinfo(f.rdi, f.rsi, arch::VirtAddr{f.rdx})); }},
    {Syscall::RtSigsuspend, [](Frame& f) { return encode(rt_sigsuspend(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Sigaltstack,
     [](Frame& f) { return encode(sigaltstack(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi}, f.rsp)); }},
    {Syscall::Utime, [](Frame& f) { return encode(utime(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi})); }},
    {Syscall::Mknod, [](Frame& f) { return encode(mknodat(kHere, arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Statfs, [](Frame& f) { return encode(statfs(arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi})); }},
    {Syscall::Fstatfs, [](Frame& f) { return encode(fstatfs(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::Getpriority, [](Frame& f) { return encode(getpriority(f.rdi, f.rsi)); }},
    {Syscall::Setpriority, [](Frame& f) { return encode(setpriority(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::SchedSetscheduler,
     [](Frame& f) { return encode(sched_setscheduler(f.rdi, f.rsi, arch::VirtAddr{f.rdx})); }},
    {Syscall::SchedGetscheduler, [](Frame& f) { return encode(sched_getscheduler(f.rdi)); }},
    {Syscall::Prctl, [](Frame& f) { return encode(prctl(f.rdi, f.rsi, f.rdx, f.r10, f.r8)); }},
    {Syscall::ArchPrctl, [](Frame& f) { return encode(arch_prctl(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::Setrlimit, [](Frame& f) { return encode(setrlimit(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::Sync, [](Frame&) { return sync(); }},
    {Syscall::Reboot, [](Frame& f) { return encode(reboot(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Gettid, [](Frame&) { return gettid(); }},
    {Syscall::Tkill, [](Frame& f) { return encode(tkill(f.rdi, f.rsi)); }},
    {Syscall::Time, [](Frame& f) { return encode(time(arch::VirtAddr{f.rdi})); }},
    {Syscall::Futex, [](Frame& f) { return encode(futex(f)); }},
    {Syscall::SchedGetaffinity,
     [](Frame& f) { return encode(sched_getaffinity(f.rdi, f.rsi, arch::VirtAddr{f.rdx})); }},
    {Syscall::Getdents64, [](Frame& f) { return encode(getdents64(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::SetTidAddress, [](Frame& f) { return set_tid_address(arch::VirtAddr{f.rdi}); }},
    {Syscall::RestartSyscall, [](Frame&) { return encode(restart_syscall()); }},
    {Syscall::ClockGettime, [](Frame& f) { return encode(clock_gettime(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::ClockGetres, [](Frame& f) { return encode(clock_getres(f.rdi, arch::VirtAddr{f.rsi})); }},
    {Syscall::ClockNanosleep,
     [](Frame& f) { return encode(clock_nanosleep(f.rdi, f.rsi, arch::VirtAddr{f.rdx}, arch::VirtAddr{f.r10})); }},
    {Syscall::ExitGroup, [](Frame& f) -> std::uint64_t { exit_group(f.rdi); }},
    {Syscall::Tgkill, [](Frame& f) { return encode(tgkill(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Utimes, [](Frame& f) { return encode(futimesat(kHere, arch::VirtAddr{f.rdi}, arch::VirtAddr{f.rsi})); }},
    {Syscall::Waitid,
     [](Frame& f) { return encode(waitid(f.rdi, f.rsi, arch::VirtAddr{f.rdx}, f.r10, arch::VirtAddr{f.r8})); }},
    {Syscall::Openat, [](Frame& f) { return encode(openat(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10)); }},
    {Syscall::Mkdirat, [](Frame& f) { return encode(mkdirat(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Mknodat, [](Frame& f) { return encode(mknodat(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Fchownat, [](Frame& f) { return encode(fchownat(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10, f.r8)); }},
    {Syscall::Futimesat,
     [](Frame& f) { return encode(futimesat(f.rdi, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx})); }},
    {Syscall::Newfstatat,
     [](Frame& f) { return encode(newfstatat(f.rdi, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}, f.r10)); }},
    {Syscall::Unlinkat, [](Frame& f) { return encode(unlinkat(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Renameat,
     [](Frame& f) { return encode(renameat2(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, arch::VirtAddr{f.r10}, 0)); }},
    {Syscall::Linkat,
     [](Frame& f) { return encode(linkat(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, arch::VirtAddr{f.r10}, f.r8)); }},
    {Syscall::Symlinkat,
     [](Frame& f) { return encode(symlinkat(arch::VirtAddr{f.rdi}, f.rsi, arch::VirtAddr{f.rdx})); }},
    {Syscall::Readlinkat,
     [](Frame& f) { return encode(readlinkat(f.rdi, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}, f.r10)); }},
    {Syscall::Fchmodat, [](Frame& f) { return encode(fchmodat(f.rdi, arch::VirtAddr{f.rsi}, f.rdx)); }},
    {Syscall::Faccessat, [](Frame& f) { return encode(faccessat2(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, 0)); }},
    {Syscall::Pselect6,
     [](Frame& f) { return encode(pselect6(f.rdi, select_sets(f), arch::VirtAddr{f.r8}, arch::VirtAddr{f.r9})); }},
    {Syscall::Ppoll,
     [](Frame& f) {
         return encode(ppoll(arch::VirtAddr{f.rdi}, f.rsi, arch::VirtAddr{f.rdx}, arch::VirtAddr{f.r10}, f.r8));
     }},
    {Syscall::SetRobustList, [](Frame& f) { return encode(set_robust_list(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::GetRobustList,
     [](Frame& f) { return encode(get_robust_list(f.rdi, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx})); }},
    {Syscall::Utimensat,
     [](Frame& f) { return encode(utimensat(f.rdi, arch::VirtAddr{f.rsi}, arch::VirtAddr{f.rdx}, f.r10)); }},
    {Syscall::Signalfd, [](Frame& f) { return encode(signalfd4(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, 0)); }},
    {Syscall::Eventfd, [](Frame& f) { return encode(eventfd2(f.rdi, 0)); }},
    {Syscall::Fallocate, [](Frame& f) { return encode(fallocate(f.rdi, f.rsi, f.rdx, f.r10)); }},
    {Syscall::Signalfd4, [](Frame& f) { return encode(signalfd4(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10)); }},
    {Syscall::Eventfd2, [](Frame& f) { return encode(eventfd2(f.rdi, f.rsi)); }},
    {Syscall::Dup3, [](Frame& f) { return encode(dup3(f.rdi, f.rsi, f.rdx)); }},
    {Syscall::Pipe2, [](Frame& f) { return encode(pipe2(arch::VirtAddr{f.rdi}, f.rsi)); }},
    {Syscall::Preadv, [](Frame& f) { return encode(preadv(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10)); }},
    {Syscall::Pwritev, [](Frame& f) { return encode(pwritev(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10)); }},
    {Syscall::RtTgsigqueueinfo,
     [](Frame& f) { return encode(rt_tgsigqueueinfo(f.rdi, f.rsi, f.rdx, arch::VirtAddr{f.r10})); }},
    {Syscall::Prlimit64,
     [](Frame& f) { return encode(prlimit64(f.rdi, f.rsi, arch::VirtAddr{f.rdx}, arch::VirtAddr{f.r10})); }},
    {Syscall::Renameat2,
     [](Frame& f) { return encode(renameat2(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, arch::VirtAddr{f.r10}, f.r8)); }},
    {Syscall::Getrandom, [](Frame& f) { return encode(getrandom(arch::VirtAddr{f.rdi}, f.rsi, f.rdx)); }},
    {Syscall::Statx,
     [](Frame& f) { return encode(statx(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10, arch::VirtAddr{f.r8})); }},
    {Syscall::Clone3, [](Frame& f) { return encode(clone3(f)); }},
    {Syscall::Faccessat2, [](Frame& f) { return encode(faccessat2(f.rdi, arch::VirtAddr{f.rsi}, f.rdx, f.r10)); }},
};
constexpr unsigned kCallCount = sizeof kCalls / sizeof kCalls[0];
static_assert(kCallCount == sizeof uapi::kSyscalls / sizeof uapi::kSyscalls[0], "each call of uapi has its function");

std::uint64_t no_such_call(Frame&)
{
    return failure(uapi::Error::Enosys);
}

/// Numbers that may have a function: 0..kNumbers - 1.
constexpr std::uint64_t kNumbers = static_cast<std::uint64_t>(kCalls[kCallCount - 1].number) + 1;

/// One entry for each number, and a last one for all beyond.
struct Table {
    Function functions[kNumbers + 1];
};

constexpr Table make_table()
{
    Table table{};
    for (Function& function : table.functions) {
        function = no_such_call;
    }
    for (const Call& call : kCalls) {
        table.functions[static_cast<std::uint64_t>(call.number)] = call.function;
    }
    return table;
}

constexpr Table kTable = make_table();

/// A conditional move, not a branch that could be mispredicted: no speculation reads beyond the table.
std::uint64_t perform(Frame& frame)
{
    const std::uint64_t number = frame.rax;
    const std::uint64_t slot = __builtin_unpredictable(number < kNumbers) ? number : kNumbers;
    return kTable.functions[slot](frame);
}

[[gnu::noinline]] std::uint64_t perform_logged(Frame& frame)
{
    const bool has_result = syscall_log.call(frame);
    const std::uint64_t result = perform(frame);
    if (loom.current().killed()) {
        harbor.end_current_thread(); // it never sees the result, and the log says so
    }
    // What becomes of a call that a signal has interrupted is decided when it is delivered, and said then.
    const std::uint64_t number = ~result + 1;
    const bool interrupted = number <= UINT8_MAX && uapi::is_restart(static_cast<uapi::Error>(number));
    if (has_result && !interrupted) {
        syscall_log.result(result);
    }
    return result;
}

} // namespace
} // namespace kernel

extern "C" std::uint64_t syscall_dispatch(layout::TrapFrame& frame)
{
    if (kernel::syscall_log.is_on()) [[unlikely]] {
        return kernel::perform_logged(frame);
    }
    return kernel::perform(frame);
}
