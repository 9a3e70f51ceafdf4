// SPDX-License-Identifier: MIT
// Hostile (catalogue P02): processes that are killed in each state in which they can be, whatever they wait for.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/files.h"
#include "lib/thread.h"

namespace {

constexpr std::int64_t kLong = 600'000; ///< milliseconds

std::uint32_t word = 0;
user::Mutex mutex;
user::Thread threads[2];

void sleep()
{
    user::sleep_milliseconds(kLong);
}

void wait_on_futex()
{
    user::system_call(uapi::Syscall::Futex, reinterpret_cast<std::uint64_t>(&word), uapi::futex::kWait, 0,
                      std::uint64_t{0});
}

void wait_on_futex_with_a_deadline()
{
    const uapi::TimeSpec span{kLong / 1000, 0};
    user::system_call(uapi::Syscall::Futex, reinterpret_cast<std::uint64_t>(&word),
                      uapi::futex::kWait | uapi::futex::kPrivate, 0, reinterpret_cast<std::uint64_t>(&span));
}

/// Nobody types.
void wait_for_a_line()
{
    char byte = 0;
    user::read(uapi::kStandardInput, &byte, 1);
}

/// Its child goes on for a little while, as an orphan.
void sleep_a_little_and_exit()
{
    user::sleep_milliseconds(12);
    user::exit(0);
}

void wait_for_a_child()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        sleep_a_little_and_exit();
    }
    user::wait4(child, nullptr);
}

void wait_for_a_vforked_child()
{
    if (user::system_call(uapi::Syscall::Vfork) == 0) {
        sleep_a_little_and_exit();
    }
}

void compute()
{
    for (;;) {
        asm volatile("");
    }
}

void call_again_and_again()
{
    constexpr int kBetweenCalls = 1000; // so that a log of them stays readable
    for (int i = 0;; ++i) {
        asm volatile("");
        if (i == kBetweenCalls) {
            user::yield();
            i = 0;
        }
    }
}

void wait_for_the_lock(void*)
{
    mutex.lock();
    user::exit(0);
}

/// Three threads: one holds a lock and sleeps, two wait for it.
void hold_a_lock()
{
    mutex.lock();
    for (user::Thread& thread : threads) {
        thread.start(wait_for_the_lock, nullptr);
    }
    sleep();
}

using State = void (*)();
constexpr State kStates[] = {sleep,           wait_on_futex,        wait_on_futex_with_a_deadline,
                             wait_for_a_line, wait_for_a_child,     wait_for_a_vforked_child,
                             compute,         call_again_and_again, hold_a_lock};
constexpr uapi::Signal kSignals[] = {uapi::Signal::Sigkill, uapi::Signal::Sigterm};

} // namespace

int main()
{
    for (const State state : kStates) {
        for (const uapi::Signal signal : kSignals) {
            const std::int64_t child = user::fork();
            if (child == 0) {
                state();
                user::exit(1);
            }
            user::sleep_milliseconds(1);
            std::uint32_t status = 0;
            if (user::kill(child, signal) != 0 || user::wait4(child, &status) != child ||
                status != static_cast<std::uint32_t>(signal)) {
                return user::broke("a process that waits was not killed\n");
            }
        }
    }
    user::sleep_milliseconds(20); // until the orphans have ended
    return user::kSurvived;
}
