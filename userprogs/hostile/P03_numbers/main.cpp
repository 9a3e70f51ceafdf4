// SPDX-License-Identifier: MIT
// Hostile (catalogue P03): numbers of processes and threads that are gone, that are another's, or of the other kind.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/thread.h"

namespace {

constexpr std::int64_t kNoSuchProcess = linux_abi::error(uapi::Error::Esrch);
constexpr std::int64_t kNoChild = linux_abi::error(uapi::Error::Echild);
constexpr uapi::Signal kAsk{0};
constexpr unsigned kChildren = 16;

user::Thread thread;
volatile bool go_on = false;

std::int64_t tgkill(std::int64_t process, std::int64_t number, uapi::Signal signal)
{
    return user::system_call(uapi::Syscall::Tgkill, static_cast<std::uint64_t>(process),
                             static_cast<std::uint64_t>(number), static_cast<std::uint64_t>(signal));
}

/// As long as a child is not collected its number is nobody else's; then it is nobody's.
bool zombies_keep_their_numbers()
{
    const std::int64_t zombie = user::fork();
    if (zombie == 0) {
        user::exit(0);
    }
    user::sleep_milliseconds(2);
    bool well = user::kill(zombie, uapi::Signal::Sigkill) == 0; // it is there, and it is too late
    for (unsigned i = 0; i < kChildren; ++i) {
        const std::int64_t child = user::fork();
        if (child == 0) {
            user::exit(0);
        }
        std::uint32_t status = 1;
        well = well && child > 0 && child != zombie && user::wait4(child, &status) == child && status == 0;
        well = well && user::wait4(child, &status) == kNoChild && user::kill(child, kAsk) == kNoSuchProcess;
    }
    std::uint32_t status = 1;
    return well && user::wait4(zombie, &status) == zombie && status == 0 && user::kill(zombie, kAsk) == kNoSuchProcess;
}

/// A grandchild is nobody's to wait for but its parent's.
bool only_children_are_waited_for()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        const std::int64_t grandchild = user::fork();
        if (grandchild == 0) {
            user::sleep_milliseconds(5);
            user::exit(0);
        }
        std::uint32_t status = 1;
        user::exit(user::wait4(grandchild, &status) == grandchild && status == 0 ? 0 : 1);
    }
    user::sleep_milliseconds(2);
    std::uint32_t status = 1;
    const bool not_mine = user::wait4(child + 1, &status) == kNoChild;
    return not_mine && user::wait4(child, &status) == child && status == 0;
}

void wait_until_told(void*)
{
    while (!go_on) {
        user::yield();
    }
    user::exit(0);
}

/// A thread's number is no process's, and a signal for a thread reaches it in its own process only.
bool threads_are_not_taken_for_processes()
{
    const std::int64_t self = user::system_call(uapi::Syscall::Getpid);
    const std::int64_t number = thread.start(wait_until_told, nullptr);
    const std::int64_t child = user::fork();
    if (child == 0) {
        const bool well =
            tgkill(user::system_call(uapi::Syscall::Getpid), number, uapi::Signal::Sigkill) == kNoSuchProcess &&
            tgkill(self, number, kAsk) == 0 && user::wait4(number, nullptr) == kNoChild;
        user::exit(well ? 0 : 1);
    }
    std::uint32_t status = 1;
    bool well = number > 0 && user::wait4(child, &status) == child && status == 0;
    well = well && user::wait4(number, &status) == kNoChild && tgkill(number, number, kAsk) == kNoSuchProcess;
    go_on = true;
    thread.join();
    return well && tgkill(self, number, kAsk) == kNoSuchProcess;
}

} // namespace

int main()
{
    if (!zombies_keep_their_numbers()) {
        return user::broke("a number came back too early, or stayed\n");
    }
    if (!only_children_are_waited_for()) {
        return user::broke("a grandchild was waited for\n");
    }
    if (!threads_are_not_taken_for_processes()) {
        return user::broke("a thread was taken for a process\n");
    }
    return user::kSurvived;
}
