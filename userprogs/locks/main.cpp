// SPDX-License-Identifier: MIT
// Locks whose owners die (set_robust_list), lists of them that lead nowhere, locks of whole files (flock), and threads
// and processes by clone3.  Everything is checked; what is written is the same every time.
#include "lib/check.h"
#include "lib/files.h"
#include "lib/thread.h"

namespace {

using namespace user;

std::uint64_t address_of(const void* object)
{
    return reinterpret_cast<std::uint64_t>(object);
}

/// A lock as a C library has it: a link of the list, and the word with its owner's number.
struct RobustLock {
    std::uint64_t next = 0;
    std::uint32_t word = 0;
};

std::uint64_t set_list(const uapi::RobustList& list)
{
    return static_cast<std::uint64_t>(system_call(uapi::Syscall::SetRobustList, address_of(&list), sizeof list));
}

RobustLock locks[3];
uapi::RobustList list;
Thread thread;

/// Has two locks, is about to have a third, and once had a fourth: that one's word names somebody else.
void die_with_locks(void*)
{
    const auto self = static_cast<std::uint32_t>(system_call(uapi::Syscall::Gettid));
    list = {address_of(&locks[0]), offsetof(RobustLock, word), address_of(&locks[2])};
    locks[0] = {address_of(&locks[1]), self | uapi::futex::kWaiters};
    locks[1] = {address_of(&list), self + 1};
    locks[2] = {0, self};
    check(set_list(list) == 0, "a thread can name its locks\n");
    user::exit(0);
}

void who_waits_learns_of_the_death()
{
    check(thread.start(die_with_locks, nullptr) > 0, "a thread starts\n");
    thread.join();
    check(locks[0].word == (uapi::futex::kWaiters | uapi::futex::kOwnerDied), "its lock says that its owner died\n");
    check((locks[1].word & uapi::futex::kOwnerDied) == 0, "another's does not\n");
    check(locks[2].word == uapi::futex::kOwnerDied, "one that it was about to take does\n");
    print("robust\n");
}

/// Each in a process of its own, whose end must come.
void hostile_lists_end()
{
    constexpr std::uint64_t kKernel = 0xffff'8000'0000'0000;
    static RobustLock loop;
    loop.next = address_of(&loop);
    const uapi::RobustList lists[] = {
        {address_of(&loop), 8, 0}, {kKernel, 8, kKernel},     {0, 0, 1}, {address_of(&loop), kKernel, 0}, {3, 8, 5},
        {address_of(&loop), 1, 0}, {~std::uint64_t{0}, 0, 8},
    };
    for (const uapi::RobustList& hostile : lists) {
        const std::int64_t child = fork();
        if (child == 0) {
            set_list(hostile);
            exit_group(4);
        }
        std::uint32_t status = 0;
        check(wait4(child, &status) == child && status == 4 << 8, "a process ends with any list\n");
    }
    const std::int64_t child = fork();
    if (child == 0) {
        system_call(uapi::Syscall::SetRobustList, kKernel, sizeof(uapi::RobustList));
        exit_group(4);
    }
    std::uint32_t status = 0;
    check(wait4(child, &status) == child && status == 4 << 8, "and with a list in the kernel's memory\n");
    print("hostile lists\n");
}

std::int64_t flock(std::int64_t file, std::uint32_t operation)
{
    return system_call(uapi::Syscall::Flock, static_cast<std::uint64_t>(file), operation);
}

void files_are_locked()
{
    namespace operation = uapi::flock_operation;
    const std::int64_t file = open("/locked", uapi::open_flag::kReadWrite | uapi::open_flag::kCreate);
    check(file >= 0 && flock(file, operation::kExclusive) == 0, "a file can be locked\n");
    const std::int64_t child = fork();
    if (child == 0) {
        check(flock(file, operation::kExclusive | operation::kNonblock) == 0, "a child has its parent's lock\n");
        const std::int64_t other = open("/locked");
        check(flock(other, operation::kShared | operation::kNonblock) == minus(uapi::Error::Eagain),
              "who opens the file anew has not\n");
        close(file);
        check(flock(other, operation::kShared) == 0, "but can wait for it\n");
        exit_group(0);
    }
    sleep_milliseconds(20);
    close(file);
    std::uint32_t status = 1;
    check(wait4(child, &status) == child && status == 0, "the child was content\n");
    print("flock\n");
}

/// As clone_onto, by clone3.
[[gnu::naked, gnu::noinline]] std::int64_t clone3_onto(const uapi::CloneArguments*, std::size_t)
{
    asm("mov $435, %eax\n"
        "syscall\n"
        "test %rax, %rax\n"
        "jnz 1f\n"
        "xor %ebp, %ebp\n"
        "pop %rax\n"
        "call *%rax\n"
        "ud2\n"
        "1: ret\n");
}

alignas(16) std::uint8_t stack[4096];
std::uint32_t number = 0;

void note_and_exit()
{
    __atomic_store_n(&locks[0].word, 77, __ATOMIC_RELAXED);
    user::exit(0);
}

void clone3_makes_both()
{
    using namespace uapi::clone_flag;
    *reinterpret_cast<std::uint64_t*>(stack + sizeof stack - 16) = reinterpret_cast<std::uint64_t>(&note_and_exit);
    uapi::CloneArguments arguments{};
    arguments.flags =
        kMemory | kFileSystem | kFiles | kSignalHandlers | kThread | kSemaphores | kParentSetTid | kChildClearTid;
    arguments.child_tid = arguments.parent_tid = address_of(&number);
    arguments.stack = address_of(stack);
    arguments.stack_size = sizeof stack - 16;
    check(clone3_onto(&arguments, sizeof arguments) > 0, "clone3 makes a thread\n");
    while (const std::uint32_t waited = __atomic_load_n(&number, __ATOMIC_ACQUIRE)) {
        system_call(uapi::Syscall::Futex, address_of(&number), uapi::futex::kWait, waited, std::uint64_t{0});
    }
    check(locks[0].word == 77, "in the same memory\n");
    arguments = {};
    arguments.exit_signal = static_cast<std::uint64_t>(uapi::Signal::Sigchld);
    const std::int64_t child = system_call(uapi::Syscall::Clone3, address_of(&arguments), sizeof arguments);
    if (child == 0) {
        exit_group(6);
    }
    std::uint32_t status = 0;
    check(wait4(child, &status) == child && status == 6 << 8, "and a process\n");
    print("clone3\n");
}

/// What a thread does is the scheduler's to order, so each of these is a process's own.
void in_a_process(void (*what)())
{
    const std::int64_t child = fork();
    if (child == 0) {
        what();
        exit_group(0);
    }
    std::uint32_t status = 1;
    check(wait4(child, &status) == child && status == 0, "a child was content\n");
}

} // namespace

int main()
{
    in_a_process(who_waits_learns_of_the_death);
    hostile_lists_end();
    files_are_locked();
    in_a_process(clone3_makes_both);
    return 0;
}
