// SPDX-License-Identifier: MIT
// A view of contiguous elements.  <span> needs long double in libstdc++ 12, which the kernel's target does not have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace base {

template <typename T> class Span {
public:
    constexpr Span() = default;
    constexpr Span(T* data, std::size_t size) : data_(data), size_(size) {}
    template <std::size_t N> constexpr Span(T (&array)[N]) : data_(array), size_(N) {}
    template <typename U>
        requires(std::is_same_v<T, const U>)
    constexpr Span(const Span<U>& other) : data_(other.data()), size_(other.size())
    {
    }

    constexpr T* data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr T* begin() const { return data_; }
    constexpr T* end() const { return data_ + size_; }
    constexpr T& operator[](std::size_t index) const { return data_[index]; }

    /// True when `count` elements from `offset` on lie inside; cannot overflow.
    constexpr bool contains(std::uint64_t offset, std::uint64_t count) const
    {
        return offset <= size_ && count <= size_ - offset;
    }
    /// The caller has asked `contains` first.
    constexpr Span subspan(std::size_t offset, std::size_t count) const { return {data_ + offset, count}; }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

using Bytes = Span<const std::uint8_t>;

} // namespace base
