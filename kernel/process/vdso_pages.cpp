// SPDX-License-Identifier: MIT
#include "process/vdso_pages.h"

#include "base/sealed.h"
#include "mm/kernel_memory.h"

extern "C" {
extern const std::uint8_t vdso_image_begin[]; ///< vdso/vdso_image.S: one page
}

namespace kernel {

using arch::kPageSize;
using arch::PhysAddr;

constinit TimePage time_page;

namespace {

/// A page of the kernel's image, as a file of one page.  It is there for ever, whoever looks.
class ImagePage final : public PageSource {
public:
    constexpr explicit ImagePage(const void* page) : page_(page) {}

    base::Result<PhysAddr> page(std::uint64_t, bool) override { return image_frame(page_); }
    std::uint64_t file_size() const override { return kPageSize; }
    /// Nobody gets a copy: the page is always there, and never written.
    std::uint64_t peek(std::uint64_t, base::Span<std::uint8_t>) const override { return 0; }
    void add_view() override {}
    void drop_view() override {}

private:
    const void* page_;
};

SEALED constinit ImagePage time_file(&time_page), code_file(vdso_image_begin);

} // namespace

base::Result<void> map_vdso(UserMemory& memory, arch::VirtAddr code)
{
    TRY(memory.add_area({.begin = code - kPageSize,
                         .end = code,
                         .file = &time_file,
                         .file_bytes = Vma::kAll,
                         .kind = VmaKind::Kernel,
                         .protection = {.read = true},
                         .never_written = true,
                         .never_executed = true}));
    return memory.add_area({.begin = code,
                            .end = code + kPageSize,
                            .file = &code_file,
                            .file_bytes = Vma::kAll,
                            .kind = VmaKind::Kernel,
                            .protection = {.read = true, .execute = true},
                            .never_written = true});
}

} // namespace kernel
