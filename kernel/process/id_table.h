// SPDX-License-Identifier: MIT
// Finds objects by their number in a few steps, however many there are: a hash table whose links are in the objects.
#pragma once

#include "base/assert.h"

#include <cstdint>

namespace kernel {

/// @tparam T  has `id`, an enumeration, and `next_in_bucket`
template <typename T, unsigned kBuckets> class IdTable {
    static_assert((kBuckets & (kBuckets - 1)) == 0);

public:
    using Id = decltype(T::id);

    void insert(T& object)
    {
        T*& bucket = bucket_of(object.id);
        object.next_in_bucket = bucket;
        bucket = &object;
    }

    /// `object` is in the table.
    void remove(T& object)
    {
        T** link = &bucket_of(object.id);
        while (*link != &object) {
            ASSERT(*link != nullptr);
            link = &(*link)->next_in_bucket;
        }
        *link = object.next_in_bucket;
    }

    /// nullptr: there is none.
    T* find(Id id)
    {
        T* object = bucket_of(id);
        while (object != nullptr && object->id != id) {
            object = object->next_in_bucket;
        }
        return object;
    }

private:
    // Numbers are handed out one after another, so their low bits spread them evenly.
    T*& bucket_of(Id id) { return buckets_[static_cast<std::uint64_t>(id) % kBuckets]; }

    T* buckets_[kBuckets] = {};
};

} // namespace kernel
