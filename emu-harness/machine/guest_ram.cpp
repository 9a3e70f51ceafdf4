// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/guest_ram.h"

#include "arch/address.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <utility>

namespace ringcheck {

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

GuestRam::GuestRam(GuestRam&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}

GuestRam::~GuestRam()
{
    if (data_ != nullptr) {
        munmap(data_, size_ + arch::kPageSize);
    }
}

} // namespace ringcheck
