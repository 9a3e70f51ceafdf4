// SPDX-License-Identifier: MIT
// Whether there is stack left for one more level: commands may be nested, and functions may call themselves, until half
// of the stack is used.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

namespace shell {

class StackGuard {
public:
    /// To be made near the beginning of the stack.
    StackGuard()
    {
        constexpr size_t kUsual = size_t{8} << 20, kUnknown = size_t{256} << 10;
        rlimit limit{};
        const bool known = getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != 0;
        const size_t size = !known ? kUnknown : limit.rlim_cur < kUsual ? static_cast<size_t>(limit.rlim_cur) : kUsual;
        lowest_ = here() - size / 2;
    }

    bool exhausted() const { return here() < lowest_; }

private:
    __attribute__((noinline)) static uintptr_t here()
    {
        return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    }

    uintptr_t lowest_;
};

} // namespace shell
