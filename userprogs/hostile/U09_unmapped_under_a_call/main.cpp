// SPDX-License-Identifier: MIT
// Hostile (catalogue U09): one thread waits in a call, another takes away the memory that the call is about.
// expect wait: exited with status 0
// expect futex: exited with status 0
// expect stack: killed by SIGSEGV: #PF
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/thread.h"

namespace {

constexpr std::uint64_t kPage = 4096;

user::Thread thread;
volatile std::int64_t result = 1;
std::int64_t child = 0;

std::uint64_t new_page()
{
    return static_cast<std::uint64_t>(
        user::mmap(0, kPage, uapi::kProtRead | uapi::kProtWrite, uapi::kMapPrivate | uapi::kMapAnonymous));
}

/// Starts `function` on `page` and takes the page away while it waits.
bool unmap_under(void (*function)(void*), std::uint64_t page)
{
    if (thread.start(function, reinterpret_cast<void*>(page)) < 0) {
        return false;
    }
    user::sleep_milliseconds(3);
    const bool unmapped = user::munmap(page, kPage) == 0;
    thread.join();
    return unmapped;
}

void wait_for_child(void* page)
{
    result = user::wait4(child, static_cast<std::uint32_t*>(page));
    user::exit(0);
}

int wait()
{
    child = user::fork();
    if (child == 0) {
        user::sleep_milliseconds(8);
        user::exit(0);
    }
    if (!unmap_under(wait_for_child, new_page())) {
        return user::broke("the page cannot be taken away\n");
    }
    return result == linux_abi::kBadAddress ? user::kSurvived : user::broke("the status went nowhere, untold\n");
}

void wait_for_word(void* page)
{
    const uapi::TimeSpec span{0, 8'000'000};
    result = user::system_call(uapi::Syscall::Futex, reinterpret_cast<std::uint64_t>(page),
                               uapi::futex::kWait | uapi::futex::kPrivate, 0, reinterpret_cast<std::uint64_t>(&span));
    user::exit(0);
}

int futex()
{
    if (!unmap_under(wait_for_word, new_page())) {
        return user::broke("the page cannot be taken away\n");
    }
    return result == linux_abi::error(uapi::Error::Etimedout) ? user::kSurvived
                                                              : user::broke("the wait did not time out\n");
}

/// On a stack of its own, which is gone when it comes back.
void sleep_on_it(void*)
{
    user::sleep_milliseconds(8);
    user::exit(0);
}

int stack()
{
    using namespace uapi::clone_flag;
    const std::uint64_t page = new_page();
    auto* const top = reinterpret_cast<std::uint64_t*>(page + kPage);
    top[-2] = reinterpret_cast<std::uint64_t>(&sleep_on_it);
    top[-1] = 0;
    if (user::clone_onto(kMemory | kFileSystem | kFiles | kSignalHandlers | kThread | kSemaphores, top - 2, nullptr,
                         nullptr, nullptr) < 0) {
        return user::broke("a thread does not start\n");
    }
    user::sleep_milliseconds(3);
    user::munmap(page, kPage);
    user::sleep_milliseconds(60'000);
    return user::broke("the thread went on without a stack\n");
}

constexpr user::Case kCases[] = {{"wait", wait}, {"futex", futex}, {"stack", stack}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
