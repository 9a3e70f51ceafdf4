// SPDX-License-Identifier: MIT
// A vector of at most N elements without a heap: every table of the kernel has a limit, and says so in its type.
#pragma once

#include "base/assert.h"
#include "base/span.h"

#include <cstddef>

namespace base {

template <typename T, std::size_t N> class StaticVector {
public:
    static constexpr std::size_t capacity() { return N; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr bool full() const { return size_ == N; }

    /// Appends a copy; false, and nothing changes, when the vector is full.
    [[nodiscard]] constexpr bool push_back(const T& item)
    {
        if (full()) {
            return false;
        }
        items_[size_++] = item;
        return true;
    }
    constexpr void clear() { size_ = 0; }
    /// Drops what stands from `size` on.
    constexpr void shrink_to(std::size_t size)
    {
        ASSERT(size <= size_);
        size_ = size;
    }

    constexpr T& operator[](std::size_t index)
    {
        ASSERT(index < size_);
        return items_[index];
    }
    constexpr const T& operator[](std::size_t index) const
    {
        ASSERT(index < size_);
        return items_[index];
    }

    constexpr T* begin() { return items_; }
    constexpr T* end() { return items_ + size_; }
    constexpr const T* begin() const { return items_; }
    constexpr const T* end() const { return items_ + size_; }
    constexpr Span<const T> span() const { return {items_, size_}; }

private:
    T items_[N] = {};
    std::size_t size_ = 0;
};

} // namespace base
