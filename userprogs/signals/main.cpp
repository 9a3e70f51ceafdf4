// SPDX-License-Identifier: MIT
// Signals: handlers and what they find, masks, calls that are interrupted, children that stop and go on.  Everything is
// checked; what is written is the same every time.
#include "lib/check.h"
#include "lib/clock.h"
#include "lib/files.h"
#include "lib/signals.h"

namespace {

using namespace user;
using uapi::Signal;
namespace flag = uapi::signal_flag;

volatile int count, last_signal, last_code, depth, deepest;
volatile std::uint64_t last_value, last_address, last_rsp;

void note(int signal, uapi::SigInfo* info, uapi::UserContext*)
{
    last_signal = signal;
    last_code = info->code;
    last_value = info->words[0];
    last_address = info->words[0];
    last_rsp = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
    count = count + 1;
}

void a_handler_runs_and_returns()
{
    check(handle(Signal::Sigusr1, note) == 0, "a handler can be set\n");
    check(raise(Signal::Sigusr1) == 0 && count == 1 && last_signal == 10, "it has run when kill returns\n");
    check(last_code == 0 && last_value == static_cast<std::uint64_t>(own_id()), "and knows who has sent it\n");
    uapi::SignalAction old{};
    check(set_action(Signal::Sigusr1, {uapi::signal_handler::kIgnore, 0, 0, 0}, &old) == 0 &&
              old.handler == reinterpret_cast<std::uint64_t>(&note),
          "the old action is told\n");
    check(raise(Signal::Sigusr1) == 0 && count == 1, "what is ignored does not run it\n");
    check(handle(Signal::Sigkill, note) == minus(uapi::Error::Einval), "SIGKILL cannot be handled\n");
    check(handle(Signal{65}, note) == minus(uapi::Error::Einval), "there is no signal 65\n");
    print("handled\n");
}

// ---- Registers.

void change_nothing(int, uapi::SigInfo*, uapi::UserContext*)
{
    // The handler's own registers, FPU too, are not the program's.
    asm volatile("pxor %%xmm7, %%xmm7; fninit; mov $1, %%r12d; mov $2, %%r13d; mov $3, %%ebx"
                 :
                 :
                 : "xmm7", "r12", "r13", "rbx");
}

void registers_come_back()
{
    handle(Signal::Sigusr1, change_nothing);
    std::uint64_t rbx = 0, r12 = 0, r13 = 0, xmm = 0, red_zone = 0;
    asm volatile("mov $0x1111, %%ebx; mov $0x2222, %%r12d; mov $0x3333, %%r13d\n"
                 "mov $0x4444, %%eax; movq %%rax, %%xmm7\n"
                 "movq $0x5555, -16(%%rsp)\n"
                 "mov $62, %%eax; mov %[self], %%rdi; mov $10, %%esi; syscall\n"
                 "mov -16(%%rsp), %[red_zone]; movq %%xmm7, %[xmm]\n"
                 "mov %%rbx, %[rbx]; mov %%r12, %[r12]; mov %%r13, %[r13]"
                 : [rbx] "=m"(rbx), [r12] "=m"(r12), [r13] "=m"(r13), [xmm] "=&r"(xmm), [red_zone] "=&r"(red_zone)
                 : [self] "r"(own_id())
                 : "rax", "rbx", "rcx", "rdi", "rsi", "r11", "r12", "r13", "xmm7", "memory");
    check(rbx == 0x1111 && r12 == 0x2222 && r13 == 0x3333, "general registers come back\n");
    check(xmm == 0x4444, "vector registers come back\n");
    check(red_zone == 0x5555, "the red zone is left alone\n");
    print("registers\n");
}

// ---- Masks.

void masks_hold_signals_back()
{
    handle(Signal::Sigusr1, note);
    handle(Signal::Sigusr2, note);
    count = 0;
    check(change_mask(uapi::MaskChange::Block, bit_of(Signal::Sigusr1)) == 0, "a signal can be blocked\n");
    raise(Signal::Sigusr1);
    raise(Signal::Sigusr1);
    std::uint64_t pending = 0;
    check(count == 0, "it waits\n");
    check(system_call(uapi::Syscall::RtSigpending, reinterpret_cast<std::uint64_t>(&pending), 8) == 0 &&
              pending == bit_of(Signal::Sigusr1),
          "and is pending\n");
    std::uint64_t old = 0;
    check(change_mask(uapi::MaskChange::Unblock, bit_of(Signal::Sigusr1), &old) == 0 && count == 1 &&
              old == bit_of(Signal::Sigusr1),
          "it comes once when it is let through\n");
    // Real-time signals come as often as they are sent.
    const Signal real_time{40};
    handle(real_time, note);
    change_mask(uapi::MaskChange::Block, bit_of(real_time));
    for (std::uint64_t value = 0; value < 3; ++value) {
        uapi::SigInfo info{};
        info.number = 40;
        info.code = uapi::signal_code::kQueue;
        info.words[0] = 7 + value;
        check(system_call(uapi::Syscall::RtSigqueueinfo, static_cast<std::uint64_t>(own_id()), 40,
                          reinterpret_cast<std::uint64_t>(&info)) == 0,
              "a signal can be queued\n");
    }
    count = 0;
    change_mask(uapi::MaskChange::Unblock, bit_of(real_time));
    check(count == 3 && last_signal == 40 && last_code == -1, "all of them come\n");
    print("masks\n");
}

void nest(int signal, uapi::SigInfo*, uapi::UserContext*)
{
    depth = depth + 1;
    deepest = depth > deepest ? depth : deepest;
    count = count + 1;
    if (count < 3) {
        raise(static_cast<Signal>(signal));
    }
    depth = depth - 1;
}

void handlers_nest_only_where_asked_to()
{
    handle(Signal::Sigusr1, nest);
    count = 0;
    deepest = 0;
    raise(Signal::Sigusr1);
    check(deepest == 1 && count == 3, "a handler blocks its own signal\n");
    handle(Signal::Sigusr1, nest, flag::kNoDefer);
    count = 0;
    deepest = 0;
    raise(Signal::Sigusr1);
    check(deepest == 3, "unless it asks not to\n");
    handle(Signal::Sigusr1, note, flag::kResetHandler);
    raise(Signal::Sigusr1);
    uapi::SignalAction now{};
    set_action(Signal::Sigusr1, {uapi::signal_handler::kIgnore, 0, 0, 0}, &now);
    check(now.handler == uapi::signal_handler::kDefault, "a handler for once is gone\n");
    print("nested\n");
}

// ---- Faults.

void step_over(int signal, uapi::SigInfo* info, uapi::UserContext* context)
{
    note(signal, info, context);
    context->registers.rip += 3; // mov %rax, (%rdi) has three bytes
    context->registers.rdx = 0x77;
}

alignas(16) volatile std::uint8_t other_stack[8192];

void a_fault_is_handled_on_another_stack()
{
    const uapi::AlternateStack stack{reinterpret_cast<std::uint64_t>(other_stack), 0, 0, sizeof other_stack};
    check(system_call(uapi::Syscall::Sigaltstack, reinterpret_cast<std::uint64_t>(&stack)) == 0,
          "a stack can be set\n");
    handle(Signal::Sigsegv, step_over, flag::kOnStack);
    std::uint64_t rdx = 0;
    asm volatile("mov %%rax, (%%rdi)" : "=d"(rdx) : "D"(std::uint64_t{0x1234}), "a"(0) : "memory");
    check(last_signal == 11 && last_code == uapi::signal_code::segv::kNotMapped && last_address == 0x1234,
          "the handler is told of the address\n");
    check(rdx == 0x77, "and changes registers\n");
    check(last_rsp - stack.base < stack.size, "on the other stack\n");
    by_default(Signal::Sigsegv);
    print("fault\n");
}

// ---- Calls that are interrupted.

std::int64_t sleep_with_rest(std::int64_t milliseconds, uapi::TimeSpec& rest)
{
    const uapi::TimeSpec span{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
    return system_call(uapi::Syscall::Nanosleep, reinterpret_cast<std::uint64_t>(&span),
                       reinterpret_cast<std::uint64_t>(&rest));
}

void alarm_in(std::int64_t milliseconds)
{
    const uapi::TimeValue value[2] = {{0, 0}, {0, milliseconds * 1000}};
    system_call(uapi::Syscall::Setitimer, 0, reinterpret_cast<std::uint64_t>(value));
}

void calls_are_interrupted()
{
    handle(Signal::Sigalrm, note);
    uapi::TimeSpec rest{};
    alarm_in(5);
    check(sleep_with_rest(60'000, rest) == minus(uapi::Error::Eintr), "a handler ends a sleep\n");
    check(rest.seconds == 59, "and what is left is told\n");
    alarm_in(5);
    check(system_call(uapi::Syscall::Pause) == minus(uapi::Error::Eintr), "a handler ends a pause\n");
    alarm_in(5);
    const std::uint64_t none = 0;
    check(system_call(uapi::Syscall::RtSigsuspend, reinterpret_cast<std::uint64_t>(&none), 8) ==
              minus(uapi::Error::Eintr),
          "and a suspension\n");
    print("interrupted\n");
}

void a_wait_is_made_again()
{
    count = 0;
    handle(Signal::Sigalrm, note, flag::kRestart);
    const std::int64_t child = fork();
    if (child == 0) {
        sleep_milliseconds(40);
        exit(5);
    }
    std::uint32_t status = 0;
    alarm_in(5);
    check(wait4(child, &status) == child && status == 5 << 8 && count == 1, "SA_RESTART waits on\n");
    handle(Signal::Sigalrm, note);
    const std::int64_t other = fork();
    if (other == 0) {
        sleep_milliseconds(40);
        exit(6);
    }
    alarm_in(5);
    check(wait4(other, &status) == minus(uapi::Error::Eintr), "without it the wait ends\n");
    check(wait4(other, &status) == other && status == 6 << 8, "and can be made again\n");
    print("again\n");
}

// ---- Children.

void children_tell()
{
    handle(Signal::Sigchld, note);
    count = 0;
    const std::int64_t child = fork();
    if (child == 0) {
        sleep_milliseconds(20); // its parent waits by then
        exit(3);
    }
    std::uint32_t status = 0;
    while (wait4(child, &status) == minus(uapi::Error::Eintr)) {
    }
    check(count == 1 && last_signal == 17 && last_code == uapi::signal_code::child::kExited &&
              (last_value & 0xffff'ffff) == static_cast<std::uint64_t>(child),
          "SIGCHLD tells who has ended\n");
    ignore(Signal::Sigchld);
    const std::int64_t nobody = fork();
    if (nobody == 0) {
        exit(0);
    }
    check(wait4(nobody, &status) == minus(uapi::Error::Echild), "nobody is left when it is ignored\n");
    by_default(Signal::Sigchld);
    print("children\n");
}

/// A child that waits for 200 ms in each way, and is stopped after 150 of them, does not wait for 200 ms more.
void a_stop_gives_no_time()
{
    constexpr std::int64_t kWait = 200, kStop = 150, kMost = 330;
    const auto poll = [] { return system_call(uapi::Syscall::Poll, 0, 0, std::uint64_t{kWait}); };
    const auto poll_with_rest = [] {
        uapi::TimeSpec time{0, kWait * 1'000'000};
        return system_call(uapi::Syscall::Ppoll, 0, 0, reinterpret_cast<std::uint64_t>(&time), 0, 0);
    };
    const auto select = [] {
        uapi::TimeValue time{0, kWait * 1000};
        return system_call(uapi::Syscall::Select, 0, 0, 0, 0, reinterpret_cast<std::uint64_t>(&time));
    };
    std::int64_t (*const waits[])() = {poll, poll_with_rest, select};
    for (const auto wait : waits) {
        const std::int64_t child = fork();
        if (child == 0) {
            const std::int64_t begin = user::now_in_milliseconds();
            exit(wait() == 0 && user::now_in_milliseconds() - begin < kMost ? 9 : 1);
        }
        std::uint32_t status = 0;
        sleep_milliseconds(kStop);
        kill(child, Signal::Sigstop);
        check(wait4(child, &status, uapi::wait_option::kStopped) == child, "a child stops while it waits\n");
        kill(child, Signal::Sigcont);
        check(wait4(child, &status) == child && status == 9 << 8, "and waits no longer for that\n");
    }
}

void children_stop_and_go_on()
{
    using namespace uapi::wait_option;
    const std::int64_t child = fork();
    if (child == 0) {
        uapi::TimeSpec rest{};
        exit(sleep_with_rest(60, rest) == 0 ? 9 : 1);
    }
    std::uint32_t status = 0;
    sleep_milliseconds(3);
    kill(child, Signal::Sigstop);
    check(wait4(child, &status, kStopped) == child && status == (19u << 8 | 0x7f), "a child stops\n");
    check(wait4(child, &status, kStopped | kNoHang) == 0, "which is told once\n");
    kill(child, Signal::Sigterm);
    kill(child, Signal::Sigusr1);
    check(wait4(child, &status, kNoHang) == 0, "what would end it waits\n");
    kill(child, Signal::Sigkill);
    check(wait4(child, &status) == child && status == 9, "but for SIGKILL\n");

    const std::int64_t second = fork();
    if (second == 0) {
        uapi::TimeSpec rest{};
        exit(sleep_with_rest(60, rest) == 0 ? 9 : 1);
    }
    sleep_milliseconds(3);
    kill(second, Signal::Sigstop);
    check(wait4(second, &status, kStopped) == second, "another one stops\n");
    kill(second, Signal::Sigcont);
    check(wait4(second, &status, kContinued) == second && status == 0xffff, "and goes on\n");
    check(wait4(second, &status) == second && status == 9 << 8, "with its sleep\n");
    a_stop_gives_no_time();
    print("stopped\n");
}

void signals_are_waited_for()
{
    change_mask(uapi::MaskChange::Block, bit_of(Signal::Sigusr2));
    const std::uint64_t wanted = bit_of(Signal::Sigusr2);
    const uapi::TimeSpec soon{0, 2'000'000};
    uapi::SigInfo info{};
    const auto wait = [&](const uapi::TimeSpec* span) {
        return system_call(uapi::Syscall::RtSigtimedwait, reinterpret_cast<std::uint64_t>(&wanted),
                           reinterpret_cast<std::uint64_t>(&info), reinterpret_cast<std::uint64_t>(span),
                           std::uint64_t{8});
    };
    check(wait(&soon) == minus(uapi::Error::Eagain), "none comes in time\n");
    raise(Signal::Sigusr2);
    check(wait(&soon) == 12 && info.number == 12, "one is there\n");
    const std::int64_t child = fork();
    if (child == 0) {
        sleep_milliseconds(3);
        kill(system_call(uapi::Syscall::Getppid), Signal::Sigusr2);
        exit(0);
    }
    check(wait(nullptr) == 12 && info.words[0] == static_cast<std::uint64_t>(child), "one comes\n");
    std::uint32_t status = 0;
    check(wait4(child, &status) == child, "and its sender ends\n");
    print("awaited\n");
}

/// A signal's frame is larger on a CPU that has XSAVE: the pages for it are there in any case, so that the kernel
/// brings in the same ones everywhere.
[[gnu::noinline]] void touch_the_stacks()
{
    constexpr std::size_t kPage = 4096;
    std::uint8_t pages[4 * kPage];
    for (std::size_t end = sizeof pages; end != 0; end -= kPage) {
        pages[end - 1] = 0;
    }
    asm volatile("" : : "r"(pages) : "memory"); // somebody might read them
    for (std::size_t at = 0; at < sizeof other_stack; at += kPage / 2) {
        other_stack[at] = 0;
    }
}

} // namespace

int main()
{
    touch_the_stacks();
    a_handler_runs_and_returns();
    registers_come_back();
    masks_hold_signals_back();
    handlers_nest_only_where_asked_to();
    a_fault_is_handled_on_another_stack();
    calls_are_interrupted();
    a_wait_is_made_again();
    children_tell();
    children_stop_and_go_on();
    signals_are_waited_for();
    return 0;
}
