// SPDX-License-Identifier: MIT
// The files and directories of an archive by their names, so that nobody has to go through the archive for one: a hash
// table with open addressing, at most half full.  [D. E. Knuth, "The Art of Computer Programming" 3, 6.4 "Hashing"]
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "base/string_view.h"
#include "fs/archive_file.h"

#include <cstddef>
#include <cstdint>

namespace kernel {

class FileIndex {
public:
    /// How many slots `build` needs for this archive, a power of two.
    static std::size_t slots_for(base::Bytes archive);
    /// Takes in the archive, which stays where it is, up to its end or its damage.  An archive need not name its
    /// directories: whatever stands before a '/' in some name is one.  Of several entries with one name the first
    /// file counts, or the first directory where none is a file.
    /// @param slots  as many as slots_for says
    void build(base::Bytes archive, base::Span<ArchiveFile> slots);

    /// @param name  as the archive has it: without a '/' in front; "" is the root
    /// @return ENOENT; EIO when it is not there and the archive is damaged
    base::Result<ArchiveFile*> find(base::StringView name) const;

private:
    ArchiveFile& slot(base::StringView name) const;
    void insert_directories(base::StringView name, std::uint64_t inode);

    base::Span<ArchiveFile> slots_; ///< one without number is empty
    bool damaged_ = false;
};

/// What every path leads into: the initrd's.  Built at boot, sealed.
extern FileIndex root_files;

} // namespace kernel
