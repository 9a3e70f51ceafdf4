// SPDX-License-Identifier: MIT
// A view of characters.  <string_view> needs long double in libstdc++ 12, which the kernel's target does not have.
#pragma once

#include <cstddef>

namespace base {

class StringView {
public:
    constexpr StringView() = default;
    constexpr StringView(const char* data, std::size_t size) : data_(data), size_(size) {}
    constexpr StringView(const char* text) : data_(text), size_(__builtin_strlen(text)) {}

    constexpr const char* data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr const char* begin() const { return data_; }
    constexpr const char* end() const { return data_ + size_; }
    constexpr char operator[](std::size_t index) const { return data_[index]; }

    constexpr bool operator==(StringView other) const
    {
        if (size_ != other.size_) {
            return false;
        }
        for (std::size_t i = 0; i < size_; ++i) {
            if (data_[i] != other.data_[i]) {
                return false;
            }
        }
        return true;
    }

    constexpr bool starts_with(StringView prefix) const
    {
        return size_ >= prefix.size_ && StringView(data_, prefix.size_) == prefix;
    }
    constexpr StringView drop(std::size_t count) const { return {data_ + count, size_ - count}; }

    /// The text before the first `separator`, and the text after it; all of it and nothing when there is none.
    constexpr StringView before(char separator) const { return {data_, find(separator)}; }
    constexpr StringView after(char separator) const
    {
        const std::size_t at = find(separator);
        return at == size_ ? StringView(data_ + size_, 0) : drop(at + 1);
    }

private:
    constexpr std::size_t find(char wanted) const
    {
        std::size_t i = 0;
        while (i < size_ && data_[i] != wanted) {
            ++i;
        }
        return i;
    }

    const char* data_ = "";
    std::size_t size_ = 0;
};

} // namespace base
