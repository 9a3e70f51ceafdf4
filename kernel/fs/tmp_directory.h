// SPDX-License-Identifier: MIT
// A directory of tmpfs: its entries, the newest first, found through name_table.
// Invariants: a directory in which something can be made has an entry, or is the root; it holds the directory above.
#pragma once

#include "fs/directory.h"
#include "fs/name_table.h"

namespace kernel {

class TmpDirectory final : public Directory {
public:
    /// @param parent  nullptr: this is the root
    TmpDirectory(std::uint32_t mode, std::uint64_t inode_number, TmpDirectory* parent);

    base::Result<InodeRef> find(base::StringView name) override;
    Directory& parent() override { return *parent_; }
    base::StringView name() const override { return entry_ != nullptr ? entry_->name() : base::StringView(); }
    void list(OpenFile& file, EntrySink& sink) override;
    TmpDirectory* changeable() override { return this; }
    std::uint64_t size() const override { return (2 + entries_) * kEntrySize; }
    std::uint64_t blocks() const override { return 0; }

    bool empty() const { return first_ == nullptr; }
    /// Nothing can be made in it: it has been removed.
    bool removed() const { return links == 0; }
    /// True when this is `other`, or somewhere above it.
    bool is_above(const TmpDirectory& other) const;

    /// Adds an entry for `inode`, which has one link more then, under a name that is not here.  What NameTable::make
    /// says.
    base::Result<void> add(base::StringView name, Inode& inode);
    /// Takes `entry` of this directory out and frees it; what it led to has one link fewer, and may be gone.
    void remove(Entry& entry);
    /// Lets `entry` of this directory lead to `inode`, which has one link more, and what it led to one fewer.
    void replace(Entry& entry, Inode& inode);

private:
    static constexpr std::uint64_t kEntrySize = 20; ///< what a name counts for in a directory's size, as on Linux
    static constexpr std::uint64_t kFirstPlace = 2; ///< behind "." and ".."
    /// Of the oldest entry: each one that comes stands before all others, as on Linux.
    static constexpr std::uint64_t kLastPlace = std::uint64_t{1} << 62;

    void vanish() override;
    void attach(Entry& entry, Inode& inode);
    void detach(Entry& entry);
    const Entry* entry_at(const OpenFile& file) const;

    TmpDirectory* parent_;
    Entry* entry_ = nullptr;
    Entry* first_ = nullptr;
    std::uint64_t entries_ = 0;
    std::uint64_t next_place_ = kLastPlace;
    std::uint64_t removals_ = 0; ///< so that who lists it sees that a place may have gone
};

} // namespace kernel
