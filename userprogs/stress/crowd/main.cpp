// SPDX-License-Identifier: MIT
// Many processes at once for long: `crowd PROCESSES SECONDS BEAT WORK` (50, 2, 500, 12).  At each beat, so many
// milliseconds apart, all of them want the CPU at the same time: most for a millisecond, one in eight for WORK of them,
// so that the timer has to take it from them.  Each looks after its registers and its memory.
// Expected: status 0.
#include "lib/check.h"
#include "lib/clock.h"
#include "lib/number.h"
#include "lib/random.h"
#include "lib/registers.h"

namespace {

using user::check;

constexpr unsigned kWords = 1024; ///< two pages
constexpr std::uint64_t kSteps = 20'000;

std::uint64_t memory[kWords];

struct Plan {
    std::int64_t begin, end, beat, work; ///< milliseconds
};

void fill(std::uint64_t seed)
{
    user::Random random(seed);
    for (std::uint64_t& word : memory) {
        word = random.word();
    }
}

bool is_filled(std::uint64_t seed)
{
    user::Random random(seed);
    for (const std::uint64_t word : memory) {
        if (word != random.word()) {
            return false;
        }
    }
    return true;
}

void compute_for(std::int64_t milliseconds, std::uint64_t seed)
{
    const std::int64_t end = user::now_in_milliseconds() + milliseconds;
    fill(seed);
    while (user::now_in_milliseconds() < end) {
        const user::Registers before = user::Registers::pattern(seed);
        user::Registers after{};
        hold_registers(&before, &after, kSteps);
        check(before == after, "the registers are what they were\n");
    }
    check(is_filled(seed), "the memory is what it was\n");
}

[[noreturn]] void live(const Plan& plan, std::uint64_t seed)
{
    user::Random random(seed);
    for (std::int64_t beat = plan.begin; beat < plan.end; beat += plan.beat) {
        check(user::sleep_until(beat) == 0, "a sleep ends\n");
        compute_for(random.below(8) == 0 ? plan.work : 1, random.word());
    }
    user::exit(0);
}

} // namespace

int main()
{
    const std::uint64_t processes = user::number_argument(1, 50);
    const auto seconds = static_cast<std::int64_t>(user::number_argument(2, 2));
    const std::int64_t begin = user::now_in_milliseconds();
    const Plan plan{begin, begin + seconds * 1000, static_cast<std::int64_t>(user::number_argument(3, 500)),
                    static_cast<std::int64_t>(user::number_argument(4, 12))};
    for (std::uint64_t i = 1; i <= processes; ++i) {
        const std::int64_t child = user::fork();
        if (child == 0) {
            live(plan, i);
        }
        check(child > 0, "a process can be made\n");
    }
    std::int64_t taken = 0;
    for (std::uint64_t i = 0; i < processes; ++i) {
        std::uint32_t status = 0;
        uapi::ResourceUsage usage{};
        const std::int64_t child = user::system_call(uapi::Syscall::Wait4, static_cast<std::uint64_t>(-1),
                                                     reinterpret_cast<std::uint64_t>(&status), std::uint64_t{0},
                                                     reinterpret_cast<std::uint64_t>(&usage));
        check(child > 0 && status == 0, "every one of them ends well\n");
        taken += usage.involuntary_switches;
    }
    user::sleep_until(plan.end);
    check(taken > 0, "the CPU was taken from somebody\n");
    user::print_number(processes);
    user::print(" processes lived for ");
    user::print_number(static_cast<std::uint64_t>(user::now_in_milliseconds() - begin) / 1000);
    user::print(" s, and lost the CPU ");
    user::print_number(static_cast<std::uint64_t>(taken));
    user::print(" times to the timer\n");
    return 0;
}
