// SPDX-License-Identifier: MIT
// Memory for the programs that have a C library, which has no C++ library beside it: what <new> and <utility> would
// give. A container here has two doors: try_..., which says when there is no memory, and the plain one, which then ends
// the program by out_of_memory.
#pragma once

#include <stddef.h>
#if __has_include(<new>)
#include <new>
#else
inline void* operator new(size_t, void* place) noexcept
{
    return place;
}
#endif

namespace posix {

/// What a program does when it cannot go on without more memory; each program defines it.
[[noreturn]] void out_of_memory();

template <typename T> struct Referred {
    using Type = T;
};
template <typename T> struct Referred<T&> {
    using Type = T;
};
template <typename T> struct Referred<T&&> {
    using Type = T;
};

template <typename T> constexpr typename Referred<T>::Type&& move(T&& value) noexcept
{
    return static_cast<typename Referred<T>::Type&&>(value);
}

template <typename T> constexpr T smaller(T a, T b)
{
    return b < a ? b : a;
}
template <typename T> constexpr T larger(T a, T b)
{
    return a < b ? b : a;
}

} // namespace posix
