// SPDX-License-Identifier: MIT
// Directories and symbolic links as pathname resolution sees them, of whichever file system.
#pragma once

#include "base/span.h"
#include "base/string_view.h"
#include "fs/inode.h"

namespace kernel {

class TmpDirectory;

/// Takes the entries of a directory one by one.
class EntrySink {
public:
    /// @param next  where the directory goes on behind it
    /// @return false: there is no room for it
    virtual bool take(base::StringView name, std::uint64_t number, FileKind kind, std::uint64_t next) = 0;

protected:
    ~EntrySink() = default;
};

/// Every inode of kind Directory is one.
class Directory : public Inode {
public:
    using Inode::Inode;

    /// What `name` leads to; neither "." nor "..".  ENOENT.  ENOMEM: it is made when it is asked for.
    virtual base::Result<InodeRef> find(base::StringView name) = 0;
    /// The directory above; the root's is itself.
    virtual Directory& parent() = 0;
    /// Its name in there; empty: it was removed, or is the root.
    virtual base::StringView name() const = 0;
    /// Gives `sink` entries from file.offset on, and sets file.offset behind the last one that it took.
    virtual void list(OpenFile& file, EntrySink& sink) = 0;
    /// The directory as one in which entries can be made and removed; nullptr when they cannot.
    virtual TmpDirectory* changeable() { return nullptr; }

protected:
    ~Directory() = default;
};

/// Every inode of kind SymbolicLink is one.
class SymbolicLink : public Inode {
public:
    using Inode::Inode;
    static constexpr std::size_t kLongestTarget = 4095;

    /// The path that it stands for.
    /// @param buffer  at least kLongestTarget bytes; the text may be there, or elsewhere
    virtual base::StringView target(base::Span<char> buffer) = 0;
    /// What it leads to without a path; none: `target` is the way.
    virtual InodeRef destination() { return {}; }

protected:
    ~SymbolicLink() = default;
};

} // namespace kernel
