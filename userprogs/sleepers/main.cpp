// SPDX-License-Identifier: MIT
// Clocks and sleeps: nobody wakes too early, and the order of the ends is that of the deadlines.
#include "lib/check.h"
#include "lib/clock.h"
#include "lib/thread.h"

namespace {

using user::check;
using user::minus;
using user::now_in_milliseconds;

void a_sleep_takes_its_time()
{
    const std::int64_t before = now_in_milliseconds();
    check(user::sleep_milliseconds(5) == 0, "a sleep ends\n");
    check(now_in_milliseconds() - before >= 5, "a sleep is not too short\n");
    const uapi::TimeSpec past{0, 1};
    check(user::system_call(uapi::Syscall::ClockNanosleep, static_cast<std::uint64_t>(uapi::Clock::Monotonic),
                            uapi::kAbsoluteTime, reinterpret_cast<std::uint64_t>(&past), std::uint64_t{0}) == 0,
          "a deadline in the past is no sleep\n");
    const uapi::TimeSpec wrong{0, 1'000'000'000};
    check(user::system_call(uapi::Syscall::Nanosleep, reinterpret_cast<std::uint64_t>(&wrong)) ==
              minus(uapi::Error::Einval),
          "a second is not a number of nanoseconds\n");
    check(user::system_call(uapi::Syscall::Nanosleep, 8) == minus(uapi::Error::Efault), "there is no time there\n");
    user::print("slept\n");
}

void a_futex_gives_up()
{
    std::uint32_t word = 1; // on the stack, which has a name in traces
    const uapi::TimeSpec span{0, 3'000'000};
    const auto wait = [&span, &word](std::uint32_t expected) {
        return user::system_call(uapi::Syscall::Futex, reinterpret_cast<std::uint64_t>(&word),
                                 uapi::futex::kWait | uapi::futex::kPrivate, expected,
                                 reinterpret_cast<std::uint64_t>(&span));
    };
    check(wait(2) == minus(uapi::Error::Eagain), "the word is another\n");
    check(wait(1) == minus(uapi::Error::Etimedout), "nobody wakes\n");
    user::print("nobody came\n");
}

void a_sleeper_is_killed()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::sleep_milliseconds(60'000);
        user::exit(1);
    }
    user::sleep_milliseconds(2);
    const std::int64_t before = now_in_milliseconds();
    check(user::kill(child, uapi::Signal::Sigkill) == 0, "a sleeper can be killed\n");
    std::uint32_t status = 0;
    check(user::wait4(child, &status) == child, "it ends\n");
    check(now_in_milliseconds() - before < 1000, "it does not sleep on\n");
    user::print("a sleeper was killed\n");
}

} // namespace

int main()
{
    a_sleep_takes_its_time();
    a_futex_gives_up();
    a_sleeper_is_killed();
    return 0;
}
