// SPDX-License-Identifier: MIT
// Kills children at random moments of whatever they are doing: `killer N SEED` so many (50) of them.
// Expected: status 0, and a while later nothing is left of the children's children.
#include "lib/check.h"
#include "lib/memory.h"
#include "lib/number.h"
#include "lib/random.h"
#include "lib/thread.h"

namespace {

using user::check;

constexpr std::uint64_t kPage = 4096;

void compute(std::uint64_t steps)
{
    for (volatile std::uint64_t left = steps; left != 0; left = left - 1) {
    }
}

void use_memory(user::Random& random)
{
    const std::uint64_t pages = 1 + random.below(12);
    const std::int64_t area =
        user::mmap(0, pages * kPage, uapi::kProtRead | uapi::kProtWrite,
                   uapi::kMapAnonymous | (random.below(2) == 0 ? uapi::kMapShared : uapi::kMapPrivate));
    if (area < 0) {
        return;
    }
    for (std::uint64_t page = 0; page < pages; ++page) {
        *reinterpret_cast<volatile std::uint8_t*>(static_cast<std::uint64_t>(area) + page * kPage) = 1;
    }
    user::munmap(static_cast<std::uint64_t>(area), pages * kPage);
}

user::Thread thread;

void run_thread(void* steps)
{
    compute(reinterpret_cast<std::uint64_t>(steps));
    user::exit(0);
}

/// A child that ends soon; its parent may be gone by then.
void use_a_child(user::Random& random)
{
    const std::uint64_t steps = random.below(3000);
    const bool waited_for = random.below(2) == 0;
    const std::int64_t child = user::system_call(waited_for ? uapi::Syscall::Vfork : uapi::Syscall::Fork);
    if (child == 0) {
        compute(steps);
        user::exit(0);
    }
    if (random.below(3) != 0) {
        user::wait4(child, nullptr);
    }
}

void wait_for_nothing(user::Random& random)
{
    const std::uint32_t word = 0;
    const uapi::TimeSpec span{0, static_cast<std::int64_t>(random.below(2'000'000))};
    user::system_call(uapi::Syscall::Futex, reinterpret_cast<std::uint64_t>(&word), uapi::futex::kWait, word,
                      reinterpret_cast<std::uint64_t>(&span));
}

[[noreturn]] void be_busy(std::uint64_t seed)
{
    user::Random random(seed);
    for (;;) {
        switch (random.below(6)) {
        case 0: use_memory(random); break;
        case 1: use_a_child(random); break;
        case 2:
            if (thread.start(run_thread, reinterpret_cast<void*>(random.below(3000))) > 0) {
                thread.join();
            }
            break;
        case 3: wait_for_nothing(random); break;
        case 4: user::yield(); break;
        default: compute(random.below(5000)); break;
        }
    }
}

} // namespace

int main()
{
    const std::uint64_t victims = user::number_argument(1, 50), seed = user::number_argument(2, 1);
    user::Random random(seed);
    for (std::uint64_t i = 0; i < victims; ++i) {
        const std::uint64_t of_child = random.word();
        const std::int64_t child = user::fork();
        if (child == 0) {
            be_busy(of_child);
        }
        check(child > 0, "a victim can be made\n");
        if (random.below(2) == 0) {
            user::sleep_milliseconds(static_cast<std::int64_t>(random.below(6)));
        } else {
            compute(random.below(300'000)); // the timer takes the CPU away from it
        }
        constexpr uapi::Signal kSignals[] = {uapi::Signal::Sigkill, uapi::Signal::Sigterm, uapi::Signal::Sigint};
        const uapi::Signal signal = kSignals[random.below(3)];
        std::uint32_t status = 0;
        check(user::kill(child, signal) == 0, "it can be killed\n");
        check(user::wait4(child, &status) == child, "its end is told\n");
        check(status == static_cast<std::uint32_t>(signal), "it is the right one\n");
    }
    user::sleep_milliseconds(50); // orphans end
    user::print_number(victims);
    user::print(" were killed\n");
    return 0;
}
