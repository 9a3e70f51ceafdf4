// SPDX-License-Identifier: MIT
// An archive's bytes, of which AddressSanitizer sees each read outside, and an index with exactly the slots it needs.
#pragma once

#include "fs/file_index.h"
#include "unit/fake_kernel.h"

#include <string_view>
#include <vector>

namespace fake {

struct Indexed {
    explicit Indexed(std::string_view archive)
        : bytes(reinterpret_cast<const std::uint8_t*>(archive.data()), archive.size()),
          slots(kernel::FileIndex::slots_for(bytes.bytes()))
    {
        files.build(bytes.bytes(), {slots.data(), slots.size()});
    }

    ExactBytes bytes;
    std::vector<kernel::ArchiveFile> slots;
    kernel::FileIndex files;
};

} // namespace fake
