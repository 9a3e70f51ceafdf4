// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/guest_ram.h"

#include "arch/address.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace ringcheck {
namespace {

std::unexpected<std::string> system_error(const char* what)
{
    return std::unexpected(std::string(what) + ": " + std::strerror(errno));
}

bool is_zero(const std::byte* page)
{
    static constexpr std::byte kZero[arch::kPageSize] = {};
    return std::memcmp(page, kZero, arch::kPageSize) == 0;
}

} // namespace

std::expected<std::shared_ptr<RamImage>, std::string> RamImage::create(std::uint64_t bytes)
{
    const std::size_t whole = bytes + arch::kPageSize;
    const int file = memfd_create("guest-ram", MFD_CLOEXEC);
    if (file < 0) {
        return system_error("cannot make a file in memory for an image of the guest's RAM");
    }
    void* const data = ftruncate(file, static_cast<off_t>(whole)) == 0
                           ? mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                           : MAP_FAILED;
    if (data == MAP_FAILED) {
        const auto error = system_error("cannot get memory for an image of the guest's RAM");
        close(file);
        return error;
    }
    return std::shared_ptr<RamImage>(new RamImage(file, static_cast<std::byte*>(data), bytes));
}

RamImage::~RamImage()
{
    munmap(data_, size_ + arch::kPageSize);
    close(file_);
}

std::expected<std::shared_ptr<const RamImage>, std::string> GuestRam::image()
{
    auto image = RamImage::create(size_);
    if (!image) {
        return std::unexpected(image.error());
    }
    std::byte* const to = (*image)->bytes().data();
    for (std::size_t offset = 0; offset < size_; offset += arch::kPageSize) {
        const std::byte* const page = bytes().data() + offset;
        if (!is_zero(page)) {
            std::memcpy(to + offset, page, arch::kPageSize);
        }
    }
    if (auto reverted = revert_to(*image); !reverted) {
        return std::unexpected(reverted.error());
    }
    return *std::move(image);
}

std::expected<void, std::string> GuestRam::revert_to(std::shared_ptr<const RamImage> image)
{
    if (image == shared_) {
        look_for_written_pages();
        return give_back_but_kept() ? std::expected<void, std::string>{}
                                    : system_error("cannot give the guest's RAM back");
    }
    if (mmap(pages_.get(), whole_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, image->file_,
             0) == MAP_FAILED) {
        return system_error("cannot map an image of the guest's RAM");
    }
    shared_ = std::move(image);
    kept_.clear();
    reverts_ = 0;
    return {};
}

std::size_t GuestRam::whole_size() const
{
    return size_ + arch::kPageSize;
}

/// The host tells which they are, in a time in which a machine could be restored several times: so ever more rarely.
void GuestRam::look_for_written_pages()
{
    constexpr std::size_t kMostKept = 1u << 20;
    if (std::has_single_bit(++reverts_)) {
        kept_ = private_pages(bytes(), kMostKept).value_or(std::vector<PageRun>());
    }
}

/// The private copies of pages go, and the image's come back, but for those that are kept.
bool GuestRam::give_back_but_kept()
{
    std::size_t begin = 0;
    const auto give_back_until = [&](std::size_t end) {
        return begin == end || madvise(pages_.get() + begin, end - begin, MADV_DONTNEED) == 0;
    };
    for (const PageRun& run : kept_) {
        if (!give_back_until(run.offset)) {
            return false;
        }
        std::memcpy(pages_.get() + run.offset, shared_->data_ + run.offset, run.size);
        begin = run.end();
    }
    return give_back_until(whole_size());
}

std::expected<GuestRam, std::string> GuestRam::map(std::uint64_t bytes)
{
    HostPages pages = map_zeros(bytes + arch::kPageSize);
    if (pages == nullptr) {
        return std::unexpected("cannot get " + std::to_string(bytes >> 20) +
                               " MiB for the guest's RAM: " + std::strerror(errno));
    }
    return GuestRam(std::move(pages), bytes);
}

} // namespace ringcheck
