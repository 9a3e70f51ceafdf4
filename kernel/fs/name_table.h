// SPDX-License-Identifier: MIT
// The directory entries of tmpfs, in one hash table over directory and name, so that a look-up costs the same in a
// directory of ten thousand.  The hash has a secret, so that nobody can choose names that
// meet.
#pragma once

#include "base/result.h"
#include "base/string_view.h"
#include "fs/inode.h"

#include <cstdint>

namespace kernel {

class TmpDirectory;

/// A name in a directory.  Its characters stand behind it.
struct Entry {
    Entry* next_in_bucket;
    TmpDirectory* directory;
    Inode* inode;        ///< of whose links this is one
    Entry* next;         ///< of the directory, in the order of places
    Entry* previous;     ///< of the directory
    std::uint64_t place; ///< in the directory, for those who list it
    std::uint32_t hash;
    std::uint8_t length;

    char* characters() { return reinterpret_cast<char*>(this + 1); }
    const char* characters() const { return reinterpret_cast<const char*>(this + 1); }
    base::StringView name() const { return {characters(), length}; }
};

class NameTable {
public:
    static constexpr std::size_t kLongestName = 255;

    /// Makes a table for as many names as file_space allows.  ENOMEM.
    base::Result<void> initialise(std::uint64_t secret);

    /// nullptr: there is none.
    Entry* find(const TmpDirectory& directory, base::StringView name) const;
    /// Some entry that leads to `inode`, found by looking at all; nullptr: there is none.
    const Entry* name_of(const Inode& inode) const;
    /// An entry that is in no table and no directory yet.  ENOSPC, ENOMEM.
    static base::Result<Entry*> make(base::StringView name);
    static void free(Entry& entry);
    /// Puts in an entry whose directory is set and has none of that name.
    void insert(Entry& entry);
    void remove(Entry& entry);

private:
    std::uint32_t hash_of(const TmpDirectory& directory, base::StringView name) const;
    Entry*& bucket(std::uint32_t hash) const { return buckets_[hash & mask_]; }

    Entry** buckets_ = nullptr;
    std::uint32_t mask_ = 0;
    std::uint64_t secret_ = 0;
};

extern NameTable name_table;

} // namespace kernel
