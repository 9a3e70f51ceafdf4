// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/guest_ram.h"

#include "arch/address.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

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
        if (!is_zero(data_ + offset)) {
            std::memcpy(to + offset, data_ + offset, arch::kPageSize);
        }
    }
    if (auto reverted = revert_to(*image); !reverted) {
        return std::unexpected(reverted.error());
    }
    return *std::move(image);
}

std::expected<void, std::string> GuestRam::revert_to(std::shared_ptr<const RamImage> image)
{
    const std::size_t whole = size_ + arch::kPageSize;
    if (image == shared_) {
        // The private copies of pages go; the file's come back.
        return madvise(data_, whole, MADV_DONTNEED) == 0 ? std::expected<void, std::string>{}
                                                         : system_error("cannot give the guest's RAM back");
    }
    if (mmap(data_, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, image->file_, 0) ==
        MAP_FAILED) {
        return system_error("cannot map an image of the guest's RAM");
    }
    shared_ = std::move(image);
    return {};
}

std::expected<GuestRam, std::string> GuestRam::map(std::uint64_t bytes)
{
    void* const data = mmap(nullptr, bytes + arch::kPageSize, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) {
        return std::unexpected("cannot get " + std::to_string(bytes >> 20) +
                               " MiB for the guest's RAM: " + std::strerror(errno));
    }
    return GuestRam(static_cast<std::byte*>(data), bytes);
}

GuestRam::GuestRam(GuestRam&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(other.size_), shared_(std::move(other.shared_))
{
}

GuestRam::~GuestRam()
{
    if (data_ != nullptr) {
        munmap(data_, size_ + arch::kPageSize);
    }
}

} // namespace ringcheck
