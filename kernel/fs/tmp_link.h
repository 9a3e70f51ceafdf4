// SPDX-License-Identifier: MIT
// A symbolic link of tmpfs.
#pragma once

#include "fs/directory.h"

namespace kernel {

class TmpLink final : public SymbolicLink {
public:
    /// @param text  its own, allocated as `length` bytes
    TmpLink(std::uint64_t inode_number, char* text, std::size_t length);

    std::uint64_t size() const override { return length_; }
    std::uint64_t blocks() const override { return 0; }
    base::StringView target(base::Span<char>) override { return {text_, length_}; }

private:
    void vanish() override;

    char* text_;
    std::size_t length_;
};

} // namespace kernel
