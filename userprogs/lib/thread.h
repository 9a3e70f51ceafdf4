// SPDX-License-Identifier: MIT
// Threads and futexes for programs without a C library.
#pragma once

#include "lib/process.h"
#include "uapi/time.h"

namespace user {

/// clone(2) onto `stack`, where the child finds the function to call and its argument; the function never returns.
///   in   RDI = flags, RSI = stack, RDX = parent_tid, RCX = child_tid, R8 = thread pointer
///   out  RAX = the child's number, in the parent
[[gnu::naked, gnu::noinline]] inline std::int64_t clone_onto(std::uint64_t /*flags*/, void* /*stack*/,
                                                             std::uint32_t* /*parent_tid*/,
                                                             std::uint32_t* /*child_tid*/, void* /*thread_pointer*/)
{
    asm("mov %rcx, %r10\n"
        "mov $56, %eax\n"
        "syscall\n"
        "test %rax, %rax\n"
        "jnz 1f\n"
        "xor %ebp, %ebp\n"
        "pop %rax\n"
        "pop %rdi\n"
        "call *%rax\n"
        "ud2\n"
        "1: ret\n");
}

/// A thread with a stack of its own; its object outlives it.
class Thread {
public:
    /// @param function  ends with exit()
    /// @return the thread's number, or a negative error number
    std::int64_t start(void (*function)(void*), void* argument)
    {
        using namespace uapi::clone_flag;
        auto* const top = reinterpret_cast<std::uint64_t*>(stack_ + sizeof stack_);
        top[-2] = reinterpret_cast<std::uint64_t>(function);
        top[-1] = reinterpret_cast<std::uint64_t>(argument);
        return clone_onto(kMemory | kFileSystem | kFiles | kSignalHandlers | kThread | kSemaphores | kSetTls |
                              kParentSetTid | kChildClearTid,
                          top - 2, &number_, &number_, this);
    }

    /// Waits for its end.
    void join()
    {
        for (std::uint32_t number = 0; (number = running()) != 0;) {
            wait_while(number, nullptr);
        }
    }

    /// Waits for its end, but not longer; false when it is over before.
    bool join_within(std::int64_t milliseconds)
    {
        const uapi::TimeSpec span{0, milliseconds * 1'000'000};
        const std::uint32_t number = running();
        return number == 0 || wait_while(number, &span) == 0 || running() == 0;
    }

private:
    std::uint32_t running() const { return __atomic_load_n(&number_, __ATOMIC_ACQUIRE); }
    std::int64_t wait_while(std::uint32_t number, const uapi::TimeSpec* span)
    {
        return system_call(uapi::Syscall::Futex, reinterpret_cast<std::uint64_t>(&number_), uapi::futex::kWait, number,
                           reinterpret_cast<std::uint64_t>(span));
    }

    alignas(16) std::uint8_t stack_[4096];
    std::uint32_t number_ = 0; ///< not 0 while it runs
};

/// A lock that is free at first.  0: free, 1: taken, 2: taken and waited for.
class Mutex {
public:
    void lock()
    {
        std::uint32_t expected = 0;
        if (__atomic_compare_exchange_n(&word_, &expected, 1u, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return;
        }
        while (__atomic_exchange_n(&word_, 2u, __ATOMIC_ACQUIRE) != 0) {
            futex(uapi::futex::kWait, 2);
        }
    }

    void unlock()
    {
        if (__atomic_exchange_n(&word_, 0u, __ATOMIC_RELEASE) == 2) {
            futex(uapi::futex::kWake, 1);
        }
    }

private:
    void futex(std::uint32_t operation, std::uint32_t value)
    {
        system_call(uapi::Syscall::Futex, reinterpret_cast<std::uint64_t>(&word_), operation | uapi::futex::kPrivate,
                    value, std::uint64_t{0});
    }

    std::uint32_t word_ = 0;
};

} // namespace user
