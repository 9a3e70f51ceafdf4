// SPDX-License-Identifier: MIT
// Hostile (catalogue N12): a call that a signal has interrupted is made again by going back two bytes; meanwhile what
// stood there is changed, or taken away, or the handler changes where its program goes on and with what.  What is
// there then is what runs, in ring 3, and what the handler says counts, also where it says what the kernel says inside
// itself.  Linux answers each of these alike, but that it has a gate for INT 0x80.
// expect changed: exited with status 0
// expect replaced: exited with status 0
// expect undefined: killed by SIGILL: #UD
// expect int_80: killed by SIGSEGV: #GP
// expect unmapped: killed by SIGSEGV: #PF
// expect no_execute: killed by SIGSEGV: #PF
// expect stopped: exited with status 0
// expect skipped: exited with status 0
// expect other_call: exited with status 0
// expect codes: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/pipe.h"
#include "lib/signals.h"
#include "lib/thread.h"

namespace {

using uapi::Signal;
namespace flag = uapi::signal_flag;

constexpr std::uint64_t kPage = 4096;

/// What Linux and this kernel return inside themselves for a call that is to be made again.
constexpr std::int64_t kCodes[] = {-512, -513, -514, -515, -516, -250, -251, -252};

/// The calls stand in a page of their own: SYSCALL, RET.
std::uint64_t code = 0;
using TwoBytes = std::uint8_t[2];
constexpr TwoBytes kSyscall = {0x0f, 0x05};
constexpr TwoBytes kMovSeven = {0xb0, 0x07}; // MOV AL, 7
constexpr TwoBytes kUndefined = {0x0f, 0x0b};
constexpr TwoBytes kInt80 = {0xcd, 0x80};

bool protect(std::uint64_t rights)
{
    return user::mprotect(code, kPage, rights) == 0;
}

void put(const TwoBytes& bytes)
{
    protect(uapi::kProtRead | uapi::kProtWrite);
    auto* const to = reinterpret_cast<volatile std::uint8_t*>(code);
    to[0] = bytes[0];
    to[1] = bytes[1];
    to[2] = 0xc3;
    protect(uapi::kProtRead | uapi::kProtExec);
}

void make_code()
{
    code = static_cast<std::uint64_t>(
        user::mmap(0, kPage, uapi::kProtRead | uapi::kProtWrite, uapi::kMapPrivate | uapi::kMapAnonymous));
    put(kSyscall);
}

std::int64_t call_there(uapi::Syscall number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0)
{
    std::int64_t result = 0;
    asm volatile("sub $128, %%rsp; call *%[code]; add $128, %%rsp"
                 : "=a"(result)
                 : "a"(static_cast<std::uint64_t>(number)), "D"(a), "S"(b), "d"(c), [code] "r"(code)
                 : "rcx", "r11", "memory", "cc");
    return result;
}

/// Reads where nothing ever comes.
std::int64_t read_nothing()
{
    user::Ends ends{};
    std::uint8_t byte = 0;
    if (user::pipe2(ends) != 0) {
        return 0;
    }
    return call_there(uapi::Syscall::Read, static_cast<std::uint64_t>(ends.read),
                      reinterpret_cast<std::uint64_t>(&byte), 1);
}

volatile std::int64_t main_thread = 0;
volatile unsigned handled = 0;

void count_one(int, uapi::SigInfo*, uapi::UserContext*)
{
    handled = handled + 1;
}

user::Thread thread;

/// Has a thread do `change` while the caller reads, and send the caller signals then, until one is handled.
/// @return what the call gives
std::int64_t read_under(void (*change)(), user::Handler handler = count_one)
{
    static void (*what)() = nullptr;
    what = change;
    main_thread = user::system_call(uapi::Syscall::Gettid);
    user::handle(Signal::Sigusr1, handler, flag::kRestart);
    make_code();
    thread.start(
        [](void*) {
            while (handled == 0) {
                user::sleep_milliseconds(3);
                what();
                user::system_call(uapi::Syscall::Tgkill, static_cast<std::uint64_t>(user::own_id()),
                                  static_cast<std::uint64_t>(main_thread), static_cast<std::uint64_t>(Signal::Sigusr1));
            }
            user::exit(0);
        },
        nullptr);
    return read_nothing();
}

// ---- Two bytes back.

int seven_and_a_handler(std::int64_t result)
{
    constexpr std::int64_t kSeven = 7; // in AL, above it the call's number, which is 0
    return result == kSeven && handled == 1 ? user::kSurvived
                                            : user::broke("the call was made again where there is none any more\n");
}

int changed()
{
    return seven_and_a_handler(read_under([] { put(kMovSeven); }));
}

int replaced()
{
    return seven_and_a_handler(read_under([] {
        user::mmap(code, kPage, uapi::kProtRead | uapi::kProtWrite,
                   uapi::kMapPrivate | uapi::kMapAnonymous | uapi::kMapFixed);
        put(kMovSeven);
    }));
}

int undefined()
{
    read_under([] { put(kUndefined); });
    return user::broke("UD2 was not executed\n");
}

int int_80()
{
    read_under([] { put(kInt80); });
    return user::broke("INT 0x80 came back\n");
}

int unmapped()
{
    read_under([] { user::munmap(code, kPage); });
    return user::broke("code that is gone went on\n");
}

int no_execute()
{
    read_under([] { protect(uapi::kProtRead); });
    return user::broke("code that is none any more went on\n");
}

/// Nobody handles what comes: the sleep goes on by itself, from two bytes back.
void sleep_without_code()
{
    make_code();
    thread.start(
        [](void*) {
            user::sleep_milliseconds(3);
            user::munmap(code, kPage);
            user::exit(0);
        },
        nullptr);
    const uapi::TimeSpec span{60, 0};
    call_there(uapi::Syscall::Nanosleep, reinterpret_cast<std::uint64_t>(&span));
    user::exit_group(1);
}

int stopped()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        sleep_without_code();
    }
    std::uint32_t status = 0;
    user::sleep_milliseconds(100); // until it is alone
    user::kill(child, Signal::Sigstop);
    user::wait4(child, &status, uapi::wait_option::kStopped);
    user::kill(child, Signal::Sigcont);
    return user::wait4(child, &status) == child && status == static_cast<std::uint32_t>(Signal::Sigsegv)
               ? user::kSurvived
               : user::broke("code that is gone went on\n");
}

// ---- What a handler says.

constexpr std::int64_t kOwnResult = 0x1234'5678'9abc;

bool stands_before_call(const uapi::SigContext& registers)
{
    return registers.rip == code && registers.rax == static_cast<std::uint64_t>(uapi::Syscall::Read);
}

volatile std::int64_t own_result = kOwnResult;

/// @return false: the call has not begun yet
bool skip_call(uapi::UserContext* context)
{
    uapi::SigContext& registers = context->registers;
    if (!stands_before_call(registers)) {
        return false;
    }
    handled = handled + 1;
    registers.rip += sizeof kSyscall;
    registers.rax = static_cast<std::uint64_t>(own_result);
    // What Linux keeps of a fault, and looks at nowhere.
    registers.vector = 0x100;
    registers.error_code = static_cast<std::uint64_t>(uapi::Syscall::Getpid);
    return true;
}

void skip(int, uapi::SigInfo*, uapi::UserContext* context)
{
    skip_call(context);
}

int skipped()
{
    const std::int64_t result = read_under([] {}, skip);
    return result == kOwnResult && handled == 1 ? user::kSurvived
                                                : user::broke("a call that was skipped was made again\n");
}

void ask_for_number(int, uapi::SigInfo*, uapi::UserContext* context)
{
    if (stands_before_call(context->registers)) {
        handled = handled + 1;
        context->registers.rax = static_cast<std::uint64_t>(uapi::Syscall::Getpid);
    }
}

int other_call()
{
    const std::int64_t result = read_under([] {}, ask_for_number);
    return result == user::own_id() && handled == 1 ? user::kSurvived
                                                    : user::broke("the handler's call was not the one made\n");
}

// ---- Codes.

/// Its end is at once the beginning of another handler, which finds the code as what the call has given.
void skip_with_another(int, uapi::SigInfo*, uapi::UserContext* context)
{
    if (skip_call(context)) {
        user::change_mask(uapi::MaskChange::Block, user::bit_of(Signal::Sigusr2));
        user::raise(Signal::Sigusr2);
    }
}

int codes()
{
    for (const std::int64_t value : kCodes) {
        own_result = value;
        handled = 0;
        user::handle(Signal::Sigusr2, count_one, flag::kRestart);
        const std::int64_t result = read_under([] {}, skip_with_another);
        thread.join();
        if (result != value || handled != 2) {
            return user::broke("a result that a handler gave was taken for the kernel's own\n");
        }
    }
    return user::kSurvived;
}

constexpr user::Case kCases[] = {{"changed", changed},      {"replaced", replaced}, {"undefined", undefined},
                                 {"int_80", int_80},        {"unmapped", unmapped}, {"no_execute", no_execute},
                                 {"stopped", stopped},      {"skipped", skipped},   {"codes", codes},
                                 {"other_call", other_call}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
