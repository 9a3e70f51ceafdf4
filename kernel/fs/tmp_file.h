// SPDX-License-Identifier: MIT
// A regular file of tmpfs: pages of its own, and where it has none, what an archive lent it, or zeros.
// Invariants: a page that was changed is counted by file_space, and one that was not has the same bytes as what it was
// made of; what was lent ends at or before the file does.
#pragma once

#include "fs/inode.h"
#include "fs/page_tree.h"
#include "mm/page_source.h"

namespace kernel {

class TmpFile final : public Inode, public PageSource {
public:
    /// off_t is signed.
    static constexpr std::uint64_t kLargestSize = ~std::uint64_t{0} >> 1;

    /// @param lent  its contents, which stay where they are for ever
    TmpFile(std::uint32_t mode, std::uint64_t inode_number, base::Bytes lent);

    std::uint64_t size() const override { return size_; }
    std::uint64_t blocks() const override;
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    /// EFBIG: it would be larger than kLargestSize.  ENOSPC, ENOMEM: nothing could be written.
    base::Result<std::uint64_t> write(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                      std::uint64_t offset) override;
    base::Result<void> truncate(std::uint64_t size) override;
    base::Result<void> reserve(std::uint64_t offset, std::uint64_t count, bool keeps_size) override;
    base::Result<std::uint64_t> seek_data(std::uint64_t offset, bool hole) const override;
    PageSource* pages() override { return this; }

    base::Result<arch::PhysAddr> page(std::uint64_t index, bool write) override;
    std::uint64_t file_size() const override { return size_; }
    std::uint64_t peek(std::uint64_t offset, base::Span<std::uint8_t> bytes) const override;
    void add_view() override;
    void drop_view() override;

private:
    void vanish() override;
    base::Bytes lent_of(std::uint64_t index) const;
    /// The page `index`, made where there is none; it will be changed.
    base::Result<FilePage*> changeable_page(std::uint64_t index, bool fill);
    void fill(std::uint64_t index, std::uint8_t* frame, std::uint64_t from) const;
    std::uint64_t read_piece(arch::VirtAddr buffer, std::uint64_t count, std::uint64_t offset) const;
    base::Result<std::uint64_t> write_piece(arch::VirtAddr buffer, std::uint64_t count, std::uint64_t offset);
    void clear_behind_end();
    void drop_pages_from(std::uint64_t index);

    base::Bytes lent_;
    std::uint64_t size_;
    std::uint64_t changed_pages_ = 0;
    std::uint64_t clean_pages_ = 0; ///< made for views only, and dropped with the last one
    PageTree tree_;
    std::uint32_t views_ = 0;
    bool written_by_view_ = false; ///< there may be more than zeros behind the end, in the last page
};

} // namespace kernel
