// SPDX-License-Identifier: GPL-2.0-or-later
// A large table of which a short run uses little: its memory is the host's untouched zeros until an element is used.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <sys/mman.h>
#include <type_traits>

namespace ringcheck {

/// `Size` elements.  Invariant: one that was not written to is Element{}, whose bytes are all zero.
template <typename Element, std::size_t Size>
    requires std::is_trivially_copyable_v<Element> && std::is_trivially_destructible_v<Element>
class SparseTable {
public:
    SparseTable()
    {
        void* const zeros =
            mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (zeros == MAP_FAILED) {
            throw std::bad_alloc();
        }
        elements_.reset(static_cast<Element*>(zeros));
    }

    Element& operator[](std::size_t index) { return elements_.get()[index]; }
    const Element& operator[](std::size_t index) const { return elements_.get()[index]; }
    /// All are Element{} again.
    void clear() { madvise(elements_.get(), kBytes, MADV_DONTNEED); }

private:
    static constexpr std::size_t kBytes = Size * sizeof(Element);
    struct Unmap {
        void operator()(Element* elements) const { munmap(elements, kBytes); }
    };
    std::unique_ptr<Element, Unmap> elements_;
};

} // namespace ringcheck
