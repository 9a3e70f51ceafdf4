// SPDX-License-Identifier: MIT
// Bytes that it owns, with a NUL behind them for the C library.
#pragma once

#include "posix/vector.h"
#include "posix/view.h"

namespace posix {

class String {
public:
    String() = default;
    explicit String(View text) { append(text); }

    View view() const { return {c_str(), size()}; }
    operator View() const { return view(); }
    /// Ends at the first NUL of the string, if it has one inside.
    const char* c_str() const { return bytes_.empty() ? "" : bytes_.data(); }
    char* data() { return bytes_.data(); }
    size_t size() const { return bytes_.empty() ? 0 : bytes_.size() - 1; }
    bool empty() const { return size() == 0; }
    char operator[](size_t index) const { return bytes_[index]; }
    char& operator[](size_t index) { return bytes_[index]; }
    char back() const { return bytes_[size() - 1]; }

    /// False when there is no memory, and then nothing has changed.
    [[nodiscard]] bool try_insert(size_t index, View text)
    {
        const size_t before = size();
        if (!bytes_.try_extend(text.size() + (bytes_.empty() ? 1 : 0))) {
            return false;
        }
        memmove(data() + index + text.size(), data() + index, before - index);
        memcpy(data() + index, text.data(), text.size());
        return true;
    }
    [[nodiscard]] bool try_append(View text) { return try_insert(size(), text); }
    void insert(size_t index, View text)
    {
        if (!try_insert(index, text)) {
            out_of_memory();
        }
    }
    String& append(View text)
    {
        insert(size(), text);
        return *this;
    }
    String& append(char byte) { return append(View{&byte, 1}); }
    String& append_number(long long value);
    String& append_size(size_t value) { return append_digits(value, false); }
    void remove(size_t first, size_t count) { bytes_.remove(first, count); }
    void truncate(size_t size)
    {
        if (size < this->size()) {
            remove(size, this->size() - size);
        }
    }
    void clear() { bytes_.clear(); }
    void assign(View text)
    {
        String copy{text};
        bytes_ = move(copy.bytes_);
    }

private:
    String& append_digits(unsigned long long magnitude, bool negative);

    Vector<char> bytes_; ///< with the NUL; empty before the first byte comes
};

inline String& String::append_number(long long value)
{
    // The smallest number has no positive counterpart.
    return append_digits(
        value < 0 ? 0 - static_cast<unsigned long long>(value) : static_cast<unsigned long long>(value), value < 0);
}

inline String& String::append_digits(unsigned long long magnitude, bool negative)
{
    char digits[21];
    size_t begin = sizeof digits;
    do {
        digits[--begin] = static_cast<char>('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude != 0);
    if (negative) {
        digits[--begin] = '-';
    }
    return append(View{digits + begin, sizeof digits - begin});
}

} // namespace posix
