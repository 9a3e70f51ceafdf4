// SPDX-License-Identifier: MIT
// A growing array.  It moves what it holds by realloc, so a T must not know its own address.
#pragma once

#include "posix/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

namespace posix {

template <typename T> class Vector {
public:
    Vector() = default;
    Vector(Vector&& other) noexcept : items_{other.items_}, size_{other.size_}, capacity_{other.capacity_}
    {
        other.forget();
    }
    Vector& operator=(Vector&& other) noexcept
    {
        if (this != &other) {
            release();
            items_ = other.items_;
            size_ = other.size_;
            capacity_ = other.capacity_;
            other.forget();
        }
        return *this;
    }
    Vector(const Vector&) = delete;
    Vector& operator=(const Vector&) = delete;
    ~Vector() { release(); }

    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* data() { return items_; }
    const T* data() const { return items_; }
    T& operator[](size_t index) { return items_[index]; }
    const T& operator[](size_t index) const { return items_[index]; }
    T& back() { return items_[size_ - 1]; }
    const T& back() const { return items_[size_ - 1]; }
    T* begin() { return items_; }
    T* end() { return items_ + size_; }
    const T* begin() const { return items_; }
    const T* end() const { return items_ + size_; }

    /// Room for `count` items in all; false when there is no memory, and then nothing has changed.
    [[nodiscard]] bool try_reserve(size_t count)
    {
        if (count <= capacity_) {
            return true;
        }
        if (count > SIZE_MAX / 2 / kItemSize) {
            return false;
        }
        const size_t wanted = larger(count, larger(capacity_ + capacity_ / 2, size_t{8}));
        auto* const moved = static_cast<T*>(realloc(static_cast<void*>(items_), wanted * kItemSize));
        if (moved == nullptr) {
            return false;
        }
        items_ = moved;
        capacity_ = wanted;
        return true;
    }

    /// False when there is no memory, and then nothing has changed.
    [[nodiscard]] bool try_insert(size_t index, T item)
    {
        if (!try_reserve(size_ + 1)) {
            return false;
        }
        memmove(static_cast<void*>(items_ + index + 1), static_cast<const void*>(items_ + index),
                (size_ - index) * kItemSize);
        new (static_cast<void*>(items_ + index)) T{move(item)};
        ++size_;
        return true;
    }
    [[nodiscard]] bool try_append(T item) { return try_insert(size_, move(item)); }
    void insert(size_t index, T item)
    {
        if (!try_insert(index, move(item))) {
            out_of_memory();
        }
    }
    void append(T item) { insert(size_, move(item)); }

    /// Appends `count` items of zero bytes, for a T of which these make a value.
    [[nodiscard]] bool try_extend(size_t count)
    {
        if (count > SIZE_MAX - size_ || !try_reserve(size_ + count)) {
            return false;
        }
        memset(static_cast<void*>(items_ + size_), 0, count * kItemSize);
        size_ += count;
        return true;
    }

    /// Removes the items [first, first + count), which must exist.
    void remove(size_t first, size_t count = 1)
    {
        for (size_t i = first; i < first + count; ++i) {
            items_[i].~T();
        }
        memmove(static_cast<void*>(items_ + first), static_cast<const void*>(items_ + first + count),
                (size_ - first - count) * kItemSize);
        size_ -= count;
    }
    void truncate(size_t size) { remove(size, size_ - size); }
    void clear() { truncate(0); }
    T take_last()
    {
        T last{move(back())};
        truncate(size_ - 1);
        return last;
    }

private:
    // A T may be a pointer.
    static constexpr size_t kItemSize = sizeof(T); // NOLINT(bugprone-sizeof-expression)

    void forget()
    {
        items_ = nullptr;
        size_ = capacity_ = 0;
    }
    void release()
    {
        clear();
        free(static_cast<void*>(items_));
    }

    T* items_ = nullptr;
    size_t size_ = 0, capacity_ = 0;
};

} // namespace posix
