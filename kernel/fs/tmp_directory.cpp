// SPDX-License-Identifier: MIT
#include "fs/tmp_directory.h"

#include "base/assert.h"
#include "fs/file_effects.h"
#include "fs/file_space.h"
#include "fs/open_file.h"
#include "mm/object_allocator.h"

namespace kernel {

using base::fail;
using base::Result;
using base::StringView;

TmpDirectory::TmpDirectory(std::uint32_t mode, std::uint64_t inode_number, TmpDirectory* parent)
    : Directory(
          {.kind = FileKind::Directory, .permissions = mode, .number = inode_number, .device = device_id::kTmpfs}),
      parent_(parent != nullptr ? parent : this)
{
    links = 0; // until it gets a name
    parent_->hold();
}

Result<InodeRef> TmpDirectory::find(StringView name)
{
    Entry* const found = name_table.find(*this, name);
    return found != nullptr ? Result<InodeRef>(InodeRef(*found->inode)) : fail(uapi::Error::Enoent);
}

bool TmpDirectory::is_above(const TmpDirectory& other) const
{
    const TmpDirectory* at = &other;
    while (at != this && at != at->parent_) {
        at = at->parent_;
    }
    return at == this;
}

/// A directory's links are its entry, its "." and the ".." of each directory in it.
void TmpDirectory::attach(Entry& entry, Inode& inode)
{
    entry.inode = &inode;
    ++inode.links;
    if (inode.kind != FileKind::Directory) {
        return;
    }
    ++links;
    if (TmpDirectory* const child = static_cast<Directory&>(inode).changeable()) {
        child->links += child->entry_ == nullptr ? 1 : 0; // its "."
        child->entry_ = &entry;
        if (child->parent_ != this) { // it has come from another one
            hold();
            child->parent_->release();
            child->parent_ = this;
        }
    }
}

void TmpDirectory::detach(Entry& entry)
{
    Inode& inode = *entry.inode;
    const InodeRef held(inode); // it goes when the last of all that is said of it here is true
    --inode.links;
    inode.changed = file_time();
    if (inode.kind == FileKind::Directory) {
        auto& child = static_cast<TmpDirectory&>(inode);
        --links;
        if (child.entry_ == &entry) { // else it has moved, and lives on
            child.entry_ = nullptr;
            --child.links; // its "."
        }
    }
}

Result<void> TmpDirectory::add(StringView name, Inode& inode)
{
    Entry& entry = *TRY(NameTable::make(name));
    entry.directory = this;
    entry.place = next_place_--;
    entry.previous = nullptr;
    entry.next = first_;
    if (first_ != nullptr) {
        first_->previous = &entry;
    }
    first_ = &entry;
    ++entries_;
    attach(entry, inode);
    name_table.insert(entry);
    modified = file_time();
    changed = modified;
    inode.changed = modified;
    return {};
}

void TmpDirectory::remove(Entry& entry)
{
    ASSERT(entry.directory == this);
    name_table.remove(entry);
    (entry.previous != nullptr ? entry.previous->next : first_) = entry.next;
    if (entry.next != nullptr) {
        entry.next->previous = entry.previous;
    }
    --entries_;
    ++removals_;
    modified = file_time();
    changed = modified;
    detach(entry);
    NameTable::free(entry);
}

void TmpDirectory::replace(Entry& entry, Inode& inode)
{
    ASSERT(entry.directory == this);
    detach(entry);
    attach(entry, inode);
    modified = file_time();
    changed = modified;
    inode.changed = modified;
}

/// The first entry at or behind file.offset.  The description remembers where it was, and that counts as long as
/// nothing has been removed since.
const Entry* TmpDirectory::entry_at(const OpenFile& file) const
{
    const auto* at = static_cast<const Entry*>(file.list_entry);
    if (at == nullptr || file.list_removals != removals_ || at->place > file.offset) {
        at = first_;
    }
    while (at != nullptr && at->place < file.offset) {
        at = at->next;
    }
    return at;
}

void TmpDirectory::list(OpenFile& file, EntrySink& sink)
{
    if (file.offset == 0) {
        if (!sink.take(".", number, FileKind::Directory, 1)) {
            return;
        }
        file.offset = 1;
    }
    if (file.offset == 1) {
        if (!sink.take("..", parent_->number, FileKind::Directory, kFirstPlace)) {
            return;
        }
        file.offset = kFirstPlace;
    }
    const Entry* at = entry_at(file);
    while (at != nullptr && sink.take(at->name(), at->inode->number, at->inode->kind, at->place + 1)) {
        file.offset = at->place + 1;
        file.list_entry = at;
        file.list_removals = removals_;
        at = at->next;
    }
}

/// Directories that were removed hold each other upwards, however many: one after the other goes.
void TmpDirectory::vanish()
{
    for (TmpDirectory* gone = this;;) {
        ASSERT(gone->empty());
        TmpDirectory* const above = gone->parent_;
        gone->~TmpDirectory();
        objects.free(gone, sizeof(TmpDirectory));
        if (!above->drop()) {
            return;
        }
        gone = above;
    }
}

} // namespace kernel
