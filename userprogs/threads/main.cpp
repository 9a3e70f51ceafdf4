// SPDX-License-Identifier: MIT
// Threads of one process: shared memory, own registers and FS base, locks, joins, and an end of all at once.
#include "lib/check.h"
#include "lib/thread.h"

namespace {

using user::check;

constexpr unsigned kThreads = 4, kRounds = 200;

user::Thread threads[kThreads];
user::Mutex mutex;
volatile unsigned counter = 0;

std::uint64_t thread_pointer()
{
    std::uint64_t value = 0;
    asm volatile("mov %%fs:0, %0" : "=r"(value)); // each thread's pointer leads to a word of its own
    return value;
}

/// The lock is what makes the sum come out right: the CPU is given up in the middle of each addition.
void count(void* argument)
{
    *static_cast<void* volatile*>(argument) = argument;
    for (unsigned round = 0; round < kRounds; ++round) {
        mutex.lock();
        const unsigned before = counter;
        if (round % 16 == 0) {
            user::yield();
        }
        counter = before + 1;
        mutex.unlock();
    }
    check(thread_pointer() == reinterpret_cast<std::uint64_t>(argument), "the FS base is the thread's own\n");
    user::exit(0);
}

void sleep_for_ever(void*)
{
    user::sleep_milliseconds(1'000'000);
    user::exit(1);
}

/// In a process of its own: whether a join has to wait is the scheduler's doing, and a trace follows the first thread.
[[noreturn]] void run_threads()
{
    const std::int64_t process = user::system_call(uapi::Syscall::Getpid);
    check(user::system_call(uapi::Syscall::Gettid) == process, "the first thread has the process's number\n");
    for (user::Thread& thread : threads) {
        check(thread.start(count, &thread) > process, "a thread starts\n");
    }
    for (user::Thread& thread : threads) {
        thread.join();
    }
    check(counter == kThreads * kRounds, "no addition is lost\n");
    user::print("four threads have counted\n");
    for (user::Thread& thread : threads) {
        check(thread.start(sleep_for_ever, &thread) > process, "a thread starts again\n");
    }
    user::yield();
    user::print("four threads sleep\n");
    user::exit_group(5); // the four that sleep end too
}

} // namespace

int main()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        run_threads();
    }
    std::uint32_t status = 0;
    check(user::wait4(child, &status) == child && status == 5 << 8, "the process ends with all its threads\n");
    return 0;
}
