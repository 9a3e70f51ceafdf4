// SPDX-License-Identifier: MIT
// Bytes that somebody else owns: any bytes, NUL among them.
#pragma once

#include <stddef.h>
#include <string.h>

namespace posix {

inline constexpr size_t kNowhere = static_cast<size_t>(-1);

class View {
public:
    constexpr View() = default;
    constexpr View(const char* data, size_t size) : data_{data}, size_{size} {}
    constexpr View(const char* text) : data_{text}, size_{__builtin_strlen(text)} {}

    constexpr const char* data() const { return data_; }
    constexpr size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr char operator[](size_t index) const { return data_[index]; }
    constexpr const char* begin() const { return data_; }
    constexpr const char* end() const { return data_ + size_; }

    /// At most `count` bytes from `first` on; none when `first` is beyond the end.
    constexpr View from(size_t first, size_t count = kNowhere) const
    {
        if (first > size_) {
            first = size_;
        }
        const size_t rest = size_ - first;
        return {data_ + first, count < rest ? count : rest};
    }
    constexpr View first(size_t count) const { return from(0, count); }

    /// The index of the first `byte` from `start` on, or kNowhere.
    size_t find(char byte, size_t start = 0) const
    {
        if (start >= size_) {
            return kNowhere;
        }
        const void* const found = memchr(data_ + start, byte, size_ - start);
        return found == nullptr ? kNowhere : static_cast<size_t>(static_cast<const char*>(found) - data_);
    }
    bool contains(char byte) const { return find(byte) != kNowhere; }
    bool starts_with(View head) const
    {
        return size_ >= head.size_ && (head.size_ == 0 || memcmp(data_, head.data_, head.size_) == 0);
    }

private:
    const char* data_ = "";
    size_t size_ = 0;
};

inline bool operator==(View a, View b)
{
    return a.size() == b.size() && a.starts_with(b);
}

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
constexpr bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_name_part(char c)
{
    return is_name_start(c) || is_digit(c);
}

/// A portable name of a variable.  [POSIX "Name"]
constexpr bool is_name(View text)
{
    if (text.empty() || !is_name_start(text[0])) {
        return false;
    }
    for (const char c : text) {
        if (!is_name_part(c)) {
            return false;
        }
    }
    return true;
}

} // namespace posix
