// SPDX-License-Identifier: MIT
// Hostile (catalogue N12): the kernel's own codes for calls that are to be made again, in RAX when signals come: as
// numbers that a program computes with, and as numbers of calls.  And restart_syscall, which goes on with a sleep that
// a signal has interrupted, when there is none, or it is over, or it was another program's.
// expect restart: exited with status 0
// expect restart_after_exec: exited with status 0
// expect timer: exited with status 0
// expect timer_numbers: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/signals.h"

namespace {

using uapi::Signal;
namespace flag = uapi::signal_flag;

constexpr std::int64_t kInterrupted = linux_abi::error(uapi::Error::Eintr);

/// What Linux and this kernel return inside themselves for a call that is to be made again.
constexpr std::int64_t kCodes[] = {-512, -513, -514, -515, -516, -250, -251, -252};

volatile unsigned handled = 0;

void count_one(int, uapi::SigInfo*, uapi::UserContext*)
{
    handled = handled + 1;
}

volatile std::int64_t code_in_rax = 0;
volatile bool strange = false;
volatile std::uint64_t loop_begin = 0, loop_end = 0;

/// Counts what comes within the loop.  Two bytes before it stands UD2.
void look_at_loop(int, uapi::SigInfo*, uapi::UserContext* context)
{
    const uapi::SigContext& registers = context->registers;
    if (registers.rip >= loop_begin && registers.rip < loop_end) {
        strange = strange || registers.rax != static_cast<std::uint64_t>(code_in_rax);
        handled = handled + 1;
    }
}

void ring_each(std::int64_t milliseconds)
{
    const uapi::TimeValue span{0, milliseconds * 1000};
    const uapi::TimeValue value[2] = {span, span};
    user::system_call(uapi::Syscall::Setitimer, 0, reinterpret_cast<std::uint64_t>(value));
}

/// A program that computes with such a number in RAX, whom the timer interrupts.
int timer()
{
    user::handle(Signal::Sigalrm, look_at_loop, flag::kRestart);
    ring_each(1);
    for (const std::int64_t value : kCodes) {
        code_in_rax = value;
        handled = 0;
        std::int64_t rax = 0;
        asm volatile("lea 1f(%%rip), %%rcx; mov %%rcx, %[begin]; lea 2f(%%rip), %%rcx; mov %%rcx, %[end]\n"
                     "mov %[value], %%rax\n"
                     "jmp 1f\n"
                     "ud2; ud2\n"
                     "1: cmpl $3, %[handled]; jb 1b\n"
                     "2:"
                     : "=&a"(rax), [begin] "=m"(loop_begin), [end] "=m"(loop_end)
                     : [value] "r"(value), [handled] "m"(handled)
                     : "rcx", "cc", "memory");
        if (rax != value || strange) {
            return user::broke("a number in RAX was taken for the kernel's own\n");
        }
    }
    return user::kSurvived;
}

/// Calls of such numbers, while signals come.
int timer_numbers()
{
    user::handle(Signal::Sigalrm, count_one, flag::kRestart);
    ring_each(1);
    while (handled < 20) {
        for (const std::int64_t value : kCodes) {
            if (user::raw_call(static_cast<std::uint64_t>(value)) != linux_abi::kNoSuchCall) {
                return user::broke("a number was taken for a result\n");
            }
        }
    }
    return user::kSurvived;
}

// ---- restart_syscall, which nobody has been told to make.

std::int64_t restart_call()
{
    return user::system_call(uapi::Syscall::RestartSyscall);
}

int restart()
{
    if (restart_call() != kInterrupted) {
        return user::broke("there was something to go on with\n");
    }
    user::handle(Signal::Sigalrm, count_one, flag::kRestart);
    ring_each(3);
    const uapi::TimeSpec span{60, 0};
    uapi::TimeSpec rest{};
    const std::int64_t slept = user::system_call(uapi::Syscall::Nanosleep, reinterpret_cast<std::uint64_t>(&span),
                                                 reinterpret_cast<std::uint64_t>(&rest));
    ring_each(0);
    const unsigned before = handled;
    if (slept != kInterrupted || before == 0 || rest.seconds != 59) {
        return user::broke("a handler did not end a sleep\n");
    }
    // What is over cannot be gone on with, however often it is asked for.
    rest = {};
    for (unsigned i = 0; i < 3; ++i) {
        if (restart_call() != kInterrupted || rest.seconds != 0) {
            return user::broke("a sleep that was over went on\n");
        }
    }
    return user::kSurvived;
}

/// The program itself again, which has nothing to go on with.  Linux goes on here, with an address of the old program.
void execute(int, uapi::SigInfo*, uapi::UserContext*)
{
    const char* const words[] = {"N12_restart_codes", "restart_at_once", nullptr};
    user::change_mask(uapi::MaskChange::Set, 0);
    user::system_call(uapi::Syscall::Execve, reinterpret_cast<std::uint64_t>(words[0]),
                      reinterpret_cast<std::uint64_t>(words), 0);
}

int restart_at_once()
{
    return restart_call() == kInterrupted ? user::kSurvived : user::broke("another program's sleep went on\n");
}

int restart_after_exec()
{
    user::handle(Signal::Sigalrm, execute);
    const uapi::TimeValue value[2] = {{0, 0}, {0, 3000}};
    user::system_call(uapi::Syscall::Setitimer, 0, reinterpret_cast<std::uint64_t>(value));
    const uapi::TimeSpec span{60, 0};
    uapi::TimeSpec rest{};
    user::system_call(uapi::Syscall::Nanosleep, reinterpret_cast<std::uint64_t>(&span),
                      reinterpret_cast<std::uint64_t>(&rest));
    return user::broke("the program could not be executed\n");
}

constexpr user::Case kCases[] = {{"restart", restart},
                                 {"restart_after_exec", restart_after_exec},
                                 {"restart_at_once", restart_at_once},
                                 {"timer", timer},
                                 {"timer_numbers", timer_numbers}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
