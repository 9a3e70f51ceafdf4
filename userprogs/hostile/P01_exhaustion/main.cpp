// SPDX-License-Identifier: MIT
// Hostile (catalogue P01): takes all there is of something: each has its limit, and whoever comes after finds it free.
// expect zombies: exited with status 0
// expect many_processes: exited with status 0
// expect many_threads: exited with status 0
// expect many_areas: exited with status 0
// expect many_frames: killed by SIGKILL
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/thread.h"

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kReadWrite = uapi::kProtRead | uapi::kProtWrite;
constexpr std::uint64_t kPrivate = uapi::kMapPrivate | uapi::kMapAnonymous;
constexpr std::int64_t kMilliseconds = 600'000;
/// More than there may be of anything.
constexpr unsigned kTooMany = 4096;

std::int64_t numbers[kTooMany];

bool is_limit(std::int64_t result)
{
    return result == linux_abi::error(uapi::Error::Eagain) || result == linux_abi::error(uapi::Error::Enomem);
}

/// Children that nobody collects.
int zombies()
{
    for (unsigned i = 0; i < 10; ++i) {
        const std::int64_t child = user::fork();
        if (child == 0) {
            user::exit(static_cast<int>(i));
        }
        if (child < 0) {
            return user::broke("there are no ten processes\n");
        }
    }
    user::sleep_milliseconds(3);
    return user::kSurvived;
}

int many_processes()
{
    unsigned count = 0;
    std::int64_t last = 0;
    for (; count < kTooMany; ++count) {
        last = user::fork();
        if (last == 0) {
            user::sleep_milliseconds(kMilliseconds);
            user::exit(1);
        }
        if (last < 0) {
            break;
        }
        numbers[count] = last;
    }
    for (unsigned i = 0; i < count; ++i) {
        user::kill(numbers[i], uapi::Signal::Sigkill);
    }
    unsigned collected = 0;
    for (std::uint32_t status = 0; user::wait4(-1, &status) > 0;) {
        ++collected;
    }
    return is_limit(last) && count > 100 && collected == count ? user::kSurvived
                                                               : user::broke("processes have no limit, or got lost\n");
}

void sleep_long(void*)
{
    user::sleep_milliseconds(kMilliseconds);
    user::exit(1);
}

int many_threads()
{
    using namespace uapi::clone_flag;
    const std::int64_t stacks = user::mmap(0, kTooMany * kPage, kReadWrite, kPrivate);
    for (unsigned i = 0; stacks > 0 && i < kTooMany; ++i) {
        auto* const top = reinterpret_cast<std::uint64_t*>(stacks + static_cast<std::int64_t>((i + 1) * kPage));
        top[-2] = reinterpret_cast<std::uint64_t>(&sleep_long);
        top[-1] = 0;
        const std::int64_t started =
            user::clone_onto(kMemory | kFileSystem | kFiles | kSignalHandlers | kThread | kSemaphores, top - 2, nullptr,
                             nullptr, nullptr);
        if (started < 0) {
            user::exit_group(is_limit(started) && i > 100 ? user::kSurvived : user::kBroke);
        }
    }
    return user::broke("threads have no limit\n");
}

/// Every other page with other rights, so that no two areas can be one.
int many_areas()
{
    const std::int64_t all = user::mmap(0, 2 * kTooMany * kPage, 0, kPrivate);
    for (std::uint64_t i = 0; all > 0 && i < kTooMany; ++i) {
        const std::int64_t result =
            user::mprotect(static_cast<std::uint64_t>(all) + 2 * i * kPage, kPage, uapi::kProtRead);
        if (result != 0) {
            return result == linux_abi::error(uapi::Error::Enomem) && i > 100
                       ? user::kSurvived
                       : user::broke("a limit of areas, but not as mprotect(2) says it\n");
        }
    }
    return user::broke("areas have no limit\n");
}

int many_frames()
{
    for (;;) {
        constexpr std::uint64_t kStep = 256;
        const std::int64_t at = user::mmap(0, kStep * kPage, kReadWrite, kPrivate);
        if (at < 0) {
            return user::broke("mmap refused, and nobody was killed\n");
        }
        for (std::uint64_t page = 0; page < kStep; ++page) {
            *reinterpret_cast<volatile std::uint8_t*>(static_cast<std::uint64_t>(at) + page * kPage) = 1;
        }
    }
}

constexpr user::Case kCases[] = {{"zombies", zombies},
                                 {"many_processes", many_processes},
                                 {"many_threads", many_threads},
                                 {"many_areas", many_areas},
                                 {"many_frames", many_frames}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
