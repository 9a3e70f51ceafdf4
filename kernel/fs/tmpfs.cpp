// SPDX-License-Identifier: MIT
#include "fs/tmpfs.h"

#include "base/assert.h"
#include "fs/file_space.h"
#include "fs/make_inode.h"
#include "mm/object_allocator.h"

#include <new>

namespace kernel {

using base::Result;
using base::StringView;

namespace {

/// A text of more bytes than this counts as a page.
constexpr std::size_t kShortText = 512;

TmpDirectory* root_directory = nullptr;

} // namespace

TmpLink::TmpLink(std::uint64_t inode_number, char* text, std::size_t length)
    : SymbolicLink(
          {.kind = FileKind::SymbolicLink, .permissions = 0777, .number = inode_number, .device = device_id::kTmpfs}),
      text_(text), length_(length)
{
}

void TmpLink::vanish()
{
    if (length_ > kShortText) {
        file_space.give_page();
    }
    objects.free(text_, length_);
    this->~TmpLink();
    objects.free(this, sizeof(TmpLink));
}

namespace tmpfs {

Result<InodeRef> make_file(std::uint32_t mode, base::Bytes lent)
{
    return make_inode<TmpFile>(mode, file_space.next_number(), lent);
}

Result<InodeRef> make_directory(std::uint32_t mode, TmpDirectory& parent)
{
    return make_inode<TmpDirectory>(mode, file_space.next_number(), &parent);
}

Result<InodeRef> make_link(StringView target)
{
    ASSERT(!target.empty() && target.size() <= SymbolicLink::kLongestTarget);
    const bool takes_page = target.size() > kShortText;
    if (takes_page) {
        TRY(file_space.take_page());
    }
    const Result<void*> text = objects.allocate(target.size());
    Result<InodeRef> link = base::fail(uapi::Error::Enomem);
    if (text) {
        __builtin_memcpy(*text, target.data(), target.size());
        link = make_inode<TmpLink>(file_space.next_number(), static_cast<char*>(*text), target.size());
    }
    if (!link) {
        if (text) {
            objects.free(*text, target.size());
        }
        if (takes_page) {
            file_space.give_page();
        }
    }
    return link;
}

Result<void> initialise(FrameAllocator& frames, std::uint64_t secret)
{
    constexpr std::uint32_t kMode = 0755;
    file_space.initialise(frames);
    objects.initialise(frames);
    TRY(name_table.initialise(secret));
    void* const memory = TRY(objects.allocate(sizeof(TmpDirectory)));
    root_directory = new (memory) TmpDirectory(kMode, file_space.next_number(), nullptr);
    root_directory->links = 2;
    return {};
}

TmpDirectory& root()
{
    return *root_directory;
}

} // namespace tmpfs
} // namespace kernel
